/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/mac.h"

#include <stdatomic.h>

/* What was last said about which device, so that it is said once: a table of fixed size with
 * one entry for each value of a hash, the latest device in it. Zeroed to start; from any
 * thread. */
enum { RECENT_BITS = 12, RECENT_ENTRIES = 1 << RECENT_BITS, RECENT_WHAT_MAX = 0x7fff };
struct recent {
	_Atomic uint64_t entries[RECENT_ENTRIES];
};

/* True when what (0..RECENT_WHAT_MAX) was not the last that was asked about the device, as far
 * as the table remembers. */
bool recent_is_news(struct recent *recent, const struct mac *mac, uint16_t what);

/* True once for a device of which something was asked, as far as the table remembers: it is
 * forgotten. For all others it is a look, which changes nothing. */
bool recent_forget(struct recent *recent, const struct mac *mac);
