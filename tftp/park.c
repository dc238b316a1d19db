/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tftp/park.h"

#include "lib/base/owner.h"
#include "lib/base/text.h"
#include "tftp/ports.h"

#include <errno.h>
#include <stdlib.h>

enum { BUCKETS = 1024 };

struct park {
	struct parked *places; /* capacity of them */
	struct parked *free;
	struct parked *buckets[BUCKETS];
	struct list waiting; /* all of them, the longest first */
	struct park_file files[PARK_FILES];
};

int
park_new(unsigned capacity, struct park **ret)
{
	struct park *park = calloc(1, sizeof(*park));
	if (park == NULL) {
		return -ENOMEM;
	}
	list_init(&park->waiting);
	for (unsigned i = 0; i < PARK_FILES; i++) {
		list_init(&park->files[i].waiting);
	}
	park->places = calloc(capacity, sizeof(*park->places));
	if (park->places == NULL) {
		park_free(park);
		return -ENOMEM;
	}
	for (unsigned i = capacity; i > 0; i--) {
		park->places[i - 1].next = park->free;
		park->free = &park->places[i - 1];
	}
	*ret = park;
	return 0;
}

static struct parked *
oldest(const struct park *park)
{
	return owner_of(list_first(&park->waiting), offsetof(struct parked, all));
}

void
park_free(struct park *park)
{
	if (park == NULL) {
		return;
	}
	while (!park_is_empty(park)) {
		park_remove(park, oldest(park));
	}
	free(park->places);
	free(park);
}

bool
park_is_empty(const struct park *park)
{
	return list_first(&park->waiting) == NULL;
}

static size_t
bucket_of(const struct table_key *key)
{
	return table_key_hash(key) % BUCKETS;
}

struct parked *
park_find(const struct park *park, const struct table_key *key)
{
	struct parked *parked = park->buckets[bucket_of(key)];
	while (parked != NULL && !table_key_equal(&parked->key, key)) {
		parked = parked->next;
	}
	return parked;
}

/* ---- files */

static bool
is_wanted(const struct park_file *file)
{
	return list_first(&file->waiting) != NULL;
}

/* A file that nobody waits for any more keeps its place until the watcher may be told anew. */
static bool
is_free(const struct park_file *file, uint64_t now_ms)
{
	return !is_wanted(file) &&
	    (!file->is_told || now_ms - file->told_ms >= PARK_TELL_MS);
}

/* The place of a file, its own or one that is free; NULL: others have them all. */
static struct park_file *
place_of(struct park *park, const char *farm, const char *name, uint64_t now_ms)
{
	struct park_file *free_place = NULL;
	for (unsigned i = 0; i < PARK_FILES; i++) {
		struct park_file *file = &park->files[i];
		if (text_casecmp(file->file, name) == 0 &&
		    text_casecmp(file->farm, farm) == 0) {
			return file;
		}
		if (free_place == NULL && is_free(file, now_ms)) {
			free_place = file;
		}
	}
	if (free_place != NULL) {
		(void)text_copy(free_place->farm, sizeof(free_place->farm), farm);
		(void)text_copy(free_place->file, sizeof(free_place->file), name);
	}
	return free_place;
}

struct park_file *
park_next_file(struct park *park, const struct park_file *file)
{
	size_t at = file == NULL ? 0 : (size_t)(file - park->files) + 1;
	while (at < PARK_FILES && !is_wanted(&park->files[at])) {
		at++;
	}
	return at < PARK_FILES ? &park->files[at] : NULL;
}

struct parked *
park_first(const struct park_file *file)
{
	return owner_of(list_first(&file->waiting), offsetof(struct parked, alike));
}

bool
park_tells(struct park_file *file, uint64_t now_ms)
{
	if (file->is_told && now_ms - file->told_ms < PARK_TELL_MS) {
		return false;
	}
	file->is_told = true;
	file->told_ms = now_ms;
	return true;
}

/* ---- requests */

struct parked *
park_add(struct park *park, const struct table_key *key, struct port *port,
    const struct tftp_request *request, const char *farm, const char *file,
    uint64_t now_ms)
{
	struct parked *parked = park->free;
	struct park_file *wish =
	    parked == NULL ? NULL : place_of(park, farm, file, now_ms);
	if (wish == NULL) {
		return NULL;
	}
	struct parked **bucket = &park->buckets[bucket_of(key)];
	park->free = parked->next;
	*parked = (struct parked){.key = *key,
	    .port = port,
	    .request = *request,
	    .until_ms = now_ms + PARK_MS,
	    .wish = wish,
	    .next = *bucket};
	*bucket = parked;
	list_append(&wish->waiting, &parked->alike);
	list_append(&park->waiting, &parked->all);
	port->users++;
	return parked;
}

void
park_remove(struct park *park, struct parked *parked)
{
	struct parked **link = &park->buckets[bucket_of(&parked->key)];
	while (*link != parked) {
		link = &(*link)->next;
	}
	*link = parked->next;
	list_remove(&parked->alike);
	list_remove(&parked->all);
	parked->port->users--;
	parked->next = park->free;
	park->free = parked;
}

struct parked *
park_due(const struct park *park, uint64_t now_ms)
{
	struct parked *parked = oldest(park);
	return parked != NULL && parked->until_ms <= now_ms ? parked : NULL;
}
