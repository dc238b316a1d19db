/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* The loop and the UDP sockets, on loopback. */
#include "tests/unit/unit.h"

#include "lib/net/loop.h"
#include "lib/net/udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LOOPBACK = 0x7f000001, OTHER = 0x7f000002 };

/* ---- loop */

struct fixture {
	struct loop *loop;
	struct loop_watch *watch;
	struct loop_timer *timer;
	int fd;
	unsigned calls;
};

static void
setup(struct fixture *f)
{
	*f = (struct fixture){.fd = -1};
	ck_assert_int_eq(loop_new(&f->loop), 0);
}

static void
unwatch_self(void *ctx)
{
	struct fixture *f = ctx;
	f->calls++;
	loop_unwatch(f->watch);
	f->watch = NULL;
	ck_assert_int_eq(close(f->fd), 0);
}

static void
stop_at_third(void *ctx)
{
	struct fixture *f = ctx;
	if (++f->calls == 3) {
		loop_timer_free(f->timer);
		loop_stop(f->loop);
	}
}

static void
raise_term(void *ctx)
{
	struct fixture *f = ctx;
	f->calls++;
	ck_assert_int_eq(raise(SIGTERM), 0);
}

START_TEST(a_watch_may_free_itself_and_close_its_descriptor)
{
	struct fixture f;
	int ends[2];
	setup(&f);
	ck_assert_int_eq(pipe(ends), 0);
	f.fd = ends[0];
	ck_assert_int_eq(loop_watch(f.loop, f.fd, unwatch_self, &f, &f.watch), 0);
	ck_assert_int_eq(write(ends[1], "x", 1), 1);
	struct fixture ticks = {.loop = f.loop};
	ck_assert_int_eq(
	    loop_timer_new(f.loop, stop_at_third, &ticks, &ticks.timer), 0);
	loop_timer_every(ticks.timer, 1);
	loop_run(f.loop);
	ck_assert_uint_eq(f.calls, 1);
	loop_free(f.loop);
	(void)close(ends[1]);
}
END_TEST

START_TEST(a_timer_comes_again_and_may_free_itself)
{
	struct fixture f;
	setup(&f);
	uint64_t start_ms = loop_now_ms();
	ck_assert_int_eq(loop_timer_new(f.loop, stop_at_third, &f, &f.timer), 0);
	loop_timer_every(f.timer, 5);
	loop_run(f.loop);
	ck_assert_uint_eq(f.calls, 3);
	ck_assert_uint_ge(loop_now_ms() - start_ms, 14);
	loop_free(f.loop);
}
END_TEST

static void
want_three(void *ctx)
{
	struct fixture *f = ctx;
	f->calls++;
	loop_timer_while(f->timer, f->calls < 3, 1);
}

START_TEST(a_timer_runs_while_it_is_wanted)
{
	struct fixture f;
	setup(&f);
	struct fixture end = {.loop = f.loop, .calls = 2};
	ck_assert_int_eq(loop_timer_new(f.loop, want_three, &f, &f.timer), 0);
	ck_assert_int_eq(loop_timer_new(f.loop, stop_at_third, &end, &end.timer), 0);
	loop_timer_while(f.timer, false, 1);
	loop_timer_while(f.timer, true, 1);
	loop_timer_every(end.timer, 100);
	loop_run(f.loop);
	ck_assert_uint_eq(f.calls, 3);
	loop_timer_free(f.timer);
	loop_free(f.loop);
}
END_TEST

static void
want_always(void *ctx)
{
	struct fixture *f = ctx;
	loop_timer_while(f->timer, true, 20);
}

START_TEST(a_timer_that_is_wanted_again_keeps_its_beat)
{
	struct fixture f;
	struct loop_timer *often;
	setup(&f);
	f.calls = 2;
	ck_assert_int_eq(loop_timer_new(f.loop, stop_at_third, &f, &f.timer), 0);
	ck_assert_int_eq(loop_timer_new(f.loop, want_always, &f, &often), 0);
	want_always(&f);
	loop_timer_every(often, 1);
	loop_run(f.loop);
	ck_assert_uint_eq(f.calls, 3);
	loop_timer_free(often);
	loop_free(f.loop);
}
END_TEST

/* A callback that takes longer than a timer's period, while something else becomes readable. */
struct stall {
	struct fixture f;
	struct loop_watch *long_one, *short_one;
	int start[2], late[2];
	bool late_was_seen, seen_before_timer;
};

static void
take_long(void *ctx)
{
	struct stall *stall = ctx;
	uint64_t until_ms = loop_now_ms() + 30;
	char byte;
	ck_assert_int_eq(read(stall->start[0], &byte, 1), 1);
	ck_assert_int_eq(write(stall->late[1], "x", 1), 1);
	while (loop_now_ms() < until_ms) {
	}
}

static void
see_late(void *ctx)
{
	struct stall *stall = ctx;
	char byte;
	ck_assert_int_eq(read(stall->late[0], &byte, 1), 1);
	stall->late_was_seen = true;
}

static void
compare(void *ctx)
{
	struct stall *stall = ctx;
	stall->seen_before_timer = stall->late_was_seen;
	loop_stop(stall->f.loop);
}

START_TEST(what_is_readable_comes_before_a_timer)
{
	struct stall stall = {.late_was_seen = false};
	setup(&stall.f);
	struct loop *loop = stall.f.loop;
	ck_assert_int_eq(pipe(stall.start), 0);
	ck_assert_int_eq(pipe(stall.late), 0);
	ck_assert_int_eq(
	    loop_watch(loop, stall.start[0], take_long, &stall, &stall.long_one), 0);
	ck_assert_int_eq(
	    loop_watch(loop, stall.late[0], see_late, &stall, &stall.short_one), 0);
	ck_assert_int_eq(loop_timer_new(loop, compare, &stall, &stall.f.timer), 0);
	loop_timer_every(stall.f.timer, 15);
	ck_assert_int_eq(write(stall.start[1], "x", 1), 1);
	loop_run(loop);
	ck_assert(stall.seen_before_timer);
	loop_unwatch(stall.long_one);
	loop_unwatch(stall.short_one);
	loop_timer_free(stall.f.timer);
	loop_free(loop);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(close(stall.start[i]), 0);
		ck_assert_int_eq(close(stall.late[i]), 0);
	}
}
END_TEST

START_TEST(sigterm_ends_the_loop)
{
	struct fixture f;
	setup(&f);
	ck_assert_int_eq(loop_timer_new(f.loop, raise_term, &f, &f.timer), 0);
	loop_timer_every(f.timer, 1);
	loop_run(f.loop);
	ck_assert_uint_ge(f.calls, 1);
	loop_timer_free(f.timer);
	loop_free(f.loop);
}
END_TEST

/* ---- udp */

struct sockets {
	struct udp_inbox *inbox;
	struct udp_outbox *outbox;
	int fd;
	uint16_t port;
	int client;
	uint16_t client_port;
};

static uint16_t
port_of(int fd)
{
	struct sockaddr_in name;
	socklen_t len = sizeof(name);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&name, &len), 0);
	return ntohs(name.sin_port);
}

static void
sockets_open(struct sockets *s, uint32_t addr)
{
	ck_assert_int_eq(udp_inbox_new(&s->inbox), 0);
	ck_assert_int_eq(udp_outbox_new(&s->outbox), 0);
	ck_assert_int_eq(udp_open(addr, 0, &s->fd), 0);
	s->port = port_of(s->fd);
	ck_assert_int_eq(udp_open(LOOPBACK, 0, &s->client), 0);
	s->client_port = port_of(s->client);
}

static void
sockets_close(struct sockets *s)
{
	udp_inbox_free(s->inbox);
	udp_outbox_free(s->outbox);
	ck_assert_int_eq(close(s->fd), 0);
	ck_assert_int_eq(close(s->client), 0);
}

static void
client_sends(struct sockets *s, uint32_t to, const void *bytes, size_t len)
{
	struct udp_message message = {
	    .peer = to, .peer_port = s->port, .body = bytes, .body_len = len};
	message.head = "";
	udp_outbox_put(s->outbox, s->client, &message);
	udp_outbox_flush(s->outbox);
}

static const struct udp_packet *
receive(struct sockets *s, int fd, unsigned want)
{
	const struct udp_packet *packets;
	unsigned count;
	ck_assert_int_eq(udp_receive(s->inbox, fd, &packets, &count), 0);
	ck_assert_uint_eq(count, want);
	return packets;
}

START_TEST(an_answer_comes_from_the_address_asked)
{
	struct sockets s;
	sockets_open(&s, 0);
	client_sends(&s, OTHER, "hello", 5);
	const struct udp_packet *packet = receive(&s, s.fd, 1);
	ck_assert_uint_eq(packet->local, OTHER);
	ck_assert_uint_eq(packet->peer, LOOPBACK);
	ck_assert_uint_eq(packet->peer_port, s.client_port);
	ck_assert(!packet->to_group);
	ck_assert_uint_eq(packet->len, 5);
	ck_assert_mem_eq(packet->bytes, "hello", 5);
	struct udp_message answer = {.peer = packet->peer,
	    .peer_port = packet->peer_port,
	    .local = packet->local,
	    .head = "head",
	    .head_len = 4,
	    .body = "body",
	    .body_len = 4};
	udp_outbox_put(s.outbox, s.fd, &answer);
	udp_outbox_flush(s.outbox);
	packet = receive(&s, s.client, 1);
	ck_assert_uint_eq(packet->peer, OTHER);
	ck_assert_uint_eq(packet->peer_port, s.port);
	ck_assert_mem_eq(packet->bytes, "headbody", 8);
	sockets_close(&s);
}
END_TEST

START_TEST(a_full_outbox_sends_and_goes_on)
{
	struct sockets s;
	sockets_open(&s, LOOPBACK);
	for (unsigned i = 0; i < UDP_BATCH + 3; i++) {
		struct udp_message message = {.peer = LOOPBACK,
		    .peer_port = s.client_port,
		    .head = &i,
		    .head_len = sizeof(i)};
		udp_outbox_put(s.outbox, s.fd, &message);
	}
	udp_outbox_flush(s.outbox);
	(void)receive(&s, s.client, UDP_BATCH);
	const struct udp_packet *packets = receive(&s, s.client, 3);
	unsigned last;
	memcpy(&last, packets[2].bytes, sizeof(last));
	ck_assert_uint_eq(last, UDP_BATCH + 2);
	(void)receive(&s, s.client, 0);
	ck_assert_uint_eq(udp_outbox_lost(s.outbox), 0);
	sockets_close(&s);
}
END_TEST

START_TEST(a_message_that_cannot_go_does_not_keep_the_next)
{
	struct sockets s;
	static uint8_t huge[70000];
	sockets_open(&s, LOOPBACK);
	struct udp_message message = {.peer = LOOPBACK,
	    .peer_port = s.client_port,
	    .head = "a",
	    .head_len = 1,
	    .body = huge,
	    .body_len = sizeof(huge)};
	udp_outbox_put(s.outbox, s.fd, &message);
	message.body_len = 0;
	udp_outbox_put(s.outbox, s.fd, &message);
	udp_outbox_flush(s.outbox);
	ck_assert_uint_eq(udp_outbox_lost(s.outbox), 1);
	(void)receive(&s, s.client, 1);
	sockets_close(&s);
}
END_TEST

START_TEST(a_long_packet_says_that_it_was_cut)
{
	static const uint8_t bytes[UDP_PACKET_MAX + 1];
	struct sockets s;
	sockets_open(&s, LOOPBACK);
	client_sends(&s, LOOPBACK, bytes, UDP_PACKET_MAX);
	ck_assert(!receive(&s, s.fd, 1)->cut);
	client_sends(&s, LOOPBACK, bytes, UDP_PACKET_MAX + 1);
	ck_assert(receive(&s, s.fd, 1)->cut);
	sockets_close(&s);
}
END_TEST

START_TEST(an_address_that_is_not_here_yet_can_be_bound)
{
	int fd;
	ck_assert_int_eq(udp_open(0xc0000201, 0, &fd), 0);
	ck_assert_int_eq(close(fd), 0);
}
END_TEST

START_TEST(the_path_has_an_mtu)
{
	uint32_t mtu = 0;
	ck_assert_int_eq(udp_path_mtu(LOOPBACK, &mtu), 0);
	ck_assert_uint_ge(mtu, 1280);
}
END_TEST

START_TEST(who_asks_a_port_that_is_shut_is_told)
{
	struct sockets s;
	struct udp_error error;
	const struct udp_packet *packets;
	unsigned count;
	int fd;
	sockets_open(&s, LOOPBACK);
	ck_assert_int_eq(udp_open_asking(0, &fd), 0);
	ck_assert(!udp_take_error(fd, &error));
	ck_assert_int_eq(close(s.fd), 0);
	ck_assert_int_eq(udp_send(fd, LOOPBACK, s.port, "", 0), 0);
	ck_assert_int_eq(udp_receive(s.inbox, fd, &packets, &count), -ECONNREFUSED);
	ck_assert(udp_take_error(fd, &error));
	ck_assert(error.unreachable && !error.whole_host);
	ck_assert_uint_eq(error.peer, LOOPBACK);
	ck_assert_uint_eq(error.peer_port, s.port);
	ck_assert(!udp_take_error(fd, &error));
	s.fd = fd;
	sockets_close(&s);
}
END_TEST

START_TEST(who_asks_from_an_address_is_answered_there)
{
	struct sockets s;
	int fd;
	sockets_open(&s, LOOPBACK);
	ck_assert_int_eq(udp_open_asking(OTHER, &fd), 0);
	ck_assert_int_eq(udp_send(fd, LOOPBACK, s.port, "x", 1), 0);
	const struct udp_packet *packet = receive(&s, s.fd, 1);
	ck_assert_uint_eq(packet->peer, OTHER);
	ck_assert_int_eq(udp_send(s.fd, OTHER, packet->peer_port, "yz", 2), 0);
	packet = receive(&s, fd, 1);
	ck_assert_uint_eq(packet->peer, LOOPBACK);
	ck_assert_uint_eq(packet->len, 2);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_int_eq(udp_open_asking(0xc0000201, &fd), -EADDRNOTAVAIL);
	sockets_close(&s);
}
END_TEST

START_TEST(the_way_to_a_peer_has_an_address_of_ours)
{
	uint32_t local = 0;
	ck_assert_int_eq(udp_local_towards(OTHER, &local), 0);
	ck_assert_uint_eq(local, LOOPBACK);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("net");
	TCase *loop = tcase_create("loop");
	tcase_add_test(loop, a_watch_may_free_itself_and_close_its_descriptor);
	tcase_add_test(loop, a_timer_comes_again_and_may_free_itself);
	tcase_add_test(loop, a_timer_runs_while_it_is_wanted);
	tcase_add_test(loop, a_timer_that_is_wanted_again_keeps_its_beat);
	tcase_add_test(loop, what_is_readable_comes_before_a_timer);
	tcase_add_test(loop, sigterm_ends_the_loop);
	suite_add_tcase(suite, loop);
	TCase *udp = tcase_create("udp");
	tcase_add_test(udp, an_answer_comes_from_the_address_asked);
	tcase_add_test(udp, a_full_outbox_sends_and_goes_on);
	tcase_add_test(udp, a_message_that_cannot_go_does_not_keep_the_next);
	tcase_add_test(udp, a_long_packet_says_that_it_was_cut);
	tcase_add_test(udp, an_address_that_is_not_here_yet_can_be_bound);
	tcase_add_test(udp, the_path_has_an_mtu);
	tcase_add_test(udp, who_asks_a_port_that_is_shut_is_told);
	tcase_add_test(udp, who_asks_from_an_address_is_answered_there);
	tcase_add_test(udp, the_way_to_a_peer_has_an_address_of_ours);
	suite_add_tcase(suite, udp);
	return unit_run(suite);
}
