/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/state.h"

#include "db/codec.h"
#include "db/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct db_state {
	struct db_env *env;
};

/* The format record at once, so that readers find a state, if an empty one. */
static int
state_begin(struct db_state *state)
{
	bool is_new;
	int ret = env_write_begin(state->env, &is_new);
	return ret == 0 ? env_write_commit(state->env) : ret;
}

int
db_state_open(const char *dir, struct db_state **ret)
{
	struct db_state *state = calloc(1, sizeof(*state));
	if (state == NULL) {
		return -ENOMEM;
	}
	int err = env_open_writer(DB_STATE, dir, &state->env);
	if (err == 0) {
		err = state_begin(state);
	}
	if (err != 0) {
		db_state_close(state);
		return err;
	}
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

static int
put_verdict(const struct db_reader *txn, const struct db_verdict_entry *entry)
{
	struct key key;
	uint8_t bytes[VALUE_HEAD + 16];
	struct wr value = value_begin(bytes, sizeof(bytes));
	codec_put_verdict(&value, entry->verdict);
	int ret = key_verdict(&entry->key, &key);
	return ret == 0 ? store_put(txn, &key, bytes, &value) : ret;
}

int
db_state_put(
    struct db_state *state, const struct db_verdict_entry *entries, size_t count)
{
	bool is_new;
	int ret = env_write_begin(state->env, &is_new);
	for (size_t i = 0; i < count && ret == 0; i++) {
		ret = put_verdict(&state->env->reader[0], &entries[i]);
	}
	if (ret == 0) {
		return env_write_commit(state->env);
	}
	env_write_abort(state->env);
	return ret;
}
