/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/rd.h"
#include "lib/base/wr.h"

#include <stdbool.h>

/* A UDP datagram with its own IPv4 header (RFC 791, RFC 768), for sockets that see and send
 * whole packets. Addresses and ports are in host order. */

enum { UDP4_HEADERS_LEN = 28, UDP4_TTL = 64 };

struct udp4 {
	uint32_t source, destination;
	uint16_t source_port, destination_port;
	const uint8_t *payload; /* borrowed */
	size_t len;
};

/* Reads a packet that begins with its IP header; bytes behind its total length, which Ethernet
 * pads with, are left alone. checksum_made is false for a packet whose UDP checksum was left to
 * a network card that it never passed (from a virtual machine or container of this host): it is
 * then not looked at. Returns 0, ERR_SHORT, ERR_MALFORMED (no IPv4, no UDP, a fragment, lengths
 * that contradict each other) or ERR_CHECKSUM (of the IP header, or of UDP where one was made:
 * 0 means none). *ret is untouched on failure. */
int udp4_decode(const void *bytes, size_t len, bool checksum_made, struct udp4 *ret)
    __attribute__((warn_unused_result));

/* Writes headers, checksums and payload. The packet is never fragmented. ERR_ROOM sticks in w
 * also for a payload over 65507 bytes. */
void udp4_encode(struct wr *w, const struct udp4 *datagram);
