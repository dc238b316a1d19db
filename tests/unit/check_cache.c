/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/base/err.h"
#include "lib/base/hex.h"
#include "lib/cache/cache.h"
#include "lib/cache/folder.h"
#include "lib/cache/publish.h"
#include "tests/unit/tree.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char root[64];
static char dir[80];
static struct cache *cache;

static const struct cache_key manual = {"east", CACHE_MANUAL, "ARDBP32.BIN"};
static const struct cache_key fetched = {"east", 0x0a01000b, "ARDBP32.BIN"};

static void
setup(void)
{
	(void)snprintf(root, sizeof(root), "/tmp/check_cache.%ld", (long)getpid());
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

/* A path in the cache; valid until the next call. */
static const char *
at(const char *path)
{
	static char whole[256];
	(void)snprintf(whole, sizeof(whole), "%s/%s", dir, path);
	return whole;
}

static const char *
object_path(const struct cache_object *object)
{
	char path[8 + HEX_SHA256_TEXT] = "objects/";
	hex_format(path + strlen(path), object->sha256, CACHE_SHA256_LEN);
	return at(path);
}

static struct cache_object
publish(const struct cache_key *key, const char *text)
{
	struct cache_object object;
	ck_assert_int_eq(
	    cache_publish_bytes(cache, key, text, strlen(text), &object), 0);
	return object;
}

static void
assert_holds(const struct cache_key *key, const char *text)
{
	struct cache_object object;
	char bytes[64] = "";
	int fd;
	ck_assert_int_eq(cache_object_open(cache, key, &fd, &object), 0);
	ck_assert_int_eq(read(fd, bytes, sizeof(bytes) - 1), (ssize_t)strlen(text));
	ck_assert_str_eq(bytes, text);
	ck_assert_uint_eq(object.size, strlen(text));
	(void)close(fd);
}

static unsigned
count_objects(void)
{
	char command[128];
	unsigned count = 0;
	(void)snprintf(command, sizeof(command), "ls -A %s/objects | wc -l", dir);
	FILE *pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	ck_assert_int_eq(fscanf(pipe, "%u", &count), 1);
	(void)pclose(pipe);
	return count;
}

START_TEST(what_was_published_is_read_back_with_its_hash)
{
	char hex[HEX_SHA256_TEXT];
	struct cache_object object = publish(&manual, "abc");
	ck_assert_str_eq(hex_format(hex, object.sha256, CACHE_SHA256_LEN),
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_holds(&manual, "abc");
	ck_assert_int_eq(cache_object_open(cache, &fetched, NULL, NULL), ERR_NOTFOUND);
}
END_TEST

START_TEST(a_descriptor_is_published_whole)
{
	const size_t len = 200000;
	struct cache_object object;
	char *path = strdup(at("../source"));
	FILE *file = fopen(path, "w+");
	ck_assert_ptr_nonnull(file);
	for (size_t i = 0; i < len; i++) {
		(void)fputc((int)(i % 251), file);
	}
	rewind(file);
	ck_assert_int_eq(cache_publish_fd(cache, &manual, fileno(file), &object), 0);
	ck_assert_uint_eq(object.size, len);
	(void)fclose(file);
	free(path);
}
END_TEST

START_TEST(farms_and_files_are_found_in_any_case)
{
	const struct cache_key small = {"EAST", CACHE_MANUAL, "ardbp32.bin"};
	uint32_t source;
	size_t count;
	publish(&manual, "one");
	assert_holds(&small, "one");
	ck_assert_int_eq(
	    cache_sources(cache, "East", "Ardbp32.bin", &source, 1, &count), 0);
	publish(&small, "two");
	assert_holds(&manual, "two");
	ck_assert_uint_eq(count_objects(), 1);
	ck_assert_int_eq(cache_remove(cache, &manual), 0);
	ck_assert_int_eq(cache_object_open(cache, &small, NULL, NULL), ERR_NOTFOUND);
}
END_TEST

START_TEST(sources_come_in_order_and_manual_first)
{
	const uint32_t addrs[] = {0x0a01000b, CACHE_MANUAL, 0x0a010009, 0x0a010063};
	uint32_t got[4];
	size_t count;
	for (size_t i = 0; i < 4; i++) {
		publish(&(struct cache_key){"east", addrs[i], "f"}, "same");
	}
	publish(&(struct cache_key){"east", 0x0a010001, "other"}, "same");
	ck_assert_int_eq(mkdir(at("farms/east/junk"), 0700), 0);
	ck_assert_int_eq(mkdir(at("farms/east/0.0.0.0"), 0700), 0);
	ck_assert_int_eq(cache_sources(cache, "east", "f", got, 4, &count), 0);
	ck_assert_uint_eq(count, 4);
	ck_assert_uint_eq(got[0], CACHE_MANUAL);
	ck_assert_uint_eq(got[1], 0x0a010009);
	ck_assert_uint_eq(got[3], 0x0a010063);
	ck_assert_int_eq(cache_sources(cache, "east", "f", got, 3, &count), ERR_ROOM);
	ck_assert_int_eq(
	    cache_sources(cache, "east", "g", got, 4, &count), ERR_NOTFOUND);
	ck_assert_int_eq(
	    cache_sources(cache, "west", "f", got, 4, &count), ERR_NOTFOUND);
	ck_assert_uint_eq(count_objects(), 1);
}
END_TEST

static const char *const bad_names[] = {"", ".", "..", "../east", "a/b", ".new", "a b",
    "\xc3\xa4", "0123456789012345678901234567890123456789012345678901234567890123"};

START_TEST(a_bad_name_is_neither_written_nor_found)
{
	uint32_t source;
	size_t count;
	const struct cache_key farm = {bad_names[_i], CACHE_MANUAL, "f"};
	const struct cache_key file = {"east", CACHE_MANUAL, bad_names[_i]};
	ck_assert_int_eq(
	    cache_publish_bytes(cache, &farm, "x", 1, NULL), ERR_MALFORMED);
	ck_assert_int_eq(
	    cache_publish_bytes(cache, &file, "x", 1, NULL), ERR_MALFORMED);
	ck_assert_uint_eq(count_objects(), 0);
	publish(&(struct cache_key){"east", CACHE_MANUAL, "f"}, "x");
	ck_assert_int_eq(cache_object_open(cache, &farm, NULL, NULL), ERR_NOTFOUND);
	ck_assert_int_eq(cache_object_open(cache, &file, NULL, NULL), ERR_NOTFOUND);
	ck_assert_int_eq(
	    cache_sources(cache, farm.farm, "f", &source, 1, &count), ERR_NOTFOUND);
	ck_assert_int_eq(cache_remove(cache, &file), ERR_NOTFOUND);
}
END_TEST

START_TEST(an_object_lives_as_long_as_a_name_leads_to_it)
{
	struct cache_object first = publish(&manual, "first");
	publish(&fetched, "first");
	publish(&manual, "second");
	ck_assert_int_eq(access(object_path(&first), F_OK), 0);
	publish(&fetched, "second");
	ck_assert_int_ne(access(object_path(&first), F_OK), 0);
	ck_assert_int_eq(cache_remove(cache, &manual), 0);
	assert_holds(&fetched, "second");
	ck_assert_int_eq(cache_remove(cache, &fetched), 0);
	ck_assert_int_eq(cache_remove(cache, &fetched), ERR_NOTFOUND);
	ck_assert_uint_eq(count_objects(), 0);
}
END_TEST

START_TEST(a_reader_keeps_what_it_opened)
{
	char bytes[8] = "";
	int fd;
	publish(&manual, "first");
	ck_assert_int_eq(cache_object_open(cache, &manual, &fd, NULL), 0);
	publish(&manual, "second");
	ck_assert_int_eq(read(fd, bytes, sizeof(bytes)), 5);
	ck_assert_str_eq(bytes, "first");
	(void)close(fd);
}
END_TEST

START_TEST(publishing_the_same_bytes_mends_a_damaged_object)
{
	struct cache_object object = publish(&manual, "same");
	int fd = open(object_path(&object), O_WRONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "evil", 4), 4);
	ck_assert_int_eq(close(fd), 0);
	publish(&manual, "same");
	assert_holds(&manual, "same");
	ck_assert_uint_eq(count_objects(), 1);
}
END_TEST

START_TEST(an_object_knows_its_bytes)
{
	struct cache_object object = publish(&manual, "same");
	ck_assert(cache_object_is(&object, "same", 4));
	ck_assert(!cache_object_is(&object, "sane", 4));
	ck_assert(!cache_object_is(&object, "sam", 3));
	object.size++;
	ck_assert(!cache_object_is(&object, "same", 4));
}
END_TEST

START_TEST(giving_up_leaves_nothing)
{
	struct cache_stage *stage;
	ck_assert_int_eq(cache_stage_new(cache, &stage), 0);
	ck_assert_int_eq(cache_stage_write(stage, "half", 4), 0);
	ck_assert_uint_eq(count_objects(), 1);
	cache_stage_free(stage);
	cache_stage_free(NULL);
	ck_assert_uint_eq(count_objects(), 0);
}
END_TEST

START_TEST(what_is_on_its_way_in_is_bounded)
{
	struct cache_stage *a;
	struct cache_stage *b;
	ck_assert_int_eq(cache_stage_new(cache, &a), 0);
	ck_assert_int_eq(cache_stage_new(cache, &b), 0);
	cache->staged = CACHE_STAGED_MAX - 4; /* by others */
	ck_assert_int_eq(cache_stage_write(a, "aaa", 3), 0);
	ck_assert_int_eq(cache_stage_write(b, "bb", 2), -EDQUOT);
	ck_assert_int_eq(cache_stage_write(b, "b", 1), 0);
	cache_stage_free(a);
	ck_assert_int_eq(cache_stage_write(b, "bbb", 3), 0);
	ck_assert_int_eq(cache_stage_publish(b, &fetched, NULL), 0);
	ck_assert_uint_eq(cache->staged, CACHE_STAGED_MAX - 4);
}
END_TEST

START_TEST(two_files_may_be_on_their_way_in_at_once)
{
	struct cache_stage *a;
	struct cache_stage *b;
	ck_assert_int_eq(cache_stage_new(cache, &a), 0);
	ck_assert_int_eq(cache_stage_new(cache, &b), 0);
	ck_assert_int_eq(cache_stage_write(a, "aa", 2), 0);
	ck_assert_int_eq(cache_stage_write(b, "bb", 2), 0);
	ck_assert_int_eq(cache_stage_publish(a, &manual, NULL), 0);
	ck_assert_int_eq(cache_stage_publish(b, &fetched, NULL), 0);
	assert_holds(&manual, "aa");
	assert_holds(&fetched, "bb");
}
END_TEST

/* The PID of a process that has ended. */
static pid_t
dead_pid(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	return pid;
}

START_TEST(what_a_killed_writer_left_is_no_name_and_is_swept_up)
{
	const struct timespec long_ago[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	publish(&manual, "whole");
	int fd = creat(at("objects/.new-1-0"), 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(futimens(fd, long_ago), 0);
	(void)close(fd);
	fd = creat(at("objects/.new-1-1"), 0600);
	ck_assert_int_ge(fd, 0);
	(void)close(fd);
	char dead[64];
	(void)snprintf(dead, sizeof(dead), "objects/.new-%ld-0", (long)dead_pid());
	fd = creat(at(dead), 0600);
	ck_assert_int_ge(fd, 0);
	(void)close(fd);
	ck_assert_int_eq(symlink("nowhere", at("farms/east/manual/.new")), 0);
	publish(&manual, "again");
	assert_holds(&manual, "again");
	ck_assert_int_ne(access(at("objects/.new-1-0"), F_OK), 0);
	ck_assert_int_eq(access(at("objects/.new-1-1"), F_OK), 0);
	ck_assert_int_ne(access(at(dead), F_OK), 0);
}
END_TEST

START_TEST(objects_that_no_name_leads_to_are_swept_up_at_the_next_start)
{
	static const char *const stays[] = {"objects/README", "objects/.new-1-1",
	    "objects/000000000000000000000000000000000000000000000000000000000000000"};
	struct cache *again;
	struct cache_object named = publish(&manual, "named");
	(void)publish(&fetched, "other");
	struct cache_object unnamed = publish(&fetched, "unnamed");
	ck_assert_int_eq(unlink(at("farms/east/10.1.0.11/ARDBP32.BIN")), 0);
	for (size_t i = 0; i < sizeof(stays) / sizeof(stays[0]); i++) {
		int fd = creat(at(stays[i]), 0600);
		ck_assert_int_ge(fd, 0);
		(void)close(fd);
	}
	ck_assert_int_eq(access(object_path(&unnamed), F_OK), 0);
	ck_assert_int_eq(cache_create(dir, &again), 0);
	cache_close(again);
	ck_assert_int_ne(access(object_path(&unnamed), F_OK), 0);
	ck_assert_int_eq(access(object_path(&named), F_OK), 0);
	for (size_t i = 0; i < sizeof(stays) / sizeof(stays[0]); i++) {
		ck_assert_int_eq(access(at(stays[i]), F_OK), 0);
	}
}
END_TEST

/* What somebody may have put where a name stands: the symlink's target. */
static const char *const foreign[] = {"/etc/passwd", "../../../../source", "f",
    "../../../objects/", "../../../objects/..", "nowhere",
    "../../../objects/"
    "0000000000000000000000000000000000000000000000000000000000000000",
    "../../../objects/"
    "00000000000000000000000000000000000000000000000000000000000000000"};

static int
count_visit(void *ctx, const struct cache_key *key, const struct cache_object *object)
{
	unsigned *count = ctx;
	(void)key;
	(void)object;
	++*count;
	return 0;
}

START_TEST(a_name_that_is_not_ours_leads_nowhere)
{
	const struct cache_key key = {"east", CACHE_MANUAL, "f"};
	unsigned count = 0;
	publish(&manual, "whole");
	ck_assert_int_eq(symlink(foreign[_i], at("farms/east/manual/f")), 0);
	ck_assert_int_eq(cache_object_open(cache, &key, NULL, NULL), ERR_NOTFOUND);
	ck_assert_int_eq(cache_list(cache, count_visit, &count), 0);
	ck_assert_uint_eq(count, 1);
}
END_TEST

START_TEST(a_folder_that_is_a_symlink_is_not_entered)
{
	const struct cache_key key = {"west", CACHE_MANUAL, "ARDBP32.BIN"};
	publish(&manual, "whole");
	ck_assert_int_eq(symlink("east", at("farms/west")), 0);
	ck_assert_int_eq(cache_object_open(cache, &key, NULL, NULL), ERR_NOTFOUND);
}
END_TEST

START_TEST(an_object_must_be_a_regular_file)
{
	struct cache_object object = publish(&manual, "whole");
	ck_assert_int_eq(unlink(object_path(&object)), 0);
	ck_assert_int_eq(mkfifo(object_path(&object), 0600), 0);
	ck_assert_int_eq(cache_object_open(cache, &manual, NULL, NULL), ERR_MALFORMED);
}
END_TEST

struct listing {
	char text[256];
	unsigned left;
};

static int
list_visit(void *ctx, const struct cache_key *key, const struct cache_object *object)
{
	struct listing *listing = ctx;
	char source[CACHE_SOURCE_TEXT];
	size_t used = strlen(listing->text);
	(void)snprintf(listing->text + used, sizeof(listing->text) - used,
	    "%s %s %s %u\n", key->farm, cache_source_format(key->source, source),
	    key->file, (unsigned)object->size);
	return --listing->left == 0 ? ERR_NOTFOUND : 0;
}

START_TEST(the_list_is_in_order_and_stops_where_it_is_told)
{
	struct listing all = {.left = 9};
	struct listing two = {.left = 2};
	publish(&(struct cache_key){"west", 0x0a02000b, "b"}, "12");
	publish(&(struct cache_key){"east", 0x0a01000b, "b"}, "123");
	publish(&(struct cache_key){"east", 0x0a010009, "b"}, "1234");
	publish(&(struct cache_key){"east", CACHE_MANUAL, "c"}, "1");
	publish(&(struct cache_key){"east", CACHE_MANUAL, "a"}, "");
	ck_assert_int_eq(cache_list(cache, list_visit, &all), 0);
	ck_assert_str_eq(all.text,
	    "east manual a 0\n"
	    "east manual c 1\n"
	    "east 10.1.0.9 b 4\n"
	    "east 10.1.0.11 b 3\n"
	    "west 10.2.0.11 b 2\n");
	ck_assert_int_eq(cache_list(cache, list_visit, &two), ERR_NOTFOUND);
	ck_assert_str_eq(two.text, "east manual a 0\neast manual c 1\n");
}
END_TEST

START_TEST(modes_do_not_depend_on_the_umask)
{
	static const mode_t masks[] = {0, 022, 077, 0377};
	struct stat st;
	struct cache *fresh;
	char path[sizeof(root) + 8];
	mode_t before = umask(masks[_i]);
	(void)snprintf(path, sizeof(path), "%s/fresh", root);
	ck_assert_int_eq(cache_create(path, &fresh), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 02770);
	struct cache_object object = publish(&manual, "x");
	ck_assert_int_eq(stat(object_path(&object), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0440);
	ck_assert_int_eq(stat(at("farms/east/manual"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 02770);
	cache_close(fresh);
	(void)umask(before);
}
END_TEST

START_TEST(a_missing_cache_is_not_found_and_an_empty_one_is_empty)
{
	struct cache *other;
	unsigned count = 0;
	ck_assert_int_eq(cache_open(at("absent"), &other), ERR_NOTFOUND);
	ck_assert_int_eq(cache_create("/dev/null/cache", &other), ERR_NOTFOUND);
	ck_assert_int_eq(cache_list(cache, count_visit, &count), 0);
	ck_assert_uint_eq(count, 0);
	ck_assert_int_eq(cache_open(at("objects"), &other), 0);
	ck_assert_int_eq(cache_list(other, count_visit, &count), 0);
	cache_close(other);
	cache_close(NULL);
}
END_TEST

/* Publishes two contents in turn under one name, for ever, and counts. */
static void
alternate(_Atomic unsigned *published)
{
	for (unsigned i = 0;; i++) {
		const char *text = i % 2 == 0 ? "even" : "odd..";
		if (cache_publish_bytes(cache, &manual, text, strlen(text), NULL) !=
		    0) {
			_exit(1);
		}
		++*published;
	}
}

static void
read_until(const _Atomic unsigned *published, unsigned count)
{
	while (*published < count) {
		struct cache_object object;
		ck_assert_int_eq(cache_object_open(cache, &manual, NULL, &object), 0);
		ck_assert(object.size == 4 || object.size == 5);
	}
}

START_TEST(two_writers_and_a_kill_never_show_a_reader_a_hole)
{
	pid_t writers[2];
	int status;
	_Atomic unsigned *published = mmap(NULL, sizeof(*published),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(published, MAP_FAILED);
	publish(&manual, "even");
	for (unsigned i = 0; i < 2; i++) {
		writers[i] = fork();
		ck_assert_int_ge(writers[i], 0);
		if (writers[i] == 0) {
			alternate(published);
		}
	}
	read_until(published, 400);
	for (unsigned i = 0; i < 2; i++) {
		(void)kill(writers[i], SIGKILL);
		ck_assert_int_eq(waitpid(writers[i], &status, 0), writers[i]);
		ck_assert(WIFSIGNALED(status));
		read_until(published, i == 0 ? *published + 50 : 0);
	}
	publish(&manual, "last");
	assert_holds(&manual, "last");
	(void)munmap(published, sizeof(*published));
}
END_TEST

#define COUNT(a) (int)(sizeof(a) / sizeof((a)[0]))

START_TEST(another_folder_in_its_place_is_noticed)
{
	struct cache *other;
	char moved[100];
	(void)snprintf(moved, sizeof(moved), "%s.moved", dir);
	ck_assert(cache_is_at(cache, dir));
	ck_assert(cache_is_made(cache));
	ck_assert_int_eq(rename(dir, moved), 0);
	ck_assert(!cache_is_at(cache, dir));
	ck_assert_int_eq(cache_create(dir, &other), 0);
	ck_assert(!cache_is_at(cache, dir));
	ck_assert(cache_is_at(other, dir));
	ck_assert_int_eq(rmdir(at("objects")), 0);
	ck_assert(cache_is_at(other, dir));
	ck_assert(!cache_is_made(other));
	cache_close(other);
}
END_TEST

/* A folder's time is the kernel's tick: two changes in one look alike. */
static void
wait_for_tick(void)
{
	struct timespec then;
	struct timespec now;
	(void)clock_gettime(CLOCK_REALTIME_COARSE, &then);
	do {
		(void)clock_gettime(CLOCK_REALTIME_COARSE, &now);
	} while (now.tv_nsec == then.tv_nsec);
}

static uint64_t
another_stamp(uint64_t before)
{
	uint64_t stamp = cache_stamp(cache);
	ck_assert_uint_ne(stamp, before);
	ck_assert_uint_eq(cache_stamp(cache), stamp);
	wait_for_tick();
	return stamp;
}

START_TEST(the_stamp_changes_with_the_names)
{
	uint64_t stamp = another_stamp(0);
	(void)publish(&fetched, "one");
	stamp = another_stamp(stamp);
	(void)publish(&manual, "one");
	stamp = another_stamp(stamp);
	(void)publish(&fetched, "two");
	stamp = another_stamp(stamp);
	ck_assert_int_eq(cache_remove(cache, &fetched), 0);
	(void)another_stamp(stamp);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cache");
	TCase *tc = tcase_create("cache");
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_was_published_is_read_back_with_its_hash);
	tcase_add_test(tc, a_descriptor_is_published_whole);
	tcase_add_test(tc, farms_and_files_are_found_in_any_case);
	tcase_add_test(tc, sources_come_in_order_and_manual_first);
	tcase_add_loop_test(
	    tc, a_bad_name_is_neither_written_nor_found, 0, COUNT(bad_names));
	tcase_add_test(tc, an_object_lives_as_long_as_a_name_leads_to_it);
	tcase_add_test(tc, a_reader_keeps_what_it_opened);
	tcase_add_test(tc, publishing_the_same_bytes_mends_a_damaged_object);
	tcase_add_test(tc, an_object_knows_its_bytes);
	tcase_add_test(tc, giving_up_leaves_nothing);
	tcase_add_test(tc, what_is_on_its_way_in_is_bounded);
	tcase_add_test(tc, two_files_may_be_on_their_way_in_at_once);
	tcase_add_test(tc, what_a_killed_writer_left_is_no_name_and_is_swept_up);
	tcase_add_test(
	    tc, objects_that_no_name_leads_to_are_swept_up_at_the_next_start);
	tcase_add_loop_test(
	    tc, a_name_that_is_not_ours_leads_nowhere, 0, COUNT(foreign));
	tcase_add_test(tc, a_folder_that_is_a_symlink_is_not_entered);
	tcase_add_test(tc, an_object_must_be_a_regular_file);
	tcase_add_test(tc, the_list_is_in_order_and_stops_where_it_is_told);
	tcase_add_loop_test(tc, modes_do_not_depend_on_the_umask, 0, 4);
	tcase_add_test(tc, a_missing_cache_is_not_found_and_an_empty_one_is_empty);
	tcase_add_test(tc, two_writers_and_a_kill_never_show_a_reader_a_hole);
	tcase_add_test(tc, another_folder_in_its_place_is_noticed);
	tcase_add_test(tc, the_stamp_changes_with_the_names);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
