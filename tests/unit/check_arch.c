/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/wire/arch.h"
#include "lib/base/err.h"
#include "tests/unit/unit.h"

static const struct {
	uint16_t arch;
	const char *name;
	uint16_t canonical;
	bool is_uefi;
	bool is_http;
} archs[] = {
    {0, "bios", 0, false, false},
    {1, "arch-1", 1, false, false},
    {6, "uefi-ia32", 6, true, false},
    {7, "uefi-x64", 7, true, false},
    {8, "arch-8", 8, false, false},
    {9, "uefi-x64", 7, true, false},
    {10, "uefi-arm32", 10, true, false},
    {11, "uefi-arm64", 11, true, false},
    {12, "arch-12", 12, false, false},
    {15, "arch-15", 15, false, true},
    {16, "arch-16", 16, false, true},
    {20, "arch-20", 20, false, true},
    {21, "arch-21", 21, false, false},
    {40, "arch-40", 40, false, true},
    {41, "arch-41", 41, false, false},
    {65535, "arch-65535", 65535, false, false},
};

START_TEST(each_number_has_one_name)
{
	char name[ARCH_TEXT];
	ck_assert_str_eq(arch_name(archs[_i].arch, name), archs[_i].name);
	ck_assert_uint_eq(arch_canonical(archs[_i].arch), archs[_i].canonical);
	ck_assert_int_eq(arch_is_uefi(archs[_i].arch), archs[_i].is_uefi);
	ck_assert_int_eq(arch_is_http(archs[_i].arch), archs[_i].is_http);
}
END_TEST

START_TEST(every_name_reads_back_as_its_canonical_number)
{
	for (uint32_t arch = 0; arch <= UINT16_MAX; arch++) {
		char name[ARCH_TEXT];
		uint16_t read = 0;
		arch_name((uint16_t)arch, name);
		ck_assert_int_eq(arch_parse(name, &read), 0);
		ck_assert_uint_eq(read, arch_canonical((uint16_t)arch));
	}
}
END_TEST

/* IANA's list, whole: no other number is an HTTP boot type. */
START_TEST(thirteen_numbers_are_http_boot)
{
	unsigned count = 0;
	for (uint32_t arch = 0; arch <= UINT16_MAX; arch++) {
		count += arch_is_http((uint16_t)arch) ? 1 : 0;
	}
	ck_assert_uint_eq(count, 13);
}
END_TEST

static const struct {
	const char *text;
	int ret;
	uint16_t arch;
} texts[] = {
    {"BIOS", 0, 0},
    {"UEFI-x64", 0, 7},
    {"Arch-27", 0, 27},
    {"arch-0", ERR_MALFORMED, 0},
    {"arch-7", ERR_MALFORMED, 0},
    {"arch-9", ERR_MALFORMED, 0},
    {"arch-027", ERR_MALFORMED, 0},
    {"arch-65536", ERR_MALFORMED, 0},
    {"arch--1", ERR_MALFORMED, 0},
    {"arch-", ERR_MALFORMED, 0},
    {"arch", ERR_MALFORMED, 0},
    {"a", ERR_MALFORMED, 0},
    {"uefi", ERR_MALFORMED, 0},
    {"uefi-x64 ", ERR_MALFORMED, 0},
    {"7", ERR_MALFORMED, 0},
    {"", ERR_MALFORMED, 0},
};

START_TEST(a_name_is_read_without_regard_to_case_and_only_whole)
{
	uint16_t arch = 77;
	ck_assert_int_eq(arch_parse(texts[_i].text, &arch), texts[_i].ret);
	ck_assert_uint_eq(arch, texts[_i].ret == 0 ? texts[_i].arch : 77);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("arch");
	TCase *tc = tcase_create("names");
	tcase_add_loop_test(tc, each_number_has_one_name, 0, UNIT_ROWS(archs));
	tcase_add_test(tc, every_name_reads_back_as_its_canonical_number);
	tcase_add_test(tc, thirteen_numbers_are_http_boot);
	tcase_add_loop_test(tc, a_name_is_read_without_regard_to_case_and_only_whole, 0,
	    UNIT_ROWS(texts));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
