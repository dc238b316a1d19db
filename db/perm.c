/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/perm.h"

#include "db/store.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWNER "pvsboot"
enum { FOLDER_MODE = 02770, FILE_MODE = 0660, NAME_SERVICE_BUFFER = 4096 };

/* The ids of user and group pvsboot; where there is none, the id that chown leaves alone. */
static void
owner_ids(uid_t *ret_uid, gid_t *ret_gid)
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
static int
give(int fd, mode_t mode)
{
	struct stat st;
	if (geteuid() == 0) {
		uid_t uid;
		gid_t gid;
		owner_ids(&uid, &gid);
		if (fchown(fd, uid, gid) != 0) {
			return store_err(errno);
		}
	}
	if (fstat(fd, &st) != 0) {
		return store_err(errno);
	}
	bool right = (st.st_mode & 07777) == mode;
	return right || fchmod(fd, mode) == 0 ? 0 : store_err(errno);
}

int
perm_folder(const char *dir)
{
	if (mkdir(dir, FOLDER_MODE) != 0) {
		return errno == EEXIST ? 0 : store_err(errno);
	}
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		return store_err(errno);
	}
	int ret = give(fd, FOLDER_MODE);
	(void)close(fd);
	return ret;
}

int
perm_file(int folder_fd, const char *name)
{
	struct stat st;
	int fd = openat(folder_fd, name,
	    O_RDONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
	    FILE_MODE);
	if (fd < 0) {
		return store_err(errno);
	}
	int ret = fstat(fd, &st) != 0 ? store_err(errno) : 0;
	if (ret == 0 && !S_ISREG(st.st_mode)) {
		ret = ERR_NOTDB;
	}
	/* A second link would be somebody's file elsewhere, put here for root to give away. */
	if (ret == 0 && st.st_size == 0 && st.st_nlink == 1) {
		ret = give(fd, FILE_MODE);
	}
	(void)close(fd);
	return ret;
}
