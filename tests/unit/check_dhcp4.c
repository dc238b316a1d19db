/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/wire/dhcp4.h"
#include "tests/unit/unit.h"

static const struct {
	const char *value;
	size_t len;
	bool is_pxe, is_firmware;
} class_ids[] = {
    {UNIT_BYTES("PXEClient"), true, true},
    {UNIT_BYTES("PXEClient:Arch:00007:UNDI:003000"), true, true},
    {UNIT_BYTES("PXEClient\0"), true, true},
    {UNIT_BYTES("PXEClien"), false, false},
    {UNIT_BYTES("pxeclient"), false, false},
    {UNIT_BYTES(" PXEClient"), false, false},
    {UNIT_BYTES("HTTPClient:Arch:00016:UNDI:003000"), false, true},
    {UNIT_BYTES("HTTPClient"), false, true},
    {UNIT_BYTES("HTTPClien"), false, false},
    {UNIT_BYTES("MSFT 5.0"), false, false},
    {UNIT_BYTES(""), false, false},
};

START_TEST(firmware_begins_its_class_so)
{
	ck_assert_int_eq(dhcp4_is_pxe_client(class_ids[_i].value, class_ids[_i].len),
	    class_ids[_i].is_pxe);
	ck_assert_int_eq(dhcp4_is_firmware(class_ids[_i].value, class_ids[_i].len),
	    class_ids[_i].is_firmware);
}
END_TEST

/* Option: (93) Client System Architecture
 *     Length: 6
 *     Client System Architecture: EFI BC (9)
 *     Client System Architecture: EFI x64 (7)
 *     Client System Architecture: IA x86 PC (0) */
static const uint8_t archs[] = {0x00, 0x09, 0x00, 0x07, 0x00, 0x00};

START_TEST(architectures_keep_their_order)
{
	uint16_t list[4];
	unsigned count;
	ck_assert_int_eq(dhcp4_archs_decode(archs, sizeof(archs), 4, list, &count), 0);
	ck_assert_uint_eq(count, 3);
	ck_assert_uint_eq(list[0], ARCH_UEFI_EBC);
	ck_assert_uint_eq(list[1], ARCH_UEFI_X64);
	ck_assert_uint_eq(list[2], ARCH_BIOS);
}
END_TEST

START_TEST(architectures_past_the_room_are_left_out)
{
	uint16_t list[3] = {77, 77, 77};
	unsigned count;
	ck_assert_int_eq(dhcp4_archs_decode(archs, sizeof(archs), 2, list, &count), 0);
	ck_assert_uint_eq(count, 2);
	ck_assert_uint_eq(list[2], 77);
}
END_TEST

START_TEST(a_repeated_architecture_counts_once)
{
	uint16_t list[4];
	unsigned count;
	ck_assert_int_eq(dhcp4_archs_decode("\0\7\0\0\0\7\0\0", 8, 4, list, &count), 0);
	ck_assert_uint_eq(count, 2);
	ck_assert_uint_eq(list[0], 7);
	ck_assert_uint_eq(list[1], 0);
}
END_TEST

START_TEST(a_list_of_architectures_has_an_even_length)
{
	uint16_t list[4];
	unsigned count = 77;
	ck_assert_int_eq(dhcp4_archs_decode(NULL, 0, 4, list, &count), ERR_SHORT);
	ck_assert_int_eq(dhcp4_archs_decode("\7", 1, 4, list, &count), ERR_MALFORMED);
	ck_assert_int_eq(
	    dhcp4_archs_decode("\0\7\0", 3, 4, list, &count), ERR_MALFORMED);
	ck_assert_uint_eq(count, 77);
}
END_TEST

/* Option: (97) UUID/GUID-based Client Identifier
 *     Length: 17
 *     Client Identifier Type: 0
 *     Client Identifier (UUID): 564d4c41-4220-4000-8000-00000000abcd
 * The first three fields are little-endian, as iPXE and EDK2 send them. */
static const uint8_t uuid[] = {0x00, 0x41, 0x4c, 0x4d, 0x56, 0x20, 0x42, 0x00, 0x40,
    0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0xab, 0xcd};

START_TEST(a_uuid_is_given_as_sent)
{
	uint8_t bytes[16];
	ck_assert_int_eq(dhcp4_uuid_decode(uuid, sizeof(uuid), bytes), 0);
	ck_assert_mem_eq(bytes, uuid + 1, 16);
}
END_TEST

START_TEST(a_uuid_has_type_0_and_16_bytes)
{
	uint8_t bytes[16] = {77};
	uint8_t other[18] = {1};
	ck_assert_int_eq(dhcp4_uuid_decode(other, 17, bytes), ERR_MALFORMED);
	ck_assert_int_eq(dhcp4_uuid_decode(uuid, 16, bytes), ERR_MALFORMED);
	other[0] = 0;
	ck_assert_int_eq(dhcp4_uuid_decode(other, 18, bytes), ERR_MALFORMED);
	ck_assert_int_eq(dhcp4_uuid_decode(NULL, 0, bytes), ERR_MALFORMED);
	ck_assert_uint_eq(bytes[0], 77);
}
END_TEST

/* Option: (82) Agent Information Option
 *     Length: 15
 *     Option 82 Suboption: (1) Agent Circuit ID
 *         Length: 4
 *         Agent Circuit ID: 65746830
 *     Option 82 Suboption: (5) Link selection
 *         Length: 4
 *         Link selection: 10.20.64.0
 *     Option 82 Suboption: (152) DHCPv4 Virtual Subnet Selection Control
 *         Length: 1 */
static const uint8_t relay_agent[] = {0x01, 0x04, 0x65, 0x74, 0x68, 0x30, /* circuit */
    0x05, 0x04, 0x0a, 0x14, 0x40, 0x00,                                   /* link */
    0x98, 0x01, 0x00};

START_TEST(the_link_selection_is_found_among_others)
{
	uint32_t link;
	ck_assert_int_eq(
	    dhcp4_link_selection_decode(relay_agent, sizeof(relay_agent), &link), 0);
	ck_assert_uint_eq(link, 0x0a144000);
}
END_TEST

static const struct {
	const char *value;
	size_t len;
	int ret;
} relay_cases[] = {
    {UNIT_BYTES("\5\4\12\24\100\0"), 0},
    {UNIT_BYTES("\5\4\12\24\100\0\5\4\1\1\1\1"), 0}, /* the first counts */
    {UNIT_BYTES("\1\0\5\4\12\24\100\0"), 0},         /* an empty neighbour */
    {UNIT_BYTES(""), ERR_NOTFOUND},
    {UNIT_BYTES("\1\4eth0\2\1r"), ERR_NOTFOUND},
    {UNIT_BYTES("\1\6\5\4\12\24\100\0"), ERR_NOTFOUND}, /* inside another's value */
    {UNIT_BYTES("\5"), ERR_SHORT},
    {UNIT_BYTES("\5\4"), ERR_SHORT},
    {UNIT_BYTES("\5\4\12\24\100"), ERR_SHORT},
    {UNIT_BYTES("\1\5eth0"), ERR_SHORT},
    {UNIT_BYTES("\5\4\12\24\100\0\1\5eth0"), ERR_SHORT}, /* behind it */
    {UNIT_BYTES("\1\4eth0\5"), ERR_SHORT},
    {UNIT_BYTES("\5\0"), ERR_MALFORMED},
    {UNIT_BYTES("\5\3\12\24\100"), ERR_MALFORMED},
    {UNIT_BYTES("\5\5\12\24\100\0\0"), ERR_MALFORMED},
};

START_TEST(a_link_selection_is_one_whole_address)
{
	uint32_t link = 77;
	int ret = dhcp4_link_selection_decode(
	    relay_cases[_i].value, relay_cases[_i].len, &link);
	ck_assert_int_eq(ret, relay_cases[_i].ret);
	ck_assert_uint_eq(link, ret == 0 ? 0x0a144000 : 77);
}
END_TEST

static void
decode_all(const uint8_t *bytes, size_t len, void *ctx)
{
	uint16_t list[2];
	unsigned count = 0;
	uint8_t id[16];
	uint32_t link;
	(void)ctx;
	(void)dhcp4_is_pxe_client(bytes, len);
	(void)dhcp4_is_firmware(bytes, len);
	int ret = dhcp4_archs_decode(bytes, len, 2, list, &count);
	ck_assert_int_eq(ret == 0, count >= 1 && count <= 2);
	ck_assert_int_eq(
	    dhcp4_uuid_decode(bytes, len, id) == 0, len == 17 && bytes[0] == 0);
	ret = dhcp4_link_selection_decode(bytes, len, &link);
	ck_assert(ret <= 0);
}

START_TEST(mutilated_options_stay_inside_their_bytes)
{
	const char class_id[] = "PXEClient:Arch:00007:UNDI:003000";
	unit_sweep(decode_all, (const uint8_t *)class_id, sizeof(class_id) - 1, NULL);
	unit_sweep(decode_all, archs, sizeof(archs), NULL);
	unit_sweep(decode_all, uuid, sizeof(uuid), NULL);
	unit_sweep(decode_all, relay_agent, sizeof(relay_agent), NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dhcp4");
	TCase *tc = tcase_create("options");
	tcase_add_loop_test(tc, firmware_begins_its_class_so, 0, UNIT_ROWS(class_ids));
	tcase_add_test(tc, architectures_keep_their_order);
	tcase_add_test(tc, architectures_past_the_room_are_left_out);
	tcase_add_test(tc, a_repeated_architecture_counts_once);
	tcase_add_test(tc, a_list_of_architectures_has_an_even_length);
	tcase_add_test(tc, a_uuid_is_given_as_sent);
	tcase_add_test(tc, a_uuid_has_type_0_and_16_bytes);
	tcase_add_test(tc, the_link_selection_is_found_among_others);
	tcase_add_loop_test(
	    tc, a_link_selection_is_one_whole_address, 0, UNIT_ROWS(relay_cases));
	tcase_add_test(tc, mutilated_options_stay_inside_their_bytes);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
