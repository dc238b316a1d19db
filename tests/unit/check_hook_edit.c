/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "hooks/edit.h"
#include "lib/base/rd.h"
#include "lib/wire/dhcp4.h"
#include "tests/unit/unit.h"

#include <stdio.h>

static struct hook_bytes
bytes_of(const char *text)
{
	return (struct hook_bytes){(const uint8_t *)text, strlen(text)};
}

static const struct {
	const char *class_id; /* NULL: no option 60 */
	bool bootp;
	enum boot_client client;
} clients[] = {
    {"PXEClient", false, BOOT_CLIENT_PXE},
    {"PXEClient:Arch:00007:UNDI:003000", false, BOOT_CLIENT_PXE},
    {"PXEClient", true, BOOT_CLIENT_PXE},
    {NULL, true, BOOT_CLIENT_BOOTP},
    {"anything", true, BOOT_CLIENT_BOOTP},
    {NULL, false, BOOT_CLIENT_OTHER},
    {"", false, BOOT_CLIENT_OTHER},
    {"PXEClien", false, BOOT_CLIENT_OTHER},
    {"pxeclient", false, BOOT_CLIENT_OTHER},
    {"HTTPClient:Arch:00016:UNDI:003000", false, BOOT_CLIENT_OTHER},
    {"MSFT 5.0", false, BOOT_CLIENT_OTHER},
};

START_TEST(a_client_is_known_by_option_60_or_the_lack_of_53)
{
	const struct hook_params params = {.all_clients = true};
	struct hook_packet packet = {.bootp = clients[_i].bootp};
	struct boot_facts facts;
	if (clients[_i].class_id != NULL) {
		packet.class_id = bytes_of(clients[_i].class_id);
	}
	edit_facts(&params, &packet, &facts);
	ck_assert_int_eq(facts.client, clients[_i].client);
	ck_assert(facts.all_clients);
}
END_TEST

static const struct {
	uint8_t bytes[6];
	size_t len;
	unsigned count;
	uint16_t first;
} archs[] = {
    {{0}, 0, 0, 0},
    {{0, 7}, 2, 1, 7},
    {{0, 7, 0, 0}, 4, 2, 7},
    {{0}, 1, 0, 0},
    {{0, 7, 1}, 3, 0, 0},
};

START_TEST(a_senseless_architecture_is_as_good_as_none)
{
	const struct hook_params params = {0};
	struct hook_packet packet = {
	    .archs = {archs[_i].len > 0 ? archs[_i].bytes : NULL, archs[_i].len}};
	struct boot_facts facts;
	edit_facts(&params, &packet, &facts);
	ck_assert_uint_eq(facts.arch_count, archs[_i].count);
	if (facts.arch_count > 0) {
		ck_assert_uint_eq(facts.arch[0], archs[_i].first);
	}
}
END_TEST

START_TEST(place_and_mac_are_taken_where_they_are_known)
{
	const struct hook_params params = {0};
	struct hook_packet packet = {.has_mac = true,
	    .mac = {1, 2, 3, 4, 5, 6},
	    .has_subnet_id = true,
	    .subnet_id = 42,
	    .addr = 0x0a140001};
	struct boot_facts facts;
	edit_facts(&params, &packet, &facts);
	ck_assert(facts.has_mac && facts.has_subnet_id && facts.has_addr);
	ck_assert_uint_eq(facts.mac.b[5], 6);
	ck_assert_uint_eq(facts.subnet_id, 42);
	ck_assert_uint_eq(facts.addr, 0x0a140001);
	packet = (struct hook_packet){0};
	edit_facts(&params, &packet, &facts);
	ck_assert(!facts.has_mac && !facts.has_subnet_id && !facts.has_addr);
}
END_TEST

START_TEST(any_of_four_fields_means_that_kea_has_answered)
{
	struct hook_packet packet = {0};
	packet.option_len[DHCP4_OPT_ROOT_PATH] = 10;
	packet.option_len[DHCP4_OPT_VENDOR] = 10;
	ck_assert(!edit_kea_answered(&packet));
	packet.siaddr = 1;
	ck_assert(edit_kea_answered(&packet));
	packet.siaddr = 0;
	packet.has_file = true;
	ck_assert(edit_kea_answered(&packet));
	packet.has_file = false;
	packet.option_len[66] = 2;
	ck_assert(edit_kea_answered(&packet));
	packet.option_len[66] = 0;
	packet.option_len[67] = 2;
	ck_assert(edit_kea_answered(&packet));
}
END_TEST

static const struct boot_answer uefi = {.action = BOOT_BOOT,
    .farm = "east",
    .arch = ARCH_UEFI_X64,
    .has_server = true,
    .server = 0x0a000005,
    .file = "east/pvsnbpx64.efi",
    .bootstrap = "pvsnbpx64.efi",
    .login_count = 2,
    .login = {0x0a01000b, 0x0a01000c}};

static const struct hook_option *
added(const struct hook_edit *edit, uint8_t code)
{
	for (unsigned i = 0; i < edit->add_count; i++) {
		if (edit->add[i].code == code) {
			return &edit->add[i];
		}
	}
	return NULL;
}

static bool
removed(const struct hook_edit *edit, uint8_t code)
{
	return memchr(edit->remove, code, edit->remove_count) != NULL;
}

START_TEST(siaddr_file_66_and_67_say_the_same)
{
	const struct hook_params params = {0};
	const struct hook_packet packet = {0};
	struct hook_edit edit;
	edit_make(&params, &packet, &uefi, &edit);
	ck_assert_uint_eq(edit.siaddr, 0x0a000005);
	ck_assert_str_eq((const char *)edit.file, "east/pvsnbpx64.efi");
	ck_assert_uint_eq(edit.file[HOOK_FILE_LEN - 1], 0);
	const struct hook_option *name = added(&edit, 66), *file = added(&edit, 67);
	ck_assert_uint_eq(name->len, 8);
	ck_assert_mem_eq(name->data, "10.0.0.5", 8);
	ck_assert_uint_eq(file->len, 18);
	ck_assert_mem_eq(file->data, "east/pvsnbpx64.efi", 18);
	ck_assert(removed(&edit, 66) && removed(&edit, 67));
}
END_TEST

START_TEST(the_login_list_is_in_order_and_17_goes)
{
	const struct hook_params params = {0};
	const struct hook_packet packet = {0};
	struct hook_edit edit;
	edit_make(&params, &packet, &uefi, &edit);
	const struct hook_option *login = added(&edit, 11);
	ck_assert_uint_eq(login->len, 8);
	ck_assert_mem_eq(login->data, "\x0a\x01\x00\x0b\x0a\x01\x00\x0c", 8);
	ck_assert_ptr_null(added(&edit, 17));
	ck_assert(removed(&edit, 11) && removed(&edit, 17));
}
END_TEST

START_TEST(the_root_path_stands_alone)
{
	const struct hook_params params = {0};
	const struct hook_packet packet = {0};
	struct boot_answer answer = uefi;
	struct hook_edit edit;
	answer.login_count = 0;
	(void)snprintf(answer.root_path, sizeof(answer.root_path), "pvs:[x]:17:6910");
	edit_make(&params, &packet, &answer, &edit);
	ck_assert_mem_eq(added(&edit, 17)->data, "pvs:[x]:17:6910", 15);
	ck_assert_ptr_null(added(&edit, 11));
	ck_assert(removed(&edit, 11) && removed(&edit, 17));
}
END_TEST

START_TEST(without_a_login_list_keas_11_and_17_stay)
{
	const struct hook_params params = {0};
	const struct hook_packet packet = {0};
	struct boot_answer answer = uefi;
	struct hook_edit edit;
	answer.login_count = 0;
	edit_make(&params, &packet, &answer, &edit);
	ck_assert(!removed(&edit, 11) && !removed(&edit, 17));
}
END_TEST

static const struct {
	const char *class_id; /* in the reply */
	bool keep;
	bool removed;
} sixties[] = {
    {"PXEClient", false, true},
    {"PXEClient:more", false, true},
    {"HTTPClient", false, false},
    {"PXEClient", true, false},
};

START_TEST(what_contradicts_us_goes)
{
	const struct hook_params params = {.keep_option_60 = sixties[_i].keep};
	struct hook_packet packet = {.reply_class_id = bytes_of(sixties[_i].class_id)};
	struct hook_edit edit;
	edit_make(&params, &packet, &uefi, &edit);
	ck_assert(removed(&edit, 60) == sixties[_i].removed);
	ck_assert(removed(&edit, 43) && removed(&edit, 150));
}
END_TEST

/* Bytes of the whole DHCP message as it would leave with an edit. */
static size_t
reply_len(const struct hook_packet *packet, const struct hook_edit *edit)
{
	size_t len = 236 + 4 + 1;
	for (unsigned code = 0; code < 256; code++) {
		len += removed(edit, (uint8_t)code) ? 0 : packet->option_len[code];
	}
	for (unsigned i = 0; i < edit->add_count; i++) {
		len += 2u + edit->add[i].len;
	}
	return len;
}

START_TEST(the_reply_keeps_to_what_the_client_takes)
{
	const struct hook_params params = {0};
	struct boot_answer answer = uefi;
	answer.login_count = BOOT_LOGIN_MAX;
	for (uint16_t other = 0; other < 500; other++) {
		struct hook_packet packet = {0};
		struct hook_edit edit;
		packet.option_len[1] = other;
		packet.option_len[17] = 100; /* goes, and so makes room */
		edit_make(&params, &packet, &answer, &edit);
		ck_assert_ptr_nonnull(added(&edit, 67));
		ck_assert_ptr_nonnull(added(&edit, 11));
		size_t len = reply_len(&packet, &edit);
		bool shortest = added(&edit, 66) == NULL && added(&edit, 11)->len == 4;
		ck_assert(len <= 548 || shortest);
		/* Nothing is given up without need. */
		ck_assert(added(&edit, 66) != NULL || len + 10 + 4 > 548 - 4);
	}
}
END_TEST

START_TEST(option_57_says_how_much_that_is)
{
	const struct hook_params params = {0};
	const uint8_t small[] = {0x02, 0x40}, large[] = {0x05, 0xc0}, odd[] = {0x05};
	struct hook_packet packet = {0};
	struct boot_answer answer = uefi;
	struct hook_edit edit;
	answer.login_count = BOOT_LOGIN_MAX;
	packet.option_len[1] = 500;
	packet.max_message = (struct hook_bytes){large, sizeof(large)};
	edit_make(&params, &packet, &answer, &edit);
	ck_assert_ptr_nonnull(added(&edit, 66));
	ck_assert_uint_eq(added(&edit, 11)->len, 128);
	packet.max_message = (struct hook_bytes){small, sizeof(small)};
	edit_make(&params, &packet, &answer, &edit);
	ck_assert_ptr_null(added(&edit, 66));
	ck_assert_uint_eq(added(&edit, 11)->len, 4);
	packet.max_message = (struct hook_bytes){odd, sizeof(odd)};
	edit_make(&params, &packet, &answer, &edit);
	ck_assert_ptr_null(added(&edit, 66));
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *suite = suite_create("hook_edit");
	TCase *tc = tcase_create("hook_edit");
	tcase_add_loop_test(
	    tc, a_client_is_known_by_option_60_or_the_lack_of_53, 0, COUNT(clients));
	tcase_add_loop_test(
	    tc, a_senseless_architecture_is_as_good_as_none, 0, COUNT(archs));
	tcase_add_test(tc, place_and_mac_are_taken_where_they_are_known);
	tcase_add_test(tc, any_of_four_fields_means_that_kea_has_answered);
	tcase_add_test(tc, siaddr_file_66_and_67_say_the_same);
	tcase_add_test(tc, the_login_list_is_in_order_and_17_goes);
	tcase_add_test(tc, the_root_path_stands_alone);
	tcase_add_test(tc, without_a_login_list_keas_11_and_17_stay);
	tcase_add_loop_test(tc, what_contradicts_us_goes, 0, COUNT(sixties));
	tcase_add_test(tc, the_reply_keeps_to_what_the_client_takes);
	tcase_add_test(tc, option_57_says_how_much_that_is);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
