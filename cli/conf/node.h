/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/conf/mistakes.h"

#include <stdbool.h>

/* What a YAML file says, as a tree that remembers where everything stands. Every scalar is a
 * text: "no", "1e3" and "~" have no meaning of their own. */

enum node_kind {
	NODE_TEXT,
	NODE_LIST,
	NODE_MAP,
	NODE_BROKEN, /* a mistake that is reported already */
};

struct node {
	enum node_kind kind;
	struct mark at;
	const char *text;          /* NODE_TEXT; without NULs inside */
	struct node *first, *last; /* children of NODE_LIST and NODE_MAP, as written */
	size_t count;              /* of children */
	struct node *next;         /* the next child of the same parent */
	const char *key;           /* as a child of NODE_MAP */
	struct mark key_at;
};

/* Puts child behind parent's children. */
void node_append(struct node *parent, struct node *child);

/* The first child with that key; NULL when a map has none. */
const struct node *node_get(const struct node *map, const char *key);

/* Calls twice for each pair of children of a map whose keys are equal: child is the later, and
 * before the first with that key. fold: without regard to ASCII case. */
typedef void node_twice(void *ctx, const struct node *before, const struct node *child);
void node_find_twice(const struct node *map, bool fold, struct arena *scratch,
    node_twice *twice, void *ctx);
