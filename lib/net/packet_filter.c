/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/net/packet_filter.h"

#include "lib/wire/dhcp4.h"
#include "lib/wire/tftp.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* Where things stand in an IPv4 header, and in a UDP datagram behind it, whose offset the index
 * register holds. A load beyond the packet drops it. */
enum {
	IP_FRAGMENT = 6,
	IP_PROTOCOL = 9,
	IP_MORE_OR_OFFSET = 0x3fff, /* the flag MF and the fragment's offset */
	UDP_PORTS = 0,              /* source, then destination */
	UDP_DESTINATION = 2,
	UDP_PAYLOAD = 8,
};

enum { VLAN_ID = 0x0fff }; /* of a tag; the rest is its priority */

#define DROP   BPF_STMT(BPF_RET | BPF_K, 0)
#define ACCEPT BPF_STMT(BPF_RET | BPF_K, UINT32_MAX)

/* What the kernel knows of the packet; a byte, half or word of the packet from its begin on, or
 * from the index register on. */
#define LOAD_KNOWN(what)                                                               \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + (what)))
#define LOAD_IP(width, at)  BPF_STMT(BPF_LD | (width) | BPF_ABS, (at))
#define LOAD_UDP(width, at) BPF_STMT(BPF_LD | (width) | BPF_IND, (at))
#define INDEX_IP_HEADER_LEN BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0)

/* Each test of what was loaded is followed by what it decides. */
#define REQUIRE(test, k)      BPF_JUMP(BPF_JMP | BPF_K | (test), (k), 1, 0), DROP
#define DROP_IF(test, k)      BPF_JUMP(BPF_JMP | BPF_K | (test), (k), 0, 1), DROP
#define ACCEPT_IF(test, k)    BPF_JUMP(BPF_JMP | BPF_K | (test), (k), 0, 1), ACCEPT
#define UNLESS_SKIP(k, count) BPF_JUMP(BPF_JMP | BPF_K | BPF_JEQ, (k), 0, (count))

/* A tag that is still there stands for a VLAN, whose own interface gets the packet as well; but
 * VLAN 0 is none: some fabrics mark all that they pass on with a priority alone. */
static const struct sock_filter whole_udp[] = {
    LOAD_KNOWN(SKF_AD_PROTOCOL),
    REQUIRE(BPF_JEQ, ETH_P_IP),
    LOAD_KNOWN(SKF_AD_VLAN_TAG),
    DROP_IF(BPF_JSET, VLAN_ID),
    LOAD_IP(BPF_B, IP_PROTOCOL),
    REQUIRE(BPF_JEQ, IPPROTO_UDP),
    LOAD_IP(BPF_H, IP_FRAGMENT),
    DROP_IF(BPF_JSET, IP_MORE_OR_OFFSET),
    INDEX_IP_HEADER_LEN,
};

/* In both directions. */
static const struct sock_filter replies[] = {
    LOAD_UDP(BPF_W, UDP_PORTS),
    UNLESS_SKIP(DHCP4_SERVER_PORT << 16 | DHCP4_CLIENT_PORT, 4),
    LOAD_KNOWN(SKF_AD_PKTTYPE),
    DROP_IF(BPF_JEQ, PACKET_OTHERHOST),
    ACCEPT,
};

static const struct sock_filter requests[] = {
    LOAD_KNOWN(SKF_AD_PKTTYPE),
    DROP_IF(BPF_JGT, PACKET_MULTICAST),
    LOAD_UDP(BPF_H, UDP_DESTINATION),
    ACCEPT_IF(BPF_JEQ, DHCP4_SERVER_PORT),
};

/* Behind requests, which leave the destination port loaded. */
static const struct sock_filter read_requests[] = {
    REQUIRE(BPF_JEQ, TFTP_PORT),
    LOAD_UDP(BPF_H, UDP_PAYLOAD),
    ACCEPT_IF(BPF_JEQ, TFTP_RRQ),
};

static const struct sock_filter nothing_else[] = {DROP};

#define PART(part) (part), sizeof(part) / sizeof((part)[0])
_Static_assert(sizeof(whole_udp) + sizeof(replies) + sizeof(requests) +
	    sizeof(read_requests) + 4 * sizeof(struct sock_filter) <=
	PACKET_FILTER_MAX * sizeof(struct sock_filter),
    "every part fits");

static unsigned
put(struct sock_filter *dst, unsigned at, const struct sock_filter *part, size_t len)
{
	memcpy(dst + at, part, len * sizeof(*part));
	return at + (unsigned)len;
}

/* A socket of one interface and one protocol gets the packets of the interface's VLANs as
 * well, without their tags. */
static unsigned
put_interface(struct sock_filter *dst, unsigned at, unsigned ifindex)
{
	const struct sock_filter only[] = {
	    LOAD_KNOWN(SKF_AD_IFINDEX), REQUIRE(BPF_JEQ, ifindex)};
	return put(dst, at, PART(only));
}

unsigned
packet_filter_write(enum packet_filter what, unsigned ifindex,
    struct sock_filter dst[static PACKET_FILTER_MAX])
{
	unsigned len = ifindex != 0 ? put_interface(dst, 0, ifindex) : 0;
	len = put(dst, len, PART(whole_udp));
	if (what == PACKET_EVERYTHING) {
		len = put(dst, len, PART(replies));
	}
	len = put(dst, len, PART(requests));
	if (what == PACKET_EVERYTHING) {
		len = put(dst, len, PART(read_requests));
	}
	return put(dst, len, PART(nothing_else));
}

int
packet_filter_deafen(int fd)
{
	struct sock_filter nothing = DROP;
	struct sock_fprog program = {.len = 1, .filter = &nothing};
	return setsockopt(
		   fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0
	    ? 0
	    : -errno;
}
