/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tftp/catalog.h"

#include "lib/base/err.h"
#include "lib/base/text.h"
#include "lib/boot/admit.h"
#include "lib/boot/score.h"

#include <string.h>

/* More than the servers of a farm: those that left may still have copies. */
enum { SOURCES_MAX = 2 * DB_SERVERS_MAX };

static bool
leads_up(const char *name)
{
	size_t len = strlen(name);
	return strcmp(name, "..") == 0 || strncmp(name, "../", 3) == 0 ||
	    strstr(name, "/../") != NULL ||
	    (len >= 3 && strcmp(name + len - 3, "/..") == 0);
}

/* Splits FARM/FILE or FILE (farm is then ""). */
static int
split(const char *name, char farm[static DB_FARM_NAME_MAX + 1],
    char file[static DB_FILE_NAME_MAX + 1])
{
	const char *slash = strchr(name, '/');
	const char *rest = slash != NULL ? slash + 1 : name;
	size_t farm_len = slash != NULL ? (size_t)(slash - name) : 0;
	if (leads_up(name) || strchr(rest, '/') != NULL) {
		return ERR_REFUSED;
	}
	if (farm_len > DB_FARM_NAME_MAX || !text_is_name(rest, DB_FILE_NAME_MAX)) {
		return ERR_NOTFOUND;
	}
	memcpy(farm, name, farm_len);
	farm[farm_len] = '\0';
	if (slash != NULL && !text_is_name(farm, DB_FARM_NAME_MAX)) {
		return ERR_NOTFOUND;
	}
	(void)strcpy(file, rest);
	return 0;
}

int
catalog_resolve(const char *name, uint32_t source, const struct db_source *from,
    void *snap, struct catalog_item *ret)
{
	char farm[DB_FARM_NAME_MAX + 1];
	int err = split(name, farm, ret->file);
	if (err == 0 && farm[0] == '\0') {
		err = boot_plain_farm(source, from, snap, farm);
	}
	return err != 0 ? err : from->farm(snap, farm, &ret->farm);
}

bool
catalog_holds(const struct cache *cache, const char *farm, const char *file)
{
	uint32_t holders[SOURCES_MAX];
	size_t count;
	return cache_sources(cache, farm, file, holders, SOURCES_MAX, &count) !=
	    ERR_NOTFOUND;
}

static const struct db_server *
member(const struct db_farm *farm, uint32_t addr)
{
	for (unsigned i = 0; i < farm->server_count; i++) {
		if (farm->servers[i].addr == addr) {
			return &farm->servers[i];
		}
	}
	return NULL;
}

/* Holders ascend, so that of equal scores the lower address wins and manual comes first. */
static uint32_t
choose(
    const struct db_farm *farm, uint32_t source, const uint32_t *holders, size_t count)
{
	uint32_t chosen = holders[0];
	bool chosen_is_member = false;
	double best = 0;
	if (chosen == CACHE_MANUAL) {
		return chosen;
	}
	for (size_t i = 0; i < count; i++) {
		const struct db_server *server = member(farm, holders[i]);
		bool is_member = server != NULL;
		double score =
		    score_addr(source, holders[i], is_member ? server->weight : 1);
		if (is_member > chosen_is_member ||
		    (is_member == chosen_is_member && (i == 0 || score > best))) {
			chosen = holders[i];
			chosen_is_member = is_member;
			best = score;
		}
	}
	return chosen;
}

/* Takes one of the holders out; the others keep their order. */
static void
forget(uint32_t *holders, size_t count, uint32_t holder)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		if (holders[i] != holder) {
			holders[kept++] = holders[i];
		}
	}
}

int
catalog_open(const struct cache *cache, const struct catalog_item *item,
    uint32_t source, uint32_t *ret_server, int *ret_fd, struct cache_object *ret)
{
	uint32_t holders[SOURCES_MAX];
	size_t count;
	int err = cache_sources(
	    cache, item->farm.name, item->file, holders, SOURCES_MAX, &count);
	if (err != 0) {
		return err;
	}
	/* A copy may go, or be damaged, while the others are whole. */
	for (size_t left = count; left > 0; left--) {
		struct cache_key key = {.farm = item->farm.name,
		    .source = choose(&item->farm, source, holders, left),
		    .file = item->file};
		err = cache_object_open(cache, &key, ret_fd, ret);
		if (err == 0) {
			*ret_server = key.source;
			return 0;
		}
		forget(holders, left, key.source);
	}
	return err;
}
