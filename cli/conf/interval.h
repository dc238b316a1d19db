/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/ip4.h"

#include <stddef.h>

/* Prefixes, nested as people write them, as disjoint intervals in which the longest match is
 * already decided: looking up an address is then one seek. */

struct interval_prefix {
	struct ip4_prefix prefix;
	const void *value; /* not NULL */
	size_t place;      /* of equal prefixes the one with the lowest counts */
};

struct interval {
	uint32_t first, last; /* inclusive */
	const void *value;    /* of the longest prefix that holds the addresses */
};

/* At most this many intervals come of count prefixes. */
static inline size_t
interval_most(size_t count)
{
	return 2 * count + 1;
}

/* Sorts the prefixes and writes their intervals in order, neighbours of the same value joined;
 * returns how many. ret has room for interval_most(count). */
size_t interval_flatten(
    struct interval_prefix *prefixes, size_t count, struct interval *ret);

/* Two layers of disjoint intervals, laid over each other. */
struct interval_pair {
	uint32_t first, last;
	const void *a, *b; /* what each layer says; NULL for nothing, but never both */
};

/* Writes what a or b covers, in order; returns how many pairs: at most
 * interval_most(a_count + b_count). */
size_t interval_overlay(const struct interval *a, size_t a_count,
    const struct interval *b, size_t b_count, struct interval_pair *ret);
