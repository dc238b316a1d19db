/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/state.h"

#include "db/codec.h"
#include "db/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

const char *
db_verdict_text(enum db_verdict verdict)
{
	static const char *const texts[] = {
	    [DB_VERDICT_UNPROVEN] = "unproven",
	    [DB_VERDICT_UP] = "up",
	    [DB_VERDICT_DOWN] = "down",
	};
	return texts[verdict];
}

/* ---- reading */

static const struct db_reader *
state_of(const struct db_snapshot *snap)
{
	return &snap->state->reader[snap->i];
}

/* A record of the state; a key that no record can have is that of none. */
static int
get(const struct db_snapshot *snap, int key_err, const struct key *key,
    struct rd *ret_fields)
{
	if (snap->state == NULL || key_err != 0) {
		return ERR_NOTFOUND;
	}
	return store_get(state_of(snap), key, ret_fields);
}

int
db_state_heartbeat(const struct db_snapshot *snap, struct db_heartbeat *ret)
{
	struct key key;
	struct rd fields;
	key_single(KEY_HEARTBEAT, &key);
	int err = get(snap, 0, &key, &fields);
	return err == 0 ? codec_get_heartbeat(fields, ret) : err;
}

int
db_state_health(const struct db_snapshot *snap, const struct db_verdict_key *key,
    struct db_health *ret)
{
	struct key stored;
	struct rd fields;
	int err = get(snap, key_health(key, &stored), &stored, &fields);
	return err == 0 ? codec_get_health(fields, ret) : err;
}

int
db_state_named(
    const struct db_snapshot *snap, const char *farm, uint32_t addr, int64_t *ret_ms)
{
	struct key key;
	struct rd fields;
	int err = get(snap, key_last_named(farm, addr, &key), &key, &fields);
	return err == 0 ? codec_get_named(fields, ret_ms) : err;
}

struct health_walk {
	db_health_visit *visit;
	void *ctx;
};

static int
visit_health(void *ctx, struct rd body, struct rd fields)
{
	const struct health_walk *walk = ctx;
	struct db_verdict_key key;
	char farm[DB_FARM_NAME_MAX + 1];
	char file[DB_FILE_NAME_MAX + 1];
	struct db_health health;
	int err = codec_get_health(fields, &health);
	if (err == 0) {
		err = key_read_health(body, &key, farm, file);
	}
	return err == 0 ? walk->visit(walk->ctx, &key, &health) : err;
}

int
db_state_walk(const struct db_snapshot *snap, db_health_visit *visit, void *ctx)
{
	struct health_walk walk = {visit, ctx};
	return snap->state == NULL ? 0
				   : store_walk(state_of(snap), KEY_HEALTH,
					 STORE_FORWARDS, visit_health, &walk);
}

/* ---- writing */

struct db_state {
	struct db_env *env;
	struct db_snapshot snap;
};

int
db_state_begin(struct db_state *state)
{
	bool is_new;
	return env_write_begin(state->env, &is_new);
}

int
db_state_commit(struct db_state *state)
{
	return env_write_commit(state->env);
}

void
db_state_abort(struct db_state *state)
{
	env_write_abort(state->env);
}

struct db_snapshot *
db_state_snapshot(struct db_state *state)
{
	return &state->snap;
}

int
db_state_open(const char *dir, struct db_state **ret)
{
	struct db_state *state = calloc(1, sizeof(*state));
	if (state == NULL) {
		return -ENOMEM;
	}
	int err = env_open_writer(DB_STATE, dir, &state->env);
	/* The format record at once, so that readers find a state, if an empty one. */
	if (err == 0) {
		err = db_state_begin(state);
	}
	if (err == 0) {
		err = db_state_commit(state);
	}
	if (err != 0) {
		db_state_close(state);
		return err;
	}
	state->snap = (struct db_snapshot){.state = state->env};
	*ret = state;
	return 0;
}

void
db_state_close(struct db_state *state)
{
	if (state != NULL) {
		db_env_close(state->env);
		free(state);
	}
}

bool
db_state_is_there(const struct db_state *state)
{
	return db_env_check(state->env) == DB_ENV_SAME;
}

/* The lock file last: without data.mdb nobody opens the folder any more. */
int
db_state_discard(const char *dir)
{
	int err = 0;
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		return store_err(errno);
	}
	if ((unlinkat(fd, "data.mdb", 0) != 0 && errno != ENOENT) ||
	    (unlinkat(fd, "lock.mdb", 0) != 0 && errno != ENOENT)) {
		err = store_err(errno);
	}
	(void)close(fd);
	return err;
}

static const struct db_reader *
txn_of(const struct db_state *state)
{
	return &state->env->reader[0];
}

static int
put_verdict(
    struct db_state *state, const struct db_verdict_key *about, enum db_verdict verdict)
{
	struct key key;
	uint8_t bytes[VALUE_HEAD + 16];
	struct wr value = value_begin(bytes, sizeof(bytes));
	codec_put_verdict(&value, verdict);
	int ret = key_verdict(about, &key);
	return ret == 0 ? store_put(txn_of(state), &key, bytes, &value) : ret;
}

static bool
has_verdict(
    struct db_state *state, const struct db_verdict_key *about, enum db_verdict verdict)
{
	enum db_verdict stored;
	return db_source.verdict(&state->snap, about, &stored) == 0 &&
	    stored == verdict;
}

int
db_state_put_health(struct db_state *state, const struct db_verdict_key *key,
    const struct db_health *health)
{
	struct key stored;
	uint8_t bytes[VALUE_HEAD + 512];
	struct wr value = value_begin(bytes, sizeof(bytes));
	codec_put_health(&value, health);
	int ret = key_health(key, &stored);
	if (ret == 0) {
		ret = store_put(txn_of(state), &stored, bytes, &value);
	}
	if (ret == 0 && !has_verdict(state, key, health->verdict)) {
		ret = put_verdict(state, key, health->verdict);
	}
	return ret;
}

int
db_state_del(struct db_state *state, const struct db_verdict_key *key)
{
	struct key account;
	struct key verdict;
	if (key_health(key, &account) != 0 || key_verdict(key, &verdict) != 0) {
		return ERR_NOTFOUND;
	}
	int ret = store_del(txn_of(state), &account);
	if (ret != 0 && ret != ERR_NOTFOUND) {
		return ret;
	}
	int also = store_del(txn_of(state), &verdict);
	return also == ERR_NOTFOUND ? ret : also;
}

int
db_state_put_heartbeat(struct db_state *state, const struct db_heartbeat *heartbeat)
{
	struct key key;
	uint8_t bytes[VALUE_HEAD + 128];
	struct wr value = value_begin(bytes, sizeof(bytes));
	codec_put_heartbeat(&value, heartbeat);
	key_single(KEY_HEARTBEAT, &key);
	return store_put(txn_of(state), &key, bytes, &value);
}

int
db_state_put_named(
    struct db_state *state, const char *farm, uint32_t addr, int64_t time_ms)
{
	struct key key;
	uint8_t bytes[VALUE_HEAD + 16];
	struct wr value = value_begin(bytes, sizeof(bytes));
	codec_put_named(&value, time_ms);
	int ret = key_last_named(farm, addr, &key);
	return ret == 0 ? store_put(txn_of(state), &key, bytes, &value) : ret;
}

int
db_state_put(
    struct db_state *state, const struct db_verdict_entry *entries, size_t count)
{
	int ret = db_state_begin(state);
	for (size_t i = 0; i < count && ret == 0; i++) {
		ret = put_verdict(state, &entries[i].key, entries[i].verdict);
	}
	if (ret == 0) {
		return db_state_commit(state);
	}
	db_state_abort(state);
	return ret;
}
