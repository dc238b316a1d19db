/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/env.h"

/* The environments of map and state as packets see them. One helper thread opens, re-opens
 * and closes them (snapshot_tick); packets on any thread take what is published, and never
 * wait: a fixed number of reader slots, each naming what it reads, so that nothing is closed
 * under it. Map and state are published apart, each the only opening of its database. */
struct snapshot_pool;

enum { SNAPSHOT_SLOTS = 64 /* packets that read at the same instant */ };
enum snapshot_part { SNAPSHOT_MAP, SNAPSHOT_STATE, SNAPSHOT_PARTS };

enum snapshot_condition {
	SNAPSHOT_ABSENT,   /* nothing was ever opened, or it is being opened anew */
	SNAPSHOT_OPEN,     /* what lies in the folder is in force */
	SNAPSHOT_ORPHANED, /* the folder lost it; the last good one stays in force */
};

/* What one part is in, and why it is not open: 0, or what db_env_open() gave. */
struct snapshot_status {
	enum snapshot_condition condition;
	int err;
};

/* Hears every change of a part's status, on the thread of snapshot_tick(). */
typedef void snapshot_heard(
    void *ctx, enum snapshot_part part, struct snapshot_status status);

/* Opens nothing yet. The folders' names are copied. NULL when memory is short. */
struct snapshot_pool *snapshot_pool_new(
    const char *map_dir, const char *state_dir, snapshot_heard *heard, void *ctx);

/* Closes what is open; no packet may be reading any more. NULL is fine. */
void snapshot_pool_free(struct snapshot_pool *pool);

/* Looks at both folders and brings what is published up to date. One thread only. May block
 * while another process hangs holding a lock of the database. */
void snapshot_tick(struct snapshot_pool *pool);

/* A consistent snapshot of the map and, where there is one, of the state; snapshot_leave() ends
 * it. Returns 0, ERR_NOTFOUND (no map is open), ERR_FULL (no slot is free), or what
 * db_reader_begin() gave for the map. Neither blocks nor allocates. */
int snapshot_take(struct snapshot_pool *pool, struct db_snapshot *ret)
    __attribute__((warn_unused_result));
void snapshot_leave(struct snapshot_pool *pool, struct db_snapshot *snapshot);

/* From any thread. */
struct snapshot_status snapshot_status(
    const struct snapshot_pool *pool, enum snapshot_part part);
