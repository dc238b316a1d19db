/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/export.h"
#include "db/verify.h"
#include "tests/unit/db_sample.h"
#include "tests/unit/unit.h"

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
