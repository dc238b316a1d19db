/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/answer.h"

#include "tests/unit/pxe_client.h"

#include <stdio.h>

/* Dynamic Host Configuration Protocol (Offer)
 *     Message type: Boot Reply (2)
 *     Hardware type: Ethernet (0x01), address length: 6, hops: 0
 *     Transaction ID: 0x11223344
 *     Seconds elapsed: 4
 *     Bootp flags: 0x8000, Broadcast flag (Broadcast)
 *     Client, your, relay agent IP address: 0.0.0.0
 *     Next server IP address: 10.0.0.5
 *     Client MAC address: 52:54:00:aa:00:01
 *     Server host name not given
 *     Boot file name: east/ARDBP32.BIN
 *     Magic cookie: DHCP
 *     Option: (53) DHCP Message Type (Offer)
 *     Option: (54) DHCP Server Identifier (10.20.0.2)
 *     Option: (60) Vendor class identifier: PXEClient
 *     Option: (97) Client Identifier (UUID): 564d4c41-4220-4000-8000-00000000abcd
 *     Option: (43) Vendor-Specific Information (PXEClient)
 *         Option 43 Suboption: (6) PXE discovery control: 0x08, Bootstrap override
 *         PXE Client End: 255
 *     Option: (255) End
 *     Padding: 0000000000000000000000000000 */
static const uint8_t offer_direct_head[] = {
    0x02, 0x01, 0x06, 0x00, 0x11, 0x22, 0x33, 0x44, /* op to xid */
    0x00, 0x04, 0x80, 0x00,                         /* secs, flags */
    0x00, 0x00, 0x00, 0x00,                         /* ciaddr */
    0x00, 0x00, 0x00, 0x00,                         /* yiaddr */
    0x0a, 0x00, 0x00, 0x05,                         /* siaddr */
    0x00, 0x00, 0x00, 0x00,                         /* giaddr */
    0x52, 0x54, 0x00, 0xaa, 0x00, 0x01,             /* chaddr */
};
static const uint8_t offer_direct_options[] = {
    0x63, 0x82, 0x53, 0x63,                                  /* cookie */
    0x35, 0x01, 0x02,                                        /* type */
    0x36, 0x04, 0x0a, 0x14, 0x00, 0x02,                      /* server */
    0x3c, 0x09, 'P', 'X', 'E', 'C', 'l', 'i', 'e', 'n', 't', /* class */
    0x61, 0x11, 0x00, 0x41, 0x4c, 0x4d, 0x56, 0x20, 0x42, 0x00, 0x40, 0x80, 0x00, 0x00,
    0x00, 0x00, 0x00, 0xab, 0xcd,       /* UUID */
    0x2b, 0x04, 0x06, 0x01, 0x08, 0xff, /* vendor */
    0xff,                               /* end */
};

/* Dynamic Host Configuration Protocol (Offer)
 *     (as above, but:)
 *     Next server IP address: 10.20.0.2
 *     Relay agent IP address: 10.40.0.1
 *     Boot file name not given
 *     Option: (53) DHCP Message Type (Offer)
 *     Option: (54) DHCP Server Identifier (10.20.0.2)
 *     Option: (60) Vendor class identifier: PXEClient
 *     Option: (97) Client Identifier (UUID): 564d4c41-4220-4000-8000-00000000abcd
 *     Option: (11) Resource Location Server
 *         10.1.2.12, 10.1.1.12, 10.1.0.13, 10.1.0.14, 10.1.0.11
 *     Option: (82) Agent Information Option
 *         Option 82 Suboption: (1) Agent Circuit ID: 65746830
 *         Option 82 Suboption: (5) Link selection (10.20.0.0)
 *     Option: (255) End */
static const uint8_t offer_redirect_head[] = {
    0x02, 0x01, 0x06, 0x00, 0x11, 0x22, 0x33, 0x44, /* op to xid */
    0x00, 0x04, 0x80, 0x00,                         /* secs, flags */
    0x00, 0x00, 0x00, 0x00,                         /* ciaddr */
    0x00, 0x00, 0x00, 0x00,                         /* yiaddr */
    0x0a, 0x14, 0x00, 0x02,                         /* siaddr */
    0x0a, 0x28, 0x00, 0x01,                         /* giaddr */
    0x52, 0x54, 0x00, 0xaa, 0x00, 0x01,             /* chaddr */
};
static const uint8_t offer_redirect_options[] = {
    0x63, 0x82, 0x53, 0x63,                                  /* cookie */
    0x35, 0x01, 0x02,                                        /* type */
    0x36, 0x04, 0x0a, 0x14, 0x00, 0x02,                      /* server */
    0x3c, 0x09, 'P', 'X', 'E', 'C', 'l', 'i', 'e', 'n', 't', /* class */
    0x61, 0x11, 0x00, 0x41, 0x4c, 0x4d, 0x56, 0x20, 0x42, 0x00, 0x40, 0x80, 0x00, 0x00,
    0x00, 0x00, 0x00, 0xab, 0xcd, /* UUID */
    0x0b, 0x14, 0x0a, 0x01, 0x02, 0x0c, 0x0a, 0x01, 0x01, 0x0c, 0x0a, 0x01, 0x00, 0x0d,
    0x0a, 0x01, 0x00, 0x0e, 0x0a, 0x01, 0x00, 0x0b, /* login */
    0x52, 0x0c, 0x01, 0x04, 0x65, 0x74, 0x68, 0x30, 0x05, 0x04, 0x0a, 0x14, 0x00,
    0x00, /* relay */
    0xff, /* end */
};

/* Dynamic Host Configuration Protocol (ACK)
 *     (as above, but:)
 *     Client IP address: 10.20.65.9
 *     Your (client) IP address: 0.0.0.0
 *     Next server IP address: 10.0.0.5
 *     Relay agent IP address: 0.0.0.0
 *     Boot file name: west/pvsnbpx64.efi
 *     Option: (53) DHCP Message Type (ACK)
 *     Option: (54) DHCP Server Identifier (10.20.0.2)
 *     Option: (60) Vendor class identifier: PXEClient
 *     Option: (97) Client Identifier (UUID): 564d4c41-4220-4000-8000-00000000abcd
 *     Option: (11) Resource Location Server: 10.2.0.11, 10.2.0.12
 *     Option: (255) End
 *     Padding: 00000000000000000000 */
static const uint8_t ack_head[] = {
    0x02, 0x01, 0x06, 0x00, 0x11, 0x22, 0x33, 0x44, /* op to xid */
    0x00, 0x04, 0x80, 0x00,                         /* secs, flags */
    0x0a, 0x14, 0x41, 0x09,                         /* ciaddr */
    0x00, 0x00, 0x00, 0x00,                         /* yiaddr */
    0x0a, 0x00, 0x00, 0x05,                         /* siaddr */
    0x00, 0x00, 0x00, 0x00,                         /* giaddr */
    0x52, 0x54, 0x00, 0xaa, 0x00, 0x01,             /* chaddr */
};
static const uint8_t ack_options[] = {
    0x63, 0x82, 0x53, 0x63,                                  /* cookie */
    0x35, 0x01, 0x05,                                        /* type */
    0x36, 0x04, 0x0a, 0x14, 0x00, 0x02,                      /* server */
    0x3c, 0x09, 'P', 'X', 'E', 'C', 'l', 'i', 'e', 'n', 't', /* class */
    0x61, 0x11, 0x00, 0x41, 0x4c, 0x4d, 0x56, 0x20, 0x42, 0x00, 0x40, 0x80, 0x00, 0x00,
    0x00, 0x00, 0x00, 0xab, 0xcd,                               /* UUID */
    0x0b, 0x08, 0x0a, 0x02, 0x00, 0x0b, 0x0a, 0x02, 0x00, 0x0c, /* login */
    0xff,                                                       /* end */
};

/* Dynamic Host Configuration Protocol (ACK)
 *     (as above, but:)
 *     Bootp flags: 0x0000 (Unicast)
 *     Client IP address: 0.0.0.0
 *     Boot file name: west/ARDBP32.BIN
 *     Option: (53) DHCP Message Type (ACK)
 *     Option: (54) DHCP Server Identifier (10.20.0.2)
 *     Option: (60) Vendor class identifier: PXEClient
 *     Option: (97) Client Identifier (UUID): 564d4c41-4220-4000-8000-00000000abcd
 *     Option: (43) Vendor-Specific Information (PXEClient)
 *         Option 43 Suboption: (71) PXE boot item: 80010000
 *             Type: 32769
 *             Layer: 0000
 *         PXE Client End: 255
 *     Option: (255) End
 *     Padding: 0000000000000000000000 */
static const uint8_t ack_item_head[] = {
    0x02, 0x01, 0x06, 0x00, 0x11, 0x22, 0x33, 0x44, /* op to xid */
    0x00, 0x04, 0x00, 0x00,                         /* secs, flags */
    0x00, 0x00, 0x00, 0x00,                         /* ciaddr */
    0x00, 0x00, 0x00, 0x00,                         /* yiaddr */
    0x0a, 0x00, 0x00, 0x05,                         /* siaddr */
    0x00, 0x00, 0x00, 0x00,                         /* giaddr */
    0x52, 0x54, 0x00, 0xaa, 0x00, 0x01,             /* chaddr */
};
static const uint8_t ack_item_options[] = {
    0x63, 0x82, 0x53, 0x63,                                  /* cookie */
    0x35, 0x01, 0x05,                                        /* type */
    0x36, 0x04, 0x0a, 0x14, 0x00, 0x02,                      /* server */
    0x3c, 0x09, 'P', 'X', 'E', 'C', 'l', 'i', 'e', 'n', 't', /* class */
    0x61, 0x11, 0x00, 0x41, 0x4c, 0x4d, 0x56, 0x20, 0x42, 0x00, 0x40, 0x80, 0x00, 0x00,
    0x00, 0x00, 0x00, 0xab, 0xcd,                         /* UUID */
    0x2b, 0x07, 0x47, 0x04, 0x80, 0x01, 0x00, 0x00, 0xff, /* vendor */
    0xff,                                                 /* end */
};

enum { IPXE_BIOS = 0, EDK2 = 2, LINK = 0, RELAY_LINK = 2, REQUEST = 3, ITEM = 5 };

#define REPLY(name) name##_head, name##_options, sizeof(name##_options)
static const struct {
	int firmware, path;
	const char *file;
	size_t len;
	const uint8_t *head, *options;
	size_t options_len;
} replies[] = {
    {IPXE_BIOS, LINK, "east/ARDBP32.BIN", 300, REPLY(offer_direct)},
    {EDK2, RELAY_LINK, "", 316, REPLY(offer_redirect)},
    {EDK2, REQUEST, "west/pvsnbpx64.efi", 300, REPLY(ack)},
    {IPXE_BIOS, ITEM, "west/ARDBP32.BIN", 300, REPLY(ack_item)},
};

START_TEST(a_reply_is_so_byte_for_byte)
{
	struct world *w = calloc(1, sizeof(*w));
	struct pxe_ask ask;
	uint8_t expected[316] = {0};
	ck_assert_ptr_nonnull(w);
	world_example(w);
	memcpy(expected, replies[_i].head, sizeof(ack_head));
	memcpy(expected + 108, replies[_i].file, strlen(replies[_i].file));
	memcpy(expected + 236, replies[_i].options, replies[_i].options_len);
	pxe_ask_make(
	    &ask, &pxe_firmwares[replies[_i].firmware], &pxe_paths[replies[_i].path]);
	const struct exchange *exchange = pxe_answer_ask(&ask, w);
	ck_assert_uint_eq(exchange->len, replies[_i].len);
	ck_assert_mem_eq(exchange->reply, expected, exchange->len);
	free(w);
}
END_TEST

/* An OFFER in the direct form with option 97 and nothing that gives way: header and cookie 240,
 * 53 3, 54 6, 60 11, 97 19, 43 6, END 1. */
enum { BASE = 286, HEADERS = 28 };

static struct request request;
static struct boot_answer answer;
static struct dhcp4 reply;
static uint8_t *bytes; /* exactly ANSWER_MAX */

static void
setup(void)
{
	bytes = malloc(ANSWER_MAX);
	ck_assert_ptr_nonnull(bytes);
	memset(&answer, 0xa5, sizeof(answer));
	request = (struct request){.door = REQUEST_DHCP,
	    .type = DHCP4_DISCOVER,
	    .from = world_ip4(PXE_OWN),
	    .has_uuid = true};
	request.header.op = DHCP4_BOOTREQUEST;
	answer.offer = DB_OFFER_DIRECT;
	answer.server = world_ip4("10.0.0.5");
	(void)snprintf(answer.file, sizeof(answer.file), "east/pvsnbpx64.efi");
	answer.login_count = 0;
	answer.root_path[0] = '\0';
}

static void
teardown(void)
{
	free(bytes);
}

static size_t
write_reply(void)
{
	size_t len = answer_write(&request, &answer, bytes);
	ck_assert_int_eq(dhcp4_decode(bytes, len, &reply), 0);
	ck_assert_str_eq((const char *)reply.file.p, answer.file);
	return len;
}

static size_t
option_len(uint8_t code)
{
	struct rd value;
	(void)dhcp4_option(&reply, code, &value);
	return value.left;
}

static void
put_logins(unsigned count)
{
	answer.login_count = count;
	for (unsigned i = 0; i < count; i++) {
		answer.login[i] = 0x0a010000 + i;
	}
}

static const struct {
	bool has_max;
	uint16_t max_message;
	unsigned relay_info_len;
	unsigned logins, expected;
} lists[] = {
    {false, 0, 0, 3, 3},
    {false, 0, 0, 32, 32},
    {true, HEADERS + BASE + 14, 0, 3, 3},
    {true, HEADERS + BASE + 13, 0, 3, 2},
    {true, HEADERS + BASE + 6, 0, 3, 1},
    {true, HEADERS + BASE + 5, 0, 3, 0},
    {true, HEADERS + BASE, 0, 3, 0},
    {true, HEADERS, 0, 3, 0},
    {true, 0, 0, 3, 0},
    {true, 576, 0, 32, 32},
    {true, 1472, 0, 32, 32},
    {true, 65280, 0, 32, 32}, /* EDK2's slip */
    {true, 65535, 255, 32, 32},
    {false, 0, 130, 32, 32}, /* 286 + 132 + 130 is 548 */
    {false, 0, 131, 32, 31},
    {false, 0, 254, 32, 1},
    {false, 0, 255, 32, 0},
    {true, 300, 255, 32, 0},
};

START_TEST(the_login_list_is_what_gives_way_to_the_size)
{
	request.has_max_message = lists[_i].has_max;
	request.max_message = lists[_i].max_message;
	request.relay_info_len = lists[_i].relay_info_len;
	memset(request.relay_info, 7, sizeof(request.relay_info));
	put_logins(lists[_i].logins);
	size_t len = write_reply();
	ck_assert_uint_eq(option_len(11), 4 * lists[_i].expected);
	ck_assert_uint_eq(option_len(82), lists[_i].relay_info_len);
	ck_assert_uint_eq(option_len(97), 17);
	ck_assert_uint_eq(option_len(43), 4);
	size_t whole = BASE + (lists[_i].expected > 0 ? 2 + option_len(11) : 0) +
	    (lists[_i].relay_info_len > 0 ? 2 + lists[_i].relay_info_len : 0);
	ck_assert_uint_eq(len, whole > 300 ? whole : 300);
}
END_TEST

/* The first of the list is what a bootstrap tries first. */
START_TEST(a_shortened_list_keeps_its_beginning)
{
	struct rd list;
	put_logins(3);
	request.has_max_message = true;
	request.max_message = HEADERS + BASE + 10;
	(void)write_reply();
	ck_assert(dhcp4_option(&reply, 11, &list));
	ck_assert_uint_eq(list.left, 8);
	ck_assert_mem_eq(list.p, "\x0a\x01\x00\x00\x0a\x01\x00\x01", 8);
}
END_TEST

static const struct {
	unsigned path_len, relay_info_len;
	bool is_there;
} root_paths[] = {
    {12, 0, true},
    {255, 0, true}, /* 286 + 257 is 543 */
    {255, 3, true}, /* 548 */
    {255, 4, false},
    {1, 255, true},
    {3, 255, true}, /* 286 + 257 + 5 is 548 */
    {4, 255, false},
};

START_TEST(a_root_path_is_whole_or_left_out)
{
	memset(answer.root_path, 'r', root_paths[_i].path_len);
	answer.root_path[root_paths[_i].path_len] = '\0';
	request.relay_info_len = root_paths[_i].relay_info_len;
	size_t len = write_reply();
	ck_assert_uint_eq(
	    option_len(17), root_paths[_i].is_there ? root_paths[_i].path_len : 0);
	ck_assert_uint_eq(option_len(82), root_paths[_i].relay_info_len);
	ck_assert_uint_le(len, 548);
}
END_TEST

START_TEST(names_of_full_length_stand_in_their_field)
{
	memset(answer.file, 'f', sizeof(answer.file) - 1);
	answer.file[sizeof(answer.file) - 1] = '\0';
	(void)write_reply();
	ck_assert_uint_eq(option_len(67), 0);
	ck_assert_uint_eq(option_len(66), 0);
}
END_TEST

/* Whatever a client puts into the fields that a server fills, none of it comes back. */
START_TEST(nothing_of_the_question_s_own_answers_comes_back)
{
	request.header.yiaddr = request.header.siaddr = 0x01020304;
	request.header.ciaddr = 0x05060708;
	request.header.hops = 16;
	request.has_item = true;
	(void)write_reply();
	ck_assert_uint_eq(reply.header.yiaddr, 0);
	ck_assert_uint_eq(reply.header.siaddr, answer.server);
	ck_assert_uint_eq(reply.header.ciaddr, 0);
	ck_assert_uint_eq(reply.header.hops, 0);
	ck_assert_uint_eq(option_len(43), 4);
}
END_TEST

/* iPXE's boot-server request has xid 0. */
START_TEST(an_ack_keeps_xid_0)
{
	request.door = REQUEST_PXE;
	request.type = DHCP4_REQUEST;
	(void)write_reply();
	ck_assert_uint_eq(reply.header.xid, 0);
	ck_assert_uint_eq(reply.header.flags, 0);
	ck_assert_uint_eq(option_len(43), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("answer");
	TCase *tc = tcase_create("bytes");
	tcase_add_loop_test(tc, a_reply_is_so_byte_for_byte, 0, UNIT_ROWS(replies));
	suite_add_tcase(suite, tc);
	tc = tcase_create("size");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(
	    tc, the_login_list_is_what_gives_way_to_the_size, 0, UNIT_ROWS(lists));
	tcase_add_test(tc, a_shortened_list_keeps_its_beginning);
	tcase_add_loop_test(
	    tc, a_root_path_is_whole_or_left_out, 0, UNIT_ROWS(root_paths));
	tcase_add_test(tc, names_of_full_length_stand_in_their_field);
	tcase_add_test(tc, nothing_of_the_question_s_own_answers_comes_back);
	tcase_add_test(tc, an_ack_keeps_xid_0);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
