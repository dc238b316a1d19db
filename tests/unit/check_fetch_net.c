/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* Whole downloads by the TFTP probe, in fake time, from servers as they are found across a
 * network that loses, doubles, delays and reorders, with strangers on it. */
#include "tests/unit/probing.h"

enum { FLIGHTS = 4096, STRANGER = 50000 };

struct network {
	unsigned loss_percent, double_percent, stranger_percent;
	uint32_t delay_ms, jitter_ms; /* one way */
	uint32_t late_ms;             /* how much later a double comes */
};

/* A server of RFC 1350, with what it knows of the options. Windows are sent behind the last
 * ACK; an ACK for less than was sent starts the next one there (RFC 7440). */
struct server {
	struct tftp_options
	    grants; /* has_: it knows the option; its value is its limit */
	uint64_t size;
	uint32_t rto_ms;
	unsigned retries;
	uint64_t dies_after; /* blocks; 0: never */
	bool is_naive; /* each double of the current ACK is answered by its window */
};

struct flight {
	uint64_t at_ms;
	bool to_probe;
	uint16_t server_port;
	size_t len;
	uint8_t bytes[PROBING_PACKET_MAX];
};

/* The server's side of one transfer. */
struct session {
	bool runs, offered;
	uint16_t port;
	uint16_t blksize, windowsize;
	struct tftp_options options;
	uint64_t last, acked, sent;
	unsigned tries;
	uint64_t due_ms;
};

struct sim {
	struct network net;
	struct server server;
	struct session sessions[4]; /* a request that comes twice begins another */
	unsigned session_count;
	uint64_t random;
	struct probing p;
	unsigned count;
	struct flight *flights;
	uint64_t data_sent, acks_sent;
};

static unsigned
random_below(struct sim *s, unsigned limit)
{
	s->random = s->random * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned)(s->random >> 33) % limit;
}

static void
put_one(struct sim *s, struct flight *flight, uint64_t extra_ms)
{
	ck_assert_uint_lt(s->count, FLIGHTS);
	flight->at_ms = s->p.now_ms + s->net.delay_ms + extra_ms +
	    random_below(s, s->net.jitter_ms + 1);
	s->flights[s->count++] = *flight;
}

static void
put(struct sim *s, struct flight *flight)
{
	if (random_below(s, 100) >= s->net.loss_percent) {
		put_one(s, flight, 0);
	}
	if (random_below(s, 100) < s->net.double_percent) {
		put_one(s, flight, s->net.late_ms);
	}
	if (flight->to_probe && random_below(s, 100) < s->net.stranger_percent) {
		struct flight stranger = *flight;
		stranger.server_port = STRANGER;
		put_one(s, &stranger, 1);
	}
}

/* ---- the server */

static void
server_send(struct sim *s, const struct session *session, const struct wr *w,
    struct flight *flight)
{
	flight->to_probe = true;
	flight->server_port = session->port;
	flight->len = wr_len(w, flight->bytes);
	put(s, flight);
}

static void
server_data(struct sim *s, struct session *session, uint64_t block)
{
	struct flight flight;
	struct wr w = wr_init(flight.bytes, sizeof(flight.bytes));
	uint64_t offset = (block - 1) * session->blksize;
	uint64_t left = s->server.size - offset;
	wr_be16(&w, TFTP_DATA);
	wr_be16(&w, (uint16_t)block);
	for (uint64_t i = 0; i < left && i < session->blksize; i++) {
		wr_u8(&w, probing_byte(offset + i));
	}
	s->data_sent++;
	server_send(s, session, &w, &flight);
}

static void
server_say(struct sim *s, struct session *session)
{
	struct flight flight;
	struct wr w = wr_init(flight.bytes, sizeof(flight.bytes));
	session->due_ms = s->p.now_ms + s->server.rto_ms;
	if (session->offered) {
		tftp_oack_encode(&w, &session->options);
		server_send(s, session, &w, &flight);
		return;
	}
	if (s->server.dies_after > 0 && session->acked >= s->server.dies_after) {
		session->runs = false;
		return;
	}
	session->sent = session->acked + session->windowsize;
	session->sent = session->sent < session->last ? session->sent : session->last;
	for (uint64_t block = session->acked + 1; block <= session->sent; block++) {
		server_data(s, session, block);
	}
}

static uint16_t
lesser(uint16_t a, uint16_t b)
{
	return a < b ? a : b;
}

static void
server_begin(struct sim *s, const struct tftp_options *asked)
{
	const struct tftp_options *grants = &s->server.grants;
	if (s->session_count == sizeof(s->sessions) / sizeof(s->sessions[0])) {
		return;
	}
	struct session *session = &s->sessions[s->session_count];
	*session = (struct session){.runs = true,
	    .port = (uint16_t)(PROBING_TID + s->session_count++),
	    .options = {.has_blksize = asked->has_blksize && grants->has_blksize,
		.blksize = lesser(asked->blksize, grants->blksize),
		.has_tsize = asked->has_tsize && grants->has_tsize,
		.tsize = s->server.size,
		.has_windowsize = asked->has_windowsize && grants->has_windowsize,
		.windowsize = lesser(asked->windowsize, grants->windowsize)}};
	const struct tftp_options *options = &session->options;
	session->offered =
	    options->has_blksize || options->has_tsize || options->has_windowsize;
	session->blksize = options->has_blksize ? options->blksize : TFTP_BLKSIZE;
	session->windowsize = options->has_windowsize ? options->windowsize : 1;
	session->last = s->server.size / session->blksize + 1;
	server_say(s, session);
}

static void
server_ack(struct sim *s, struct session *session, uint16_t block)
{
	uint16_t ahead = (uint16_t)(block - (uint16_t)session->acked);
	if (session->offered) {
		session->offered = block != 0;
		ahead = block != 0 ? UINT16_MAX : 0;
	} else if (ahead == 0 && !s->server.is_naive) {
		return;
	}
	if (ahead > session->sent - session->acked) {
		return;
	}
	session->acked += ahead;
	session->tries = 0;
	session->runs = session->acked < session->last;
	if (session->runs) {
		server_say(s, session);
	}
}

static void
server_take(struct sim *s, const struct flight *flight)
{
	struct tftp_request request;
	struct tftp_packet packet;
	if (flight->server_port == TFTP_PORT) {
		ck_assert_int_eq(
		    tftp_request_decode(flight->bytes, flight->len, &request), 0);
		server_begin(s, &request.options);
		return;
	}
	ck_assert_int_eq(tftp_packet_decode(flight->bytes, flight->len, &packet), 0);
	for (unsigned i = 0; i < s->session_count; i++) {
		struct session *session = &s->sessions[i];
		if (!session->runs || session->port != flight->server_port) {
			continue;
		}
		if (packet.opcode == TFTP_ACK) {
			server_ack(s, session, packet.block);
		} else {
			ck_assert_int_eq(packet.opcode, TFTP_ERROR);
			session->runs = false;
		}
	}
}

static void
server_time(struct sim *s)
{
	for (unsigned i = 0; i < s->session_count; i++) {
		struct session *session = &s->sessions[i];
		if (!session->runs || session->due_ms > s->p.now_ms) {
			continue;
		}
		session->runs = session->tries++ < s->server.retries;
		if (session->runs) {
			server_say(s, session);
		}
	}
}

/* ---- between them */

static void
obey(struct sim *s)
{
	const struct probe_action *action = &s->p.action;
	struct flight flight = {
	    .server_port = action->send_port, .len = action->send_len};
	if (action->send_port == 0) {
		return;
	}
	ck_assert_uint_le(action->send_len, sizeof(flight.bytes));
	memcpy(flight.bytes, action->send, action->send_len);
	s->acks_sent += action->send[1] == TFTP_ACK ? 1 : 0;
	put(s, &flight);
}

static uint64_t
next_event(const struct sim *s)
{
	uint64_t next_ms = s->p.probe.deadline_ms;
	for (unsigned i = 0; i < s->count; i++) {
		uint64_t at_ms = s->flights[i].at_ms;
		next_ms = at_ms < next_ms ? at_ms : next_ms;
	}
	for (unsigned i = 0; i < s->session_count; i++) {
		uint64_t due_ms = s->sessions[i].due_ms;
		next_ms = s->sessions[i].runs && due_ms < next_ms ? due_ms : next_ms;
	}
	return next_ms > s->p.now_ms ? next_ms : s->p.now_ms;
}

static void
deliver(struct sim *s, const struct flight *flight)
{
	if (!flight->to_probe) {
		server_take(s, flight);
		return;
	}
	probing_give(
	    &s->p, PROBING_SERVER, flight->server_port, flight->bytes, flight->len);
	obey(s);
}

/* All that is due arrives in the order in which it was sent. */
static void
step(struct sim *s)
{
	s->p.now_ms = next_event(s);
	for (unsigned i = 0; i < s->count;) {
		if (s->flights[i].at_ms > s->p.now_ms) {
			i++;
			continue;
		}
		struct flight flight = s->flights[i];
		memmove(&s->flights[i], &s->flights[i + 1],
		    (--s->count - i) * sizeof(flight));
		deliver(s, &flight);
	}
	server_time(s);
	if (s->p.probe.result == PROBE_RUNS && s->p.now_ms >= s->p.probe.deadline_ms) {
		probing_pass(&s->p);
		obey(s);
	}
}

/* A while longer than the probe lives: nothing that comes late may wake it. */
static void
simulate(struct sim *s, const struct probe_ask *ask)
{
	probing_start(&s->p, ask, 0);
	obey(s);
	while (s->p.probe.result == PROBE_RUNS) {
		step(s);
		ck_assert_uint_le(s->p.now_ms, PROBE_WHOLE_MS);
	}
	uint64_t got = s->p.got;
	for (unsigned i = 0; i < s->count; i++) {
		if (s->flights[i].to_probe) {
			deliver(s, &s->flights[i]);
		}
	}
	ck_assert_uint_eq(s->p.got, got);
}

static struct sim *
sim_new(const struct network *net, const struct server *server, uint64_t seed)
{
	struct sim *s = calloc(1, sizeof(*s));
	ck_assert_ptr_nonnull(s);
	s->flights = calloc(FLIGHTS, sizeof(*s->flights));
	ck_assert_ptr_nonnull(s->flights);
	s->net = *net;
	s->server = *server;
	s->random = (seed + 1) * 0x9e3779b97f4a7c15ull;
	return s;
}

static void
sim_free(struct sim *s)
{
	free(s->flights);
	free(s);
}

/* ---- downloads that end well */

#define KNOWS_ALL                                                                      \
	{                                                                              \
		.has_blksize = true, .blksize = 65464, .has_tsize = true,              \
		.has_windowsize = true, .windowsize = 65535                            \
	}
#define KNOWS_BLKSIZE                                                                  \
	{                                                                              \
		.has_blksize = true, .blksize = 1408, .has_tsize = true                \
	}

static const struct {
	const char *name;
	struct network net;
	struct server server;
	double most; /* DATA sent per block of the file */
} downloads[] = {
    {"by windows", {.delay_ms = 1}, {KNOWS_ALL, 300000, 1000, 5, 0, false}, 1.0},
    {"by smaller windows", {.delay_ms = 1},
	{{.has_windowsize = true, .windowsize = 2}, 300000, 1000, 5, 0, false}, 1.0},
    {"in lock step", {.delay_ms = 1}, {KNOWS_BLKSIZE, 300000, 1000, 5, 0, false}, 1.0},
    {"without options", {.delay_ms = 1}, {{0}, 300000, 1000, 5, 0, false}, 1.0},
    {"of no bytes", {.delay_ms = 1}, {KNOWS_BLKSIZE, 0, 1000, 5, 0, false}, 1.0},
    {"of full blocks", {.delay_ms = 1}, {KNOWS_ALL, 1456 * 64, 1000, 5, 0, false}, 1.0},
    {"across the wrap", {.delay_ms = 0}, {{0}, 40 << 20, 1000, 5, 0, false}, 1.0},
    {"across the wrap by windows", {.delay_ms = 0},
	{{.has_windowsize = true, .windowsize = 4}, 40 << 20, 1000, 5, 0, false}, 1.0},
    {"everything doubled", {.delay_ms = 1, .double_percent = 100},
	{KNOWS_BLKSIZE, 300000, 1000, 5, 0, false}, 1.0},
    {"everything doubled, late", {.delay_ms = 1, .double_percent = 100, .late_ms = 30},
	{KNOWS_BLKSIZE, 300000, 1000, 5, 0, false}, 1.0},
    {"everything doubled by windows", {.delay_ms = 1, .double_percent = 100},
	{KNOWS_ALL, 300000, 1000, 5, 0, false}, 1.0},
    /* Its ACKs doubled, such a server sends DATA twice; the probe must not double it on. */
    {"a naive server, everything doubled", {.delay_ms = 1, .double_percent = 100},
	{KNOWS_BLKSIZE, 300000, 1000, 5, 0, true}, 2.1},
    {"5 % lost", {.delay_ms = 1, .loss_percent = 5},
	{KNOWS_BLKSIZE, 60000, 500, 5, 0, false}, 1.3},
    {"5 % lost by windows", {.delay_ms = 1, .loss_percent = 5},
	{KNOWS_ALL, 300000, 500, 5, 0, false}, 1.5},
    {"5 % lost by windows, and a naive server", {.delay_ms = 1, .loss_percent = 5},
	{KNOWS_ALL, 300000, 500, 5, 0, true}, 1.5},
    {"10 % lost, 20 % doubled by windows",
	{.delay_ms = 1, .loss_percent = 10, .double_percent = 20},
	{KNOWS_ALL, 60000, 500, 5, 0, false}, 2.0},
    {"a server slower than we", {.delay_ms = 1, .loss_percent = 3},
	{KNOWS_ALL, 60000, 4000, 5, 0, true}, 1.5},
    {"a server that never says it again", {.delay_ms = 1, .loss_percent = 2},
	{KNOWS_ALL, 60000, 100000, 5, 0, true}, 2.0},
    {"reordering", {.delay_ms = 1, .jitter_ms = 3},
	{KNOWS_BLKSIZE, 300000, 1000, 5, 0, false}, 1.0},
    {"reordering by windows", {.delay_ms = 1, .jitter_ms = 3},
	{KNOWS_ALL, 300000, 1000, 5, 0, false}, 5.0},
    {"a path of 600 ms", {.delay_ms = 300}, {KNOWS_ALL, 60000, 1000, 5, 0, false}, 1.0},
    {"a path so long that it is asked twice", {.delay_ms = 600},
	{KNOWS_ALL, 30000, 5000, 5, 0, false}, 2.5},
    {"strangers everywhere", {.delay_ms = 1, .stranger_percent = 50},
	{KNOWS_ALL, 300000, 1000, 5, 0, false}, 1.0},
    {"all of it",
	{.delay_ms = 2,
	    .jitter_ms = 2,
	    .late_ms = 5,
	    .loss_percent = 3,
	    .double_percent = 10,
	    .stranger_percent = 10},
	{KNOWS_ALL, 100000, 500, 5, 0, false}, 4.0},
};

START_TEST(a_download_ends_whole)
{
	struct sim *s =
	    sim_new(&downloads[_i].net, &downloads[_i].server, (uint64_t)_i + 1);
	struct probe_ask ask = probing_ask(PROBE_BOOTSTRAP);
	simulate(s, &ask);
	char text[PROBE_TEXT];
	ck_assert_msg(s->p.probe.result == PROBE_ANSWERED, "%s: %s", downloads[_i].name,
	    probe_text(&s->p.probe, text));
	ck_assert(s->p.probe.was_whole);
	ck_assert_uint_eq(s->p.got, s->server.size);
	ck_assert_uint_eq(s->p.probe.fetch.size, s->server.size);
	uint64_t blocks = s->server.size / s->p.probe.fetch.blksize + 1;
	double ratio = (double)s->data_sent / (double)blocks;
	ck_assert_msg(ratio <= downloads[_i].most,
	    "%s: %.3f DATA per block, %.3f allowed", downloads[_i].name, ratio,
	    downloads[_i].most);
	sim_free(s);
}
END_TEST

START_TEST(acks_are_no_more_than_windows)
{
	static const struct network quiet = {.delay_ms = 1};
	static const struct server server = {KNOWS_ALL, 145600, 1000, 5, 0, false};
	struct sim *s = sim_new(&quiet, &server, 1);
	struct probe_ask ask = probing_ask(PROBE_BOOTSTRAP);
	simulate(s, &ask);
	/* ACK 0, one for each of 25 windows, and the last block's, which is empty */
	ck_assert_uint_eq(s->acks_sent, 1 + 25 + 1);
	sim_free(s);
}
END_TEST

/* ---- downloads that do not */

START_TEST(a_server_that_dies_is_left_in_time)
{
	static const struct network quiet = {.delay_ms = 1};
	for (uint64_t blocks = 1; blocks < 200; blocks += 7) {
		struct server server = {KNOWS_ALL, 300000, 1000, 5, blocks, false};
		struct sim *s = sim_new(&quiet, &server, blocks);
		struct probe_ask ask = probing_ask(PROBE_BOOTSTRAP);
		simulate(s, &ask);
		ck_assert_int_eq(s->p.probe.result, PROBE_SILENT);
		ck_assert(!s->p.probe.was_whole);
		ck_assert_uint_le(
		    s->p.now_ms, 2 * (blocks / 4 + 3) + PROBING_TIMEOUT_MS);
		sim_free(s);
	}
}
END_TEST

/* However bad the network: in order, at an end within a minute, and never whole with a byte
 * missing. */
START_TEST(any_network_brings_an_end)
{
	for (uint64_t seed = 0; seed < 300; seed++) {
		struct network net = {.loss_percent = 10 + (unsigned)(seed * 7 % 60),
		    .double_percent = (unsigned)(seed * 13 % 50),
		    .stranger_percent = (unsigned)(seed * 3 % 30),
		    .delay_ms = (uint32_t)(seed % 400),
		    .jitter_ms = (uint32_t)(seed % 17),
		    .late_ms = (uint32_t)(seed % 3000)};
		struct server server = {
		    KNOWS_ALL, 30000 + seed, 300, 5, 0, seed % 2 == 0};
		if (seed % 3 == 0) {
			server.grants = (struct tftp_options){.has_tsize = true};
		}
		struct sim *s = sim_new(&net, &server, seed);
		struct probe_ask ask = probing_ask(PROBE_BOOTSTRAP);
		ask.whole = seed % 5 != 0;
		simulate(s, &ask);
		ck_assert_int_ne(s->p.probe.result, PROBE_RUNS);
		ck_assert_int_ne(s->p.probe.result, PROBE_BROKEN);
		ck_assert(!s->p.probe.was_whole || s->p.got == server.size);
		sim_free(s);
	}
}
END_TEST

START_TEST(a_thinned_probe_costs_one_oack)
{
	static const struct network quiet = {.delay_ms = 1};
	static const struct server server = {KNOWS_ALL, 300000, 1000, 5, 0, false};
	struct sim *s = sim_new(&quiet, &server, 1);
	struct probe_ask ask = probing_ask(PROBE_BOOTSTRAP);
	ask.whole = false;
	ask.known_size = server.size;
	simulate(s, &ask);
	ck_assert_int_eq(s->p.probe.result, PROBE_ANSWERED);
	ck_assert_uint_eq(s->data_sent + s->acks_sent, 0);
	ck_assert_uint_eq(s->p.now_ms, 2);
	sim_free(s);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("fetch over a network");
	TCase *good = tcase_create("good ends");
	tcase_set_timeout(good, 60);
	tcase_add_loop_test(good, a_download_ends_whole, 0, UNIT_ROWS(downloads));
	tcase_add_test(good, acks_are_no_more_than_windows);
	tcase_add_test(good, a_thinned_probe_costs_one_oack);
	suite_add_tcase(suite, good);
	TCase *bad = tcase_create("bad ends");
	tcase_set_timeout(bad, 60);
	tcase_add_test(bad, a_server_that_dies_is_left_in_time);
	tcase_add_test(bad, any_network_brings_an_end);
	suite_add_tcase(suite, bad);
	return unit_run(suite);
}
