/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/net/packet.h"

#include "lib/net/packet_filter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* A frame holds the kernel's header, 80 bytes, and any packet of an Ethernet; blocks are whole
 * pages on every machine. */
enum {
	FRAME_BYTES = 2048,
	FRAMES = 1024,
	BLOCK_BYTES = 65536,
	RING_BYTES = FRAMES * FRAME_BYTES,
	/* of a frame's link address, behind its header */
	ADDRESS_AT = TPACKET_ALIGN((int)sizeof(struct tpacket2_hdr)),
};

struct packet_port {
	int fd;
	unsigned ifindex;
	uint8_t *ring;
	unsigned next; /* frame that is filled next, or waits, or is being looked at */
	bool heard;    /* a packet, since packet_next() last had none */
	uint64_t dropped;
};

static int
set(int fd, int level, int name, const void *value, socklen_t len)
{
	return setsockopt(fd, level, name, value, len) == 0 ? 0 : -errno;
}

static int
set_filter(int fd, enum packet_filter filter, unsigned ifindex)
{
	struct sock_filter code[PACKET_FILTER_MAX];
	struct sock_fprog program = {
	    .len = (unsigned short)packet_filter_write(filter, ifindex, code),
	    .filter = code};
	return set(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

/* Version 2 wakes us for each packet; version 3 would wait for a block to fill. */
static int
make_ring(struct packet_port *port)
{
	int version = TPACKET_V2;
	struct tpacket_req ring = {.tp_block_size = BLOCK_BYTES,
	    .tp_block_nr = RING_BYTES / BLOCK_BYTES,
	    .tp_frame_size = FRAME_BYTES,
	    .tp_frame_nr = FRAMES};
	int err = set(port->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version));
	err = err != 0 ? err
		       : set(port->fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring));
	if (err != 0) {
		return err;
	}
	void *at =
	    mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, port->fd, 0);
	if (at == MAP_FAILED) {
		return -errno;
	}
	port->ring = at;
	return 0;
}

/* The socket keeps ENETDOWN when its interface goes down, and is readable with it until
 * somebody asks. It hears again by itself when the interface comes up. */
static void
forget_error(const struct packet_port *port)
{
	int error;
	socklen_t len = sizeof(error);
	(void)getsockopt(port->fd, SOL_SOCKET, SO_ERROR, &error, &len);
}

/* Only all protocols together hear what this host sends. */
static int
begin(struct packet_port *port, enum packet_filter filter)
{
	int err = set_filter(port->fd, filter, port->ifindex);
	err = err != 0 ? err : make_ring(port);
	if (err != 0) {
		return err;
	}
	struct sockaddr_ll name = {.sll_family = AF_PACKET,
	    .sll_protocol = htons(filter == PACKET_EVERYTHING ? ETH_P_ALL : ETH_P_IP),
	    .sll_ifindex = (int)port->ifindex};
	if (bind(port->fd, (struct sockaddr *)&name, sizeof(name)) != 0) {
		return -errno;
	}
	forget_error(port);
	return 0;
}

int
packet_open(unsigned ifindex, enum packet_filter filter, struct packet_port **ret)
{
	struct packet_port *port = calloc(1, sizeof(*port));
	if (port == NULL) {
		return -ENOMEM;
	}
	port->ifindex = ifindex;
	/* Protocol 0 hears nothing until it is bound, with its filter in place. */
	port->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int err = port->fd < 0 ? -errno : begin(port, filter);
	if (err != 0) {
		packet_close(port);
		return err;
	}
	*ret = port;
	return 0;
}

void
packet_close(struct packet_port *port)
{
	if (port == NULL) {
		return;
	}
	if (port->ring != NULL) {
		(void)munmap(port->ring, RING_BYTES);
	}
	if (port->fd >= 0) {
		(void)close(port->fd);
	}
	free(port);
}

int
packet_fd(const struct packet_port *port)
{
	return port->fd;
}

unsigned
packet_ifindex(const struct packet_port *port)
{
	return port->ifindex;
}

/* A socket whose interface was unregistered has the index -1 from then on, whatever comes. */
bool
packet_is_gone(const struct packet_port *port)
{
	struct sockaddr_ll name = {.sll_ifindex = 0};
	socklen_t len = sizeof(name);
	return port->ifindex != 0 &&
	    getsockname(port->fd, (struct sockaddr *)&name, &len) == 0 &&
	    name.sll_ifindex != (int)port->ifindex;
}

/* A frame is the kernel's or ours, as its status says; who gives it away has done with its
 * bytes before, who takes it reads them after. */
static struct tpacket2_hdr *
next_frame(const struct packet_port *port)
{
	return (void *)(port->ring + (size_t)port->next * FRAME_BYTES);
}

static uint32_t
frame_status(struct tpacket2_hdr *frame)
{
	return atomic_load_explicit(
	    (_Atomic uint32_t *)&frame->tp_status, memory_order_acquire);
}

static void
frame_give_back(struct tpacket2_hdr *frame)
{
	atomic_store_explicit((_Atomic uint32_t *)&frame->tp_status, TP_STATUS_KERNEL,
	    memory_order_release);
}

/* False for a packet that a frame does not hold whole. */
static bool
frame_describe(struct tpacket2_hdr *frame, uint32_t status, struct packet *ret)
{
	const uint8_t *bytes = (const uint8_t *)frame;
	struct sockaddr_ll from;
	memcpy(&from, bytes + ADDRESS_AT, sizeof(from));
	if (frame->tp_snaplen < frame->tp_len) {
		return false;
	}
	*ret = (struct packet){
	    .bytes = bytes + frame->tp_net,
	    .len = frame->tp_snaplen,
	    .ifindex = (unsigned)from.sll_ifindex,
	    .checksum_made = (status & TP_STATUS_CSUMNOTREADY) == 0,
	};
	return true;
}

bool
packet_next(struct packet_port *port, struct packet *ret)
{
	for (;;) {
		struct tpacket2_hdr *frame = next_frame(port);
		uint32_t status = frame_status(frame);
		if ((status & TP_STATUS_USER) == 0) {
			break;
		}
		port->heard = true;
		if (frame_describe(frame, status, ret)) {
			return true;
		}
		packet_done(port);
	}
	/* Woken for nothing: it can only have been an error. */
	if (!port->heard) {
		forget_error(port);
	}
	port->heard = false;
	return false;
}

void
packet_done(struct packet_port *port)
{
	frame_give_back(next_frame(port));
	port->next = (port->next + 1) % FRAMES;
}

uint64_t
packet_dropped(struct packet_port *port)
{
	struct tpacket_stats since; /* the last time it was asked */
	socklen_t len = sizeof(since);
	if (getsockopt(port->fd, SOL_PACKET, PACKET_STATISTICS, &since, &len) == 0) {
		port->dropped += since.tp_drops;
	}
	return port->dropped;
}
