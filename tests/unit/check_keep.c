/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/keep.h"

#include "lib/base/err.h"
#include "lib/base/text.h"
#include "tests/unit/pe.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];
static char dir[80];
static struct cache *cache;

static const uint32_t first = 0x0a01000b, second = 0x0a01000c;
#define BIOS  "ARDBP32.BIN"
#define EFI   "pvsnbpx64.efi"
#define RIGHT "a Provisioning Services bootstrap, whole"
#define OTHER "another Provisioning Services bootstrap"

static void
setup(void)
{
	(void)snprintf(root, sizeof(root), "/tmp/check_keep.%ld", (long)getpid());
	ck_assert_int_eq(mkdir(root, 0700), 0);
	(void)snprintf(dir, sizeof(dir), "%s/cache", root);
	ck_assert_int_eq(cache_create(dir, &cache), 0);
}

static void
teardown(void)
{
	cache_close(cache);
	tree_remove(root);
}

static struct target
target_of(uint32_t addr, const char *file)
{
	struct target target = {
	    .role = DB_ROLE_TFTP, .farm = "east", .addr = addr, .publishes = true};
	(void)text_copy(target.file, sizeof(target.file), file);
	return target;
}

static const struct target *
bios_of(uint32_t addr)
{
	static struct target target;
	target = target_of(addr, BIOS);
	return &target;
}

/* What comes of a file that comes in pieces of one size. */
static struct kept
keep_in(const struct target *target, bool expects_change, const void *bytes, size_t len,
    size_t piece)
{
	struct keep *keep;
	struct kept kept;
	ck_assert_int_eq(keep_new(cache, target, expects_change, &keep), 0);
	for (size_t at = 0; at < len; at += piece) {
		size_t left = len - at;
		keep_bytes(keep, (const char *)bytes + at, left < piece ? left : piece);
	}
	keep_end(keep, target, &kept);
	ck_assert_uint_eq(kept.size, len);
	ck_assert(kept.good == (kept.why[0] == '\0'));
	ck_assert(kept.good || !kept.is_new);
	return kept;
}

static struct kept
keep_text(const struct target *target, const char *text)
{
	return keep_in(target, false, text, strlen(text), 7);
}

static void
assert_wrong(const struct kept *kept, const char *why)
{
	ck_assert(!kept->good && !kept->again);
	ck_assert_int_eq(kept->cache_err, 0);
	ck_assert_msg(strstr(kept->why, why) != NULL, "%s", kept->why);
}

static void
assert_holds(const struct target *target, const void *bytes, size_t len)
{
	const struct cache_key key = {target->farm, target->addr, target->file};
	struct cache_object object;
	char held[PE_LEN + 1];
	int fd;
	ck_assert_int_eq(cache_object_open(cache, &key, &fd, &object), 0);
	ck_assert_int_eq(read(fd, held, sizeof(held)), (ssize_t)len);
	ck_assert_mem_eq(held, bytes, len);
	ck_assert(cache_object_is(&object, bytes, len));
	(void)close(fd);
}

static void
assert_lacks(const struct target *target)
{
	const struct cache_key key = {target->farm, target->addr, target->file};
	ck_assert_int_eq(cache_object_open(cache, &key, NULL, NULL), ERR_NOTFOUND);
}

/* The files in objects/, those on their way in included. */
static unsigned
count_objects(void)
{
	char path[96];
	unsigned count = 0;
	(void)snprintf(path, sizeof(path), "%s/objects", dir);
	DIR *stream = opendir(path);
	ck_assert_ptr_nonnull(stream);
	for (struct dirent *e; (e = readdir(stream)) != NULL;) {
		count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	}
	(void)closedir(stream);
	return count;
}

START_TEST(a_good_file_is_published_whole)
{
	const struct target *target = bios_of(first);
	struct kept kept = keep_text(target, RIGHT);
	ck_assert(kept.good && kept.is_new && !kept.again);
	ck_assert_int_eq(kept.cache_err, 0);
	assert_holds(target, UNIT_BYTES(RIGHT));
	ck_assert_uint_eq(count_objects(), 1);
}
END_TEST

START_TEST(a_program_is_published_in_pieces_of_any_size)
{
	const size_t pieces[] = {1, 512, 1456, PE_LEN};
	struct target target = target_of(first + (uint32_t)_i, EFI);
	uint8_t bytes[PE_LEN];
	pe_program(bytes);
	ck_assert(keep_in(&target, false, bytes, PE_LEN, pieces[_i]).is_new);
	assert_holds(&target, bytes, PE_LEN);
}
END_TEST

START_TEST(nothing_is_published_before_its_end)
{
	const struct target *target = bios_of(first);
	struct keep *keep;
	ck_assert_int_eq(keep_new(cache, target, false, &keep), 0);
	keep_bytes(keep, UNIT_BYTES(RIGHT));
	assert_lacks(target);
	ck_assert_uint_eq(count_objects(), 1);
	keep_free(keep);
	assert_lacks(target);
	ck_assert_uint_eq(count_objects(), 0);
	keep_free(NULL);
}
END_TEST

static const struct {
	const char *file, *bytes, *why;
} wrongs[] = {
    {BIOS, "", "empty"},
    {EFI, "", "empty"},
    {"other", "", "empty"},
    {BIOS, "something else", "lacks the text"},
    {EFI, "something else", "no PE signature"},
};

START_TEST(what_looks_wrong_is_never_published)
{
	struct target target = target_of(first, wrongs[_i].file);
	struct kept kept = keep_text(&target, wrongs[_i].bytes);
	assert_wrong(&kept, wrongs[_i].why);
	assert_lacks(&target);
	ck_assert_uint_eq(count_objects(), 0);
}
END_TEST

START_TEST(what_is_wrong_leaves_the_copy_before_it)
{
	const struct target *target = bios_of(first);
	ck_assert(keep_text(target, RIGHT).is_new);
	struct kept kept = keep_in(target, true, UNIT_BYTES("something else"), 5);
	assert_wrong(&kept, "lacks the text");
	assert_holds(target, UNIT_BYTES(RIGHT));
	ck_assert_uint_eq(count_objects(), 1);
}
END_TEST

START_TEST(another_hash_than_the_pinned_one_is_wrong)
{
	struct target target = target_of(first, BIOS);
	struct kept kept = keep_text(&target, RIGHT);
	target.has_pin = true;
	memcpy(target.pin, kept.sha256, sizeof(target.pin));
	kept = keep_in(&target, true, UNIT_BYTES(OTHER), 9);
	assert_wrong(&kept, "pinned is ");
	ck_assert_ptr_null(strchr(kept.why, '\n'));
	assert_holds(&target, UNIT_BYTES(RIGHT));
	ck_assert(keep_text(&target, RIGHT).good);
}
END_TEST

START_TEST(without_a_pin_other_bytes_are_published)
{
	const struct target *target = bios_of(first);
	ck_assert(keep_text(target, RIGHT).is_new);
	struct kept kept = keep_in(target, true, UNIT_BYTES(OTHER), 9);
	ck_assert(kept.good && kept.is_new);
	assert_holds(target, UNIT_BYTES(OTHER));
	ck_assert_uint_eq(count_objects(), 1);
}
END_TEST

START_TEST(what_the_cache_holds_is_neither_staged_nor_written)
{
	const struct target *target = bios_of(first);
	struct keep *keep;
	struct kept kept;
	struct stat before, after;
	char path[128];
	(void)snprintf(path, sizeof(path), "%s/farms/east/10.1.0.11/" BIOS, dir);
	ck_assert(keep_text(target, RIGHT).is_new);
	ck_assert_int_eq(lstat(path, &before), 0);
	ck_assert_int_eq(keep_new(cache, target, false, &keep), 0);
	ck_assert_uint_eq(count_objects(), 1);
	keep_bytes(keep, UNIT_BYTES(RIGHT));
	keep_end(keep, target, &kept);
	ck_assert(kept.good && !kept.is_new && !kept.again);
	/* Nor where it was staged, because a change was expected that did not come. */
	kept = keep_in(target, true, UNIT_BYTES(RIGHT), 9);
	ck_assert(kept.good && !kept.is_new && !kept.again);
	ck_assert_int_eq(lstat(path, &after), 0);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	ck_assert_uint_eq(count_objects(), 1);
}
END_TEST

START_TEST(a_change_that_was_not_expected_is_fetched_again)
{
	const struct target *target = bios_of(first);
	ck_assert(keep_text(target, RIGHT).is_new);
	struct kept kept = keep_text(target, OTHER);
	ck_assert(kept.good && kept.again && !kept.is_new);
	ck_assert_int_eq(kept.cache_err, 0);
	assert_holds(target, UNIT_BYTES(RIGHT));
	kept = keep_in(target, kept.again, UNIT_BYTES(OTHER), 9);
	ck_assert(kept.good && kept.is_new && !kept.again);
	assert_holds(target, UNIT_BYTES(OTHER));
}
END_TEST

START_TEST(a_copy_that_the_disk_lost_a_part_of_is_fetched_again)
{
	const struct target *target = bios_of(first);
	const struct cache_key key = {target->farm, target->addr, target->file};
	char path[256], source[PATH_MAX];
	ck_assert(keep_text(target, RIGHT).is_new);
	(void)snprintf(path, sizeof(path), "%s/farms/east/10.1.0.11/" BIOS, dir);
	ck_assert_ptr_nonnull(realpath(path, source));
	ck_assert_int_eq(truncate(source, 3), 0);
	ck_assert(keep_text(target, RIGHT).again);
	ck_assert(keep_in(target, true, UNIT_BYTES(RIGHT), 9).is_new);
	assert_holds(target, UNIT_BYTES(RIGHT));
	ck_assert_int_eq(cache_object_open(cache, &key, NULL, NULL), 0);
}
END_TEST

static const struct {
	uint32_t source; /* of the copy that the cache holds */
	const char *farm, *file;
	bool cut;
} besides[] = {
    {0x0a01000b, "east", BIOS, true},
    {0x0a01000c, "east", BIOS, true},
    {0x0a01000c, "EAST", "ardbp32.bin", true},
    {CACHE_MANUAL, "east", BIOS, true},
    {0x0a01000c, "west", BIOS, false},
    {0x0a01000c, "east", "other.bin", false},
};

START_TEST(the_beginning_of_a_copy_of_the_farm_is_cut_off)
{
	const char *whole = RIGHT " and a long end of it";
	const struct cache_key key = {
	    besides[_i].farm, besides[_i].source, besides[_i].file};
	const struct target *target = bios_of(first);
	ck_assert_int_eq(
	    cache_publish_bytes(cache, &key, whole, strlen(whole), NULL), 0);
	struct kept kept = keep_in(target, true, UNIT_BYTES(RIGHT), 9);
	ck_assert_int_eq(kept.good, !besides[_i].cut);
	if (besides[_i].cut) {
		assert_wrong(&kept, "cut off: 40 of 61 bytes");
	}
	ck_assert(keep_in(target, true, whole, strlen(whole), 9).good);
}
END_TEST

START_TEST(a_cut_off_program_says_so_before_all_else)
{
	struct target target = target_of(first, EFI);
	uint8_t bytes[PE_LEN];
	pe_program(bytes);
	ck_assert(keep_in(&target, false, bytes, PE_LEN, 100).is_new);
	struct kept kept = keep_in(&target, true, bytes, 1, 100);
	assert_wrong(&kept, "cut off: 1 of 1152 bytes");
	kept = keep_in(&target, true, bytes, PE_LEN - 1, 100);
	assert_wrong(&kept, "cut off: 1151 of 1152 bytes");
	kept = keep_in(&target, true, bytes, 0, 100);
	assert_wrong(&kept, "empty");
	assert_holds(&target, bytes, PE_LEN);
}
END_TEST

/* A server that appends something would else take all others with it. */
START_TEST(a_copy_known_as_it_is_is_not_cut_off_from_a_longer_one)
{
	ck_assert(keep_text(bios_of(first), RIGHT).is_new);
	ck_assert(keep_text(bios_of(second), RIGHT " and more").is_new);
	ck_assert(keep_text(bios_of(first - 1), RIGHT " and much more").is_new);
	ck_assert(keep_text(bios_of(first), RIGHT).good);
	ck_assert(keep_text(bios_of(0x0a01000d), RIGHT).is_new);
}
END_TEST

START_TEST(a_file_that_differs_somewhere_is_not_cut_off)
{
	ck_assert(keep_text(bios_of(first), RIGHT " and more").is_new);
	ck_assert(keep_text(bios_of(second), OTHER).is_new);
}
END_TEST

START_TEST(a_boot_servers_file_is_judged_and_not_published)
{
	struct target target = target_of(0x0a000005, BIOS);
	target.role = DB_ROLE_BOOT_SERVER;
	target.publishes = false;
	ck_assert(keep_text(bios_of(first), RIGHT).is_new);
	struct kept kept = keep_text(&target, OTHER);
	ck_assert(kept.good && !kept.is_new && !kept.again);
	kept = keep_in(&target, false, RIGHT, 36, 9);
	assert_wrong(&kept, "cut off");
	kept = keep_text(&target, "something else");
	assert_wrong(&kept, "lacks the text");
	assert_lacks(&target);
	ck_assert_uint_eq(count_objects(), 1);
}
END_TEST

START_TEST(without_a_cache_files_are_judged)
{
	struct cache *opened = cache;
	cache = NULL;
	struct kept kept = keep_text(bios_of(first), RIGHT);
	ck_assert(kept.good && !kept.is_new && !kept.again);
	ck_assert_int_eq(kept.cache_err, 0);
	kept = keep_text(bios_of(first), "something else");
	assert_wrong(&kept, "lacks the text");
	cache = opened;
}
END_TEST

static void
assert_good_but_not_kept(int err)
{
	struct kept kept = keep_text(bios_of(first), RIGHT);
	ck_assert(kept.good && !kept.is_new && !kept.again);
	ck_assert_int_eq(kept.cache_err, err);
	/* There is nothing to be published of what is wrong. */
	kept = keep_text(bios_of(first), "something else");
	assert_wrong(&kept, "lacks the text");
}

START_TEST(a_cache_whose_folder_is_gone_keeps_nothing)
{
	tree_remove(dir);
	assert_good_but_not_kept(ERR_NOTFOUND);
}
END_TEST

START_TEST(a_folder_that_goes_while_a_file_comes_is_said_at_its_end)
{
	const struct target *target = bios_of(first);
	struct keep *keep;
	struct kept kept;
	ck_assert_int_eq(keep_new(cache, target, false, &keep), 0);
	keep_bytes(keep, UNIT_BYTES(RIGHT));
	tree_remove(dir);
	keep_end(keep, target, &kept);
	ck_assert(kept.good && !kept.is_new && kept.cache_err != 0);
}
END_TEST

/* A mount that is attached nowhere: nobody else sees it. */
START_TEST(a_cache_that_is_read_only_keeps_nothing)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
	struct cache *opened = cache;
	char path[32];
	ck_assert(geteuid() == 0 || unshare(CLONE_NEWNS | CLONE_NEWUSER) == 0);
	int fd = open_tree(AT_FDCWD, dir, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)), 0);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ck_assert_int_eq(cache_open(path, &cache), 0);
	assert_good_but_not_kept(ERR_READONLY);
	cache_close(cache);
	cache = opened;
	(void)close(fd);
}
END_TEST

static Suite *
suite(void)
{
	Suite *suite = suite_create("keep");
	TCase *tcase = tcase_create("keep");
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_good_file_is_published_whole);
	tcase_add_loop_test(tcase, a_program_is_published_in_pieces_of_any_size, 0, 4);
	tcase_add_test(tcase, nothing_is_published_before_its_end);
	tcase_add_loop_test(
	    tcase, what_looks_wrong_is_never_published, 0, UNIT_ROWS(wrongs));
	tcase_add_test(tcase, what_is_wrong_leaves_the_copy_before_it);
	tcase_add_test(tcase, another_hash_than_the_pinned_one_is_wrong);
	tcase_add_test(tcase, without_a_pin_other_bytes_are_published);
	tcase_add_test(tcase, what_the_cache_holds_is_neither_staged_nor_written);
	tcase_add_test(tcase, a_change_that_was_not_expected_is_fetched_again);
	tcase_add_test(tcase, a_copy_that_the_disk_lost_a_part_of_is_fetched_again);
	tcase_add_loop_test(tcase, the_beginning_of_a_copy_of_the_farm_is_cut_off, 0,
	    UNIT_ROWS(besides));
	tcase_add_test(tcase, a_cut_off_program_says_so_before_all_else);
	tcase_add_test(tcase, a_copy_known_as_it_is_is_not_cut_off_from_a_longer_one);
	tcase_add_test(tcase, a_file_that_differs_somewhere_is_not_cut_off);
	tcase_add_test(tcase, a_boot_servers_file_is_judged_and_not_published);
	tcase_add_test(tcase, without_a_cache_files_are_judged);
	tcase_add_test(tcase, a_cache_whose_folder_is_gone_keeps_nothing);
	tcase_add_test(tcase, a_folder_that_goes_while_a_file_comes_is_said_at_its_end);
	tcase_add_test(tcase, a_cache_that_is_read_only_keeps_nothing);
	return suite;
}

int
main(void)
{
	return unit_run(suite());
}
