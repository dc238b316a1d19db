/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/wire/event.h"

#include <stdatomic.h>

/* A bounded queue of events within one process: many threads put, one takes. No lock, no
 * allocation, no system call; a full ring refuses and counts. */
enum { EVRING_SLOTS = 2048 /* a power of two; 0.8 MB in all */ };

/* A slot is free for the put of position n when turn is n, and filled by it when n + 1. */
struct evring_slot {
	atomic_size_t turn;
	struct event event;
};

/* What the putting threads write stands far from what the taking thread does, so that they
 * share no cache line. */
struct evring {
	atomic_size_t head; /* position of the next put */
	_Atomic uint64_t refused;
	struct evring_slot slots[EVRING_SLOTS];
	size_t tail; /* position of the next take */
};

void evring_init(struct evring *ring);

/* Queues a copy of event, or counts it as refused when the ring is full. */
void evring_put(struct evring *ring, const struct event *event);

/* Takes the oldest event; false when there is none. From one thread only. */
bool evring_take(struct evring *ring, struct event *ret);

/* Events refused since the start. */
uint64_t evring_refused(const struct evring *ring);
