/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stddef.h>

/* A queue through its entries: a circle that begins and ends at its head. An entry lies in its
 * owner; a zeroed one is in no list. */
struct list {
	struct list *prev, *next; /* NULL: in no list */
};

static inline void
list_init(struct list *head)
{
	head->prev = head->next = head;
}

/* Takes an entry out of its list; one that is in none is left alone. */
static inline void
list_remove(struct list *entry)
{
	if (entry->next != NULL) {
		entry->prev->next = entry->next;
		entry->next->prev = entry->prev;
		*entry = (struct list){.next = NULL};
	}
}

/* Puts an entry at the end, wherever it was before. */
static inline void
list_append(struct list *head, struct list *entry)
{
	list_remove(entry);
	*entry = (struct list){.prev = head->prev, .next = head};
	head->prev->next = entry;
	head->prev = entry;
}

/* The first entry, or NULL. */
static inline struct list *
list_first(const struct list *head)
{
	return head->next != head ? head->next : NULL;
}
