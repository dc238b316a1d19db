/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/codec.h"
#include "db/store.h"
#include "tests/unit/db_unit.h"

/* What the watcher writes is what everybody else reads. */

static struct db_state *
state_open(void)
{
	struct db_state *state;
	ck_assert_int_eq(db_state_open(scratch.state, &state), 0);
	return state;
}

static struct db_snapshot
reader_begin(void)
{
	struct db_snapshot snap = {0};
	ck_assert_int_eq(db_env_open(DB_STATE, scratch.state, 1, &snap.state), 0);
	ck_assert_int_eq(db_reader_begin(snap.state, 0), 0);
	return snap;
}

static void
reader_end(struct db_snapshot *snap)
{
	db_reader_end(snap->state, 0);
	db_env_close(snap->state);
}

static const struct db_verdict_key about = {
    DB_ROLE_TFTP, "East", 0x0a01000b, "ARDBP32.BIN"};

/* One account in a transaction of its own. */
static void
put_account(const struct db_verdict_key *key, const struct db_health *health)
{
	struct db_state *state = state_open();
	ck_assert_int_eq(db_state_begin(state), 0);
	ck_assert_int_eq(db_state_put_health(state, key, health), 0);
	ck_assert_int_eq(db_state_commit(state), 0);
	db_state_close(state);
}

static void
assert_health(const struct db_health *got, const struct db_health *want)
{
	ck_assert_int_eq(got->verdict, want->verdict);
	ck_assert_int_eq(got->since_ms, want->since_ms);
	ck_assert_uint_eq(got->probes, want->probes);
	ck_assert_uint_eq(got->failures, want->failures);
	ck_assert_uint_eq(got->consecutive, want->consecutive);
	ck_assert_int_eq(got->last_good, want->last_good);
	ck_assert_int_eq(got->last_ms, want->last_ms);
	ck_assert_int_eq(got->last_good_ms, want->last_good_ms);
	ck_assert_int_eq(got->last_bad_ms, want->last_bad_ms);
	ck_assert_uint_eq(got->latency_ms, want->latency_ms);
	ck_assert_str_eq(got->error, want->error);
	ck_assert_int_eq(got->has_sha256, want->has_sha256);
	ck_assert_mem_eq(got->sha256, want->sha256, sizeof(got->sha256));
	ck_assert_uint_eq(got->size, want->size);
	ck_assert_int_eq(got->sha256_since_ms, want->sha256_since_ms);
	ck_assert_int_eq(got->drifts, want->drifts);
	ck_assert_mem_eq(got->expected, want->expected, sizeof(got->expected));
	ck_assert_int_eq(got->drifts_since_ms, want->drifts_since_ms);
	ck_assert_uint_eq(got->revision, want->revision);
}

START_TEST(an_account_survives_the_round_trip_and_carries_the_verdict)
{
	struct db_health got;
	enum db_verdict verdict;
	const struct db_health want = sample_health();
	const struct db_verdict_key found = {
	    DB_ROLE_TFTP, "eAST", 0x0a01000b, "ardbp32.bin"};
	put_account(&about, &want);
	struct db_snapshot snap = reader_begin();
	ck_assert_int_eq(db_state_health(&snap, &found, &got), 0);
	assert_health(&got, &want);
	ck_assert_int_eq(db_source.verdict(&snap, &found, &verdict), 0);
	ck_assert_int_eq(verdict, DB_VERDICT_DOWN);
	reader_end(&snap);
}
END_TEST

START_TEST(an_account_without_a_file_or_an_error_is_short)
{
	struct db_health got;
	const struct db_health want = {
	    .verdict = DB_VERDICT_UP, .probes = 1, .last_good = true};
	put_account(&about, &want);
	struct db_snapshot snap = reader_begin();
	ck_assert_int_eq(db_state_health(&snap, &about, &got), 0);
	assert_health(&got, &want);
	reader_end(&snap);
}
END_TEST

/* The fields of the stored verdict, in the writer's transaction. */
static struct rd
stored_verdict(struct db_state *state)
{
	struct key key;
	struct rd fields;
	const struct db_snapshot *snap = db_state_snapshot(state);
	ck_assert_int_eq(key_verdict(&about, &key), 0);
	ck_assert_int_eq(store_get(&snap->state->reader[0], &key, &fields), 0);
	return fields;
}

static void
put_verdict_with_a_mark(struct db_state *state, enum db_verdict verdict)
{
	struct key key;
	uint8_t bytes[64];
	struct wr w = value_begin(bytes, sizeof(bytes));
	codec_put_verdict(&w, verdict);
	field_put_u8(&w, 200, 1);
	ck_assert_int_eq(key_verdict(&about, &key), 0);
	const struct db_snapshot *snap = db_state_snapshot(state);
	ck_assert_int_eq(store_put(&snap->state->reader[0], &key, bytes, &w), 0);
}

START_TEST(a_verdict_is_written_only_when_it_changes)
{
	struct db_health health = sample_health();
	struct db_state *state = state_open();
	ck_assert_int_eq(db_state_begin(state), 0);
	put_verdict_with_a_mark(state, health.verdict);
	size_t marked = stored_verdict(state).left;
	ck_assert_int_eq(db_state_put_health(state, &about, &health), 0);
	ck_assert_uint_eq(stored_verdict(state).left, marked);
	health.verdict = DB_VERDICT_UP;
	ck_assert_int_eq(db_state_put_health(state, &about, &health), 0);
	ck_assert_uint_lt(stored_verdict(state).left, marked);
	ck_assert_int_eq(db_state_commit(state), 0);
	db_state_close(state);
}
END_TEST

START_TEST(a_deleted_account_takes_its_verdict_along)
{
	struct db_health health = sample_health();
	enum db_verdict verdict;
	const struct db_verdict_key other = {DB_ROLE_LOGIN, "East", 0x0a01000b, ""};
	put_account(&about, &health);
	put_account(&other, &health);
	struct db_state *state = state_open();
	struct db_snapshot *snap = db_state_snapshot(state);
	ck_assert_int_eq(db_state_begin(state), 0);
	ck_assert_int_eq(db_state_del(state, &about), 0);
	ck_assert_int_eq(db_state_del(state, &about), ERR_NOTFOUND);
	ck_assert_int_eq(db_state_health(snap, &about, &health), ERR_NOTFOUND);
	ck_assert_int_eq(db_source.verdict(snap, &about, &verdict), ERR_NOTFOUND);
	ck_assert_int_eq(db_state_health(snap, &other, &health), 0);
	ck_assert_int_eq(db_state_commit(state), 0);
	db_state_close(state);
}
END_TEST

START_TEST(a_verdict_without_an_account_can_be_deleted)
{
	enum db_verdict verdict;
	const struct db_verdict_entry entry = {about, DB_VERDICT_UP};
	struct db_state *state = state_open();
	ck_assert_int_eq(db_state_put(state, &entry, 1), 0);
	ck_assert_int_eq(db_state_begin(state), 0);
	ck_assert_int_eq(db_state_del(state, &about), 0);
	ck_assert_int_eq(db_source.verdict(db_state_snapshot(state), &about, &verdict),
	    ERR_NOTFOUND);
	db_state_abort(state);
	db_state_close(state);
}
END_TEST

/* In the order of the walk. */
static const struct db_verdict_key walked[] = {
    {DB_ROLE_TFTP, "east", 0x0a01000b, "ardbp32.bin"},
    {DB_ROLE_TFTP, "east", 0x0a01000b, "pvsnbpx64.efi"},
    {DB_ROLE_TFTP, "east", 0x0a01010b, "ardbp32.bin"},
    {DB_ROLE_TFTP, "east-2", 0x0a01000b, "ardbp32.bin"},
    {DB_ROLE_TFTP, "west", 1, "ardbp32.bin"},
    {DB_ROLE_LOGIN, "east", 0x0a01000b, ""},
    {DB_ROLE_BOOT_SERVER, "", 0, ""},
    {DB_ROLE_BOOT_SERVER, "", 0x0a000005, ""},
    {DB_ROLE_TSB, "east", 0x0a01000b, ""},
    {DB_ROLE_PXE, "east", 0x0a01000b, ""},
};
enum { WALKED = (int)(sizeof(walked) / sizeof(walked[0])) };

struct walk {
	unsigned seen;
	unsigned stop_at; /* 0: never */
};

static int
see(void *ctx, const struct db_verdict_key *key, const struct db_health *health)
{
	struct walk *walk = ctx;
	const struct db_verdict_key *want = &walked[walk->seen];
	ck_assert_int_eq(key->role, want->role);
	ck_assert_str_eq(key->farm, want->farm);
	ck_assert_uint_eq(key->addr, want->addr);
	ck_assert_str_eq(key->file, want->file);
	ck_assert_uint_eq(health->probes, walk->seen);
	return ++walk->seen == walk->stop_at ? 42 : 0;
}

START_TEST(accounts_are_visited_in_order_until_told_to_stop)
{
	struct walk whole = {0};
	struct walk part = {.stop_at = 3};
	struct db_state *state = state_open();
	ck_assert_int_eq(db_state_begin(state), 0);
	for (unsigned i = WALKED; i-- > 0;) {
		const struct db_health health = {.probes = i};
		ck_assert_int_eq(db_state_put_health(state, &walked[i], &health), 0);
	}
	ck_assert_int_eq(db_state_walk(db_state_snapshot(state), see, &part), 42);
	ck_assert_uint_eq(part.seen, 3);
	ck_assert_int_eq(db_state_commit(state), 0);
	db_state_close(state);
	struct db_snapshot snap = reader_begin();
	ck_assert_int_eq(db_state_walk(&snap, see, &whole), 0);
	ck_assert_uint_eq(whole.seen, WALKED);
	reader_end(&snap);
}
END_TEST

static int
never(void *ctx, const struct db_verdict_key *key, const struct db_health *health)
{
	(void)ctx;
	(void)key;
	(void)health;
	ck_abort_msg("visited");
}

START_TEST(no_state_holds_nothing)
{
	const struct db_snapshot none = {0};
	struct db_health health;
	struct db_heartbeat heartbeat;
	int64_t time_ms;
	ck_assert_int_eq(db_state_heartbeat(&none, &heartbeat), ERR_NOTFOUND);
	ck_assert_int_eq(db_state_health(&none, &about, &health), ERR_NOTFOUND);
	ck_assert_int_eq(db_state_named(&none, "east", 1, &time_ms), ERR_NOTFOUND);
	ck_assert_int_eq(db_state_walk(&none, never, NULL), 0);
}
END_TEST

START_TEST(a_new_state_holds_nothing)
{
	struct db_health health;
	struct db_heartbeat heartbeat;
	int64_t time_ms;
	db_state_close(state_open());
	struct db_snapshot snap = reader_begin();
	ck_assert_int_eq(db_state_heartbeat(&snap, &heartbeat), ERR_NOTFOUND);
	ck_assert_int_eq(db_state_health(&snap, &about, &health), ERR_NOTFOUND);
	ck_assert_int_eq(db_state_named(&snap, "", 1, &time_ms), ERR_NOTFOUND);
	ck_assert_int_eq(db_state_walk(&snap, never, NULL), 0);
	reader_end(&snap);
}
END_TEST

START_TEST(names_too_long_for_any_record_are_refused_and_found_nowhere)
{
	static const char farm[] = "a-name-that-is-longer-than-any-farm-name";
	const struct db_verdict_key key = {DB_ROLE_TFTP, farm, 1, "x"};
	struct db_health health = sample_health();
	int64_t time_ms;
	struct db_state *state = state_open();
	struct db_snapshot *snap = db_state_snapshot(state);
	ck_assert_int_eq(db_state_begin(state), 0);
	ck_assert_int_eq(db_state_put_health(state, &key, &health), ERR_RANGE);
	ck_assert_int_eq(db_state_put_named(state, farm, 1, 1), ERR_RANGE);
	ck_assert_int_eq(db_state_health(snap, &key, &health), ERR_NOTFOUND);
	ck_assert_int_eq(db_state_named(snap, farm, 1, &time_ms), ERR_NOTFOUND);
	ck_assert_int_eq(db_state_del(state, &key), ERR_NOTFOUND);
	db_state_abort(state);
	db_state_close(state);
}
END_TEST

START_TEST(what_is_aborted_was_never_written)
{
	struct db_health health = sample_health();
	struct db_state *state = state_open();
	ck_assert_int_eq(db_state_begin(state), 0);
	ck_assert_int_eq(db_state_put_health(state, &about, &health), 0);
	db_state_abort(state);
	db_state_abort(state);
	ck_assert_int_eq(db_state_begin(state), 0);
	ck_assert_int_eq(
	    db_state_health(db_state_snapshot(state), &about, &health), ERR_NOTFOUND);
	ck_assert_int_eq(db_state_commit(state), 0);
	db_state_close(state);
}
END_TEST

START_TEST(servers_are_told_apart_by_when_they_were_named)
{
	int64_t time_ms;
	struct db_state *state = state_open();
	struct db_snapshot *snap = db_state_snapshot(state);
	ck_assert_int_eq(db_state_begin(state), 0);
	ck_assert_int_eq(db_state_put_named(state, "East", 1, 1700000000250), 0);
	ck_assert_int_eq(db_state_put_named(state, "", 1, 5), 0);
	ck_assert_int_eq(db_state_put_named(state, "", 1, 6), 0);
	ck_assert_int_eq(db_state_named(snap, "eAST", 1, &time_ms), 0);
	ck_assert_int_eq(time_ms, 1700000000250);
	ck_assert_int_eq(db_state_named(snap, "", 1, &time_ms), 0);
	ck_assert_int_eq(time_ms, 6);
	ck_assert_int_eq(db_state_named(snap, "east", 2, &time_ms), ERR_NOTFOUND);
	db_state_abort(state);
	db_state_close(state);
}
END_TEST

START_TEST(a_heartbeat_survives_the_round_trip)
{
	struct db_heartbeat got;
	const struct db_heartbeat want = sample_heartbeat();
	struct db_state *state = state_open();
	ck_assert_int_eq(db_state_begin(state), 0);
	ck_assert_int_eq(db_state_put_heartbeat(state, &want), 0);
	ck_assert_int_eq(db_state_commit(state), 0);
	db_state_close(state);
	struct db_snapshot snap = reader_begin();
	ck_assert_int_eq(db_state_heartbeat(&snap, &got), 0);
	ck_assert_mem_eq(got.boot_id, want.boot_id, sizeof(got.boot_id));
	ck_assert_uint_eq(got.boottime_ms, want.boottime_ms);
	ck_assert_int_eq(got.time_ms, want.time_ms);
	ck_assert_uint_eq(got.pid, want.pid);
	ck_assert_uint_eq(got.revision, want.revision);
	reader_end(&snap);
}
END_TEST

static const struct {
	uint64_t boottime_ms, now_ms;
	bool same_boot;
	int64_t age_ms;
} ages[] = {
    {1000, 1000, true, 0},
    {1000, 11001, true, 10001},
    {1001, 1000, true, INT64_MAX},  /* of the future */
    {1000, 1000, false, INT64_MAX}, /* of another boot */
    {0, 3600000, false, INT64_MAX},
};

START_TEST(a_heartbeat_is_as_old_as_this_boot_knows)
{
	struct db_heartbeat heartbeat = sample_heartbeat();
	struct db_heartbeat now = heartbeat;
	heartbeat.boottime_ms = ages[_i].boottime_ms;
	now.boottime_ms = ages[_i].now_ms;
	now.boot_id[DB_BOOT_ID_LEN - 1] ^= ages[_i].same_boot ? 0 : 1;
	ck_assert_int_eq(db_heartbeat_age_ms(&heartbeat, &now), ages[_i].age_ms);
}
END_TEST

START_TEST(now_is_a_heartbeat_of_this_process_and_boot)
{
	static const uint8_t zeroes[DB_BOOT_ID_LEN];
	struct db_heartbeat first;
	struct db_heartbeat second;
	ck_assert_int_eq(db_heartbeat_now(&first), 0);
	ck_assert_int_eq(db_heartbeat_now(&second), 0);
	ck_assert_uint_eq(first.pid, (uint32_t)getpid());
	ck_assert_uint_eq(first.revision, 0);
	ck_assert_mem_ne(first.boot_id, zeroes, sizeof(zeroes));
	ck_assert_mem_eq(first.boot_id, second.boot_id, sizeof(zeroes));
	ck_assert_uint_ge(second.boottime_ms, first.boottime_ms);
	ck_assert_int_ge(db_heartbeat_age_ms(&first, &second), 0);
}
END_TEST

enum { MANY = 10000 };

static int
count(void *ctx, const struct db_verdict_key *key, const struct db_health *health)
{
	unsigned *seen = ctx;
	ck_assert_uint_eq(key->addr, *seen / 2);
	ck_assert_uint_eq(health->probes, *seen);
	++*seen;
	return 0;
}

START_TEST(ten_thousand_accounts_fit_and_are_written_again_and_again)
{
	static const char *const files[] = {"ARDBP32.BIN", "pvsnbpx64.efi"};
	struct db_health health = sample_health();
	unsigned seen = 0;
	struct db_state *state = state_open();
	memset(health.error, 'e', DB_HEALTH_ERROR_MAX);
	for (unsigned round = 0; round < 5; round++) {
		ck_assert_int_eq(db_state_begin(state), 0);
		for (unsigned i = 0; i < MANY; i++) {
			const struct db_verdict_key key = {
			    DB_ROLE_TFTP, "east", i / 2, files[i % 2]};
			health.probes = i;
			health.verdict =
			    round % 2 == 0 ? DB_VERDICT_UP : DB_VERDICT_DOWN;
			ck_assert_int_eq(db_state_put_health(state, &key, &health), 0);
		}
		ck_assert_int_eq(db_state_commit(state), 0);
	}
	db_state_close(state);
	struct db_snapshot snap = reader_begin();
	ck_assert_int_eq(db_state_walk(&snap, count, &seen), 0);
	ck_assert_uint_eq(seen, MANY);
	reader_end(&snap);
}
END_TEST

/* A state as format 1.0 left it: a verdict, and nothing else. */
static void
put_old_state(void)
{
	struct key key;
	uint8_t bytes[64];
	const struct db_verdict_entry entry = {about, DB_VERDICT_DOWN};
	struct db_state *state = state_open();
	ck_assert_int_eq(db_state_put(state, &entry, 1), 0);
	ck_assert_int_eq(db_state_begin(state), 0);
	struct wr w = value_begin(bytes, sizeof(bytes));
	codec_put_format(&w, &(struct codec_format){.kind = DB_STATE, .major = 1});
	key_single(KEY_FORMAT, &key);
	const struct db_snapshot *snap = db_state_snapshot(state);
	ck_assert_int_eq(store_put(&snap->state->reader[0], &key, bytes, &w), 0);
	ck_assert_int_eq(db_state_commit(state), 0);
	db_state_close(state);
}

static unsigned
minor_of(const struct db_snapshot *snap)
{
	struct key key;
	struct rd fields;
	struct codec_format format;
	key_single(KEY_FORMAT, &key);
	ck_assert_int_eq(store_get(&snap->state->reader[0], &key, &fields), 0);
	ck_assert_int_eq(codec_get_format(fields, &format), 0);
	return format.minor;
}

START_TEST(a_state_of_format_1_0_is_read_and_written_on)
{
	struct db_health health;
	enum db_verdict verdict;
	put_old_state();
	struct db_snapshot snap = reader_begin();
	ck_assert_uint_eq(minor_of(&snap), 0);
	ck_assert_int_eq(db_source.verdict(&snap, &about, &verdict), 0);
	ck_assert_int_eq(verdict, DB_VERDICT_DOWN);
	ck_assert_int_eq(db_state_health(&snap, &about, &health), ERR_NOTFOUND);
	reader_end(&snap);
	db_state_close(state_open());
	snap = reader_begin();
	ck_assert_uint_eq(minor_of(&snap), DB_FORMAT_MINOR);
	ck_assert_int_eq(db_source.verdict(&snap, &about, &verdict), 0);
	reader_end(&snap);
}
END_TEST

/* Puts a value under a key of the state, past every check. */
static void
put_raw(const struct key *key, uint8_t *value, size_t len)
{
	struct db_state *state = state_open();
	ck_assert_int_eq(db_state_begin(state), 0);
	MDB_val k = {.mv_size = key->len, .mv_data = (void *)(uintptr_t)key->b};
	MDB_val v = {.mv_size = len, .mv_data = value};
	const struct db_snapshot *snap = db_state_snapshot(state);
	ck_assert_int_eq(mdb_put(snap->state->reader[0].txn, MAIN_DBI, &k, &v, 0), 0);
	ck_assert_int_eq(db_state_commit(state), 0);
	db_state_close(state);
}

START_TEST(a_damaged_account_is_reported_and_leaves_the_verdict)
{
	struct key key;
	enum db_verdict verdict;
	struct db_health health = sample_health();
	uint8_t bytes[] = {0, 0, 0, 0, VALUE_VERSION, 1};
	put_account(&about, &health);
	ck_assert_int_eq(key_health(&about, &key), 0);
	put_raw(&key, bytes, sizeof(bytes));
	struct db_snapshot snap = reader_begin();
	ck_assert_int_eq(db_state_health(&snap, &about, &health), ERR_CHECKSUM);
	ck_assert_int_eq(db_state_walk(&snap, never, NULL), ERR_CHECKSUM);
	ck_assert_int_eq(db_source.verdict(&snap, &about, &verdict), 0);
	reader_end(&snap);
	value_seal(&key, bytes, sizeof(bytes));
	put_raw(&key, bytes, sizeof(bytes));
	snap = reader_begin();
	ck_assert_int_eq(db_state_health(&snap, &about, &health), ERR_MALFORMED);
	ck_assert_int_eq(db_state_walk(&snap, never, NULL), ERR_MALFORMED);
	reader_end(&snap);
}
END_TEST

static const struct {
	size_t len;
	const char *bytes;
} wrong_keys[] = {
    {1, "\x31"},                            /* no body */
    {6, "\x31\1east"},                      /* no end of the farm */
    {9, "\x31\1east\0\1\2"},                /* half an address */
    {12, "\x31\1ea/t\0\1\2\3\4x"},          /* a path for a farm */
    {12, "\x31\1east\0\1\2\3\4/"},          /* a path for a file */
    {13, "\x31\1east\0\1\2\3\4x\0"},        /* a NUL in the file */
    {13, "\x31\1e\xff\xff\xff\0\1\2\3\4x"}, /* bytes for a farm */
};

START_TEST(an_account_under_a_wrong_key_is_malformed)
{
	struct key key = {.len = wrong_keys[_i].len};
	const struct db_health health = sample_health();
	uint8_t bytes[512];
	memcpy(key.b, wrong_keys[_i].bytes, key.len);
	struct wr w = value_begin(bytes, sizeof(bytes));
	codec_put_health(&w, &health);
	size_t len = wr_len(&w, bytes);
	value_seal(&key, bytes, len);
	put_raw(&key, bytes, len);
	struct db_snapshot snap = reader_begin();
	ck_assert_int_eq(db_state_walk(&snap, never, NULL), ERR_MALFORMED);
	reader_end(&snap);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("db_state");
	TCase *tc = tcase_create("state");
	tcase_add_checked_fixture(tc, scratch_setup, scratch_teardown);
	tcase_add_test(tc, an_account_survives_the_round_trip_and_carries_the_verdict);
	tcase_add_test(tc, an_account_without_a_file_or_an_error_is_short);
	tcase_add_test(tc, a_verdict_is_written_only_when_it_changes);
	tcase_add_test(tc, a_deleted_account_takes_its_verdict_along);
	tcase_add_test(tc, a_verdict_without_an_account_can_be_deleted);
	tcase_add_test(tc, accounts_are_visited_in_order_until_told_to_stop);
	tcase_add_test(tc, no_state_holds_nothing);
	tcase_add_test(tc, a_new_state_holds_nothing);
	tcase_add_test(tc, names_too_long_for_any_record_are_refused_and_found_nowhere);
	tcase_add_test(tc, what_is_aborted_was_never_written);
	tcase_add_test(tc, servers_are_told_apart_by_when_they_were_named);
	tcase_add_test(tc, a_heartbeat_survives_the_round_trip);
	tcase_add_loop_test(tc, a_heartbeat_is_as_old_as_this_boot_knows, 0,
	    (int)(sizeof(ages) / sizeof(ages[0])));
	tcase_add_test(tc, now_is_a_heartbeat_of_this_process_and_boot);
	tcase_add_test(tc, ten_thousand_accounts_fit_and_are_written_again_and_again);
	tcase_add_test(tc, a_state_of_format_1_0_is_read_and_written_on);
	tcase_add_test(tc, a_damaged_account_is_reported_and_leaves_the_verdict);
	tcase_add_loop_test(tc, an_account_under_a_wrong_key_is_malformed, 0,
	    (int)(sizeof(wrong_keys) / sizeof(wrong_keys[0])));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
