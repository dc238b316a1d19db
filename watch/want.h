/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/follow.h"
#include "watch/plan.h"
#include "watch/runner.h"

/* Files that an admitted machine asked for and the cache lacks. A file that the plan has is
 * fetched from all of its servers at once. A loose one (see plan.h) is in no plan before the
 * cache holds it: it is fetched from the farm's best servers. What nothing in the map names is
 * asked of nobody. */
struct want;

/* All but ret are borrowed. Returns 0 or -ENOMEM. */
int want_new(struct runner *runner, struct tell *tell, struct db_follow *follow,
    const struct plan *plan, struct want **ret) __attribute__((warn_unused_result));
void want_free(struct want *want); /* NULL is fine; before runner_free() */

/* FARM/FILE is wanted; the names are compared without regard to case. */
void want_take(struct want *want, const char *farm, const char *file, uint64_t now_ms);

/* The plan was read anew: what it has now, and what was fetched or not to be had, is no longer
 * asked for without it. */
void want_plan_changed(struct want *want);
