/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "watch/plan.h"

/* Which servers hold another copy of a file than their farm's others. Expected is the pinned
 * hash, else the one that most servers hold, of equally many the one that was held longest
 * (at last the lower hash). Sets each TFTP account's expected hash and since when its own
 * differs, and marks what changed as dirty. now_ms is Unix time. Pure. */
void drift_look(struct plan *plan, int64_t now_ms);
