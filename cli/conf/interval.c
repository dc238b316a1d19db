/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/interval.h"

#include <stdbool.h>
#include <stdlib.h>

static int
compare(const void *a, const void *b)
{
	const struct interval_prefix *x = a;
	const struct interval_prefix *y = b;
	int by_prefix = ip4_prefix_compare(&x->prefix, &y->prefix);
	return by_prefix != 0      ? by_prefix
	    : x->place != y->place ? (x->place < y->place ? -1 : 1)
				   : 0;
}

/* The intervals written so far, and the networks that the sweep stands in. */
struct sweep {
	struct interval *intervals;
	size_t count;
	uint64_t next; /* the first address not written yet; 2^32 behind the last */
	const struct interval_prefix *open[33]; /* one per prefix length at most */
	unsigned depth;
};

/* Writes next..last for the innermost open network; nothing when that lies behind. */
static void
emit(struct sweep *s, uint32_t last)
{
	const void *value = s->open[s->depth - 1]->value;
	if (s->next > last) {
		return;
	}
	uint32_t first = (uint32_t)s->next;
	struct interval *before = s->count > 0 ? &s->intervals[s->count - 1] : NULL;
	if (before != NULL && before->value == value && before->last + 1 == first) {
		before->last = last;
	} else {
		s->intervals[s->count++] = (struct interval){first, last, value};
	}
	s->next = (uint64_t)last + 1;
}

/* Leaves the networks that end before addr. */
static void
leave_before(struct sweep *s, uint64_t addr)
{
	while (s->depth > 0) {
		uint32_t last = ip4_prefix_last(&s->open[s->depth - 1]->prefix);
		if (last >= addr) {
			return;
		}
		emit(s, last);
		s->depth--;
	}
}

size_t
interval_flatten(struct interval_prefix *prefixes, size_t count, struct interval *ret)
{
	struct sweep s = {.intervals = ret};
	if (count > 0) {
		qsort(prefixes, count, sizeof(*prefixes), compare);
	}
	for (size_t i = 0; i < count; i++) {
		const struct interval_prefix *p = &prefixes[i];
		if (i > 0 &&
		    ip4_prefix_compare(&p->prefix, &prefixes[i - 1].prefix) == 0) {
			continue;
		}
		leave_before(&s, p->prefix.addr);
		if (s.depth > 0 && p->prefix.addr > 0) {
			emit(&s, p->prefix.addr - 1);
		}
		s.next = p->prefix.addr;
		s.open[s.depth++] = p;
	}
	leave_before(&s, (uint64_t)UINT32_MAX + 1);
	return s.count;
}

/* One layer, and the first of its intervals that does not end before the sweep. */
struct layer {
	const struct interval *next;
	size_t left;
};

/* What a layer says at addr, and shortens *last to where it says so. */
static const void *
layer_at(const struct layer *layer, uint32_t addr, uint32_t *last)
{
	if (layer->left == 0) {
		return NULL;
	}
	bool inside = layer->next->first <= addr;
	uint32_t end = inside ? layer->next->last : layer->next->first - 1;
	*last = end < *last ? end : *last;
	return inside ? layer->next->value : NULL;
}

static void
layer_pass(struct layer *layer, uint32_t last)
{
	if (layer->left > 0 && layer->next->last == last) {
		layer->next++;
		layer->left--;
	}
}

size_t
interval_overlay(const struct interval *a, size_t a_count, const struct interval *b,
    size_t b_count, struct interval_pair *ret)
{
	struct layer layer_a = {a, a_count};
	struct layer layer_b = {b, b_count};
	size_t count = 0;
	uint32_t first = 0;
	while (layer_a.left > 0 || layer_b.left > 0) {
		uint32_t last = UINT32_MAX;
		const void *in_a = layer_at(&layer_a, first, &last);
		const void *in_b = layer_at(&layer_b, first, &last);
		if (in_a != NULL || in_b != NULL) {
			ret[count++] = (struct interval_pair){first, last, in_a, in_b};
		}
		layer_pass(&layer_a, last);
		layer_pass(&layer_b, last);
		first = last + 1;
	}
	return count;
}
