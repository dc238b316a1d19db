/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/wire/dhcp4.h"
#include "tests/unit/dhcp4_packets.h"
#include "tests/unit/unit.h"

enum { OPTIONS = DHCP4_HEADER_LEN + 4, SNAME = 44, FILE_FIELD = 108 };

static struct dhcp4 message;
static uint8_t bytes[4096];

/* A request with these options and END, zeroes up to 300 bytes; returns its length. */
static size_t
with_options(const void *options, size_t len)
{
	const struct dhcp4_header header = {.op = DHCP4_BOOTREQUEST, .hlen = 6};
	struct wr w = wr_init(bytes, sizeof(bytes));
	dhcp4_put_header(&w, &header, NULL);
	wr_bytes(&w, options, len);
	dhcp4_put_end(&w, bytes);
	ck_assert_int_eq(w.err, 0);
	return wr_len(&w, bytes);
}

static int
decode_options(const void *options, size_t len)
{
	size_t whole = with_options(options, len);
	return dhcp4_decode(bytes, whole, &message);
}

static void
require_value(uint8_t code, const void *value, size_t len)
{
	struct rd got;
	ck_assert(dhcp4_option(&message, code, &got));
	ck_assert_uint_eq(got.left, len);
	ck_assert_mem_eq(got.p, value, len);
}

static void
require_absent(uint8_t code)
{
	struct rd got = {.left = 77};
	ck_assert(!dhcp4_option(&message, code, &got));
	ck_assert_uint_eq(got.left, 0);
}

static const struct {
	const uint8_t *bytes;
	uint32_t xid, ciaddr, yiaddr, siaddr;
	uint16_t secs, flags, max_message, arch;
	uint8_t op, type;
	bool has_file;
	const char *class_id;
} seen[] = {
    {ipxe_bios_discover, 0x7f9b2410, 0, 0, 0, 4, 0, 1472, 0, 1, DHCP4_DISCOVER, false,
	"PXEClient:Arch:00000:UNDI:002001"},
    {ipxe_uefi_discover, 0xe8bf2c3a, 0, 0, 0, 4, 0, 1472, 7, 1, DHCP4_DISCOVER, false,
	"PXEClient:Arch:00007:UNDI:003010"},
    {edk2_discover, 0x40c5779f, 0, 0, 0, 0, 0x8000, 1472, 7, 1, DHCP4_DISCOVER, false,
	"PXEClient:Arch:00007:UNDI:003000"},
    {edk2_request, 0x40c5779f, 0, 0, 0, 0, 0x8000, 65280, 7, 1, DHCP4_REQUEST, false,
	"PXEClient:Arch:00007:UNDI:003000"},
    {edk2_proxy_request, 0x2548562f, 0x0a4d0100, 0, 0, 0, 0, 1472, 7, 1, DHCP4_REQUEST,
	false, "PXEClient:Arch:00007:UNDI:003000"},
    {ipxe_item_request, 0, 0x0a4d0100, 0, 0, 4, 0x8000, 1472, 0, 1, DHCP4_REQUEST,
	false, "PXEClient"},
    {kea_offer, 0x7f9b2410, 0, 0x0a4d0100, 0, 0, 0, 0, 0, 2, DHCP4_OFFER, false, NULL},
    {dnsmasq_menu_offer, 0x7f9b2410, 0, 0, 0, 4, 0x8000, 0, 0, 2, DHCP4_OFFER, false,
	"PXEClient"},
    {dnsmasq_item_ack, 0, 0, 0x0a4d0100, 0x0a4d0002, 4, 0x8000, 0, 0, 2, DHCP4_ACK,
	true, "PXEClient"},
};
_Static_assert(UNIT_ROWS(seen) == UNIT_ROWS(packets), "one row for each packet");

static void
require_seen(int row)
{
	static const uint8_t mac[16] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
	ck_assert_uint_eq(message.header.op, seen[row].op);
	ck_assert_uint_eq(message.header.htype, DHCP4_HTYPE_ETHERNET);
	ck_assert_uint_eq(message.header.hlen, 6);
	ck_assert_uint_eq(message.header.hops, 0);
	ck_assert_uint_eq(message.header.xid, seen[row].xid);
	ck_assert_uint_eq(message.header.secs, seen[row].secs);
	ck_assert_uint_eq(message.header.flags, seen[row].flags);
	ck_assert_uint_eq(message.header.ciaddr, seen[row].ciaddr);
	ck_assert_uint_eq(message.header.yiaddr, seen[row].yiaddr);
	ck_assert_uint_eq(message.header.siaddr, seen[row].siaddr);
	ck_assert_uint_eq(message.header.giaddr, 0);
	ck_assert_mem_eq(message.header.chaddr, mac, sizeof(mac));
	ck_assert_int_eq((dhcp4_file(&message).left > 0), seen[row].has_file);
}

START_TEST(real_messages_are_read)
{
	uint8_t type = 0;
	uint16_t max_message = 0, arch = 0;
	ck_assert_ptr_eq(packets[_i].bytes, seen[_i].bytes);
	ck_assert_int_eq(dhcp4_decode(packets[_i].bytes, packets[_i].len, &message), 0);
	require_seen(_i);
	ck_assert(dhcp4_option_u8(&message, DHCP4_OPT_MESSAGE_TYPE, &type));
	ck_assert_uint_eq(type, seen[_i].type);
	(void)dhcp4_option_be16(&message, DHCP4_OPT_MAX_MESSAGE, &max_message);
	ck_assert_uint_eq(max_message, seen[_i].max_message);
	(void)dhcp4_option_be16(&message, DHCP4_OPT_CLIENT_ARCH, &arch);
	ck_assert_uint_eq(arch, seen[_i].arch);
	if (seen[_i].class_id != NULL) {
		require_value(
		    DHCP4_OPT_CLASS_ID, seen[_i].class_id, strlen(seen[_i].class_id));
	} else {
		require_absent(DHCP4_OPT_CLASS_ID);
	}
}
END_TEST

START_TEST(a_message_cut_anywhere_before_its_end_is_none)
{
	for (size_t cut = 0; cut <= packets[_i].end; cut++) {
		ck_assert_int_eq(
		    dhcp4_decode(packets[_i].bytes, cut, &message), ERR_SHORT);
	}
	size_t whole = packets[_i].end + 1;
	ck_assert_int_eq(dhcp4_decode(packets[_i].bytes, whole, &message), 0);
}
END_TEST

/* Enlarged lengths of a packet's option at an offset, all of which must be seen. */
static void
require_seen_when_enlarged(int row, size_t at, unsigned first, unsigned last)
{
	memcpy(bytes, packets[row].bytes, packets[row].len);
	for (unsigned len = first; len <= last; len++) {
		bytes[at + 1] = (uint8_t)len;
		ck_assert_int_lt(dhcp4_decode(bytes, packets[row].len, &message), 0);
	}
}

static bool
has_one_size(uint8_t code)
{
	static const uint8_t codes[] = {1, 50, 51, 53, 54, 57, 94, 97};
	return memchr(codes, code, sizeof(codes)) != NULL;
}

/* What remains unseen: an option of any size that ends where, by chance or by swallowing whole
 * neighbours, options follow that fit to the end. It is a message like any other. */
START_TEST(an_enlarged_length_is_seen)
{
	const uint8_t *packet = packets[_i].bytes;
	size_t end = packets[_i].end;
	for (size_t at = OPTIONS; at < end; at += 2u + packet[at + 1]) {
		unsigned len = packet[at + 1];
		unsigned reaching_end = (unsigned)(end - at) - 1;
		require_seen_when_enlarged(
		    _i, at, len + 1, has_one_size(packet[at]) ? 255 : len + 3);
		require_seen_when_enlarged(_i, at, reaching_end, 255);
	}
}
END_TEST

static void
sweep_message(const uint8_t *swept, size_t len, void *ctx)
{
	static const uint8_t codes[] = {DHCP4_OPT_VENDOR, DHCP4_OPT_MESSAGE_TYPE,
	    DHCP4_OPT_MAX_MESSAGE, DHCP4_OPT_CLASS_ID, DHCP4_OPT_TFTP_SERVER,
	    DHCP4_OPT_BOOT_FILE, DHCP4_OPT_CLIENT_UUID};
	static struct dhcp4 decoded;
	(void)ctx;
	if (dhcp4_decode(swept, len, &decoded) != 0) {
		return;
	}
	(void)dhcp4_file(&decoded);
	for (size_t i = 0; i < sizeof(codes); i++) {
		struct rd value;
		size_t sum = 0;
		ck_assert(dhcp4_option(&decoded, codes[i], &value) || value.left == 0);
		while (value.left > 0) {
			sum += rd_u8(&value);
		}
		ck_assert_uint_le(sum, DHCP4_JOINED_MAX * 255);
	}
}

START_TEST(mutilated_messages_stay_inside_their_bytes)
{
	unit_sweep(sweep_message, packets[_i].bytes, packets[_i].len, NULL);
}
END_TEST

static const struct {
	const char *options;
	size_t len;
	int ret;
} option_cases[] = {
    {UNIT_BYTES(""), 0},
    {UNIT_BYTES("\0\0\0"), 0},
    {UNIT_BYTES("\65\1\1"), 0},
    {UNIT_BYTES("\0\0\65\1\1\0\0\74\1x\0"), 0}, /* pads between */
    {UNIT_BYTES("\65\1\1\377\65"), 0},          /* half an option behind END */
    {UNIT_BYTES("\377\65\7"), 0},
    {UNIT_BYTES("\65\0"), ERR_MALFORMED},
    {UNIT_BYTES("\65\2\1\1"), ERR_MALFORMED},
    {UNIT_BYTES("\65\1\1\65\1\1"), ERR_MALFORMED}, /* two message types */
    {UNIT_BYTES("\66\3\1\1\1"), ERR_MALFORMED},
    {UNIT_BYTES("\66\5\1\1\1\1\1"), ERR_MALFORMED},
    {UNIT_BYTES("\62\0"), ERR_MALFORMED},
    {UNIT_BYTES("\63\2\1\1"), ERR_MALFORMED},
    {UNIT_BYTES("\71\4\0\0\1\1"), ERR_MALFORMED},
    {UNIT_BYTES("\71\2\377\0"), 0}, /* EDK2's maximum of 65280 */
    {UNIT_BYTES("\72\2\1\1"), ERR_MALFORMED},
    {UNIT_BYTES("\73\5\1\1\1\1\1"), ERR_MALFORMED},
    {UNIT_BYTES("\14\0"), ERR_MALFORMED},
    {UNIT_BYTES("\14\3pvs"), 0},
    {UNIT_BYTES("\67\0"), ERR_MALFORMED},
    {UNIT_BYTES("\74\0"), ERR_MALFORMED},
    {UNIT_BYTES("\75\1\1"), ERR_MALFORMED},
    {UNIT_BYTES("\75\2\1\1"), 0},
    {UNIT_BYTES("\135\0"), ERR_MALFORMED},
    {UNIT_BYTES("\135\1\7"), ERR_MALFORMED},
    {UNIT_BYTES("\135\3\0\7\0"), ERR_MALFORMED},
    {UNIT_BYTES("\135\6\0\7\0\11\0\0"), 0}, /* a list */
    {UNIT_BYTES("\135\1\0\135\1\7"), 0},    /* one value, split */
    {UNIT_BYTES("\135\2\0\7\135\1\0"), ERR_MALFORMED},
    {UNIT_BYTES("\136\2\1\3"), ERR_MALFORMED},
    {UNIT_BYTES("\136\4\1\3\0\0"), ERR_MALFORMED},
    {UNIT_BYTES("\141\20\0AAAABBBBCCCCDDD"), ERR_MALFORMED},
    {UNIT_BYTES("\141\22\0AAAABBBBCCCCDDDDE"), ERR_MALFORMED},
    {UNIT_BYTES("\13\4\12\1\0\13"), 0},
    {UNIT_BYTES("\13\10\12\1\0\13\12\1\0\14"), 0},
    {UNIT_BYTES("\13\6\12\1\0\13\12\1"), ERR_MALFORMED},
    {UNIT_BYTES("\53\0"), 0}, /* 43, 66, 82 and 224 hold what they like */
    {UNIT_BYTES("\102\0"), 0},
    {UNIT_BYTES("\122\0"), 0},
    {UNIT_BYTES("\340\3abc"), 0},
    {UNIT_BYTES("\64\1\0"), ERR_MALFORMED}, /* overload: 1 to 3 */
    {UNIT_BYTES("\64\1\4"), ERR_MALFORMED},
    {UNIT_BYTES("\64\0"), ERR_MALFORMED},
    {UNIT_BYTES("\64\2\1\1"), ERR_MALFORMED},
    {UNIT_BYTES("\64\1\1"), ERR_SHORT}, /* fields of zeroes have no END */
    {UNIT_BYTES("\64\1\2"), ERR_SHORT},
    {UNIT_BYTES("\64\1\3"), ERR_SHORT},
};

START_TEST(options_have_the_sizes_that_standards_give)
{
	ck_assert_int_eq(decode_options(option_cases[_i].options, option_cases[_i].len),
	    option_cases[_i].ret);
}
END_TEST

static const struct {
	size_t offset;
	uint8_t value;
	int ret;
} header_cases[] = {
    {2, 16, 0}, /* hlen */
    {2, 17, ERR_MALFORMED},
    {2, 255, ERR_MALFORMED},
    {236, 0, ERR_MALFORMED}, /* cookie */
    {239, 0x64, ERR_MALFORMED},
};

START_TEST(a_header_has_room_for_its_address_and_the_cookie_behind_it)
{
	memcpy(bytes, edk2_discover, sizeof(edk2_discover));
	bytes[header_cases[_i].offset] = header_cases[_i].value;
	ck_assert_int_eq(
	    dhcp4_decode(bytes, sizeof(edk2_discover), &message), header_cases[_i].ret);
}
END_TEST

START_TEST(a_value_that_is_not_split_outlives_the_next_look_up)
{
	struct rd class_id, uuid;
	ck_assert_int_eq(decode_options(UNIT_BYTES("\74\2ab\53\1x\53\1y")), 0);
	ck_assert(dhcp4_option(&message, DHCP4_OPT_CLASS_ID, &class_id));
	ck_assert(dhcp4_option(&message, DHCP4_OPT_VENDOR, &uuid));
	ck_assert_uint_eq(class_id.left, 2);
	ck_assert_mem_eq(class_id.p, "ab", 2);
}
END_TEST

START_TEST(an_empty_option_is_there)
{
	ck_assert_int_eq(decode_options(UNIT_BYTES("\53\0\102\0\102\0")), 0);
	require_value(DHCP4_OPT_VENDOR, "", 0);
	require_value(DHCP4_OPT_TFTP_SERVER, "", 0);
	require_absent(DHCP4_OPT_BOOT_FILE);
}
END_TEST

START_TEST(what_lies_behind_the_end_is_not_there)
{
	ck_assert_int_eq(decode_options(UNIT_BYTES("\65\1\1\377\74\1x")), 0);
	require_absent(DHCP4_OPT_CLASS_ID);
	require_absent(DHCP4_OPT_PAD);
	require_absent(DHCP4_OPT_END);
}
END_TEST

START_TEST(the_parts_of_a_split_option_are_joined)
{
	ck_assert_int_eq(decode_options(UNIT_BYTES("\53\2ab\74\1x\0\53\0\53\3cde")), 0);
	require_value(DHCP4_OPT_VENDOR, "abcde", 5);
	require_value(DHCP4_OPT_CLASS_ID, "x", 1);
}
END_TEST

/* len bytes of option 43, split. */
static int
decode_vendor(size_t len)
{
	static const uint8_t value[DHCP4_JOINED_MAX + 1];
	uint8_t options[DHCP4_JOINED_MAX + 64];
	struct wr w = wr_init(options, sizeof(options));
	dhcp4_put_option(&w, DHCP4_OPT_VENDOR, value, len);
	ck_assert_int_eq(w.err, 0);
	return decode_options(options, wr_len(&w, options));
}

START_TEST(what_does_not_join_in_the_room_is_absent)
{
	struct rd value;
	ck_assert_int_eq(decode_vendor(DHCP4_JOINED_MAX), 0);
	ck_assert(dhcp4_option(&message, DHCP4_OPT_VENDOR, &value));
	ck_assert_uint_eq(value.left, DHCP4_JOINED_MAX);
	ck_assert_int_eq(decode_vendor(DHCP4_JOINED_MAX + 1), 0);
	require_absent(DHCP4_OPT_VENDOR);
}
END_TEST

/* A message with file and sname fields of these bytes. */
static int
decode_overloaded(
    char fields, const char *file, size_t file_len, const char *sname, size_t sname_len)
{
	char options[] = {DHCP4_OPT_OVERLOAD, 1, fields, DHCP4_OPT_VENDOR, 1, 'a'};
	size_t len = with_options(options, sizeof(options));
	memcpy(bytes + FILE_FIELD, file, file_len);
	memcpy(bytes + SNAME, sname, sname_len);
	return dhcp4_decode(bytes, len, &message);
}

START_TEST(options_stand_in_the_file_field_too)
{
	ck_assert_int_eq(
	    decode_overloaded(1, UNIT_BYTES("\53\1b\103\1f\377"), UNIT_BYTES("\53\1c")),
	    0);
	require_value(DHCP4_OPT_VENDOR, "ab", 2);
	require_value(DHCP4_OPT_BOOT_FILE, "f", 1);
	ck_assert_uint_eq(dhcp4_file(&message).left, 0);
	ck_assert_uint_eq(message.sname.left, DHCP4_SNAME_LEN);
}
END_TEST

START_TEST(options_stand_in_the_sname_field_too)
{
	ck_assert_int_eq(
	    decode_overloaded(2, UNIT_BYTES("file"), UNIT_BYTES("\53\1c\377")), 0);
	require_value(DHCP4_OPT_VENDOR, "ac", 2);
	ck_assert_uint_eq(dhcp4_file(&message).left, 4);
	ck_assert_uint_eq(message.sname.left, 0);
}
END_TEST

START_TEST(overloaded_fields_are_joined_file_first)
{
	ck_assert_int_eq(
	    decode_overloaded(3, UNIT_BYTES("\53\1b\377"), UNIT_BYTES("\53\1c\377")),
	    0);
	require_value(DHCP4_OPT_VENDOR, "abc", 3);
	ck_assert_uint_eq(dhcp4_file(&message).left, 0);
}
END_TEST

START_TEST(an_overloaded_field_has_sizes_and_an_end_of_its_own)
{
	static const char full[DHCP4_FILE_LEN] = {DHCP4_OPT_VENDOR, 127};
	ck_assert_int_eq(
	    decode_overloaded(1, UNIT_BYTES("\53\1b"), UNIT_BYTES("\377")), ERR_SHORT);
	ck_assert_int_eq(
	    decode_overloaded(1, full, sizeof(full), UNIT_BYTES("")), ERR_SHORT);
	ck_assert_int_eq(
	    decode_overloaded(3, UNIT_BYTES("\377"), UNIT_BYTES("\53\76")), ERR_SHORT);
	ck_assert_int_eq(
	    decode_overloaded(1, UNIT_BYTES("\65\2\1\1\377"), UNIT_BYTES("")),
	    ERR_MALFORMED);
	ck_assert_int_eq(
	    decode_overloaded(1, UNIT_BYTES("\64\1\1\377"), UNIT_BYTES("")),
	    ERR_MALFORMED);
}
END_TEST

START_TEST(overloaded_messages_stay_inside_their_bytes)
{
	ck_assert_int_eq(decode_overloaded(3, UNIT_BYTES("\103\6f\0\0\0\0g\377"),
			     UNIT_BYTES("\102\2ab\377")),
	    0);
	uint8_t swept[DHCP4_PADDED_LEN];
	memcpy(swept, bytes, sizeof(swept));
	unit_sweep(sweep_message, swept, sizeof(swept), NULL);
}
END_TEST

START_TEST(numbers_have_their_own_size)
{
	uint8_t u8 = 77;
	uint16_t be16 = 77;
	uint32_t be32 = 77;
	ck_assert_int_eq(
	    decode_options(UNIT_BYTES("\340\1\1\341\2\1\2\342\4\1\2\3\4\343\3\1\2\3")),
	    0);
	for (unsigned code = 223; code <= 227; code++) {
		ck_assert_int_eq(
		    dhcp4_option_u8(&message, (uint8_t)code, &u8), code == 224);
		ck_assert_int_eq(
		    dhcp4_option_be16(&message, (uint8_t)code, &be16), code == 225);
		ck_assert_int_eq(
		    dhcp4_option_be32(&message, (uint8_t)code, &be32), code == 226);
	}
	ck_assert_uint_eq(u8, 1);
	ck_assert_uint_eq(be16, 0x0102);
	ck_assert_uint_eq(be32, 0x01020304);
}
END_TEST

START_TEST(a_number_that_is_not_there_leaves_its_place_alone)
{
	uint8_t u8 = 77;
	uint16_t be16 = 77;
	uint32_t be32 = 77;
	ck_assert_int_eq(decode_options(UNIT_BYTES("\343\3\1\2\3")), 0);
	ck_assert(!dhcp4_option_u8(&message, 227, &u8));
	ck_assert(!dhcp4_option_be16(&message, 227, &be16));
	ck_assert(!dhcp4_option_be32(&message, 227, &be32));
	ck_assert_uint_eq(u8 + be16 + be32, 3 * 77);
}
END_TEST

static TCase *
reading(void)
{
	TCase *tc = tcase_create("reading");
	int all = UNIT_ROWS(packets);
	tcase_add_loop_test(tc, real_messages_are_read, 0, all);
	tcase_add_loop_test(tc, a_message_cut_anywhere_before_its_end_is_none, 0, all);
	tcase_add_loop_test(tc, an_enlarged_length_is_seen, 0, all);
	tcase_add_loop_test(tc, mutilated_messages_stay_inside_their_bytes, 0, all);
	tcase_add_loop_test(
	    tc, options_have_the_sizes_that_standards_give, 0, UNIT_ROWS(option_cases));
	tcase_add_loop_test(tc,
	    a_header_has_room_for_its_address_and_the_cookie_behind_it, 0,
	    UNIT_ROWS(header_cases));
	return tc;
}

static TCase *
looking_up(void)
{
	TCase *tc = tcase_create("looking up");
	tcase_add_test(tc, a_value_that_is_not_split_outlives_the_next_look_up);
	tcase_add_test(tc, an_empty_option_is_there);
	tcase_add_test(tc, what_lies_behind_the_end_is_not_there);
	tcase_add_test(tc, the_parts_of_a_split_option_are_joined);
	tcase_add_test(tc, what_does_not_join_in_the_room_is_absent);
	tcase_add_test(tc, options_stand_in_the_file_field_too);
	tcase_add_test(tc, options_stand_in_the_sname_field_too);
	tcase_add_test(tc, overloaded_fields_are_joined_file_first);
	tcase_add_test(tc, an_overloaded_field_has_sizes_and_an_end_of_its_own);
	tcase_add_test(tc, overloaded_messages_stay_inside_their_bytes);
	tcase_add_test(tc, numbers_have_their_own_size);
	tcase_add_test(tc, a_number_that_is_not_there_leaves_its_place_alone);
	return tc;
}

int
main(void)
{
	Suite *suite = suite_create("dhcp4_read");
	suite_add_tcase(suite, reading());
	suite_add_tcase(suite, looking_up());
	return unit_run(suite);
}
