/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/net/counters.h"
#include "lib/net/evsend.h"
#include "lib/net/loop.h"

#include <stdbool.h>

/* What a daemon lives by: its loop, the look it takes once a second, its events, and what the
 * service manager hears. */
struct service {
	struct loop *loop;
	struct evsend *events;
	struct loop_timer *second;
	loop_fn *look;
	void *ctx;
	bool is_ready;
};

/* Makes the loop and starts the event sender, which sends counters once a second. look and ctx
 * are for service_run(), which calls look. Returns 0 or a negated errno; service_done() copes
 * with what is half made. */
int service_init(struct service *service, enum event_program program,
    const char *state_dir, struct counters *counters, loop_fn *look, void *ctx)
    __attribute__((warn_unused_result));

/* Every watch and timer of the loop must be freed before. Zeroed is fine. */
void service_done(struct service *service);

/* Looks at once and then once a second, until SIGTERM or SIGINT. */
void service_run(struct service *service);

/* Everything is bound and the map is read: told the first time. True then. */
bool service_ready(struct service *service);
