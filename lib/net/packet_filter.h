/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/net/packet.h"

#include <linux/filter.h>

/* The program by which the kernel sorts out what a port hears, for a socket whose bytes begin
 * at the IP header. */

enum { PACKET_FILTER_MAX = 48 };

/* Writes the program for what is heard on one interface, or on all (ifindex 0), and returns its
 * length in instructions. */
unsigned packet_filter_write(enum packet_filter what, unsigned ifindex,
    struct sock_filter dst[static PACKET_FILTER_MAX]);

/* Makes a socket deaf, one that only sends or only has a port: from now on nothing is queued for
 * it. Returns 0 or a negated errno. */
int packet_filter_deafen(int fd) __attribute__((warn_unused_result));
