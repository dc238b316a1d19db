/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/own/own.h"

#include "lib/base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWNER "pvsboot"
enum { PARENT_MODE = 0755, PATH_BYTES = 4096, NAME_SERVICE_BUFFER = 4096 };

void
own_ids(uid_t *ret_uid, gid_t *ret_gid)
{
	char buffer[NAME_SERVICE_BUFFER];
	struct passwd pw;
	struct passwd *user = NULL;
	struct group gr;
	struct group *group = NULL;
	(void)getpwnam_r(OWNER, &pw, buffer, sizeof(buffer), &user);
	*ret_uid = user != NULL ? user->pw_uid : (uid_t)-1;
	(void)getgrnam_r(OWNER, &gr, buffer, sizeof(buffer), &group);
	*ret_gid = group != NULL ? group->gr_gid : (gid_t)-1;
}

/* The owner first: a change of owner may clear the setgid bit. */
int
own_settle(int fd, mode_t mode)
{
	struct stat st;
	if (geteuid() == 0) {
		uid_t uid;
		gid_t gid;
		own_ids(&uid, &gid);
		if (fchown(fd, uid, gid) != 0) {
			return err_of_errno(errno);
		}
	}
	if (fstat(fd, &st) != 0) {
		return err_of_errno(errno);
	}
	bool right = (st.st_mode & 07777) == mode;
	return right || fchmod(fd, mode) == 0 ? 0 : err_of_errno(errno);
}

/* Creates the folders above the last part of a path; a umask does not shut them. */
static int
make_parents(const char *dir)
{
	char path[PATH_BYTES];
	size_t len = strlen(dir);
	if (len >= sizeof(path)) {
		return -ENAMETOOLONG;
	}
	memcpy(path, dir, len + 1);
	/* A slash at the end is no folder's. */
	while (len > 1 && path[len - 1] == '/') {
		path[--len] = '\0';
	}
	for (char *slash = strchr(path + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		bool made = mkdir(path, PARENT_MODE) == 0;
		if (!made && errno != EEXIST) {
			return err_of_errno(errno);
		}
		if (made && chmod(path, PARENT_MODE) != 0) {
			return err_of_errno(errno);
		}
		*slash = '/';
	}
	return 0;
}

int
own_folder(const char *dir)
{
	if (access(dir, F_OK) == 0) {
		return 0;
	}
	int ret = dir[0] != '\0' ? make_parents(dir) : ERR_NOTFOUND;
	if (ret != 0) {
		return ret;
	}
	if (mkdir(dir, OWN_FOLDER_MODE) != 0) {
		return errno == EEXIST ? 0 : err_of_errno(errno);
	}
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		return err_of_errno(errno);
	}
	ret = own_settle(fd, OWN_FOLDER_MODE);
	(void)close(fd);
	return ret;
}

int
own_folder_at(int dir_fd, const char *name, int *ret_fd)
{
	bool made = mkdirat(dir_fd, name, OWN_FOLDER_MODE) == 0;
	if (!made && errno != EEXIST) {
		return err_of_errno(errno);
	}
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		return err_of_errno(errno);
	}
	int err = made ? own_settle(fd, OWN_FOLDER_MODE) : 0;
	if (err == 0 && made && fsync(dir_fd) != 0) {
		err = -errno;
	}
	if (err != 0) {
		(void)close(fd);
		return err;
	}
	*ret_fd = fd;
	return 0;
}

int
own_file(int folder_fd, const char *name)
{
	struct stat st;
	int fd = openat(folder_fd, name,
	    O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
	    OWN_FILE_MODE);
	if (fd < 0) {
		return err_of_errno(errno);
	}
	int ret = fstat(fd, &st) != 0 ? err_of_errno(errno) : 0;
	if (ret == 0 && !S_ISREG(st.st_mode)) {
		ret = ERR_NOTDB;
	}
	/* A second link would be somebody's file elsewhere, put here for root to give away. */
	if (ret == 0 && st.st_size == 0 && st.st_nlink == 1) {
		ret = own_settle(fd, OWN_FILE_MODE);
	}
	(void)close(fd);
	return ret;
}

int
own_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		bool closed = fcntl(fd, F_GETFD) < 0;
		/* open() takes the lowest number that is free: this one. */
		if (closed &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) {
			return -errno;
		}
	}
	return 0;
}
