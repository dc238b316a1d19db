/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/flows.h"

#include "lib/net/udp.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	BATCHES = 4,       /* of one flow before the others have their turn */
	READABLE_MAX = 64, /* flows, before the rest of the loop has its turn */
	GATHER_MS = 4,     /* from one reading to the next, at least */
	/* Of a probe: its socket and, of a file on its way into the cache, two. Besides them
	 * databases, cache and loop have some. */
	RUN_DESCRIPTORS = 3,
	OTHER_DESCRIPTORS = 256,
};

/* Flows come and go some hundred times a second. The loop watches one descriptor for all of
 * them, which costs a flow one system call to join, and none to leave. */
struct flows {
	int epoll_fd;
	struct loop_watch *watch;
	struct udp_inbox *inbox;
	uint64_t read_ms; /* when they were read last */
};

struct flow {
	struct flows *flows;
	struct run *run;
	int fd;
};

void
flows_make_room(void)
{
	const rlim_t wanted = RUNNER_RUNS * RUN_DESCRIPTORS + OTHER_DESCRIPTORS;
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) {
		return;
	}
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

struct moment
flows_now(void)
{
	return (struct moment){.ms = loop_now_ms(), .unix_ms = loop_unix_ms()};
}

/* What ICMP said. False when the run has ended, and the flow with it. */
static bool
take_errors(struct flow *flow, const struct moment *now)
{
	struct udp_error error;
	while (udp_take_error(flow->fd, &error)) {
		bool ours = error.unreachable && error.peer == runner_server(flow->run);
		if (ours &&
		    !runner_unreachable(
			flow->run, error.peer_port, error.whole_host, now)) {
			return false;
		}
	}
	return true;
}

/* The same of one batch of packets; *ret_more says whether there may be others. */
static bool
take_batch(struct flow *flow, const struct moment *now, bool *ret_more)
{
	const struct udp_packet *packets;
	unsigned count;
	int err = udp_receive(flow->flows->inbox, flow->fd, &packets, &count);
	if (err != 0 || count == 0) {
		*ret_more = err != 0;
		return take_errors(flow, now);
	}
	for (unsigned i = 0; i < count; i++) {
		if (!runner_packet(flow->run, packets[i].peer, packets[i].peer_port,
			packets[i].bytes, packets[i].len, now)) {
			return false;
		}
	}
	*ret_more = count == UDP_BATCH;
	return true;
}

static void
read_flow(struct flow *flow, const struct moment *now)
{
	bool more = true;
	for (unsigned i = 0; more && i < BATCHES; i++) {
		if (!take_batch(flow, now, &more)) {
			return;
		}
	}
}

/* Among many servers each packet would wake us by itself. What comes within some milliseconds is
 * read together; nothing else of this process is in a greater hurry. */
static void
gather(struct flows *flows)
{
	uint64_t since_ms = loop_now_ms() - flows->read_ms;
	if (since_ms < GATHER_MS) {
		(void)poll(NULL, 0, (int)(GATHER_MS - since_ms));
	}
	flows->read_ms = loop_now_ms();
}

/* What one run is told ends no other: each flow of the list is there until its turn. */
static void
on_readable(void *ctx)
{
	struct flows *flows = ctx;
	struct epoll_event events[READABLE_MAX];
	gather(flows);
	const struct moment now = flows_now();
	int count = epoll_wait(flows->epoll_fd, events, READABLE_MAX, 0);
	for (int i = 0; i < count; i++) {
		read_flow(events[i].data.ptr, &now);
	}
}

int
flows_new(struct loop *loop, struct flows **ret)
{
	struct flows *flows = calloc(1, sizeof(*flows));
	if (flows == NULL) {
		return -ENOMEM;
	}
	flows->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	int err = flows->epoll_fd < 0 ? -errno : udp_inbox_new(&flows->inbox);
	if (err == 0) {
		err = loop_watch(
		    loop, flows->epoll_fd, on_readable, flows, &flows->watch);
	}
	if (err != 0) {
		flows_free(flows);
		return err;
	}
	*ret = flows;
	return 0;
}

void
flows_free(struct flows *flows)
{
	if (flows == NULL) {
		return;
	}
	loop_unwatch(flows->watch);
	if (flows->epoll_fd >= 0) {
		(void)close(flows->epoll_fd);
	}
	udp_inbox_free(flows->inbox);
	free(flows);
}

static void
close_flow(void *ctx)
{
	struct flow *flow = ctx;
	(void)close(flow->fd);
	free(flow);
}

static int
open_flow(void *ctx, struct run *run, uint32_t local, void **ret_flow)
{
	struct flows *flows = ctx;
	struct flow *flow = calloc(1, sizeof(*flow));
	if (flow == NULL) {
		return -ENOMEM;
	}
	*flow = (struct flow){.flows = flows, .run = run};
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = flow};
	int err = udp_open_asking(local, &flow->fd);
	if (err != 0) {
		free(flow);
		return err;
	}
	if (epoll_ctl(flows->epoll_fd, EPOLL_CTL_ADD, flow->fd, &event) != 0) {
		err = -errno;
		close_flow(flow);
		return err;
	}
	*ret_flow = flow;
	return 0;
}

/* What ICMP said of an earlier packet fails the call once; it waits for take_errors(), and the
 * packet goes out after it. */
static int
send_flow(void *ctx, uint32_t peer, uint16_t peer_port, const void *bytes, size_t len)
{
	const struct flow *flow = ctx;
	int err = udp_send(flow->fd, peer, peer_port, bytes, len);
	return err != 0 && err != -EAGAIN
	    ? udp_send(flow->fd, peer, peer_port, bytes, len)
	    : err;
}

struct runner_net
flows_net(struct flows *flows)
{
	return (struct runner_net){.ctx = flows,
	    .open = open_flow,
	    .send = send_flow,
	    .close = close_flow,
	    .local_towards = udp_local_towards};
}
