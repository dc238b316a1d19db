/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/args.h"
#include "db/write.h"

#include <jansson.h>

/* A change of the map beside apply: what it does is in the audit log before it is in the map.
 * Each function says on stderr what went wrong. */
struct edit {
	const struct args *args;
	struct db_write *write;
	struct db_snapshot snap; /* what the transaction sees, its own puts included */
	struct audit *audit;
};

/* Opens the audit log and begins the transaction, for a map that apply made. Returns CLI_DONE
 * or CLI_FAILED; *ret is then untouched. edit_end() also ends what was not committed. */
int edit_begin(const struct args *args, struct edit *ret)
    __attribute__((warn_unused_result));
void edit_end(struct edit *edit);

/* What a put, or a look at the snapshot, failed with. Returns CLI_FAILED. */
int edit_failed(const struct edit *edit, int err);

/* Records what was changed, as audit_write() tells it, and commits. Takes the reference; NULL
 * stands for memory that was short. Returns CLI_DONE or CLI_FAILED. */
int edit_commit(struct edit *edit, json_t *what) __attribute__((warn_unused_result));
