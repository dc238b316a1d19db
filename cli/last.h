/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/servers.h"

/* Looks for what a drain would leave without a server: a farm without one for a role, a list
 * of boot servers with none. The decision ignores such a drain: all of them are used. snap has
 * the drain in it; servers says what it was before. Returns CLI_DONE, or CLI_FAILED with every
 * reason said on stderr. */
int last_check(const struct db_snapshot *snap, const struct servers *servers)
    __attribute__((warn_unused_result));
