/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* The rule by which results become verdicts, and the times that it promises, held against
 * servers that fail and return in fake time. */
#include "tests/unit/unit.h"

#include "watch/health.h"

enum { CHANCES = 1000 };

static const struct db_monitor standard = {.interval_ms = 5000,
    .timeout_ms = 2000,
    .downtime_ms = 30000,
    .retries = 3,
    .success_retries = 1};

/* ---- the rule: results as '+' and '-', the verdict after each as 'u'p, 'd'own, '?' */

static const struct {
	const char *name;
	uint8_t retries, success_retries;
	const char *results;
	const char *verdicts;
} rules[] = {
    {"one good result is up", 3, 1, "+", "u"},
    {"three bad ones are down", 3, 1, "---", "??d"},
    {"two bad ones change nothing", 3, 1, "+--+--+", "uuuuuuu"},
    {"from up to down and back", 3, 1, "+---+", "uuudu"},
    {"one is enough where one is asked", 1, 1, "-+-+", "dudu"},
    {"a good one between begins anew", 3, 1, "--+-+---", "??uuuuud"},
    {"up after three in a row alone", 2, 3, "--++-+++", "?ddddddu"},
    {"unproven until one row is whole", 2, 2, "+-+-+-", "??????"},
    {"unproven, then up", 2, 2, "+-++", "???u"},
    {"unproven, then down", 2, 2, "-+--", "???d"},
    {"down stays down", 2, 2, "------", "?ddddd"},
    {"up stays up", 2, 2, "++++++", "?uuuuu"},
    {"twenty in a row", 20, 1, "+-------------------", "uuuuuuuuuuuuuuuuuuuu"},
    {"and the twentieth", 20, 1, "+--------------------", "uuuuuuuuuuuuuuuuuuuud"},
};

static char
letter(enum db_verdict verdict)
{
	static const char letters[] = {[DB_VERDICT_UNPROVEN] = '?',
	    [DB_VERDICT_UP] = 'u',
	    [DB_VERDICT_DOWN] = 'd'};
	return letters[verdict];
}

START_TEST(the_rule_counts_results_in_a_row)
{
	struct db_monitor monitor = {
	    .retries = rules[_i].retries, .success_retries = rules[_i].success_retries};
	struct health health = {.verdict = DB_VERDICT_UNPROVEN};
	const char *results = rules[_i].results;
	const char *verdicts = rules[_i].verdicts;
	ck_assert_uint_eq(strlen(results), strlen(verdicts));
	for (size_t i = 0; results[i] != '\0'; i++) {
		char before = letter(health.verdict);
		bool changed = health_result(&health, &monitor, results[i] == '+');
		ck_assert_msg(letter(health.verdict) == verdicts[i], "%s: result %zu",
		    rules[_i].name, i);
		ck_assert_int_eq(changed, before != verdicts[i]);
	}
}
END_TEST

START_TEST(results_are_counted)
{
	struct health health = {.verdict = DB_VERDICT_UNPROVEN};
	static const struct {
		bool good;
		uint64_t failures;
		unsigned consecutive;
	} steps[] = {{false, 1, 1}, {false, 2, 2}, {true, 2, 1}, {true, 2, 2},
	    {true, 2, 3}, {false, 3, 1}};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		(void)health_result(&health, &standard, steps[i].good);
		ck_assert_uint_eq(health.probes, i + 1);
		ck_assert_uint_eq(health.failures, steps[i].failures);
		ck_assert_uint_eq(health.consecutive, steps[i].consecutive);
		ck_assert_int_eq(health.last_good, steps[i].good);
	}
}
END_TEST

/* A watcher that starts again goes on from what it wrote. */
START_TEST(an_account_that_was_kept_goes_on)
{
	struct health health = {.verdict = DB_VERDICT_UP,
	    .probes = 100,
	    .failures = 7,
	    .consecutive = 2,
	    .last_good = false};
	ck_assert(health_result(&health, &standard, false));
	ck_assert_int_eq(health.verdict, DB_VERDICT_DOWN);
	ck_assert_uint_eq(health.consecutive, 3);
	ck_assert_uint_eq(health.failures, 8);
}
END_TEST

/* ---- when the next one is due */

static const struct {
	const char *name;
	enum db_verdict verdict;
	bool last_good;
	uint64_t least_ms, most_ms;
} periods[] = {
    {"up", DB_VERDICT_UP, true, 4500, 5500},
    {"up, failing", DB_VERDICT_UP, false, 4500, 5500},
    {"unproven", DB_VERDICT_UNPROVEN, false, 4500, 5500},
    {"down", DB_VERDICT_DOWN, false, 27000, 33000},
    {"down, on its way up", DB_VERDICT_DOWN, true, 4500, 5500},
};

START_TEST(the_next_is_due_a_period_later_give_or_take_a_tenth)
{
	struct health health = {
	    .verdict = periods[_i].verdict, .last_good = periods[_i].last_good};
	uint64_t least = UINT64_MAX, most = 0;
	for (uint32_t chance = 0; chance < 10000; chance++) {
		uint64_t due = health_next_ms(&health, &standard, 777, chance) - 777;
		least = due < least ? due : least;
		most = due > most ? due : most;
	}
	ck_assert_uint_eq(least, periods[_i].least_ms);
	ck_assert_uint_eq(most, periods[_i].most_ms);
	uint64_t due = health_next_ms(&health, &standard, 777, UINT32_MAX) - 777;
	ck_assert_uint_ge(due, least);
	ck_assert_uint_le(due, most);
}
END_TEST

START_TEST(the_shortest_and_the_longest_period_have_their_jitter)
{
	static const uint32_t intervals[] = {100, 3600000};
	struct health health = {.verdict = DB_VERDICT_UP};
	for (size_t i = 0; i < 2; i++) {
		struct db_monitor monitor = {.interval_ms = intervals[i]};
		uint32_t tenth = intervals[i] / 10;
		ck_assert_uint_eq(
		    health_next_ms(&health, &monitor, 0, 0), intervals[i] - tenth);
		ck_assert_uint_eq(health_next_ms(&health, &monitor, 0, 2 * tenth),
		    intervals[i] + tenth);
	}
}
END_TEST

START_TEST(two_that_began_together_do_not_stay_together)
{
	struct health health = {.verdict = DB_VERDICT_UP, .last_good = true};
	uint64_t a = 0, b = 0;
	unsigned together = 0;
	for (uint32_t i = 0; i < CHANCES; i++) {
		a = health_next_ms(&health, &standard, a, i * 2654435761u);
		b = health_next_ms(&health, &standard, b, i * 40503u + 12345u);
		together += (a > b ? a - b : b - a) < 10 ? 1 : 0;
	}
	ck_assert_uint_lt(together, CHANCES / 10);
}
END_TEST

/* ---- promises: a server in fake time, whose probes fail by their whole timeout */

static const struct db_monitor monitors[] = {
    {.interval_ms = 5000,
	.timeout_ms = 2000,
	.downtime_ms = 30000,
	.retries = 3,
	.success_retries = 1},
    {.interval_ms = 1000,
	.timeout_ms = 900,
	.downtime_ms = 1000,
	.retries = 1,
	.success_retries = 1},
    {.interval_ms = 1000,
	.timeout_ms = 100,
	.downtime_ms = 5000,
	.retries = 2,
	.success_retries = 5},
    {.interval_ms = 60000,
	.timeout_ms = 10000,
	.downtime_ms = 100,
	.retries = 20,
	.success_retries = 20},
};

struct server {
	const struct db_monitor *monitor;
	struct health health;
	uint64_t random;
	uint64_t began_ms; /* the last probe */
	uint64_t next_ms;  /* when the next one begins */
	unsigned changes;
	uint64_t changed_ms; /* when the verdict changed last */
};

static uint32_t
chance(struct server *s)
{
	s->random = s->random * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(s->random >> 32);
}

/* One probe: what is good ends at once or by its timeout, as chance has it. The next one begins
 * when this one has ended. */
static void
probe(struct server *s, bool good)
{
	uint64_t took_ms = good && chance(s) % 2 == 0 ? 0 : s->monitor->timeout_ms;
	uint64_t ended_ms = s->next_ms + took_ms;
	s->began_ms = s->next_ms;
	if (health_result(&s->health, s->monitor, good)) {
		s->changes++;
		s->changed_ms = ended_ms;
	}
	s->next_ms = health_next_ms(&s->health, s->monitor, s->began_ms, chance(s));
	s->next_ms = s->next_ms < ended_ms ? ended_ms : s->next_ms;
}

/* It lives, or is dead, since some moment after the last probe began: how long until the
 * verdict says so. */
static uint64_t
until(struct server *s, enum db_verdict verdict)
{
	uint64_t from_ms = s->began_ms + 1 + chance(s) % (s->next_ms - s->began_ms);
	while (s->health.verdict != verdict) {
		probe(s, verdict == DB_VERDICT_UP);
	}
	return s->changed_ms - from_ms;
}

START_TEST(the_verdict_comes_within_the_time_promised)
{
	struct server s = {.monitor = &monitors[_i], .random = (uint64_t)_i};
	uint64_t down = 0, up = 0;
	probe(&s, true);
	for (unsigned round = 0; round < 2000; round++) {
		uint64_t took_ms = until(&s, DB_VERDICT_DOWN);
		down = took_ms > down ? took_ms : down;
		took_ms = until(&s, DB_VERDICT_UP);
		up = took_ms > up ? took_ms : up;
	}
	/* Within it, and not far from it: jitter rarely adds up. */
	ck_assert_uint_le(down, health_down_ms(s.monitor));
	ck_assert_uint_le(up, health_up_ms(s.monitor));
	ck_assert_uint_ge(down, health_down_ms(s.monitor) * 4 / 5);
	ck_assert_uint_ge(up, health_up_ms(s.monitor) * 4 / 5);
}
END_TEST

START_TEST(the_promise_is_the_worst_case_itself)
{
	/* 3 x 5.5 s and the last one's 2 s; 33 s and 2 s */
	ck_assert_uint_eq(health_down_ms(&standard), 18500);
	ck_assert_uint_eq(health_up_ms(&standard), 35000);
	/* up after five: 5.5 s of downtime, 4 x 1.1 s, 0.1 s */
	ck_assert_uint_eq(health_up_ms(&monitors[2]), 10000);
	struct health health = {
	    .verdict = DB_VERDICT_UP, .last_good = true, .probes = 1};
	uint64_t began_ms = 0;
	do {
		began_ms = health_next_ms(&health, &standard, began_ms, 1000);
	} while (!health_result(&health, &standard, false));
	ck_assert_uint_eq(began_ms + standard.timeout_ms, health_down_ms(&standard));
}
END_TEST

/* ---- flapping */

static const struct {
	const char *name;
	uint64_t half_ms; /* so long up, so long down */
} flaps[] = {{"each 3 s", 3000}, {"each 100 ms", 100}, {"each 5 s", 5000},
    {"each 20 s", 20000}, {"each 47 s", 47000}};

/* However it flaps: between two changes lie the results in a row that the rule asks for, and
 * a server that goes down stays so for its downtime. */
START_TEST(a_flapping_server_changes_its_verdict_no_faster_than_the_rule)
{
	for (size_t m = 0; m < sizeof(monitors) / sizeof(monitors[0]); m++) {
		struct server s = {.monitor = &monitors[m], .random = m};
		uint64_t least = s.monitor->interval_ms * 9 / 10;
		uint64_t rest = s.monitor->downtime_ms * 9 / 10;
		for (unsigned i = 0; i < 20000; i++) {
			unsigned changes = s.changes;
			uint64_t before = s.changed_ms;
			probe(&s, s.next_ms / flaps[_i].half_ms % 2 == 0);
			if (s.changes == changes || changes == 0) {
				continue;
			}
			bool up = s.health.verdict == DB_VERDICT_UP;
			uint64_t wait = up
			    ? rest + (s.monitor->success_retries - 1u) * least
			    : s.monitor->retries * least;
			ck_assert_msg(
			    s.changed_ms + s.monitor->timeout_ms >= before + wait,
			    "%s, monitor %zu: %ju ms to %s", flaps[_i].name, m,
			    (uintmax_t)(s.changed_ms - before), up ? "up" : "down");
		}
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("health");
	TCase *rule = tcase_create("rule");
	tcase_add_loop_test(
	    rule, the_rule_counts_results_in_a_row, 0, UNIT_ROWS(rules));
	tcase_add_test(rule, results_are_counted);
	tcase_add_test(rule, an_account_that_was_kept_goes_on);
	suite_add_tcase(suite, rule);
	TCase *next = tcase_create("next");
	tcase_add_loop_test(next, the_next_is_due_a_period_later_give_or_take_a_tenth,
	    0, UNIT_ROWS(periods));
	tcase_add_test(next, the_shortest_and_the_longest_period_have_their_jitter);
	tcase_add_test(next, two_that_began_together_do_not_stay_together);
	suite_add_tcase(suite, next);
	TCase *promises = tcase_create("promises");
	tcase_add_loop_test(promises, the_verdict_comes_within_the_time_promised, 0,
	    UNIT_ROWS(monitors));
	tcase_add_test(promises, the_promise_is_the_worst_case_itself);
	tcase_add_loop_test(promises,
	    a_flapping_server_changes_its_verdict_no_faster_than_the_rule, 0,
	    UNIT_ROWS(flaps));
	suite_add_tcase(suite, promises);
	return unit_run(suite);
}
