/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/wire/event.h"

/* Sends events without ever making the caller wait: evsend_put() copies the record into a
 * ring in this process; one thread of ours sends batches to the Unix datagram socket
 * "events" in the state folder, looking the path up anew for each batch so that a restarted
 * watcher is found. A full ring or an absent socket drops and counts; while the socket is
 * full, events wait in the ring. Nothing here logs. */
struct evsend;

/* Starts the thread, with all signals blocked in it. state_dir is copied. Returns 0 or a
 * negated errno (-ENAMETOOLONG: the socket's path does not fit its address). */
int evsend_new(const char *state_dir, enum event_program program, struct evsend **ret)
    __attribute__((warn_unused_result));

/* Sends what is queued if the socket takes it at once, stops and joins. No other thread may
 * put any more. NULL is fine. */
void evsend_free(struct evsend *sender);

/* Queues a copy of event; program, pid, seq and time_ms are filled in. From any thread, without
 * locks, allocation or system calls but the clock's; it wakes nobody: the thread looks
 * into the ring every 50 ms, under load every 5 ms. Does nothing for a NULL sender. */
void evsend_put(struct evsend *sender, const struct event *event);

/* True when something listens on the socket now, whether or not it reads: three system calls.
 * False for a NULL sender. */
bool evsend_is_heard(const struct evsend *sender);

/* Records dropped since the start: ring full, socket absent. */
uint64_t evsend_dropped(const struct evsend *sender);

enum { EVSEND_COUNTERS_MAX = EVENT_COUNTERS_MAX - 1 };

/* Writes the owner's counters, all of which count up from the start, and returns how many (at
 * most EVSEND_COUNTERS_MAX). Called in the sender's thread; must not block. */
typedef unsigned evsend_counters(void *ctx, uint64_t ret[static EVSEND_COUNTERS_MAX]);

/* An EVENT_COUNTERS record goes out once a second: evsend_dropped() is its counter 0, what
 * fill writes follows. From the return of this call on, only fill and ctx are used, none for
 * NULL; without it counter 0 goes out alone. */
void evsend_set_counters(struct evsend *sender, evsend_counters *fill, void *ctx);
