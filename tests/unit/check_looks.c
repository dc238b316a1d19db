/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/cache/looks.h"
#include "tests/unit/pe.h"
#include "tests/unit/unit.h"

static const char bios[] = "ARDBP32.BIN";
static const char efi[] = "pvsnbpx64.efi";
#define MARK "Provisioning Services bootstrap"

/* What looks_wrong() says of bytes that come in pieces of one size. */
static const char *
look_in(const char *name, const void *bytes, size_t len, size_t piece)
{
	struct looks looks;
	looks_begin(&looks, name);
	for (size_t at = 0; at < len; at += piece) {
		size_t left = len - at;
		looks_bytes(
		    &looks, (const char *)bytes + at, left < piece ? left : piece);
	}
	ck_assert_uint_eq(looks.size, len);
	return looks_wrong(&looks);
}

static void
assert_good(const char *name, const void *bytes, size_t len)
{
	ck_assert_ptr_null(look_in(name, bytes, len, len));
}

static void
assert_wrong(const char *name, const void *bytes, size_t len, const char *why)
{
	const char *wrong = look_in(name, bytes, len, len > 0 ? len : 1);
	ck_assert_ptr_nonnull(wrong);
	ck_assert_msg(strstr(wrong, why) != NULL, "%s", wrong);
}

static const struct {
	const char *name;
	enum looks_kind kind;
} names[] = {
    {"ARDBP32.BIN", LOOKS_BIOS},
    {"ardbp32.bin", LOOKS_BIOS},
    {"xARDBP32.BIN", LOOKS_ANY},
    {"pvsnbpx64.efi", LOOKS_EFI},
    {"pvsnbpx64-2023.EFI", LOOKS_EFI},
    {".efi", LOOKS_EFI},
    {"efi", LOOKS_ANY},
    {"", LOOKS_ANY},
    {"undionly.kpxe", LOOKS_ANY},
};

START_TEST(a_name_says_what_its_file_is)
{
	struct looks looks;
	looks_begin(&looks, names[_i].name);
	ck_assert_int_eq(looks.kind, names[_i].kind);
	ck_assert_str_ne(looks_kind_text(looks.kind), "");
}
END_TEST

START_TEST(an_empty_file_is_wrong_whatever_its_name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_wrong(names[i].name, "", 0, "empty");
	}
}
END_TEST

START_TEST(a_file_of_one_byte_is_wrong_where_more_is_known)
{
	assert_wrong(bios, "P", 1, "lacks the text");
	assert_wrong(efi, "M", 1, "no PE signature");
	assert_good("other", "x", 1);
}
END_TEST

START_TEST(the_text_is_found_in_pieces_of_every_size)
{
	char bytes[200];
	for (size_t at = 0; at + sizeof(MARK) - 1 <= sizeof(bytes); at += 13) {
		memset(bytes, 'P', sizeof(bytes));
		memcpy(bytes + at, MARK, sizeof(MARK) - 1);
		for (size_t piece = 1; piece <= sizeof(bytes); piece++) {
			ck_assert_ptr_null(look_in(bios, bytes, sizeof(bytes), piece));
		}
	}
}
END_TEST

START_TEST(a_text_that_is_not_whole_is_not_found)
{
	char bytes[] = "Provisioning Services bootstra" MARK;
	bytes[sizeof(bytes) - 2] = 'q';
	for (size_t piece = 1; piece < sizeof(bytes); piece++) {
		ck_assert_ptr_nonnull(look_in(bios, bytes, sizeof(bytes) - 1, piece));
	}
}
END_TEST

START_TEST(a_text_is_no_longer_sought_once_found)
{
	struct looks looks;
	looks_begin(&looks, bios);
	looks_bytes(&looks, UNIT_BYTES(MARK));
	looks_bytes(
	    &looks, UNIT_BYTES("and what follows, longer than the text itself"));
	looks_bytes(&looks, NULL, 0);
	ck_assert_ptr_null(looks_wrong(&looks));
}
END_TEST

START_TEST(a_program_is_good_in_pieces_of_every_size)
{
	uint8_t bytes[PE_LEN];
	pe_program(bytes);
	for (size_t piece = 1; piece <= sizeof(bytes); piece++) {
		ck_assert_ptr_null(look_in(efi, bytes, sizeof(bytes), piece));
	}
}
END_TEST

START_TEST(a_program_cut_anywhere_is_wrong)
{
	uint8_t bytes[PE_LEN];
	pe_program(bytes);
	for (size_t len = 0; len < sizeof(bytes); len++) {
		const char *wrong = look_in(efi, bytes, len, 7);
		bool has_magic = len >= PE_OPTIONAL + 2;
		bool has_signature = len >= PE_HEADER + 4;
		ck_assert_msg((wrong == NULL) == (has_signature && !has_magic),
		    "cut at %zu: %s", len, wrong);
	}
	assert_wrong(efi, bytes, PE_SIGNED_AT - 1, "sections");
	assert_wrong(efi, bytes, PE_LEN - 1, "signature reaches");
}
END_TEST

START_TEST(a_stand_in_is_judged_by_its_signature_alone)
{
	uint8_t bytes[72] = "MZ";
	pe_le32(bytes + 60, 64);
	memcpy(bytes + 64, "PE", 2);
	assert_good(efi, bytes, 68);
	assert_good(efi, bytes, sizeof(bytes));
	bytes[67] = 1;
	assert_wrong(efi, bytes, sizeof(bytes), "no PE signature");
	bytes[67] = 0;
	bytes[1] = 'z';
	assert_wrong(efi, bytes, sizeof(bytes), "no PE signature");
}
END_TEST

START_TEST(a_header_within_the_dos_header_is_found)
{
	uint8_t bytes[64] = "MZ";
	memcpy(bytes + 4, "PE", 2);
	pe_le32(bytes + 60, 4);
	assert_good(efi, bytes, sizeof(bytes));
	ck_assert_ptr_null(look_in(efi, bytes, sizeof(bytes), 1));
	assert_wrong(efi, bytes, sizeof(bytes) - 1, "no PE signature");
}
END_TEST

START_TEST(a_header_far_behind_is_found)
{
	static uint8_t bytes[3 * LOOKS_HEAD];
	const uint32_t at = 2 * LOOKS_HEAD + 5;
	memcpy(bytes, "MZ", 2);
	memcpy(bytes + at, "PE", 2);
	pe_le32(bytes + 60, at);
	for (size_t piece = 1; piece < 100; piece++) {
		ck_assert_ptr_null(look_in(efi, bytes, sizeof(bytes), piece));
	}
	assert_good(efi, bytes, sizeof(bytes));
	assert_good(efi, bytes, at + 4);
	assert_wrong(efi, bytes, at + 3, "no PE signature");
	pe_le32(bytes + 60, UINT32_MAX);
	assert_wrong(efi, bytes, sizeof(bytes), "no PE signature");
}
END_TEST

static const struct {
	uint32_t at, len;
	bool good;
} places[] = {
    {0, PE_LEN, true},
    {PE_LEN, 0, true},
    {UINT32_MAX, 0, true},
    {PE_LEN - 1, 1, true},
    {PE_LEN, 1, false},
    {1, PE_LEN, false},
    {0, UINT32_MAX, false},
    {UINT32_MAX, 1, false},
    {UINT32_MAX, UINT32_MAX, false},
};

START_TEST(a_section_lies_within_the_file)
{
	uint8_t bytes[PE_LEN];
	pe_program(bytes);
	pe_le32(bytes + PE_SECTIONS + 40 + 16, places[_i].len);
	pe_le32(bytes + PE_SECTIONS + 40 + 20, places[_i].at);
	const char *wrong = look_in(efi, bytes, sizeof(bytes), 100);
	ck_assert_int_eq(wrong == NULL, places[_i].good);
}
END_TEST

START_TEST(a_signature_lies_within_the_file)
{
	uint8_t bytes[PE_LEN];
	pe_program(bytes);
	pe_le32(bytes + PE_SIGNATURE, places[_i].at);
	pe_le32(bytes + PE_SIGNATURE + 4, places[_i].len);
	ck_assert_int_eq(
	    look_in(efi, bytes, sizeof(bytes), 100) == NULL, places[_i].good);
	pe_le32(bytes + PE_OPTIONAL + 108, 4); /* directories: it has none */
	assert_good(efi, bytes, sizeof(bytes));
}
END_TEST

/* Its addresses are narrower: the directories lie 16 bytes before. */
START_TEST(a_signature_of_a_32_bit_program_is_found)
{
	uint8_t bytes[PE_LEN];
	pe_program(bytes);
	pe_le16(bytes + PE_OPTIONAL, 0x10b);
	memset(bytes + PE_OPTIONAL + 108, 0, 240 - 108);
	pe_le32(bytes + PE_OPTIONAL + 92, 16);
	pe_le32(bytes + PE_SIGNATURE - 16, PE_SIGNED_AT);
	pe_le32(bytes + PE_SIGNATURE - 12, PE_LEN - PE_SIGNED_AT);
	assert_good(efi, bytes, PE_LEN);
	assert_wrong(efi, bytes, PE_LEN - 1, "signature reaches");
}
END_TEST

START_TEST(more_sections_than_the_head_holds_are_passed_over)
{
	static uint8_t bytes[PE_SECTIONS + 400 * 40];
	pe_program(bytes);
	pe_le32(bytes + PE_SIGNATURE + 4, 0);
	pe_le16(bytes + PE_HEADER + 6, 400);
	assert_good(efi, bytes, sizeof(bytes));
	assert_wrong(efi, bytes, PE_SECTIONS + 50 * 40, "sections");
	/* The first one that the head does not hold whole, and the one before. */
	pe_le32(bytes + PE_SECTIONS + 95 * 40 + 16, UINT32_MAX);
	assert_good(efi, bytes, sizeof(bytes));
	pe_le32(bytes + PE_SECTIONS + 94 * 40 + 16, UINT32_MAX);
	assert_wrong(efi, bytes, sizeof(bytes), "sections");
}
END_TEST

static void
decode(const uint8_t *bytes, size_t len, void *ctx)
{
	const char *name = ctx;
	const char *wrong = look_in(name, bytes, len, len > 0 ? len : 1);
	ck_assert_ptr_eq(look_in(name, bytes, len, 61), wrong);
}

START_TEST(no_bytes_are_read_beyond_their_end)
{
	uint8_t bytes[PE_LEN];
	char text[] = "..." MARK "...";
	pe_program(bytes);
	unit_sweep(decode, bytes, PE_SECTIONS + 80, (void *)efi);
	unit_sweep(decode, (uint8_t *)text, sizeof(text), (void *)bios);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("looks");
	TCase *tcase = tcase_create("looks");
	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, a_name_says_what_its_file_is, 0, UNIT_ROWS(names));
	tcase_add_test(tcase, an_empty_file_is_wrong_whatever_its_name);
	tcase_add_test(tcase, a_file_of_one_byte_is_wrong_where_more_is_known);
	tcase_add_test(tcase, the_text_is_found_in_pieces_of_every_size);
	tcase_add_test(tcase, a_text_that_is_not_whole_is_not_found);
	tcase_add_test(tcase, a_text_is_no_longer_sought_once_found);
	tcase_add_test(tcase, a_program_is_good_in_pieces_of_every_size);
	tcase_add_test(tcase, a_program_cut_anywhere_is_wrong);
	tcase_add_test(tcase, a_stand_in_is_judged_by_its_signature_alone);
	tcase_add_test(tcase, a_header_within_the_dos_header_is_found);
	tcase_add_test(tcase, a_header_far_behind_is_found);
	tcase_add_loop_test(
	    tcase, a_section_lies_within_the_file, 0, UNIT_ROWS(places));
	tcase_add_loop_test(
	    tcase, a_signature_lies_within_the_file, 0, UNIT_ROWS(places));
	tcase_add_test(tcase, a_signature_of_a_32_bit_program_is_found);
	tcase_add_test(tcase, more_sections_than_the_head_holds_are_passed_over);
	tcase_add_test(tcase, no_bytes_are_read_beyond_their_end);
	return suite;
}

int
main(void)
{
	return unit_run(suite());
}
