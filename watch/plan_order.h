/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "watch/plan.h"

/* The orders of a plan's targets, for those who make one. */

/* By role, farm, address and file: <0, 0, >0. */
int plan_order(const struct db_verdict_key *a, const struct db_verdict_key *b);

/* Fills the copies, for which there is room, from the targets. */
void plan_sort_copies(struct plan *plan);
