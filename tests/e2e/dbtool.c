/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/codec.h"
#include "db/state.h"
#include "db/store.h"
#include "lib/base/err.h"
#include "lib/base/hex.h"
#include "lib/base/ip4.h"
#include "lib/base/text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the end-to-end tests do to databases that no command of ours would. The usage below
 * says how it is called; a SERVER is ROLE FARM ADDRESS FILE. */
static const char usage[] =
    "usage: dbtool hold DIR    takes the map's writer's lock, says \"held\" and "
    "sleeps\n"
    "       dbtool major DIR   makes the map one of the next MAJOR format\n"
    "into the state, as the watcher does:\n"
    "       dbtool verdict DIR SERVER VERDICT\n"
    "       dbtool account DIR SERVER VERDICT [FIELD=VALUE]...\n"
    "       dbtool forget DIR SERVER\n"
    "       dbtool heartbeat DIR AGE-MS REVISION   AGE-MS or \"another-boot\"\n"
    "       dbtool named DIR FARM ADDRESS UNIX-MS\n"
    "SERVER is ROLE FARM ADDRESS FILE, ROLE tftp, login, boot-server, tsb or pxe,\n"
    "VERDICT unproven, up or down; FIELD is named as in struct db_health\n";

/* ---- words */

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

static int
read_server(char *const word[static 4], struct db_verdict_key *ret)
{
	static const char *const roles[] = {
	    "", "tftp", "login", "boot-server", "tsb", "pxe"};
	int role = index_of(word[0], roles, 6);
	ret->role = (enum db_role)role;
	ret->farm = word[1];
	ret->file = word[3];
	return role > 0 ? ip4_parse(word[2], &ret->addr) : ERR_RANGE;
}

static int
read_verdict(const char *word, enum db_verdict *ret)
{
	static const char *const verdicts[] = {"unproven", "up", "down"};
	int verdict = index_of(word, verdicts, 3);
	*ret = (enum db_verdict)verdict;
	return verdict >= 0 ? 0 : ERR_RANGE;
}

static int
read_ms(const char *word, int64_t *ret)
{
	uint64_t ms;
	int err = text_u64(word, 0, INT64_MAX, &ms);
	*ret = err == 0 ? (int64_t)ms : 0;
	return err;
}

/* ---- the fields of an account */

static int
set_sha256(struct db_health *health, const char *value)
{
	health->has_sha256 = true;
	return hex_parse(value, health->sha256, sizeof(health->sha256));
}

static int
set_expected(struct db_health *health, const char *value)
{
	health->drifts = true;
	return hex_parse(value, health->expected, sizeof(health->expected));
}

static int
set_error(struct db_health *health, const char *value)
{
	(void)text_copy(health->error, sizeof(health->error), value);
	return 0;
}

static int
set_last_good(struct db_health *health, const char *value)
{
	health->last_good = strcmp(value, "1") == 0;
	return 0;
}

#define NUMBER(field, type, max)                                                       \
	static int set_##field(struct db_health *health, const char *value)            \
	{                                                                              \
		uint64_t number = 0;                                                   \
		int err = text_u64(value, 0, max, &number);                            \
		health->field = (type)number;                                          \
		return err;                                                            \
	}
NUMBER(since_ms, int64_t, INT64_MAX)
NUMBER(probes, uint64_t, UINT64_MAX)
NUMBER(failures, uint64_t, UINT64_MAX)
NUMBER(consecutive, uint32_t, UINT32_MAX)
NUMBER(last_ms, int64_t, INT64_MAX)
NUMBER(last_good_ms, int64_t, INT64_MAX)
NUMBER(last_bad_ms, int64_t, INT64_MAX)
NUMBER(latency_ms, uint32_t, UINT32_MAX)
NUMBER(size, uint64_t, UINT64_MAX)
NUMBER(sha256_since_ms, int64_t, INT64_MAX)
NUMBER(drifts_since_ms, int64_t, INT64_MAX)
NUMBER(revision, uint64_t, UINT64_MAX)

static const struct {
	const char *name;
	int (*set)(struct db_health *health, const char *value);
} fields[] = {
    {"since_ms", set_since_ms},
    {"probes", set_probes},
    {"failures", set_failures},
    {"consecutive", set_consecutive},
    {"last_good", set_last_good},
    {"last_ms", set_last_ms},
    {"last_good_ms", set_last_good_ms},
    {"last_bad_ms", set_last_bad_ms},
    {"latency_ms", set_latency_ms},
    {"error", set_error},
    {"sha256", set_sha256},
    {"size", set_size},
    {"sha256_since_ms", set_sha256_since_ms},
    {"expected", set_expected},
    {"drifts_since_ms", set_drifts_since_ms},
    {"revision", set_revision},
};

static int
set_field(struct db_health *health, const char *word)
{
	size_t len = strcspn(word, "=");
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (word[len] == '=' && strlen(fields[i].name) == len &&
		    memcmp(fields[i].name, word, len) == 0) {
			return fields[i].set(health, word + len + 1);
		}
	}
	return ERR_NOTFOUND;
}

/* ---- verbs of the state: the words behind the folder */

static int
put_verdict(struct db_state *state, char *const word[], int count)
{
	struct db_health health = {.verdict = DB_VERDICT_UNPROVEN};
	struct db_verdict_entry entry;
	int ret = count == 5 ? read_server(word, &entry.key) : ERR_RANGE;
	if (ret == 0) {
		ret = read_verdict(word[4], &health.verdict);
	}
	entry.verdict = health.verdict;
	return ret == 0 ? db_state_put(state, &entry, 1) : ret;
}

/* Ends a transaction by what putting into it gave. */
static int
commit(struct db_state *state, int put)
{
	if (put == 0) {
		return db_state_commit(state);
	}
	db_state_abort(state);
	return put;
}

static int
put_account(struct db_state *state, char *const word[], int count)
{
	struct db_health health = {.verdict = DB_VERDICT_UNPROVEN};
	struct db_verdict_key key;
	int ret = count >= 5 ? read_server(word, &key) : ERR_RANGE;
	if (ret == 0) {
		ret = read_verdict(word[4], &health.verdict);
	}
	for (int i = 5; i < count && ret == 0; i++) {
		ret = set_field(&health, word[i]);
	}
	if (ret == 0) {
		ret = db_state_begin(state);
	}
	return ret == 0 ? commit(state, db_state_put_health(state, &key, &health))
			: ret;
}

static int
forget(struct db_state *state, char *const word[], int count)
{
	struct db_verdict_key key;
	int ret = count == 4 ? read_server(word, &key) : ERR_RANGE;
	if (ret == 0) {
		ret = db_state_begin(state);
	}
	return ret == 0 ? commit(state, db_state_del(state, &key)) : ret;
}

static int
put_heartbeat(struct db_state *state, char *const word[], int count)
{
	struct db_heartbeat heartbeat = {.revision = 0};
	int64_t age_ms = 0;
	int ret = count == 2 ? db_heartbeat_now(&heartbeat) : ERR_RANGE;
	if (ret == 0 && strcmp(word[0], "another-boot") == 0) {
		heartbeat.boot_id[0] ^= 1;
	} else if (ret == 0) {
		ret = read_ms(word[0], &age_ms);
	}
	if (ret == 0) {
		ret = text_u64(word[1], 0, UINT64_MAX, &heartbeat.revision);
	}
	if (ret == 0) {
		ret = db_state_begin(state);
	}
	heartbeat.boottime_ms -= (uint64_t)age_ms;
	heartbeat.time_ms -= age_ms;
	return ret == 0 ? commit(state, db_state_put_heartbeat(state, &heartbeat))
			: ret;
}

static int
put_named(struct db_state *state, char *const word[], int count)
{
	uint32_t addr;
	int64_t time_ms = 0;
	int ret = count == 3 ? ip4_parse(word[1], &addr) : ERR_RANGE;
	if (ret == 0) {
		ret = read_ms(word[2], &time_ms);
	}
	if (ret == 0) {
		ret = db_state_begin(state);
	}
	return ret == 0
	    ? commit(state, db_state_put_named(state, word[0], addr, time_ms))
	    : ret;
}

/* ---- verbs of the map */

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

static int
hold(struct db_env *env)
{
	(void)env;
	(void)puts("held");
	(void)fflush(stdout);
	while (pause() != 0) {
		/* only a signal that kills ends it */
	}
	return 0;
}

/* ---- */

static const struct {
	const char *name;
	int (*of_map)(struct db_env *env);
	int (*of_state)(struct db_state *state, char *const word[], int count);
} verbs[] = {
    {"hold", hold, NULL},
    {"major", put_major, NULL},
    {"verdict", NULL, put_verdict},
    {"account", NULL, put_account},
    {"forget", NULL, forget},
    {"heartbeat", NULL, put_heartbeat},
    {"named", NULL, put_named},
};
enum { VERBS = (int)(sizeof(verbs) / sizeof(verbs[0])) };

static int
on_map(int (*verb)(struct db_env *env), const char *dir)
{
	struct db_env *env;
	bool is_new;
	int ret = env_open_writer(DB_MAP, dir, &env);
	if (ret != 0) {
		return ret;
	}
	ret = env_write_begin(env, &is_new);
	if (ret == 0) {
		ret = verb(env);
	}
	if (ret == 0) {
		ret = env_write_commit(env);
	}
	db_env_close(env);
	return ret;
}

static int
on_state(int (*verb)(struct db_state *state, char *const word[], int count),
    const char *dir, char *const word[], int count)
{
	struct db_state *state;
	int ret = db_state_open(dir, &state);
	if (ret == 0) {
		ret = verb(state, word, count);
		db_state_close(state);
	}
	return ret;
}

int
main(int argc, char **argv)
{
	int verb = 0;
	while (verb < VERBS && (argc < 3 || strcmp(argv[1], verbs[verb].name) != 0)) {
		verb++;
	}
	if (verb == VERBS) {
		(void)fputs(usage, stderr);
		return 2;
	}
	int ret = verbs[verb].of_map != NULL
	    ? on_map(verbs[verb].of_map, argv[2])
	    : on_state(verbs[verb].of_state, argv[2], argv + 3, argc - 3);
	if (ret != 0) {
		(void)fprintf(stderr, "dbtool: %s\n", err_str(ret));
	}
	return ret == 0 ? 0 : 1;
}
