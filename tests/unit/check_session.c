/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* Requests that wait for their file, before a map, a cache and a client on loopback; the time is
 * the test's. */
#include "tests/unit/db_unit.h"
#include "tests/unit/hook_map.h"
#include "tests/unit/tree.h"

#include "lib/cache/publish.h"
#include "tftp/session.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LOOPBACK = 0x7f000001, START_MS = 1000000, PARKED = 3, TRANSFERS = 2 };

static struct server server;
static struct door door;
static struct cache *cache; /* as the watcher has it open */
static int watcher;         /* its socket */
static int client;
static uint16_t client_port;

static void
open_client(void)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	client = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(client, 0);
	ck_assert_int_eq(bind(client, (struct sockaddr *)&at, len), 0);
	ck_assert_int_eq(getsockname(client, (struct sockaddr *)&at, &len), 0);
	client_port = ntohs(at.sin_port);
}

/* Something listens that may fetch files. */
static void
open_watcher(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%.90s/events", scratch.state);
	watcher = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(watcher, 0);
	ck_assert_int_eq(mkdir(scratch.state, 0770), 0);
	ck_assert_int_eq(bind(watcher, (struct sockaddr *)&at, sizeof(at)), 0);
}

static void
close_watcher(void)
{
	if (watcher >= 0) {
		(void)close(watcher);
	}
	watcher = -1;
}

static void
setup(void)
{
	char dir[UNIT_PATH + 16];
	scratch_setup();
	(void)snprintf(dir, sizeof(dir), "%s/cache", scratch.root);
	hook_map(scratch.map, "east");
	server = (struct server){.tell.counters.count = TELL_COUNTERS};
	open_watcher();
	ck_assert_int_eq(evsend_new(scratch.state, EVENT_TFTP, &server.tell.events), 0);
	ck_assert_int_eq(db_follow_new(scratch.map, scratch.state, &server.follow), 0);
	ck_assert_int_eq(db_follow_poll(server.follow), 0);
	ck_assert_int_eq(cache_create(dir, &cache), 0);
	ck_assert_int_eq(cache_open(dir, &server.cache), 0);
	ck_assert_int_eq(images_new(1 << 20, &server.images), 0);
	ck_assert_int_eq(sticky_new(&server.sticky), 0);
	ck_assert_int_eq(table_new(TRANSFERS, START_MS, &server.table), 0);
	ck_assert_int_eq(park_new(PARKED, &server.park), 0);
	ck_assert_int_eq(udp_outbox_new(&server.outbox), 0);
	door = (struct door){.config.single_port = true};
	door.listener = (struct port){.listens = true, .door = &door};
	ck_assert_int_eq(udp_open(LOOPBACK, 0, &door.listener.fd), 0);
	open_client();
}

static void
teardown(void)
{
	evsend_free(server.tell.events);
	close_watcher();
	park_free(server.park);
	table_free(server.table);
	sticky_free(server.sticky);
	images_free(server.images);
	udp_outbox_free(server.outbox);
	cache_close(server.cache);
	cache_close(cache);
	db_follow_free(server.follow);
	ck_assert_uint_eq(door.listener.users, 0);
	(void)close(door.listener.fd);
	(void)close(client);
	tree_remove(scratch.root);
}

static void
ask_with(const char *name, const struct tftp_options *options, uint64_t now_ms)
{
	struct tftp_request request = {
	    .opcode = TFTP_RRQ, .mode = TFTP_OCTET, .options = *options};
	uint8_t bytes[TFTP_REQUEST_MAX];
	struct wr w = wr_init(bytes, sizeof(bytes));
	(void)snprintf(request.name, sizeof(request.name), "%s", name);
	tftp_request_encode(&w, &request);
	const struct udp_packet packet = {.peer = LOOPBACK,
	    .peer_port = client_port,
	    .local = LOOPBACK,
	    .bytes = bytes,
	    .len = wr_len(&w, bytes)};
	session_packet(&server, &door.listener, &packet, now_ms);
	udp_outbox_flush(server.outbox);
}

/* The client asks for a file. */
static void
ask(const char *name, uint64_t now_ms)
{
	ask_with(name, &(struct tftp_options){.probe = false}, now_ms);
}

static void
look(uint64_t now_ms)
{
	session_parked(&server, now_ms);
	udp_outbox_flush(server.outbox);
}

/* The next packet's opcode; 0 when there is none. What was sent on loopback is there. */
static enum tftp_opcode
heard(struct tftp_packet *ret)
{
	static uint8_t bytes[1024];
	ssize_t len = recv(client, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (len < 0) {
		return 0;
	}
	ck_assert_int_eq(tftp_packet_decode(bytes, (size_t)len, ret), 0);
	return ret->opcode;
}

static bool
is_silent(void)
{
	struct tftp_packet packet;
	return heard(&packet) == 0;
}

static bool
is_refused(void)
{
	struct tftp_packet packet;
	return heard(&packet) == TFTP_ERROR && packet.error == TFTP_E_NOTFOUND;
}

static bool
is_served(const char *body)
{
	struct tftp_packet packet;
	return heard(&packet) == TFTP_DATA && packet.data_len == strlen(body) &&
	    memcmp(packet.data, body, packet.data_len) == 0;
}

static void
publish(const char *file, const char *body)
{
	const struct cache_key key = {
	    .farm = "east", .source = 0x0a01000b, .file = file};
	struct cache_object object;
	ck_assert_int_eq(
	    cache_publish_bytes(cache, &key, body, strlen(body), &object), 0);
}

static uint64_t
counted(enum tell_counter counter)
{
	uint64_t values[EVSEND_COUNTERS_MAX];
	(void)counters_fill(&server.tell.counters, values);
	return values[counter];
}

START_TEST(a_request_is_served_once_its_file_is_there)
{
	ask("east/a.efi", START_MS);
	ck_assert(is_silent());
	look(START_MS + 50);
	ck_assert(is_silent());
	publish("a.efi", "body");
	look(START_MS + 100);
	ck_assert(is_served("body"));
	ck_assert(is_silent());
	ck_assert(park_is_empty(server.park));
	ck_assert_uint_eq(table_running(server.table), 1);
	ck_assert_uint_eq(counted(TELL_PARKED), 1);
	ck_assert_uint_eq(counted(TELL_IN_VAIN), 0);
}
END_TEST

START_TEST(its_time_is_four_seconds)
{
	ask("east/a.efi", START_MS);
	look(START_MS + PARK_MS - 1);
	ck_assert(is_silent());
	look(START_MS + PARK_MS);
	ck_assert(is_refused());
	ck_assert(park_is_empty(server.park));
	ck_assert_uint_eq(counted(TELL_IN_VAIN), 1);
	/* It may ask again. */
	ask("east/a.efi", START_MS + PARK_MS);
	ck_assert(is_silent());
	/* A file that comes with the last look is served. */
	publish("a.efi", "body");
	look(START_MS + 2 * PARK_MS);
	ck_assert(is_served("body"));
}
END_TEST

START_TEST(a_copy_waits_no_longer_than_the_first)
{
	ask("east/a.efi", START_MS);
	ask("east/a.efi", START_MS + 3000);
	ck_assert_uint_eq(counted(TELL_PARKED), 1);
	look(START_MS + PARK_MS);
	ck_assert(is_refused());
	ck_assert(is_silent());
	ck_assert(park_is_empty(server.park));
}
END_TEST

START_TEST(another_request_of_the_same_client_takes_its_place)
{
	publish("b.efi", "b");
	ask("east/a.efi", START_MS);
	ask("east/b.efi", START_MS + 10);
	ck_assert(is_served("b"));
	ck_assert(park_is_empty(server.park));
	/* And one that waits takes the place of a transfer. */
	ask("east/a.efi", START_MS + 20);
	ck_assert_uint_eq(table_running(server.table), 0);
	ask("east/c.efi", START_MS + 3000);
	look(START_MS + 20 + PARK_MS);
	ck_assert(is_silent());
	look(START_MS + 3000 + PARK_MS);
	ck_assert(is_refused());
	ck_assert(is_silent());
}
END_TEST

START_TEST(nothing_waits_when_nobody_fetches)
{
	close_watcher();
	ask("east/a.efi", START_MS);
	ck_assert(is_refused());
	ck_assert(park_is_empty(server.park));
}
END_TEST

START_TEST(a_watchers_probe_does_not_wait)
{
	ask_with("east/a.efi", &(struct tftp_options){.probe = true}, START_MS);
	ck_assert(is_refused());
	ck_assert(park_is_empty(server.park));
}
END_TEST

START_TEST(what_is_of_no_farm_does_not_wait)
{
	ask("nowhere/a.efi", START_MS);
	ck_assert(is_refused());
	ck_assert(park_is_empty(server.park));
}
END_TEST

START_TEST(those_beyond_the_room_are_refused_at_once)
{
	for (unsigned i = 0; i < PARKED; i++) {
		ask("east/a.efi", START_MS);
		client_port++;
	}
	client_port -= PARKED;
	struct table_key key = {LOOPBACK, LOOPBACK, client_port};
	ck_assert_ptr_nonnull(park_find(server.park, &key));
	(void)close(client);
	open_client();
	ask("east/a.efi", START_MS);
	ck_assert(is_refused());
}
END_TEST

START_TEST(those_beyond_the_transfers_wait_for_their_next_try)
{
	for (unsigned i = 0; i < PARKED; i++) {
		ask("east/a.efi", START_MS);
		client_port++;
	}
	publish("a.efi", "body");
	look(START_MS + 50);
	ck_assert(park_is_empty(server.park));
	ck_assert_uint_eq(table_running(server.table), TRANSFERS);
	ck_assert_uint_eq(counted(TELL_BUSY), PARKED - TRANSFERS);
}
END_TEST

START_TEST(a_cache_that_is_away_may_come_in_time)
{
	struct cache *away = server.cache;
	server.cache = NULL;
	publish("a.efi", "body");
	ask("east/a.efi", START_MS);
	look(START_MS + 50);
	ck_assert(is_silent());
	server.cache = away;
	look(START_MS + 100);
	ck_assert(is_served("body"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("session");
	TCase *tc = tcase_create("parked");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_request_is_served_once_its_file_is_there);
	tcase_add_test(tc, its_time_is_four_seconds);
	tcase_add_test(tc, a_copy_waits_no_longer_than_the_first);
	tcase_add_test(tc, another_request_of_the_same_client_takes_its_place);
	tcase_add_test(tc, nothing_waits_when_nobody_fetches);
	tcase_add_test(tc, a_watchers_probe_does_not_wait);
	tcase_add_test(tc, what_is_of_no_farm_does_not_wait);
	tcase_add_test(tc, those_beyond_the_room_are_refused_at_once);
	tcase_add_test(tc, those_beyond_the_transfers_wait_for_their_next_try);
	tcase_add_test(tc, a_cache_that_is_away_may_come_in_time);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
