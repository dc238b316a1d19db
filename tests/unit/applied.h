/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/conf/compile.h"
#include "tests/unit/conf.h"
#include "tests/unit/db_unit.h"

/* Makes a configuration the map of the scratch folder, as pvsboot apply does. */
static inline void
apply(const char *yaml)
{
	struct config *config = conf_good(&yaml, 1);
	char *text = conf_canonical(&yaml, 1);
	const struct db_history history = {
	    .time_s = 1, .user = "ann", .config = text, .config_len = strlen(text)};
	struct db_write *w = map_begin();
	ck_assert_int_eq(config_compile(config, w), 0);
	ck_assert_int_eq(db_put_config(w, &history), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
	config_free(config);
	free(text);
}

/* What a reader sees of map and state; without a state, of the map alone. */
static inline struct db_snapshot
applied_begin(void)
{
	struct db_snapshot snap = snapshot_begin(scratch.map);
	int err = db_env_open(DB_STATE, scratch.state, 1, &snap.state);
	ck_assert(err == 0 || err == ERR_NOTFOUND);
	if (err == 0) {
		ck_assert_int_eq(db_reader_begin(snap.state, 0), 0);
	}
	return snap;
}

static inline void
applied_end(struct db_snapshot *snap)
{
	if (snap->state != NULL) {
		db_reader_end(snap->state, 0);
		db_env_close(snap->state);
	}
	snapshot_end(snap);
}
