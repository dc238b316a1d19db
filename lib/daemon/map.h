/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/follow.h"
#include "db/map.h"

/* The map as a daemon follows it: looked at once a second, its settings at hand, and what is
 * wrong with it said once. */
struct daemon_map {
	struct db_follow *follow;    /* for who asks the map and the state */
	struct db_settings settings; /* of the last map that could be read */
	uint64_t revision;           /* of that map; 0: none was read yet */
	uint8_t digest[DB_DIGEST_LEN];
	const char *dir, *state_dir;
	int err;       /* why the last look failed; 0: it did not */
	int state_err; /* what is wrong with the state that is there; 0: nothing */
};

/* Opens nothing yet. Both folders are borrowed; state_dir may be NULL, as db_follow_new() has
 * it. Returns 0 or -ENOMEM. */
int daemon_map_init(struct daemon_map *map, const char *map_dir, const char *state_dir)
    __attribute__((warn_unused_result));
void daemon_map_done(struct daemon_map *map); /* zeroed is fine */

/* Reads settings and revision, and logs once that they cannot be read and once that they can
 * again; until then they stay as they are. So too of a state that is there: none at all is no
 * fault, and either way its servers count as unproven. For once a second. */
void daemon_map_look(struct daemon_map *map);
