/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tests/bench/storm_ring.h"

#include "lib/base/rd.h"
#include "lib/wire/dhcp4.h"
#include "lib/wire/udp4.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* A slot holds the kernel's header and the first bytes of a packet, up to chaddr. */
enum { SLOT = 256, BLOCK = 65536, BLOCKS = 64, SLOTS = BLOCKS * (BLOCK / SLOT) };
enum { KEPT = ETH_HLEN + UDP4_HEADERS_LEN + 28 };

struct storm_ring {
	uint8_t *slots;
	unsigned next;
};

/* UDP from port 67, in packets without IP options: what every server here sends. */
static int
filter(int fd)
{
	struct sock_filter steps[] = {
	    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ETH_HLEN + 9),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 3),
	    BPF_STMT(BPF_LD | BPF_H | BPF_ABS, ETH_HLEN + 20),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, DHCP4_SERVER_PORT, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, KEPT),
	    BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = {sizeof(steps) / sizeof(steps[0]), steps};
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static int
open_socket(unsigned ifindex, int *ret_fd)
{
	const int version = TPACKET_V2, yes = 1;
	const struct tpacket_req request = {.tp_block_size = BLOCK,
	    .tp_block_nr = BLOCKS,
	    .tp_frame_size = SLOT,
	    .tp_frame_nr = SLOTS};
	const struct sockaddr_ll here = {.sll_family = AF_PACKET,
	    .sll_protocol = htons(ETH_P_IP),
	    .sll_ifindex = (int)ifindex};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return -errno;
	}
	if (filter(fd) != 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof(yes)) !=
		0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) !=
		0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request)) !=
		0 ||
	    bind(fd, (const struct sockaddr *)&here, sizeof(here)) != 0) {
		int err = -errno;
		(void)close(fd);
		return err;
	}
	*ret_fd = fd;
	return 0;
}

int
storm_ring_open(unsigned ifindex, struct storm_ring **ret, int *ret_fd)
{
	int fd = -1;
	struct storm_ring *ring = calloc(1, sizeof(*ring));
	int err = ring != NULL ? open_socket(ifindex, &fd) : -ENOMEM;
	if (err != 0) {
		free(ring);
		return err;
	}
	ring->slots = mmap(NULL, (size_t)BLOCK * BLOCKS, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_POPULATE, fd, 0);
	if (ring->slots == MAP_FAILED) {
		err = -errno;
		free(ring);
		(void)close(fd);
		return err;
	}
	*ret = ring;
	*ret_fd = fd;
	return 0;
}

static bool
read_offer(
    const uint8_t *slot, const struct tpacket2_hdr *head, struct storm_offer *ret)
{
	struct rd r = rd_init(slot + head->tp_mac, head->tp_snaplen);
	rd_skip(&r, ETH_HLEN + UDP4_HEADERS_LEN);
	uint8_t op = rd_u8(&r);
	rd_skip(&r, 3);
	ret->xid = rd_be32(&r);
	rd_skip(&r, 8);
	ret->yiaddr = rd_be32(&r);
	ret->time_ns = head->tp_sec * UINT64_C(1000000000) + head->tp_nsec;
	return r.err == 0 && op == DHCP4_BOOTREPLY;
}

bool
storm_ring_next(struct storm_ring *ring, struct storm_offer *ret)
{
	bool is_offer = false;
	while (!is_offer) {
		uint8_t *slot = ring->slots + (size_t)ring->next * SLOT;
		struct tpacket2_hdr *head = (struct tpacket2_hdr *)(void *)slot;
		if (!(__atomic_load_n(&head->tp_status, __ATOMIC_ACQUIRE) &
			TP_STATUS_USER)) {
			return false;
		}
		is_offer = read_offer(slot, head, ret);
		__atomic_store_n(&head->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		ring->next = (ring->next + 1) % SLOTS;
	}
	return true;
}
