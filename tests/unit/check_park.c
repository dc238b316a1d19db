/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tests/unit/unit.h"

#include "tftp/park.h"
#include "tftp/ports.h"

#include <stdio.h>

enum { CAPACITY = 200 };

static struct park *park;
static struct port port;

static void
setup(void)
{
	port = (struct port){.fd = -1};
	ck_assert_int_eq(park_new(CAPACITY, &park), 0);
}

static void
teardown(void)
{
	park_free(park);
	ck_assert_uint_eq(port.users, 0);
}

static struct table_key
key(unsigned i)
{
	return (struct table_key){
	    .peer = 0x0a000001 + i, .local = 0x0a0000fe, .peer_port = 2070};
}

static struct parked *
add_of(unsigned i, const char *farm, const char *file, uint64_t now_ms)
{
	struct table_key at = key(i);
	struct tftp_request request = {.opcode = TFTP_RRQ, .mode = TFTP_OCTET};
	(void)snprintf(request.name, sizeof(request.name), "%s/%s", farm, file);
	return park_add(park, &at, &port, &request, farm, file, now_ms);
}

static struct parked *
add(unsigned i, uint64_t now_ms)
{
	return add_of(i, "east", "ARDBP32.BIN", now_ms);
}

static struct parked *
find(unsigned i)
{
	struct table_key at = key(i);
	return park_find(park, &at);
}

static unsigned
files_count(void)
{
	unsigned count = 0;
	for (struct park_file *file = park_next_file(park, NULL); file != NULL;
	     file = park_next_file(park, file)) {
		count++;
	}
	return count;
}

START_TEST(a_request_is_found_by_both_its_ends)
{
	struct parked *parked = add(0, 100);
	ck_assert_ptr_nonnull(parked);
	ck_assert_ptr_eq(find(0), parked);
	ck_assert_str_eq(parked->request.name, "east/ARDBP32.BIN");
	ck_assert_uint_eq(port.users, 1);
	struct table_key other = key(0);
	other.peer_port++;
	ck_assert_ptr_null(park_find(park, &other));
	other = key(0);
	other.local++;
	ck_assert_ptr_null(park_find(park, &other));
	park_remove(park, parked);
	ck_assert_ptr_null(find(0));
	ck_assert(park_is_empty(park));
	ck_assert_uint_eq(port.users, 0);
}
END_TEST

START_TEST(each_waits_for_its_time_and_no_longer)
{
	(void)add(0, 1000);
	(void)add_of(1, "west", "ARDBP32.BIN", 1500);
	ck_assert_ptr_null(park_due(park, 1000 + PARK_MS - 1));
	ck_assert_ptr_eq(park_due(park, 1000 + PARK_MS), find(0));
	park_remove(park, find(0));
	ck_assert_ptr_null(park_due(park, 1500 + PARK_MS - 1));
	ck_assert_ptr_eq(park_due(park, 1500 + PARK_MS), find(1));
}
END_TEST

START_TEST(who_asks_again_for_another_file_waits_anew)
{
	(void)add(0, 0);
	park_remove(park, find(0));
	(void)add_of(0, "east", "other.efi", 3000);
	ck_assert_ptr_null(park_due(park, PARK_MS));
	ck_assert_ptr_eq(park_due(park, 3000 + PARK_MS), find(0));
	ck_assert_uint_eq(files_count(), 1);
}
END_TEST

START_TEST(requests_for_one_file_are_one_wish)
{
	struct parked *first = add(0, 0);
	struct parked *second = add_of(1, "EAST", "ardbp32.bin", 1);
	struct parked *other_farm = add_of(2, "west", "ARDBP32.BIN", 2);
	struct parked *other_file = add_of(3, "east", "pvsnbpx64.efi", 3);
	ck_assert_ptr_eq(first->wish, second->wish);
	ck_assert_ptr_ne(first->wish, other_farm->wish);
	ck_assert_ptr_ne(first->wish, other_file->wish);
	ck_assert_uint_eq(files_count(), 3);
	ck_assert_str_eq(first->wish->farm, "east");
	ck_assert_str_eq(first->wish->file, "ARDBP32.BIN");
	ck_assert_ptr_eq(park_first(first->wish), first);
	park_remove(park, first);
	ck_assert_ptr_eq(park_first(second->wish), second);
	park_remove(park, second);
	ck_assert_uint_eq(files_count(), 2);
}
END_TEST

START_TEST(files_may_be_walked_while_their_requests_go)
{
	unsigned walked = 0;
	for (unsigned i = 0; i < 30; i++) {
		(void)add_of(i, i % 2 == 0 ? "east" : "west", "ARDBP32.BIN", i);
	}
	for (struct park_file *file = park_next_file(park, NULL); file != NULL;
	     file = park_next_file(park, file)) {
		for (struct parked *parked = park_first(file); parked != NULL;
		     parked = park_first(file)) {
			park_remove(park, parked);
			walked++;
		}
	}
	ck_assert_uint_eq(walked, 30);
	ck_assert(park_is_empty(park));
}
END_TEST

START_TEST(the_watcher_is_told_of_a_file_once_a_second)
{
	struct park_file *wish = add(0, 500)->wish;
	unsigned told = 0;
	for (uint64_t now_ms = 500; now_ms < 500 + PARK_MS; now_ms += PARK_LOOK_MS) {
		(void)add(1 + (unsigned)(now_ms / PARK_LOOK_MS), now_ms);
		told += park_tells(wish, now_ms) ? 1 : 0;
	}
	ck_assert_uint_eq(told, PARK_MS / PARK_TELL_MS);
}
END_TEST

START_TEST(who_comes_when_all_went_does_not_tell_too_early)
{
	ck_assert(park_tells(add(0, 0)->wish, 0));
	park_remove(park, find(0));
	ck_assert(!park_tells(add(0, 400)->wish, 400));
	park_remove(park, find(0));
	ck_assert(park_tells(add(0, PARK_TELL_MS)->wish, PARK_TELL_MS));
	park_remove(park, find(0));
	/* The time since it was told of one file is none of the next file's. */
	ck_assert(
	    park_tells(add_of(0, "east", "a.efi", PARK_TELL_MS)->wish, PARK_TELL_MS));
}
END_TEST

START_TEST(so_many_requests_and_no_more)
{
	for (unsigned i = 0; i < CAPACITY; i++) {
		ck_assert_ptr_nonnull(add(i, 0));
	}
	ck_assert_ptr_null(add(CAPACITY, 0));
	ck_assert_uint_eq(port.users, CAPACITY);
	park_remove(park, find(17));
	ck_assert_ptr_nonnull(add(CAPACITY, 0));
}
END_TEST

START_TEST(so_many_files_and_no_more)
{
	char file[16];
	for (unsigned i = 0; i < PARK_FILES; i++) {
		(void)snprintf(file, sizeof(file), "%u.efi", i);
		ck_assert(park_tells(add_of(i, "east", file, 0)->wish, 0));
	}
	ck_assert_ptr_null(add(PARK_FILES, 0));
	ck_assert_ptr_nonnull(add_of(PARK_FILES, "east", "3.efi", 0));
	/* Its place is another's once the watcher may be told of it anew. */
	park_remove(park, find(7));
	ck_assert_ptr_null(add(7, PARK_TELL_MS - 1));
	ck_assert_ptr_nonnull(add(7, PARK_TELL_MS));
	ck_assert_uint_eq(port.users, PARK_FILES + 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("park");
	TCase *all = tcase_create("park");
	tcase_add_checked_fixture(all, setup, teardown);
	tcase_add_test(all, a_request_is_found_by_both_its_ends);
	tcase_add_test(all, each_waits_for_its_time_and_no_longer);
	tcase_add_test(all, who_asks_again_for_another_file_waits_anew);
	tcase_add_test(all, requests_for_one_file_are_one_wish);
	tcase_add_test(all, files_may_be_walked_while_their_requests_go);
	tcase_add_test(all, the_watcher_is_told_of_a_file_once_a_second);
	tcase_add_test(all, who_comes_when_all_went_does_not_tell_too_early);
	tcase_add_test(all, so_many_requests_and_no_more);
	tcase_add_test(all, so_many_files_and_no_more);
	suite_add_tcase(suite, all);
	return unit_run(suite);
}
