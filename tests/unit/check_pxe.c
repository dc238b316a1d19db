/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/wire/pxe.h"
#include "tests/unit/unit.h"

/* What dnsmasq offers:
 *     PXE discovery control: 3 (no broadcast, no multicast)
 *     PXE boot servers: type 32768, 1 address: 10.77.0.2
 *     PXE boot menu: type 32768, "PVS"
 *     PXE menu prompt: timeout 0, "PXE"
 *     End */
static const uint8_t menu[] = {6, 1, 0x03, 8, 7, 0x80, 0x00, 1, 0x0a, 0x4d, 0x00, 0x02,
    9, 6, 0x80, 0x00, 3, 'P', 'V', 'S', 10, 4, 0, 'P', 'X', 'E', 255};

/* What iPXE asks a boot server for, and EDK2: boot item type 32768, layer 0. */
static const uint8_t item[] = {71, 4, 0x80, 0x00, 0x00, 0x00, 255};

static const struct {
	const char *value;
	size_t len;
	struct pxe_vendor vendor;
} good[] = {
    {(const char *)menu, sizeof(menu),
	{.has_discovery = true,
	    .discovery = 3,
	    .has_servers = true,
	    .has_menu = true,
	    .has_prompt = true}},
    {(const char *)item, sizeof(item), {.has_item = true, .item_type = 0x8000}},
    {UNIT_BYTES("\6\1\10\377"), {.has_discovery = true, .discovery = PXE_USE_FILE}},
    {UNIT_BYTES("\6\1\10"), {.has_discovery = true, .discovery = PXE_USE_FILE}},
    {UNIT_BYTES("\6\1\0"), {.has_discovery = true}},
    {UNIT_BYTES("\107\4\1\2\203\4"),
	{.has_item = true, .item_type = 0x0102, .item_layer = 0x8304}},
    {UNIT_BYTES("\6\1\3\6\1\10"), {.has_discovery = true, .discovery = 8}},
    {UNIT_BYTES("\0\0\6\1\3\0"), {.has_discovery = true, .discovery = 3}},
    {UNIT_BYTES("\377\6\2"), {.has_discovery = false}}, /* behind the end */
    {UNIT_BYTES("\377"), {.has_discovery = false}},
    {UNIT_BYTES(""), {.has_discovery = false}},
    {UNIT_BYTES("\1\4\340\0\0\1\2\2\6\335\5\1\2"),
	{.has_discovery = false}}, /* MTFTP */
    {UNIT_BYTES("\7\4\340\13\14\1\200\0"), {.has_discovery = false}},
    /* several servers; one type without any; empty texts */
    {UNIT_BYTES("\10\16\200\0\2\12\0\0\1\12\0\0\2\200\1\0"), {.has_servers = true}},
    {UNIT_BYTES("\11\6\200\0\0\200\1\0"), {.has_menu = true}},
    {UNIT_BYTES("\12\1\377"), {.has_prompt = true}},
};

static void
require_equal(const struct pxe_vendor *a, const struct pxe_vendor *b)
{
	ck_assert_int_eq(a->has_discovery, b->has_discovery);
	ck_assert_uint_eq(a->discovery, b->discovery);
	ck_assert_int_eq(a->has_servers, b->has_servers);
	ck_assert_int_eq(a->has_menu, b->has_menu);
	ck_assert_int_eq(a->has_prompt, b->has_prompt);
	ck_assert_int_eq(a->has_item, b->has_item);
	ck_assert_uint_eq(a->item_type, b->item_type);
	ck_assert_uint_eq(a->item_layer, b->item_layer);
}

START_TEST(what_pxe_says_is_read)
{
	struct pxe_vendor vendor;
	ck_assert_int_eq(pxe_vendor_decode(good[_i].value, good[_i].len, &vendor), 0);
	require_equal(&vendor, &good[_i].vendor);
}
END_TEST

static const struct {
	const char *value;
	size_t len;
	int ret;
} bad[] = {
    {UNIT_BYTES("\6"), ERR_SHORT}, {UNIT_BYTES("\6\1"), ERR_SHORT},
    {UNIT_BYTES("\6\1\3\107\4\200\0\0"), ERR_SHORT},
    {UNIT_BYTES("\340\3ab"), ERR_SHORT}, {UNIT_BYTES("\6\0"), ERR_MALFORMED},
    {UNIT_BYTES("\6\2\3\3"), ERR_MALFORMED}, {UNIT_BYTES("\107\0"), ERR_MALFORMED},
    {UNIT_BYTES("\107\3\200\0\0"), ERR_MALFORMED},
    {UNIT_BYTES("\107\5\200\0\0\0\0"), ERR_MALFORMED},
    {UNIT_BYTES("\10\2\200\0"), ERR_MALFORMED},
    {UNIT_BYTES("\10\6\200\0\1\12\0\0"), ERR_MALFORMED},
    {UNIT_BYTES("\10\10\200\0\1\12\0\0\1\0"), ERR_MALFORMED},
    {UNIT_BYTES("\11\5\200\0\3PV"), ERR_MALFORMED},
    {UNIT_BYTES("\11\7\200\0\3PVS\200"), ERR_MALFORMED},
    {UNIT_BYTES("\12\0"), ERR_MALFORMED},
    {UNIT_BYTES("\6\2\3\3\340\377"), ERR_MALFORMED}, /* the first failure counts */
};

START_TEST(what_contradicts_itself_leaves_the_result_alone)
{
	const struct pxe_vendor before = {.discovery = 77, .item_type = 77};
	struct pxe_vendor vendor = before;
	ck_assert_int_eq(
	    pxe_vendor_decode(bad[_i].value, bad[_i].len, &vendor), bad[_i].ret);
	require_equal(&vendor, &before);
}
END_TEST

static const struct {
	struct pxe_vendor vendor;
	const char *value;
	size_t len;
} written[] = {
    {{.has_discovery = true, .discovery = PXE_USE_FILE}, UNIT_BYTES("\6\1\10\377")},
    {{.has_item = true, .item_type = 0x8000, .item_layer = 0x8001},
	UNIT_BYTES("\107\4\200\0\200\1\377")},
    {{.has_discovery = true, .discovery = 3, .has_item = true, .item_type = 1},
	UNIT_BYTES("\6\1\3\107\4\0\1\0\0\377")},
    {{.has_discovery = false}, UNIT_BYTES("\377")},
};

START_TEST(what_is_written_is_exact_and_reads_back)
{
	uint8_t bytes[16];
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct pxe_vendor vendor;
	pxe_vendor_encode(&w, &written[_i].vendor);
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_eq(wr_len(&w, bytes), written[_i].len);
	ck_assert_mem_eq(bytes, written[_i].value, written[_i].len);
	ck_assert_int_eq(pxe_vendor_decode(bytes, wr_len(&w, bytes), &vendor), 0);
	require_equal(&vendor, &written[_i].vendor);
}
END_TEST

START_TEST(what_lacks_room_is_refused)
{
	for (size_t room = 0; room < written[_i].len; room++) {
		uint8_t bytes[16];
		struct wr w = wr_init(bytes, room);
		pxe_vendor_encode(&w, &written[_i].vendor);
		ck_assert_int_eq(w.err, ERR_ROOM);
	}
}
END_TEST

static void
decode(const uint8_t *bytes, size_t len, void *ctx)
{
	struct pxe_vendor vendor;
	(void)ctx;
	int ret = pxe_vendor_decode(bytes, len, &vendor);
	ck_assert(ret == 0 || ret == ERR_SHORT || ret == ERR_MALFORMED);
}

START_TEST(mutilated_values_stay_inside_their_bytes)
{
	unit_sweep(decode, (const uint8_t *)good[_i].value, good[_i].len, NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("pxe");
	TCase *tc = tcase_create("option 43");
	tcase_add_loop_test(tc, what_pxe_says_is_read, 0, UNIT_ROWS(good));
	tcase_add_loop_test(
	    tc, what_contradicts_itself_leaves_the_result_alone, 0, UNIT_ROWS(bad));
	tcase_add_loop_test(
	    tc, what_is_written_is_exact_and_reads_back, 0, UNIT_ROWS(written));
	tcase_add_loop_test(tc, what_lacks_room_is_refused, 0, UNIT_ROWS(written));
	tcase_add_loop_test(
	    tc, mutilated_values_stay_inside_their_bytes, 0, UNIT_ROWS(good));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
