/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "hooks/marker.h"
#include "lib/base/err.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* A state folder and a /proc of our own making, in one temporary folder. */
static char root[64];
static char state[80];
static char proc[80];

static void
write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

static void
boot(const char *boot_id)
{
	char path[160];
	(void)snprintf(path, sizeof(path), "%s/sys/kernel/random/boot_id", proc);
	write_text(path, boot_id);
}
static const char first_boot[] = "11111111-1111-1111-1111-111111111111\n";
static const char second_boot[] = "22222222-2222-2222-2222-222222222222\n";

/* A process that lives since start; its name holds what could confuse a reader. */
static void
live(unsigned pid, unsigned start)
{
	char path[160], text[256];
	(void)snprintf(path, sizeof(path), "%s/%u", proc, pid);
	ck_assert(mkdir(path, 0755) == 0 || errno == EEXIST);
	(void)snprintf(path, sizeof(path), "%s/%u/stat", proc, pid);
	(void)snprintf(text, sizeof(text),
	    "%u (kea) dhcp (4) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %u 0 0 0\n", pid,
	    start);
	write_text(path, text);
}

static void
die(unsigned pid)
{
	char path[160];
	(void)snprintf(path, sizeof(path), "%s/%u/stat", proc, pid);
	ck_assert_int_eq(unlink(path), 0);
}

static void
setup(void)
{
	char path[160];
	(void)snprintf(root, sizeof(root), "/tmp/check_marker.%ld", (long)getpid());
	ck_assert_int_eq(mkdir(root, 0700), 0);
	(void)snprintf(state, sizeof(state), "%s/state", root);
	(void)snprintf(proc, sizeof(proc), "%s/proc", root);
	const char *const folders[] = {
	    "state", "proc", "proc/sys", "proc/sys/kernel", "proc/sys/kernel/random"};
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", root, folders[i]);
		ck_assert_int_eq(mkdir(path, 0755), 0);
	}
	boot(first_boot);
}

static void
teardown(void)
{
	char command[128];
	(void)snprintf(command, sizeof(command), "rm -rf %s", root);
	ck_assert_int_eq(system(command), 0);
}

static int
begin(struct marker *m, unsigned pid, uint64_t now_ms)
{
	struct marker_world world = {.proc = proc, .pid = pid, .now_ms = now_ms};
	return marker_begin(m, state, &world);
}

static bool
marker_of(unsigned pid)
{
	char path[160];
	(void)snprintf(path, sizeof(path), "%s/hook.%u.marker", state, pid);
	return access(path, F_OK) == 0;
}

/* A load whose process is killed at died_ms: its last sign of life is then. True when it
 * started inert. */
static bool
load_and_die(unsigned pid, unsigned start, uint64_t loaded_ms, uint64_t died_ms)
{
	struct marker m;
	live(pid, start);
	ck_assert_int_eq(begin(&m, pid, loaded_ms), 0);
	bool inert = marker_crashed_twice(&m);
	marker_beat(&m, died_ms);
	(void)close(m.fd); /* as the kernel does */
	die(pid);
	return inert;
}

START_TEST(a_marker_lives_from_load_to_unload)
{
	struct marker m;
	struct stat st;
	live(10, 100);
	ck_assert_int_eq(begin(&m, 10, 1000), 0);
	ck_assert(marker_of(10));
	ck_assert_int_eq(fstat(m.fd, &st), 0);
	ck_assert_int_eq(st.st_size, MARKER_LEN);
	ck_assert_uint_eq(st.st_mode & 07777, 0660);
	marker_end(&m);
	ck_assert(!marker_of(10));
	marker_end(&m);
}
END_TEST

START_TEST(two_deaths_within_a_minute_make_the_third_start_inert)
{
	ck_assert(!load_and_die(10, 100, 1000, 5000));
	ck_assert(!load_and_die(11, 101, 6000, 60000));
	ck_assert(load_and_die(12, 102, 61000, 62000));
	ck_assert(!marker_of(10) && !marker_of(11) && marker_of(12));
}
END_TEST

START_TEST(deaths_more_than_a_minute_apart_do_not)
{
	ck_assert(!load_and_die(10, 100, 1000, 5000));
	ck_assert(!load_and_die(11, 101, 6000, 65001));
	ck_assert(!load_and_die(12, 102, 66000, 900000));
	/* Noticed late, within a minute of each other, but died apart. */
	ck_assert(!load_and_die(13, 103, 5000000, 5000001));
}
END_TEST

START_TEST(an_orderly_end_of_the_inert_run_makes_the_next_start_whole)
{
	struct marker m;
	(void)load_and_die(10, 100, 1000, 2000);
	(void)load_and_die(11, 101, 3000, 4000);
	live(12, 102);
	ck_assert_int_eq(begin(&m, 12, 5000), 0);
	ck_assert(marker_crashed_twice(&m));
	marker_end(&m);
	ck_assert_int_eq(begin(&m, 12, 6000), 0);
	ck_assert(!marker_crashed_twice(&m));
	marker_end(&m);
}
END_TEST

START_TEST(the_marker_of_a_living_process_is_left_alone)
{
	struct marker server, check;
	live(10, 100);
	live(11, 101);
	ck_assert_int_eq(begin(&server, 10, 1000), 0);
	for (uint64_t now_ms = 2000; now_ms < 6000; now_ms += 1000) {
		ck_assert_int_eq(begin(&check, 11, now_ms), 0);
		ck_assert(!marker_crashed_twice(&check));
		marker_end(&check);
		ck_assert(marker_of(10));
	}
	marker_end(&server);
}
END_TEST

START_TEST(a_second_copy_in_one_process_is_told)
{
	struct marker first, second;
	live(10, 100);
	ck_assert_int_eq(begin(&first, 10, 1000), 0);
	ck_assert_int_eq(begin(&second, 10, 2000), ERR_EXISTS);
	marker_end(&second);
	ck_assert(marker_of(10));
	marker_end(&first);
	ck_assert_int_eq(begin(&second, 10, 3000), 0);
	marker_end(&second);
}
END_TEST

START_TEST(a_death_is_told_although_the_folder_was_emptied)
{
	char path[160];
	struct marker m, next;
	(void)snprintf(path, sizeof(path), "%s/hook.10.marker", state);
	live(10, 100);
	ck_assert_int_eq(begin(&m, 10, 1000), 0);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(state), 0);
	marker_beat(&m, 2000);
	ck_assert_int_eq(mkdir(state, 0755), 0);
	marker_beat(&m, 3000);
	ck_assert(marker_of(10));
	marker_beat(&m, 4000);
	(void)close(m.fd);
	die(10);
	live(11, 101);
	ck_assert_int_eq(begin(&next, 11, 5000), 0);
	ck_assert_uint_eq(next.life.crash_ms[0], 4000);
	marker_end(&next);
}
END_TEST

START_TEST(what_cannot_be_removed_is_no_death_and_no_second_copy)
{
	char aside[80];
	struct marker m;
	(void)snprintf(aside, sizeof(aside), "%s/aside", root);
	live(10, 100);
	ck_assert_int_eq(begin(&m, 10, 1000), 0);
	ck_assert_int_eq(rename(state, aside), 0);
	marker_end(&m);
	ck_assert_int_eq(rename(aside, state), 0);
	ck_assert(marker_of(10));
	ck_assert_int_eq(begin(&m, 10, 2000), 0);
	ck_assert_uint_eq(m.life.crash_ms[0], 0);
	marker_end(&m);
}
END_TEST

START_TEST(a_process_number_used_again_is_another_process)
{
	/* As in a container, where Kea has the same number each time. */
	ck_assert(!load_and_die(1, 100, 1000, 2000));
	ck_assert(!load_and_die(1, 200, 3000, 4000));
	ck_assert(load_and_die(1, 300, 5000, 6000));
}
END_TEST

START_TEST(a_number_used_by_a_stranger_does_not_hide_a_death)
{
	ck_assert(!load_and_die(10, 100, 1000, 2000));
	live(10, 999);
	ck_assert(!load_and_die(11, 101, 3000, 4000));
	ck_assert(load_and_die(12, 102, 5000, 6000));
}
END_TEST

START_TEST(what_went_with_the_machine_is_no_death_of_ours)
{
	ck_assert(!load_and_die(10, 100, 1000, 2000));
	ck_assert(!load_and_die(11, 101, 3000, 4000));
	boot(second_boot);
	ck_assert(!load_and_die(12, 102, 5000, 6000));
	ck_assert(!marker_of(11));
}
END_TEST

START_TEST(strange_files_are_left_and_no_reason_to_fail)
{
	char path[160];
	struct marker m;
	static const char *const names[] = {"hook.77.marker", "hook.marker",
	    "hook.78.marker.bak", "events", "hook..marker"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", state, names[i]);
		write_text(path, "PVSHOOK1 but far too short");
	}
	live(10, 100);
	ck_assert_int_eq(begin(&m, 10, 1000), 0);
	ck_assert(!marker_crashed_twice(&m));
	ck_assert(marker_of(77));
	marker_end(&m);
}
END_TEST

START_TEST(a_link_in_our_place_is_replaced_not_followed)
{
	char link[160], target[160];
	struct marker m;
	(void)snprintf(link, sizeof(link), "%s/hook.10.marker", state);
	(void)snprintf(target, sizeof(target), "%s/precious", root);
	write_text(target, "precious");
	ck_assert_int_eq(symlink(target, link), 0);
	live(10, 100);
	ck_assert_int_eq(begin(&m, 10, 1000), 0);
	struct stat st;
	ck_assert_int_eq(stat(target, &st), 0);
	ck_assert_int_eq(st.st_size, 8);
	marker_end(&m);
}
END_TEST

START_TEST(without_a_folder_there_is_no_protection)
{
	struct marker m;
	live(10, 100);
	struct marker_world world = {.proc = proc, .pid = 10, .now_ms = 1000};
	ck_assert_int_eq(marker_begin(&m, "/nonexistent/state", &world), -ENOENT);
	ck_assert(!marker_crashed_twice(&m));
	marker_beat(&m, 2000);
	marker_end(&m);
}
END_TEST

START_TEST(without_a_boot_id_there_is_no_protection)
{
	struct marker m;
	live(10, 100);
	boot("short\n");
	ck_assert_int_lt(begin(&m, 10, 1000), 0);
	ck_assert(!marker_of(10));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("marker");
	TCase *tc = tcase_create("marker");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_marker_lives_from_load_to_unload);
	tcase_add_test(tc, two_deaths_within_a_minute_make_the_third_start_inert);
	tcase_add_test(tc, deaths_more_than_a_minute_apart_do_not);
	tcase_add_test(tc, an_orderly_end_of_the_inert_run_makes_the_next_start_whole);
	tcase_add_test(tc, the_marker_of_a_living_process_is_left_alone);
	tcase_add_test(tc, a_second_copy_in_one_process_is_told);
	tcase_add_test(tc, a_death_is_told_although_the_folder_was_emptied);
	tcase_add_test(tc, what_cannot_be_removed_is_no_death_and_no_second_copy);
	tcase_add_test(tc, a_process_number_used_again_is_another_process);
	tcase_add_test(tc, a_number_used_by_a_stranger_does_not_hide_a_death);
	tcase_add_test(tc, what_went_with_the_machine_is_no_death_of_ours);
	tcase_add_test(tc, strange_files_are_left_and_no_reason_to_fail);
	tcase_add_test(tc, a_link_in_our_place_is_replaced_not_followed);
	tcase_add_test(tc, without_a_folder_there_is_no_protection);
	tcase_add_test(tc, without_a_boot_id_there_is_no_protection);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
