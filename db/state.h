/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/env.h"

/* The state's writer: the watcher alone. */
struct db_state;

/* Opens or creates DIR's state; modes as db_write_begin() gives them. */
int db_state_open(const char *dir, struct db_state **ret)
    __attribute__((warn_unused_result));
void db_state_close(struct db_state *state); /* NULL is fine */

/* Writes verdicts in one transaction. */
struct db_verdict_entry {
	struct db_verdict_key key;
	enum db_verdict verdict;
};
int db_state_put(struct db_state *state, const struct db_verdict_entry *entries,
    size_t count) __attribute__((warn_unused_result));
