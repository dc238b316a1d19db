/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/base/recent.h"

#include <stddef.h>

static uint64_t
mac_number(const struct mac *mac)
{
	uint64_t number = 0;
	for (unsigned i = 0; i < MAC_LEN; i++) {
		number |= (uint64_t)mac->b[i] << (8 * i);
	}
	return number;
}

bool
recent_is_news(struct recent *recent, const struct mac *mac, uint16_t what)
{
	uint64_t number = mac_number(mac);
	/* Multiplied by 2^64 over the golden ratio: the high bits depend on all of the MAC. */
	size_t at = (size_t)((number * UINT64_C(0x9e3779b97f4a7c15)) >> 54);
	/* The top bit, so that no device is an empty entry. */
	uint64_t entry = UINT64_C(1) << 63 | (uint64_t)what << 48 | number;
	return atomic_exchange(&recent->entries[at % RECENT_ENTRIES], entry) != entry;
}
