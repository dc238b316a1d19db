/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/net/evring.h"

/* The bounded queue of D. Vyukov: each slot carries the position it waits for. A thread that
 * puts owns its slot from the moment it has moved head past it, and shows the event to the
 * taking thread by the release of turn. */

_Static_assert((EVRING_SLOTS & (EVRING_SLOTS - 1)) == 0, "positions wrap with size_t");

static struct evring_slot *
slot_at(struct evring *ring, size_t position)
{
	return &ring->slots[position & (EVRING_SLOTS - 1)];
}

void
evring_init(struct evring *ring)
{
	atomic_init(&ring->head, 0);
	atomic_init(&ring->refused, 0);
	ring->tail = 0;
	for (size_t i = 0; i < EVRING_SLOTS; i++) {
		atomic_init(&ring->slots[i].turn, i);
	}
}

/* The slot of *ret_position, now the caller's alone to fill; NULL when the ring is full. */
static struct evring_slot *
slot_claim(struct evring *ring, size_t *ret_position)
{
	size_t position = atomic_load_explicit(&ring->head, memory_order_relaxed);
	for (;;) {
		struct evring_slot *slot = slot_at(ring, position);
		size_t turn = atomic_load_explicit(&slot->turn, memory_order_acquire);
		if (turn == position) {
			/* A failure loads the head that another thread has moved. */
			if (atomic_compare_exchange_weak_explicit(&ring->head,
				&position, position + 1, memory_order_relaxed,
				memory_order_relaxed)) {
				*ret_position = position;
				return slot;
			}
		} else if ((ptrdiff_t)(turn - position) < 0) {
			return NULL;
		} else {
			position =
			    atomic_load_explicit(&ring->head, memory_order_relaxed);
		}
	}
}

void
evring_put(struct evring *ring, const struct event *event)
{
	size_t position;
	struct evring_slot *slot = slot_claim(ring, &position);
	if (slot == NULL) {
		atomic_fetch_add_explicit(&ring->refused, 1, memory_order_relaxed);
		return;
	}
	slot->event = *event;
	atomic_store_explicit(&slot->turn, position + 1, memory_order_release);
}

bool
evring_take(struct evring *ring, struct event *ret)
{
	struct evring_slot *slot = slot_at(ring, ring->tail);
	if (atomic_load_explicit(&slot->turn, memory_order_acquire) != ring->tail + 1) {
		return false;
	}
	*ret = slot->event;
	atomic_store_explicit(
	    &slot->turn, ring->tail + EVRING_SLOTS, memory_order_release);
	ring->tail++;
	return true;
}

uint64_t
evring_refused(const struct evring *ring)
{
	return atomic_load_explicit(&ring->refused, memory_order_relaxed);
}
