/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "tests/unit/unit.h"

#include <stdbool.h>
#include <stdint.h>

/* A network namespace for the test's own process, and in it one cable: "host", at which a test
 * listens, and "peer", the far end. Needs root. */

struct link {
	unsigned host, peer; /* ifindex */
	uint8_t mac[6];      /* of host */
	int fd;              /* sends frames from peer */
};

/* Enters a new namespace, which ends with the process. */
void link_namespace(void);

/* The same, with the cable plugged in, host having 10.0.0.1/24. */
void link_new(struct link *link);
void link_done(struct link *link);

/* Runs the ip command with these arguments, which must succeed. */
void link_ip(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Waits until the interface is up and running. */
void link_await(const char *name);

/* Puts VLAN 5, "host.5", on host, up and with 10.5.0.1/24; returns its ifindex. Says so and
 * returns 0 where the kernel is built without VLANs. */
unsigned link_vlan(void);

/* A frame and the UDP datagram in it; zeroes mean a broadcast from 0.0.0.0 to
 * 255.255.255.255. */
struct link_frame {
	const uint8_t *to; /* MAC; NULL: everybody */
	uint32_t source, destination;
	uint16_t source_port, destination_port;
	const char *payload; /* without its NUL, unless len is given */
	size_t len;
	uint16_t fragment; /* flags and offset in place of DF */
	uint8_t protocol;  /* in place of UDP's */
	uint16_t vlan;     /* tag, or 0 */
	bool options;      /* four bytes of IP options */
};

/* Sends it from peer, past queues: it is at host when this returns, or will be at once. */
void link_send(const struct link *link, const struct link_frame *frame);

/* Opens a UDP socket that may broadcast on the interface; the caller closes it. */
int link_udp(const char *name, uint16_t port);
void link_udp_send(int fd, uint32_t addr, uint16_t port, const char *payload);
