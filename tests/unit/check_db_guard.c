/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tests/unit/db_unit.h"

#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

/* What the opener refuses before LMDB sees it: files, modes and mounts. */

static unsigned
files_in_map(void)
{
	unsigned count = 0;
	DIR *d = opendir(scratch.map);
	ck_assert_ptr_nonnull(d);
	for (const struct dirent *e; (e = readdir(d)) != NULL;) {
		count += e->d_name[0] != '.';
	}
	(void)closedir(d);
	return count;
}

START_TEST(a_reader_creates_nothing)
{
	ck_assert_int_eq(map_try_open(), ERR_NOTFOUND);
	ck_assert_int_eq(access(scratch.map, F_OK), -1);
	ck_assert_int_eq(mkdir(scratch.map, 0770), 0);
	ck_assert_int_eq(map_try_open(), ERR_NOTFOUND);
	ck_assert_uint_eq(files_in_map(), 0);
	map_write_devices(1);
	ck_assert_int_eq(unlink(map_file("lock.mdb")), 0);
	ck_assert_int_eq(map_try_open(), ERR_NOTFOUND);
	ck_assert_uint_eq(files_in_map(), 1);
}
END_TEST

START_TEST(a_folder_that_cannot_be_is_not_found)
{
	struct db_write *w;
	ck_assert_int_eq(db_write_begin("/dev/null", &w), ERR_NOTFOUND);
	ck_assert_int_eq(db_write_begin("/dev/null/map", &w), ERR_NOTFOUND);
	ck_assert_int_eq(db_write_begin("", &w), ERR_NOTFOUND);
}
END_TEST

static void
put_file(const char *name, const void *bytes, size_t len)
{
	FILE *file = fopen(map_file(name), "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
}

START_TEST(an_empty_file_is_no_database_and_becomes_one)
{
	ck_assert_int_eq(mkdir(scratch.map, 0770), 0);
	put_file("data.mdb", "", 0);
	put_file("lock.mdb", "", 0);
	ck_assert_int_eq(map_try_open(), ERR_NOTDB);
	map_write_devices(1);
	ck_assert_int_eq(map_try_open(), 0);
}
END_TEST

START_TEST(garbage_is_no_database_and_no_writer_touches_it)
{
	static char garbage[65536];
	static char after[sizeof(garbage)];
	struct db_write *w;
	memset(garbage, 0xa5, sizeof(garbage));
	ck_assert_int_eq(mkdir(scratch.map, 0770), 0);
	put_file("data.mdb", garbage, sizeof(garbage));
	put_file("lock.mdb", "", 0);
	ck_assert_int_eq(map_try_open(), ERR_NOTDB);
	ck_assert_int_eq(db_write_begin(scratch.map, &w), ERR_NOTDB);
	FILE *file = fopen(map_file("data.mdb"), "r");
	ck_assert_uint_eq(fread(after, 1, sizeof(after), file), sizeof(after));
	ck_assert_int_eq(fgetc(file), EOF);
	(void)fclose(file);
	ck_assert_mem_eq(after, garbage, sizeof(garbage));
}
END_TEST

START_TEST(what_is_no_file_is_no_database)
{
	ck_assert_int_eq(mkdir(scratch.map, 0770), 0);
	put_file("lock.mdb", "", 0);
	ck_assert_int_eq(mkfifo(map_file("data.mdb"), 0660), 0);
	ck_assert_int_eq(map_try_open(), ERR_NOTDB);
	ck_assert_int_eq(unlink(map_file("data.mdb")), 0);
	ck_assert_int_eq(unlink(map_file("lock.mdb")), 0);
	map_write_devices(1);
	char sound[UNIT_PATH + 16];
	(void)snprintf(sound, sizeof(sound), "%s/sound.mdb", scratch.map);
	ck_assert_int_eq(rename(map_file("data.mdb"), sound), 0);
	ck_assert_int_eq(symlink("sound.mdb", map_file("data.mdb")), 0);
	ck_assert_int_eq(map_try_open(), ERR_NOTDB);
}
END_TEST

enum { PAGE = 4096 };

START_TEST(either_meta_page_gone_is_no_database)
{
	static const uint8_t zeroes[PAGE];
	map_write_devices(1);
	map_poke(_i * PAGE, zeroes, PAGE);
	ck_assert_int_eq(map_try_open(), ERR_NOTDB);
}
END_TEST

START_TEST(a_page_size_that_cannot_be_is_no_database)
{
	static const uint32_t sizes[] = {0, 1, 0xffffffff};
	map_write_devices(1);
	map_poke(40, &sizes[_i], sizeof(sizes[0]));
	ck_assert_int_eq(map_try_open(), ERR_NOTDB);
}
END_TEST

START_TEST(another_file_version_of_lmdb_is_another_format)
{
	static const uint32_t version = 2;
	map_write_devices(1);
	map_poke(20, &version, sizeof(version));
	ck_assert_int_eq(map_try_open(), ERR_FORMAT);
}
END_TEST

/* The last page that the newer meta page knows of. */
static uint64_t
last_page(void)
{
	uint64_t last[2];
	uint64_t txn[2];
	int fd = open(map_file("data.mdb"), O_RDONLY);
	ck_assert_int_ge(fd, 0);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(pread(fd, &last[i], 8, i * PAGE + 136), 8);
		ck_assert_int_eq(pread(fd, &txn[i], 8, i * PAGE + 144), 8);
	}
	(void)close(fd);
	return txn[1] > txn[0] ? last[1] : last[0];
}

static int
open_cut_to(off_t size)
{
	ck_assert_int_eq(truncate(map_file("data.mdb"), size), 0);
	return map_try_open();
}

START_TEST(a_file_that_was_cut_off_is_refused_before_it_is_mapped)
{
	map_write_devices(1000);
	off_t used = ((off_t)last_page() + 1) * PAGE;
	ck_assert_int_gt(used, 10 * PAGE);
	ck_assert_int_eq(open_cut_to(used), 0);
	ck_assert_int_eq(open_cut_to(used - 1), ERR_NOTDB);
	ck_assert_int_eq(open_cut_to(used - PAGE), ERR_NOTDB);
	ck_assert_int_eq(open_cut_to(2 * PAGE), ERR_NOTDB);
	ck_assert_int_eq(open_cut_to(2 * PAGE - 1), ERR_NOTDB);
	ck_assert_int_eq(open_cut_to(PAGE), ERR_NOTDB);
	ck_assert_int_eq(open_cut_to(100), ERR_NOTDB);
	ck_assert_int_eq(open_cut_to(1), ERR_NOTDB);
}
END_TEST

/* Where pages of older transactions were reused, LMDB leaves pages unwritten that the
 * transaction took and gave up again. Without the extension to the map's size this file would
 * be shorter than its own last page. */
START_TEST(a_transaction_that_shrinks_leaves_a_sound_file)
{
	for (unsigned i = 0; i < 8; i++) {
		map_write_devices(300);
	}
	struct db_write *w = map_begin();
	for (unsigned i = 0; i < 2000; i++) {
		const struct db_device device = sample_device(i);
		ck_assert_int_eq(db_put_device(w, &device), 0);
	}
	for (unsigned i = 1999; i > 0; i--) {
		const struct db_device device = sample_device(i);
		ck_assert_int_eq(db_del_device(w, &device.mac), 0);
	}
	ck_assert_int_eq(db_write_commit(w), 0);
	ck_assert_int_eq(map_try_open(), 0);
}
END_TEST

static mode_t
mode_of(const char *path)
{
	struct stat st;
	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_mode & 07777;
}

START_TEST(modes_do_not_depend_on_the_umask)
{
	static const mode_t umasks[] = {077, 022, 0};
	mode_t before = umask(umasks[_i]);
	map_write_devices(1);
	(void)umask(before);
	ck_assert_int_eq(mode_of(scratch.map), 02770);
	ck_assert_int_eq(mode_of(map_file("data.mdb")), 0660);
	ck_assert_int_eq(mode_of(map_file("lock.mdb")), 0660);
}
END_TEST

START_TEST(a_file_with_content_keeps_its_mode)
{
	map_write_devices(1);
	ck_assert_int_eq(chmod(map_file("data.mdb"), 0600), 0);
	map_write_devices(1);
	ck_assert_int_eq(mode_of(map_file("data.mdb")), 0600);
}
END_TEST

/* Runs body in a child that may change itself; gives what it returns. An error code of ours
 * fits no exit status: the body compares, and the child tells how that went. */
static bool
child_runs(bool (*body)(int want), int want)
{
	pid_t pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		_exit(body(want) ? 0 : 1);
	}
	int status;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) <= 1,
	    "the child could not become what the test needs: %d", status);
	return WEXITSTATUS(status) == 0;
}

static bool
opens_with(int want)
{
	struct db_env *env;
	return db_env_open(DB_MAP, scratch.map, 1, &env) == want;
}

/* Ends the child with a status that fails the test, unless it holds. */
static void
child_needs(bool holds)
{
	if (!holds) {
		_exit(2);
	}
}

static bool
nobody_opens_with(int want)
{
	if (geteuid() == 0) {
		child_needs(setgroups(0, NULL) == 0);
		child_needs(setresgid(65534, 65534, 65534) == 0);
		child_needs(setresuid(65534, 65534, 65534) == 0);
	}
	child_needs(geteuid() != 0);
	return opens_with(want);
}

START_TEST(modes_that_refuse_us_are_told_from_an_absent_map)
{
	map_write_devices(1);
	ck_assert_int_eq(chmod(scratch.map, 0755), 0);
	ck_assert_int_eq(chmod(map_file("data.mdb"), 0444), 0);
	ck_assert_int_eq(chmod(map_file("lock.mdb"), 0666), 0);
	ck_assert(child_runs(nobody_opens_with, 0));
	ck_assert_int_eq(chmod(map_file("lock.mdb"), 0444), 0);
	ck_assert(child_runs(nobody_opens_with, ERR_ACCESS));
	ck_assert_int_eq(chmod(map_file("lock.mdb"), 0666), 0);
	ck_assert_int_eq(chmod(map_file("data.mdb"), 0), 0);
	ck_assert(child_runs(nobody_opens_with, ERR_ACCESS));
	ck_assert_int_eq(chmod(map_file("data.mdb"), 0444), 0);
	ck_assert_int_eq(chmod(scratch.map, 0), 0);
	ck_assert(child_runs(nobody_opens_with, ERR_ACCESS));
	ck_assert_int_eq(chmod(scratch.map, 0700), 0);
}
END_TEST

/* LMDB alone would open such a mount without locks, and read what a writer is reusing. This
 * one is attached nowhere, so nobody else sees it, and it can be made in a chroot too. */
static bool
mounted_read_only_opens_with(int want)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
	child_needs(geteuid() == 0 || unshare(CLONE_NEWNS | CLONE_NEWUSER) == 0);
	int fd = open_tree(AT_FDCWD, scratch.map, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	child_needs(fd >= 0);
	child_needs(mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) == 0);
	child_needs(fchdir(fd) == 0);
	(void)snprintf(scratch.map, sizeof(scratch.map), ".");
	return opens_with(want);
}

START_TEST(a_read_only_mount_is_refused)
{
	map_write_devices(1);
	ck_assert(child_runs(mounted_read_only_opens_with, ERR_READONLY));
	ck_assert_int_eq(unlink(map_file("lock.mdb")), 0);
	ck_assert(child_runs(mounted_read_only_opens_with, ERR_READONLY));
}
END_TEST

static void
write_line(const char *path, const char *line)
{
	FILE *file = fopen(path, "w");
	child_needs(file != NULL && fputs(line, file) > 0 && fclose(file) == 0);
}

static bool
is_of(const char *path, uid_t uid, gid_t gid)
{
	struct stat st;
	child_needs(stat(path, &st) == 0);
	return st.st_uid == uid && st.st_gid == gid;
}

/* As root, on a system that has user and group pvsboot. */
static bool
root_gives_away(int want)
{
	enum { USER = 4321, GROUP = 4322 };
	child_needs(chroot(scratch.root) == 0 && chdir("/") == 0);
	(void)snprintf(scratch.map, sizeof(scratch.map), "/map");
	child_needs(mkdir("/etc", 0755) == 0);
	write_line("/etc/passwd", "pvsboot:x:4321:4322::/:/bin/false\n");
	write_line("/etc/group", "pvsboot:x:4322:\n");
	map_write_devices(1);
	scratch_remove("/etc");
	return is_of(scratch.map, USER, GROUP) &&
	    is_of(map_file("data.mdb"), USER, GROUP) &&
	    is_of(map_file("lock.mdb"), USER, GROUP) && want == 0;
}

/* Anybody else keeps what he makes. */
static bool
others_keep(int want)
{
	map_write_devices(1);
	return is_of(map_file("data.mdb"), geteuid(), getegid()) && want == 0;
}

START_TEST(what_root_creates_is_pvsboots)
{
	ck_assert(child_runs(geteuid() == 0 ? root_gives_away : others_keep, 0));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("db_guard");
	TCase *tc = tcase_create("guard");
	tcase_add_checked_fixture(tc, scratch_setup, scratch_teardown);
	tcase_add_test(tc, a_reader_creates_nothing);
	tcase_add_test(tc, a_folder_that_cannot_be_is_not_found);
	tcase_add_test(tc, an_empty_file_is_no_database_and_becomes_one);
	tcase_add_test(tc, garbage_is_no_database_and_no_writer_touches_it);
	tcase_add_test(tc, what_is_no_file_is_no_database);
	tcase_add_loop_test(tc, either_meta_page_gone_is_no_database, 0, 2);
	tcase_add_loop_test(tc, a_page_size_that_cannot_be_is_no_database, 0, 3);
	tcase_add_test(tc, another_file_version_of_lmdb_is_another_format);
	tcase_add_test(tc, a_file_that_was_cut_off_is_refused_before_it_is_mapped);
	tcase_add_test(tc, a_transaction_that_shrinks_leaves_a_sound_file);
	tcase_add_loop_test(tc, modes_do_not_depend_on_the_umask, 0, 3);
	tcase_add_test(tc, a_file_with_content_keeps_its_mode);
	tcase_add_test(tc, modes_that_refuse_us_are_told_from_an_absent_map);
	tcase_add_test(tc, a_read_only_mount_is_refused);
	tcase_add_test(tc, what_root_creates_is_pvsboots);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
