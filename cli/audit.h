/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <jansson.h>
#include <stdint.h>

/* The audit log: JOURNAL/audit.log, one JSON object a line for each change of the map but what
 * apply puts into its history. A line is on disk before its change is committed, so that no
 * change goes unrecorded: what cannot be logged is not done. A commit that fails then adds the
 * line once more with the failure as its "error". */
struct audit;

/* Opens the log for appending; it and its folder are made where missing, with the map's modes:
 * who may change the map may record it. Returns 0, ERR_NOTFOUND (the folder's parent), or
 * another code of err.h. */
int audit_open(const char *journal_dir, struct audit **ret)
    __attribute__((warn_unused_result));
void audit_close(struct audit *audit); /* NULL is fine */

struct audit_entry {
	const char *command;
	uint64_t revision; /* of the map with this change in it */
	json_t *what;      /* an object: its keys stand in the line; the caller's */
	const char *error; /* or NULL */
};

/* Appends one line; brings all lines to disk. Return 0 or a negated errno. */
int audit_write(struct audit *audit, const struct audit_entry *entry)
    __attribute__((warn_unused_result));
int audit_sync(struct audit *audit) __attribute__((warn_unused_result));

enum { AUDIT_USER = 33 };
/* Who runs this: behind sudo the user who called it. Returns dst. */
char *audit_user(char dst[static AUDIT_USER]);
