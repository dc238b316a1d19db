/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/wire/udp4.h"
#include "tests/unit/unit.h"

enum { SERVER = 0xc0000202, CLIENT = 0xc0000207, RELAY = 0xc0000201 };

/* IP  192.0.2.2 > 255.255.255.255, id 0, flags DF, ttl 64, chksum 0x78ca, len 33
 * UDP 67 > 68, len 13, chksum 0xf57e
 *     "offer" */
static const uint8_t offer[] = {0x45, 0x00, 0x00, 0x21, 0x00, 0x00, 0x40, 0x00, 0x40,
    0x11, 0x78, 0xca, 0xc0, 0x00, 0x02, 0x02, 0xff, 0xff, 0xff, 0xff, 0x00, 0x43, 0x00,
    0x44, 0x00, 0x0d, 0xf5, 0x7e, 0x6f, 0x66, 0x66, 0x65, 0x72};

/* IP  10.1.2.3 > 10.4.5.6, id 0, flags DF, ttl 64, chksum 0x1fc2, len 30
 * UDP 67 > 67, len 10, chksum 0xffff, for a sum of 0
 *     e4 46 */
static const uint8_t sum_of_zero[] = {0x45, 0x00, 0x00, 0x1e, 0x00, 0x00, 0x40, 0x00,
    0x40, 0x11, 0x1f, 0xc2, 0x0a, 0x01, 0x02, 0x03, 0x0a, 0x04, 0x05, 0x06, 0x00, 0x43,
    0x00, 0x43, 0x00, 0x0a, 0xff, 0xff, 0xe4, 0x46};

/* IP  192.0.2.7 > 192.0.2.1, ihl 6, id 0x1234, ttl 3, chksum 0x8c84, len 40, router alert
 * UDP 68 > 67, len 16, chksum 0xce88
 *     "discover" */
static const uint8_t discover[] = {0x46, 0x00, 0x00, 0x28, 0x12, 0x34, 0x00, 0x00, 0x03,
    0x11, 0x8c, 0x84, 0xc0, 0x00, 0x02, 0x07, 0xc0, 0x00, 0x02, 0x01, 0x94, 0x04, 0x00,
    0x00, 0x00, 0x44, 0x00, 0x43, 0x00, 0x10, 0xce, 0x88, 0x64, 0x69, 0x73, 0x63, 0x6f,
    0x76, 0x65, 0x72};

/* ---- decoding */

START_TEST(a_packet_is_read_behind_ip_options)
{
	struct udp4 got;
	ck_assert_int_eq(udp4_decode(discover, sizeof(discover), true, &got), 0);
	ck_assert_uint_eq(got.source, CLIENT);
	ck_assert_uint_eq(got.destination, RELAY);
	ck_assert_uint_eq(got.source_port, 68);
	ck_assert_uint_eq(got.destination_port, 67);
	ck_assert_uint_eq(got.len, 8);
	ck_assert_mem_eq(got.payload, "discover", 8);
}
END_TEST

/* One byte of discover changed. */
static const struct {
	const char *what;
	size_t at;
	uint8_t value;
	int want;
} changes[] = {
    {"version 6", 0, 0x66, ERR_MALFORMED},
    {"a header of 16 bytes", 0, 0x44, ERR_MALFORMED},
    {"a header of 60 bytes", 0, 0x4f, ERR_MALFORMED},
    {"a total length over the bytes there", 3, 0x29, ERR_SHORT},
    {"a total length of the header alone", 3, 0x18, ERR_CHECKSUM},
    {"a total length below the header's", 3, 0x17, ERR_MALFORMED},
    {"more fragments", 6, 0x20, ERR_MALFORMED},
    {"a later fragment", 7, 0x01, ERR_MALFORMED},
    {"TCP", 9, 0x06, ERR_MALFORMED},
    {"another source", 15, 0x08, ERR_CHECKSUM},
    {"another option", 20, 0x95, ERR_CHECKSUM},
    {"another port", 27, 0x42, ERR_CHECKSUM},
    {"a UDP length over the packet's", 29, 0x11, ERR_MALFORMED},
    {"a UDP length of 7", 29, 0x07, ERR_MALFORMED},
    {"a UDP length below the packet's", 29, 0x0f, ERR_CHECKSUM},
    {"another UDP checksum", 31, 0x89, ERR_CHECKSUM},
    {"another payload", 39, 0x73, ERR_CHECKSUM},
};

START_TEST(what_is_no_whole_datagram_is_refused)
{
	uint8_t packet[sizeof(discover)];
	struct udp4 got = {.len = 77};
	memcpy(packet, discover, sizeof(packet));
	packet[changes[_i].at] = changes[_i].value;
	ck_assert_msg(
	    udp4_decode(packet, sizeof(packet), true, &got) == changes[_i].want, "%s",
	    changes[_i].what);
	ck_assert_uint_eq(got.len, 77);
}
END_TEST

START_TEST(ethernets_padding_is_left_alone)
{
	uint8_t padded[60] = {0};
	struct udp4 got;
	memcpy(padded, offer, sizeof(offer));
	padded[sizeof(offer)] = 0xee;
	ck_assert_int_eq(udp4_decode(padded, sizeof(padded), true, &got), 0);
	ck_assert_uint_eq(got.len, 5);
}
END_TEST

START_TEST(a_half_made_checksum_is_not_looked_at)
{
	uint8_t packet[sizeof(offer)];
	struct udp4 got;
	memcpy(packet, offer, sizeof(packet));
	packet[27] ^= 1;
	ck_assert_int_eq(udp4_decode(packet, sizeof(packet), true, &got), ERR_CHECKSUM);
	ck_assert_int_eq(udp4_decode(packet, sizeof(packet), false, &got), 0);
	/* The IP header's is always made. */
	packet[10] ^= 1;
	ck_assert_int_eq(
	    udp4_decode(packet, sizeof(packet), false, &got), ERR_CHECKSUM);
}
END_TEST

START_TEST(a_checksum_of_zero_means_none)
{
	uint8_t packet[sizeof(offer)];
	struct udp4 got;
	memcpy(packet, offer, sizeof(packet));
	packet[26] = packet[27] = 0;
	packet[sizeof(packet) - 1] ^= 1;
	ck_assert_int_eq(udp4_decode(packet, sizeof(packet), true, &got), 0);
}
END_TEST

START_TEST(a_sum_of_zero_is_read)
{
	struct udp4 got;
	ck_assert_int_eq(udp4_decode(sum_of_zero, sizeof(sum_of_zero), true, &got), 0);
}
END_TEST

static void
decode(const uint8_t *bytes, size_t len, void *ctx)
{
	const bool *checksum_made = ctx;
	struct udp4 got;
	if (udp4_decode(bytes, len, *checksum_made, &got) == 0) {
		ck_assert(got.payload >= bytes + UDP4_HEADERS_LEN);
		ck_assert(got.payload + got.len <= bytes + len);
	}
}

START_TEST(no_change_leads_past_the_end)
{
	bool checksum_made = _i == 0;
	unit_sweep(decode, offer, sizeof(offer), &checksum_made);
	unit_sweep(decode, discover, sizeof(discover), &checksum_made);
}
END_TEST

/* ---- encoding */

static void
check_encoded(const struct udp4 *datagram, const uint8_t *want, size_t len)
{
	uint8_t packet[64];
	struct wr w = wr_init(packet, sizeof(packet));
	udp4_encode(&w, datagram);
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_eq(wr_len(&w, packet), len);
	ck_assert_mem_eq(packet, want, len);
}

START_TEST(the_bytes_are_those_of_the_rfcs)
{
	struct udp4 odd = {.source = SERVER,
	    .destination = 0xffffffff,
	    .source_port = 67,
	    .destination_port = 68,
	    .payload = (const uint8_t *)"offer",
	    .len = 5};
	check_encoded(&odd, offer, sizeof(offer));
}
END_TEST

START_TEST(a_sum_of_zero_is_written_as_ffff)
{
	static const uint8_t payload[] = {0xe4, 0x46};
	struct udp4 datagram = {.source = 0x0a010203,
	    .destination = 0x0a040506,
	    .source_port = 67,
	    .destination_port = 67,
	    .payload = payload,
	    .len = sizeof(payload)};
	check_encoded(&datagram, sum_of_zero, sizeof(sum_of_zero));
}
END_TEST

START_TEST(too_little_room_is_not_written_into)
{
	uint8_t packet[sizeof(offer)] = {0};
	static const uint8_t untouched[sizeof(offer)];
	struct udp4 datagram = {.payload = (const uint8_t *)"offer", .len = 5};
	struct wr w = wr_init(packet, sizeof(packet) - 1);
	udp4_encode(&w, &datagram);
	ck_assert_int_eq(w.err, ERR_ROOM);
	ck_assert_mem_eq(packet, untouched, sizeof(packet));
}
END_TEST

START_TEST(the_longest_payload_has_65507_bytes)
{
	static uint8_t payload[65508];
	static uint8_t packet[UDP4_HEADERS_LEN + sizeof(payload)];
	struct udp4 datagram = {.payload = payload, .len = 65507};
	struct udp4 got;
	struct wr w = wr_init(packet, sizeof(packet));
	memset(payload, 0xff, sizeof(payload));
	udp4_encode(&w, &datagram);
	ck_assert_int_eq(w.err, 0);
	ck_assert_int_eq(udp4_decode(packet, wr_len(&w, packet), true, &got), 0);
	ck_assert_uint_eq(got.len, datagram.len);
	datagram.len++;
	w = wr_init(packet, sizeof(packet));
	udp4_encode(&w, &datagram);
	ck_assert_int_eq(w.err, ERR_ROOM);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("udp4");
	TCase *decoding = tcase_create("decode");
	tcase_add_test(decoding, a_packet_is_read_behind_ip_options);
	tcase_add_loop_test(
	    decoding, what_is_no_whole_datagram_is_refused, 0, UNIT_ROWS(changes));
	tcase_add_test(decoding, ethernets_padding_is_left_alone);
	tcase_add_test(decoding, a_half_made_checksum_is_not_looked_at);
	tcase_add_test(decoding, a_checksum_of_zero_means_none);
	tcase_add_test(decoding, a_sum_of_zero_is_read);
	tcase_add_loop_test(decoding, no_change_leads_past_the_end, 0, 2);
	suite_add_tcase(suite, decoding);
	TCase *encoding = tcase_create("encode");
	tcase_add_test(encoding, the_bytes_are_those_of_the_rfcs);
	tcase_add_test(encoding, a_sum_of_zero_is_written_as_ffff);
	tcase_add_test(encoding, too_little_room_is_not_written_into);
	tcase_add_test(encoding, the_longest_payload_has_65507_bytes);
	suite_add_tcase(suite, encoding);
	return unit_run(suite);
}
