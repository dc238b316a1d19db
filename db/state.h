/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/env.h"

/* The state: what the watcher found, and that it lives. Times are milliseconds of Unix time,
 * 0 for never, unless they say otherwise. */

enum { DB_HEALTH_ERROR_MAX = 127, DB_BOOT_ID_LEN = 16, DB_FROZEN_MS = 10000 };

/* What is known of the server that a verdict is about. The decision reads the verdict alone,
 * which is stored under a key of its own; this is for people. */
struct db_health {
	enum db_verdict verdict;
	int64_t since_ms; /* of the verdict */
	uint64_t probes, failures;
	uint32_t consecutive; /* results in a row like the last one */
	bool last_good;
	int64_t last_ms, last_good_ms, last_bad_ms; /* when such a probe ended */
	uint32_t latency_ms;                 /* of the last good one's first answer */
	char error[DB_HEALTH_ERROR_MAX + 1]; /* of the last bad one; printable */
	bool
	    has_sha256; /* a whole file came at some time: its size and hash, the last one's */
	uint8_t sha256[DB_DIGEST_LEN];
	uint64_t size;
	int64_t sha256_since_ms;
	bool drifts; /* from what the farm's other servers hold, or from the pin */
	uint8_t expected[DB_DIGEST_LEN];
	int64_t drifts_since_ms;
	uint64_t revision; /* of the map that asked for the last probe */
};

/* "up", "down" or "unproven". */
const char *db_verdict_text(enum db_verdict verdict);

/* The watcher's sign of life, written once a second. */
struct db_heartbeat {
	uint8_t boot_id[DB_BOOT_ID_LEN];
	uint64_t boottime_ms; /* CLOCK_BOOTTIME */
	int64_t time_ms;
	uint32_t pid;
	uint64_t revision; /* of the map that it follows */
};

/* This moment as a heartbeat would have it: boot id, clocks and pid. Returns 0 or a negated
 * errno. */
int db_heartbeat_now(struct db_heartbeat *ret) __attribute__((warn_unused_result));

/* How long before now a heartbeat was, in milliseconds; INT64_MAX when it is of another boot of
 * this host, or of the future. */
int64_t db_heartbeat_age_ms(
    const struct db_heartbeat *heartbeat, const struct db_heartbeat *now);

/* ---- reading; snap->state may be NULL, which holds nothing */

/* Each returns 0, ERR_NOTFOUND or the store's failure. */
int db_state_heartbeat(const struct db_snapshot *snap, struct db_heartbeat *ret)
    __attribute__((warn_unused_result));
int db_state_health(const struct db_snapshot *snap, const struct db_verdict_key *key,
    struct db_health *ret) __attribute__((warn_unused_result));

/* When an answer, or a transfer, last named a server of a farm ("": a boot server). */
int db_state_named(const struct db_snapshot *snap, const char *farm, uint32_t addr,
    int64_t *ret_ms) __attribute__((warn_unused_result));

/* Calls visit for each account in order of role, farm, address and file, until it returns
 * non-zero, which is then returned. Names of the key are in small letters; its texts are
 * borrowed for the call. */
typedef int db_health_visit(
    void *ctx, const struct db_verdict_key *key, const struct db_health *health);
int db_state_walk(const struct db_snapshot *snap, db_health_visit *visit, void *ctx)
    __attribute__((warn_unused_result));

/* ---- writing: the watcher alone */
struct db_state;

/* Opens or creates DIR's state; modes as db_write_begin() gives them. Nothing is synced: it may
 * be lost. */
int db_state_open(const char *dir, struct db_state **ret)
    __attribute__((warn_unused_result));
void db_state_close(struct db_state *state); /* NULL is fine */

/* True while DIR still holds the opened database; after that what is written reaches nobody. */
bool db_state_is_there(const struct db_state *state);

/* Takes a state that cannot be opened out of DIR, for db_state_open() to make a new one. Who
 * reads the old one still can. Returns 0, ERR_NOTFOUND (no folder), ERR_ACCESS, ERR_READONLY or
 * a negated errno. */
int db_state_discard(const char *dir) __attribute__((warn_unused_result));

/* One transaction: what is put between begin and commit becomes visible together. abort may be
 * called when there is none. The snapshot sees the state alone (its map is NULL). */
int db_state_begin(struct db_state *state) __attribute__((warn_unused_result));
int db_state_commit(struct db_state *state) __attribute__((warn_unused_result));
void db_state_abort(struct db_state *state);
struct db_snapshot *db_state_snapshot(struct db_state *state);

/* The account, and its verdict for the decision, which is written only when it changes. */
int db_state_put_health(struct db_state *state, const struct db_verdict_key *key,
    const struct db_health *health) __attribute__((warn_unused_result));
int db_state_del(struct db_state *state, const struct db_verdict_key *key)
    __attribute__((warn_unused_result)); /* or ERR_NOTFOUND */
int db_state_put_heartbeat(struct db_state *state, const struct db_heartbeat *heartbeat)
    __attribute__((warn_unused_result));
int db_state_put_named(struct db_state *state, const char *farm, uint32_t addr,
    int64_t time_ms) __attribute__((warn_unused_result));

/* Verdicts alone, in one transaction of its own: for tests that play the watcher. */
struct db_verdict_entry {
	struct db_verdict_key key;
	enum db_verdict verdict;
};
int db_state_put(struct db_state *state, const struct db_verdict_entry *entries,
    size_t count) __attribute__((warn_unused_result));
