/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/node.h"

#include "lib/base/text.h"

#include <stdlib.h>
#include <string.h>

void
node_append(struct node *parent, struct node *child)
{
	if (parent->last != NULL) {
		parent->last->next = child;
	} else {
		parent->first = child;
	}
	parent->last = child;
	parent->count++;
}

const struct node *
node_get(const struct node *map, const char *key)
{
	for (const struct node *child = map->first; child != NULL;
	     child = child->next) {
		if (strcmp(child->key, key) == 0) {
			return child;
		}
	}
	return NULL;
}

struct entry {
	const struct node *child;
	size_t place;
};

static int
compare_place(const struct entry *a, const struct entry *b)
{
	return a->place < b->place ? -1 : a->place > b->place ? 1 : 0;
}

static int
compare_exact(const void *a, const void *b)
{
	const struct entry *x = a;
	const struct entry *y = b;
	int by_key = strcmp(x->child->key, y->child->key);
	return by_key != 0 ? by_key : compare_place(x, y);
}

static int
compare_folded(const void *a, const void *b)
{
	const struct entry *x = a;
	const struct entry *y = b;
	int by_key = text_casecmp(x->child->key, y->child->key);
	return by_key != 0 ? by_key : compare_place(x, y);
}

void
node_find_twice(const struct node *map, bool fold, struct arena *scratch,
    node_twice *twice, void *ctx)
{
	struct entry *entries = arena_alloc(scratch, map->count, sizeof(*entries));
	size_t count = 0;
	if (entries == NULL) {
		return;
	}
	for (const struct node *child = map->first; child != NULL;
	     child = child->next) {
		entries[count] = (struct entry){child, count};
		count++;
	}
	qsort(entries, count, sizeof(*entries), fold ? compare_folded : compare_exact);
	size_t first = 0;
	for (size_t i = 1; i < count; i++) {
		const char *key = entries[first].child->key;
		const char *next = entries[i].child->key;
		if (fold ? text_casecmp(key, next) != 0 : strcmp(key, next) != 0) {
			first = i;
		} else {
			twice(ctx, entries[first].child, entries[i].child);
		}
	}
}
