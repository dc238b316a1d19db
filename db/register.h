/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/env.h"

/* The databases open in this process, by device and inode of data.mdb. */

/* Enters env, or returns ERR_EXISTS. */
int register_add(struct db_env *env) __attribute__((warn_unused_result));

/* Takes env out; one that was not entered is fine. */
void register_remove(struct db_env *env);
