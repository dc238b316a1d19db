/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "watch/plan.h"

/* The two orders of a plan: of its targets, and of those of TFTP as copies of files. For plan.c
 * and plan_read.c alone. Orders are <0, 0, >0, and without regard to case. */

/* By role, farm, address and file. */
int plan_order(const struct db_verdict_key *a, const struct db_verdict_key *b);

/* Puts targets in order, and keeps one of those that are alike: two servers may share a
 * streaming address. */
void plan_sort(struct plan *plan);

/* Moves the targets of old that fresh holds too into their equals' places there, with all that
 * was found and with what the map says now. Both are in order, and stay so. */
void plan_inherit(struct plan *old, struct plan *fresh);

/* Where a copy stands to those of a farm's file. */
int plan_file_order(const struct target *target, const char *farm, const char *file);

/* Fills the copies, for which there is room, from the targets. */
void plan_sort_copies(struct plan *plan);
