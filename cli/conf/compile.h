/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/conf/config.h"
#include "db/write.h"

/* Replaces the compiled configuration of the map that w writes: prefixes become disjoint
 * intervals, farms get all that they inherit. The canonical text and the history entry are
 * the caller's to put. Returns 0, or what the database refused. */
int config_compile(const struct config *config, struct db_write *w)
    __attribute__((warn_unused_result));

/* One farm as config_compile() puts it. */
void config_compile_farm(
    const struct config *config, const struct config_farm *farm, struct db_farm *ret);
