/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "hooks/core.h"
#include "hooks/marker.h"
#include "hooks/snapshot.h"
#include "db/map.h"
#include "lib/base/recent.h"
#include "lib/boot/decide.h"
#include "lib/net/evsend.h"
#include "lib/report/watcher.h"

#include <pthread.h>
#include <stdatomic.h>

/* struct hook_core as its own files see it. */

/* Why a reply stayed as it was though it was to be decided. */
enum hook_failure {
	HOOK_FAIL_NO_MAP,    /* nothing was opened yet */
	HOOK_FAIL_NO_READER, /* all slots are taken, or the map is being opened anew */
	HOOK_FAIL_DATABASE,  /* a record could not be read */
	HOOK_FAIL_EXCEPTION, /* Kea threw while we looked at a packet */
	HOOK_FAILURES,
};

typedef _Atomic uint64_t hook_count;
struct hook_counters {
	hook_count queries;  /* replies that the decision was asked about */
	hook_count answered; /* replies edited */
	hook_count kept;     /* fill-only: Kea had answered already */
	hook_count skipped;  /* PVSBOOT_SKIP */
	hook_count packed;   /* packed by another hook before ours */
	hook_count not_ours[BOOT_CAUSES];
	hook_count failed[HOOK_FAILURES];
};

struct hook_core {
	struct hook_params params;
	struct hook_log log;
	char inert[HOOK_FAULT_MAX]; /* why, or "" */
	struct hook_counters counters;

	struct marker marker; /* the helper's, once it runs */
	struct snapshot_pool *snapshots;
	struct evsend *events; /* or NULL */
	bool helper_runs;
	pthread_t helper;
	pthread_mutex_t lock; /* guards stop */
	pthread_cond_t wake;
	bool stop;

	atomic_bool said_packed;
	hook_count next_failed_ms[HOOK_FAILURES]; /* no line before then */
	struct recent no_file;                    /* whose missing file was logged */
	struct recent sent; /* to a PVS server, and not seen to boot */
};

/* What Kea's commands tell of a snapshot besides answers. */
struct core_view {
	struct db_info info;
	struct watcher watcher;
};
int core_view(const struct db_snapshot *snapshot, struct core_view *ret)
    __attribute__((warn_unused_result));

/* Decides for facts by the snapshot in force, and views it where ret_view is not NULL. Returns
 * 0 with *ret and the map's *ret_revision, or a failure, counted and said. */
int core_decide(struct hook_core *core, const struct boot_facts *facts,
    struct boot_answer *ret, uint64_t *ret_revision, struct core_view *ret_view)
    __attribute__((warn_unused_result));
