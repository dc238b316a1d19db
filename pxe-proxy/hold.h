/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

/* A UDP socket on port 67 of every address that nobody reads: with it the kernel sends no ICMP
 * "port unreachable" to relays that ask a host without a DHCP server. What comes is dropped
 * before it is queued. Never where a DHCP server is to run: it would find its port taken. */

/* Returns 0 with a descriptor that the caller closes, or a negated errno: -EADDRINUSE when a
 * DHCP server has the port, -EACCES without CAP_NET_BIND_SERVICE. */
int hold_open(int *ret_fd) __attribute__((warn_unused_result));
