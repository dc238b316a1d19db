/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/codec.h"
#include "db/store.h"
#include "tests/unit/db_unit.h"

/* What an opened database is found to be, and what becomes of it. */

enum { PAGE = 4096 };

START_TEST(nothing_committed_is_empty)
{
	struct db_write *w;
	ck_assert_int_eq(db_write_begin(scratch.map, &w), 0);
	ck_assert(db_write_is_new(w));
	db_write_abort(w);
	ck_assert_int_eq(map_try_open(), ERR_EMPTY);
	ck_assert_int_eq(db_write_begin(scratch.map, &w), 0);
	ck_assert(db_write_is_new(w));
	db_write_abort(w);
}
END_TEST

/* Puts a record as it could come from another version of ours. */
static void
put_raw(enum key_kind kind, const uint8_t *fields, size_t len)
{
	struct db_env *env;
	struct key key;
	uint8_t bytes[256];
	bool is_new;
	struct wr w = value_begin(bytes, sizeof(bytes));
	wr_bytes(&w, fields, len);
	ck_assert_int_eq(env_open_writer(DB_MAP, scratch.map, &env), 0);
	ck_assert_int_eq(env_write_begin(env, &is_new), 0);
	key_single(kind, &key);
	ck_assert_int_eq(store_put(&env->reader[0], &key, bytes, &w), 0);
	ck_assert_int_eq(env_write_commit(env), 0);
	db_env_close(env);
}

static void
put_format(uint8_t kind, uint16_t major, uint16_t minor)
{
	uint8_t fields[64];
	struct wr w = wr_init(fields, sizeof(fields));
	const struct codec_format format = {kind, major, minor};
	codec_put_format(&w, &format);
	field_put_be32(&w, 99, 1);
	put_raw(KEY_FORMAT, fields, wr_len(&w, fields));
}

START_TEST(another_major_is_refused_by_readers_and_writers)
{
	struct db_write *w;
	map_write_devices(1);
	put_format(DB_MAP, DB_FORMAT_MAJOR + 1, 0);
	ck_assert_int_eq(map_try_open(), ERR_FORMAT);
	ck_assert_int_eq(db_write_begin(scratch.map, &w), ERR_FORMAT);
}
END_TEST

START_TEST(a_newer_minor_with_fields_unknown_to_us_is_taken)
{
	struct db_info info;
	uint8_t fields[128];
	struct db_info newer = {.revision = 9, .devices = 1};
	map_write_devices(1);
	put_format(DB_MAP, DB_FORMAT_MAJOR, DB_FORMAT_MINOR + 7);
	struct wr w = wr_init(fields, sizeof(fields));
	field_put_text(&w, 120, "unknown to us");
	codec_put_info(&w, &newer);
	put_raw(KEY_INFO, fields, wr_len(&w, fields));
	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_map_info(&snap, &info), 0);
	ck_assert_uint_eq(info.format_minor, DB_FORMAT_MINOR + 7);
	ck_assert_uint_eq(info.revision, 9);
	snapshot_end(&snap);
	map_write_devices(2);
	snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_map_info(&snap, &info), 0);
	ck_assert_uint_eq(info.format_minor, DB_FORMAT_MINOR + 7);
	ck_assert_uint_eq(info.revision, 10);
	snapshot_end(&snap);
}
END_TEST

START_TEST(a_state_is_not_a_map)
{
	struct db_state *state;
	struct db_env *env;
	struct db_write *w;
	ck_assert_int_eq(db_state_open(scratch.state, &state), 0);
	db_state_close(state);
	ck_assert_int_eq(db_env_open(DB_MAP, scratch.state, 1, &env), ERR_FORMAT);
	ck_assert_int_eq(db_write_begin(scratch.state, &w), ERR_FORMAT);
	ck_assert_int_eq(db_env_open(DB_STATE, scratch.state, 1, &env), 0);
	db_env_close(env);
}
END_TEST

START_TEST(a_database_of_another_program_is_refused)
{
	struct db_env *env;
	struct db_write *w;
	struct key key;
	bool is_new;
	map_write_devices(1);
	ck_assert_int_eq(env_open_writer(DB_MAP, scratch.map, &env), 0);
	ck_assert_int_eq(env_write_begin(env, &is_new), 0);
	key_single(KEY_FORMAT, &key);
	ck_assert_int_eq(store_del(&env->reader[0], &key), 0);
	ck_assert_int_eq(env_write_commit(env), 0);
	db_env_close(env);
	ck_assert_int_eq(map_try_open(), ERR_NOTDB);
	ck_assert_int_eq(db_write_begin(scratch.map, &w), ERR_NOTDB);
}
END_TEST

/* Where text stands in data.mdb last. */
static off_t
find_in_data(const char *text)
{
	static char bytes[256 * PAGE];
	FILE *file = fopen(map_file("data.mdb"), "r");
	size_t len = fread(bytes, 1, sizeof(bytes), file);
	off_t found = -1;
	(void)fclose(file);
	for (size_t i = 0; i + strlen(text) <= len; i++) {
		if (memcmp(bytes + i, text, strlen(text)) == 0) {
			found = (off_t)i;
		}
	}
	ck_assert_int_ge(found, 0);
	return found;
}

struct bad {
	unsigned count;
	uint8_t kind;
	int err;
};

static int
note_bad(void *ctx, const uint8_t *key, size_t key_len, int err)
{
	struct bad *bad = ctx;
	ck_assert_uint_gt(key_len, 0);
	bad->count++;
	bad->kind = key[0];
	bad->err = err;
	return 0;
}

START_TEST(a_damaged_value_is_reported_and_harms_no_other)
{
	struct db_device device = sample_device(1);
	struct db_device got;
	struct bad bad = {0};
	uint64_t records;
	struct db_write *w;
	(void)snprintf(device.note, sizeof(device.note), "to be damaged");
	ck_assert_int_eq(db_write_begin(scratch.map, &w), 0);
	ck_assert_int_eq(db_put_device(w, &device), 0);
	const struct db_device other = sample_device(2);
	ck_assert_int_eq(db_put_device(w, &other), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
	map_poke(find_in_data("to be damaged"), "T", 1);

	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_source.device(&snap, &device.mac, &got), ERR_CHECKSUM);
	ck_assert_int_eq(db_source.device(&snap, &other.mac, &got), 0);
	ck_assert_int_eq(db_verify(snap.map, 0, note_bad, &bad, &records), 0);
	ck_assert_uint_eq(bad.count, 1);
	ck_assert_uint_eq(bad.kind, KEY_DEVICE);
	ck_assert_int_eq(bad.err, ERR_CHECKSUM);
	ck_assert_uint_eq(records, 4);
	snapshot_end(&snap);

	/* Deleting or replacing it heals the map. */
	ck_assert_int_eq(db_write_begin(scratch.map, &w), 0);
	ck_assert_int_eq(db_put_device(w, &device), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
	snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_source.device(&snap, &device.mac, &got), 0);
	snapshot_end(&snap);
}
END_TEST

START_TEST(a_damaged_old_entry_of_history_does_not_stop_apply)
{
	struct db_info info;
	for (unsigned i = 1; i <= 21; i++) {
		char config[32];
		(void)snprintf(config, sizeof(config), "{\"damage\":%u}", i);
		const struct db_history history = {
		    .config = config, .config_len = strlen(config)};
		struct db_write *w = map_begin();
		ck_assert_int_eq(db_put_config(w, &history), 0);
		ck_assert_int_eq(db_write_commit(w), 0);
		if (i == 1) {
			map_poke(find_in_data("{\"damage\":1}"), "[", 1);
		}
	}
	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_map_info(&snap, &info), 0);
	ck_assert_uint_eq(info.revision, 21);
	snapshot_end(&snap);
}
END_TEST

START_TEST(one_database_is_open_once_in_a_process)
{
	struct db_env *env;
	struct db_env *again;
	struct db_write *w;
	char alias[UNIT_PATH];
	map_write_devices(1);
	(void)snprintf(alias, sizeof(alias), "%s/alias", scratch.root);
	ck_assert_int_eq(symlink(scratch.map, alias), 0);
	ck_assert_int_eq(db_env_open(DB_MAP, scratch.map, 1, &env), 0);
	ck_assert_int_eq(db_env_open(DB_MAP, scratch.map, 1, &again), ERR_EXISTS);
	ck_assert_int_eq(db_env_open(DB_MAP, alias, 1, &again), ERR_EXISTS);
	ck_assert_int_eq(db_write_begin(scratch.map, &w), ERR_EXISTS);
	ck_assert_int_eq(db_reader_begin(env, 0), 0);
	db_reader_end(env, 0);
	db_env_close(env);
	ck_assert_int_eq(map_try_open(), 0);
	ck_assert_int_eq(unlink(alias), 0);
}
END_TEST

START_TEST(each_reader_has_its_own_snapshot)
{
	struct db_env *env;
	map_write_devices(1);
	ck_assert_int_eq(db_env_open(DB_MAP, scratch.map, 0, &env), ERR_RANGE);
	ck_assert_int_eq(db_env_open(DB_MAP, scratch.map, 257, &env), ERR_RANGE);
	ck_assert_int_eq(db_env_open(DB_MAP, scratch.map, 256, &env), 0);
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 256; i++) {
			ck_assert_int_eq(db_reader_begin(env, i), 0);
		}
		for (unsigned i = 0; i < 256; i++) {
			struct db_info info;
			const struct db_snapshot snap = {.map = env, .i = i};
			ck_assert_int_eq(db_map_info(&snap, &info), 0);
			db_reader_end(env, i);
		}
	}
	db_env_close(env);
}
END_TEST

START_TEST(a_removed_folder_is_orphaned_and_still_read)
{
	struct db_env *env;
	struct db_device got;
	const struct db_device device = sample_device(0);
	char moved[UNIT_PATH];
	map_write_devices(1);
	(void)snprintf(moved, sizeof(moved), "%s/moved", scratch.root);
	ck_assert_int_eq(db_env_open(DB_MAP, scratch.map, 1, &env), 0);
	struct db_snapshot snap = {.map = env};
	ck_assert_int_eq(db_env_check(env), DB_ENV_SAME);
	ck_assert_int_eq(rename(scratch.map, moved), 0);
	ck_assert_int_eq(db_env_check(env), DB_ENV_ORPHANED);
	ck_assert_int_eq(mkdir(scratch.map, 0770), 0);
	ck_assert_int_eq(db_env_check(env), DB_ENV_ORPHANED);
	scratch_remove(moved);
	ck_assert_int_eq(db_reader_begin(env, 0), 0);
	ck_assert_int_eq(db_source.device(&snap, &device.mac, &got), 0);
	db_reader_end(env, 0);

	map_write_devices(2);
	ck_assert_int_eq(db_env_check(env), DB_ENV_REPLACED);
	struct db_env *fresh;
	ck_assert_int_eq(db_env_open(DB_MAP, scratch.map, 1, &fresh), 0);
	ck_assert_int_eq(db_env_check(fresh), DB_ENV_SAME);
	db_env_close(env);
	db_env_close(fresh);
}
END_TEST

START_TEST(a_state_that_was_discarded_is_no_longer_there_and_made_anew)
{
	struct db_state *state;
	struct db_state *fresh;
	const struct db_verdict_entry one = {
	    {DB_ROLE_TFTP, "east", 1, "a"}, DB_VERDICT_UP};
	ck_assert_int_eq(db_state_discard(scratch.state), ERR_NOTFOUND);
	ck_assert_int_eq(db_state_open(scratch.state, &state), 0);
	ck_assert(db_state_is_there(state));
	ck_assert_int_eq(db_state_discard(scratch.state), 0);
	ck_assert_int_eq(db_state_discard(scratch.state), 0);
	ck_assert(!db_state_is_there(state));
	ck_assert_int_eq(db_state_open(scratch.state, &fresh), 0);
	ck_assert(!db_state_is_there(state));
	ck_assert(db_state_is_there(fresh));
	ck_assert_int_eq(db_state_put(state, &one, 1), 0);
	ck_assert_int_eq(db_state_put(fresh, &one, 1), 0);
	db_state_close(state);
	db_state_close(fresh);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("db_env");
	TCase *tc = tcase_create("env");
	tcase_add_checked_fixture(tc, scratch_setup, scratch_teardown);
	tcase_add_test(tc, nothing_committed_is_empty);
	tcase_add_test(tc, another_major_is_refused_by_readers_and_writers);
	tcase_add_test(tc, a_newer_minor_with_fields_unknown_to_us_is_taken);
	tcase_add_test(tc, a_state_is_not_a_map);
	tcase_add_test(tc, a_database_of_another_program_is_refused);
	tcase_add_test(tc, a_damaged_value_is_reported_and_harms_no_other);
	tcase_add_test(tc, a_damaged_old_entry_of_history_does_not_stop_apply);
	tcase_add_test(tc, one_database_is_open_once_in_a_process);
	tcase_add_test(tc, each_reader_has_its_own_snapshot);
	tcase_add_test(tc, a_removed_folder_is_orphaned_and_still_read);
	tcase_add_test(tc, a_state_that_was_discarded_is_no_longer_there_and_made_anew);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
