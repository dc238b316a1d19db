/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/base/err.h"
#include "lib/base/hex.h"
#include "lib/base/ip4.h"
#include "lib/base/list.h"
#include "lib/base/log.h"
#include "lib/base/mac.h"
#include "lib/base/rd.h"
#include "lib/base/recent.h"
#include "lib/base/siphash.h"
#include "lib/base/text.h"
#include "lib/base/wr.h"
#include "tests/unit/unit.h"

START_TEST(a_short_read_yields_zero_and_sticks)
{
	const uint8_t bytes[] = {1, 2, 3};
	struct rd r = rd_init(bytes, sizeof(bytes));
	ck_assert_uint_eq(rd_be16(&r), 0x0102);
	ck_assert_uint_eq(rd_be16(&r), 0);
	ck_assert_int_eq(r.err, ERR_SHORT);
	ck_assert_uint_eq(rd_u8(&r), 0);
	ck_assert_uint_eq(r.left, 0);
}
END_TEST

START_TEST(a_child_cannot_see_past_its_length)
{
	const uint8_t bytes[] = {1, 2, 3, 4};
	struct rd r = rd_init(bytes, sizeof(bytes));
	struct rd child = rd_sub(&r, 2);
	ck_assert_uint_eq(rd_be32(&child), 0);
	ck_assert_int_eq(child.err, ERR_SHORT);
	ck_assert_int_eq(r.err, 0);
	ck_assert_uint_eq(rd_be16(&r), 0x0304);
	struct rd beyond = rd_sub(&r, 1);
	ck_assert_int_eq(beyond.err, ERR_SHORT);
}
END_TEST

START_TEST(a_string_must_end_inside_and_fit)
{
	const char *text = NULL;
	size_t len = 99;
	struct rd r = rd_init("abc\0de", 6);
	ck_assert_int_eq(rd_cstr(&r, 3, &text, &len), 0);
	ck_assert_str_eq(text, "abc");
	ck_assert_uint_eq(len, 3);
	ck_assert_int_eq(rd_cstr(&r, 3, &text, &len), ERR_SHORT);
	ck_assert_uint_eq(len, 3);
	struct rd long_one = rd_init("abcd", 5);
	ck_assert_int_eq(rd_cstr(&long_one, 3, &text, &len), ERR_ROOM);
}
END_TEST

START_TEST(a_text_ends_at_its_nul_or_with_its_field)
{
	static const struct {
		const char *bytes;
		size_t len, text_len;
	} texts[] = {{"", 0, 0}, {"\0\0", 2, 0}, {"ab\0\0", 4, 2}, {"ab\0c", 4, 2},
	    {"abcd", 4, 4}};
	for (int i = 0; i < UNIT_ROWS(texts); i++) {
		struct rd text = rd_until_nul(rd_init(texts[i].bytes, texts[i].len));
		ck_assert_uint_eq(text.left, texts[i].text_len);
	}
}
END_TEST

START_TEST(a_write_is_whole_or_not_at_all)
{
	uint8_t room[5] = {0};
	struct wr w = wr_init(room, sizeof(room));
	wr_be32(&w, 0x01020304);
	wr_be16(&w, 0xffff);
	ck_assert_int_eq(w.err, ERR_ROOM);
	wr_u8(&w, 0xff);
	ck_assert_uint_eq(wr_len(&w, room), 4);
	ck_assert_uint_eq(room[4], 0);
}
END_TEST

START_TEST(numbers_survive_the_round_trip)
{
	uint8_t room[15];
	struct wr w = wr_init(room, sizeof(room));
	wr_be64(&w, 0x0102030405060708);
	wr_be32(&w, 0xfffefdfc);
	wr_be16(&w, 0x8001);
	wr_u8(&w, 0x7f);
	ck_assert_int_eq(w.err, 0);
	struct rd r = rd_init(room, sizeof(room));
	ck_assert(rd_be64(&r) == 0x0102030405060708);
	ck_assert_uint_eq(rd_be32(&r), 0xfffefdfc);
	ck_assert_uint_eq(rd_be16(&r), 0x8001);
	ck_assert_uint_eq(rd_u8(&r), 0x7f);
	ck_assert_int_eq(r.err, 0);
}
END_TEST

static const struct {
	const char *text;
	const char *mac;
} macs[] = {
    {"aa:bb:cc:dd:ee:ff", "aa:bb:cc:dd:ee:ff"},
    {"AA-BB-CC-DD-EE-FF", "aa:bb:cc:dd:ee:ff"},
    {"aabb.ccdd.eeff", "aa:bb:cc:dd:ee:ff"},
    {"001122334455", "00:11:22:33:44:55"},
    {"aa:bb-cc:dd:ee:ff", NULL},
    {"aa:bb:cc:dd:ee", NULL},
    {"aa:bb:cc:dd:ee:fg", NULL},
    {"aabbc.cdde.eff", NULL},
    {"", NULL},
};

START_TEST(macs_are_read_in_any_usual_notation)
{
	struct mac mac;
	char text[MAC_TEXT];
	int ret = mac_parse(macs[_i].text, &mac);
	ck_assert_int_eq(ret, macs[_i].mac != NULL ? 0 : ERR_MALFORMED);
	if (ret == 0) {
		ck_assert_str_eq(mac_format(&mac, text), macs[_i].mac);
	}
}
END_TEST

static const struct {
	const char *text;
	int ret;
	const char *network;
} prefixes[] = {
    {"10.20.0.0/16", 0, "10.20.0.0/16"},
    {"0.0.0.0/0", 0, "0.0.0.0/0"},
    {"10.1.2.3/32", 0, "10.1.2.3/32"},
    {"10.20.1.0/16", ERR_RANGE, "10.20.0.0/16"},
    {"10.20.0.0/33", ERR_MALFORMED, NULL},
    {"10.20.0/16", ERR_MALFORMED, NULL},
    {"10.20.0.0", ERR_MALFORMED, NULL},
    {"10.020.0.0/16", ERR_MALFORMED, NULL},
    {"10.256.0.0/16", ERR_MALFORMED, NULL},
    {"10.20.0.0/16 ", ERR_MALFORMED, NULL},
};

START_TEST(prefixes_are_networks)
{
	struct ip4_prefix prefix;
	char text[IP4_PREFIX_TEXT];
	ck_assert_int_eq(
	    ip4_prefix_parse(prefixes[_i].text, &prefix), prefixes[_i].ret);
	if (prefixes[_i].network != NULL) {
		ck_assert_str_eq(
		    ip4_prefix_format(&prefix, text), prefixes[_i].network);
	}
}
END_TEST

static const struct {
	const char *text;
	int ret;
	uint32_t ms;
	const char *shown;
} durations[] = {
    {"5s", 0, 5000, "5s"},
    {"100ms", 0, 100, "100ms"},
    {"1h", ERR_MALFORMED, 0, NULL},
    {"60m", 0, 3600000, "60m"},
    {"120s", 0, 120000, "2m"},
    {"0s", 0, 0, "0ms"},
    {"5", ERR_MALFORMED, 0, NULL},
    {"s", ERR_MALFORMED, 0, NULL},
    {"-5s", ERR_MALFORMED, 0, NULL},
    {"5 s", ERR_MALFORMED, 0, NULL},
    {"99999999999s", ERR_RANGE, 0, NULL},
    {"1500ms", 0, 1500, "1500ms"},
};

START_TEST(durations_carry_their_unit)
{
	uint32_t ms = 77;
	char text[TEXT_DURATION];
	ck_assert_int_eq(text_duration(durations[_i].text, &ms), durations[_i].ret);
	ck_assert_uint_eq(ms, durations[_i].ret == 0 ? durations[_i].ms : 77);
	if (durations[_i].shown != NULL) {
		ck_assert_str_eq(text_duration_format(ms, text), durations[_i].shown);
	}
}
END_TEST

static const struct {
	int64_t ms;
	const char *text;
} times[] = {
    {0, "1970-01-01T00:00:00.000Z"},
    {-1, "1969-12-31T23:59:59.999Z"},
    {1795341600250, "2026-11-22T10:00:00.250Z"},
    {253402300799999, "9999-12-31T23:59:59.999Z"},
    {253402300800000, ""},
    {INT64_MAX, ""},
    {INT64_MIN, ""},
};

START_TEST(times_are_rfc_3339_with_milliseconds)
{
	char text[TEXT_TIME];
	ck_assert_str_eq(text_time_format(times[_i].ms, text), times[_i].text);
}
END_TEST

START_TEST(outside_text_is_made_printable_and_cut_whole)
{
	char text[16];
	ck_assert_str_eq(text_escape(text, sizeof(text), "a\\b\n", 4), "a\\\\b\\x0a");
	ck_assert_str_eq(
	    text_escape(text, sizeof(text), "012345678901234", 15), "012345678901234");
	ck_assert_str_eq(
	    text_escape(text, sizeof(text), "0123456789012345", 16), "012345678901...");
	ck_assert_str_eq(
	    text_escape(text, sizeof(text), "\1\1\1\1\1", 5), "\\x01\\x01\\x01...");
	ck_assert_str_eq(text_escape(text, 4, "abcd", 4), "...");
	ck_assert_str_eq(text_escape(text, 4, "", 0), "");
}
END_TEST

START_TEST(the_nearest_name_is_near)
{
	const char *const names[] = {"servers", "bootstrap", "delivery"};
	const char *const farms[] = {"west", "east"};
	ck_assert_str_eq(text_nearest("server", names, 3), "servers");
	ck_assert_str_eq(text_nearest("bootsrap", names, 3), "bootstrap");
	ck_assert_str_eq(text_nearest("esat", farms, 2), "east");
	ck_assert_str_eq(text_nearest("Ewst", farms, 2), "west");
	ck_assert_ptr_null(text_nearest("saet", farms, 2));
	ck_assert_ptr_null(text_nearest("balance", names, 3));
	ck_assert_ptr_null(text_nearest("x", names, 3));
}
END_TEST

START_TEST(a_list_is_a_queue_whose_entries_move_and_leave)
{
	struct list head;
	struct list entries[3] = {{.next = NULL}};
	list_init(&head);
	ck_assert_ptr_null(list_first(&head));
	list_remove(&entries[0]);
	for (unsigned i = 0; i < 3; i++) {
		list_append(&head, &entries[i]);
	}
	list_append(&head, &entries[0]);
	list_remove(&entries[2]);
	list_remove(&entries[2]);
	ck_assert_ptr_eq(list_first(&head), &entries[1]);
	list_remove(&entries[1]);
	ck_assert_ptr_eq(list_first(&head), &entries[0]);
	list_append(&head, &entries[0]); /* behind itself */
	ck_assert_ptr_eq(list_first(&head), &entries[0]);
	list_remove(&entries[0]);
	ck_assert_ptr_null(list_first(&head));
}
END_TEST

/* The example of the paper's appendix A, and the first of its authors' vectors. */
START_TEST(siphash_takes_a_key)
{
	static const uint64_t key[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
	const char *bytes = "\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16";
	ck_assert(siphash24_keyed(key, bytes, 15) == 0xa129ca6149be45e5);
	ck_assert(siphash24_keyed(key, "", 0) == 0x726fdb47dd0e0e31);
}
END_TEST

START_TEST(siphash_gives_the_reference_values)
{
	/* Made with an independent implementation that gives the published vectors. */
	ck_assert(siphash24("", 0) == 0x1e924b9d737700d7);
	ck_assert(siphash24("a", 1) == 0x96c20860cd93a249);
	ck_assert(siphash24("\0\1\2\3\4\5\6\7", 8) == 0xc72b1c24fc2f7938);
	ck_assert(siphash24("\0\1\2\3\4\5\6\7\10\11", 10) == 0x789ad31dad123412);
}
END_TEST

START_TEST(hex_survives_the_round_trip_and_nothing_else_is_hex)
{
	uint8_t bytes[3] = {7, 7, 7};
	char text[7];
	ck_assert_int_eq(hex_parse("00aBfF", bytes, 3), 0);
	ck_assert_str_eq(hex_format(text, bytes, 3), "00abff");
	ck_assert_int_eq(hex_parse("00abf", bytes, 3), ERR_MALFORMED);
	ck_assert_int_eq(hex_parse("00abffa", bytes, 3), ERR_MALFORMED);
	ck_assert_int_eq(hex_parse("00abfg", bytes, 3), ERR_MALFORMED);
	ck_assert_str_eq(hex_format(text, bytes, 3), "00abff");
}
END_TEST

START_TEST(what_stays_wrong_is_news_once_and_so_is_its_end)
{
	static const struct {
		int err;
		bool news;
	} course[] = {{0, false}, {ERR_SHORT, true}, {ERR_SHORT, false},
	    {ERR_NOTFOUND, true}, {0, true}, {0, false}};
	int last = 0;
	for (int i = 0; i < UNIT_ROWS(course); i++) {
		ck_assert_int_eq(log_is_news(&last, course[i].err), course[i].news);
	}
}
END_TEST

START_TEST(lines_come_so_many_a_second)
{
	struct log_limit one = {.next_ms = 0}, ten = {.next_ms = 0};
	uint64_t withheld = 9;
	ck_assert(log_limit_pass(&one, 5000, 1, &withheld));
	ck_assert_uint_eq(withheld, 0);
	ck_assert(!log_limit_pass(&one, 5999, 1, &withheld));
	ck_assert(log_limit_pass(&one, 6000, 1, &withheld));
	ck_assert_uint_eq(withheld, 1);
	/* Ten at once, then one in a tenth of a second. */
	for (unsigned i = 0; i < 10; i++) {
		ck_assert(log_limit_pass(&ten, 5000, 10, &withheld));
	}
	ck_assert(!log_limit_pass(&ten, 5099, 10, &withheld));
	ck_assert(log_limit_pass(&ten, 5100, 10, &withheld));
	ck_assert_uint_eq(withheld, 1);
	ck_assert(!log_limit_pass(&ten, 5100, 10, &withheld));
}
END_TEST

static void
keep_line(void *ctx, enum log_level level, const char *line)
{
	(void)level;
	(void)text_copy(ctx, 64, line);
}

START_TEST(a_limited_line_says_how_many_were_withheld)
{
	struct log_limit limit = {.next_ms = 0};
	char line[64] = "";
	log_set(keep_line, line, LOG_LEVEL_INFO);
	log_limited(&limit, 1000, 1, LOG_LEVEL_INFO, "line %u", 1u);
	log_limited(&limit, 1000, 1, LOG_LEVEL_INFO, "line %u", 2u);
	log_limited(&limit, 1000, 1, LOG_LEVEL_DEBUG, "not counted");
	ck_assert_str_eq(line, "line 1");
	log_limited(&limit, 2000, 1, LOG_LEVEL_INFO, "line %u", 3u);
	ck_assert_str_eq(line, "line 3 (1 more)");
	log_set(NULL, NULL, LOG_LEVEL_INFO);
}
END_TEST

START_TEST(what_was_said_of_a_device_is_remembered)
{
	static struct recent recent;
	const struct mac none = {{0}}, other = {{0, 0x50, 0x56, 1, 2, 3}};
	ck_assert(recent_is_news(&recent, &none, 0));
	ck_assert(!recent_is_news(&recent, &none, 0));
	ck_assert(recent_is_news(&recent, &other, 7));
	ck_assert(!recent_is_news(&recent, &other, 7));
	ck_assert(recent_is_news(&recent, &other, RECENT_WHAT_MAX));
	ck_assert(recent_is_news(&recent, &other, 7));
	ck_assert(!recent_is_news(&recent, &none, 0));
}
END_TEST

START_TEST(what_was_said_of_a_device_is_forgotten_once)
{
	static struct recent recent;
	const struct mac none = {{0}}, other = {{0, 0x50, 0x56, 1, 2, 3}};
	ck_assert(!recent_forget(&recent, &none));
	ck_assert(recent_is_news(&recent, &none, 0));
	ck_assert(recent_is_news(&recent, &other, RECENT_WHAT_MAX));
	ck_assert(recent_forget(&recent, &other));
	ck_assert(!recent_forget(&recent, &other));
	ck_assert(!recent_is_news(&recent, &none, 0));
	ck_assert(recent_forget(&recent, &none));
	ck_assert(recent_is_news(&recent, &none, 0));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base");
	TCase *tc = tcase_create("base");
	tcase_add_test(tc, a_short_read_yields_zero_and_sticks);
	tcase_add_test(tc, a_child_cannot_see_past_its_length);
	tcase_add_test(tc, a_string_must_end_inside_and_fit);
	tcase_add_test(tc, a_text_ends_at_its_nul_or_with_its_field);
	tcase_add_test(tc, a_write_is_whole_or_not_at_all);
	tcase_add_test(tc, numbers_survive_the_round_trip);
	tcase_add_loop_test(tc, macs_are_read_in_any_usual_notation, 0,
	    (int)(sizeof(macs) / sizeof(macs[0])));
	tcase_add_loop_test(tc, prefixes_are_networks, 0,
	    (int)(sizeof(prefixes) / sizeof(prefixes[0])));
	tcase_add_loop_test(
	    tc, times_are_rfc_3339_with_milliseconds, 0, UNIT_ROWS(times));
	tcase_add_loop_test(tc, durations_carry_their_unit, 0,
	    (int)(sizeof(durations) / sizeof(durations[0])));
	tcase_add_test(tc, outside_text_is_made_printable_and_cut_whole);
	tcase_add_test(tc, the_nearest_name_is_near);
	tcase_add_test(tc, hex_survives_the_round_trip_and_nothing_else_is_hex);
	tcase_add_test(tc, siphash_gives_the_reference_values);
	tcase_add_test(tc, what_stays_wrong_is_news_once_and_so_is_its_end);
	tcase_add_test(tc, lines_come_so_many_a_second);
	tcase_add_test(tc, a_limited_line_says_how_many_were_withheld);
	tcase_add_test(tc, what_was_said_of_a_device_is_remembered);
	tcase_add_test(tc, what_was_said_of_a_device_is_forgotten_once);
	tcase_add_test(tc, siphash_takes_a_key);
	tcase_add_test(tc, a_list_is_a_queue_whose_entries_move_and_leave);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
