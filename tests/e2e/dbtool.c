/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/codec.h"
#include "db/store.h"
#include "lib/base/err.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the end-to-end tests do to a map that no command of ours would:
 *   dbtool hold DIR    takes the writer's lock, says "held" and sleeps until it is killed
 *   dbtool major DIR   makes the map one of the next MAJOR format */

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
	if (argc != 3) {
		(void)fputs("usage: dbtool hold|major DIR\n", stderr);
		return 2;
	}
	int ret = run(argv[1], argv[2]);
	if (ret != 0) {
		(void)fprintf(stderr, "dbtool: %s\n", err_str(ret));
	}
	return ret == 0 ? 0 : 1;
}
