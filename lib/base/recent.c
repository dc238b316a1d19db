/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/base/recent.h"

static uint64_t
mac_number(const struct mac *mac)
{
	uint64_t number = 0;
	for (unsigned i = 0; i < MAC_LEN; i++) {
		number |= (uint64_t)mac->b[i] << (8 * i);
	}
	return number;
}

/* The entry that a device would have. Multiplied by 2^64 over the golden ratio: the high bits
 * depend on all of the MAC. */
static _Atomic uint64_t *
entry_of(struct recent *recent, uint64_t number)
{
	return &recent->entries[(number * UINT64_C(0x9e3779b97f4a7c15)) >>
	    (64 - RECENT_BITS)];
}

/* The top bit is set, so that no device is an empty entry. */
enum { WHAT_SHIFT = 48, TOP_SHIFT = 63 };

bool
recent_is_news(struct recent *recent, const struct mac *mac, uint16_t what)
{
	uint64_t number = mac_number(mac);
	uint64_t entry =
	    UINT64_C(1) << TOP_SHIFT | (uint64_t)what << WHAT_SHIFT | number;
	return atomic_exchange(entry_of(recent, number), entry) != entry;
}

bool
recent_forget(struct recent *recent, const struct mac *mac)
{
	uint64_t number = mac_number(mac);
	_Atomic uint64_t *at = entry_of(recent, number);
	uint64_t entry = atomic_load_explicit(at, memory_order_relaxed);
	bool is_its = entry >> TOP_SHIFT == 1 &&
	    (entry & ((UINT64_C(1) << WHAT_SHIFT) - 1)) == number;
	return is_its && atomic_compare_exchange_strong(at, &entry, 0);
}
