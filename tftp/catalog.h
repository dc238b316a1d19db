/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/record.h"
#include "lib/cache/cache.h"

/* From the name in a request to the bytes published under it. */

struct catalog_item {
	struct db_farm farm;
	char file[DB_FILE_NAME_MAX + 1]; /* as asked for */
};

/* What a name, already cleaned, means to a source: FARM/FILE says so itself, FILE means the
 * farm of the source's scope. Returns 0; ERR_NOTFOUND (no such farm, no farm for this source,
 * or no name that a file may have); ERR_REFUSED (a path that leads up or deeper); or the
 * snapshot's failure. */
int catalog_resolve(const char *name, uint32_t source, const struct db_source *from,
    void *snap, struct catalog_item *ret) __attribute__((warn_unused_result));

/* True when the cache holds a file of a farm, or what holds it cannot be read. */
bool catalog_holds(const struct cache *cache, const char *farm, const char *file);

/* Opens the copy that source is to have: the one published by hand, else that of the server
 * with the highest score for this source among those that hold the file; servers that left
 * the farm only where no other holds it. A copy that cannot be opened gives way to the next.
 * Returns 0 with the server (or CACHE_MANUAL), a
 * descriptor that the caller closes and its object, or what cache_object_open() may. */
int catalog_open(const struct cache *cache, const struct catalog_item *item,
    uint32_t source, uint32_t *ret_server, int *ret_fd, struct cache_object *ret)
    __attribute__((warn_unused_result));
