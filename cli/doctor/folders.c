/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/doctor/doctor.h"
#include "cli/map.h"
#include "lib/base/err.h"
#include "lib/base/hex.h"
#include "lib/report/watcher.h"

#include <errno.h>
#include <sys/stat.h>

int
check_map(struct doctor *d)
{
	char digest[HEX_SHA256_TEXT];
	if (d->map_err == ERR_NOTFOUND || d->map_err == ERR_EMPTY) {
		doctor_say(d, DOCTOR_PROBLEM, d->folders.map,
		    json_string("no map: nothing was applied yet"),
		    json_string("write " PVSBOOT_CONF_DIR
				"/pvsboot.yaml, then: pvsboot apply"));
		return 0;
	}
	if (d->map_err != 0) {
		return d->map_err;
	}
	doctor_say(d, DOCTOR_OK, d->folders.map,
	    json_sprintf("revision %llu, digest %s",
		(unsigned long long)d->info.revision,
		hex_format(digest, d->info.digest, sizeof(d->info.digest))),
	    json_null());
	return 0;
}

/* Whether the daemons, which run in the map's group, may write into the folder. */
static bool
check_modes(struct doctor *d)
{
	const char *dir = d->folders.state;
	struct stat st;
	struct stat map;
	if (stat(dir, &st) != 0) {
		int err = err_of_errno(errno);
		bool absent = err == ERR_NOTFOUND;
		doctor_say(d, DOCTOR_WARNING, dir,
		    json_string(absent ? "there is no such folder" : err_str(err)),
		    json_string(
			absent ? "systemd-tmpfiles --create" : doctor_remedy(err)));
		return false;
	}
	if (!S_ISDIR(st.st_mode) || (st.st_mode & S_IRWXG) != S_IRWXG) {
		doctor_say(d, DOCTOR_WARNING, dir,
		    json_string("its group cannot write there: no verdicts, no events"),
		    json_sprintf("chmod 2770 %s", dir));
		return false;
	}
	if (stat(d->folders.map, &map) == 0 && map.st_gid != st.st_gid) {
		doctor_say(d, DOCTOR_WARNING, dir,
		    json_string("its group is not that of the map"),
		    json_sprintf("chgrp --reference=%s %s", d->folders.map, dir));
		return false;
	}
	return true;
}

/* Whether the watcher writes there. */
static void
check_watcher(struct doctor *d)
{
	const char *dir = d->folders.state;
	char frozen[WATCHER_TEXT];
	struct watcher watcher;
	watcher_look(&d->snap, &watcher);
	switch (watcher.condition) {
	case WATCHER_RUNNING:
		doctor_say(d, DOCTOR_OK, dir, json_string("the watcher keeps it fresh"),
		    json_null());
		break;
	case WATCHER_FROZEN:
		doctor_say(d, DOCTOR_WARNING, dir,
		    json_string(watcher_frozen(&watcher, frozen)),
		    json_string("systemctl restart pvsboot-watch"));
		break;
	case WATCHER_ABSENT:
		doctor_say(d, DOCTOR_ADVICE, dir,
		    json_string(
			"no watcher runs: every server without a verdict counts "
			"as unproven, and is used"),
		    json_string("systemctl enable --now pvsboot-watch"));
		break;
	}
}

int
check_state(struct doctor *d)
{
	const char *dir = d->folders.state;
	if (!check_modes(d)) {
		return 0;
	}
	if (d->state_err == 0 || d->state_err == ERR_NOTFOUND ||
	    d->state_err == ERR_EMPTY) {
		check_watcher(d);
	} else {
		doctor_say(d, DOCTOR_WARNING, dir,
		    json_sprintf("%s: every server counts as unproven, and is used",
			err_str(d->state_err)),
		    json_string(d->state_err == ERR_ACCESS ||
				d->state_err == ERR_READONLY || d->state_err == ERR_BUSY
			    ? doctor_remedy(d->state_err)
			    : "delete the files in it; what it holds may be lost"));
	}
	return 0;
}
