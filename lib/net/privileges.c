/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/net/privileges.h"

#include "lib/own/own.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_SERVICE_BUFFER = 4096 };

/* Who the process is to be; where nobody is known, who it is. */
static void
find_owner(const char *folder, uid_t *ret_uid, gid_t *ret_gid)
{
	struct stat st;
	if (stat(folder, &st) == 0) {
		*ret_uid = st.st_uid;
		*ret_gid = st.st_gid;
		return;
	}
	own_ids(ret_uid, ret_gid);
	*ret_uid = *ret_uid != (uid_t)-1 ? *ret_uid : geteuid();
	*ret_gid = *ret_gid != (gid_t)-1 ? *ret_gid : getegid();
}

/* 0, or -1 with errno. */
static int
take_groups(uid_t uid, gid_t gid)
{
	char buffer[NAME_SERVICE_BUFFER];
	struct passwd pw;
	struct passwd *user = NULL;
	(void)getpwuid_r(uid, &pw, buffer, sizeof(buffer), &user);
	return user != NULL ? initgroups(user->pw_name, gid) : setgroups(0, NULL);
}

/* The permitted capabilities outlive the change, so that CAP_NET_RAW can be taken up again. */
static int
become_owner(const char *folder)
{
	uid_t uid;
	gid_t gid;
	find_owner(folder, &uid, &gid);
	if (!capng_have_capability(CAPNG_EFFECTIVE, CAP_SETUID)) {
		return uid == geteuid() ? 0 : -EACCES;
	}
	bool done = take_groups(uid, gid) == 0 && setresgid(gid, gid, gid) == 0 &&
	    prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 && setresuid(uid, uid, uid) == 0 &&
	    prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) == 0;
	int err = done ? 0 : -errno;
	return err == -EPERM ? -EACCES : err;
}

/* Who may not change the bounding set cannot gain from it either, without exec. */
static int
limit_bounding_set(void)
{
	if (!capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP)) {
		return 0;
	}
	capng_clear(CAPNG_SELECT_BOUNDS);
	return capng_update(CAPNG_ADD, CAPNG_BOUNDING_SET, CAP_NET_RAW) == 0 &&
		capng_apply(CAPNG_SELECT_BOUNDS) == 0
	    ? 0
	    : -EPERM;
}

/* With the inheritable set the kernel clears the ambient one. */
static int
keep_only_net_raw(void)
{
	capng_clear(CAPNG_SELECT_CAPS);
	return capng_update(
		   CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_RAW) == 0 &&
		capng_apply(CAPNG_SELECT_CAPS) == 0 &&
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
	    ? 0
	    : -EPERM;
}

int
privileges_keep_net_raw(const char *folder)
{
	if (capng_get_caps_process() != 0 ||
	    !capng_have_capability(CAPNG_PERMITTED, CAP_NET_RAW)) {
		return -EPERM;
	}
	int err = limit_bounding_set();
	if (err == 0 && geteuid() == 0) {
		err = become_owner(folder);
	}
	return err != 0 ? err : keep_only_net_raw();
}
