/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/drift.h"

#include "lib/base/text.h"
#include "tests/unit/unit.h"
#include "watch/plan_order.h"

enum { SERVERS_MAX = 8, NOW = 9000 };

/* A plan of a few targets; a content is a letter, '-' for a server of which none is known. */
static struct target targets[SERVERS_MAX];
static struct target *pointers[SERVERS_MAX], *copies[SERVERS_MAX];
static struct plan plan;

static void
setup(void)
{
	memset(targets, 0, sizeof(targets));
	plan = (struct plan){.targets = pointers, .copies = copies};
}

static struct target *
add(enum db_role role, const char *farm, const char *file)
{
	struct target *target = &targets[plan.count];
	pointers[plan.count] = target;
	plan.count++;
	target->role = role;
	target->addr = 0x0a01000b + (uint32_t)plan.count;
	(void)text_copy(target->farm, sizeof(target->farm), farm);
	(void)text_copy(target->file, sizeof(target->file), file);
	return target;
}

static void
set(struct target *target, char content, int64_t since_ms)
{
	target->account.has_sha256 = content != '-';
	memset(target->account.sha256, content, DB_DIGEST_LEN);
	target->account.sha256_since_ms = since_ms;
}

static void
look(int64_t now_ms)
{
	plan_sort_copies(&plan);
	drift_look(&plan, now_ms);
}

static void
assert_expected(const struct target *target, char content)
{
	uint8_t expected[DB_DIGEST_LEN];
	memset(expected, content, sizeof(expected));
	ck_assert_mem_eq(target->account.expected, expected, DB_DIGEST_LEN);
}

/* Each letter of contents is a server, each digit of since when it came to hold that. */
static const struct {
	const char *contents, *since;
	char pin, expected; /* 0: none */
} rows[] = {
    {"-", "0", 0, 0},
    {"a", "5", 0, 'a'},
    {"aa", "55", 0, 'a'},
    {"aab", "999", 0, 'a'},
    {"baaab", "19991", 0, 'a'},
    {"abb", "111", 0, 'b'},
    /* Of equally many the older one, at last the lower one. */
    {"ab", "21", 0, 'b'},
    {"ab", "12", 0, 'a'},
    {"ba", "11", 0, 'a'},
    {"bbaa", "4332", 0, 'a'},
    {"bbaa", "4133", 0, 'b'},
    {"abcd", "2222", 0, 'a'},
    {"abcd", "2212", 0, 'c'},
    {"a-b", "103", 0, 'a'},
    /* Whatever they hold. */
    {"--", "00", 'p', 'p'},
    {"aab", "111", 'b', 'b'},
    {"aap", "119", 'p', 'p'},
    {"aaa", "111", 'p', 'p'},
};

START_TEST(a_server_drifts_from_the_pin_or_what_most_hold)
{
	const char *contents = rows[_i].contents;
	for (size_t i = 0; contents[i] != '\0'; i++) {
		struct target *target = add(DB_ROLE_TFTP, "east", "f");
		set(target, contents[i], rows[_i].since[i] - '0');
		target->has_pin = rows[_i].pin != 0;
		memset(target->pin, rows[_i].pin, sizeof(target->pin));
	}
	look(NOW);
	for (size_t i = 0; i < plan.count; i++) {
		const struct db_health *account = &targets[i].account;
		bool drifts = account->has_sha256 && contents[i] != rows[_i].expected;
		ck_assert_int_eq(account->drifts, drifts);
		ck_assert_int_eq(account->drifts_since_ms, drifts ? NOW : 0);
		ck_assert_int_eq(targets[i].dirty, rows[_i].expected != 0);
		assert_expected(&targets[i], rows[_i].expected);
	}
}
END_TEST

static void
make_farm(const char *contents)
{
	for (size_t i = 0; contents[i] != '\0'; i++) {
		set(add(DB_ROLE_TFTP, "east", "f"), contents[i], 1);
	}
}

static void
clean(void)
{
	for (size_t i = 0; i < plan.count; i++) {
		targets[i].dirty = false;
	}
}

static unsigned
count_dirty(void)
{
	unsigned count = 0;
	for (size_t i = 0; i < plan.count; i++) {
		count += targets[i].dirty;
	}
	return count;
}

START_TEST(what_stays_as_it_is_is_not_written_again)
{
	make_farm("aab");
	look(NOW);
	clean();
	look(NOW + 1);
	ck_assert_uint_eq(count_dirty(), 0);
	ck_assert_int_eq(targets[2].account.drifts_since_ms, NOW);
}
END_TEST

START_TEST(a_server_that_drifts_on_drifts_since_it_began)
{
	make_farm("aab");
	look(NOW);
	clean();
	set(&targets[2], 'c', NOW + 5);
	look(NOW + 5);
	ck_assert(targets[2].account.drifts);
	ck_assert_int_eq(targets[2].account.drifts_since_ms, NOW);
}
END_TEST

START_TEST(a_server_returns_to_the_others)
{
	make_farm("aab");
	look(NOW);
	clean();
	set(&targets[2], 'a', NOW + 5);
	look(NOW + 5);
	ck_assert(!targets[2].account.drifts);
	ck_assert_int_eq(targets[2].account.drifts_since_ms, 0);
	ck_assert(targets[2].dirty);
	ck_assert_uint_eq(count_dirty(), 1);
}
END_TEST

/* A site updates its servers one by one. */
START_TEST(the_majority_passes_to_the_newer_file)
{
	make_farm("aaa");
	look(NOW);
	set(&targets[0], 'b', NOW + 1);
	look(NOW + 1);
	ck_assert(targets[0].account.drifts && !targets[1].account.drifts);
	set(&targets[1], 'b', NOW + 2);
	look(NOW + 2);
	ck_assert(!targets[0].account.drifts && !targets[1].account.drifts);
	ck_assert(targets[2].account.drifts);
	ck_assert_int_eq(targets[2].account.drifts_since_ms, NOW + 2);
	assert_expected(&targets[2], 'b');
	set(&targets[2], 'b', NOW + 3);
	look(NOW + 3);
	ck_assert(!targets[2].account.drifts);
}
END_TEST

START_TEST(a_server_drifts_on_while_the_majority_passes)
{
	make_farm("aabbc");
	look(NOW);
	ck_assert(targets[4].account.drifts);
	assert_expected(&targets[4], 'a');
	set(&targets[0], 'b', NOW + 1);
	look(NOW + 1);
	assert_expected(&targets[4], 'b');
	ck_assert(targets[4].dirty);
	ck_assert_int_eq(targets[4].account.drifts_since_ms, NOW);
}
END_TEST

START_TEST(a_pin_that_is_taken_away_leaves_the_majority)
{
	make_farm("aab");
	for (size_t i = 0; i < plan.count; i++) {
		targets[i].has_pin = true;
		memset(targets[i].pin, 'b', DB_DIGEST_LEN);
	}
	look(NOW);
	ck_assert(targets[0].account.drifts && !targets[2].account.drifts);
	for (size_t i = 0; i < plan.count; i++) {
		targets[i].has_pin = false;
	}
	look(NOW + 1);
	ck_assert(!targets[0].account.drifts && targets[2].account.drifts);
	ck_assert_int_eq(targets[2].account.drifts_since_ms, NOW + 1);
}
END_TEST

START_TEST(files_and_farms_are_compared_for_themselves)
{
	set(add(DB_ROLE_TFTP, "east", "f"), 'a', 1);
	set(add(DB_ROLE_TFTP, "east", "g"), 'b', 1);
	set(add(DB_ROLE_TFTP, "EAST", "F"), 'a', 1);
	set(add(DB_ROLE_TFTP, "east", "G"), 'c', 2);
	set(add(DB_ROLE_TFTP, "west", "f"), 'd', 1);
	set(add(DB_ROLE_TFTP, "west", "g"), 'e', 1);
	set(add(DB_ROLE_BOOT_SERVER, "east", "f"), 'z', 1);
	look(NOW);
	for (size_t i = 0; i < plan.count; i++) {
		ck_assert_int_eq(targets[i].account.drifts, i == 3);
	}
	assert_expected(&targets[2], 'a');
	assert_expected(&targets[3], 'b');
	assert_expected(&targets[4], 'd');
	ck_assert(!targets[6].dirty);
}
END_TEST

START_TEST(an_empty_plan_has_no_drift)
{
	look(NOW);
	ck_assert_uint_eq(plan.count, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("drift");
	TCase *tcase = tcase_create("drift");
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(
	    tcase, a_server_drifts_from_the_pin_or_what_most_hold, 0, UNIT_ROWS(rows));
	tcase_add_test(tcase, what_stays_as_it_is_is_not_written_again);
	tcase_add_test(tcase, a_server_that_drifts_on_drifts_since_it_began);
	tcase_add_test(tcase, a_server_returns_to_the_others);
	tcase_add_test(tcase, the_majority_passes_to_the_newer_file);
	tcase_add_test(tcase, a_server_drifts_on_while_the_majority_passes);
	tcase_add_test(tcase, a_pin_that_is_taken_away_leaves_the_majority);
	tcase_add_test(tcase, files_and_farms_are_compared_for_themselves);
	tcase_add_test(tcase, an_empty_plan_has_no_drift);
	return suite;
}

int
main(void)
{
	return unit_run(suite());
}
