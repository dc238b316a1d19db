/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/bootstrap.h"

#include "cli/map.h"
#include "lib/base/rd.h"
#include "lib/base/text.h"

#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { LOOKED_AT = 1 << 18 /* bytes; ARDBP32.BIN has a few thousand */ };

static bool
files_name(const struct db_files *files, const char *file)
{
	for (unsigned i = 0; i < files->count; i++) {
		if (text_casecmp(files->file[i].name, file) == 0) {
			return true;
		}
	}
	return false;
}

/* A scope of the configuration is a farm's name, or an object with "farm" and "bootstrap". */
static bool
scopes_name(const json_t *scopes, const char *farm, const char *file)
{
	const char *key;
	json_t *scope;
	json_object_foreach ((json_t *)scopes, key, scope) {
		const char *of = json_string_value(json_object_get(scope, "farm"));
		const char *arch;
		json_t *name;
		if (of == NULL || text_casecmp(of, farm) != 0) {
			continue;
		}
		json_object_foreach (json_object_get(scope, "bootstrap"), arch, name) {
			if (json_is_string(name) &&
			    text_casecmp(json_string_value(name), file) == 0) {
				return true;
			}
		}
	}
	return false;
}

static int
device_visit(void *ctx, const struct db_device *device)
{
	return files_name(&device->files, ctx) ? 1 : 0;
}

bool
bootstrap_is_named(
    const struct db_snapshot *snap, const struct db_farm *farm, const char *file)
{
	json_t *config = NULL;
	char name[DB_FILE_NAME_MAX + 1];
	if (files_name(&farm->files, file) || map_config(snap, &config) != 0) {
		return true;
	}
	bool named = scopes_name(json_object_get(config, "scopes"), farm->name, file);
	json_decref(config);
	return named ||
	    db_map_devices(snap, device_visit, text_lower(name, sizeof(name), file)) !=
	    0;
}

static bool
ends_in(const char *name, const char *end)
{
	size_t len = strlen(name);
	return len >= strlen(end) && text_casecmp(name + len - strlen(end), end) == 0;
}

/* "MZ", and "PE\0\0" where the header's last field points. */
static bool
is_pe(const uint8_t *bytes, size_t len)
{
	struct rd dos = rd_init(bytes, len);
	uint16_t magic = rd_be16(&dos);
	rd_skip(&dos, 58);
	uint32_t swapped = rd_be32(&dos); /* little endian in the file */
	uint32_t at = __builtin_bswap32(swapped);
	struct rd pe = rd_init(bytes, len);
	rd_skip(&pe, at);
	return dos.err == 0 && magic == 0x4d5a && rd_be32(&pe) == 0x50450000;
}

const char *
bootstrap_doubt(const char *name, int fd)
{
	static const char mark[] = "Provisioning Services bootstrap";
	uint8_t bytes[LOOKED_AT];
	ssize_t len = pread(fd, bytes, sizeof(bytes), 0);
	if (len < 0) {
		return NULL;
	}
	if (text_casecmp(name, "ARDBP32.BIN") == 0 &&
	    memmem(bytes, (size_t)len, mark, sizeof(mark) - 1) == NULL) {
		return "hardly an ARDBP32.BIN: it lacks the text 'Provisioning "
		       "Services bootstrap'";
	}
	if (ends_in(name, ".efi") && !is_pe(bytes, (size_t)len)) {
		return "hardly an EFI program: it has no PE signature";
	}
	return NULL;
}
