/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/delay.h"

#include "lib/base/owner.h"
#include "lib/base/wheel.h"
#include "pxe-proxy/keyed.h"

#include <errno.h>
#include <stdlib.h>

struct place {
	struct wheel_entry timer;
	struct place *next; /* in its bucket, or free */
	struct delayed reply;
};

struct delay {
	struct wheel wheel;
	struct keyed keyed;
	struct place *free;
	unsigned used;
	struct place *buckets[DELAY_MAX];
	struct place places[DELAY_MAX];
};

int
delay_new(uint64_t now_ms, struct delay **ret)
{
	struct keyed keyed;
	int err = keyed_draw(&keyed);
	if (err != 0) {
		return err;
	}
	struct delay *delay = calloc(1, sizeof(*delay));
	if (delay == NULL) {
		return -ENOMEM;
	}
	wheel_init(&delay->wheel, now_ms);
	delay->keyed = keyed;
	for (unsigned i = DELAY_MAX; i > 0; i--) {
		delay->places[i - 1].next = delay->free;
		delay->free = &delay->places[i - 1];
	}
	*ret = delay;
	return 0;
}

void
delay_free(struct delay *delay)
{
	free(delay);
}

/* What points to a machine's place, or to the NULL at the end of its bucket. */
static struct place **
link_to(struct delay *delay, const struct mac *mac)
{
	struct place **link =
	    &delay->buckets[keyed_mac(&delay->keyed, mac) % DELAY_MAX];
	while (*link != NULL && !mac_equal(&(*link)->reply.mac, mac)) {
		link = &(*link)->next;
	}
	return link;
}

bool
delay_put(struct delay *delay, const struct delayed *reply, uint64_t due_ms)
{
	struct place **link = link_to(delay, &reply->mac);
	struct place *place = *link;
	if (place != NULL) {
		place->reply = *reply;
		if (due_ms < place->timer.due_ms) {
			wheel_set(&delay->wheel, &place->timer, due_ms);
		}
		return true;
	}
	place = delay->free;
	if (place == NULL) {
		return false;
	}
	delay->free = place->next;
	delay->used++;
	*link = place;
	place->next = NULL;
	place->reply = *reply;
	wheel_set(&delay->wheel, &place->timer, due_ms);
	return true;
}

bool
delay_is_empty(const struct delay *delay)
{
	return delay->used == 0;
}

const struct delayed *
delay_pop(struct delay *delay, uint64_t now_ms)
{
	struct wheel_entry *timer = wheel_pop(&delay->wheel, now_ms);
	struct place *place = owner_of(timer, offsetof(struct place, timer));
	if (place == NULL) {
		return NULL;
	}
	*link_to(delay, &place->reply.mac) = place->next;
	place->next = delay->free;
	delay->free = place;
	delay->used--;
	return &place->reply;
}
