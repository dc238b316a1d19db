/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/mac.h"

/* The hash of the proxy's tables, by a key drawn at the start: whoever makes up MACs or
 * addresses cannot aim at one bucket. */
struct keyed {
	uint64_t key[2];
};

/* Draws a key. Returns 0 or a negated errno. */
int keyed_draw(struct keyed *ret) __attribute__((warn_unused_result));

uint64_t keyed_mac(const struct keyed *keyed, const struct mac *mac);
uint64_t keyed_addr(const struct keyed *keyed, uint32_t addr);
