/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/base/err.h"
#include "lib/own/own.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_LEN = 256 };

static char root[] = "/tmp/check_own.XXXXXX";

static void
setup(void)
{
	memcpy(root + sizeof(root) - 7, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(root));
}

static const char *
under(const char *name)
{
	static char path[PATH_LEN];
	(void)snprintf(path, sizeof(path), "%s/%s", root, name);
	return path;
}

static void
teardown(void)
{
	static const char *const made[] = {
	    "a/b/c/file", "a/b/c/d", "a/b/c", "a/b", "a", ""};
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		const char *path = under(made[i]);
		ck_assert(
		    unlink(path) == 0 || rmdir(path) == 0 || access(path, F_OK) != 0);
	}
}

static mode_t
mode_of(const char *name)
{
	struct stat st;
	ck_assert_int_eq(stat(under(name), &st), 0);
	return st.st_mode & 07777;
}

static const mode_t umasks[] = {077, 022, 0};

START_TEST(a_folder_comes_with_those_it_lies_in_whatever_the_umask)
{
	mode_t before = umask(umasks[_i]);
	int ret = own_folder(under("a/b/c"));
	(void)umask(before);
	ck_assert_int_eq(ret, 0);
	ck_assert_int_eq(mode_of("a"), 0755);
	ck_assert_int_eq(mode_of("a/b"), 0755);
	ck_assert_int_eq(mode_of("a/b/c"), OWN_FOLDER_MODE);
}
END_TEST

START_TEST(what_is_there_keeps_its_mode)
{
	ck_assert_int_eq(mkdir(under("a"), 0711), 0);
	ck_assert_int_eq(own_folder(under("a")), 0);
	ck_assert_int_eq(own_folder(under("a/b/")), 0);
	ck_assert_int_eq(mode_of("a"), 0711);
	ck_assert_int_eq(mode_of("a/b"), OWN_FOLDER_MODE);
}
END_TEST

START_TEST(files_and_inner_folders_are_settled)
{
	int fd;
	mode_t before = umask(umasks[_i]);
	ck_assert_int_eq(own_folder(under("a/b/c")), 0);
	int folder_fd = open(under("a/b/c"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(folder_fd, 0);
	ck_assert_int_eq(own_folder_at(folder_fd, "d", &fd), 0);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_int_eq(own_folder_at(folder_fd, "d", &fd), 0);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_int_eq(own_file(folder_fd, "file"), 0);
	ck_assert_int_eq(own_file(folder_fd, "d"), -EISDIR);
	(void)umask(before);
	ck_assert_int_eq(close(folder_fd), 0);
	ck_assert_int_eq(mode_of("a/b/c/d"), OWN_FOLDER_MODE);
	ck_assert_int_eq(mode_of("a/b/c/file"), OWN_FILE_MODE);
}
END_TEST

START_TEST(a_file_in_the_way_is_an_error)
{
	ck_assert_int_eq(own_folder("/dev/null/x/y"), ERR_NOTFOUND);
	ck_assert_int_eq(own_folder(""), ERR_NOTFOUND);
}
END_TEST

START_TEST(a_closed_stream_stays_of_no_use_and_gives_its_number_to_nobody)
{
	char byte = 'x';
	int saved = dup(_i);
	ck_assert_int_eq(close(_i), 0);
	int err = own_streams();
	int next = dup(saved);
	ssize_t done = _i == STDIN_FILENO ? read(_i, &byte, 1) : write(_i, &byte, 1);
	int why = errno;
	ck_assert_int_eq(dup2(saved, _i), _i);
	ck_assert_int_eq(err, 0);
	ck_assert_int_gt(next, STDERR_FILENO);
	ck_assert_int_eq(done, -1);
	ck_assert_int_eq(why, EBADF);
	ck_assert_int_eq(close(next), 0);
	ck_assert_int_eq(close(saved), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("own");
	TCase *tc = tcase_create("own");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(
	    tc, a_folder_comes_with_those_it_lies_in_whatever_the_umask, 0, 3);
	tcase_add_test(tc, what_is_there_keeps_its_mode);
	tcase_add_loop_test(tc, files_and_inner_folders_are_settled, 0, 3);
	tcase_add_test(tc, a_file_in_the_way_is_an_error);
	tcase_add_loop_test(
	    tc, a_closed_stream_stays_of_no_use_and_gives_its_number_to_nobody, 0, 3);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
