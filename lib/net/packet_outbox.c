/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/net/packet.h"

#include "lib/base/rd.h"
#include "lib/net/packet_filter.h"
#include "lib/net/send.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ETHERNET_BROADCAST_LEN = 6, IP_SOURCE_AT = 12 };

union destination {
	struct sockaddr_ll link;
	struct sockaddr_in routed;
};

struct packet_outbox {
	unsigned count;
	uint64_t lost;
	int fds[PACKET_BATCH];
	struct mmsghdr headers[PACKET_BATCH];
	struct iovec iov[PACKET_BATCH];
	union destination to[PACKET_BATCH];
	union send_control control[PACKET_BATCH];
	uint8_t bytes[PACKET_BATCH][PACKET_SEND_MAX];
};

int
packet_outbox_new(struct packet_outbox **ret)
{
	struct packet_outbox *outbox = calloc(1, sizeof(*outbox));
	if (outbox == NULL) {
		return -ENOMEM;
	}
	*ret = outbox;
	return 0;
}

void
packet_outbox_free(struct packet_outbox *outbox)
{
	free(outbox);
}

uint8_t *
packet_room(struct packet_outbox *outbox)
{
	if (outbox->count == PACKET_BATCH) {
		packet_flush(outbox);
	}
	return outbox->bytes[outbox->count];
}

/* Queues what was written into packet_room(). NULL when that is not possible. */
static struct msghdr *
put(struct packet_outbox *outbox, int fd, const union destination *to, socklen_t to_len,
    size_t len)
{
	if (len > PACKET_SEND_MAX) {
		outbox->lost++;
		return NULL;
	}
	unsigned i = outbox->count++;
	outbox->fds[i] = fd;
	outbox->to[i] = *to;
	outbox->iov[i] = (struct iovec){outbox->bytes[i], len};
	outbox->headers[i].msg_hdr = (struct msghdr){.msg_name = &outbox->to[i],
	    .msg_namelen = to_len,
	    .msg_iov = &outbox->iov[i],
	    .msg_iovlen = 1};
	return &outbox->headers[i].msg_hdr;
}

void
packet_broadcast(struct packet_outbox *outbox, struct packet_port *port,
    unsigned ifindex, size_t len)
{
	unsigned own = packet_ifindex(port);
	union destination to = {.link = {.sll_family = AF_PACKET,
				    .sll_protocol = htons(ETH_P_IP),
				    .sll_ifindex = (int)(own != 0 ? own : ifindex),
				    .sll_halen = ETHERNET_BROADCAST_LEN}};
	memset(to.link.sll_addr, 0xff, ETHERNET_BROADCAST_LEN);
	(void)put(outbox, packet_fd(port), &to, sizeof(to.link), len);
}

/* The address that the packet itself comes from (RFC 791). */
static uint32_t
source_of(const struct iovec *packet)
{
	struct rd r = rd_init(packet->iov_base, packet->iov_len);
	rd_skip(&r, IP_SOURCE_AT);
	return rd_be32(&r);
}

void
packet_route(struct packet_outbox *outbox, int fd, uint32_t destination, size_t len)
{
	union destination to = {
	    .routed = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(destination)}};
	struct msghdr *header = put(outbox, fd, &to, sizeof(to.routed), len);
	if (header != NULL) {
		union send_control *control = &outbox->control[outbox->count - 1];
		send_from(header, control, source_of(header->msg_iov));
	}
}

/* A raw socket of this protocol takes whole packets; it shall hear none. */
int
packet_route_open(int *ret_fd)
{
	int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW);
	if (fd < 0) {
		return -errno;
	}
	int err = packet_filter_deafen(fd);
	if (err != 0) {
		(void)close(fd);
		return err;
	}
	*ret_fd = fd;
	return 0;
}

/* How many from that place on go out by one socket. */
static unsigned
run_length(const struct packet_outbox *outbox, unsigned at)
{
	unsigned end = at + 1;
	while (end < outbox->count && outbox->fds[end] == outbox->fds[at]) {
		end++;
	}
	return end - at;
}

void
packet_flush(struct packet_outbox *outbox)
{
	unsigned run;
	for (unsigned at = 0; at < outbox->count; at += run) {
		run = run_length(outbox, at);
		outbox->lost += send_batch(outbox->fds[at], &outbox->headers[at], run);
	}
	outbox->count = 0;
}

uint64_t
packet_lost(const struct packet_outbox *outbox)
{
	return outbox->lost;
}
