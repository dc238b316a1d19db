/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/report/watcher.h"

#include "lib/report/report.h"
#include "lib/wire/arch.h"
#include "tests/unit/applied.h"

#define CONFIG                                                                         \
	"boot-servers: [10.0.0.5]\n"                                                   \
	"farms: {east: {servers: [10.1.0.11, 10.1.0.12], delivery: direct}}\n"         \
	"scopes: {default: east}\n"

/* The last sign of life in every test. */
static const struct db_heartbeat last = {.boot_id = {1, 2, 3},
    .boottime_ms = 5000000,
    .time_ms = 1795341600000,
    .pid = 812,
    .revision = 17};

static void
setup(void)
{
	scratch_setup();
	apply(CONFIG);
}

/* The watcher found that the first server is down and the second is up, and then lived. */
static void
watch(void)
{
	struct db_state *state;
	ck_assert_int_eq(db_state_open(scratch.state, &state), 0);
	ck_assert_int_eq(db_state_begin(state), 0);
	for (uint32_t i = 0; i < 2; i++) {
		const struct db_verdict_key key = {
		    DB_ROLE_TFTP, "east", 0x0a01000b + i, "pvsnbpx64.efi"};
		const struct db_health health = {
		    .verdict = i == 0 ? DB_VERDICT_DOWN : DB_VERDICT_UP};
		ck_assert_int_eq(db_state_put_health(state, &key, &health), 0);
	}
	ck_assert_int_eq(db_state_put_heartbeat(state, &last), 0);
	ck_assert_int_eq(db_state_commit(state), 0);
	db_state_close(state);
}

static void
assert_json(const struct watcher *watcher, const char *expected)
{
	json_t *object = watcher_json(watcher);
	char *text = json_dumps(object, 0);
	ck_assert_str_eq(text, expected);
	free(text);
	json_decref(object);
}

/* ---- the judgement */

#define WAS ", \"pid\": 812, \"revision\": 17}"

static const struct {
	int64_t later_ms;
	uint8_t boot; /* first byte of its id */
	const char *json;
	const char *sentence; /* NULL: none */
} rows[] = {
    {0, 1, "{\"state\": \"running\", \"age-s\": 0" WAS, NULL},
    {DB_FROZEN_MS, 1, "{\"state\": \"running\", \"age-s\": 10" WAS, NULL},
    {DB_FROZEN_MS + 1, 1, "{\"state\": \"frozen\", \"age-s\": 10" WAS,
	"verdicts are frozen: the watcher was last heard of 10 s ago"},
    {25999, 1, "{\"state\": \"frozen\", \"age-s\": 25" WAS,
	"verdicts are frozen: the watcher was last heard of 25 s ago"},
    {3600000, 1, "{\"state\": \"frozen\", \"age-s\": 3600" WAS,
	"verdicts are frozen: the watcher was last heard of 3600 s ago"},
    {0, 9, "{\"state\": \"frozen\", \"age-s\": null" WAS,
	"verdicts are frozen: the watcher was last heard of before this host "
	"started"},
};

START_TEST(a_watcher_that_was_not_heard_of_for_10_s_is_frozen)
{
	struct db_heartbeat now = last;
	struct watcher watcher;
	char text[WATCHER_TEXT];
	now.boottime_ms += (uint64_t)rows[_i].later_ms;
	now.boot_id[0] = rows[_i].boot;
	watch();
	struct db_snapshot snap = applied_begin();
	watcher_at(&snap, &now, &watcher);
	applied_end(&snap);
	ck_assert_pstr_eq(watcher_frozen(&watcher, text), rows[_i].sentence);
	assert_json(&watcher, rows[_i].json);
}
END_TEST

START_TEST(a_watcher_that_never_was_is_absent_and_freezes_nothing)
{
	struct watcher watcher;
	char text[WATCHER_TEXT];
	struct db_snapshot snap = applied_begin();
	ck_assert_ptr_null(snap.state);
	watcher_look(&snap, &watcher);
	applied_end(&snap);
	ck_assert_ptr_null(watcher_frozen(&watcher, text));
	assert_json(&watcher,
	    "{\"state\": \"absent\", \"age-s\": null, \"pid\": null, "
	    "\"revision\": null}");
}
END_TEST

START_TEST(a_sign_of_life_that_cannot_be_read_is_none)
{
	const struct watcher watcher = {
	    .condition = WATCHER_FROZEN, .err = ERR_CHECKSUM, .age_ms = INT64_MAX};
	char text[WATCHER_TEXT];
	ck_assert_ptr_nonnull(strstr(watcher_frozen(&watcher, text),
	    "the watcher's sign of life cannot be read: "));
	assert_json(&watcher,
	    "{\"state\": \"frozen\", \"age-s\": null, \"pid\": null, "
	    "\"revision\": null}");
}
END_TEST

/* ---- what it does to answers */

/* What "explain" says of a machine so long after the last sign of life. */
static json_t *
explained(int64_t later_ms, uint8_t mac)
{
	const struct boot_facts facts = {.client = BOOT_CLIENT_PXE,
	    .has_mac = true,
	    .mac = {{0, 0, 0, 0, 0, mac}},
	    .arch_count = 1,
	    .arch = {ARCH_UEFI_X64}};
	struct db_heartbeat now = last;
	struct boot_answer answer;
	struct db_info info;
	struct watcher watcher;
	now.boottime_ms += (uint64_t)later_ms;
	struct db_snapshot snap = applied_begin();
	ck_assert_int_eq(boot_decide(&facts, &db_source, &snap, &answer), 0);
	ck_assert_int_eq(db_map_info(&snap, &info), 0);
	watcher_at(&snap, &now, &watcher);
	applied_end(&snap);
	ck_assert_uint_eq(answer.server, 0x0a01000c);
	json_t *object = report_explain(&facts, &answer, &info, &watcher);
	ck_assert_ptr_nonnull(object);
	return object;
}

START_TEST(an_hour_without_watcher_changes_nothing_of_an_answer_but_a_sentence)
{
	watch();
	for (uint8_t mac = 0; mac < 100; mac++) {
		json_t *fresh = explained(0, mac);
		json_t *old = explained(3600000, mac);
		json_t *why = json_object_get(old, "why");
		size_t end = json_array_size(why) - 1;
		ck_assert_str_eq(json_string_value(json_array_get(why, end)),
		    "verdicts are frozen: the watcher was last heard of 3600 s ago");
		ck_assert(!json_equal(fresh, old));
		ck_assert_int_eq(json_array_remove(why, end), 0);
		ck_assert(json_equal(fresh, old));
		json_decref(fresh);
		json_decref(old);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("watcher");
	TCase *tc = tcase_create("watcher");
	tcase_add_checked_fixture(tc, setup, scratch_teardown);
	tcase_add_loop_test(
	    tc, a_watcher_that_was_not_heard_of_for_10_s_is_frozen, 0, UNIT_ROWS(rows));
	tcase_add_test(tc, a_watcher_that_never_was_is_absent_and_freezes_nothing);
	tcase_add_test(tc, a_sign_of_life_that_cannot_be_read_is_none);
	tcase_add_test(
	    tc, an_hour_without_watcher_changes_nothing_of_an_answer_but_a_sentence);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
