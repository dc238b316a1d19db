/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/request.h"

#include "tests/unit/pxe_client.h"

static struct pxe_ask ask;
static struct request request;

/* Asks as EDK2 does on its link, with some options more. */
static enum silence
read_edk2(const struct pxe_path *path, const char *options, size_t len)
{
	struct pxe_path with = *path;
	with.options = options;
	with.len = len;
	pxe_ask_make(&ask, &pxe_firmwares[2], &with);
	ask.in.bytes = ask.bytes;
	ask.in.len = ask.len;
	memset(&request, 0xa5, sizeof(request));
	return request_read(&ask.in, &request);
}

/* On port 67 option 82's link selection, then giaddr, then the interface; on 4011 ciaddr, then
 * the source. */
static const struct {
	enum request_door door;
	const char *link_selection, *giaddr, *ciaddr, *source, *link;
	const char *addr; /* that is looked up */
	bool relayed;
} places[] = {
    {REQUEST_DHCP, NULL, "0.0.0.0", "0.0.0.0", "0.0.0.0", "10.0.0.1", "10.0.0.1",
	false},
    {REQUEST_DHCP, NULL, "10.0.0.2", "0.0.0.0", "10.0.0.9", "10.0.0.1", "10.0.0.2",
	true},
    {REQUEST_DHCP, "\x52\x06\x05\x04\x0a\x00\x00\x03", "10.0.0.2", "0.0.0.0",
	"10.0.0.9", "10.0.0.1", "10.0.0.3", true},
    {REQUEST_DHCP, "\x52\x06\x05\x04\x0a\x00\x00\x03", "0.0.0.0", "0.0.0.0", "0.0.0.0",
	"10.0.0.1", "10.0.0.3", false},
    {REQUEST_DHCP, "\x52\x06\x01\x04\x65\x74\x68\x30", "10.0.0.2", "0.0.0.0",
	"10.0.0.9", "10.0.0.1", "10.0.0.2", true},
    {REQUEST_DHCP, NULL, "10.0.0.2", "10.0.0.4", "10.0.0.9", "0.0.0.0", "10.0.0.2",
	true},
    {REQUEST_PXE, NULL, "0.0.0.0", "10.0.0.4", "10.0.0.9", "10.0.0.1", "10.0.0.4",
	false},
    {REQUEST_PXE, NULL, "0.0.0.0", "0.0.0.0", "10.0.0.9", "10.0.0.1", "10.0.0.9",
	false},
    {REQUEST_PXE, "\x52\x06\x05\x04\x0a\x00\x00\x03", "10.0.0.2", "10.0.0.4",
	"10.0.0.9", "10.0.0.1", "10.0.0.4", false},
};

START_TEST(the_address_looked_up_is_the_one_nearest_the_machine)
{
	const struct pxe_path path = {.door = places[_i].door,
	    .type = places[_i].door == REQUEST_DHCP ? DHCP4_DISCOVER : DHCP4_REQUEST,
	    .ciaddr = places[_i].ciaddr,
	    .giaddr = places[_i].giaddr,
	    .source = places[_i].source,
	    .link = places[_i].link,
	    .source_port = 68};
	const char *options = places[_i].link_selection;
	ck_assert_int_eq(
	    read_edk2(&path, options, options != NULL ? 8 : 0), SILENCE_NONE);
	ck_assert(request.facts.has_addr);
	ck_assert_uint_eq(request.facts.addr, world_ip4(places[_i].addr));
	ck_assert_int_eq(request.relayed, places[_i].relayed);
	ck_assert_int_eq(request.door, places[_i].door);
	ck_assert_uint_eq(request.from, world_ip4(PXE_OWN));
	ck_assert_uint_eq(request.peer, world_ip4(places[_i].source));
	ck_assert_uint_eq(request.peer_port, 68);
}
END_TEST

/* What the decision is asked: no more than what the machine says. */
START_TEST(the_facts_are_the_machine_and_its_architectures)
{
	ck_assert_int_eq(read_edk2(&pxe_paths[0], NULL, 0), SILENCE_NONE);
	const struct boot_facts *facts = &request.facts;
	ck_assert_int_eq(facts->client, BOOT_CLIENT_PXE);
	ck_assert(!facts->all_clients);
	ck_assert(!facts->has_subnet_id);
	ck_assert(facts->has_mac);
	ck_assert_mem_eq(facts->mac.b, PXE_MAC, MAC_LEN);
	ck_assert_uint_eq(facts->arch_count, 1);
	ck_assert_uint_eq(facts->arch[0], ARCH_UEFI_X64);
	ck_assert_int_eq(request.type, DHCP4_DISCOVER);
}
END_TEST

/* A second option 93 continues the first (RFC 3396). */
START_TEST(architectures_are_kept_in_order_and_number)
{
	ck_assert_int_eq(read_edk2(&pxe_paths[0], UNIT_BYTES("\x5d\x06\0\x9\0\0\0\x7")),
	    SILENCE_NONE);
	ck_assert_uint_eq(request.facts.arch_count, 3);
	ck_assert_uint_eq(request.facts.arch[1], ARCH_UEFI_EBC);
	ck_assert_uint_eq(request.facts.arch[2], ARCH_BIOS);
	ck_assert_int_eq(
	    read_edk2(&pxe_paths[0],
		UNIT_BYTES("\x5d\x12\0\1\0\2\0\3\0\4\0\5\0\6\0\x8\0\x9\0\xa")),
	    SILENCE_NONE);
	ck_assert_uint_eq(request.facts.arch_count, BOOT_ARCHS_MAX);
}
END_TEST

START_TEST(a_user_class_is_told_by_its_hash)
{
	ck_assert_int_eq(read_edk2(&pxe_paths[0], NULL, 0), SILENCE_NONE);
	ck_assert_uint_eq(request.user_class, 0);
	ck_assert_int_eq(
	    read_edk2(&pxe_paths[0], UNIT_BYTES("\x4d\x04iPXE")), SILENCE_NONE);
	ck_assert_uint_eq(request.user_class, 0x96bc);
}
END_TEST

START_TEST(without_option_93_no_architecture_is_said)
{
	pxe_ask_make(&ask, &pxe_firmwares[5], &pxe_paths[0]);
	ask.in.bytes = ask.bytes;
	ask.in.len = ask.len;
	ck_assert_int_eq(request_read(&ask.in, &request), SILENCE_NONE);
	ck_assert_uint_eq(request.facts.arch_count, 0);
	ck_assert(!request.has_uuid);
	ck_assert(!request.has_max_message);
	ck_assert(!request.has_item);
	ck_assert_uint_eq(request.relay_info_len, 0);
}
END_TEST

START_TEST(what_is_echoed_is_kept_as_it_came)
{
	ck_assert_int_eq(read_edk2(&pxe_paths[3],
			     UNIT_BYTES("\x52\x0c" PXE_RELAY_INFO "\x2b\x07"
					"\x47\x04\x80\x01\x80\x02\xff")),
	    SILENCE_NONE);
	ck_assert(request.has_uuid);
	ck_assert_mem_eq(request.uuid, &PXE_UUID[2], sizeof(request.uuid));
	ck_assert_uint_eq(request.relay_info_len, 12);
	ck_assert_mem_eq(request.relay_info, PXE_RELAY_INFO, 12);
	ck_assert(request.has_item);
	ck_assert_uint_eq(request.item_type, 0x8001);
	ck_assert_uint_eq(request.item_layer, 0x8002);
	ck_assert(request.has_max_message);
	ck_assert_uint_eq(request.max_message, 1472);
	ck_assert_uint_eq(request.header.xid, 0x11223344);
	ck_assert_uint_eq(request.header.flags, DHCP4_FLAG_BROADCAST);
}
END_TEST

/* A machine that selects an address names it in option 50, one that renews in ciaddr. */
static const struct {
	const char *ciaddr;
	const char *options;
	size_t len;
	const char *client;
} own[] = {
    {"0.0.0.0", UNIT_BYTES("\x32\x04\x0a\x14\x00\x64"), "10.20.0.100"},
    {"10.20.0.7", UNIT_BYTES(""), "10.20.0.7"},
    {"10.20.0.7", UNIT_BYTES("\x32\x04\x0a\x14\x00\x64"), "10.20.0.7"},
    {"0.0.0.0", UNIT_BYTES(""), "0.0.0.0"},
    {"0.0.0.0", UNIT_BYTES("\x32\x04\x00\x00\x00\x00"), "0.0.0.0"},
    {"0.0.0.0", UNIT_BYTES("\x32\x04\xff\xff\xff\xff"), "0.0.0.0"},
    {"0.0.0.0", UNIT_BYTES("\x32\x04\xe0\x00\x00\x01"), "0.0.0.0"},
};

START_TEST(a_request_to_the_dhcp_server_tells_the_machine_s_address)
{
	struct pxe_path path = pxe_paths[0];
	path.type = DHCP4_REQUEST;
	path.ciaddr = own[_i].ciaddr;
	ck_assert_int_eq(read_edk2(&path, own[_i].options, own[_i].len), SILENCE_TYPE);
	ck_assert_int_eq(request.type, DHCP4_REQUEST);
	ck_assert_uint_eq(request.client, world_ip4(own[_i].client));
	ck_assert_mem_eq(request.facts.mac.b, PXE_MAC, MAC_LEN);
}
END_TEST

/* It is read also where no answer could be sent. */
START_TEST(a_renewal_to_another_host_is_read)
{
	struct pxe_path path = pxe_paths[0];
	path.type = DHCP4_REQUEST;
	path.ciaddr = "10.20.0.7";
	(void)read_edk2(&path, NULL, 0);
	ask.in.local = 0;
	ask.in.link_addr = 0;
	ask.in.relay_only = true;
	ck_assert_int_eq(request_read(&ask.in, &request), SILENCE_TYPE);
	ck_assert_uint_eq(request.client, world_ip4("10.20.0.7"));
}
END_TEST

START_TEST(every_silence_has_a_short_name_of_its_own)
{
	for (int why = 0; why < SILENCE_COUNT; why++) {
		const char *text = silence_text((enum silence)why);
		ck_assert_ptr_nonnull(text);
		ck_assert_uint_le(strlen(text), 20);
		for (int other = 0; other < why; other++) {
			ck_assert_str_ne(text, silence_text((enum silence)other));
		}
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("request");
	TCase *tc = tcase_create("request");
	tcase_add_loop_test(tc, the_address_looked_up_is_the_one_nearest_the_machine, 0,
	    UNIT_ROWS(places));
	tcase_add_test(tc, the_facts_are_the_machine_and_its_architectures);
	tcase_add_test(tc, architectures_are_kept_in_order_and_number);
	tcase_add_test(tc, a_user_class_is_told_by_its_hash);
	tcase_add_test(tc, without_option_93_no_architecture_is_said);
	tcase_add_test(tc, what_is_echoed_is_kept_as_it_came);
	tcase_add_loop_test(tc,
	    a_request_to_the_dhcp_server_tells_the_machine_s_address, 0,
	    UNIT_ROWS(own));
	tcase_add_test(tc, a_renewal_to_another_host_is_read);
	tcase_add_test(tc, every_silence_has_a_short_name_of_its_own);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
