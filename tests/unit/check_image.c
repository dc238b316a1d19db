/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* What is sent: netascii, images of files, and who keeps which. */
#include "tests/unit/unit.h"

#include "tftp/image.h"
#include "tftp/netascii.h"
#include "tftp/sticky.h"

#include <nettle/sha2.h>
#include <unistd.h>

enum { BUDGET = 1000 };

static struct images *images;
static struct sticky *sticky;

static void
setup(void)
{
	ck_assert_int_eq(images_new(BUDGET, &images), 0);
	ck_assert_int_eq(sticky_new(&sticky), 0);
}

static void
teardown(void)
{
	sticky_free(sticky);
	images_free(images);
}

/* ---- netascii */

static const struct {
	const char *text;
	size_t len;
	const char *sent;
	size_t sent_len;
} texts[] = {
    {"", 0, "", 0},
    {"plain", 5, "plain", 5},
    {"a\nb", 3, "a\r\nb", 4},
    {"a\rb", 3, "a\r\0b", 4},
    {"\r\n", 2, "\r\0\r\n", 4},
    {"\n", 1, "\r\n", 2},
    {"\n\n\r", 3, "\r\n\r\n\r\0", 6},
};

START_TEST(netascii_expands_line_ends)
{
	uint8_t room[16];
	const uint8_t *text = (const uint8_t *)texts[_i].text;
	ck_assert_uint_eq(netascii_len(text, texts[_i].len), texts[_i].sent_len);
	memset(room, 0xee, sizeof(room));
	netascii_expand(room, text, texts[_i].len);
	if (texts[_i].sent_len > 0) {
		ck_assert_mem_eq(room, texts[_i].sent, texts[_i].sent_len);
	}
	ck_assert_uint_eq(room[texts[_i].sent_len], 0xee);
}
END_TEST

/* ---- images */

static int
file_of(const char *text)
{
	char path[] = "/tmp/check_image-XXXXXX";
	int fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	return fd;
}

static struct cache_object
object_of(const char *text)
{
	struct cache_object object = {.size = strlen(text)};
	struct sha256_ctx ctx;
	sha256_init(&ctx);
	sha256_update(&ctx, strlen(text), (const uint8_t *)text);
	sha256_digest(&ctx, sizeof(object.sha256), object.sha256);
	return object;
}

static struct image *
get(const char *text, enum tftp_mode mode)
{
	struct cache_object object = object_of(text);
	struct image *image;
	int fd = file_of(text);
	ck_assert_int_eq(images_get(images, fd, &object, mode, &image), 0);
	ck_assert_int_eq(close(fd), 0);
	return image;
}

START_TEST(equal_objects_share_one_image)
{
	struct image *image = get("hello\n", TFTP_OCTET);
	ck_assert_uint_eq(image->size, 6);
	ck_assert_mem_eq(image->bytes, "hello\n", 6);
	ck_assert_ptr_eq(get("hello\n", TFTP_OCTET), image);
	ck_assert_uint_eq(image->users, 2);
	ck_assert_ptr_ne(get("other", TFTP_OCTET), image);
	struct image *text = get("hello\n", TFTP_NETASCII);
	ck_assert_uint_eq(text->size, 7);
	ck_assert_mem_eq(text->bytes, "hello\r\n", 7);
}
END_TEST

START_TEST(an_image_outlives_its_file_and_its_users_until_the_sweep)
{
	struct cache_object object = object_of("hello");
	struct image *image;
	int fd = file_of("hello");
	ck_assert_int_eq(images_get(images, fd, &object, TFTP_OCTET, &image), 0);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert_int_eq(close(fd), 0);
	images_sweep(images);
	ck_assert_mem_eq(image->bytes, "hello", 5);
	image_put(image);
	ck_assert_mem_eq(image->bytes, "hello", 5);
	images_sweep(images);
	ck_assert_uint_eq(get("12345", TFTP_OCTET)->bytes[0], '1');
}
END_TEST

START_TEST(a_file_of_another_length_is_refused)
{
	static const uint64_t sizes[] = {4, 6};
	struct cache_object object = object_of("hello");
	struct image *image;
	int fd = file_of("hello");
	object.size = sizes[_i];
	ck_assert_int_eq(
	    images_get(images, fd, &object, TFTP_OCTET, &image), ERR_MALFORMED);
	ck_assert_int_eq(close(fd), 0);
}
END_TEST

START_TEST(a_file_of_other_bytes_is_refused)
{
	struct cache_object object = object_of("hello");
	struct image *image;
	int fd = file_of("hallo");
	ck_assert_int_eq(
	    images_get(images, fd, &object, TFTP_OCTET, &image), ERR_CHECKSUM);
	ck_assert_int_eq(close(fd), 0);
}
END_TEST

START_TEST(an_empty_file_is_an_image)
{
	ck_assert_uint_eq(get("", TFTP_OCTET)->size, 0);
	ck_assert_uint_eq(get("", TFTP_NETASCII)->size, 0);
}
END_TEST

START_TEST(the_budget_holds)
{
	char text[BUDGET + 1];
	memset(text, 'x', BUDGET);
	text[BUDGET] = '\0';
	struct cache_object more = object_of("x");
	struct image *image;
	struct image *all = get(text, TFTP_OCTET);
	int fd = file_of("x");
	ck_assert_int_eq(images_get(images, fd, &more, TFTP_OCTET, &image), ERR_FULL);
	image_put(all);
	images_sweep(images);
	ck_assert_int_eq(images_get(images, fd, &more, TFTP_OCTET, &image), 0);
	ck_assert_int_eq(close(fd), 0);
}
END_TEST

/* ---- sticky */

static struct sticky_key
key(uint32_t source, const char *farm, const char *file)
{
	return (struct sticky_key){.source = source, .farm = farm, .file = file};
}

START_TEST(a_source_keeps_its_image_for_thirty_seconds)
{
	struct sticky_copy kept = {.image = get("old", TFTP_OCTET), .server = 7};
	struct sticky_copy found;
	struct sticky_key at = key(1, "east", "ARDBP32.BIN");
	struct sticky_key other_case = key(1, "EAST", "ardbp32.bin");
	sticky_keep(sticky, &at, &kept, 1000);
	image_put(kept.image);
	ck_assert(sticky_get(sticky, &other_case, 1000 + STICKY_MS - 1, &found));
	ck_assert_ptr_eq(found.image, kept.image);
	ck_assert_uint_eq(found.server, 7);
	image_put(found.image);
	/* Asking began the time anew. */
	ck_assert(sticky_get(sticky, &at, 1000 + 2 * STICKY_MS - 2, &found));
	image_put(found.image);
	ck_assert(!sticky_get(sticky, &at, 1000 + 3 * STICKY_MS, &found));
	sticky_sweep(sticky, 1000 + 3 * STICKY_MS);
	ck_assert_uint_eq(kept.image->users, 0);
}
END_TEST

START_TEST(other_sources_farms_files_and_modes_are_others)
{
	struct sticky_copy kept = {.image = get("old", TFTP_OCTET)};
	struct sticky_copy found;
	struct sticky_key at = key(1, "east", "A");
	struct sticky_key others[] = {key(2, "east", "A"), key(1, "west", "A"),
	    key(1, "east", "B"), key(1, "east", "A")};
	others[3].mode = TFTP_NETASCII;
	sticky_keep(sticky, &at, &kept, 1000);
	for (unsigned i = 0; i < 4; i++) {
		ck_assert(!sticky_get(sticky, &others[i], 1001, &found));
	}
}
END_TEST

START_TEST(a_storm_overfills_it_without_harm)
{
	struct sticky_copy kept = {.image = get("old", TFTP_OCTET)};
	struct sticky_copy found;
	for (uint32_t source = 0; source < 50000; source++) {
		struct sticky_key at = key(source, "east", "A");
		sticky_keep(sticky, &at, &kept, 1000 + source);
	}
	struct sticky_key last = key(49999, "east", "A");
	ck_assert(sticky_get(sticky, &last, 51000, &found));
	sticky_sweep(sticky, 1000000);
	ck_assert_uint_eq(kept.image->users, 2);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("image");
	TCase *all = tcase_create("image");
	tcase_add_checked_fixture(all, setup, teardown);
	tcase_add_loop_test(
	    all, netascii_expands_line_ends, 0, sizeof(texts) / sizeof(texts[0]));
	tcase_add_test(all, equal_objects_share_one_image);
	tcase_add_test(all, an_image_outlives_its_file_and_its_users_until_the_sweep);
	tcase_add_loop_test(all, a_file_of_another_length_is_refused, 0, 2);
	tcase_add_test(all, a_file_of_other_bytes_is_refused);
	tcase_add_test(all, an_empty_file_is_an_image);
	tcase_add_test(all, the_budget_holds);
	tcase_add_test(all, a_source_keeps_its_image_for_thirty_seconds);
	tcase_add_test(all, other_sources_farms_files_and_modes_are_others);
	tcase_add_test(all, a_storm_overfills_it_without_harm);
	suite_add_tcase(suite, all);
	return unit_run(suite);
}
