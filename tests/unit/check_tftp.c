/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/wire/tftp.h"
#include "tests/unit/unit.h"

/* Trivial File Transfer Protocol
 *     Opcode: Read Request (1)
 *     Source File: east/pvsnbpx64.efi
 *     Type: octet
 *     Option: tsize = 0
 *     Option: blksize = 1468
 *     Option: windowsize = 4
 * As EDK2 sends it. The NUL that ends the literal ends the packet, here and below. */
static const uint8_t rrq_edk2[] = "\0\1" /* opcode */
				  "east/pvsnbpx64.efi\0"
				  "octet\0"
				  "tsize\0"
				  "0\0"
				  "blksize\0"
				  "1468\0"
				  "windowsize\0"
				  "4";

/* Trivial File Transfer Protocol
 *     Opcode: Option Acknowledgement (6)
 *     Option: blksize = 1468
 *     Option: tsize = 312456
 *     Option: timeout = 5
 *     Option: windowsize = 4 */
static const uint8_t oack[] = "\0\6" /* opcode */
			      "blksize\0"
			      "1468\0"
			      "tsize\0"
			      "312456\0"
			      "timeout\0"
			      "5\0"
			      "windowsize\0"
			      "4";

/* Trivial File Transfer Protocol
 *     Opcode: Data Packet (3)
 *     Block: 65535
 *     Data (5 bytes): 0102030405 */
static const uint8_t data[] = {0x00, 0x03, 0xff, 0xff, 1, 2, 3, 4, 5};

/* Trivial File Transfer Protocol
 *     Opcode: Acknowledgement (4)
 *     Block: 258 */
static const uint8_t ack[] = {0x00, 0x04, 0x01, 0x02};

/* Trivial File Transfer Protocol
 *     Opcode: Error Code (5)
 *     Error code: Option negotiation failed (8)
 *     Error message: User aborted the transfer
 * How EDK2 ends its size probe. */
static const uint8_t error_edk2[] = "\0\5"  /* opcode */
				    "\0\10" /* error code */
				    "User aborted the transfer";

static const struct tftp_request edk2 = {
    .opcode = TFTP_RRQ,
    .mode = TFTP_OCTET,
    .name = "east/pvsnbpx64.efi",
    .options = {.has_tsize = true,
	.has_blksize = true,
	.blksize = 1468,
	.has_windowsize = true,
	.windowsize = 4},
};

static const struct tftp_options four_options = {
    .has_blksize = true,
    .blksize = 1468,
    .has_tsize = true,
    .tsize = 312456,
    .has_timeout = true,
    .timeout = 5,
    .has_windowsize = true,
    .windowsize = 4,
};

static void
assert_options_equal(const struct tftp_options *a, const struct tftp_options *b)
{
	ck_assert_int_eq(a->has_blksize, b->has_blksize);
	ck_assert_int_eq(a->has_tsize, b->has_tsize);
	ck_assert_int_eq(a->has_timeout, b->has_timeout);
	ck_assert_int_eq(a->has_windowsize, b->has_windowsize);
	ck_assert_int_eq(a->probe, b->probe);
	ck_assert_uint_eq(a->blksize, b->blksize);
	ck_assert_uint_eq(a->tsize, b->tsize);
	ck_assert_uint_eq(a->timeout, b->timeout);
	ck_assert_uint_eq(a->windowsize, b->windowsize);
}

static void
assert_requests_equal(const struct tftp_request *a, const struct tftp_request *b)
{
	ck_assert_int_eq(a->opcode, b->opcode);
	ck_assert_int_eq(a->mode, b->mode);
	ck_assert_str_eq(a->name, b->name);
	assert_options_equal(&a->options, &b->options);
}

START_TEST(an_edk2_request_is_read)
{
	struct tftp_request request;
	ck_assert_int_eq(tftp_request_decode(rrq_edk2, sizeof(rrq_edk2), &request), 0);
	assert_requests_equal(&request, &edk2);
}
END_TEST

/* What stands behind the mode; a bar is a NUL. */
static const struct {
	const char *text;
	struct tftp_options options;
} option_cases[] = {
    {"", {0}},
    {"blksize|1428|", {.has_blksize = true, .blksize = 1428}},
    {"BlkSize|1428|", {.has_blksize = true, .blksize = 1428}},
    {"blksize|8|", {.has_blksize = true, .blksize = 8}},
    {"blksize|65464|", {.has_blksize = true, .blksize = 65464}},
    {"tsize|0|", {.has_tsize = true}},
    {"tsize|9223372036854775807|", {.has_tsize = true, .tsize = INT64_MAX}},
    {"timeout|1|", {.has_timeout = true, .timeout = 1}},
    {"timeout|255|", {.has_timeout = true, .timeout = 255}},
    {"windowsize|1|", {.has_windowsize = true, .windowsize = 1}},
    {"windowsize|65535|", {.has_windowsize = true, .windowsize = 65535}},
    {"pvsboot-probe|1|", {.probe = true}},
    /* out of range */
    {"pvsboot-probe|0|", {0}},
    {"pvsboot-probe|2|", {0}},
    {"blksize|7|", {0}},
    {"blksize|65465|", {0}},
    {"blksize|67000|", {0}},
    {"blksize|18446744073709553084|", {0}},
    {"tsize|9223372036854775808|", {0}},
    {"timeout|0|", {0}},
    {"timeout|256|", {0}},
    {"windowsize|0|", {0}},
    {"windowsize|65536|", {0}},
    /* not a number */
    {"blksize|-1428|", {0}},
    {"blksize|+1428|", {0}},
    {"blksize| 1428|", {0}},
    {"blksize|1428 |", {0}},
    {"blksize|01428|", {0}},
    {"blksize|0x594|", {0}},
    {"blksize|1428.0|", {0}},
    {"blksize||", {0}},
    {"tsize|x|", {0}},
    /* not ours */
    {"multicast||blksize2|512|utimeout|99|", {0}},
    {"msftwindow|31416|rollover|0|", {0}},
    {"blksizes|1428|blksiz|1428|", {0}},
    /* repeated: the first counts, good or bad */
    {"blksize|1428|BLKSIZE|512|", {.has_blksize = true, .blksize = 1428}},
    {"blksize|7|blksize|512|", {0}},
    /* a bad one does not hurt its neighbour */
    {"blksize|x|timeout|3|", {.has_timeout = true, .timeout = 3}},
    /* cut short, and garbage behind the last */
    {"timeout|3|blksize", {.has_timeout = true, .timeout = 3}},
    {"timeout|3|blksize|", {.has_timeout = true, .timeout = 3}},
    {"timeout|3|blksize|1428", {.has_timeout = true, .timeout = 3}},
    {"timeout|3||||||", {.has_timeout = true, .timeout = 3}},
    {"timeout|3|\xff\xfe garbage", {.has_timeout = true, .timeout = 3}},
};

START_TEST(an_option_counts_only_with_a_good_value)
{
	uint8_t packet[TFTP_REQUEST_MAX];
	struct wr w = wr_init(packet, sizeof(packet));
	struct tftp_request request;
	wr_be16(&w, TFTP_RRQ);
	wr_cstr(&w, "x");
	wr_cstr(&w, "octet");
	for (const char *p = option_cases[_i].text; *p != '\0'; p++) {
		wr_u8(&w, *p == '|' ? 0 : (uint8_t)*p);
	}
	ck_assert_int_eq(w.err, 0);
	ck_assert_int_eq(tftp_request_decode(packet, wr_len(&w, packet), &request), 0);
	assert_options_equal(&request.options, &option_cases[_i].options);
}
END_TEST

START_TEST(more_options_than_a_byte_counts_are_harmless)
{
	uint8_t packet[TFTP_REQUEST_MAX];
	struct wr w = wr_init(packet, sizeof(packet));
	struct tftp_request request;
	wr_be16(&w, TFTP_RRQ);
	wr_cstr(&w, "x");
	wr_cstr(&w, "octet");
	while (w.left > 2 + sizeof("blksize") + sizeof("1428")) {
		wr_zero(&w, 2);
	}
	wr_cstr(&w, "blksize");
	wr_cstr(&w, "1428");
	size_t len = wr_len(&w, packet);
	ck_assert_uint_gt(len, 255 + 200);
	ck_assert_int_eq(tftp_request_decode(packet, len, &request), 0);
	ck_assert_uint_eq(request.options.blksize, 1428);
}
END_TEST

static const struct {
	const char *bytes;
	size_t len;
	int ret;
} request_cases[] = {
    {UNIT_BYTES("\0\1f\0octet\0"), 0},
    {UNIT_BYTES("\0\2f\0octet\0"), 0},
    {UNIT_BYTES("\0\1f\0OcTeT\0"), 0},
    {UNIT_BYTES("\0\1f\0NETASCII\0"), 0},
    {UNIT_BYTES(""), ERR_SHORT},
    {UNIT_BYTES("\0"), ERR_SHORT},
    {UNIT_BYTES("\0\1"), ERR_SHORT},
    {UNIT_BYTES("\0\1f"), ERR_SHORT},
    {UNIT_BYTES("\0\1f\0"), ERR_SHORT},
    {UNIT_BYTES("\0\1f\0octet"), ERR_SHORT},
    {UNIT_BYTES("\0\1\0octet\0"), ERR_MALFORMED},
    {UNIT_BYTES("\0\0f\0octet\0"), ERR_MALFORMED},
    {UNIT_BYTES("\0\3f\0octet\0"), ERR_MALFORMED},
    {UNIT_BYTES("\0\6f\0octet\0"), ERR_MALFORMED},
    {UNIT_BYTES("\1\1f\0octet\0"), ERR_MALFORMED},
    {UNIT_BYTES("\0\1f\0mail\0"), ERR_BADOPT},
    {UNIT_BYTES("\0\1f\0octets\0"), ERR_BADOPT},
    {UNIT_BYTES("\0\1f\0octe\0"), ERR_BADOPT},
    {UNIT_BYTES("\0\1f\0\0"), ERR_BADOPT},
};

START_TEST(a_request_has_an_opcode_a_name_and_a_mode)
{
	struct tftp_request request = {.name = "untouched"};
	int ret = tftp_request_decode(
	    request_cases[_i].bytes, request_cases[_i].len, &request);
	ck_assert_int_eq(ret, request_cases[_i].ret);
	ck_assert_str_eq(request.name, ret == 0 ? "f" : "untouched");
}
END_TEST

START_TEST(a_request_over_512_bytes_is_refused)
{
	uint8_t packet[TFTP_REQUEST_MAX + 1] = "\0\1f\0octet";
	struct tftp_request request;
	ck_assert_int_eq(tftp_request_decode(packet, TFTP_REQUEST_MAX, &request), 0);
	ck_assert_int_eq(
	    tftp_request_decode(packet, TFTP_REQUEST_MAX + 1, &request), ERR_MALFORMED);
}
END_TEST

START_TEST(a_name_of_255_bytes_fits_and_256_do_not)
{
	for (size_t len = TFTP_NAME_MAX; len <= TFTP_NAME_MAX + 1; len++) {
		uint8_t packet[TFTP_REQUEST_MAX];
		char name[TFTP_NAME_MAX + 2] = {0};
		struct wr w = wr_init(packet, sizeof(packet));
		struct tftp_request request;
		memset(name, 'n', len);
		wr_be16(&w, TFTP_RRQ);
		wr_cstr(&w, name);
		wr_cstr(&w, "octet");
		int ret = tftp_request_decode(packet, wr_len(&w, packet), &request);
		ck_assert_int_eq(ret, len <= TFTP_NAME_MAX ? 0 : ERR_MALFORMED);
		ck_assert(ret != 0 || strcmp(request.name, name) == 0);
	}
}
END_TEST

START_TEST(a_request_survives_the_round_trip)
{
	uint8_t packet[TFTP_REQUEST_MAX];
	struct tftp_request request;
	for (int mode = TFTP_OCTET; mode <= TFTP_NETASCII; mode++) {
		struct tftp_request sent = {.opcode = TFTP_WRQ,
		    .mode = (enum tftp_mode)mode,
		    .name = "\\odd\xff name",
		    .options = four_options};
		struct wr w = wr_init(packet, sizeof(packet));
		tftp_request_encode(&w, &sent);
		ck_assert_int_eq(w.err, 0);
		ck_assert_int_eq(
		    tftp_request_decode(packet, wr_len(&w, packet), &request), 0);
		assert_requests_equal(&request, &sent);
	}
}
END_TEST

START_TEST(data_is_borrowed_from_the_packet)
{
	struct tftp_packet packet;
	ck_assert_int_eq(tftp_packet_decode(data, sizeof(data), &packet), 0);
	ck_assert_int_eq(packet.opcode, TFTP_DATA);
	ck_assert_uint_eq(packet.block, 65535);
	ck_assert_ptr_eq(packet.data, data + TFTP_HDR_LEN);
	ck_assert_uint_eq(packet.data_len, 5);
	ck_assert_int_eq(tftp_packet_decode(data, TFTP_HDR_LEN, &packet), 0);
	ck_assert_uint_eq(packet.data_len, 0);
}
END_TEST

START_TEST(an_ack_is_read_with_bytes_behind_it_too)
{
	struct tftp_packet packet;
	ck_assert_int_eq(tftp_packet_decode(ack, sizeof(ack), &packet), 0);
	ck_assert_int_eq(packet.opcode, TFTP_ACK);
	ck_assert_uint_eq(packet.block, 258);
	ck_assert_int_eq(tftp_packet_decode("\0\4\1\2\0\0", 6, &packet), 0);
	ck_assert_uint_eq(packet.block, 258);
}
END_TEST

START_TEST(an_error_is_read)
{
	struct tftp_packet packet;
	ck_assert_int_eq(
	    tftp_packet_decode(error_edk2, sizeof(error_edk2), &packet), 0);
	ck_assert_int_eq(packet.opcode, TFTP_ERROR);
	ck_assert_uint_eq(packet.error, TFTP_E_OPTION);
	ck_assert_str_eq(packet.text, "User aborted the transfer");
}
END_TEST

START_TEST(an_error_may_lack_its_nul_or_its_text)
{
	struct tftp_packet packet;
	ck_assert_int_eq(tftp_packet_decode("\0\5\0\0stop", 8, &packet), 0);
	ck_assert_str_eq(packet.text, "stop");
	ck_assert_int_eq(tftp_packet_decode("\0\5\0\1", 4, &packet), 0);
	ck_assert_str_eq(packet.text, "");
	ck_assert_uint_eq(packet.error, TFTP_E_NOTFOUND);
}
END_TEST

START_TEST(the_text_of_an_error_is_cut)
{
	uint8_t bytes[1024] = {0x00, 0x05};
	struct tftp_packet packet;
	memset(bytes + TFTP_HDR_LEN, 'e', sizeof(bytes) - TFTP_HDR_LEN);
	ck_assert_int_eq(tftp_packet_decode(bytes, sizeof(bytes), &packet), 0);
	ck_assert_uint_eq(strlen(packet.text), TFTP_ERROR_TEXT_MAX);
}
END_TEST

START_TEST(an_oack_is_read)
{
	struct tftp_packet packet;
	ck_assert_int_eq(tftp_packet_decode(oack, sizeof(oack), &packet), 0);
	ck_assert_int_eq(packet.opcode, TFTP_OACK);
	assert_options_equal(&packet.options, &four_options);
	ck_assert_int_eq(tftp_packet_decode(oack, 2, &packet), 0);
	assert_options_equal(&packet.options, &(struct tftp_options){0});
}
END_TEST

static const struct {
	const char *bytes;
	size_t len;
	int ret;
} packet_cases[] = {
    {UNIT_BYTES(""), ERR_SHORT},
    {UNIT_BYTES("\0"), ERR_SHORT},
    {UNIT_BYTES("\0\3"), ERR_SHORT},
    {UNIT_BYTES("\0\3\0"), ERR_SHORT},
    {UNIT_BYTES("\0\4\0"), ERR_SHORT},
    {UNIT_BYTES("\0\5"), ERR_SHORT},
    {UNIT_BYTES("\0\5\0"), ERR_SHORT},
    {UNIT_BYTES("\0\0\0\0"), ERR_MALFORMED},
    {UNIT_BYTES("\0\1f\0octet\0"), ERR_MALFORMED},
    {UNIT_BYTES("\0\2f\0octet\0"), ERR_MALFORMED},
    {UNIT_BYTES("\0\7\0\0"), ERR_MALFORMED},
    {UNIT_BYTES("\3\0\0\1"), ERR_MALFORMED},
    {UNIT_BYTES("\0\6blksize\0"
		"7\0"),
	ERR_MALFORMED},
    {UNIT_BYTES("\0\6blksize\0"
		"65535\0"),
	ERR_MALFORMED},
    {UNIT_BYTES("\0\6tsize\000-1\0"), ERR_MALFORMED},
    {UNIT_BYTES("\0\6windowsize\0"
		"0\0"),
	ERR_MALFORMED},
};

START_TEST(a_packet_that_cannot_be_is_refused)
{
	struct tftp_packet packet = {.block = 77};
	int ret =
	    tftp_packet_decode(packet_cases[_i].bytes, packet_cases[_i].len, &packet);
	ck_assert_int_eq(ret, packet_cases[_i].ret);
	ck_assert_uint_eq(packet.block, 77);
}
END_TEST

static const struct {
	const char *sent;
	const char *clean;
} names[] = {
    {"ARDBP32.BIN", "ARDBP32.BIN"},
    {"east/ARDBP32.BIN", "east/ARDBP32.BIN"},
    {"east\\ARDBP32.BIN", "east/ARDBP32.BIN"},
    {"\\east\\\\ARDBP32.BIN", "east/ARDBP32.BIN"},
    {"///east//ARDBP32.BIN", "east/ARDBP32.BIN"},
    {"./east/ARDBP32.BIN", "east/ARDBP32.BIN"},
    {"/.//././east/ARDBP32.BIN", "east/ARDBP32.BIN"},
    {".\\ARDBP32.BIN", "ARDBP32.BIN"},
    {"ARDBP32.BIN\xff", "ARDBP32.BIN"},
    {"ARDBP32.BIN\xff\xff\xff", "ARDBP32.BIN"},
    {"ARDBP32.BIN \t\r\n", "ARDBP32.BIN"},
    {"ARDBP32.BIN \x7f\x01\xff ", "ARDBP32.BIN"},
    {"a\xff.b", "a\xff.b"},
    {" a b", " a b"},
    {"../a", "../a"},
    {"./../a", "../a"},
    {"a/../b", "a/../b"},
    {"a/./b", "a/./b"},
    {".a/b", ".a/b"},
    {"C:\\a", "C:/a"},
    {".", "."},
    {"/", ""},
    {"./", ""},
    {"\xff", ""},
    {"", ""},
};

START_TEST(a_name_is_made_comparable)
{
	char *name = strdup(names[_i].sent);
	ck_assert_ptr_nonnull(name);
	tftp_name_clean(name);
	ck_assert_str_eq(name, names[_i].clean);
	free(name);
}
END_TEST

static void
assert_wrote(const struct wr *w, const uint8_t *room, const uint8_t *bytes, size_t len)
{
	ck_assert_int_eq(w->err, 0);
	ck_assert_uint_eq(wr_len(w, room), len);
	ck_assert_mem_eq(room, bytes, len);
}

START_TEST(each_packet_is_written_byte_for_byte)
{
	uint8_t room[64];
	struct wr w = wr_init(room, sizeof(room));
	tftp_data_encode(&w, 65535, data + TFTP_HDR_LEN, 5);
	assert_wrote(&w, room, data, sizeof(data));
	w = wr_init(room, sizeof(room));
	tftp_ack_encode(&w, 258);
	assert_wrote(&w, room, ack, sizeof(ack));
	w = wr_init(room, sizeof(room));
	tftp_error_encode(&w, TFTP_E_OPTION, "User aborted the transfer");
	assert_wrote(&w, room, error_edk2, sizeof(error_edk2));
	w = wr_init(room, sizeof(room));
	tftp_oack_encode(&w, &four_options);
	assert_wrote(&w, room, oack, sizeof(oack));
}
END_TEST

START_TEST(an_oack_lists_only_what_was_accepted)
{
	uint8_t room[TFTP_OACK_MAX];
	struct wr w = wr_init(room, sizeof(room));
	/* A value without its has_ is not meant. */
	tftp_oack_encode(&w,
	    &(struct tftp_options){
		.blksize = 1468, .has_tsize = true, .windowsize = 4, .probe = true});
	assert_wrote(&w, room,
	    (const uint8_t *)"\0\6tsize\0"
			     "0",
	    10);
}
END_TEST

START_TEST(the_longest_oack_fits_its_room)
{
	uint8_t room[TFTP_OACK_MAX];
	struct wr w = wr_init(room, sizeof(room));
	tftp_oack_encode(&w,
	    &(struct tftp_options){.has_blksize = true,
		.blksize = UINT16_MAX,
		.has_tsize = true,
		.tsize = UINT64_MAX,
		.has_timeout = true,
		.timeout = UINT8_MAX,
		.has_windowsize = true,
		.windowsize = UINT16_MAX});
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_eq(wr_len(&w, room), 72);
}
END_TEST

static void
decode_request(const uint8_t *bytes, size_t len, void *ctx)
{
	struct tftp_request request = {.opcode = TFTP_OACK};
	(void)ctx;
	int ret = tftp_request_decode(bytes, len, &request);
	ck_assert_int_eq(request.opcode == TFTP_OACK, ret != 0);
	ck_assert(
	    ret != 0 || (request.name[0] != '\0' && request.options.blksize != 7));
	if (ret == 0) {
		tftp_name_clean(request.name);
	}
}

static void
decode_packet(const uint8_t *bytes, size_t len, void *ctx)
{
	struct tftp_packet packet = {.opcode = TFTP_RRQ};
	(void)ctx;
	int ret = tftp_packet_decode(bytes, len, &packet);
	ck_assert_int_eq(packet.opcode == TFTP_RRQ, ret != 0);
	ck_assert(ret != 0 || packet.data_len <= len);
}

START_TEST(mutilated_packets_stay_inside_their_bytes)
{
	unit_sweep(decode_request, rrq_edk2, sizeof(rrq_edk2), NULL);
	unit_sweep(decode_packet, data, sizeof(data), NULL);
	unit_sweep(decode_packet, ack, sizeof(ack), NULL);
	unit_sweep(decode_packet, error_edk2, sizeof(error_edk2), NULL);
	unit_sweep(decode_packet, oack, sizeof(oack), NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tftp");
	TCase *requests = tcase_create("requests");
	tcase_add_test(requests, an_edk2_request_is_read);
	tcase_add_loop_test(requests, an_option_counts_only_with_a_good_value, 0,
	    UNIT_ROWS(option_cases));
	tcase_add_test(requests, more_options_than_a_byte_counts_are_harmless);
	tcase_add_loop_test(requests, a_request_has_an_opcode_a_name_and_a_mode, 0,
	    UNIT_ROWS(request_cases));
	tcase_add_test(requests, a_request_over_512_bytes_is_refused);
	tcase_add_test(requests, a_name_of_255_bytes_fits_and_256_do_not);
	tcase_add_test(requests, a_request_survives_the_round_trip);
	tcase_add_loop_test(requests, a_name_is_made_comparable, 0, UNIT_ROWS(names));
	suite_add_tcase(suite, requests);
	TCase *packets = tcase_create("packets");
	tcase_add_test(packets, data_is_borrowed_from_the_packet);
	tcase_add_test(packets, an_ack_is_read_with_bytes_behind_it_too);
	tcase_add_test(packets, an_error_is_read);
	tcase_add_test(packets, an_error_may_lack_its_nul_or_its_text);
	tcase_add_test(packets, the_text_of_an_error_is_cut);
	tcase_add_test(packets, an_oack_is_read);
	tcase_add_loop_test(
	    packets, a_packet_that_cannot_be_is_refused, 0, UNIT_ROWS(packet_cases));
	tcase_add_test(packets, each_packet_is_written_byte_for_byte);
	tcase_add_test(packets, an_oack_lists_only_what_was_accepted);
	tcase_add_test(packets, the_longest_oack_fits_its_room);
	tcase_add_test(packets, mutilated_packets_stay_inside_their_bytes);
	suite_add_tcase(suite, packets);
	return unit_run(suite);
}
