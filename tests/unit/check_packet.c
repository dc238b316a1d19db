/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* Packets heard and sent on a cable of the test's own. What must not be heard is followed by
 * what must, in the same queue. */
#include "tests/unit/link.h"

#include "lib/net/loop.h"
#include "lib/net/packet.h"
#include "lib/wire/udp4.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

enum {
	HOST = 0x0a000001,
	SECOND = 0x0a000003,    /* another address of host */
	NEIGHBOUR = 0x0a000009, /* peer's */
	BEYOND = 0x0a090001,    /* 10.9.0.1: no route leads there */
	PATIENCE_MS = 3000,
	RING = 1024, /* packets that wait at most */
};

static const uint8_t stranger[6] = {0x02, 0, 0, 0, 0, 0x99};
static const uint8_t group[6] = {0x01, 0x00, 0x5e, 0x00, 0x00, 0x01};
static const struct link_frame marker = {
    .source_port = 68, .destination_port = 67, .payload = "marker"};

/* What was heard, copied. */
struct hearing {
	struct packet packet; /* bytes are NULL */
	struct udp4 udp;      /* payload is NULL */
	char payload[64];
};

static struct packet_port *
port_open(unsigned ifindex, enum packet_filter filter)
{
	struct packet_port *port;
	ck_assert_int_eq(packet_open(ifindex, filter, &port), 0);
	return port;
}

static void
await_packet(struct packet_port *port, struct packet *ret)
{
	struct pollfd waiting = {.fd = packet_fd(port), .events = POLLIN};
	while (!packet_next(port, ret)) {
		ck_assert_msg(poll(&waiting, 1, PATIENCE_MS) > 0, "nothing is heard");
	}
}

static struct hearing
hear(struct packet_port *port)
{
	struct hearing heard = {.payload = ""};
	await_packet(port, &heard.packet);
	ck_assert_int_eq(udp4_decode(heard.packet.bytes, heard.packet.len,
			     heard.packet.checksum_made, &heard.udp),
	    0);
	ck_assert_uint_lt(heard.udp.len, sizeof(heard.payload));
	memcpy(heard.payload, heard.udp.payload, heard.udp.len);
	heard.packet.bytes = heard.udp.payload = NULL;
	packet_done(port);
	return heard;
}

static struct hearing
must_hear(struct packet_port *port, const char *payload)
{
	struct hearing heard = hear(port);
	ck_assert_str_eq(heard.payload, payload);
	return heard;
}

/* ---- hearing */

static const uint8_t host[6]; /* stands for host's own MAC */

static const struct {
	const char *what;
	struct link_frame frame;
	bool by_requests, by_everything;
} frames[] = {
    {"a request", {.source_port = 68, .destination_port = 67}, true, true},
    {"a request to us",
	{.to = host, .destination = HOST, .source_port = 68, .destination_port = 67},
	true, true},
    {"a relayed request",
	{.to = host, .destination = HOST, .source_port = 67, .destination_port = 67},
	true, true},
    {"a request to a group", {.to = group, .source_port = 68, .destination_port = 67},
	true, true},
    {"a request with IP options",
	{.source_port = 68, .destination_port = 67, .options = true}, true, true},
    {"a request to another host",
	{.to = stranger, .source_port = 68, .destination_port = 67}, false, false},
    {"a first fragment",
	{.source_port = 68, .destination_port = 67, .fragment = 0x2000}, false, false},
    {"a later fragment",
	{.source_port = 68, .destination_port = 67, .fragment = 0x0007}, false, false},
    {"TCP", {.source_port = 68, .destination_port = 67, .protocol = 6}, false, false},
    {"a tagged request", {.source_port = 68, .destination_port = 67, .vlan = 5}, false,
	false},
    {"a request with a priority",
	{.source_port = 68, .destination_port = 67, .vlan = 0x6000}, true, true},
    {"a reply", {.source_port = 67, .destination_port = 68}, false, true},
    {"a reply to us",
	{.to = host, .destination = HOST, .source_port = 67, .destination_port = 68},
	false, true},
    {"a reply to another host",
	{.to = stranger, .source_port = 67, .destination_port = 68}, false, false},
    {"port 68 from elsewhere", {.source_port = 4011, .destination_port = 68}, false,
	false},
    {"a reply with a priority",
	{.source_port = 67, .destination_port = 68, .vlan = 0xa000}, false, true},
    {"a tagged reply", {.source_port = 67, .destination_port = 68, .vlan = 5}, false,
	false},
    {"an RRQ",
	{.to = host,
	    .destination = HOST,
	    .source_port = 2000,
	    .destination_port = 69,
	    .payload = "\0\1file",
	    .len = 6},
	false, true},
    {"a WRQ",
	{.to = host,
	    .destination = HOST,
	    .source_port = 2000,
	    .destination_port = 69,
	    .payload = "\0\2file",
	    .len = 6},
	false, false},
    {"nothing to port 69",
	{.to = host,
	    .destination = HOST,
	    .source_port = 2000,
	    .destination_port = 69,
	    .payload = ""},
	false, false},
    {"an RRQ to another host",
	{.to = stranger,
	    .source_port = 2000,
	    .destination_port = 69,
	    .payload = "\0\1file",
	    .len = 6},
	false, false},
    {"port 4011",
	{.to = host, .destination = HOST, .source_port = 68, .destination_port = 4011},
	false, false},
};

static void
check_heard(struct packet_port *port, const struct link *link, unsigned row, bool heard)
{
	struct hearing first = hear(port);
	ck_assert_msg((strcmp(first.payload, "marker") != 0) == heard,
	    "%s is heard: %s", frames[row].what, heard ? "no" : "yes");
	if (heard) {
		const struct link_frame *frame = &frames[row].frame;
		ck_assert_uint_eq(first.packet.ifindex, link->host);
		ck_assert(first.packet.checksum_made);
		ck_assert_uint_eq(first.udp.destination_port, frame->destination_port);
		(void)must_hear(port, "marker");
	}
}

START_TEST(only_what_concerns_us_is_heard)
{
	struct link link;
	link_new(&link);
	struct packet_port *requests = port_open(link.host, PACKET_REQUESTS);
	struct packet_port *everywhere = port_open(0, PACKET_REQUESTS);
	struct packet_port *everything = port_open(link.host, PACKET_EVERYTHING);
	for (unsigned i = 0; i < UNIT_ROWS(frames); i++) {
		struct link_frame frame = frames[i].frame;
		frame.to = frame.to == host ? link.mac : frame.to;
		frame.payload = frame.payload != NULL ? frame.payload : frames[i].what;
		link_send(&link, &frame);
		link_send(&link, &marker);
		check_heard(requests, &link, i, frames[i].by_requests);
		check_heard(everywhere, &link, i, frames[i].by_requests);
		check_heard(everything, &link, i, frames[i].by_everything);
	}
	packet_close(requests);
	packet_close(everywhere);
	packet_close(everything);
	link_done(&link);
}
END_TEST

START_TEST(of_this_hosts_packets_only_replies_are_heard)
{
	struct link link;
	link_new(&link);
	struct packet_port *everything = port_open(link.host, PACKET_EVERYTHING);
	struct packet_port *requests = port_open(link.host, PACKET_REQUESTS);
	int server = link_udp("host", 67);
	int client = link_udp("host", 68);
	link_udp_send(client, 0xffffffff, 67, "request");
	link_udp_send(server, 0xffffffff, 68, "reply");
	link_send(&link, &marker);
	struct hearing reply = must_hear(everything, "reply");
	ck_assert_uint_eq(reply.udp.source, HOST);
	(void)must_hear(everything, "marker");
	(void)must_hear(requests, "marker");
	packet_close(everything);
	packet_close(requests);
	(void)close(server);
	(void)close(client);
	link_done(&link);
}
END_TEST

/* The kernel leaves the checksum of what its own sockets send to the card, and a veth hands it
 * over as it is. */
START_TEST(a_half_made_checksum_is_flagged)
{
	struct link link;
	link_new(&link);
	link_ip("addr add 10.1.0.1/24 dev peer");
	struct packet_port *port = port_open(link.host, PACKET_EVERYTHING);
	int client = link_udp("peer", 68);
	struct packet packet;
	struct udp4 udp;
	link_udp_send(client, 0xffffffff, 67, "from a neighbour");
	await_packet(port, &packet);
	ck_assert(!packet.checksum_made);
	ck_assert_int_eq(
	    udp4_decode(packet.bytes, packet.len, true, &udp), ERR_CHECKSUM);
	ck_assert_int_eq(udp4_decode(packet.bytes, packet.len, false, &udp), 0);
	packet_done(port);
	packet_close(port);
	(void)close(client);
	link_done(&link);
}
END_TEST

/* An interface on top of host gets packets that came in by host. */
START_TEST(what_is_for_an_interface_on_top_is_heard_there)
{
	static const uint8_t mac[6] = {0x02, 0, 0, 0, 0, 0x33};
	struct link link;
	link_new(&link);
	link_ip("link add top link host address 02:00:00:00:00:33 type macvlan");
	link_ip("link set top up");
	link_await("top");
	unsigned top = if_nametoindex("top");
	struct packet_port *below = port_open(link.host, PACKET_REQUESTS);
	struct packet_port *above = port_open(top, PACKET_REQUESTS);
	struct packet_port *all = port_open(0, PACKET_REQUESTS);
	link_send(&link,
	    &(struct link_frame){.to = mac,
		.source_port = 68,
		.destination_port = 67,
		.payload = "above"});
	link_send(&link,
	    &(struct link_frame){.to = link.mac,
		.source_port = 68,
		.destination_port = 67,
		.payload = "below"});
	ck_assert_uint_eq(must_hear(above, "above").packet.ifindex, top);
	ck_assert_uint_eq(must_hear(below, "below").packet.ifindex, link.host);
	ck_assert_uint_eq(must_hear(all, "above").packet.ifindex, top);
	ck_assert_uint_eq(must_hear(all, "below").packet.ifindex, link.host);
	packet_close(below);
	packet_close(above);
	packet_close(all);
	link_done(&link);
}
END_TEST

START_TEST(a_vlans_packet_is_heard_once_and_there)
{
	enum packet_filter filter = _i == 0 ? PACKET_REQUESTS : PACKET_EVERYTHING;
	struct link link;
	struct packet packet;
	struct link_frame tagged = {
	    .source_port = 68, .destination_port = 67, .payload = "tagged", .vlan = 5};
	link_new(&link);
	unsigned vlan = link_vlan();
	if (vlan == 0) {
		return;
	}
	struct packet_port *parent = port_open(link.host, filter);
	struct packet_port *child = port_open(vlan, filter);
	struct packet_port *all = port_open(0, PACKET_REQUESTS);
	link_send(&link, &tagged);
	link_send(&link, &marker);
	ck_assert_uint_eq(must_hear(child, "tagged").packet.ifindex, vlan);
	(void)must_hear(parent, "marker");
	ck_assert_uint_eq(must_hear(all, "tagged").packet.ifindex, vlan);
	ck_assert_uint_eq(must_hear(all, "marker").packet.ifindex, link.host);
	ck_assert(!packet_next(child, &packet));
	packet_close(parent);
	packet_close(child);
	packet_close(all);
	link_done(&link);
}
END_TEST

START_TEST(a_reply_through_a_vlan_is_heard_once_and_there)
{
	struct link link;
	link_new(&link);
	unsigned vlan = link_vlan();
	if (vlan == 0) {
		return;
	}
	int server = link_udp("host.5", 67);
	struct packet_port *parent = port_open(link.host, PACKET_EVERYTHING);
	struct packet_port *child = port_open(vlan, PACKET_EVERYTHING);
	link_udp_send(server, 0xffffffff, 68, "reply");
	link_send(&link, &marker);
	struct hearing reply = must_hear(child, "reply");
	ck_assert_uint_eq(reply.packet.ifindex, vlan);
	(void)must_hear(parent, "marker");
	packet_close(parent);
	packet_close(child);
	(void)close(server);
	link_done(&link);
}
END_TEST

START_TEST(a_packet_that_no_frame_holds_is_left_out)
{
	static char huge[3000];
	struct link link;
	struct link_frame frame = {.source_port = 68,
	    .destination_port = 67,
	    .payload = huge,
	    .len = sizeof(huge)};
	link_new(&link);
	link_ip("link set host mtu 9000");
	link_ip("link set peer mtu 9000");
	struct packet_port *port = port_open(link.host, PACKET_REQUESTS);
	link_send(&link, &frame);
	link_send(&link, &marker);
	(void)must_hear(port, "marker");
	packet_close(port);
	link_done(&link);
}
END_TEST

static void
send_number(const struct link *link, unsigned number)
{
	char text[16];
	(void)snprintf(text, sizeof(text), "%u", number);
	link_send(link,
	    &(struct link_frame){
		.source_port = 68, .destination_port = 67, .payload = text});
}

static void
must_hear_number(struct packet_port *port, unsigned number)
{
	char text[16];
	(void)snprintf(text, sizeof(text), "%u", number);
	(void)must_hear(port, text);
}

START_TEST(the_ring_goes_round)
{
	enum { BURST = 300, PACKETS = 3000 };
	struct link link;
	link_new(&link);
	struct packet_port *port = port_open(link.host, PACKET_EVERYTHING);
	for (unsigned sent = 0; sent < PACKETS; sent += BURST) {
		for (unsigned i = 0; i < BURST; i++) {
			send_number(&link, sent + i);
		}
		for (unsigned i = 0; i < BURST; i++) {
			must_hear_number(port, sent + i);
		}
	}
	ck_assert_uint_eq(packet_dropped(port), 0);
	packet_close(port);
	link_done(&link);
}
END_TEST

/* The kernel hands a packet to the port opened last first: what the witness heard, the port has
 * had before. */
START_TEST(what_finds_the_ring_full_is_counted)
{
	enum { MORE = 100 };
	struct link link;
	struct packet packet;
	link_new(&link);
	struct packet_port *witness = port_open(link.host, PACKET_REQUESTS);
	struct packet_port *port = port_open(link.host, PACKET_REQUESTS);
	for (unsigned i = 0; i < RING + MORE; i++) {
		send_number(&link, i);
		must_hear_number(witness, i);
	}
	ck_assert_uint_eq(packet_dropped(port), MORE);
	for (unsigned i = 0; i < RING; i++) {
		must_hear_number(port, i);
	}
	ck_assert(!packet_next(port, &packet));
	link_send(&link, &marker);
	(void)must_hear(port, "marker");
	ck_assert_uint_eq(packet_dropped(port), MORE);
	packet_close(witness);
	packet_close(port);
	link_done(&link);
}
END_TEST

/* ---- opening, and an interface that goes */

START_TEST(an_interface_that_is_not_there_is_refused)
{
	struct packet_port *port = NULL;
	link_namespace();
	ck_assert_int_eq(packet_open(4711, PACKET_EVERYTHING, &port), -ENODEV);
	ck_assert_ptr_null(port);
	packet_close(NULL);
}
END_TEST

START_TEST(without_the_privilege_nothing_opens)
{
	struct packet_port *port = NULL;
	int fd = -1;
	ck_assert_int_eq(setuid(65534), 0);
	ck_assert_int_eq(packet_open(0, PACKET_REQUESTS, &port), -EPERM);
	ck_assert_ptr_null(port);
	ck_assert_int_eq(packet_route_open(&fd), -EPERM);
	ck_assert_int_eq(fd, -1);
}
END_TEST

struct listening {
	struct link link;
	struct loop *loop;
	struct loop_watch *watch;
	struct loop_timer *timer;
	struct packet_port *port;
	unsigned wakes, heard;
};

static void
on_readable(void *ctx)
{
	struct listening *l = ctx;
	struct packet packet;
	l->wakes++;
	while (packet_next(l->port, &packet)) {
		l->heard++;
		packet_done(l->port);
		loop_stop(l->loop);
	}
}

static void
send_marker(void *ctx)
{
	struct listening *l = ctx;
	link_send(&l->link, &marker);
}

static void
stop(void *ctx)
{
	struct listening *l = ctx;
	loop_stop(l->loop);
}

/* Runs the loop with nothing to hear, for a while in which a loop that spins wakes a thousand
 * times. */
static void
run_idle(struct listening *l)
{
	l->wakes = 0;
	ck_assert_int_eq(loop_timer_new(l->loop, stop, l, &l->timer), 0);
	loop_timer_every(l->timer, 20);
	loop_run(l->loop);
	loop_timer_free(l->timer);
	ck_assert_uint_le(l->wakes, 2);
}

/* The peer's cable may need a moment, so it asks until it is heard. */
static void
run_until_heard(struct listening *l)
{
	unsigned before = l->heard;
	ck_assert_int_eq(loop_timer_new(l->loop, send_marker, l, &l->timer), 0);
	loop_timer_every(l->timer, 5);
	loop_run(l->loop);
	loop_timer_free(l->timer);
	ck_assert_uint_gt(l->heard, before);
}

START_TEST(an_interface_may_go_down_and_come_up_and_vanish)
{
	struct listening l = {.heard = 0};
	link_new(&l.link);
	ck_assert_int_eq(loop_new(&l.loop), 0);
	l.port = port_open(l.link.host, PACKET_EVERYTHING);
	ck_assert_int_eq(
	    loop_watch(l.loop, packet_fd(l.port), on_readable, &l, &l.watch), 0);
	run_until_heard(&l);
	link_ip("link set host down");
	run_idle(&l);
	link_ip("link set host up");
	link_await("host");
	run_until_heard(&l);
	ck_assert(!packet_is_gone(l.port));
	link_ip("link delete host");
	run_idle(&l);
	ck_assert(packet_is_gone(l.port));
	link_ip("link add host index %u type bridge", l.link.host);
	ck_assert(packet_is_gone(l.port));
	loop_unwatch(l.watch);
	packet_close(l.port);
	loop_free(l.loop);
	link_done(&l.link);
}
END_TEST

START_TEST(a_port_may_be_opened_before_its_interface_is_up)
{
	struct link link;
	link_new(&link);
	link_ip("link set host down");
	struct packet_port *port = port_open(link.host, PACKET_REQUESTS);
	struct pollfd waiting = {.fd = packet_fd(port), .events = POLLIN};
	ck_assert_int_eq(poll(&waiting, 1, 0), 0);
	link_ip("link set host up");
	link_await("host");
	link_send(&link, &marker);
	(void)must_hear(port, "marker");
	packet_close(port);
	link_done(&link);
}
END_TEST

/* ---- sending */

struct sending {
	struct link link;
	struct packet_port *host, *peer;
	struct packet_outbox *outbox;
	int route;
};

static void
sending_new(struct sending *s)
{
	link_new(&s->link);
	s->host = port_open(s->link.host, PACKET_EVERYTHING);
	s->peer = port_open(s->link.peer, PACKET_EVERYTHING);
	ck_assert_int_eq(packet_outbox_new(&s->outbox), 0);
	ck_assert_int_eq(packet_route_open(&s->route), 0);
}

static void
sending_done(struct sending *s)
{
	packet_close(s->host);
	packet_close(s->peer);
	packet_outbox_free(s->outbox);
	packet_outbox_free(NULL);
	ck_assert_int_eq(close(s->route), 0);
	link_done(&s->link);
}

static size_t
write_reply(struct sending *s, uint32_t source, uint32_t destination, uint16_t port,
    unsigned number)
{
	char text[16];
	uint8_t *room = packet_room(s->outbox);
	struct wr w = wr_init(room, PACKET_SEND_MAX);
	struct udp4 reply = {.source = source,
	    .destination = destination,
	    .source_port = 67,
	    .destination_port = port,
	    .payload = (const uint8_t *)text,
	    .len = (size_t)snprintf(text, sizeof(text), "%u", number)};
	udp4_encode(&w, &reply);
	ck_assert_int_eq(w.err, 0);
	return wr_len(&w, room);
}

static void
put_broadcast(struct sending *s, unsigned number)
{
	size_t len = write_reply(s, HOST, 0xffffffff, 68, number);
	packet_broadcast(s->outbox, s->host, 0, len);
}

static void
put_routed(struct sending *s, uint32_t source, uint32_t destination, unsigned number)
{
	packet_route(s->outbox, s->route, destination,
	    write_reply(s, source, destination, 67, number));
}

/* Two sockets and more than a batch: all go out, in order, and the sending port does not hear
 * itself. */
START_TEST(broadcasts_reach_the_peer_and_not_ourselves)
{
	enum { REPLIES = PACKET_BATCH + 3 };
	struct sending s;
	sending_new(&s);
	for (unsigned i = 0; i < REPLIES; i++) {
		put_broadcast(&s, i);
	}
	packet_flush(s.outbox);
	for (unsigned i = 0; i < REPLIES; i++) {
		must_hear_number(s.peer, i);
	}
	ck_assert_uint_eq(packet_lost(s.outbox), 0);
	link_send(&s.link, &marker);
	(void)must_hear(s.host, "marker");
	sending_done(&s);
}
END_TEST

START_TEST(a_port_of_all_interfaces_sends_by_the_one_named)
{
	struct sending s;
	sending_new(&s);
	struct packet_port *all = port_open(0, PACKET_REQUESTS);
	packet_broadcast(
	    s.outbox, all, s.link.host, write_reply(&s, HOST, 0xffffffff, 68, 1));
	packet_flush(s.outbox);
	must_hear_number(s.peer, 1);
	packet_close(all);
	sending_done(&s);
}
END_TEST

/* Makes peer the neighbour 10.0.0.9, which needs not be asked for its MAC. */
static void
make_neighbour(void)
{
	link_ip("link set peer address 02:00:00:00:00:50");
	link_ip("neigh add 10.0.0.9 lladdr 02:00:00:00:00:50 dev host");
}

START_TEST(a_routed_packet_keeps_its_source)
{
	struct sending s;
	sending_new(&s);
	make_neighbour();
	link_ip("addr add 10.0.0.3/24 dev host");
	put_routed(&s, SECOND, NEIGHBOUR, 1);
	packet_flush(s.outbox);
	ck_assert_uint_eq(packet_lost(s.outbox), 0);
	struct hearing heard = hear(s.peer);
	ck_assert_uint_eq(heard.udp.source, SECOND);
	ck_assert_uint_eq(heard.udp.destination, NEIGHBOUR);
	sending_done(&s);
}
END_TEST

START_TEST(a_routed_packet_goes_the_way_of_its_source)
{
	struct sending s;
	sending_new(&s);
	make_neighbour();
	link_ip("addr add 10.0.0.3/24 dev host");
	link_ip("rule add from 10.0.0.3 table 77");
	link_ip("route add 10.9.0.0/16 via 10.0.0.9 table 77");
	put_routed(&s, HOST, BEYOND, 1);
	put_routed(&s, SECOND, BEYOND, 2);
	packet_flush(s.outbox);
	ck_assert_uint_eq(packet_lost(s.outbox), 1);
	must_hear_number(s.peer, 2);
	sending_done(&s);
}
END_TEST

START_TEST(one_that_cannot_go_does_not_keep_the_next)
{
	struct sending s;
	sending_new(&s);
	make_neighbour();
	put_broadcast(&s, 0);
	put_routed(&s, HOST, BEYOND, 1); /* no route */
	put_routed(&s, HOST, NEIGHBOUR, 2);
	(void)write_reply(&s, HOST, 0xffffffff, 68, 3);
	packet_broadcast(s.outbox, s.host, 0, PACKET_SEND_MAX + 1);
	put_routed(&s, HOST, BEYOND, 4);
	put_broadcast(&s, 5);
	packet_flush(s.outbox);
	ck_assert_uint_eq(packet_lost(s.outbox), 3);
	must_hear_number(s.peer, 0);
	must_hear_number(s.peer, 2);
	must_hear_number(s.peer, 5);
	sending_done(&s);
}
END_TEST

START_TEST(what_a_vanished_interface_should_send_is_lost)
{
	struct sending s;
	sending_new(&s);
	link_ip("link delete host");
	put_broadcast(&s, 0);
	put_broadcast(&s, 1);
	packet_flush(s.outbox);
	ck_assert_uint_eq(packet_lost(s.outbox), 2);
	sending_done(&s);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("packet");
	TCase *hearing = tcase_create("hear");
	tcase_add_test(hearing, only_what_concerns_us_is_heard);
	tcase_add_test(hearing, of_this_hosts_packets_only_replies_are_heard);
	tcase_add_test(hearing, a_half_made_checksum_is_flagged);
	tcase_add_test(hearing, what_is_for_an_interface_on_top_is_heard_there);
	tcase_add_loop_test(hearing, a_vlans_packet_is_heard_once_and_there, 0, 2);
	tcase_add_test(hearing, a_reply_through_a_vlan_is_heard_once_and_there);
	tcase_add_test(hearing, a_packet_that_no_frame_holds_is_left_out);
	tcase_add_test(hearing, the_ring_goes_round);
	tcase_add_test(hearing, what_finds_the_ring_full_is_counted);
	suite_add_tcase(suite, hearing);
	TCase *opening = tcase_create("open");
	tcase_add_test(opening, an_interface_that_is_not_there_is_refused);
	tcase_add_test(opening, without_the_privilege_nothing_opens);
	tcase_add_test(opening, an_interface_may_go_down_and_come_up_and_vanish);
	tcase_add_test(opening, a_port_may_be_opened_before_its_interface_is_up);
	suite_add_tcase(suite, opening);
	TCase *sends = tcase_create("send");
	tcase_add_test(sends, broadcasts_reach_the_peer_and_not_ourselves);
	tcase_add_test(sends, a_port_of_all_interfaces_sends_by_the_one_named);
	tcase_add_test(sends, a_routed_packet_keeps_its_source);
	tcase_add_test(sends, a_routed_packet_goes_the_way_of_its_source);
	tcase_add_test(sends, one_that_cannot_go_does_not_keep_the_next);
	tcase_add_test(sends, what_a_vanished_interface_should_send_is_lost);
	suite_add_tcase(suite, sends);
	return unit_run(suite);
}
