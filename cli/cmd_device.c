/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/cmd.h"
#include "cli/device.h"
#include "cli/edit.h"
#include "cli/map.h"
#include "cli/print.h"
#include "cli/value.h"
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
struct device_edit {
	struct edit edit;
	struct mac mac;
	struct db_device before;
	bool known; /* before is valid */
};

/* Begins an edit of the device that the command line names. */
static int
device_edit_begin(const struct args *args, struct device_edit *ret)
{
	int status = value_mac(args->word[0], &ret->mac);
	if (status == CLI_DONE) {
		status = edit_begin(args, &ret->edit);
	}
	if (status != CLI_DONE) {
		return status;
	}
	int err = find(&ret->edit.snap, &ret->mac, &ret->before);
	ret->known = err == 0;
	if (err != 0 && err != ERR_NOTFOUND) {
		status = edit_failed(&ret->edit, err);
		edit_end(&ret->edit);
	}
	return status;
}

/* Records the change, then commits it. after is NULL for a deletion. */
static int
device_edit_commit(struct device_edit *device, const struct db_device *after)
{
	struct edit *edit = &device->edit;
	int err = after != NULL ? db_put_device(edit->write, after)
				: db_del_device(edit->write, &device->mac);
	if (err != 0) {
		return edit_failed(edit, err);
	}
	const struct db_device *before = device->known ? &device->before : NULL;
	return edit_commit(edit, device_edit_json(&device->mac, before, after));
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
add(struct device_edit *device)
{
	char mac[MAC_TEXT];
	struct db_device after = {.mac = device->mac};
	if (device->known) {
		after = device->before;
	}
	int status = device_change(device->edit.args, &device->edit.snap, &after);
	if (status != CLI_DONE) {
		return status;
	}
	mac_format(&device->mac, mac);
	if (device->known && same(&device->before, &after)) {
		(void)printf("device %s: nothing changed\n", mac);
		return CLI_DONE;
	}
	status = device_edit_commit(device, &after);
	if (status == CLI_DONE) {
		(void)printf(
		    "device %s %s\n", mac, device->known ? "changed" : "added");
	}
	return status;
}

int
cmd_device_add(const struct args *args)
{
	struct device_edit device;
	int status = device_edit_begin(args, &device);
	if (status == CLI_DONE) {
		status = add(&device);
		edit_end(&device.edit);
	}
	return status;
}

int
cmd_device_del(const struct args *args)
{
	struct device_edit device;
	char mac[MAC_TEXT];
	int status = device_edit_begin(args, &device);
	if (status != CLI_DONE) {
		return status;
	}
	status = device.known ? device_edit_commit(&device, NULL) : absent(&device.mac);
	if (status == CLI_DONE) {
		(void)printf("device %s deleted\n", mac_format(&device.mac, mac));
	}
	edit_end(&device.edit);
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
