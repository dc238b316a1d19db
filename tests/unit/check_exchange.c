/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/exchange.h"

#include "tests/unit/pxe_client.h"

#include <errno.h>
#include <stdio.h>

/* Every firmware by every path in both forms of the offer, and what the exchange says of its
 * outcome. */

enum {
	FIRMWARES = UNIT_ROWS(pxe_firmwares),
	PATHS = UNIT_ROWS(pxe_paths),
};

static struct world *w;
static struct pxe_ask ask;
static struct dhcp4 reply;

static void
setup(void)
{
	w = calloc(1, sizeof(*w));
	ck_assert_ptr_nonnull(w);
	world_example(w);
}

static void
teardown(void)
{
	free(w);
}

/* The i-th of all combinations; form is the one that farms ask for. */
static const struct exchange *
answer_nth(int i, enum db_offer *ret_form)
{
	*ret_form = i % 2 == 0 ? DB_OFFER_DIRECT : DB_OFFER_REDIRECT;
	for (unsigned f = 0; f < w->farm_count; f++) {
		pxe_offer(&w->farms[f], ARCH_BIOS, *ret_form);
		pxe_offer(&w->farms[f], ARCH_UEFI_X64, *ret_form);
	}
	pxe_ask_make(
	    &ask, &pxe_firmwares[i / 2 % FIRMWARES], &pxe_paths[i / 2 / FIRMWARES]);
	const struct exchange *exchange = pxe_answer_ask(&ask, w);
	ck_assert_int_eq(exchange->why, SILENCE_NONE);
	ck_assert(exchange->is_read);
	ck_assert_int_eq(dhcp4_decode(exchange->reply, exchange->len, &reply), 0);
	return exchange;
}

enum { COMBINATIONS = 2 * FIRMWARES * PATHS };

static const struct pxe_firmware *
firmware_of(int i)
{
	return &pxe_firmwares[i / 2 % FIRMWARES];
}

static const struct pxe_path *
path_of(int i)
{
	return &pxe_paths[i / 2 / FIRMWARES];
}

START_TEST(a_reply_goes_back_the_way_that_the_question_came)
{
	enum db_offer form;
	const struct pxe_path *path = path_of(_i);
	const struct exchange *exchange = answer_nth(_i, &form);
	if (path->door == REQUEST_PXE) {
		ck_assert_int_eq(exchange->to, EXCHANGE_TO_CLIENT);
		ck_assert_uint_eq(exchange->destination, world_ip4(path->source));
		ck_assert_uint_eq(exchange->destination_port, path->source_port);
	} else if (world_ip4(path->giaddr) != 0) {
		ck_assert_int_eq(exchange->to, EXCHANGE_TO_RELAY);
		ck_assert_uint_eq(exchange->destination, world_ip4(path->giaddr));
		ck_assert_uint_eq(exchange->destination_port, 67);
	} else {
		ck_assert_int_eq(exchange->to, EXCHANGE_TO_LINK);
		ck_assert_uint_eq(exchange->destination, 0xffffffff);
		ck_assert_uint_eq(exchange->destination_port, 68);
	}
	ck_assert_uint_eq(exchange->request.from, world_ip4(PXE_OWN));
}
END_TEST

START_TEST(a_reply_has_the_header_of_its_question)
{
	enum db_offer form;
	const struct pxe_path *path = path_of(_i);
	(void)answer_nth(_i, &form);
	const struct dhcp4_header *header = &reply.header;
	ck_assert_uint_eq(header->op, 2);
	ck_assert_uint_eq(header->htype, 1);
	ck_assert_uint_eq(header->hlen, 6);
	ck_assert_uint_eq(header->hops, 0);
	ck_assert_uint_eq(header->xid, 0x11223344);
	ck_assert_uint_eq(header->secs, 4);
	ck_assert_uint_eq(header->yiaddr, 0);
	ck_assert_uint_eq(header->giaddr, world_ip4(path->giaddr));
	ck_assert_mem_eq(header->chaddr, PXE_MAC "\0\0\0\0\0\0\0\0\0\0", 16);
	if (path->door == REQUEST_DHCP) {
		ck_assert_uint_eq(header->flags, DHCP4_FLAG_BROADCAST);
		ck_assert_uint_eq(header->ciaddr, 0);
	} else {
		ck_assert_uint_eq(header->flags, firmware_of(_i)->flags);
		ck_assert_uint_eq(header->ciaddr, world_ip4(path->ciaddr));
	}
	for (unsigned i = 0; i < DHCP4_SNAME_LEN; i++) {
		ck_assert_uint_eq(reply.sname.p[i], 0);
	}
}
END_TEST

static void
assert_file(const char *farm, uint16_t arch)
{
	char expected[DHCP4_FILE_LEN] = "";
	if (farm != NULL) {
		(void)snprintf(expected, sizeof(expected), "%s/%s", farm,
		    arch == ARCH_BIOS ? "ARDBP32.BIN" : "pvsnbpx64.efi");
	}
	ck_assert_mem_eq(reply.file.p, expected, sizeof(expected));
}

START_TEST(a_redirecting_offer_names_the_proxy_and_all_else_the_file)
{
	enum db_offer form;
	const struct pxe_path *path = path_of(_i);
	(void)answer_nth(_i, &form);
	bool redirects = path->door == REQUEST_DHCP && form == DB_OFFER_REDIRECT;
	ck_assert_uint_eq(
	    reply.header.siaddr, world_ip4(redirects ? PXE_OWN : "10.0.0.5"));
	assert_file(redirects ? NULL : path->farm, firmware_of(_i)->arch);
}
END_TEST

static void
assert_option(uint8_t code, const void *value, size_t len)
{
	struct rd found;
	ck_assert_msg(dhcp4_option(&reply, code, &found), "option %u is absent", code);
	ck_assert_uint_eq(found.left, len);
	ck_assert_mem_eq(found.p, value, len);
}

START_TEST(a_reply_has_its_options_in_order)
{
	enum db_offer form;
	const struct pxe_path *path = path_of(_i);
	const struct pxe_firmware *firmware = firmware_of(_i);
	const struct exchange *exchange = answer_nth(_i, &form);
	bool offers = path->door == REQUEST_DHCP;
	bool directs = offers && form == DB_OFFER_DIRECT;
	bool has_item = !offers && path->len > 0;
	bool has_login = firmware->arch != ARCH_BIOS;
	const uint8_t order[] = {53, 54, 60, firmware->has_uuid ? 97 : 0,
	    directs || has_item ? 43 : 0, has_login ? 11 : 0,
	    offers && path->len > 0 ? 82 : 0};
	struct rd r = rd_init(exchange->reply, exchange->len);
	rd_skip(&r, DHCP4_HEADER_LEN + 4);
	for (size_t i = 0; i < sizeof(order); i++) {
		if (order[i] != 0) {
			ck_assert_uint_eq(rd_u8(&r), order[i]);
			rd_skip(&r, rd_u8(&r));
		}
	}
	ck_assert_uint_eq(rd_u8(&r), 255);
	while (r.left > 0) {
		ck_assert_uint_eq(rd_u8(&r), 0);
	}
	ck_assert_uint_ge(exchange->len, 300);
}
END_TEST

START_TEST(a_reply_says_who_it_is_from_and_echoes_who_asked)
{
	enum db_offer form;
	const struct pxe_path *path = path_of(_i);
	const struct pxe_firmware *firmware = firmware_of(_i);
	(void)answer_nth(_i, &form);
	bool offers = path->door == REQUEST_DHCP;
	assert_option(53, offers ? "\2" : "\5", 1);
	assert_option(54, "\x0a\x14\x00\x02", 4);
	assert_option(60, UNIT_BYTES("PXEClient"));
	if (firmware->has_uuid) {
		assert_option(97, &PXE_UUID[2], 17);
	}
	if (offers && form == DB_OFFER_DIRECT) {
		assert_option(43, UNIT_BYTES("\x06\x01\x08\xff"));
	}
	if (path->len > 0 && offers) {
		assert_option(82, UNIT_BYTES(PXE_RELAY_INFO));
	}
	if (path->len > 0 && !offers) {
		assert_option(43, UNIT_BYTES(PXE_ITEM));
	}
	if (firmware->arch != ARCH_BIOS) {
		struct rd login;
		ck_assert(dhcp4_option(&reply, 11, &login));
		ck_assert_uint_eq(login.left, path->farm[0] == 'e' ? 20 : 8);
	}
}
END_TEST

/* What a farm leaves unsaid: direct for a BIOS, redirect for UEFI. */
START_TEST(the_form_of_an_offer_follows_the_architecture)
{
	const struct pxe_firmware *firmware = &pxe_firmwares[_i];
	pxe_ask_make(&ask, firmware, &pxe_paths[0]);
	const struct exchange *exchange = pxe_answer_ask(&ask, w);
	ck_assert_int_eq(dhcp4_decode(exchange->reply, exchange->len, &reply), 0);
	struct rd vendor;
	ck_assert_int_eq(
	    dhcp4_option(&reply, 43, &vendor), firmware->arch == ARCH_BIOS);
	ck_assert_int_eq((dhcp4_file(&reply).left > 0), firmware->arch == ARCH_BIOS);
}
END_TEST

START_TEST(nobody_is_redirected_to_a_port_that_is_not_ours)
{
	pxe_ask_make(&ask, &pxe_firmwares[_i], &pxe_paths[0]);
	pxe_offer(&w->farms[0], ARCH_BIOS, DB_OFFER_REDIRECT);
	ask.in.direct_only = true;
	const struct exchange *exchange = pxe_answer_ask(&ask, w);
	ck_assert_int_eq(exchange->answer.offer, DB_OFFER_DIRECT);
	ck_assert_int_eq(dhcp4_decode(exchange->reply, exchange->len, &reply), 0);
	ck_assert_uint_gt(dhcp4_file(&reply).left, 0);
}
END_TEST

START_TEST(delivery_by_the_farm_itself_names_its_server)
{
	w->farms[0].delivery = DB_DELIVERY_DIRECT;
	world_verdict(w, DB_ROLE_TFTP, "10.1.0.12", DB_VERDICT_UP);
	pxe_ask_make(&ask, &pxe_firmwares[_i], &pxe_paths[4]); /* INFORM: east */
	const struct exchange *exchange = pxe_answer_ask(&ask, w);
	ck_assert_int_eq(dhcp4_decode(exchange->reply, exchange->len, &reply), 0);
	ck_assert_uint_eq(reply.header.siaddr, world_ip4("10.1.0.12"));
	ck_assert_str_eq((const char *)reply.file.p,
	    pxe_firmwares[_i].arch == ARCH_BIOS ? "ARDBP32.BIN" : "pvsnbpx64.efi");
}
END_TEST

START_TEST(a_device_record_moves_its_machine_alone)
{
	struct db_device *device = world_device(w, "52:54:00:aa:00:01");
	device->which = DB_DEVICE_FARM;
	(void)snprintf(device->farm, sizeof(device->farm), "west");
	pxe_ask_make(&ask, &pxe_firmwares[0], &pxe_paths[0]);
	const struct exchange *exchange = pxe_answer_ask(&ask, w);
	ck_assert_int_eq(dhcp4_decode(exchange->reply, exchange->len, &reply), 0);
	assert_file("west", ARCH_BIOS);
	ask.bytes[28 + 5] = 2; /* the last byte of chaddr */
	exchange = pxe_answer_ask(&ask, w);
	ck_assert_int_eq(dhcp4_decode(exchange->reply, exchange->len, &reply), 0);
	assert_file("east", ARCH_BIOS);
}
END_TEST

/* Port 4011 is asked by who has our offer already: no other server's answer is awaited. */
START_TEST(the_delay_of_a_scope_holds_offers_back)
{
	for (unsigned i = 0; i < w->prefix_count; i++) {
		w->prefix_scopes[i].reply_delay_ms = 250;
	}
	pxe_ask_make(&ask, &pxe_firmwares[0], &pxe_paths[_i]);
	const struct exchange *exchange = pxe_answer_ask(&ask, w);
	ck_assert_int_eq(exchange->why, SILENCE_NONE);
	ck_assert_uint_eq(
	    exchange->delay_ms, pxe_paths[_i].door == REQUEST_DHCP ? 250 : 0);
}
END_TEST

START_TEST(with_relay_only_port_4011_is_answered_still)
{
	pxe_ask_make(&ask, &pxe_firmwares[0], &pxe_paths[_i]);
	ask.in.relay_only = true;
	const struct exchange *exchange = pxe_answer_ask(&ask, w);
	bool is_direct =
	    ask.in.door == REQUEST_DHCP && world_ip4(pxe_paths[_i].giaddr) == 0;
	ck_assert_int_eq(exchange->why, is_direct ? SILENCE_DIRECT : SILENCE_NONE);
}
END_TEST

/* A relayed question needs no address on the interface that it came in by. */
START_TEST(who_is_relayed_is_answered_from_the_address_asked)
{
	pxe_ask_make(&ask, &pxe_firmwares[0], &pxe_paths[1]);
	ask.in.link_addr = 0;
	ask.in.local = world_ip4("172.16.0.1");
	const struct exchange *exchange = pxe_answer_ask(&ask, w);
	ck_assert_int_eq(exchange->why, SILENCE_NONE);
	ck_assert_int_eq(dhcp4_decode(exchange->reply, exchange->len, &reply), 0);
	assert_option(54, "\xac\x10\x00\x01", 4);
}
END_TEST

START_TEST(not_ours_says_why)
{
	pxe_ask_make(&ask, &pxe_firmwares[0], &pxe_paths[0]);
	ask.in.link_addr = world_ip4("10.40.0.2");
	const struct exchange *exchange = pxe_answer_ask(&ask, w);
	ck_assert_int_eq(exchange->why, SILENCE_NOT_OURS);
	ck_assert_int_eq(exchange->cause, BOOT_SCOPE_NONE);
	ck_assert(exchange->is_read);
	ck_assert_uint_eq(exchange->len, 0);
	ck_assert_str_eq(exchange->answer.scope, "10.40.0.0/16");
}
END_TEST

START_TEST(a_map_that_cannot_be_asked_gives_silence)
{
	pxe_ask_make(&ask, &pxe_firmwares[0], &pxe_paths[0]);
	(void)pxe_answer_ask(&ask, w);
	unsigned calls = w->calls;
	for (unsigned i = 1; i <= calls; i++) {
		w->calls = 0;
		w->fail_at = i;
		const struct exchange *exchange = pxe_answer_ask(&ask, w);
		ck_assert_int_eq(exchange->why, SILENCE_FAILED);
		ck_assert_int_eq(exchange->err, -EIO);
		ck_assert(exchange->is_read);
		ck_assert_uint_eq(exchange->len, 0);
	}
	ck_assert_uint_gt(calls, 0);
}
END_TEST

START_TEST(a_request_to_the_dhcp_server_is_read_and_not_answered)
{
	struct pxe_path path = pxe_paths[0];
	path.type = DHCP4_REQUEST;
	path.options = "\x32\x04\x0a\x14\x00\x64";
	path.len = 6;
	pxe_ask_make(&ask, &pxe_firmwares[_i], &path);
	const struct exchange *exchange = pxe_answer_ask(&ask, w);
	ck_assert_int_eq(exchange->why, SILENCE_TYPE);
	ck_assert(exchange->is_read);
	ck_assert_uint_eq(exchange->request.client, world_ip4("10.20.0.100"));
	ck_assert_mem_eq(exchange->request.facts.mac.b, PXE_MAC, MAC_LEN);
	ck_assert_uint_eq(w->calls, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("exchange");
	TCase *tc = tcase_create("exchange");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(
	    tc, a_reply_goes_back_the_way_that_the_question_came, 0, COMBINATIONS);
	tcase_add_loop_test(
	    tc, a_reply_has_the_header_of_its_question, 0, COMBINATIONS);
	tcase_add_loop_test(tc,
	    a_redirecting_offer_names_the_proxy_and_all_else_the_file, 0, COMBINATIONS);
	tcase_add_loop_test(tc, a_reply_has_its_options_in_order, 0, COMBINATIONS);
	tcase_add_loop_test(
	    tc, a_reply_says_who_it_is_from_and_echoes_who_asked, 0, COMBINATIONS);
	tcase_add_loop_test(
	    tc, the_form_of_an_offer_follows_the_architecture, 0, FIRMWARES);
	tcase_add_loop_test(
	    tc, nobody_is_redirected_to_a_port_that_is_not_ours, 0, FIRMWARES);
	tcase_add_loop_test(
	    tc, delivery_by_the_farm_itself_names_its_server, 0, FIRMWARES);
	tcase_add_test(tc, a_device_record_moves_its_machine_alone);
	tcase_add_loop_test(tc, the_delay_of_a_scope_holds_offers_back, 0, PATHS);
	tcase_add_loop_test(tc, with_relay_only_port_4011_is_answered_still, 0, PATHS);
	tcase_add_test(tc, who_is_relayed_is_answered_from_the_address_asked);
	tcase_add_test(tc, not_ours_says_why);
	tcase_add_test(tc, a_map_that_cannot_be_asked_gives_silence);
	tcase_add_loop_test(
	    tc, a_request_to_the_dhcp_server_is_read_and_not_answered, 0, FIRMWARES);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
