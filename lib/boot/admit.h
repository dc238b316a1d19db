/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/boot/decide.h"

/* Whom TFTP serves: sources in the prefix of a scope that is not none, every source when the
 * default is a farm, the list of clients and the boot servers (which probe each other), and
 * loopback. Returns 0 and *ret, or the snapshot's failure. */
int boot_admit(uint32_t source, const struct db_source *from, void *snap, bool *ret)
    __attribute__((warn_unused_result));

/* The farm that a plain FILE means to a source: its prefix, then the default. Returns 0 with
 * the farm's name in ret_farm, ERR_NOTFOUND when no farm is meant, or the snapshot's failure. */
int boot_plain_farm(uint32_t source, const struct db_source *from, void *snap,
    char ret_farm[static DB_FARM_NAME_MAX + 1]) __attribute__((warn_unused_result));
