/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/record.h"

/* The order of a plan's targets, by role, farm, address and file: <0, 0, >0. For plan.c and
 * plan_read.c alone. */
int plan_order(const struct db_verdict_key *a, const struct db_verdict_key *b);
