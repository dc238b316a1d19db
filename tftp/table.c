/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tftp/table.h"

#include "lib/base/owner.h"
#include "lib/base/siphash.h"
#include "tftp/ports.h"

#include <errno.h>
#include <stdlib.h>

struct table {
	struct wheel wheel;
	struct transfer *places; /* capacity of them */
	struct transfer *free;
	struct list lingering; /* head */
	struct transfer **buckets;
	unsigned bucket_mask;
	unsigned running;
};

uint64_t
table_key_hash(const struct table_key *key)
{
	const uint32_t flat[3] = {key->peer, key->local, key->peer_port};
	return siphash24(flat, sizeof(flat));
}

bool
table_key_equal(const struct table_key *a, const struct table_key *b)
{
	return a->peer == b->peer && a->local == b->local &&
	    a->peer_port == b->peer_port;
}

/* The next power of two: a bucket or more for each place. */
static unsigned
buckets_for(unsigned capacity)
{
	unsigned count = 1;
	while (count < capacity) {
		count *= 2;
	}
	return count;
}

int
table_new(unsigned capacity, uint64_t now_ms, struct table **ret)
{
	unsigned buckets = buckets_for(capacity);
	struct table *table = calloc(1, sizeof(*table));
	if (table == NULL) {
		return -ENOMEM;
	}
	table->places = calloc(capacity, sizeof(*table->places));
	table->buckets = calloc(buckets, sizeof(struct transfer *));
	table->bucket_mask = buckets - 1;
	if (table->places == NULL || table->buckets == NULL) {
		table_free(table);
		return -ENOMEM;
	}
	for (unsigned i = capacity; i > 0; i--) {
		table->places[i - 1].next = table->free;
		table->free = &table->places[i - 1];
	}
	wheel_init(&table->wheel, now_ms);
	list_init(&table->lingering);
	*ret = table;
	return 0;
}

static struct transfer **
bucket_of(const struct table *table, const struct table_key *key)
{
	return &table->buckets[table_key_hash(key) & table->bucket_mask];
}

void
table_free(struct table *table)
{
	if (table == NULL) {
		return;
	}
	for (unsigned i = 0; table->buckets != NULL && i <= table->bucket_mask; i++) {
		while (table->buckets[i] != NULL) {
			table_remove(table, table->buckets[i]);
		}
	}
	free(table->places);
	free(table->buckets);
	free(table);
}

unsigned
table_running(const struct table *table)
{
	return table->running;
}

bool
table_is_empty(const struct table *table)
{
	return table->running == 0 && list_first(&table->lingering) == NULL;
}

struct transfer *
table_find(const struct table *table, const struct table_key *key)
{
	struct transfer *transfer = *bucket_of(table, key);
	while (transfer != NULL && !table_key_equal(&transfer->key, key)) {
		transfer = transfer->next;
	}
	return transfer;
}

static bool
lingers(const struct transfer *transfer)
{
	return transfer->xfer.state == XFER_ENDED;
}

static struct transfer *
longest_lingering(const struct table *table)
{
	return owner_of(
	    list_first(&table->lingering), offsetof(struct transfer, lingering));
}

struct transfer *
table_add(struct table *table, const struct table_key *key, struct port *port)
{
	struct transfer *longest = longest_lingering(table);
	if (table->free == NULL && longest != NULL) {
		table_remove(table, longest);
	}
	struct transfer *transfer = table->free;
	if (transfer == NULL) {
		return NULL;
	}
	struct transfer **bucket = bucket_of(table, key);
	table->free = transfer->next;
	*transfer = (struct transfer){.key = *key, .port = port, .next = *bucket};
	*bucket = transfer;
	port->users++;
	table->running++;
	return transfer;
}

void
table_arm(struct table *table, struct transfer *transfer, uint64_t due_ms)
{
	/* A deadline that only moved away is seen to when the old one comes: nearly every
	 * packet moves one. */
	if (transfer->timer.link == NULL || due_ms < transfer->timer.due_ms) {
		wheel_set(&table->wheel, &transfer->timer, due_ms);
	}
}

void
table_end(struct table *table, struct transfer *transfer, uint64_t now_ms)
{
	image_put(transfer->image);
	transfer->image = NULL;
	transfer->xfer.state = XFER_ENDED;
	table->running--;
	list_append(&table->lingering, &transfer->lingering);
	wheel_set(&table->wheel, &transfer->timer, now_ms + TABLE_LINGER_MS);
}

void
table_remove(struct table *table, struct transfer *transfer)
{
	struct transfer **link = bucket_of(table, &transfer->key);
	while (*link != transfer) {
		link = &(*link)->next;
	}
	*link = transfer->next;
	wheel_remove(&transfer->timer);
	if (lingers(transfer)) {
		list_remove(&transfer->lingering);
	} else {
		table->running--;
	}
	image_put(transfer->image);
	transfer->image = NULL;
	transfer->port->users--;
	transfer->next = table->free;
	table->free = transfer;
}

static struct transfer *
transfer_of(struct wheel_entry *timer)
{
	return owner_of(timer, offsetof(struct transfer, timer));
}

struct transfer *
table_due(struct table *table, uint64_t now_ms)
{
	for (;;) {
		struct transfer *transfer =
		    transfer_of(wheel_pop(&table->wheel, now_ms));
		if (transfer == NULL) {
			return NULL;
		}
		if (lingers(transfer)) {
			table_remove(table, transfer);
		} else if (transfer->xfer.deadline_ms > now_ms) {
			table_arm(table, transfer, transfer->xfer.deadline_ms);
		} else {
			return transfer;
		}
	}
}
