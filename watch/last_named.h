/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/state.h"
#include "lib/wire/event.h"

/* When an answer or a transfer last named which server, between one writing into the state and
 * the next. Zeroed to start. */
enum { LAST_NAMED_MAX = 1024 }; /* servers named in between; more are passed over */
struct last_named {
	unsigned count;
	struct last_named_server {
		uint32_t addr;
		char farm[DB_FARM_NAME_MAX + 1]; /* "": a boot server */
		int64_t time_ms;
	} servers[LAST_NAMED_MAX];
};

/* Takes note of what an event names: a stage the server of its answer, a transfer the server
 * whose copy was sent. Other events change nothing. */
void last_named_take(struct last_named *named, const struct event *event);

/* Writes it within the open transaction; last_named_done() after the commit. Returns 0 or the
 * store's failure. */
int last_named_put(const struct last_named *named, struct db_state *state)
    __attribute__((warn_unused_result));
void last_named_done(struct last_named *named);
