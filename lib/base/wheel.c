/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/base/wheel.h"

#include <stddef.h>

void
wheel_init(struct wheel *wheel, uint64_t now_ms)
{
	*wheel = (struct wheel){.at = now_ms / WHEEL_SLOT_MS};
}

void
wheel_remove(struct wheel_entry *entry)
{
	if (entry->link == NULL) {
		return;
	}
	*entry->link = entry->next;
	if (entry->next != NULL) {
		entry->next->link = entry->link;
	}
	entry->link = NULL;
}

void
wheel_set(struct wheel *wheel, struct wheel_entry *entry, uint64_t due_ms)
{
	uint64_t slot = due_ms / WHEEL_SLOT_MS;
	/* What should have been due already must not lie behind the hand. */
	slot = slot > wheel->at ? slot : wheel->at;
	struct wheel_entry **head = &wheel->slots[slot % WHEEL_SLOTS];
	wheel_remove(entry);
	entry->due_ms = due_ms;
	entry->next = *head;
	entry->link = head;
	if (entry->next != NULL) {
		entry->next->link = &entry->next;
	}
	*head = entry;
}

/* A slot also holds what is due whole turns later. */
static struct wheel_entry *
first_due(struct wheel_entry *entry, uint64_t now_ms)
{
	while (entry != NULL && entry->due_ms > now_ms) {
		entry = entry->next;
	}
	return entry;
}

struct wheel_entry *
wheel_pop(struct wheel *wheel, uint64_t now_ms)
{
	uint64_t now = now_ms / WHEEL_SLOT_MS;
	if (now > wheel->at + WHEEL_SLOTS) {
		wheel->at = now - WHEEL_SLOTS; /* a turn passes every slot once */
	}
	for (; wheel->at <= now; wheel->at++) {
		struct wheel_entry *entry =
		    first_due(wheel->slots[wheel->at % WHEEL_SLOTS], now_ms);
		if (entry != NULL) {
			wheel_remove(entry);
			return entry;
		}
		if (wheel->at == now) {
			break;
		}
	}
	return NULL;
}
