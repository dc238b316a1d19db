/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/net/loop.h"
#include "watch/runner.h"

/* The sockets of the probes: one for each that runs, with a port of its own, so that no answer
 * can be taken for another's. */
struct flows;

/* Returns 0 or a negated errno. Flows must end before flows_free(). */
int flows_new(struct loop *loop, struct flows **ret)
    __attribute__((warn_unused_result));
void flows_free(struct flows *flows); /* NULL is fine */

/* For runner_new(). */
struct runner_net flows_net(struct flows *flows);

/* Raises the limit of open descriptors, as far as this process may, to what RUNNER_RUNS need. */
void flows_make_room(void);

struct moment flows_now(void);
