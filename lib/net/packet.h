/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/mac.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What passes an interface that belongs to DHCP or opens a TFTP transfer, heard beside whatever
 * server has bound these ports, and disturbing none (AF_PACKET). Needs CAP_NET_RAW. */

struct packet_port;

/* What to hear. All of it is IPv4, UDP, not fragmented, without the tag of a VLAN (those are
 * heard on the VLAN's interface), not our own frames, and not what is addressed to another
 * host at the link layer. */
enum packet_filter {
	PACKET_REQUESTS, /* to port 67, inwards */
	/* also, in both directions, from port 67 to 68; and inwards an RRQ to port 69 */
	PACKET_EVERYTHING,
};

/* Opens a non-blocking port on one interface, or with ifindex 0 on all (PACKET_REQUESTS only).
 * Packets wait in a ring of their own size, whatever the system allows for socket buffers.
 * Returns 0 or a negated errno (-EPERM: no CAP_NET_RAW; -ENODEV). */
int packet_open(unsigned ifindex, enum packet_filter filter, struct packet_port **ret)
    __attribute__((warn_unused_result));
void packet_close(struct packet_port *port); /* NULL is fine */

/* The descriptor to wait for; the port keeps it. */
int packet_fd(const struct packet_port *port);

/* The interface that it was opened on; 0: all. */
unsigned packet_ifindex(const struct packet_port *port);

/* True once the interface went away, also where it came back under the same index, as from
 * another namespace: the port hears nothing any more. */
bool packet_is_gone(const struct packet_port *port);

struct packet {
	const uint8_t *bytes; /* from the IP header on; valid until packet_done() */
	size_t len;
	unsigned ifindex;
	bool
	    checksum_made; /* false: the UDP checksum was left to hardware never passed */
};

/* The next packet that waits; false when none does. The packet must be given back with
 * packet_done() before the next is taken. The descriptor is readable as long as one waits, and
 * once, until this was called, when the interface goes down: the port then hears nothing until
 * the interface is up again, and for good when the interface is gone (packet_is_gone()). */
bool packet_next(struct packet_port *port, struct packet *ret);
void packet_done(struct packet_port *port);

/* Packets that the kernel dropped because the ring was full, since the port was opened. */
uint64_t packet_dropped(struct packet_port *port);

/* Whole IPv4 packets on their way out, in batches. What the kernel does not take at once is
 * lost and counted. */
enum { PACKET_SEND_MAX = 1500, PACKET_BATCH = 64 };
struct packet_outbox;
int packet_outbox_new(struct packet_outbox **ret) __attribute__((warn_unused_result));
void packet_outbox_free(
    struct packet_outbox *outbox); /* does not flush; NULL is fine */

/* Room of PACKET_SEND_MAX bytes for the next packet, which one of the two below then sends. A
 * full outbox is flushed first. */
uint8_t *packet_room(struct packet_outbox *outbox);

/* len bytes go out by the port's interface (ifindex, where the port has all), to everybody at
 * the link layer. Never looked up in a route. */
void packet_broadcast(struct packet_outbox *outbox, struct packet_port *port,
    unsigned ifindex, size_t len);

/* len bytes are routed by the kernel to destination, as from the address of this host that they
 * have as their source. fd is from packet_route_open(). */
void packet_route(
    struct packet_outbox *outbox, int fd, uint32_t destination, size_t len);
int packet_route_open(int *ret_fd) __attribute__((warn_unused_result));

void packet_flush(struct packet_outbox *outbox);
uint64_t packet_lost(const struct packet_outbox *outbox);
