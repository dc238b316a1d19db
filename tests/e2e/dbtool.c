/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/codec.h"
#include "db/state.h"
#include "db/store.h"
#include "lib/base/err.h"
#include "lib/base/ip4.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the end-to-end tests do to databases that no command of ours would:
 *   dbtool hold DIR    takes the map's writer's lock, says "held" and sleeps until it is killed
 *   dbtool major DIR   makes the map one of the next MAJOR format
 *   dbtool verdict DIR tftp|login|boot-server FARM ADDRESS FILE unproven|up|down
 *                      writes a verdict into the state, as the watcher does */

static int
put_major(struct db_env *env)
{
	struct key key;
	uint8_t bytes[VALUE_HEAD + 32];
	struct wr w = value_begin(bytes, sizeof(bytes));
	codec_put_format(
	    &w, &(struct codec_format){.kind = DB_MAP, .major = DB_FORMAT_MAJOR + 1});
	key_single(KEY_FORMAT, &key);
	return store_put(&env->reader[0], &key, bytes, &w);
}

static _Noreturn void
hold(void)
{
	(void)puts("held");
	(void)fflush(stdout);
	for (;;) {
		(void)pause();
	}
}

/* Index of word among count words, or ERR_NOTFOUND. */
static int
index_of(const char *word, const char *const words[], int count)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(word, words[i]) == 0) {
			return i;
		}
	}
	return ERR_NOTFOUND;
}

/* The six words behind "verdict". */
static int
put_verdict(char *const word[static 6])
{
	static const char *const roles[] = {"", "tftp", "login", "boot-server"};
	static const char *const verdicts[] = {"unproven", "up", "down"};
	int role = index_of(word[1], roles, 4);
	int verdict = index_of(word[5], verdicts, 3);
	uint32_t addr;
	int ret = ip4_parse(word[3], &addr);
	if (ret != 0 || role <= 0 || verdict < 0) {
		return ERR_RANGE;
	}
	struct db_verdict_entry entry = {
	    .key = {(enum db_role)role, word[2], addr, word[4]},
	    .verdict = (enum db_verdict)verdict,
	};
	struct db_state *state;
	ret = db_state_open(word[0], &state);
	if (ret == 0) {
		ret = db_state_put(state, &entry, 1);
		db_state_close(state);
	}
	return ret;
}

static int
run(const char *verb, const char *dir)
{
	struct db_env *env;
	bool is_new;
	int ret = env_open_writer(DB_MAP, dir, &env);
	if (ret != 0) {
		return ret;
	}
	ret = env_write_begin(env, &is_new);
	if (ret == 0 && strcmp(verb, "hold") == 0) {
		hold();
	}
	if (ret == 0) {
		ret = put_major(env);
	}
	if (ret == 0) {
		ret = env_write_commit(env);
	}
	db_env_close(env);
	return ret;
}

int
main(int argc, char **argv)
{
	bool is_verdict = argc == 8 && strcmp(argv[1], "verdict") == 0;
	if (argc != 3 && !is_verdict) {
		(void)fputs(
		    "usage: dbtool hold|major DIR\n"
		    "       dbtool verdict DIR ROLE FARM ADDRESS FILE VERDICT\n",
		    stderr);
		return 2;
	}
	int ret = is_verdict ? put_verdict(argv + 2) : run(argv[1], argv[2]);
	if (ret != 0) {
		(void)fprintf(stderr, "dbtool: %s\n", err_str(ret));
	}
	return ret == 0 ? 0 : 1;
}
