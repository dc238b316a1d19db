/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/conf/config.h"
#include "cli/conf/interval.h"
#include "db/write.h"

/* Replaces the compiled configuration of the map that w writes (it calls db_write_clear()):
 * prefixes become disjoint intervals, farms get all that they inherit. The canonical text and
 * the history entry are the caller's to put. Returns 0, or what the database refused. */
int config_compile(const struct config *config, struct db_write *w)
    __attribute__((warn_unused_result));

/* The parts of it, for tests and for comparing maps. */
void config_compile_farm(
    const struct config *config, const struct config_farm *farm, struct db_farm *ret);
int config_compile_settings(const struct config *config, struct db_settings *ret)
    __attribute__((warn_unused_result));

/* What TFTP knows source addresses by, in order: a of each pair is the struct config_scope
 * that matches longest, prefixes of subnet ids included; b is set for listed clients and
 * boot servers. Lives in arena. Returns 0 or -ENOMEM. */
int config_clients(const struct config *config, struct arena *arena,
    struct interval_pair **ret, size_t *ret_count) __attribute__((warn_unused_result));
