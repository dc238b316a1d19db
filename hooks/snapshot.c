/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "hooks/snapshot.h"

#include "lib/base/err.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* One part, published. Only the ticking thread writes now, retired and dir. */
struct part {
	enum db_kind kind;
	char *dir;
	_Atomic(struct db_env *) now; /* NULL while nothing is open */
	struct db_env *retired;       /* no longer published, perhaps still read */
	atomic_bool outgrown;         /* a packet found the opened map too small */
	atomic_int condition;
	atomic_int err;
	bool heard_of; /* the first status was told */
};

/* What one packet reads: a hazard pointer for each part. Its number is the number of its
 * readers in the environments. One cache line each, so that threads do not share one. */
struct slot {
	_Alignas(64) atomic_bool taken;
	_Atomic(struct db_env *) held[SNAPSHOT_PARTS];
};

struct snapshot_pool {
	struct slot slots[SNAPSHOT_SLOTS];
	struct part parts[SNAPSHOT_PARTS];
	snapshot_heard *heard;
	void *ctx;
};

struct snapshot_pool *
snapshot_pool_new(
    const char *map_dir, const char *state_dir, snapshot_heard *heard, void *ctx)
{
	struct snapshot_pool *pool =
	    aligned_alloc(_Alignof(struct slot), sizeof(*pool));
	if (pool == NULL) {
		return NULL;
	}
	*pool = (struct snapshot_pool){
	    .parts[SNAPSHOT_MAP] = {.kind = DB_MAP, .dir = strdup(map_dir)},
	    .parts[SNAPSHOT_STATE] = {.kind = DB_STATE, .dir = strdup(state_dir)},
	    .heard = heard,
	    .ctx = ctx,
	};
	if (pool->parts[SNAPSHOT_MAP].dir == NULL ||
	    pool->parts[SNAPSHOT_STATE].dir == NULL) {
		snapshot_pool_free(pool);
		return NULL;
	}
	return pool;
}

void
snapshot_pool_free(struct snapshot_pool *pool)
{
	if (pool == NULL) {
		return;
	}
	for (unsigned i = 0; i < SNAPSHOT_PARTS; i++) {
		struct part *part = &pool->parts[i];
		db_env_close(part->retired);
		db_env_close(atomic_load(&part->now));
		free(part->dir);
	}
	free(pool);
}

static void
set_status(struct snapshot_pool *pool, enum snapshot_part which,
    enum snapshot_condition condition, int err)
{
	struct part *part = &pool->parts[which];
	bool same = atomic_load(&part->condition) == (int)condition &&
	    atomic_load(&part->err) == err;
	atomic_store(&part->condition, (int)condition);
	atomic_store(&part->err, err);
	if (!same || !part->heard_of) {
		part->heard_of = true;
		pool->heard(pool->ctx, which, (struct snapshot_status){condition, err});
	}
}

/* Closes what is no longer published, unless a packet still reads it. True when nothing
 * retired is left. A packet that holds it now took it before it was withdrawn: hold() looks
 * again after it has named what it took. */
static bool
close_retired(struct snapshot_pool *pool, enum snapshot_part which)
{
	struct part *part = &pool->parts[which];
	if (part->retired == NULL) {
		return true;
	}
	for (unsigned i = 0; i < SNAPSHOT_SLOTS; i++) {
		if (atomic_load(&pool->slots[i].held[which]) == part->retired) {
			return false;
		}
	}
	db_env_close(part->retired);
	part->retired = NULL;
	return true;
}

static void
publish(struct snapshot_pool *pool, enum snapshot_part which, struct db_env *env)
{
	struct part *part = &pool->parts[which];
	part->retired = atomic_exchange(&part->now, env);
}

/* Opens what lies in the folder and publishes it; whatever is published stays where that
 * fails. */
static void
open_part(struct snapshot_pool *pool, enum snapshot_part which)
{
	struct part *part = &pool->parts[which];
	struct db_env *env = NULL;
	int ret = db_env_open(part->kind, part->dir, SNAPSHOT_SLOTS, &env);
	if (ret != 0) {
		bool last_good = atomic_load(&part->now) != NULL;
		set_status(
		    pool, which, last_good ? SNAPSHOT_ORPHANED : SNAPSHOT_ABSENT, ret);
		return;
	}
	publish(pool, which, env);
	(void)close_retired(pool, which);
	set_status(pool, which, SNAPSHOT_OPEN, 0);
}

/* The same database must never be open twice in a process (closing one drops the locks of
 * both), so a map that outgrew its opening, or lies elsewhere now, is closed before it is
 * opened anew. */
static void
reopen_part(struct snapshot_pool *pool, enum snapshot_part which)
{
	publish(pool, which, NULL);
	atomic_store(&pool->parts[which].outgrown, false);
	if (close_retired(pool, which)) {
		open_part(pool, which);
	}
}

static void
tick_part(struct snapshot_pool *pool, enum snapshot_part which)
{
	struct part *part = &pool->parts[which];
	if (!close_retired(pool, which)) {
		return; /* a packet is still at it: the next tick */
	}
	const struct db_env *now = atomic_load(&part->now);
	if (now == NULL) {
		open_part(pool, which);
		return;
	}
	switch (db_env_check(now)) {
	case DB_ENV_SAME:
		if (atomic_load(&part->outgrown)) {
			reopen_part(pool, which);
		} else {
			set_status(pool, which, SNAPSHOT_OPEN, 0);
		}
		break;
	case DB_ENV_ORPHANED:
		set_status(pool, which, SNAPSHOT_ORPHANED, ERR_NOTFOUND);
		break;
	case DB_ENV_REPLACED:
		open_part(pool, which);
		break;
	case DB_ENV_MOVED:
		reopen_part(pool, which);
		break;
	}
}

void
snapshot_tick(struct snapshot_pool *pool)
{
	tick_part(pool, SNAPSHOT_MAP);
	tick_part(pool, SNAPSHOT_STATE);
}

/* A free slot, now the caller's, or SNAPSHOT_SLOTS. Threads start at different places, so
 * that they seldom meet. */
static unsigned
take_slot(struct snapshot_pool *pool)
{
	unsigned first = (unsigned)((uintptr_t)pthread_self() * 0x9e3779b1u >> 16);
	for (unsigned k = 0; k < SNAPSHOT_SLOTS; k++) {
		unsigned i = (first + k) % SNAPSHOT_SLOTS;
		if (!atomic_exchange(&pool->slots[i].taken, true)) {
			return i;
		}
	}
	return SNAPSHOT_SLOTS;
}

static void
leave_slot(struct snapshot_pool *pool, unsigned i)
{
	struct slot *slot = &pool->slots[i];
	for (unsigned which = 0; which < SNAPSHOT_PARTS; which++) {
		atomic_store_explicit(&slot->held[which], NULL, memory_order_release);
	}
	atomic_store_explicit(&slot->taken, false, memory_order_release);
}

/* Names what is published as held, and looks again: had it been withdrawn in between, the
 * ticking thread might not have seen the name. Goes round once per publication at most. */
static struct db_env *
hold(struct snapshot_pool *pool, unsigned i, enum snapshot_part which)
{
	_Atomic(struct db_env *) *now = &pool->parts[which].now;
	struct db_env *env = atomic_load(now);
	for (;;) {
		atomic_store(&pool->slots[i].held[which], env);
		struct db_env *again = atomic_load(now);
		if (again == env) {
			return env;
		}
		env = again;
	}
}

/* Reader i of a part. Returns 0 and *ret, ERR_NOTFOUND, or what db_reader_begin() gave. */
static int
begin_part(struct snapshot_pool *pool, unsigned i, enum snapshot_part which,
    struct db_env **ret)
{
	struct db_env *env = hold(pool, i, which);
	if (env == NULL) {
		return ERR_NOTFOUND;
	}
	int err = db_reader_begin(env, i);
	if (err == ERR_BUSY) {
		atomic_store(&pool->parts[which].outgrown, true);
	}
	if (err != 0) {
		return err;
	}
	*ret = env;
	return 0;
}

int
snapshot_take(struct snapshot_pool *pool, struct db_snapshot *ret)
{
	unsigned i = take_slot(pool);
	if (i == SNAPSHOT_SLOTS) {
		return ERR_FULL;
	}
	struct db_snapshot taken = {.i = i};
	int err = begin_part(pool, i, SNAPSHOT_MAP, &taken.map);
	if (err != 0) {
		leave_slot(pool, i);
		return err;
	}
	/* Without a state every server is unproven: no reason not to answer. */
	if (begin_part(pool, i, SNAPSHOT_STATE, &taken.state) != 0) {
		taken.state = NULL;
	}
	*ret = taken;
	return 0;
}

void
snapshot_leave(struct snapshot_pool *pool, struct db_snapshot *snapshot)
{
	if (snapshot->state != NULL) {
		db_reader_end(snapshot->state, snapshot->i);
	}
	db_reader_end(snapshot->map, snapshot->i);
	leave_slot(pool, snapshot->i);
}

struct snapshot_status
snapshot_status(const struct snapshot_pool *pool, enum snapshot_part part)
{
	const struct part *at = &pool->parts[part];
	return (struct snapshot_status){
	    .condition = (enum snapshot_condition)atomic_load(&at->condition),
	    .err = atomic_load(&at->err),
	};
}
