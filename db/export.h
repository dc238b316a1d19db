/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/map.h"

/* The canonical form of a map: one JSON document on one line, keys sorted, no blanks, then a
 * newline:
 *
 *     {"config":C,"devices":[D,...],"drains":[R,...],"format":1}
 *
 * C is the configuration as apply stored it, or null before the first apply. The revision,
 * the times and the history are left out: equal maps give equal bytes on every host, and
 * their SHA-256 is the map's digest. */

/* Receives the next bytes; what it returns but 0 ends the export. */
typedef int db_export_sink(void *ctx, const void *bytes, size_t len);

/* Writes the canonical form piece by piece; nothing but one piece is held in memory. Returns
 * 0, the sink's code, or what reading said. */
int db_export(const struct db_snapshot *snap, db_export_sink *sink, void *ctx)
    __attribute__((warn_unused_result));

/* SHA-256 of those bytes, and how many devices are in them. */
int db_export_digest(const struct db_snapshot *snap, uint8_t ret[static DB_DIGEST_LEN],
    uint64_t *ret_devices) __attribute__((warn_unused_result));
