/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The OFFERs that come by an interface, each with the moment at which the kernel had it: a
 * ring that costs no system call and tells latencies without the reader's own delay. */

struct storm_offer {
	uint32_t xid;
	uint32_t yiaddr;
	uint64_t time_ns; /* CLOCK_REALTIME */
};

struct storm_ring;

/* Returns 0 or a negated errno. ret_fd can send whole frames by the interface. */
int storm_ring_open(unsigned ifindex, struct storm_ring **ret, int *ret_fd)
    __attribute__((warn_unused_result));

/* The next reply of a DHCP server (from port 67, op 2); false when none waits. */
bool storm_ring_next(struct storm_ring *ring, struct storm_offer *ret);
