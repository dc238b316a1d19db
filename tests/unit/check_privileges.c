/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* Each test gives its privileges away, in the process that Check makes for it. */
#include "tests/unit/unit.h"

#include "lib/net/packet.h"
#include "lib/net/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { NOBODY = 65534, NAMELESS = 54321, GROUP = 54322, OTHER_GROUP = 54323 };

#define NONE         "0000000000000000"
#define ONLY_NET_RAW "0000000000002000" /* 1 << CAP_NET_RAW, which is 13 */

/* The value of a line of /proc/self/status; runs of blanks are one, none at the ends. */
static void
status(const char *name, char *ret, size_t room)
{
	char line[256];
	FILE *file = fopen("/proc/self/status", "r");
	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, name, strlen(name)) != 0) {
			continue;
		}
		char *rest = line + strlen(name);
		char *word;
		ret[0] = '\0';
		while ((word = strtok_r(rest, " \t\n", &rest)) != NULL) {
			size_t len = strlen(ret);
			(void)snprintf(
			    ret + len, room - len, "%s%s", len > 0 ? " " : "", word);
		}
		(void)fclose(file);
		return;
	}
	ck_abort_msg("no %s", name);
}

static void
must_be(const char *name, const char *want)
{
	char value[256];
	status(name, value, sizeof(value));
	ck_assert_msg(strcmp(value, want) == 0, "%s %s", name, value);
}

static void
must_have_only_net_raw(void)
{
	must_be("CapInh:", NONE);
	must_be("CapPrm:", ONLY_NET_RAW);
	must_be("CapEff:", ONLY_NET_RAW);
	must_be("CapAmb:", NONE);
	must_be("NoNewPrivs:", "1");
}

static void
must_open_a_port(void)
{
	struct packet_port *port;
	ck_assert_int_eq(packet_open(0, PACKET_REQUESTS, &port), 0);
	packet_close(port);
}

/* The folder is removed before the right to do so is given up; its owner is still there. */
static int
keep_with_folder_of(uid_t uid, gid_t gid)
{
	char folder[] = "/tmp/privileges-XXXXXX";
	char path[64];
	ck_assert_ptr_nonnull(mkdtemp(folder));
	int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(chown(folder, uid, gid), 0);
	ck_assert_int_eq(rmdir(folder), 0);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int err = privileges_keep_net_raw(path);
	(void)close(fd);
	return err;
}

START_TEST(root_becomes_the_folders_owner)
{
	char text[64];
	struct passwd *nobody = getpwuid(NOBODY);
	ck_assert_ptr_nonnull(nobody);
	gid_t groups[] = {GROUP, OTHER_GROUP};
	ck_assert_int_eq(setgroups(2, groups), 0);
	ck_assert_int_eq(keep_with_folder_of(NOBODY, GROUP), 0);
	must_have_only_net_raw();
	must_be("CapBnd:", ONLY_NET_RAW);
	must_be("Uid:", "65534 65534 65534 65534");
	must_be("Gid:", "54322 54322 54322 54322");
	/* initgroups() gives the groups that name the user, and the one given. */
	status("Groups:", text, sizeof(text));
	ck_assert_ptr_null(strstr(text, "54323"));
	ck_assert_ptr_nonnull(strstr(text, "54322"));
	must_open_a_port();
	ck_assert_int_ne(setuid(0), 0);
}
END_TEST

START_TEST(an_owner_without_a_name_has_no_other_groups)
{
	gid_t groups[] = {GROUP, OTHER_GROUP};
	ck_assert_int_eq(setgroups(2, groups), 0);
	ck_assert_int_eq(keep_with_folder_of(NAMELESS, GROUP), 0);
	must_have_only_net_raw();
	must_be("Uid:", "54321 54321 54321 54321");
	must_be("Groups:", "");
}
END_TEST

START_TEST(where_the_folder_is_roots_root_has_no_more_rights)
{
	ck_assert_int_eq(keep_with_folder_of(0, GROUP), 0);
	must_have_only_net_raw();
	must_be("CapBnd:", ONLY_NET_RAW);
	must_be("Uid:", "0 0 0 0");
	must_be("Gid:", "54322 54322 54322 54322");
	must_open_a_port();
	ck_assert_int_ne(setuid(NOBODY), 0);
	ck_assert_int_ne(chroot("/"), 0);
}
END_TEST

START_TEST(what_a_child_executes_gains_nothing)
{
	ck_assert_int_eq(keep_with_folder_of(0, 0), 0);
	ck_assert_int_eq(
	    system("grep -q '^CapEff:.*" ONLY_NET_RAW "$' /proc/self/status"), 0);
}
END_TEST

START_TEST(a_missing_folder_counts_as_pvsboots)
{
	char want[64] = "0 0 0 0";
	struct passwd *user = getpwnam("pvsboot");
	if (user != NULL) {
		unsigned uid = user->pw_uid;
		(void)snprintf(want, sizeof(want), "%u %u %u %u", uid, uid, uid, uid);
	}
	ck_assert_int_eq(privileges_keep_net_raw("/nonexistent/map"), 0);
	must_have_only_net_raw();
	must_be("Uid:", want);
}
END_TEST

START_TEST(a_second_call_changes_nothing)
{
	uid_t uid = _i == 0 ? NOBODY : 0;
	ck_assert_int_eq(keep_with_folder_of(uid, GROUP), 0);
	ck_assert_int_eq(privileges_keep_net_raw("/"), 0);
	must_have_only_net_raw();
	must_be("CapBnd:", ONLY_NET_RAW);
	ck_assert_uint_eq(geteuid(), uid);
	ck_assert_uint_eq(getegid(), GROUP);
	must_open_a_port();
}
END_TEST

/* As systemd starts a service with User= and AmbientCapabilities=CAP_NET_RAW, and with
 * CapabilityBoundingSet=CAP_NET_RAW where bounded. */
static void
become_service(bool bounded)
{
	ck_assert_int_eq(capng_get_caps_process(), 0);
	capng_clear(bounded ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS);
	ck_assert_int_eq(capng_update(CAPNG_ADD,
			     CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE |
				 CAPNG_BOUNDING_SET,
			     CAP_NET_RAW),
	    0);
	ck_assert_int_eq(
	    capng_change_id(NOBODY, GROUP,
		CAPNG_DROP_SUPP_GRP | (bounded ? CAPNG_CLEAR_BOUNDING : CAPNG_NO_FLAG)),
	    0);
	ck_assert_int_eq(
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0), 0);
	must_be("CapAmb:", ONLY_NET_RAW);
	must_be("CapInh:", ONLY_NET_RAW);
}

START_TEST(a_service_without_root_keeps_its_user)
{
	char bounding[64];
	become_service(_i == 0);
	status("CapBnd:", bounding, sizeof(bounding));
	ck_assert_int_eq(privileges_keep_net_raw("/"), 0);
	must_have_only_net_raw();
	/* It may not be changed without CAP_SETPCAP. */
	must_be("CapBnd:", bounding);
	must_be("Uid:", "65534 65534 65534 65534");
	must_be("Gid:", "54322 54322 54322 54322");
	must_open_a_port();
}
END_TEST

static void
give_up(unsigned capability)
{
	ck_assert_int_eq(capng_get_caps_process(), 0);
	ck_assert_int_eq(
	    capng_update(CAPNG_DROP, CAPNG_EFFECTIVE | CAPNG_PERMITTED, capability), 0);
	ck_assert_int_eq(capng_apply(CAPNG_SELECT_CAPS), 0);
}

START_TEST(without_net_raw_nothing_changes)
{
	if (_i == 0) {
		ck_assert_int_eq(setuid(NOBODY), 0);
		ck_assert_int_eq(privileges_keep_net_raw("/"), -EPERM);
	} else {
		give_up(CAP_NET_RAW);
		ck_assert_int_eq(keep_with_folder_of(NOBODY, GROUP), -EPERM);
		must_be("Uid:", "0 0 0 0");
	}
	must_be("NoNewPrivs:", "0");
}
END_TEST

/* Root of a container that may not change users. */
START_TEST(root_that_cannot_become_the_owner_says_so)
{
	give_up(CAP_SETUID);
	ck_assert_int_eq(keep_with_folder_of(NOBODY, GROUP), -EACCES);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("privileges");
	TCase *keep = tcase_create("keep_net_raw");
	tcase_add_test(keep, root_becomes_the_folders_owner);
	tcase_add_test(keep, an_owner_without_a_name_has_no_other_groups);
	tcase_add_test(keep, where_the_folder_is_roots_root_has_no_more_rights);
	tcase_add_test(keep, what_a_child_executes_gains_nothing);
	tcase_add_test(keep, a_missing_folder_counts_as_pvsboots);
	tcase_add_loop_test(keep, a_second_call_changes_nothing, 0, 2);
	tcase_add_loop_test(keep, a_service_without_root_keeps_its_user, 0, 2);
	tcase_add_loop_test(keep, without_net_raw_nothing_changes, 0, 2);
	tcase_add_test(keep, root_that_cannot_become_the_owner_says_so);
	suite_add_tcase(suite, keep);
	return unit_run(suite);
}
