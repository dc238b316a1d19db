/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "hooks/core.h"

#include "hooks/inside.h"
#include "lib/base/err.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { HELPER_PERIOD_S = 1 };

static uint64_t
boottime_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void
say(const struct hook_core *core, enum hook_message message, const char *text)
{
	core->log.say(message, text);
}

/* A part of the snapshot has changed its status. Without a state every server is unproven,
 * which is how a host without the watcher lives. */
static void
heard(void *ctx, enum snapshot_part part, struct snapshot_status status)
{
	static const char *const names[] = {"map", "state"};
	const struct hook_core *core = ctx;
	const char *dir = part == SNAPSHOT_MAP ? core->params.db : core->params.state;
	char text[HOOK_DIR_MAX + 128];
	(void)snprintf(text, sizeof(text), "%s %s%s%s", names[part], dir,
	    status.err != 0 ? ": " : "", status.err != 0 ? err_str(status.err) : "");
	switch (status.condition) {
	case SNAPSHOT_OPEN:
		say(core, HOOK_DB_OPENED, text);
		break;
	case SNAPSHOT_ORPHANED:
		say(core, HOOK_DB_ORPHANED, text);
		break;
	case SNAPSHOT_ABSENT:
		say(core,
		    part == SNAPSHOT_MAP ? HOOK_MAP_UNUSABLE : HOOK_STATE_UNUSABLE,
		    text);
		break;
	}
}

static uint64_t
sum(const hook_count *counts, unsigned count)
{
	uint64_t total = 0;
	for (unsigned i = 0; i < count; i++) {
		total += counts[i];
	}
	return total;
}

/* The counters that doc/EVENTS.md lists for the hook, in its order. */
static unsigned
fill_counters(void *ctx, uint64_t ret[static EVSEND_COUNTERS_MAX])
{
	const struct hook_counters *c = &((const struct hook_core *)ctx)->counters;
	const uint64_t values[] = {c->queries, c->answered,
	    sum(c->not_ours, BOOT_CAUSES), sum(c->failed, HOOK_FAILURES), c->skipped,
	    c->packed, c->kept};
	memcpy(ret, values, sizeof(values));
	return sizeof(values) / sizeof(values[0]);
}

/* Waits for the next second or the end; true at the end. */
static bool
wait_second(struct hook_core *core)
{
	struct timespec until;
	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += HELPER_PERIOD_S;
	(void)pthread_mutex_lock(&core->lock);
	int ret = 0;
	while (!core->stop && ret == 0) {
		ret = pthread_cond_timedwait(&core->wake, &core->lock, &until);
	}
	bool stop = core->stop;
	(void)pthread_mutex_unlock(&core->lock);
	return stop;
}

static void *
help(void *ctx)
{
	struct hook_core *core = ctx;
	do {
		marker_beat(&core->marker, boottime_ms());
		snapshot_tick(core->snapshots);
	} while (!wait_second(core));
	return NULL;
}

/* Kea's signals are Kea's: the helper takes none. */
static int
start_helper(struct hook_core *core)
{
	sigset_t all, before;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	int ret = pthread_create(&core->helper, NULL, help, core);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	core->helper_runs = ret == 0;
	return -ret;
}

/* Writes the marker; inert after two crashes, or beside another copy. Without a marker there is
 * no protection, and the hook works all the same. */
static void
start_marker(struct hook_core *core)
{
	struct marker_world world = {
	    .proc = "/proc", .pid = (uint32_t)getpid(), .now_ms = boottime_ms()};
	int ret = marker_begin(&core->marker, core->params.state, &world);
	if (ret == ERR_EXISTS) {
		(void)snprintf(core->inert, sizeof(core->inert),
		    "another copy of this library is loaded in the same process");
	} else if (ret != 0) {
		char text[HOOK_DIR_MAX + 128];
		(void)snprintf(
		    text, sizeof(text), "%s: %s", core->params.state, err_str(ret));
		say(core, HOOK_NO_MARKER, text);
	} else if (marker_crashed_twice(&core->marker)) {
		(void)snprintf(core->inert, sizeof(core->inert),
		    "Kea died twice within a minute with this library loaded");
	}
}

static int
start(struct hook_core *core)
{
	core->snapshots =
	    snapshot_pool_new(core->params.db, core->params.state, heard, core);
	if (core->snapshots == NULL) {
		return -ENOMEM;
	}
	int ret = evsend_new(core->params.state, EVENT_HOOK, &core->events);
	if (ret == 0) {
		evsend_set_counters(core->events, fill_counters, core);
	} else {
		core->events = NULL;
		say(core, HOOK_NO_EVENTS, err_str(ret));
	}
	return start_helper(core);
}

static void
say_started(const struct hook_core *core)
{
	if (core->inert[0] != '\0') {
		say(core, HOOK_INERT, core->inert);
		return;
	}
	char text[2 * HOOK_DIR_MAX + 64];
	(void)snprintf(text, sizeof(text), "map %s, state %s, mode %s, clients %s",
	    core->params.db, core->params.state, hook_mode_name(core->params.mode),
	    core->params.all_clients ? "all" : "pxe");
	say(core, HOOK_LOADED, text);
}

static void
init_wake(struct hook_core *core)
{
	pthread_condattr_t attr;
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&core->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
	(void)pthread_mutex_init(&core->lock, NULL);
}

int
hook_core_new(const struct hook_params *params, const char *fault,
    const struct hook_log *log, struct hook_core **ret)
{
	struct hook_core *core = calloc(1, sizeof(*core));
	if (core == NULL) {
		return -ENOMEM;
	}
	core->params = *params;
	core->log = *log;
	core->marker.fd = -1;
	init_wake(core);
	if (fault != NULL) {
		(void)snprintf(core->inert, sizeof(core->inert), "%s", fault);
	} else {
		start_marker(core);
	}
	int err = core->inert[0] == '\0' ? start(core) : 0;
	if (err != 0) {
		hook_core_free(core);
		return err;
	}
	say_started(core);
	*ret = core;
	return 0;
}

void
hook_core_free(struct hook_core *core)
{
	if (core == NULL) {
		return;
	}
	if (core->helper_runs) {
		(void)pthread_mutex_lock(&core->lock);
		core->stop = true;
		(void)pthread_cond_signal(&core->wake);
		(void)pthread_mutex_unlock(&core->lock);
		(void)pthread_join(core->helper, NULL);
	}
	snapshot_pool_free(core->snapshots);
	evsend_free(core->events);
	marker_end(&core->marker);
	(void)pthread_cond_destroy(&core->wake);
	(void)pthread_mutex_destroy(&core->lock);
	free(core);
}

bool
hook_core_is_inert(const struct hook_core *core)
{
	return core->inert[0] != '\0';
}
