/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/turns.h"

#include "lib/base/owner.h"
#include "lib/base/siphash.h"

#include <string.h>

void
turns_init(struct turns *turns, const uint64_t key[static 2], uint64_t now_ms)
{
	memcpy(turns->key, key, sizeof(turns->key));
	turns->chances = 0;
	wheel_init(&turns->due, now_ms);
	list_init(&turns->hurried);
	list_init(&turns->light);
	list_init(&turns->files);
}

uint32_t
turns_chance(struct turns *turns)
{
	uint64_t n = turns->chances++;
	return (uint32_t)siphash24_keyed(turns->key, &n, sizeof(n));
}

/* ---- until a target is due */

void
turns_at(struct turns *turns, struct target *target, uint64_t due_ms)
{
	wheel_set(&turns->due, &target->timer, due_ms);
}

void
turns_after(struct turns *turns, struct target *target, uint64_t began_ms)
{
	turns_at(turns, target,
	    health_next_ms(
		&target->health, &target->monitor, began_ms, turns_chance(turns)));
}

static bool
is_queued(const struct target *target)
{
	return target->queue.next != NULL;
}

void
turns_take(struct turns *turns, struct target *target, uint64_t now_ms)
{
	if (is_queued(target)) {
		return;
	}
	if (target->began_ms == 0) {
		turns_at(turns, target, now_ms + turns_chance(turns) % TURNS_SPREAD_MS);
		return;
	}
	/* A monitor with shorter periods holds at once. */
	uint64_t due_ms = target->timer.due_ms;
	turns_after(turns, target, target->began_ms);
	if (target->timer.due_ms > due_ms) {
		turns_at(turns, target, due_ms);
	}
}

/* ---- in a queue */

void
turns_now(struct turns *turns, struct target *target)
{
	struct list *queue = target->hastened ? &turns->hurried
	    : target->kind == PROBE_BOOTSTRAP ? &turns->files
					      : &turns->light;
	wheel_remove(&target->timer);
	list_append(queue, &target->queue);
}

void
turns_tick(struct turns *turns, uint64_t now_ms)
{
	struct wheel_entry *timer;
	while ((timer = wheel_pop(&turns->due, now_ms)) != NULL) {
		turns_now(turns, owner_of(timer, offsetof(struct target, timer)));
	}
}

struct target *
turns_next(struct turns *turns, bool room_for_files)
{
	struct list *first = list_first(&turns->hurried);
	first = first != NULL ? first : list_first(&turns->light);
	if (first == NULL && room_for_files) {
		first = list_first(&turns->files);
	}
	if (first != NULL) {
		list_remove(first);
	}
	return owner_of(first, offsetof(struct target, queue));
}

void
turns_leave(struct target *target)
{
	wheel_remove(&target->timer);
	list_remove(&target->queue);
}
