/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/map.h"

#include <jansson.h>

/* Which bootstraps the map names: of a farm those of its own table, of the scopes that lead
 * there and of its devices. */

struct want {
	char farm[DB_FARM_NAME_MAX + 1]; /* "": the farm that a device's scope says */
	char file[DB_FILE_NAME_MAX + 1];
	bool uefi;        /* for a UEFI architecture */
	bool by_table;    /* farm or scope names it */
	unsigned devices; /* that name it */

	/* What the check of the cache finds. */
	bool here;      /* the farm's machines fetch it from this host */
	bool published; /* for a farm that it may be of */
};

struct wants {
	struct want
	    *want; /* in order of farm and file, each once, without regard to case */
	size_t count, room;
};

/* Returns 0, ERR_MALFORMED, -ENOMEM, or the snapshot's failure. The caller calls wants_done()
 * in any case. config is the map's configuration. */
int wants_find(const struct db_snapshot *snap, const json_t *config, struct wants *ret)
    __attribute__((warn_unused_result));
void wants_done(struct wants *wants);

/* The want for FILE of FARM; NULL when the map has none. */
struct want *wants_named(const struct wants *wants, const char *farm, const char *file);
