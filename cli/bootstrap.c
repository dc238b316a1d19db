/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/bootstrap.h"

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

/* What is asked of each scope and device. */
struct naming {
	const char *farm, *file;
};

static int
scope_visit(void *ctx, const struct db_scope *scope)
{
	const struct naming *naming = ctx;
	return text_casecmp(scope->farm, naming->farm) == 0 &&
	    files_name(&scope->files, naming->file);
}

static int
device_visit(void *ctx, const struct db_device *device)
{
	const struct naming *naming = ctx;
	return files_name(&device->files, naming->file);
}

bool
bootstrap_is_named(
    const struct db_snapshot *snap, const struct db_farm *farm, const char *file)
{
	struct naming naming = {farm->name, file};
	return files_name(&farm->files, file) ||
	    db_map_scopes(snap, scope_visit, &naming) != 0 ||
	    db_map_devices(snap, device_visit, &naming) != 0;
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
