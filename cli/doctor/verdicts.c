/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/doctor/doctor.h"
#include "cli/status/status.h"
#include "lib/base/hex.h"
#include "lib/base/text.h"

#include <stdio.h>
#include <string.h>

/* What the watcher found that machines suffer of, and what people have taken out of answers. */

enum {
	SUBJECT = DB_FARM_NAME_MAX + 1 + DB_FILE_NAME_MAX + 1,
	HASH_SHOWN = 12,
	ERROR_TEXT = 4 * DB_HEALTH_ERROR_MAX + 1,
};

static const char *
error_of(const struct status_account *account, char dst[static ERROR_TEXT])
{
	const char *error = account->health.error;
	return error[0] != '\0' ? text_escape(dst, ERROR_TEXT, error, strlen(error))
				: "down";
}

/* ---- servers of farms */

static const char *
remedy_of(enum db_role role)
{
	return role == DB_ROLE_LOGIN
	    ? "see that the PVS Stream Service runs there and UDP 6910 gets through; "
	      "pvsboot status shows all that are down"
	    : "see that the PVS TFTP service runs there, holds the file, and UDP 69 "
	      "gets "
	      "through; pvsboot status shows all that are down";
}

/* While one is up the others are spared; where none is, machines are sent to those that are
 * not down, and at last to those that are. */
static void
say_down(struct doctor *d, const struct status_farm *farm, enum db_role role,
    const char *file)
{
	char subject[SUBJECT], addr[IP4_TEXT], error[ERROR_TEXT];
	struct status_tally tally;
	status_tally(farm, role, file, &tally);
	if (tally.down == 0) {
		return;
	}
	bool all = tally.up + tally.unproven == 0;
	(void)snprintf(subject, sizeof(subject), "%s/%s", farm->name,
	    role == DB_ROLE_LOGIN ? "login" : file);
	doctor_say(d, all ? DOCTOR_PROBLEM : DOCTOR_WARNING, subject,
	    json_sprintf("%s%zu of %zu down; %s: %s", all ? "no server is up: " : "",
		tally.down, tally.up + tally.unproven + tally.down,
		ip4_format(tally.first_down->addr, addr),
		error_of(tally.first_down, error)),
	    json_string(remedy_of(role)));
}

static void
say_drift(struct doctor *d, const struct status_farm *farm,
    const struct status_account *account)
{
	const struct db_health *h = &account->health;
	char subject[SUBJECT], addr[IP4_TEXT], since[TEXT_TIME];
	char held[HEX_SHA256_TEXT], expected[HEX_SHA256_TEXT];
	(void)snprintf(subject, sizeof(subject), "%s/%s", farm->name, account->file);
	doctor_say(d, DOCTOR_WARNING, subject,
	    json_sprintf("another copy on %s since %s: %.*s, expected %.*s",
		ip4_format(account->addr, addr),
		text_time_format(h->drifts_since_ms, since), HASH_SHOWN,
		hex_format(held, h->sha256, DB_DIGEST_LEN), HASH_SHOWN,
		hex_format(expected, h->expected, DB_DIGEST_LEN)),
	    json_string("copy the right file to the Tftpboot folder of each server"));
}

/* ---- what is drained; farm "" for boot servers */

static void
say_drained(struct doctor *d, const struct status_farm *farm,
    const struct status_server *server)
{
	const struct db_drain *drain = &server->drain;
	const char *slash = farm->name[0] != '\0' ? "/" : "";
	char subject[SUBJECT], addr[IP4_TEXT], since[TEXT_TIME];
	char user[4 * sizeof(drain->user)], note[4 * sizeof(drain->note)];
	text_escape(user, sizeof(user), drain->user, strlen(drain->user));
	text_escape(note, sizeof(note), drain->note, strlen(drain->note));
	(void)snprintf(subject, sizeof(subject), "%s%s%s", farm->name, slash,
	    ip4_format(server->addr, addr));
	text_time_format(drain->time_s * 1000, since);
	doctor_say(d, DOCTOR_ADVICE, subject,
	    json_sprintf("drained%s%s%s%s%s%s", drain->time_s != 0 ? " since " : "",
		drain->time_s != 0 ? since : "", user[0] != '\0' ? " by " : "", user,
		note[0] != '\0' ? ": " : "", note),
	    json_sprintf("to use it again: pvsboot undrain %s", subject));
}

static void
look_at_servers(struct doctor *d, const struct status_farm *farm)
{
	for (size_t i = 0; i < farm->server_count; i++) {
		const struct status_server *server = &farm->servers[i];
		for (size_t k = 0; k < server->account_count; k++) {
			if (server->accounts[k].health.drifts) {
				say_drift(d, farm, &server->accounts[k]);
			}
		}
		if (server->drained) {
			say_drained(d, farm, server);
		}
	}
}

static void
look_at_farm(struct doctor *d, const struct status_farm *farm)
{
	for (size_t i = 0; i < farm->file_count; i++) {
		say_down(d, farm, DB_ROLE_TFTP, farm->files[i]);
	}
	say_down(d, farm, DB_ROLE_LOGIN, "");
	look_at_servers(d, farm);
}

/* ---- boot servers */

static void
look_at_boot_servers(struct doctor *d, const struct status_farm *boot)
{
	struct status_tally tally;
	status_tally(boot, DB_ROLE_BOOT_SERVER, "", &tally);
	bool all = tally.up + tally.unproven == 0;
	for (size_t i = 0; i < boot->server_count; i++) {
		const struct status_server *server = &boot->servers[i];
		char addr[IP4_TEXT], error[ERROR_TEXT];
		if (server->drained ||
		    server->accounts->health.verdict != DB_VERDICT_DOWN) {
			continue;
		}
		doctor_say(d, all ? DOCTOR_PROBLEM : DOCTOR_WARNING,
		    ip4_format(server->addr, addr),
		    json_sprintf("this boot server is down%s: %s",
			all ? ", and no other is up" : "",
			error_of(server->accounts, error)),
		    json_string("on that host: systemctl status pvsboot-tftp"));
	}
	look_at_servers(d, boot);
}

int
check_verdicts(struct doctor *d)
{
	struct db_heartbeat now;
	struct status *status;
	int err = db_heartbeat_now(&now);
	if (err == 0) {
		err = status_collect(&d->snap, &now, &status);
	}
	if (err != 0) {
		return err;
	}
	unsigned before = d->problems;
	look_at_boot_servers(d, &status->boot);
	for (size_t i = 0; i < status->farm_count; i++) {
		look_at_farm(d, &status->farms[i]);
	}
	if (d->problems == before && status->watcher.condition != WATCHER_ABSENT) {
		doctor_say(d, DOCTOR_OK, NULL,
		    json_string("no server is down, and none holds another copy of a "
				"file than its farm's others"),
		    json_null());
	}
	status_free(status);
	return 0;
}
