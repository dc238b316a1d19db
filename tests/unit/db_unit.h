/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/export.h"
#include "db/verify.h"
#include "tests/unit/db_sample.h"
#include "tests/unit/unit.h"

#include <fcntl.h>

/* The scratch folder of the test that runs; Check forks one process per test. */
static struct scratch scratch;

static inline void
scratch_setup(void)
{
	scratch_init(&scratch);
}

static inline void
scratch_teardown(void)
{
	scratch_done(&scratch);
}

static inline struct db_write *
map_begin(void)
{
	struct db_write *w;
	ck_assert_int_eq(db_write_begin(scratch.map, &w), 0);
	return w;
}

/* The path of a file of the map; valid until the next call. */
static inline const char *
map_file(const char *name)
{
	static char path[UNIT_PATH + 16];
	(void)snprintf(path, sizeof(path), "%s/%s", scratch.map, name);
	return path;
}

/* Overwrites bytes of data.mdb. */
static inline void
map_poke(off_t offset, const void *bytes, size_t len)
{
	int fd = open(map_file("data.mdb"), O_WRONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, bytes, len, offset), (ssize_t)len);
	(void)close(fd);
}

/* Puts devices 0..count - 1 and commits. */
static inline void
map_write_devices(unsigned count)
{
	struct db_write *w = map_begin();
	for (unsigned i = 0; i < count; i++) {
		const struct db_device device = sample_device(i);
		ck_assert_int_eq(db_put_device(w, &device), 0);
	}
	ck_assert_int_eq(db_write_commit(w), 0);
}

/* What opening the map gives; what opens is closed again. */
static inline int
map_try_open(void)
{
	struct db_env *env = NULL;
	int ret = db_env_open(DB_MAP, scratch.map, 1, &env);
	ck_assert((ret == 0) == (env != NULL));
	db_env_close(env);
	return ret;
}

/* Opens a map for one reader and begins. */
static inline struct db_snapshot
snapshot_begin(const char *map)
{
	struct db_snapshot snap = {0};
	ck_assert_int_eq(db_env_open(DB_MAP, map, 1, &snap.map), 0);
	ck_assert_int_eq(db_reader_begin(snap.map, 0), 0);
	return snap;
}

static inline void
snapshot_end(struct db_snapshot *snap)
{
	db_reader_end(snap->map, 0);
	db_env_close(snap->map);
}
