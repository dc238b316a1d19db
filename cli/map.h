/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/args.h"
#include "db/map.h"

#include <jansson.h>

/* The map, and the state where there is one, opened for one command. */
struct map {
	struct db_env *map;
	struct db_env *state; /* or NULL */
	struct db_snapshot snap;
};

/* Opens what the options name. A failure of the map is said on stderr, with what to do about
 * it; a state that cannot be read leaves every server unproven. Returns 0, or what
 * db_env_open() and db_reader_begin() may. */
int map_open(const struct args *args, struct map *ret)
    __attribute__((warn_unused_result));
/* The same, but says nothing. */
int map_try(const struct args *args, struct map *ret)
    __attribute__((warn_unused_result));
void map_close(struct map *map);

/* Opens one database and begins its one reader, saying nothing. Returns 0, or what
 * db_env_open() and db_reader_begin() may. map_env_close() takes NULL too. */
int map_env_open(enum db_kind kind, const char *dir, struct db_env **ret)
    __attribute__((warn_unused_result));
void map_env_close(struct db_env *env);

/* Says on stderr why the map in dir cannot be used; or gives the reason alone, which is
 * err_str()'s where nothing better is known. */
void map_complain(const char *dir, int err);
const char *map_reason(const char *dir, int err);

/* The configuration that apply stored. Returns 0 with a new reference, ERR_MALFORMED, -ENOMEM,
 * or the snapshot's failure. */
int map_config(const struct db_snapshot *snap, json_t **ret)
    __attribute__((warn_unused_result));

/* The farm called name. Returns CLI_DONE; CLI_NOTFOUND, said on stderr with the farm that was
 * probably meant; or CLI_FAILED, said too. */
int map_farm(const struct db_snapshot *snap, const char *name, struct db_farm *ret)
    __attribute__((warn_unused_result));
