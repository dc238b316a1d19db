/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/mac.h"

#include <stdbool.h>

/* How many answers a machine, a relay, and a source of questions to port 4011 may have: so many
 * a second, with as many saved up as LIMIT_SAVED_S seconds give. A source may be shared by many
 * machines behind address translation, or forged to turn our answers on it. Tables of fixed
 * size; the least recently asked entry of a full bucket gives way. Times are monotonic
 * milliseconds. */
enum {
	LIMIT_MAC_PER_S = 50,
	LIMIT_RELAY_PER_S = 20000,
	LIMIT_SOURCE_PER_S = 1000,
	LIMIT_SAVED_S = 2,
};

struct limit;
int limit_new(struct limit **ret) __attribute__((warn_unused_result));
void limit_free(struct limit *limit); /* NULL is fine */

/* True when one more answer may go to the machine and, where relay is not 0, by that relay;
 * it then counts. */
bool limit_pass(
    struct limit *limit, const struct mac *mac, uint32_t relay, uint64_t now_ms);

/* The same for an answer to the source of a question to port 4011. */
bool limit_pass_source(
    struct limit *limit, const struct mac *mac, uint32_t source, uint64_t now_ms);
