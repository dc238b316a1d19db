/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/device.h"

#include "cli/map.h"
#include "cli/value.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/wire/arch.h"

#include <string.h>

static json_t *
files_json(const struct db_files *files)
{
	json_t *object = json_object();
	for (unsigned i = 0; i < files->count; i++) {
		char arch[ARCH_TEXT];
		const char *name = files->file[i].name;
		if (json_object_set_new(object, arch_name(files->file[i].arch, arch),
			json_string(name[0] != '\0' ? name : "none")) != 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static json_t *
text_json(const char *text)
{
	return text[0] != '\0' ? json_string(text) : json_null();
}

json_t *
device_json(const struct db_device *device)
{
	char mac[MAC_TEXT];
	if (device == NULL) {
		return json_null();
	}
	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "mac",
	    mac_format(&device->mac, mac), "farm",
	    text_json(device->which == DB_DEVICE_NONE ? "none" : device->farm), "files",
	    files_json(&device->files), "name", text_json(device->name), "note",
	    text_json(device->note));
}

json_t *
device_edit_json(const struct mac *mac, const struct db_device *before,
    const struct db_device *after)
{
	char text[MAC_TEXT];
	return json_pack("{s:s, s:o, s:o}", "mac", mac_format(mac, text), "old",
	    device_json(before), "new", device_json(after));
}

static int
change_farm(const char *name, const struct db_snapshot *snap, struct db_device *device)
{
	struct db_farm farm;
	device->farm[0] = '\0';
	if (text_casecmp(name, "none") == 0) {
		device->which = DB_DEVICE_NONE;
		return CLI_DONE;
	}
	if (text_casecmp(name, "default") == 0) {
		device->which = DB_DEVICE_INHERITS;
		return CLI_DONE;
	}
	int status = map_farm(snap, name, &farm);
	if (status != CLI_DONE) {
		return status;
	}
	device->which = DB_DEVICE_FARM;
	(void)strcpy(device->farm, farm.name);
	return CLI_DONE;
}

/* The table's entry for the architecture; a new one at its end; NULL when it is full. */
static struct db_file *
file_entry(struct db_files *files, uint16_t arch)
{
	for (unsigned i = 0; i < files->count; i++) {
		if (files->file[i].arch == arch) {
			return &files->file[i];
		}
	}
	if (files->count == DB_FILES_MAX) {
		return NULL;
	}
	files->file[files->count] = (struct db_file){.arch = arch};
	return &files->file[files->count++];
}

/* Entries stand in order of architecture, so that equal tables have equal bytes. */
static void
sort_files(struct db_files *files)
{
	for (unsigned i = 1; i < files->count; i++) {
		for (unsigned j = i;
		     j > 0 && files->file[j].arch < files->file[j - 1].arch; j--) {
			struct db_file higher = files->file[j - 1];
			files->file[j - 1] = files->file[j];
			files->file[j] = higher;
		}
	}
}

static void
drop_file(struct db_files *files, const struct db_file *entry)
{
	size_t at = (size_t)(entry - files->file);
	files->count--;
	memmove(&files->file[at], &files->file[at + 1],
	    (files->count - at) * sizeof(files->file[0]));
}

/* ARCH=NAME; "none" for no file; nothing for what the scope or farm says. */
static int
change_file(const char *text, struct db_device *device)
{
	const char *equals = strchr(text, '=');
	char arch_text[ARCH_TEXT];
	uint16_t arch;
	size_t len = equals != NULL ? (size_t)(equals - text) : 0;
	if (len == 0 || len >= sizeof(arch_text)) {
		log_error(
		    "--file %s: must be ARCH=NAME, as in uefi-x64=pvsnbpx64.efi", text);
		return CLI_USAGE;
	}
	(void)memcpy(arch_text, text, len);
	arch_text[len] = '\0';
	int status = value_arch("--file", arch_text, &arch);
	if (status != CLI_DONE) {
		return status;
	}
	if (arch_is_http(arch)) {
		log_error(
		    "--file %s: '%s' is an HTTP boot type, which gets no TFTP file",
		    text, arch_text);
		return CLI_USAGE;
	}
	const char *name = equals + 1;
	bool none = text_casecmp(name, "none") == 0;
	if (name[0] != '\0' && !none && !text_is_name(name, DB_FILE_NAME_MAX)) {
		log_error(
		    "--file %s: a file name is letters, digits, '.', '_' and '-', "
		    "at most %d, without a path",
		    text, DB_FILE_NAME_MAX);
		return CLI_USAGE;
	}
	struct db_file *entry = file_entry(&device->files, arch_canonical(arch));
	if (entry == NULL) {
		log_error("--file %s: a device has at most %d", text, DB_FILES_MAX);
		return CLI_FAILED;
	}
	if (name[0] == '\0') {
		drop_file(&device->files, entry);
	} else {
		(void)strcpy(entry->name, none ? "" : name);
	}
	return CLI_DONE;
}

int
device_change(
    const struct args *args, const struct db_snapshot *snap, struct db_device *device)
{
	int status = CLI_DONE;
	if (args->option[OPTION_FARM] != NULL) {
		status = change_farm(args->option[OPTION_FARM], snap, device);
	}
	for (unsigned i = 0; status == CLI_DONE && i < args->file_count; i++) {
		status = change_file(args->file[i], device);
	}
	sort_files(&device->files);
	if (status == CLI_DONE && args->option[OPTION_NAME] != NULL) {
		status = value_text(OPTION_NAME, args->option[OPTION_NAME],
		    device->name, sizeof(device->name) - 1);
	}
	if (status == CLI_DONE && args->option[OPTION_NOTE] != NULL) {
		status = value_text(OPTION_NOTE, args->option[OPTION_NOTE],
		    device->note, sizeof(device->note) - 1);
	}
	return status;
}
