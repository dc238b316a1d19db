/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/bootstrap.h"

#include "cli/map.h"
#include "lib/base/text.h"
#include "lib/cache/looks.h"

#include <stdint.h>
#include <sys/types.h>
#include <unistd.h>

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

bool
bootstrap_doubt(const char *name, int fd, const char **ret_kind, const char **ret_wrong)
{
	struct looks looks;
	uint8_t bytes[65536];
	ssize_t len;
	looks_begin(&looks, name);
	while ((len = pread(fd, bytes, sizeof(bytes), (off_t)looks.size)) > 0) {
		looks_bytes(&looks, bytes, (size_t)len);
	}
	const char *wrong = len < 0 ? NULL : looks_wrong(&looks);
	if (wrong != NULL) {
		*ret_kind = looks_kind_text(looks.kind);
		*ret_wrong = wrong;
	}
	return wrong != NULL;
}
