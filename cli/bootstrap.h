/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/map.h"

#include <stdbool.h>

/* What can be said of a file that is to be a bootstrap. */

/* True when a table of the map names the file for the farm: the farm's own, one of a scope
 * that leads there, or a device's. Also when the map cannot tell. */
bool bootstrap_is_named(
    const struct db_snapshot *snap, const struct db_farm *farm, const char *file);

/* True when something speaks against the bytes of fd being the bootstrap that the name stands
 * for: what that would be, and what is wrong with it. */
bool bootstrap_doubt(
    const char *name, int fd, const char **ret_kind, const char **ret_wrong);
