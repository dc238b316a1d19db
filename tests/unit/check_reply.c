/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/boot/reply.h"

#include "tests/unit/unit.h"
#include "tests/unit/world.h"

#include <stdio.h>

/* The sizes of the options in the answer below: 66 is 2 + 8, 67 is 2 + 8, 11 is 2 + 4 * 3. */
enum { SIZE_66 = 10, SIZE_67 = 10, SIZE_11 = 14, SIZE_ALL = 34, BASE = 300 };

static struct boot_answer answer;
static struct boot_reply reply;

static void
setup(void)
{
	memset(&answer, 0xa5, sizeof(answer));
	memset(&reply, 0xa5, sizeof(reply));
	answer.action = BOOT_BOOT;
	answer.delivery = DB_DELIVERY_BOOT_SERVER;
	answer.server = world_ip4("10.0.0.5");
	(void)snprintf(answer.file, sizeof(answer.file), "east/a.b");
	answer.login_count = 3;
	answer.login[0] = 1;
	answer.login[1] = 2;
	answer.login[2] = 3;
	answer.root_path[0] = '\0';
}

START_TEST(siaddr_file_66_and_67_say_the_same)
{
	boot_reply_make(&answer, BASE, 548, &reply);
	ck_assert_uint_eq(reply.siaddr, world_ip4("10.0.0.5"));
	ck_assert_str_eq(reply.tftp_server, "10.0.0.5");
	ck_assert_uint_eq(reply.tftp_server_len, 8);
	ck_assert_str_eq(reply.boot_file, "east/a.b");
	ck_assert_uint_eq(reply.boot_file_len, 8);
	ck_assert_str_eq(reply.file, "east/a.b");
	for (size_t i = 8; i < sizeof(reply.file); i++) {
		ck_assert_int_eq(reply.file[i], 0);
	}
	ck_assert_uint_eq(reply.login_count, 3);
	ck_assert_uint_eq(reply.login[2], 3);
	ck_assert_uint_eq(reply.root_path_len, 0);
}
END_TEST

START_TEST(option_67_ends_in_nul_with_direct_only)
{
	answer.delivery = DB_DELIVERY_DIRECT;
	boot_reply_make(&answer, BASE, 548, &reply);
	ck_assert_uint_eq(reply.boot_file_len, 9);
	ck_assert_int_eq(reply.boot_file[8], '\0');
}
END_TEST

START_TEST(names_of_full_length_fit)
{
	memset(answer.file, 'a', sizeof(answer.file) - 1);
	answer.file[sizeof(answer.file) - 1] = '\0';
	memset(answer.root_path, 'b', DB_ROOT_PATH_MAX);
	answer.root_path[DB_ROOT_PATH_MAX] = '\0';
	answer.login_count = 0;
	answer.delivery = DB_DELIVERY_DIRECT;
	boot_reply_make(&answer, BASE, 1472, &reply);
	ck_assert_uint_eq(reply.boot_file_len, BOOT_FILE_TEXT);
	ck_assert_str_eq(reply.boot_file, answer.file);
	ck_assert_str_eq(reply.file, answer.file);
	ck_assert_uint_eq(reply.root_path_len, DB_ROOT_PATH_MAX);
	ck_assert_str_eq(reply.root_path, answer.root_path);
	ck_assert_uint_eq(reply.login_count, 0);
}
END_TEST

static const struct {
	size_t room; /* beyond the base */
	bool has_66;
	unsigned login_count;
} rooms[] = {
    {SIZE_ALL + 100, true, 3},
    {SIZE_ALL, true, 3},
    {SIZE_ALL - 1, false, 3},
    {SIZE_67 + SIZE_11, false, 3},
    {SIZE_67 + SIZE_11 - 1, false, 2},
    {SIZE_67 + SIZE_11 - 4, false, 2},
    {SIZE_67 + SIZE_11 - 5, false, 1},
    {SIZE_67 + SIZE_11 - 8, false, 1},
    {SIZE_67, false, 1},
    {0, false, 1},
};

START_TEST(what_does_not_fit_goes_in_order)
{
	boot_reply_make(&answer, BASE, BASE + rooms[_i].room, &reply);
	ck_assert_uint_eq(reply.tftp_server_len, rooms[_i].has_66 ? 8 : 0);
	ck_assert_uint_eq(reply.login_count, rooms[_i].login_count);
	ck_assert_uint_eq(reply.login[0], 1);
	ck_assert_uint_eq(reply.boot_file_len, 8);
	ck_assert_str_eq(reply.file, "east/a.b");
	ck_assert_uint_eq(reply.siaddr, answer.server);
}
END_TEST

START_TEST(a_base_that_is_too_long_already_keeps_what_must_stay)
{
	boot_reply_make(&answer, 600, 548, &reply);
	ck_assert_uint_eq(reply.tftp_server_len, 0);
	ck_assert_uint_eq(reply.login_count, 1);
	ck_assert_uint_eq(reply.boot_file_len, 8);
}
END_TEST

START_TEST(the_root_path_is_counted_and_stays)
{
	answer.login_count = 0;
	(void)snprintf(answer.root_path, sizeof(answer.root_path), "pvs:[a]:17:1");
	size_t size_17 = 2 + 12;
	boot_reply_make(&answer, BASE, BASE + SIZE_66 + SIZE_67 + size_17, &reply);
	ck_assert_uint_eq(reply.tftp_server_len, 8);
	boot_reply_make(&answer, BASE, BASE + SIZE_66 + SIZE_67 + size_17 - 1, &reply);
	ck_assert_uint_eq(reply.tftp_server_len, 0);
	ck_assert_uint_eq(reply.root_path_len, 12);
}
END_TEST

START_TEST(option_57_counts_the_ip_and_udp_headers)
{
	ck_assert_uint_eq(boot_reply_room(false, 9999), 548);
	ck_assert_uint_eq(boot_reply_room(true, 576), 548);
	ck_assert_uint_eq(boot_reply_room(true, 1500), 1472);
	ck_assert_uint_eq(boot_reply_room(true, 300), 272);
	ck_assert_uint_eq(boot_reply_room(true, 28), 0);
	ck_assert_uint_eq(boot_reply_room(true, 0), 0);
	ck_assert_uint_eq(boot_reply_room(true, 65535), 65507);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("reply");
	TCase *tc = tcase_create("reply");
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, siaddr_file_66_and_67_say_the_same);
	tcase_add_test(tc, option_67_ends_in_nul_with_direct_only);
	tcase_add_test(tc, names_of_full_length_fit);
	tcase_add_loop_test(tc, what_does_not_fit_goes_in_order, 0,
	    (int)(sizeof(rooms) / sizeof(rooms[0])));
	tcase_add_test(tc, a_base_that_is_too_long_already_keeps_what_must_stay);
	tcase_add_test(tc, the_root_path_is_counted_and_stays);
	tcase_add_test(tc, option_57_counts_the_ip_and_udp_headers);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
