/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/names.h"

#include "lib/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
names_done(struct names *names)
{
	free(names->name);
	*names = (struct names){.name = NULL};
}

static int
compare(const struct name *name, const char *farm, uint32_t addr, const char *file)
{
	int order = text_casecmp(name->farm, farm);
	if (order == 0) {
		order = (name->addr > addr) - (name->addr < addr);
	}
	return order != 0 ? order : text_casecmp(name->file, file);
}

/* Where the entry stands, or would. */
static size_t
place_of(const struct names *names, const char *farm, uint32_t addr, const char *file)
{
	size_t low = 0, high = names->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare(&names->name[middle], farm, addr, file) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

static struct name *
find(const struct names *names, size_t at, const char *farm, uint32_t addr,
    const char *file)
{
	bool is_there =
	    at < names->count && compare(&names->name[at], farm, addr, file) == 0;
	return is_there ? &names->name[at] : NULL;
}

static int
grow(struct names *names)
{
	size_t room = 2 * names->room + 16;
	void *more = realloc(names->name, room * sizeof(*names->name));
	if (more == NULL) {
		return -ENOMEM;
	}
	names->name = more;
	names->room = room;
	return 0;
}

static void
spell(struct name *name, const char *farm, const char *file, enum names_rank rank)
{
	(void)text_copy(name->farm, sizeof(name->farm), farm);
	(void)text_copy(name->file, sizeof(name->file), file);
	name->rank = (uint8_t)rank;
}

int
names_add(struct names *names, const char *farm, uint32_t addr, const char *file,
    enum names_rank rank)
{
	size_t at = place_of(names, farm, addr, file);
	struct name *name = find(names, at, farm, addr, file);
	if (name != NULL) {
		if (rank < name->rank) {
			spell(name, farm, file, rank);
		}
		return 0;
	}
	if (names->count == names->room && grow(names) != 0) {
		return -ENOMEM;
	}
	name = &names->name[at];
	memmove(name + 1, name, (names->count - at) * sizeof(*name));
	names->count++;
	name->addr = addr;
	spell(name, farm, file, rank);
	return 0;
}

int
names_add_files(struct names *names, const char *farm, const struct db_files *files,
    enum names_rank rank)
{
	int err = 0;
	for (unsigned i = 0; i < files->count && err == 0; i++) {
		const char *file = files->file[i].name;
		if (file[0] != '\0') { /* "none" is no file */
			err = names_add(names, farm, 0, file, rank);
		}
	}
	return err;
}

int
names_add_all(struct names *names, const struct names *more)
{
	int err = 0;
	for (size_t i = 0; i < more->count && err == 0; i++) {
		const struct name *name = &more->name[i];
		err = names_add(names, name->farm, name->addr, name->file, name->rank);
	}
	return err;
}

const struct name *
names_find(const struct names *names, const char *farm, uint32_t addr, const char *file)
{
	return find(names, place_of(names, farm, addr, file), farm, addr, file);
}

struct names_span
names_of(const struct names *names, const char *farm)
{
	size_t first = place_of(names, farm, 0, "");
	size_t end = first;
	while (end < names->count && text_casecmp(names->name[end].farm, farm) == 0) {
		end++;
	}
	return (struct names_span){names->name + first, end - first};
}
