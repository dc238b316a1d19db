/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/wire/dhcp4.h"
#include "tests/unit/dhcp4_packets.h"
#include "tests/unit/unit.h"

enum { OPTIONS = DHCP4_HEADER_LEN + 4 };

static struct dhcp4 message;
static uint8_t bytes[4096];

/* dnsmasq's answer, without the zeroes behind its END. */
static void
write_item_ack(struct wr *w, const void *start)
{
	static const struct dhcp4_header header = {.op = DHCP4_BOOTREPLY,
	    .htype = DHCP4_HTYPE_ETHERNET,
	    .hlen = 6,
	    .secs = 4,
	    .flags = DHCP4_FLAG_BROADCAST,
	    .yiaddr = 0x0a4d0100,
	    .siaddr = 0x0a4d0002,
	    .chaddr = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56}};
	dhcp4_put_header(w, &header, "ARDBP32.BIN");
	dhcp4_put_u8(w, DHCP4_OPT_MESSAGE_TYPE, DHCP4_ACK);
	dhcp4_put_be32(w, DHCP4_OPT_SERVER_ID, 0x0a4d0002);
	dhcp4_put_option(w, DHCP4_OPT_CLASS_ID, "PXEClient", 9);
	dhcp4_put_option(
	    w, DHCP4_OPT_CLIENT_UUID, "\0ALMV B\0@\200\0\0\0\0\0\253\315", 17);
	dhcp4_put_option(w, DHCP4_OPT_VENDOR, "\107\4\200\0\0\0\12\4\0PXE\377", 13);
	dhcp4_put_end(w, start);
}

START_TEST(a_message_is_written_as_another_server_writes_it)
{
	struct wr w = wr_init(bytes, sizeof(bytes));
	write_item_ack(&w, bytes);
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_eq(wr_len(&w, bytes), sizeof(dnsmasq_item_ack));
	ck_assert_mem_eq(bytes, dnsmasq_item_ack, sizeof(dnsmasq_item_ack));
}
END_TEST

START_TEST(every_field_of_a_header_is_written_where_it_is_read)
{
	const struct dhcp4_header header = {.op = 2,
	    .htype = 6,
	    .hlen = 16,
	    .hops = 3,
	    .xid = 0x01020304,
	    .secs = 0x0506,
	    .flags = 0x0708,
	    .ciaddr = 0x090a0b0c,
	    .yiaddr = 0x0d0e0f10,
	    .siaddr = 0x11121314,
	    .giaddr = 0x15161718,
	    .chaddr = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
	struct wr w = wr_init(bytes, sizeof(bytes));
	dhcp4_put_header(&w, &header, NULL);
	ck_assert_uint_eq(wr_len(&w, bytes), OPTIONS);
	dhcp4_put_end(&w, bytes);
	ck_assert_int_eq(dhcp4_decode(bytes, wr_len(&w, bytes), &message), 0);
	ck_assert_mem_eq(&message.header, &header, sizeof(header));
	ck_assert_uint_eq(dhcp4_file(&message).left, 0);
}
END_TEST

START_TEST(a_message_without_room_is_not_written)
{
	for (size_t room = 0; room < DHCP4_PADDED_LEN; room++) {
		uint8_t *exact = malloc(room > 0 ? room : 1);
		ck_assert_ptr_nonnull(exact);
		struct wr w = wr_init(exact, room);
		write_item_ack(&w, exact);
		ck_assert_int_eq(w.err, ERR_ROOM);
		free(exact);
	}
}
END_TEST

static const struct {
	size_t len;
	int err;
} file_cases[] = {
    {0, 0},
    {1, 0},
    {DHCP4_FILE_LEN - 1, 0},
    {DHCP4_FILE_LEN, 0},
    {DHCP4_FILE_LEN + 1, ERR_ROOM},
    {DHCP4_FILE_LEN + 20, ERR_ROOM},
};

START_TEST(a_file_name_fits_its_field_or_is_refused)
{
	static const struct dhcp4_header header;
	char file[DHCP4_FILE_LEN + 21] = {0};
	size_t len = file_cases[_i].len;
	memset(file, 'f', len);
	struct wr w = wr_init(bytes, sizeof(bytes));
	dhcp4_put_header(&w, &header, file);
	dhcp4_put_end(&w, bytes);
	ck_assert_int_eq(w.err, file_cases[_i].err);
	if (w.err == 0) {
		ck_assert_int_eq(dhcp4_decode(bytes, wr_len(&w, bytes), &message), 0);
		ck_assert_uint_eq(dhcp4_file(&message).left, len);
		ck_assert_mem_eq(message.file.p, file, DHCP4_FILE_LEN);
	}
}
END_TEST

static const struct {
	size_t len, written;
} split_cases[] = {
    {0, 2},
    {1, 3},
    {254, 256},
    {255, 257},
    {256, 260},
    {510, 514},
    {511, 517},
    {1024, 1034},
};

START_TEST(a_long_value_is_split_and_read_whole)
{
	uint8_t value[DHCP4_JOINED_MAX];
	struct rd got;
	static const struct dhcp4_header header;
	for (size_t i = 0; i < sizeof(value); i++) {
		value[i] = (uint8_t)(i * 7);
	}
	struct wr w = wr_init(bytes, sizeof(bytes));
	dhcp4_put_header(&w, &header, NULL);
	dhcp4_put_option(&w, 224, value, split_cases[_i].len);
	ck_assert_uint_eq(wr_len(&w, bytes), OPTIONS + split_cases[_i].written);
	dhcp4_put_end(&w, bytes);
	ck_assert_int_eq(dhcp4_decode(bytes, wr_len(&w, bytes), &message), 0);
	ck_assert(dhcp4_option(&message, 224, &got));
	ck_assert_uint_eq(got.left, split_cases[_i].len);
	ck_assert_mem_eq(got.p, value, got.left);
}
END_TEST

START_TEST(a_long_message_is_not_padded)
{
	static const struct dhcp4_header header;
	static const uint8_t value[64];
	for (size_t len = 0; len < sizeof(value); len++) {
		struct wr w = wr_init(bytes, sizeof(bytes));
		dhcp4_put_header(&w, &header, NULL);
		dhcp4_put_option(&w, 224, value, len);
		size_t ended = wr_len(&w, bytes) + 1;
		dhcp4_put_end(&w, bytes);
		ck_assert_uint_eq(wr_len(&w, bytes),
		    ended < DHCP4_PADDED_LEN ? DHCP4_PADDED_LEN : ended);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dhcp4_write");
	TCase *tc = tcase_create("writing");
	tcase_add_test(tc, a_message_is_written_as_another_server_writes_it);
	tcase_add_test(tc, every_field_of_a_header_is_written_where_it_is_read);
	tcase_add_test(tc, a_message_without_room_is_not_written);
	tcase_add_loop_test(
	    tc, a_file_name_fits_its_field_or_is_refused, 0, UNIT_ROWS(file_cases));
	tcase_add_loop_test(
	    tc, a_long_value_is_split_and_read_whole, 0, UNIT_ROWS(split_cases));
	tcase_add_test(tc, a_long_message_is_not_padded);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
