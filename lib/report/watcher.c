/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/report/watcher.h"

#include "lib/base/err.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const conditions[] = {
    [WATCHER_ABSENT] = "absent",
    [WATCHER_FROZEN] = "frozen",
    [WATCHER_RUNNING] = "running",
};

static const struct watcher absent = {.condition = WATCHER_ABSENT, .age_ms = INT64_MAX};

static struct watcher
unreadable(int err)
{
	return (struct watcher){
	    .condition = WATCHER_FROZEN, .err = err, .age_ms = INT64_MAX};
}

void
watcher_at(
    const struct db_snapshot *snap, const struct db_heartbeat *now, struct watcher *ret)
{
	struct db_heartbeat last;
	int err = db_state_heartbeat(snap, &last);
	if (err != 0) {
		*ret = err == ERR_NOTFOUND ? absent : unreadable(err);
		return;
	}
	int64_t age_ms = db_heartbeat_age_ms(&last, now);
	*ret = (struct watcher){
	    .condition = age_ms > DB_FROZEN_MS ? WATCHER_FROZEN : WATCHER_RUNNING,
	    .age_ms = age_ms,
	    .last = last};
}

void
watcher_look(const struct db_snapshot *snap, struct watcher *ret)
{
	struct db_heartbeat now;
	int err = db_heartbeat_now(&now);
	if (err != 0) {
		*ret = unreadable(err);
		return;
	}
	watcher_at(snap, &now, ret);
}

json_t *
watcher_json(const struct watcher *watcher)
{
	bool aged = watcher->age_ms != INT64_MAX;
	bool known = watcher->condition != WATCHER_ABSENT && watcher->err == 0;
	return json_pack("{s:s, s:o, s:o, s:o}", "state",
	    conditions[watcher->condition], "age-s",
	    aged ? json_integer((json_int_t)(watcher->age_ms / 1000)) : json_null(),
	    "pid", known ? json_integer((json_int_t)watcher->last.pid) : json_null(),
	    "revision",
	    known ? json_integer((json_int_t)watcher->last.revision) : json_null());
}

const char *
watcher_frozen(const struct watcher *watcher, char dst[static WATCHER_TEXT])
{
	if (watcher->condition != WATCHER_FROZEN) {
		return NULL;
	}
	if (watcher->err != 0) {
		(void)snprintf(dst, WATCHER_TEXT,
		    "verdicts are frozen: the watcher's sign of life cannot be read: "
		    "%s",
		    err_str(watcher->err));
	} else if (watcher->age_ms == INT64_MAX) {
		(void)snprintf(dst, WATCHER_TEXT,
		    "verdicts are frozen: the watcher was last heard of before this "
		    "host "
		    "started");
	} else {
		(void)snprintf(dst, WATCHER_TEXT,
		    "verdicts are frozen: the watcher was last heard of %" PRId64
		    " s ago",
		    watcher->age_ms / 1000);
	}
	return dst;
}
