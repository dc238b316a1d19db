/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* UDP over IPv4 for hosts with many addresses: what comes in says which address it was sent
 * to, and what goes out says which it comes from. Addresses and ports are in host order. */

enum {
	UDP_PACKET_MAX = 2048, /* bytes received of one packet */
	UDP_BATCH = 64,        /* packets per system call */
	UDP_HEAD_MAX = 192,    /* bytes of a message that the outbox copies */
};

/* Opens a non-blocking socket bound to addr (0: every address) and port (0: any). The address
 * need not be there yet. Path MTU discovery is off, so nothing goes out with DF set and no
 * ICMP message changes what we send; the buffers are as large as we may make them. Returns 0
 * with a descriptor that the caller closes, or a negated errno. */
int udp_open(uint32_t addr, uint16_t port, int *ret_fd)
    __attribute__((warn_unused_result));

/* The same for one that asks and waits for the answer: bound to any port of local (an address
 * of this host, or 0: the route's choice), with buffers of the usual size. What ICMP says of
 * the packets it sent waits for udp_take_error(); until then the descriptor counts as readable,
 * and the next call that sends or receives fails once. */
int udp_open_asking(uint32_t local, int *ret_fd) __attribute__((warn_unused_result));

/* Sends one packet at once, or not at all. Returns 0 or a negated errno: -ENETUNREACH and
 * -EHOSTUNREACH when no route leads there. */
int udp_send(int fd, uint32_t peer, uint16_t peer_port, const void *bytes, size_t len)
    __attribute__((warn_unused_result));

/* An ICMP message, or the kernel's own word, that a packet did not get to peer. */
struct udp_error {
	uint32_t peer;
	uint16_t peer_port;
	bool unreachable; /* else it says something else of the packet */
	bool whole_host;  /* unreachable: not that port alone */
};
/* Takes the oldest; false when there is none. */
bool udp_take_error(int fd, struct udp_error *ret);

/* Our address on the way towards peer, as the routes say. Returns 0 or a negated errno. */
int udp_local_towards(uint32_t peer, uint32_t *ret) __attribute__((warn_unused_result));

/* The path's MTU towards peer, in bytes, as the routes say. Returns 0 or a negated errno. */
int udp_path_mtu(uint32_t peer, uint32_t *ret) __attribute__((warn_unused_result));

/* One packet that came in. */
struct udp_packet {
	uint32_t peer;
	uint16_t peer_port;
	uint32_t local;       /* where an answer comes from */
	bool to_group;        /* sent to a broadcast or multicast address */
	bool cut;             /* longer than UDP_PACKET_MAX */
	unsigned ifindex;     /* the interface it came in by */
	const uint8_t *bytes; /* valid until the inbox is used again */
	size_t len;
};

/* Room for one batch. */
struct udp_inbox;
int udp_inbox_new(struct udp_inbox **ret) __attribute__((warn_unused_result));
void udp_inbox_free(struct udp_inbox *inbox); /* NULL is fine */

/* Receives what is there, at most UDP_BATCH packets. Returns 0 with the packets, borrowed
 * until the inbox is used again, and their number (0: none are left), or a negated errno. */
int udp_receive(struct udp_inbox *inbox, int fd, const struct udp_packet **ret,
    unsigned *ret_count) __attribute__((warn_unused_result));

/* One packet to send: head is copied, body is borrowed until the outbox was flushed. Either may
 * be NULL where its length is 0. */
struct udp_message {
	uint32_t peer;
	uint16_t peer_port;
	uint32_t local; /* source address; 0: the route's choice */
	const void *head;
	size_t head_len; /* at most UDP_HEAD_MAX */
	const void *body;
	size_t body_len;
};

/* Collects messages and sends them in batches. What the kernel does not take at once is lost
 * and counted, as on any network. */
struct udp_outbox;
int udp_outbox_new(struct udp_outbox **ret) __attribute__((warn_unused_result));
void udp_outbox_free(struct udp_outbox *outbox); /* does not flush; NULL is fine */
void udp_outbox_put(
    struct udp_outbox *outbox, int fd, const struct udp_message *message);
void udp_outbox_flush(struct udp_outbox *outbox);
uint64_t udp_outbox_lost(const struct udp_outbox *outbox);
