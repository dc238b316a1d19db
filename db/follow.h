/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/env.h"

/* Map and state as a daemon with one reader follows them: opened when they appear, opened anew
 * when other databases lie in their folders, and kept while the folders are gone. */
struct db_follow;

/* Opens nothing yet. The folders are copied; state_dir NULL: the map alone, for who writes the
 * state. Returns 0 or -ENOMEM. */
int db_follow_new(const char *map_dir, const char *state_dir, struct db_follow **ret)
    __attribute__((warn_unused_result));
void db_follow_free(struct db_follow *follow); /* NULL is fine */

/* Looks at the folders and opens what is to be opened; for once a second, outside begin and
 * end. Returns 0 while a map is open, also when another that lies there now cannot be; else
 * what db_env_open() said. A state that cannot be opened counts as none. */
int db_follow_poll(struct db_follow *follow) __attribute__((warn_unused_result));

/* Why db_follow_poll() has no state open, as db_env_open() said; 0 while one is. */
int db_follow_state_err(const struct db_follow *follow);

/* A snapshot, borrowed until db_follow_end(), which must follow success. Returns 0,
 * ERR_NOTFOUND (no map is open) or what db_env_open() said when the map had to be opened
 * anew. */
int db_follow_begin(struct db_follow *follow, struct db_snapshot **ret)
    __attribute__((warn_unused_result));
void db_follow_end(struct db_follow *follow);
