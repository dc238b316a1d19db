/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* What every daemon does alike. */
#include "tests/unit/db_unit.h"

#include "lib/base/log.h"
#include "lib/daemon/map.h"
#include "lib/daemon/options.h"
#include "lib/daemon/service.h"

#include <getopt.h>
#include <signal.h>
#include <sys/stat.h>

/* ---- the command line */

struct taken {
	unsigned names;
	const char *last;
	bool quick;
};

static int
take_name(void *ctx, const char *value)
{
	struct taken *taken = ctx;
	taken->names++;
	taken->last = value;
	return strcmp(value, "bad") == 0 ? ERR_BADOPT : 0;
}

static int
take_quick(void *ctx, const char *value)
{
	ck_assert_ptr_null(value);
	((struct taken *)ctx)->quick = true;
	return 0;
}

static const struct daemon_program program = {
    .name = "pvsboot-test",
    .usage = "usage: pvsboot-test\n",
    .option_count = 2,
    .options = {{"name", true, take_name}, {"quick", false, take_quick}},
};

enum { WORDS = 8 };

/* Whatever a getopt_long() before saw is forgotten. */
static int
take_line(const char *const words[WORDS], struct taken *taken, struct daemon_dirs *dirs)
{
	char *argv[WORDS + 2] = {(char *)"pvsboot-test"};
	int argc = 1;
	for (; words[argc - 1] != NULL; argc++) {
		argv[argc] = (char *)words[argc - 1];
	}
	optind = 0;
	return daemon_options(&program, argc, argv, taken, dirs);
}

static const struct {
	const char *words[WORDS];
	int status;
} lines[] = {
    {{NULL}, DAEMON_RUN},
    {{"--db", "/a", "--verbose"}, DAEMON_RUN},
    {{"--name", "x", "--quick", "--name=y"}, DAEMON_RUN},
    {{"--version"}, 0},
    {{"--help"}, 0},
    {{"--help", "--nonsense"}, 0},
    {{"--nonsense"}, 2},
    {{"--nonsense", "--help"}, 2},
    {{"--db"}, 2},
    {{"--quick=1"}, 2},
    {{"word"}, 2},
    {{"--", "--quick"}, 2},
    {{"--name", "bad"}, 2},
    {{"--name", "bad", "--version"}, 2},
    {{"-d", "/a"}, 2},
};

START_TEST(wrong_usage_ends_with_2_and_questions_with_0)
{
	struct taken taken = {0};
	struct daemon_dirs dirs;
	ck_assert_int_eq(take_line(lines[_i].words, &taken, &dirs), lines[_i].status);
}
END_TEST

START_TEST(every_daemon_takes_the_four_folders)
{
	static const char *const words[WORDS] = {
	    "--db", "/m", "--state=/s", "--cache", "/c", "--journal", "/j"};
	struct taken taken = {0};
	struct daemon_dirs dirs;
	ck_assert_int_eq(take_line(words, &taken, &dirs), DAEMON_RUN);
	ck_assert_str_eq(dirs.map, "/m");
	ck_assert_str_eq(dirs.state, "/s");
	ck_assert_str_eq(dirs.cache, "/c");
	ck_assert_str_eq(dirs.journal, "/j");
}
END_TEST

START_TEST(folders_not_named_are_those_of_configure)
{
	static const char *const words[WORDS] = {"--state", "/s"};
	struct taken taken = {0};
	struct daemon_dirs dirs;
	ck_assert_int_eq(take_line(words, &taken, &dirs), DAEMON_RUN);
	ck_assert_str_eq(dirs.map, PVSBOOT_MAP_DIR);
	ck_assert_str_eq(dirs.state, "/s");
	ck_assert_str_eq(dirs.cache, PVSBOOT_CACHE_DIR);
	ck_assert_str_eq(dirs.journal, PVSBOOT_JOURNAL_DIR);
}
END_TEST

START_TEST(a_daemons_own_options_reach_it_in_order)
{
	static const char *const words[WORDS] = {
	    "--name", "x", "--quick", "--db", "/m", "--name=y"};
	struct taken taken = {0};
	struct daemon_dirs dirs;
	ck_assert_int_eq(take_line(words, &taken, &dirs), DAEMON_RUN);
	ck_assert_uint_eq(taken.names, 2);
	ck_assert_str_eq(taken.last, "y");
	ck_assert(taken.quick);
}
END_TEST

/* ---- the map */

static struct {
	unsigned lines;
	enum log_level level;
	char last[512];
} said;

static void
hear(void *ctx, enum log_level level, const char *line)
{
	(void)ctx;
	said.lines++;
	said.level = level;
	(void)snprintf(said.last, sizeof(said.last), "%s", line);
}

static struct daemon_map map;

static void
map_setup(void)
{
	scratch_setup();
	log_set(hear, NULL, LOG_LEVEL_DEBUG);
	ck_assert_int_eq(daemon_map_init(&map, scratch.map, scratch.state), 0);
}

static void
map_teardown(void)
{
	daemon_map_done(&map);
	scratch_teardown();
}

static void
commit_shadow(bool shadow)
{
	const struct db_settings settings = {.shadow = shadow};
	struct db_write *w = map_begin();
	ck_assert_int_eq(db_put_settings(w, &settings), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
}

START_TEST(a_map_that_comes_late_is_waited_for_and_said_once_each)
{
	for (unsigned i = 0; i < 3; i++) {
		daemon_map_look(&map);
	}
	ck_assert_uint_eq(map.revision, 0);
	ck_assert_uint_eq(said.lines, 1);
	ck_assert_int_eq(said.level, LOG_LEVEL_WARN);
	ck_assert_ptr_nonnull(strstr(said.last, "waiting for one"));
	commit_shadow(true);
	for (unsigned i = 0; i < 3; i++) {
		daemon_map_look(&map);
	}
	ck_assert_uint_eq(map.revision, 1);
	ck_assert(map.settings.shadow);
	ck_assert_uint_eq(said.lines, 2);
	ck_assert_int_eq(said.level, LOG_LEVEL_INFO);
}
END_TEST

START_TEST(another_map_in_its_place_counts_though_its_revision_is_the_same)
{
	char aside[UNIT_PATH + 8];
	(void)snprintf(aside, sizeof(aside), "%s/aside", scratch.root);
	commit_shadow(true);
	ck_assert_int_eq(rename(scratch.map, aside), 0);
	commit_shadow(false);
	daemon_map_look(&map);
	ck_assert(!map.settings.shadow);
	scratch_remove(scratch.map);
	ck_assert_int_eq(rename(aside, scratch.map), 0);
	daemon_map_look(&map);
	ck_assert_uint_eq(map.revision, 1);
	ck_assert(map.settings.shadow);
	ck_assert_uint_eq(said.lines, 0);
}
END_TEST

START_TEST(a_map_that_was_removed_stays_in_force)
{
	commit_shadow(true);
	daemon_map_look(&map);
	scratch_remove(scratch.map);
	daemon_map_look(&map);
	ck_assert_uint_eq(map.revision, 1);
	ck_assert(map.settings.shadow);
}
END_TEST

START_TEST(a_state_that_cannot_be_read_is_said_once_and_none_is_no_fault)
{
	static const char *const names[] = {"data.mdb", "lock.mdb"};
	char path[UNIT_PATH + 16];
	commit_shadow(false);
	daemon_map_look(&map);
	ck_assert_uint_eq(said.lines, 0);
	(void)mkdir(scratch.state, 0700);
	for (unsigned i = 0; i < 2; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", scratch.state, names[i]);
		ck_assert_int_eq(symlink("/dev/null", path), 0); /* no database */
	}
	for (unsigned i = 0; i < 3; i++) {
		daemon_map_look(&map);
	}
	ck_assert_uint_eq(map.revision, 1);
	ck_assert_uint_eq(said.lines, 1);
	ck_assert_int_eq(said.level, LOG_LEVEL_WARN);
	ck_assert_ptr_nonnull(strstr(said.last, scratch.state));
	scratch_remove(scratch.state);
	for (unsigned i = 0; i < 3; i++) {
		daemon_map_look(&map);
	}
	ck_assert_uint_eq(said.lines, 2);
	ck_assert_int_eq(said.level, LOG_LEVEL_INFO);
}
END_TEST

/* ---- the service */

struct life {
	struct service service;
	struct counters counters;
	unsigned looks, news;
};

static void
look(void *ctx)
{
	struct life *life = ctx;
	life->looks++;
	life->news += service_ready(&life->service) ? 1 : 0;
	if (life->looks == 2) {
		ck_assert_int_eq(raise(SIGTERM), 0);
	}
}

START_TEST(a_service_looks_at_once_and_again_and_is_ready_once)
{
	struct life life = {.looks = 0};
	ck_assert_int_eq(service_init(&life.service, EVENT_TFTP, scratch.root,
			     &life.counters, look, &life),
	    0);
	ck_assert_uint_eq(life.looks, 0);
	service_run(&life.service);
	ck_assert_uint_eq(life.looks, 2);
	ck_assert_uint_eq(life.news, 1);
	service_done(&life.service);
}
END_TEST

START_TEST(a_service_that_cannot_begin_is_put_away)
{
	struct life life = {.looks = 0};
	char too_long[300];
	memset(too_long, 'a', sizeof(too_long));
	too_long[sizeof(too_long) - 1] = '\0';
	ck_assert_int_lt(service_init(&life.service, EVENT_TFTP, too_long,
			     &life.counters, look, &life),
	    0);
	service_done(&life.service);
	service_done(&life.service);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("daemon");
	TCase *tcase = tcase_create("options");
	tcase_add_loop_test(
	    tcase, wrong_usage_ends_with_2_and_questions_with_0, 0, UNIT_ROWS(lines));
	tcase_add_test(tcase, every_daemon_takes_the_four_folders);
	tcase_add_test(tcase, folders_not_named_are_those_of_configure);
	tcase_add_test(tcase, a_daemons_own_options_reach_it_in_order);
	suite_add_tcase(suite, tcase);
	tcase = tcase_create("map");
	tcase_add_checked_fixture(tcase, map_setup, map_teardown);
	tcase_add_test(tcase, a_map_that_comes_late_is_waited_for_and_said_once_each);
	tcase_add_test(
	    tcase, another_map_in_its_place_counts_though_its_revision_is_the_same);
	tcase_add_test(tcase, a_map_that_was_removed_stays_in_force);
	tcase_add_test(
	    tcase, a_state_that_cannot_be_read_is_said_once_and_none_is_no_fault);
	suite_add_tcase(suite, tcase);
	tcase = tcase_create("service");
	tcase_add_checked_fixture(tcase, scratch_setup, scratch_teardown);
	tcase_add_test(tcase, a_service_looks_at_once_and_again_and_is_ready_once);
	tcase_add_test(tcase, a_service_that_cannot_begin_is_put_away);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
