/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/args.h"
#include "db/map.h"

#include <jansson.h>

/* A device as --json and the audit log show it, all keys always there:
 *     {"mac", "farm": NAME, "none" or null, "files": {ARCH: NAME or "none"}, "name", "note"}
 * Returns a new reference, or NULL when memory is short; JSON's null for no device. */
json_t *device_json(const struct db_device *device) __attribute__((warn_unused_result));

/* A change of a device for the audit log: {"mac", "old", "new"}, of which NULL is none. */
json_t *device_edit_json(const struct mac *mac, const struct db_device *before,
    const struct db_device *after) __attribute__((warn_unused_result));

/* Changes what the options give. Returns CLI_DONE, or another exit status with the reason said
 * on stderr; *device is then undefined. */
int device_change(const struct args *args, const struct db_snapshot *snap,
    struct db_device *device) __attribute__((warn_unused_result));
