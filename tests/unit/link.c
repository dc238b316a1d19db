/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tests/unit/link.h"

#include "lib/net/nics.h"
#include "lib/wire/udp4.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FRAME_MAX = 9000, NOP = 1, AWAIT_STEP_MS = 2, AWAIT_STEPS = 1500 };

void
link_ip(const char *format, ...)
{
	char command[256] = "ip ";
	va_list args;
	va_start(args, format);
	(void)vsnprintf(command + 3, sizeof(command) - 3, format, args);
	va_end(args);
	ck_assert_msg(system(command) == 0, "%s", command);
}

void
link_namespace(void)
{
	ck_assert_msg(unshare(CLONE_NEWNET) == 0, "no network namespace; not root?");
	link_ip("link set lo up");
}

void
link_await(const char *name)
{
	struct nics *nics;
	ck_assert_int_eq(nics_new(&nics), 0);
	for (unsigned i = 0; i < AWAIT_STEPS; i++) {
		ck_assert_int_eq(nics_read(nics), 0);
		const struct nic *nic = nics_named(nics, name);
		ck_assert_msg(nic != NULL, "no interface %s", name);
		if (nic->up) {
			nics_free(nics);
			return;
		}
		(void)poll(NULL, 0, AWAIT_STEP_MS);
	}
	ck_abort_msg("%s did not come up", name);
}

void
link_new(struct link *link)
{
	int past_queues = 1;
	struct ifreq request = {.ifr_name = "host"};
	link_namespace();
	link_ip("link add host type veth peer name peer");
	link_ip("addr add 10.0.0.1/24 dev host");
	link_ip("link set host up");
	link_ip("link set peer up");
	link_await("host");
	link_await("peer");
	*link = (struct link){
	    .host = if_nametoindex("host"), .peer = if_nametoindex("peer")};
	link->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(link->fd, 0);
	ck_assert_int_eq(setsockopt(link->fd, SOL_PACKET, PACKET_QDISC_BYPASS,
			     &past_queues, sizeof(past_queues)),
	    0);
	ck_assert_int_eq(ioctl(link->fd, SIOCGIFHWADDR, &request), 0);
	memcpy(link->mac, request.ifr_hwaddr.sa_data, sizeof(link->mac));
}

void
link_done(struct link *link)
{
	ck_assert_int_eq(close(link->fd), 0);
}

unsigned
link_vlan(void)
{
	if (system("ip link add link host name host.5 type vlan id 5") != 0) {
		(void)fprintf(stderr, "no VLANs in this kernel: not shown with one\n");
		return 0;
	}
	link_ip("addr add 10.5.0.1/24 dev host.5");
	link_ip("link set host.5 up");
	link_await("host.5");
	return if_nametoindex("host.5");
}

static void
put_ethernet(struct wr *w, const struct link_frame *frame)
{
	static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	static const uint8_t client[6] = {0x02, 0, 0, 0, 0, 0x07};
	wr_bytes(w, frame->to != NULL ? frame->to : everybody, sizeof(everybody));
	wr_bytes(w, client, sizeof(client));
	if (frame->vlan != 0) {
		wr_be16(w, ETH_P_8021Q);
		wr_be16(w, frame->vlan);
	}
	wr_be16(w, ETH_P_IP);
}

/* The IP header's checksum anew (RFC 1071). */
static void
make_checksum(uint8_t *ip)
{
	unsigned sum = 0;
	ip[10] = ip[11] = 0;
	for (unsigned i = 0; i < (ip[0] & 0x0fU) * 4; i += 2) {
		sum += (unsigned)ip[i] << 8 | ip[i + 1];
	}
	sum = ~((sum & 0xffff) + (sum >> 16));
	ip[10] = (uint8_t)(sum >> 8);
	ip[11] = (uint8_t)sum;
}

static size_t
put_ip(uint8_t *ip, size_t room, const struct link_frame *frame)
{
	struct udp4 datagram = {.source = frame->source,
	    .destination = frame->destination != 0 ? frame->destination : 0xffffffff,
	    .source_port = frame->source_port,
	    .destination_port = frame->destination_port,
	    .payload = (const uint8_t *)frame->payload,
	    .len = frame->len != 0 ? frame->len : strlen(frame->payload)};
	struct wr w = wr_init(ip, room);
	udp4_encode(&w, &datagram);
	ck_assert_int_eq(w.err, 0);
	size_t len = wr_len(&w, ip);
	if (frame->options) {
		memmove(ip + 24, ip + 20, len - 20);
		memset(ip + 20, NOP, 4);
		ip[0]++;
		ip[3] = (uint8_t)(ip[3] + 4);
		len += 4;
	}
	if (frame->fragment != 0) {
		ip[6] = (uint8_t)(frame->fragment >> 8);
		ip[7] = (uint8_t)frame->fragment;
	}
	ip[9] = frame->protocol != 0 ? frame->protocol : ip[9];
	make_checksum(ip);
	return len;
}

void
link_send(const struct link *link, const struct link_frame *frame)
{
	uint8_t bytes[FRAME_MAX];
	struct sockaddr_ll to = {
	    .sll_family = AF_PACKET, .sll_ifindex = (int)link->peer, .sll_halen = 6};
	struct wr w = wr_init(bytes, sizeof(bytes));
	put_ethernet(&w, frame);
	size_t len = wr_len(&w, bytes) + put_ip(w.p, w.left, frame);
	ck_assert_int_eq(
	    sendto(link->fd, bytes, len, 0, (struct sockaddr *)&to, sizeof(to)),
	    (int)len);
}

int
link_udp(const char *name, uint16_t port)
{
	int yes = 1;
	struct sockaddr_in from = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(
	    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &yes, sizeof(yes)), 0);
	ck_assert_int_eq(
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name)),
	    0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	return fd;
}

void
link_udp_send(int fd, uint32_t addr, uint16_t port, const char *payload)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(addr),
	    .sin_port = htons(port)};
	ck_assert_int_eq(
	    sendto(fd, payload, strlen(payload), 0, (struct sockaddr *)&to, sizeof(to)),
	    (int)strlen(payload));
}
