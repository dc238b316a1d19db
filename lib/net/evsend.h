/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/wire/event.h"

/* Sends events without ever making the caller wait: evsend_put() copies the record into a
 * ring in this process; one thread of ours sends batches to the Unix datagram socket
 * "events" in the state folder, looking the path up anew so that a restarted watcher is
 * found. A full ring or socket drops and counts. */
struct evsend;

/* Starts the thread, with all signals blocked in it. state_dir is copied. Returns 0 or a
 * negated errno. */
int evsend_new(const char *state_dir, enum event_program program, struct evsend **ret)
    __attribute__((warn_unused_result));

/* Sends what is queued if the socket takes it at once, stops and joins. NULL is fine. */
void evsend_free(struct evsend *sender);

/* Queues a copy of event; program, pid, seq and time_ms are filled in. From any thread, without
 * locks, allocation or system calls but the clock's. */
void evsend_put(struct evsend *sender, const struct event *event);

/* Records dropped since the start: ring full, socket absent or full. */
uint64_t evsend_dropped(const struct evsend *sender);
