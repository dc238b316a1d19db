/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/state.h"

#include <jansson.h>

/* Whether the watcher is at work, as its heartbeat shows: the one judgement that status,
 * explain, doctor and Kea's commands tell. The decision never asks for it. */

enum watcher_condition {
	WATCHER_ABSENT,  /* it never wrote to this state */
	WATCHER_FROZEN,  /* it did, and no longer does: verdicts stay as they are */
	WATCHER_RUNNING, /* heard of within the last DB_FROZEN_MS */
};

struct watcher {
	enum watcher_condition condition;
	int err; /* FROZEN: why its sign of life cannot be read; else 0 */
	int64_t
	    age_ms; /* of the sign of life; INT64_MAX: before this host started, or not known */
	struct db_heartbeat last; /* zeroed where there is none */
};

/* Judges what the state holds at the moment now; a heartbeat that cannot be read is a
 * watcher that no longer writes. */
void watcher_at(const struct db_snapshot *snap, const struct db_heartbeat *now,
    struct watcher *ret);

/* The same for this moment. */
void watcher_look(const struct db_snapshot *snap, struct watcher *ret);

/* The object {"state", "age-s", "pid", "revision"}: running, frozen or absent; whole seconds;
 * null what is not known. Returns a new reference, or NULL when memory is short. */
json_t *watcher_json(const struct watcher *watcher) __attribute__((warn_unused_result));

enum { WATCHER_TEXT = 160 };
/* "verdicts are frozen: ...", written into dst, which it returns; NULL unless they are. */
const char *watcher_frozen(
    const struct watcher *watcher, char dst[static WATCHER_TEXT]);
