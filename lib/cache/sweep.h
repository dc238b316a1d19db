/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/cache/folder.h"

/* Taking away what no name leads to; for publish.c alone, under the lock on the names. What
 * fails here costs room on the disk and nothing else. */

/* Names of files on their way in are this, the writer's PID, a dash and a number. They start with
 * a dot: no reader takes them for an object. */
#define SWEEP_STAGE ".new-"

/* One object, unless a name leads to it. */
void sweep_object(const struct cache *cache, uint8_t sha256[static CACHE_SHA256_LEN]);

/* What killed writers left on its way in: that process is gone, or its PID another's and nothing
 * was written for an hour. */
void sweep_stages(const struct cache *cache);

/* That, and each object that a writer was killed before or after it was named. */
void sweep_all(const struct cache *cache);
