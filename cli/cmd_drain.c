/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/audit.h"
#include "cli/cmd.h"
#include "cli/edit.h"
#include "cli/last.h"
#include "cli/servers.h"
#include "cli/value.h"

#include <stdio.h>
#include <time.h>

/* A drain, or the end of one, of every server that the word means. */
struct drain_edit {
	struct edit edit;
	struct servers servers;
	bool drains; /* else it ends drains */
	struct db_drain drain;
};

/* For the audit log: {"servers": [{"farm", "address"}, ...], "note"}; farm null: a boot
 * server; note null: none, as where a drain ends. */
static json_t *
drain_json(const struct drain_edit *d)
{
	json_t *list = json_array();
	for (size_t i = 0; i < d->servers.count; i++) {
		const struct server *server = &d->servers.server[i];
		char addr[IP4_TEXT];
		if (server->drained == d->drains) {
			continue;
		}
		json_t *entry = json_pack("{s:s?, s:s}", "farm",
		    server->farm[0] != '\0' ? server->farm : NULL, "address",
		    ip4_format(server->addr, addr));
		if (json_array_append_new(list, entry) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return json_pack("{s:o, s:s?}", "servers", list, "note",
	    d->drain.note[0] != '\0' ? d->drain.note : NULL);
}

static int
put(struct drain_edit *d, const struct server *server)
{
	if (!d->drains) {
		return db_del_drain(d->edit.write, server->farm, server->addr);
	}
	struct db_drain drain = d->drain;
	drain.addr = server->addr;
	return db_put_drain(d->edit.write, server->farm, &drain);
}

/* Puts what is not yet as it shall be; *ret is how many that are. */
static int
put_all(struct drain_edit *d, size_t *ret)
{
	*ret = 0;
	for (size_t i = 0; i < d->servers.count; i++) {
		const struct server *server = &d->servers.server[i];
		int err = server->drained != d->drains ? put(d, server) : 0;
		if (err != 0) {
			return edit_failed(&d->edit, err);
		}
		*ret += server->drained != d->drains ? 1 : 0;
	}
	return CLI_DONE;
}

/* What is said of a server that is already as it shall be. */
static void
say_unchanged(const struct server *server, const char *text)
{
	const struct db_drain *drain = &server->drain;
	if (server->drained) {
		(void)printf("%s is drained already%s%s%s%s: nothing changed\n", text,
		    drain->user[0] != '\0' ? ", by " : "", drain->user,
		    drain->note[0] != '\0' ? ", " : "", drain->note);
	} else {
		(void)printf("%s is not drained: nothing changed\n", text);
	}
}

static void
report(const struct drain_edit *d)
{
	for (size_t i = 0; i < d->servers.count; i++) {
		const struct server *server = &d->servers.server[i];
		char text[SERVER_TEXT];
		server_text(server, text);
		if (server->drained == d->drains) {
			say_unchanged(server, text);
		} else {
			(void)printf(
			    "%s %s\n", text, d->drains ? "drained" : "undrained");
		}
	}
}

/* Everything in one transaction, refused as a whole. */
static int
run(struct drain_edit *d)
{
	size_t changed;
	int status = put_all(d, &changed);
	if (status == CLI_DONE && d->drains &&
	    d->edit.args->option[OPTION_FORCE] == NULL) {
		status = last_check(&d->edit.snap, &d->servers);
	}
	if (status == CLI_DONE && changed > 0) {
		status = edit_commit(&d->edit, drain_json(d));
	}
	if (status == CLI_DONE) {
		report(d);
	}
	return status;
}

static int
find_and_run(struct drain_edit *d)
{
	const struct args *args = d->edit.args;
	int status = servers_find(&d->edit.snap, args->word[0], &d->servers);
	if (status == CLI_DONE) {
		status = run(d);
		servers_done(&d->servers);
	}
	return status;
}

int
cmd_drain(const struct args *args)
{
	struct drain_edit d = {.drains = true};
	const char *note = args->option[OPTION_NOTE];
	_Static_assert(
	    sizeof(d.drain.user) == (size_t)AUDIT_USER, "one length of names");
	audit_user(d.drain.user);
	d.drain.time_s = (int64_t)time(NULL);
	int status = note != NULL
	    ? value_text(OPTION_NOTE, note, d.drain.note, sizeof(d.drain.note) - 1)
	    : CLI_DONE;
	if (status == CLI_DONE) {
		status = edit_begin(args, &d.edit);
	}
	if (status == CLI_DONE) {
		status = find_and_run(&d);
		edit_end(&d.edit);
	}
	return status;
}

int
cmd_undrain(const struct args *args)
{
	struct drain_edit d = {.drains = false};
	int status = edit_begin(args, &d.edit);
	if (status == CLI_DONE) {
		status = find_and_run(&d);
		edit_end(&d.edit);
	}
	return status;
}
