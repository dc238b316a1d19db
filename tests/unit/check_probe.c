/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* What all kinds of probes have in common, the knocks, and the question to the PXE service. */
#include "lib/base/text.h"
#include "lib/wire/dhcp4.h"
#include "tests/unit/probing.h"

enum { XID = 0x5eed1234, LOCAL = 0x0a010063 };

static const struct mac mac = {.b = {0x02, 0x00, 0x5e, 0x10, 0x00, 0x01}};

static void
start(struct probing *p, enum probe_kind kind, uint16_t port)
{
	struct probe_ask ask = probing_ask(kind);
	ask.port = port;
	ask.local = LOCAL;
	ask.mac = mac;
	ask.xid = XID;
	probing_start(p, &ask, 5000);
}

/* ---- all kinds */

static const struct {
	enum probe_kind kind;
	uint16_t port;
	bool silence_is_good;
	bool is_empty; /* what it sends */
} kinds[] = {
    {PROBE_BOOTSTRAP, 69, false, false},
    {PROBE_TFTP_REPLY, 69, false, false},
    {PROBE_LOGIN, 6910, true, true},
    {PROBE_TSB, 6969, true, true},
    {PROBE_PXE, 4011, false, false},
};

START_TEST(each_asks_its_own_port_twice_and_is_silent_in_time)
{
	struct probing p;
	start(&p, kinds[_i].kind, 0);
	for (unsigned said = 0; said < 2; said++) {
		ck_assert_uint_eq(p.action.send_port, kinds[_i].port);
		ck_assert_int_eq(p.action.send_len == 0, kinds[_i].is_empty);
		probing_pass(&p);
	}
	probing_said_nothing(&p);
	ck_assert_uint_eq(p.now_ms, 5000 + PROBING_TIMEOUT_MS);
	ck_assert_int_eq(p.probe.result, PROBE_SILENT);
	ck_assert_int_eq(probe_is_good(&p.probe), kinds[_i].silence_is_good);
	probing_text(&p, "no answer in 2000 ms");
}
END_TEST

START_TEST(another_port_may_be_asked)
{
	struct probing p;
	start(&p, kinds[_i].kind, 7000);
	ck_assert_uint_eq(p.action.send_port, 7000);
	probing_pass(&p);
	ck_assert_uint_eq(p.action.send_port, 7000);
}
END_TEST

START_TEST(icmp_ends_each)
{
	static const char *const texts[] = {"UDP port 7000 is unreachable",
	    "the server is unreachable", "the server is unreachable"};
	static const uint16_t ports[] = {7000, 7000, 0};
	static const bool whole[] = {false, true, true};
	for (size_t i = 0; i < 3; i++) {
		struct probing p;
		start(&p, kinds[_i].kind, 7000);
		probe_unreachable(&p.probe, 7001, whole[i]);
		ck_assert_int_eq(p.probe.result, PROBE_RUNS);
		probe_unreachable(&p.probe, ports[i], whole[i]);
		ck_assert_int_eq(p.probe.result, PROBE_UNREACHABLE);
		ck_assert(!probe_is_good(&p.probe));
		ck_assert(!p.probe.answered);
		probing_text(&p, texts[i]);
	}
}
END_TEST

/* What was decided stays so, and nothing more is said. */
START_TEST(an_ended_probe_takes_nothing)
{
	struct probing p;
	start(&p, kinds[_i].kind, 0);
	probe_unreachable(&p.probe, 0, true);
	struct probe before = p.probe;
	probing_give(&p, PROBING_SERVER, kinds[_i].port, "\0\5\0\1no\0", 7);
	probing_data(&p, PROBING_TID, 1, 0, 512);
	probe_unreachable(&p.probe, kinds[_i].port, false);
	probe_timeout(&p.probe, p.now_ms + 100000, &p.action);
	probing_said_nothing(&p);
	ck_assert_mem_eq(&p.probe, &before, sizeof(before));
}
END_TEST

START_TEST(another_host_and_no_port_answer_for_nobody)
{
	struct probing p;
	start(&p, kinds[_i].kind, 0);
	probing_give(&p, PROBING_OTHER, kinds[_i].port, "\0\5\0\1no\0", 7);
	probing_said_nothing(&p);
	probing_give(&p, PROBING_SERVER, 0, "\0\3\0\1data", 8);
	probing_said_nothing(&p);
	ck_assert(p.probe.result == PROBE_RUNS && !p.probe.answered);
}
END_TEST

START_TEST(a_running_probe_is_under_way)
{
	struct probing p;
	start(&p, kinds[_i].kind, 0);
	ck_assert(!probe_is_good(&p.probe));
	probing_text(&p, "under way");
}
END_TEST

START_TEST(the_longest_texts_have_room)
{
	struct probing p;
	char text[PROBE_TEXT];
	start(&p, PROBE_BOOTSTRAP, 0);
	p.probe.result = PROBE_REFUSED;
	p.probe.code = 65535;
	memset(p.probe.text, 0xff, TFTP_ERROR_TEXT_MAX);
	p.probe.text[TFTP_ERROR_TEXT_MAX] = '\0';
	ck_assert_uint_lt(strlen(probe_text(&p.probe, text)), PROBE_TEXT);
	ck_assert_int_eq(strncmp(text, "ERROR 65535: '\\xff", 18), 0);
	ck_assert_str_eq(text + strlen(text) - 4, "...'");
	p.probe.result = PROBE_SILENT;
	p.probe.answered = true;
	p.probe.ask.timeout_ms = UINT32_MAX;
	p.probe.fetch.got = UINT64_MAX;
	probing_text(&p, "silent for 4294967295 ms after 18446744073709551615 bytes");
}
END_TEST

/* ---- knocks */

START_TEST(any_answer_to_a_knock_is_good)
{
	static const enum probe_kind knocks[] = {PROBE_LOGIN, PROBE_TSB};
	for (size_t i = 0; i < 2; i++) {
		struct probing p;
		start(&p, knocks[i], 0);
		p.now_ms += 7;
		probing_give(&p, PROBING_SERVER, 6911, "", 0);
		ck_assert_int_eq(p.probe.result, PROBE_ANSWERED);
		ck_assert(probe_is_good(&p.probe));
		probing_said_nothing(&p);
		probing_text(&p, "answered in 7 ms");
	}
}
END_TEST

/* ---- the PXE service */

START_TEST(the_pxe_service_is_asked_as_by_a_rom)
{
	struct probing p;
	struct dhcp4 message;
	struct rd value;
	uint8_t u8, uuid[16];
	uint16_t u16;
	start(&p, PROBE_PXE, 0);
	ck_assert_int_eq(dhcp4_decode(p.action.send, p.action.send_len, &message), 0);
	ck_assert_uint_ge(p.action.send_len, DHCP4_PADDED_LEN);
	ck_assert_uint_eq(message.header.op, DHCP4_BOOTREQUEST);
	ck_assert_uint_eq(message.header.htype, DHCP4_HTYPE_ETHERNET);
	ck_assert_uint_eq(message.header.hlen, MAC_LEN);
	ck_assert_uint_eq(message.header.xid, XID);
	ck_assert_uint_eq(message.header.ciaddr, LOCAL);
	ck_assert_uint_eq(message.header.flags, 0);
	ck_assert_mem_eq(message.header.chaddr, mac.b, MAC_LEN);
	ck_assert(dhcp4_option_u8(&message, DHCP4_OPT_MESSAGE_TYPE, &u8));
	ck_assert_uint_eq(u8, DHCP4_REQUEST);
	ck_assert(dhcp4_option(&message, DHCP4_OPT_CLASS_ID, &value));
	ck_assert_uint_eq(value.left, 32);
	ck_assert_mem_eq(value.p, "PXEClient:Arch:00000:UNDI:002001", 32);
	ck_assert(dhcp4_option_be16(&message, DHCP4_OPT_CLIENT_ARCH, &u16));
	ck_assert_uint_eq(u16, ARCH_BIOS);
	ck_assert(dhcp4_option(&message, DHCP4_OPT_CLIENT_NDI, &value));
	ck_assert_uint_eq(value.left, 3);
	ck_assert(dhcp4_option(&message, DHCP4_OPT_CLIENT_UUID, &value));
	ck_assert_int_eq(dhcp4_uuid_decode(value.p, value.left, uuid), 0);
	ck_assert(!dhcp4_option(&message, DHCP4_OPT_VENDOR, &value));
}
END_TEST

struct reply {
	uint8_t op;
	uint32_t xid;
	const char *chaddr;
	uint8_t type;
	const char *class_id; /* NULL: none */
	enum probe_result result;
	const char *text;
};

#define MAC "\x02\x00\x5e\x10\x00\x01"

static const struct reply replies[] = {
    {DHCP4_BOOTREPLY, XID, MAC, DHCP4_ACK, "PXEClient", PROBE_ANSWERED,
	"answered in 3 ms"},
    {DHCP4_BOOTREPLY, XID, MAC, DHCP4_ACK, "PXEClient:Arch:00000", PROBE_ANSWERED,
	"answered in 3 ms"},
    {DHCP4_BOOTREPLY, XID, MAC, DHCP4_OFFER, "PXEClient", PROBE_BROKEN,
	"a reply that is no ACK"},
    {DHCP4_BOOTREPLY, XID, MAC, DHCP4_NAK, "PXEClient", PROBE_BROKEN,
	"a reply that is no ACK"},
    {DHCP4_BOOTREPLY, XID, MAC, 0, "PXEClient", PROBE_BROKEN, "a reply that is no ACK"},
    {DHCP4_BOOTREPLY, XID, MAC, DHCP4_ACK, NULL, PROBE_BROKEN,
	"an ACK without option 60 PXEClient"},
    {DHCP4_BOOTREPLY, XID, MAC, DHCP4_ACK, "HTTPClient", PROBE_BROKEN,
	"an ACK without option 60 PXEClient"},
    /* another's, or of an earlier probe */
    {DHCP4_BOOTREPLY, XID + 1, MAC, DHCP4_ACK, "PXEClient", PROBE_RUNS, "under way"},
    {DHCP4_BOOTREPLY, 0, MAC, DHCP4_ACK, "PXEClient", PROBE_RUNS, "under way"},
    {DHCP4_BOOTREPLY, XID, "\x02\x00\x5e\x10\x00\x02", DHCP4_ACK, "PXEClient",
	PROBE_RUNS, "under way"},
    {DHCP4_BOOTREQUEST, XID, MAC, DHCP4_ACK, "PXEClient", PROBE_RUNS, "under way"},
};

static size_t
make_reply(const struct reply *reply, uint8_t dst[static 576])
{
	struct wr w = wr_init(dst, 576);
	struct dhcp4_header header = {.op = reply->op,
	    .htype = DHCP4_HTYPE_ETHERNET,
	    .hlen = MAC_LEN,
	    .xid = reply->xid,
	    .siaddr = PROBING_SERVER};
	memcpy(header.chaddr, reply->chaddr, MAC_LEN);
	dhcp4_put_header(&w, &header, "ARDBP32.BIN");
	if (reply->type != 0) {
		dhcp4_put_u8(&w, DHCP4_OPT_MESSAGE_TYPE, reply->type);
	}
	if (reply->class_id != NULL) {
		dhcp4_put_option(
		    &w, DHCP4_OPT_CLASS_ID, reply->class_id, strlen(reply->class_id));
	}
	dhcp4_put_end(&w, dst);
	ck_assert_int_eq(w.err, 0);
	return wr_len(&w, dst);
}

START_TEST(a_valid_ack_to_us_is_an_answer)
{
	struct probing p;
	uint8_t bytes[576];
	size_t len = make_reply(&replies[_i], bytes);
	start(&p, PROBE_PXE, 0);
	p.now_ms += 3;
	probing_give(&p, PROBING_SERVER, 4011, bytes, len);
	probing_said_nothing(&p);
	ck_assert_int_eq(p.probe.result, replies[_i].result);
	ck_assert_int_eq(probe_is_good(&p.probe), replies[_i].result == PROBE_ANSWERED);
	probing_text(&p, replies[_i].text);
}
END_TEST

START_TEST(what_is_no_dhcp_message_is_broken)
{
	struct probing p;
	start(&p, PROBE_PXE, 0);
	probing_give(&p, PROBING_SERVER, 4011, "\0\5\0\4?\0", 6);
	ck_assert_int_eq(p.probe.result, PROBE_BROKEN);
	probing_text(&p, "no DHCP message");
}
END_TEST

static void
sweep_step(const uint8_t *bytes, size_t len, void *ctx)
{
	struct probing *p = ctx;
	start(p, PROBE_PXE, 0);
	probing_give(p, PROBING_SERVER, 4011, bytes, len);
	probing_said_nothing(p);
}

START_TEST(three_sweeps)
{
	struct probing p;
	uint8_t bytes[576];
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		unit_sweep(sweep_step, bytes, make_reply(&replies[i], bytes), &p);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probe");
	TCase *all = tcase_create("all kinds");
	tcase_add_loop_test(all, each_asks_its_own_port_twice_and_is_silent_in_time, 0,
	    UNIT_ROWS(kinds));
	tcase_add_loop_test(all, another_port_may_be_asked, 0, UNIT_ROWS(kinds));
	tcase_add_loop_test(all, icmp_ends_each, 0, UNIT_ROWS(kinds));
	tcase_add_loop_test(all, an_ended_probe_takes_nothing, 0, UNIT_ROWS(kinds));
	tcase_add_loop_test(
	    all, another_host_and_no_port_answer_for_nobody, 0, UNIT_ROWS(kinds));
	tcase_add_loop_test(all, a_running_probe_is_under_way, 0, UNIT_ROWS(kinds));
	tcase_add_test(all, the_longest_texts_have_room);
	suite_add_tcase(suite, all);
	TCase *knocks = tcase_create("knocks");
	tcase_add_test(knocks, any_answer_to_a_knock_is_good);
	suite_add_tcase(suite, knocks);
	TCase *pxe = tcase_create("pxe");
	tcase_set_timeout(pxe, 60);
	tcase_add_test(pxe, the_pxe_service_is_asked_as_by_a_rom);
	tcase_add_loop_test(pxe, a_valid_ack_to_us_is_an_answer, 0, UNIT_ROWS(replies));
	tcase_add_test(pxe, what_is_no_dhcp_message_is_broken);
	tcase_add_test(pxe, three_sweeps);
	suite_add_tcase(suite, pxe);
	return unit_run(suite);
}
