/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/net/udp.h"

#include "lib/net/send.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* A storm of requests lands in one buffer: at 512 bytes of truesize and more for each,
	 * the kernel's default of 208 KiB holds 256. */
	RECEIVE_BUFFER = 16 << 20,
	SEND_BUFFER = 4 << 20,
};

struct udp_inbox {
	struct mmsghdr headers[UDP_BATCH];
	struct iovec iov[UDP_BATCH];
	struct sockaddr_in peers[UDP_BATCH];
	union send_control control[UDP_BATCH];
	struct udp_packet packets[UDP_BATCH];
	uint8_t bytes[UDP_BATCH][UDP_PACKET_MAX];
};

struct udp_outbox {
	int fd; /* of all messages in the box */
	unsigned count;
	uint64_t lost;
	struct mmsghdr headers[UDP_BATCH];
	struct iovec iov[UDP_BATCH][2];
	struct sockaddr_in peers[UDP_BATCH];
	union send_control control[UDP_BATCH];
	uint8_t heads[UDP_BATCH][UDP_HEAD_MAX];
};

static struct sockaddr_in
sockaddr_of(uint32_t addr, uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(addr),
	    .sin_port = htons(port)};
}

static int
set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) == 0 ? 0 : -errno;
}

/* Beyond the system's limit where we are allowed to, else up to it. */
static void
set_buffer(int fd, int force, int name, int size)
{
	if (set_int(fd, SOL_SOCKET, force, size) != 0) {
		(void)set_int(fd, SOL_SOCKET, name, size);
	}
}

static int
set_up(int fd)
{
	int err = set_int(fd, IPPROTO_IP, IP_PKTINFO, 1);
	return err != 0 ? err
			: set_int(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
}

static int
set_name(int fd, uint32_t addr, uint16_t port)
{
	struct sockaddr_in name = sockaddr_of(addr, port);
	return bind(fd, (struct sockaddr *)&name, sizeof(name)) == 0 ? 0 : -errno;
}

static int
set_up_door(int fd, uint32_t addr, uint16_t port)
{
	int err = set_up(fd);
	err = err != 0 ? err : set_int(fd, IPPROTO_IP, IP_FREEBIND, 1);
	if (err != 0) {
		return err;
	}
	set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, RECEIVE_BUFFER);
	set_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, SEND_BUFFER);
	return set_name(fd, addr, port);
}

/* The kernel finds a port for whoever sends without a name. */
static int
set_up_asking(int fd, uint32_t local)
{
	int err = set_up(fd);
	err = err != 0 ? err : set_int(fd, IPPROTO_IP, IP_RECVERR, 1);
	return err != 0 || local == 0 ? err : set_name(fd, local, 0);
}

static int
new_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

/* Gives fd to the caller where err is 0, else to nobody. */
static int
hand_over(int fd, int err, int *ret_fd)
{
	if (err != 0) {
		(void)close(fd);
	} else {
		*ret_fd = fd;
	}
	return err;
}

int
udp_open(uint32_t addr, uint16_t port, int *ret_fd)
{
	int fd = new_socket();
	return fd < 0 ? fd : hand_over(fd, set_up_door(fd, addr, port), ret_fd);
}

int
udp_open_asking(uint32_t local, int *ret_fd)
{
	int fd = new_socket();
	return fd < 0 ? fd : hand_over(fd, set_up_asking(fd, local), ret_fd);
}

int
udp_send(int fd, uint32_t peer, uint16_t peer_port, const void *bytes, size_t len)
{
	struct sockaddr_in name = sockaddr_of(peer, peer_port);
	ssize_t sent = sendto(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL,
	    (struct sockaddr *)&name, sizeof(name));
	return sent < 0 ? -errno : 0;
}

static bool
is_unreachable(uint32_t errnum)
{
	return errnum == ECONNREFUSED || errnum == EHOSTUNREACH ||
	    errnum == ENETUNREACH || errnum == EHOSTDOWN || errnum == ENONET ||
	    errnum == ENOPROTOOPT || errnum == EOPNOTSUPP;
}

bool
udp_take_error(int fd, struct udp_error *ret)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(struct sock_extended_err) +
			      sizeof(struct sockaddr_in)) +
		    CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control;
	struct sockaddr_in peer = {0};
	struct sock_extended_err said = {0};
	struct msghdr header = {.msg_name = &peer,
	    .msg_namelen = sizeof(peer),
	    .msg_control = &control,
	    .msg_controllen = sizeof(control)};
	if (recvmsg(fd, &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) {
		return false;
	}
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c != NULL;
	     c = CMSG_NXTHDR(&header, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR &&
		    c->cmsg_len >= CMSG_LEN(sizeof(said))) {
			memcpy(&said, CMSG_DATA(c), sizeof(said));
		}
	}
	*ret = (struct udp_error){.peer = ntohl(peer.sin_addr.s_addr),
	    .peer_port = ntohs(peer.sin_port),
	    .unreachable = is_unreachable(said.ee_errno),
	    .whole_host = said.ee_errno != ECONNREFUSED};
	return true;
}

/* A socket that is routed towards peer, as any packet there would be. */
static int
open_routed(uint32_t peer, int *ret_fd)
{
	struct sockaddr_in name = sockaddr_of(peer, 9);
	int fd = new_socket();
	if (fd < 0) {
		return fd;
	}
	int err = connect(fd, (struct sockaddr *)&name, sizeof(name)) != 0 ? -errno : 0;
	return hand_over(fd, err, ret_fd);
}

int
udp_local_towards(uint32_t peer, uint32_t *ret)
{
	struct sockaddr_in name;
	socklen_t len = sizeof(name);
	int fd;
	int err = open_routed(peer, &fd);
	if (err != 0) {
		return err;
	}
	if (getsockname(fd, (struct sockaddr *)&name, &len) != 0) {
		err = -errno;
	} else {
		*ret = ntohl(name.sin_addr.s_addr);
	}
	(void)close(fd);
	return err;
}

int
udp_path_mtu(uint32_t peer, uint32_t *ret)
{
	int mtu;
	socklen_t len = sizeof(mtu);
	int fd;
	int err = open_routed(peer, &fd);
	if (err != 0) {
		return err;
	}
	if (getsockopt(fd, IPPROTO_IP, IP_MTU, &mtu, &len) != 0) {
		err = -errno;
	} else {
		*ret = (uint32_t)mtu;
	}
	(void)close(fd);
	return err;
}

int
udp_inbox_new(struct udp_inbox **ret)
{
	struct udp_inbox *inbox = calloc(1, sizeof(*inbox));
	if (inbox == NULL) {
		return -ENOMEM;
	}
	for (unsigned i = 0; i < UDP_BATCH; i++) {
		inbox->iov[i] = (struct iovec){inbox->bytes[i], UDP_PACKET_MAX};
	}
	*ret = inbox;
	return 0;
}

void
udp_inbox_free(struct udp_inbox *inbox)
{
	free(inbox);
}

/* The kernel writes into the headers; every batch starts from fresh ones. */
static void
inbox_reset(struct udp_inbox *inbox)
{
	for (unsigned i = 0; i < UDP_BATCH; i++) {
		inbox->headers[i].msg_hdr =
		    (struct msghdr){.msg_name = &inbox->peers[i],
			.msg_namelen = sizeof(inbox->peers[i]),
			.msg_iov = &inbox->iov[i],
			.msg_iovlen = 1,
			.msg_control = &inbox->control[i],
			.msg_controllen = sizeof(inbox->control[i])};
	}
}

static bool
find_pktinfo(struct msghdr *header, struct in_pktinfo *ret)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL;
	     c = CMSG_NXTHDR(header, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO &&
		    c->cmsg_len == CMSG_LEN(sizeof(*ret))) {
			memcpy(ret, CMSG_DATA(c), sizeof(*ret));
			return true;
		}
	}
	return false;
}

/* The header's destination and our address differ just where the packet was for many. */
static bool
describe(struct udp_inbox *inbox, unsigned i, struct udp_packet *ret)
{
	struct msghdr *header = &inbox->headers[i].msg_hdr;
	struct in_pktinfo info;
	if (!find_pktinfo(header, &info)) {
		return false;
	}
	*ret = (struct udp_packet){
	    .peer = ntohl(inbox->peers[i].sin_addr.s_addr),
	    .peer_port = ntohs(inbox->peers[i].sin_port),
	    .local = ntohl(info.ipi_spec_dst.s_addr),
	    .to_group = info.ipi_addr.s_addr != info.ipi_spec_dst.s_addr,
	    .cut = (header->msg_flags & MSG_TRUNC) != 0,
	    .ifindex = (unsigned)info.ipi_ifindex,
	    .bytes = inbox->bytes[i],
	    .len = inbox->headers[i].msg_len,
	};
	return true;
}

int
udp_receive(
    struct udp_inbox *inbox, int fd, const struct udp_packet **ret, unsigned *ret_count)
{
	unsigned count = 0;
	inbox_reset(inbox);
	int got = recvmmsg(fd, inbox->headers, UDP_BATCH, 0, NULL);
	if (got < 0 && errno != EAGAIN && errno != EINTR) {
		return -errno;
	}
	for (unsigned i = 0; got > 0 && i < (unsigned)got; i++) {
		count += describe(inbox, i, &inbox->packets[count]) ? 1 : 0;
	}
	*ret = inbox->packets;
	*ret_count = count;
	return 0;
}

int
udp_outbox_new(struct udp_outbox **ret)
{
	struct udp_outbox *outbox = calloc(1, sizeof(*outbox));
	if (outbox == NULL) {
		return -ENOMEM;
	}
	*ret = outbox;
	return 0;
}

void
udp_outbox_free(struct udp_outbox *outbox)
{
	free(outbox);
}

void
udp_outbox_put(struct udp_outbox *outbox, int fd, const struct udp_message *message)
{
	if (message->head_len > UDP_HEAD_MAX) {
		outbox->lost++;
		return;
	}
	if (outbox->count == UDP_BATCH || outbox->fd != fd) {
		udp_outbox_flush(outbox);
	}
	unsigned i = outbox->count++;
	outbox->fd = fd;
	outbox->peers[i] = sockaddr_of(message->peer, message->peer_port);
	if (message->head_len > 0) {
		memcpy(outbox->heads[i], message->head, message->head_len);
	}
	outbox->iov[i][0] = (struct iovec){outbox->heads[i], message->head_len};
	/* An iovec has no const, though sending only reads it. */
	outbox->iov[i][1] =
	    (struct iovec){(void *)(uintptr_t)message->body, message->body_len};
	struct msghdr *header = &outbox->headers[i].msg_hdr;
	*header = (struct msghdr){.msg_name = &outbox->peers[i],
	    .msg_namelen = sizeof(outbox->peers[i]),
	    .msg_iov = outbox->iov[i],
	    .msg_iovlen = message->body_len > 0 ? 2 : 1};
	if (message->local != 0) {
		send_from(header, &outbox->control[i], message->local);
	}
}

void
udp_outbox_flush(struct udp_outbox *outbox)
{
	outbox->lost += send_batch(outbox->fd, outbox->headers, outbox->count);
	outbox->count = 0;
}

uint64_t
udp_outbox_lost(const struct udp_outbox *outbox)
{
	return outbox->lost;
}
