/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/audit.h"
#include "cli/cmd.h"
#include "cli/device.h"
#include "cli/map.h"
#include "cli/print.h"
#include "cli/value.h"
#include "db/write.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
find(const struct db_snapshot *snap, const struct mac *mac, struct db_device *ret)
{
	struct db_snapshot copy = *snap;
	return db_source.device(&copy, mac, ret);
}

static int
absent(const struct mac *mac)
{
	char text[MAC_TEXT];
	log_error("no device %s", mac_format(mac, text));
	return CLI_NOTFOUND;
}

/* An edit of one device: what it was, what it becomes, and where both are written. */
struct edit {
	const struct args *args;
	struct db_write *write;
	struct audit *audit;
	struct db_snapshot snap;
	struct mac mac;
	struct db_device before;
	bool known; /* before is valid */
};

/* A change needs a map that apply made; its absence is best said before a writer would create
 * an empty one. */
static bool
map_is_there(const struct args *args)
{
	struct map map;
	if (map_open(args, &map) != 0) {
		return false;
	}
	map_close(&map);
	return true;
}

static void
edit_end(struct edit *edit)
{
	db_write_abort(edit->write);
	audit_close(edit->audit);
}

/* Opens the audit log, begins the transaction and looks the device up. */
static int
edit_begin(const struct args *args, struct edit *ret)
{
	struct edit edit = {.args = args};
	int status = value_mac(args->word[0], &edit.mac);
	if (status != CLI_DONE || !map_is_there(args)) {
		return status != CLI_DONE ? status : CLI_FAILED;
	}
	int err = audit_open(args->option[OPTION_JOURNAL], &edit.audit);
	if (err != 0) {
		log_error("cannot write the audit log in %s: %s; nothing was changed",
		    args->option[OPTION_JOURNAL], err_str(err));
		return CLI_FAILED;
	}
	err = db_write_begin(args->option[OPTION_DB], &edit.write);
	if (err == 0) {
		edit.snap = *db_write_snapshot(edit.write);
		err = find(&edit.snap, &edit.mac, &edit.before);
		edit.known = err == 0;
		err = err == ERR_NOTFOUND ? 0 : err;
	}
	if (err != 0) {
		map_complain(args->option[OPTION_DB], err);
		edit_end(&edit);
		return CLI_FAILED;
	}
	*ret = edit;
	return CLI_DONE;
}

/* Records the change, then commits it. after is NULL for a deletion. */
static int
edit_commit(struct edit *edit, const struct db_device *after)
{
	struct db_info info;
	struct audit_entry entry = {
	    .command = edit->args->command->name,
	    .mac = &edit->mac,
	    .before = edit->known ? &edit->before : NULL,
	    .after = after,
	};
	int err = after != NULL ? db_put_device(edit->write, after)
				: db_del_device(edit->write, &edit->mac);
	if (err == 0) {
		err = db_map_info(&edit->snap, &info);
	}
	if (err != 0) {
		map_complain(edit->args->option[OPTION_DB], err);
		return CLI_FAILED;
	}
	entry.revision = info.revision + 1;
	err = audit_write(edit->audit, &entry);
	if (err == 0) {
		err = audit_sync(edit->audit);
	}
	if (err != 0) {
		log_error("cannot write the audit log in %s: %s; nothing was changed",
		    edit->args->option[OPTION_JOURNAL], err_str(err));
		return CLI_FAILED;
	}
	err = db_write_commit(edit->write);
	edit->write = NULL;
	if (err != 0) {
		map_complain(edit->args->option[OPTION_DB], err);
		entry.error = err_str(err);
		if (audit_write(edit->audit, &entry) != 0) {
			log_warn(
			    "the audit log tells of this change as if it were made");
		}
		return CLI_FAILED;
	}
	return CLI_DONE;
}

static bool
same(const struct db_device *a, const struct db_device *b)
{
	json_t *left = device_json(a);
	json_t *right = device_json(b);
	bool equal = left != NULL && json_equal(left, right) != 0;
	json_decref(left);
	json_decref(right);
	return equal;
}

static int
add(struct edit *edit)
{
	char mac[MAC_TEXT];
	struct db_device after = {.mac = edit->mac};
	if (edit->known) {
		after = edit->before;
	}
	int status = device_change(edit->args, &edit->snap, &after);
	if (status != CLI_DONE) {
		return status;
	}
	mac_format(&edit->mac, mac);
	if (edit->known && same(&edit->before, &after)) {
		(void)printf("device %s: nothing changed\n", mac);
		return CLI_DONE;
	}
	status = edit_commit(edit, &after);
	if (status == CLI_DONE) {
		(void)printf("device %s %s\n", mac, edit->known ? "changed" : "added");
	}
	return status;
}

int
cmd_device_add(const struct args *args)
{
	struct edit edit;
	int status = edit_begin(args, &edit);
	if (status == CLI_DONE) {
		status = add(&edit);
		edit_end(&edit);
	}
	return status;
}

int
cmd_device_del(const struct args *args)
{
	struct edit edit;
	char mac[MAC_TEXT];
	int status = edit_begin(args, &edit);
	if (status != CLI_DONE) {
		return status;
	}
	status = edit.known ? edit_commit(&edit, NULL) : absent(&edit.mac);
	if (status == CLI_DONE) {
		(void)printf("device %s deleted\n", mac_format(&edit.mac, mac));
	}
	edit_end(&edit);
	return status;
}

static int
get(const struct args *args, const struct map *map, const struct mac *mac)
{
	struct db_device device;
	int err = find(&map->snap, mac, &device);
	if (err == ERR_NOTFOUND) {
		return absent(mac);
	}
	if (err != 0) {
		map_complain(args->option[OPTION_DB], err);
		return CLI_FAILED;
	}
	json_t *json = device_json(&device);
	return args->option[OPTION_JSON] != NULL ? print_json(json)
						 : print_fields(json);
}

int
cmd_device_get(const struct args *args)
{
	struct map map;
	struct mac mac;
	int status = value_mac(args->word[0], &mac);
	if (status != CLI_DONE) {
		return status;
	}
	if (map_open(args, &map) != 0) {
		return CLI_FAILED;
	}
	status = get(args, &map, &mac);
	map_close(&map);
	return status;
}

/* Printed as they are walked: there may be many. */
struct listing {
	bool json;
	const char *between;
};

static void
list_text(const struct db_device *device)
{
	char mac[MAC_TEXT];
	json_t *json = device_json(device);
	char *files = json_dumps(json_object_get(json, "files"), JSON_COMPACT);
	const char *farm = json_string_value(json_object_get(json, "farm"));
	(void)printf("%-17s  %-12s  %-16s  %s%s%s\n", mac_format(&device->mac, mac),
	    farm != NULL ? farm : "-", device->name[0] != '\0' ? device->name : "-",
	    device->files.count > 0 && files != NULL ? files : "-",
	    device->note[0] != '\0' ? "  " : "", device->note);
	free(files);
	json_decref(json);
}

static int
list_visit(void *ctx, const struct db_device *device)
{
	struct listing *listing = ctx;
	if (!listing->json) {
		list_text(device);
		return 0;
	}
	json_t *json = device_json(device);
	(void)fputs(listing->between, stdout);
	listing->between = ",\n";
	int failed = json != NULL ? json_dumpf(json, stdout, 0) : -1;
	json_decref(json);
	return failed != 0 ? -ENOMEM : 0;
}

int
cmd_device_list(const struct args *args)
{
	struct listing listing = {args->option[OPTION_JSON] != NULL, "\n"};
	struct map map;
	if (map_open(args, &map) != 0) {
		return CLI_FAILED;
	}
	(void)(listing.json
		? fputs("[", stdout)
		: printf("%-17s  %-12s  %-16s  %s\n", "MAC", "FARM", "NAME", "FILES"));
	int err = db_map_devices(&map.snap, list_visit, &listing);
	if (listing.json) {
		(void)fputs(listing.between[0] == ',' ? "\n]\n" : "]\n", stdout);
	}
	map_close(&map);
	if (err != 0) {
		map_complain(args->option[OPTION_DB], err);
		return CLI_FAILED;
	}
	return CLI_DONE;
}
