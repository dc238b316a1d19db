/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/follow.h"
#include "lib/net/loop.h"
#include "watch/last_named.h"
#include "watch/plan.h"
#include "watch/runner.h"

/* What the other programs tell: the socket of the events, kept open in the state's folder, and
 * what follows from an event: probes are hastened, files that are wanted are fetched, and who
 * was named is noted. */
struct hear;

/* Opens nothing yet. All but ret are borrowed. Returns 0 or a negated errno. */
struct hear_from {
	struct loop *loop;
	const char *state_dir;
	struct db_follow *follow;
	const struct plan *plan;
	struct runner *runner;
	struct tell *tell;
};
int hear_new(const struct hear_from *from, struct hear **ret)
    __attribute__((warn_unused_result));
void hear_free(struct hear *hear); /* before the runner's end; NULL is fine */

/* Opens the socket where it is not there, and logs once that it cannot be. For once a second,
 * while the folder is there. */
void hear_follow(struct hear *hear);

/* True while the socket is open. */
bool hear_is_open(const struct hear *hear);

/* The plan was read anew. */
void hear_plan_changed(struct hear *hear);

/* Who was named since last_named_done(). */
struct last_named *hear_last_named(struct hear *hear);
