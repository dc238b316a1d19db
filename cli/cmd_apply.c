/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/audit.h"
#include "cli/cmd.h"
#include "cli/conf/canonical.h"
#include "cli/conf/compile.h"
#include "cli/device.h"
#include "cli/diff.h"
#include "cli/map.h"
#include "cli/orphans.h"
#include "cli/print.h"
#include "cli/source.h"
#include "db/write.h"
#include "lib/base/err.h"
#include "lib/base/hex.h"
#include "lib/base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A configuration beside the one that it would replace. */
struct change {
	const struct args *args;
	const struct config *config;
	char *text;   /* its canonical form */
	json_t *diff; /* from the map's configuration to it */
	struct orphans orphans;
	bool changed;
};

static void
change_done(struct change *change)
{
	free(change->text);
	json_decref(change->diff);
	orphans_done(&change->orphans);
}

static int
change_diff(struct change *change, const json_t *before)
{
	json_t *after;
	int err = config_tree(change->config, &after);
	if (err != 0) {
		return err;
	}
	change->diff = diff_trees(before, after);
	json_decref(after);
	if (change->diff == NULL) {
		return -ENOMEM;
	}
	change->changed = before == NULL || json_array_size(change->diff) > 0;
	return 0;
}

/* Compares with what snap holds; NULL: with nothing. The caller calls change_done(). */
static int
change_find(struct change *change, const struct db_snapshot *snap)
{
	json_t *before = NULL;
	int err = config_canonical(change->config, &change->text);
	if (err == 0 && snap != NULL) {
		err = map_config(snap, &before);
	}
	if (err == 0) {
		err = change_diff(change, before);
	}
	if (err == 0 && snap != NULL) {
		err = orphans_find(snap, change->config, &change->orphans);
	}
	json_decref(before);
	return err;
}

/* Deletes the devices whose farm vanishes, each recorded in the audit log first. */
static int
drop_devices(const struct change *change, struct db_write *w, struct audit *audit)
{
	struct db_snapshot snap = *db_write_snapshot(w);
	struct db_info info;
	int err = db_map_info(&snap, &info);
	for (size_t i = 0; err == 0 && i < change->orphans.count; i++) {
		const struct mac *mac = &change->orphans.device[i].mac;
		struct db_device before;
		err = db_source.device(&snap, mac, &before);
		if (err != 0) {
			break;
		}
		json_t *what = device_edit_json(mac, &before, NULL);
		const struct audit_entry entry = {
		    .command = "apply", .revision = info.revision + 1, .what = what};
		err = what != NULL ? audit_write(audit, &entry) : -ENOMEM;
		json_decref(what);
		if (err == 0) {
			err = db_del_device(w, mac);
		}
	}
	return err == 0 ? audit_sync(audit) : err;
}

static int
drop_recorded(const struct change *change, struct db_write *w)
{
	const char *dir = change->args->option[OPTION_JOURNAL];
	struct audit *audit;
	int err = audit_open(dir, &audit);
	if (err != 0) {
		log_error("cannot write the audit log in %s", dir);
		return err;
	}
	err = drop_devices(change, w, audit);
	audit_close(audit);
	return err;
}

/* Writes everything and commits; w is ended in any case. */
static int
commit(const struct change *change, struct db_write *w)
{
	struct db_history history = {
	    .time_s = (int64_t)time(NULL),
	    .config = change->text,
	    .config_len = strlen(change->text),
	};
	_Static_assert(
	    sizeof(history.user) == (size_t)AUDIT_USER, "one length of names");
	audit_user(history.user);
	memcpy(
	    history.file_digest, change->config->digest, sizeof(history.file_digest));
	int err = change->orphans.count > 0 ? drop_recorded(change, w) : 0;
	if (err == 0) {
		err = config_compile(change->config, w);
	}
	if (err == 0) {
		err = db_put_config(w, &history);
	}
	if (err != 0) {
		db_write_abort(w);
		return err;
	}
	return db_write_commit(w);
}

/* The real thing: compares inside the transaction, so that nothing comes between. */
static int
apply(struct change *change)
{
	const char *dir = change->args->option[OPTION_DB];
	struct db_write *w;
	int err = db_write_begin(dir, &w);
	if (err == ERR_NOTFOUND) {
		log_error("cannot make the folder %s", dir);
		return CLI_FAILED;
	}
	if (err != 0) {
		map_complain(dir, err);
		return CLI_FAILED;
	}
	err = change_find(change, db_write_is_new(w) ? NULL : db_write_snapshot(w));
	bool refused = err == 0 && change->orphans.count > 0 &&
	    change->args->option[OPTION_DROP_DEVICES] == NULL;
	if (refused) {
		orphans_complain(&change->orphans);
	}
	if (err != 0 || refused || !change->changed) {
		db_write_abort(w);
	} else {
		err = commit(change, w);
	}
	if (err != 0) {
		log_error("%s: %s; nothing was changed", dir, map_reason(dir, err));
	}
	return err == 0 && !refused ? CLI_DONE : CLI_FAILED;
}

/* The same as a reader, who needs no map to be there. */
static int
preview(struct change *change)
{
	const char *dir = change->args->option[OPTION_DB];
	struct map map;
	int err = map_try(change->args, &map);
	if (err == ERR_NOTFOUND || err == ERR_EMPTY) {
		err = change_find(change, NULL);
	} else if (err == 0) {
		err = change_find(change, &map.snap);
		map_close(&map);
	}
	if (err != 0) {
		map_complain(dir, err);
		return CLI_FAILED;
	}
	if (change->orphans.count > 0 &&
	    change->args->option[OPTION_DROP_DEVICES] == NULL) {
		orphans_complain(&change->orphans);
		return CLI_FAILED;
	}
	return CLI_DONE;
}

/* The map as it now is; false when there is none. */
static bool
read_info(const struct args *args, struct db_info *ret)
{
	struct map map;
	if (map_try(args, &map) != 0) {
		return false;
	}
	int err = db_map_info(&map.snap, ret);
	map_close(&map);
	return err == 0;
}

static json_t *
dropped_json(const struct orphans *orphans)
{
	json_t *list = json_array();
	for (size_t i = 0; i < orphans->count; i++) {
		char mac[MAC_TEXT];
		if (json_array_append_new(list,
			json_string(mac_format(&orphans->device[i].mac, mac))) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static int
report_json(const struct change *change, bool dry_run, const struct db_info *info)
{
	char digest[HEX_SHA256_TEXT];
	json_t *revision = json_null();
	json_t *hex = json_null();
	if (info != NULL) {
		revision = json_integer((json_int_t)info->revision);
		hex =
		    json_string(hex_format(digest, info->digest, sizeof(info->digest)));
	}
	return print_json(
	    json_pack("{s:b, s:b, s:O, s:o, s:o, s:o}", "changed", change->changed,
		"dry-run", dry_run, "difference", change->diff, "dropped-devices",
		dropped_json(&change->orphans), "revision", revision, "digest", hex));
}

static void
report_text(const struct change *change, bool dry_run, const struct db_info *info)
{
	char digest[HEX_SHA256_TEXT];
	diff_print(change->diff, stdout);
	for (size_t i = 0; i < change->orphans.count; i++) {
		char mac[MAC_TEXT];
		(void)printf("- device %s: %s\n",
		    mac_format(&change->orphans.device[i].mac, mac),
		    change->orphans.device[i].farm);
	}
	if (!change->changed) {
		(void)puts("nothing changed");
	} else if (dry_run) {
		(void)puts("dry run: nothing was written");
	}
	if (info != NULL) {
		(void)printf("revision %llu, digest %s\n",
		    (unsigned long long)info->revision,
		    hex_format(digest, info->digest, sizeof(info->digest)));
	}
}

static int
run(const struct args *args, const struct config *config)
{
	struct change change = {.args = args, .config = config};
	struct db_info info;
	bool dry_run = args->option[OPTION_DRY_RUN] != NULL;
	int status = dry_run ? preview(&change) : apply(&change);
	if (status == CLI_DONE) {
		const struct db_info *now = read_info(args, &info) ? &info : NULL;
		if (args->option[OPTION_JSON] != NULL) {
			status = report_json(&change, dry_run, now);
		} else {
			report_text(&change, dry_run, now);
		}
	}
	change_done(&change);
	return status;
}

int
cmd_apply(const struct args *args)
{
	struct mistakes mistakes = {0};
	struct config *config = NULL;
	int status = CLI_FAILED;
	int err = source_load(args, &mistakes, &config);
	if (err == 0) {
		status = run(args, config);
	} else if (mistakes.count > 0) {
		mistakes_print(&mistakes, stderr);
	} else {
		log_error("%s: %s", source_name(args), err_str(err));
	}
	config_free(config);
	mistakes_done(&mistakes);
	return status;
}
