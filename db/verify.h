/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/env.h"

/* Walks every record of a reader's database and opens and decodes its value. */

/* Told of each record that fails: its key, and ERR_CHECKSUM, ERR_MALFORMED or ERR_FORMAT. What
 * it returns but 0 ends the walk. */
typedef int db_verify_visit(void *ctx, const uint8_t *key, size_t key_len, int err);

/* Returns 0 when every record was looked at, whatever was found, or what visit returned, or
 * why the walk itself failed. Records of kinds that a newer MINOR added count as sound when
 * their checksum is right. *ret_records, the number looked at, is set in each case. */
int db_verify(struct db_env *env, unsigned reader, db_verify_visit *visit, void *ctx,
    uint64_t *ret_records) __attribute__((warn_unused_result));
