/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* The transfer machine under fake time: first step by step, then whole transfers to a client
 * of RFC 1350 and RFC 7440 across a network that loses, doubles, delays and reorders. */
#include "tests/unit/unit.h"

#include "tftp/xfer.h"

enum { MTU = 1500, FLIGHT = 4096, CLIENT_RETRY_MS = 1000 };

static const struct tftp_options plain;

static struct tftp_packet
ack(uint16_t block)
{
	return (struct tftp_packet){.opcode = TFTP_ACK, .block = block};
}

static struct xfer_action
give_ack(struct xfer *x, uint16_t block, uint64_t now_ms)
{
	struct tftp_packet packet = ack(block);
	struct xfer_action action;
	xfer_packet(x, &packet, now_ms, &action);
	return action;
}

static struct xfer_action
give_error(struct xfer *x, uint16_t code, uint64_t now_ms)
{
	struct tftp_packet packet = {.opcode = TFTP_ERROR, .error = code};
	struct xfer_action action;
	xfer_packet(x, &packet, now_ms, &action);
	return action;
}

static struct xfer_action
start(struct xfer *x, const struct tftp_options *asked, uint64_t size)
{
	struct xfer_action action;
	xfer_start(x, asked, size, MTU, 0, &action);
	return action;
}

static void
assert_data(struct xfer_action action, uint64_t first, uint64_t count)
{
	ck_assert_int_eq(action.send, XFER_SEND_DATA);
	ck_assert_uint_eq(action.first, first);
	ck_assert_uint_eq(action.count, count);
}

static void
assert_nothing(struct xfer_action action)
{
	ck_assert_int_eq(action.send, XFER_SEND_NOTHING);
}

/* ---- options */

START_TEST(without_options_data_comes_at_once)
{
	struct xfer x;
	assert_data(start(&x, &plain, 1000), 1, 1);
	ck_assert_uint_eq(x.last, 2);
	assert_data(give_ack(&x, 1, 1), 2, 1);
	assert_nothing(give_ack(&x, 2, 2));
	ck_assert_int_eq(x.end, XFER_DONE);
}
END_TEST

static const struct {
	const char *name;
	struct tftp_options asked, granted;
} grants[] = {
    {"tsize alone", {.has_tsize = true}, {.has_tsize = true, .tsize = 5000}},
    {"blksize within the path", {.has_blksize = true, .blksize = 1432},
	{.has_blksize = true, .blksize = 1432}},
    {"blksize beyond the path", {.has_blksize = true, .blksize = 65464},
	{.has_blksize = true, .blksize = 1468}},
    {"a small blksize", {.has_blksize = true, .blksize = 8},
	{.has_blksize = true, .blksize = 8}},
    {"timeout as it was asked", {.has_timeout = true, .timeout = 255},
	{.has_timeout = true, .timeout = 255}},
    {"a large window", {.has_windowsize = true, .windowsize = 65535},
	{.has_windowsize = true, .windowsize = 64}},
    {"what edk2 asks",
	{.has_tsize = true,
	    .has_blksize = true,
	    .blksize = 1468,
	    .has_windowsize = true,
	    .windowsize = 4},
	{.has_tsize = true,
	    .tsize = 5000,
	    .has_blksize = true,
	    .blksize = 1468,
	    .has_windowsize = true,
	    .windowsize = 4}},
};

START_TEST(only_what_was_asked_is_granted)
{
	const struct tftp_options *want = &grants[_i].granted;
	struct xfer x;
	ck_assert_int_eq(start(&x, &grants[_i].asked, 5000).send, XFER_SEND_OACK);
	ck_assert_int_eq(x.granted.has_blksize, want->has_blksize);
	ck_assert_int_eq(x.granted.has_tsize, want->has_tsize);
	ck_assert_int_eq(x.granted.has_timeout, want->has_timeout);
	ck_assert_int_eq(x.granted.has_windowsize, want->has_windowsize);
	ck_assert_uint_eq(x.granted.blksize, want->blksize);
	ck_assert_uint_eq(x.granted.tsize, want->tsize);
	ck_assert_uint_eq(x.granted.timeout, want->timeout);
	ck_assert_uint_eq(x.granted.windowsize, want->windowsize);
}
END_TEST

START_TEST(a_narrow_path_never_goes_below_the_default_block)
{
	struct tftp_options asked = {.has_blksize = true, .blksize = 1468};
	struct xfer_action action;
	struct xfer x;
	xfer_start(&x, &asked, 1, 100, 0, &action);
	ck_assert_uint_eq(x.blksize, 512);
}
END_TEST

static const struct {
	uint64_t size, last;
	uint16_t last_len;
} ends[] = {{0, 1, 0}, {1, 1, 1}, {511, 1, 511}, {512, 2, 0}, {513, 2, 1}, {1024, 3, 0},
    {40000000, 78126, 0}, {33553920, 65536, 0}};

START_TEST(the_last_block_is_short_even_if_empty)
{
	struct xfer x;
	(void)start(&x, &plain, ends[_i].size);
	ck_assert_uint_eq(x.last, ends[_i].last);
	struct xfer_span span = xfer_span(&x, x.last);
	ck_assert_uint_eq(span.len, ends[_i].last_len);
	ck_assert_uint_eq(span.offset + span.len, ends[_i].size);
}
END_TEST

/* ---- ends */

START_TEST(an_error_after_the_size_is_a_probe)
{
	struct tftp_options asked = {.has_tsize = true};
	struct xfer x;
	(void)start(&x, &asked, 5000);
	assert_nothing(give_error(&x, TFTP_E_OPTION, 1));
	ck_assert_int_eq(x.end, XFER_SIZE_PROBE);
}
END_TEST

START_TEST(an_error_later_is_the_clients)
{
	struct tftp_options asked = {.has_tsize = true};
	struct xfer x;
	(void)start(&x, &asked, 5000);
	(void)give_ack(&x, 0, 1);
	assert_nothing(give_error(&x, TFTP_E_FULL, 2));
	ck_assert_int_eq(x.end, XFER_CLIENT_ERROR);
	ck_assert_uint_eq(x.error, TFTP_E_FULL);
}
END_TEST

START_TEST(an_ended_transfer_says_nothing)
{
	struct xfer x;
	(void)start(&x, &plain, 10);
	(void)give_ack(&x, 1, 1);
	ck_assert_int_eq(x.end, XFER_DONE);
	struct xfer_action action;
	xfer_timeout(&x, 100000, &action);
	assert_nothing(action);
	xfer_repeat(&x, 100000, &action);
	assert_nothing(action);
	assert_nothing(give_ack(&x, 1, 2));
	assert_nothing(give_error(&x, 0, 3));
	ck_assert_int_eq(x.end, XFER_DONE);
}
END_TEST

/* Lets every deadline pass until the end; returns how many times something was sent. */
static unsigned
starve(struct xfer *x, uint64_t *now_ms)
{
	unsigned sends = 0;
	while (x->state != XFER_ENDED) {
		struct xfer_action action;
		xfer_timeout(x, x->deadline_ms - 1, &action);
		assert_nothing(action);
		*now_ms = x->deadline_ms;
		xfer_timeout(x, *now_ms, &action);
		sends += action.send != XFER_SEND_NOTHING ? 1 : 0;
	}
	return sends;
}

START_TEST(an_unproven_client_is_sent_four_packets_at_most)
{
	struct tftp_options asked[] = {plain, {.has_blksize = true, .blksize = 1468}};
	struct xfer x;
	uint64_t now_ms = 0;
	(void)start(&x, &asked[_i], 10);
	ck_assert_uint_eq(starve(&x, &now_ms), XFER_RETRIES_UNPROVEN);
	ck_assert_uint_eq(now_ms, 1000 + 2000 + 4000 + 5000);
	ck_assert_int_eq(x.end, XFER_TIMEOUT);
	ck_assert_uint_eq(x.resent, XFER_RETRIES_UNPROVEN);
}
END_TEST

START_TEST(a_client_that_falls_silent_is_given_half_a_minute)
{
	struct xfer x;
	uint64_t now_ms = 0;
	(void)start(&x, &plain, 5000);
	(void)give_ack(&x, 1, 1);
	ck_assert_uint_eq(starve(&x, &now_ms), XFER_RETRIES);
	ck_assert_int_eq(x.end, XFER_TIMEOUT);
	ck_assert_uint_ge(now_ms, 25000);
	ck_assert_uint_le(now_ms, 40000);
}
END_TEST

START_TEST(a_rom_that_never_acknowledges_the_end_is_done)
{
	struct xfer x;
	uint64_t now_ms = 0;
	(void)start(&x, &plain, 600);
	(void)give_ack(&x, 1, 1);
	ck_assert_uint_eq(starve(&x, &now_ms), XFER_RETRIES);
	ck_assert_int_eq(x.end, XFER_DONE_UNACKED);
}
END_TEST

/* ---- timers */

START_TEST(the_timeout_follows_the_round_trip)
{
	struct xfer x;
	(void)start(&x, &plain, 100000);
	ck_assert_uint_eq(x.deadline_ms, XFER_RTO_FIRST_MS);
	uint64_t now_ms = 0;
	for (uint16_t block = 1; block <= 60; block++) {
		now_ms += 100;
		(void)give_ack(&x, block, now_ms);
	}
	ck_assert_uint_ge(x.deadline_ms - now_ms, 100);
	ck_assert_uint_le(x.deadline_ms - now_ms, 110);
	for (uint16_t block = 61; block <= 150; block++) {
		(void)give_ack(&x, block, ++now_ms);
	}
	ck_assert_uint_eq(x.deadline_ms - now_ms, XFER_RTO_MIN_MS);
}
END_TEST

START_TEST(a_block_sent_twice_is_no_measure)
{
	struct xfer x;
	struct xfer_action action;
	(void)start(&x, &plain, 5000);
	xfer_timeout(&x, 1000, &action);
	assert_data(action, 1, 1);
	ck_assert_uint_eq(x.deadline_ms, 3000);
	(void)give_ack(&x, 1, 1001);
	ck_assert(!x.measured);
	/* The doubled interval stays until a packet sent once is answered. */
	ck_assert_uint_eq(x.deadline_ms, 1001 + 2000);
	(void)give_ack(&x, 2, 1002);
	ck_assert_uint_eq(x.deadline_ms, 1002 + XFER_RTO_MIN_MS);
}
END_TEST

START_TEST(the_interval_asked_for_is_kept)
{
	struct tftp_options asked = {.has_timeout = true, .timeout = 20};
	struct xfer x;
	struct xfer_action action;
	(void)start(&x, &asked, 5000);
	ck_assert_uint_eq(x.deadline_ms, 20000);
	(void)give_ack(&x, 0, 1);
	ck_assert_uint_eq(x.deadline_ms, 20001);
	xfer_timeout(&x, 20001, &action);
	ck_assert_uint_eq(x.deadline_ms, 40001);
}
END_TEST

/* ---- duplicates, gaps, foreign numbers */

/* A transfer of 100 blocks with block 10 outstanding since 100 ms, round trip 1 ms. */
static void
in_the_middle(struct xfer *x)
{
	struct xfer_action action;
	xfer_start(x, &plain, 512 * 100 - 1, MTU, 91, &action);
	for (uint16_t block = 1; block <= 9; block++) {
		(void)give_ack(x, block, 91u + block);
	}
}

START_TEST(a_duplicate_of_the_current_ack_sends_nothing_at_once)
{
	struct xfer x;
	in_the_middle(&x);
	for (uint64_t now_ms = 100; now_ms <= 100 + XFER_REPAIR_AGE_MS; now_ms++) {
		assert_nothing(give_ack(&x, 9, now_ms));
	}
	assert_data(give_ack(&x, 10, 106), 11, 1);
}
END_TEST

START_TEST(an_old_duplicate_repairs_once_per_timeout)
{
	struct xfer x;
	in_the_middle(&x);
	uint64_t deadline_ms = x.deadline_ms;
	assert_data(give_ack(&x, 9, 110), 10, 1);
	ck_assert_uint_eq(x.resent, 1);
	for (uint64_t now_ms = 111; now_ms < 110 + XFER_RTO_MIN_MS; now_ms++) {
		assert_nothing(give_ack(&x, 9, now_ms));
	}
	ck_assert_uint_eq(x.deadline_ms, deadline_ms);
}
END_TEST

START_TEST(a_repair_that_was_needless_starts_no_chain)
{
	struct xfer x;
	in_the_middle(&x);
	unsigned repairs = 0;
	uint64_t now_ms = 100;
	/* Every ACK comes twice, the second 10 ms late: each meets the next block. */
	for (uint16_t block = 10; block <= 90; block++) {
		now_ms += 20;
		assert_data(give_ack(&x, block, now_ms), block + 1u, 1);
		repairs += give_ack(&x, block, now_ms + 10).send == XFER_SEND_DATA;
	}
	ck_assert_uint_le(repairs, (now_ms - 100) / XFER_RTO_MIN_MS + 1);
}
END_TEST

START_TEST(duplicates_without_end_keep_nothing_alive)
{
	struct xfer x;
	in_the_middle(&x);
	struct xfer_action action;
	uint64_t now_ms = 100;
	while (x.state != XFER_ENDED && now_ms < 120000) {
		now_ms++;
		(void)give_ack(&x, 9, now_ms);
		xfer_timeout(&x, now_ms, &action);
	}
	ck_assert_int_eq(x.end, XFER_TIMEOUT);
	ck_assert_uint_le(now_ms, 40000);
}
END_TEST

START_TEST(older_and_foreign_numbers_mean_nothing)
{
	static const uint16_t blocks[] = {0, 1, 8, 11, 12, 100, 32777, 40000, 65535};
	struct xfer x;
	in_the_middle(&x);
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		assert_nothing(give_ack(&x, blocks[i], 140));
	}
	ck_assert_uint_eq(x.acked, 9);
	ck_assert_uint_eq(x.resent, 0);
}
END_TEST

START_TEST(an_offer_is_answered_by_ack_0_alone)
{
	struct tftp_options asked = {.has_blksize = true, .blksize = 1024};
	struct xfer x;
	(void)start(&x, &asked, 5000);
	assert_nothing(give_ack(&x, 1, 1));
	assert_nothing(give_ack(&x, 2, 1));
	assert_nothing(give_ack(&x, 65535, 1));
	ck_assert_int_eq(x.state, XFER_OFFERED);
	assert_data(give_ack(&x, 0, 2), 1, 1);
}
END_TEST

START_TEST(other_opcodes_mean_nothing)
{
	static const enum tftp_opcode opcodes[] = {TFTP_DATA, TFTP_OACK};
	struct xfer x;
	in_the_middle(&x);
	for (size_t i = 0; i < 2; i++) {
		struct tftp_packet packet = {.opcode = opcodes[i], .block = 10};
		struct xfer_action action;
		xfer_packet(&x, &packet, 101, &action);
		assert_nothing(action);
	}
	ck_assert_uint_eq(x.acked, 9);
}
END_TEST

START_TEST(a_gap_restarts_the_window_behind_it)
{
	struct tftp_options asked = {.has_windowsize = true, .windowsize = 8};
	struct xfer x;
	(void)start(&x, &asked, 512 * 100);
	assert_data(give_ack(&x, 0, 1), 1, 8);
	assert_data(give_ack(&x, 8, 2), 9, 8);
	assert_data(give_ack(&x, 11, 3), 12, 8);
	ck_assert_uint_eq(x.resent, 5);
	/* More ACKs for the same gap do not multiply it. */
	assert_nothing(give_ack(&x, 11, 3));
	assert_nothing(give_ack(&x, 11, 4));
	assert_data(give_ack(&x, 19, 5), 20, 8);
}
END_TEST

START_TEST(an_ack_for_a_part_is_no_measure)
{
	struct tftp_options asked = {.has_windowsize = true, .windowsize = 8};
	struct xfer x;
	(void)start(&x, &asked, 512 * 100);
	(void)give_ack(&x, 0, 1);
	(void)give_ack(&x, 8, 2);
	/* The client's own timer made it tell of the gap. */
	assert_data(give_ack(&x, 11, 900), 12, 8);
	ck_assert_uint_eq(x.deadline_ms, 900 + XFER_RTO_MIN_MS);
}
END_TEST

START_TEST(a_window_that_also_repeats_is_a_measure)
{
	struct tftp_options asked = {.has_windowsize = true, .windowsize = 8};
	struct xfer x;
	struct xfer_action action;
	(void)start(&x, &asked, 512 * 100);
	(void)give_ack(&x, 0, 1);
	xfer_timeout(&x, x.deadline_ms, &action);
	assert_data(action, 1, 8);
	/* Gap after gap: each window repeats some blocks, and its last one is new. */
	assert_data(give_ack(&x, 3, 200), 4, 8);
	assert_data(give_ack(&x, 6, 210), 7, 8);
	ck_assert_uint_eq(x.deadline_ms, 210 + 2 * XFER_RTO_MIN_MS);
	assert_data(give_ack(&x, 14, 212), 15, 8);
	ck_assert_uint_eq(x.deadline_ms, 212 + XFER_RTO_MIN_MS);
}
END_TEST

START_TEST(a_window_ends_with_the_file)
{
	struct tftp_options asked = {.has_windowsize = true, .windowsize = 8};
	struct xfer x;
	(void)start(&x, &asked, 512 * 10);
	(void)give_ack(&x, 0, 1);
	assert_data(give_ack(&x, 8, 2), 9, 3);
	(void)give_ack(&x, 11, 3);
	ck_assert_int_eq(x.end, XFER_DONE);
}
END_TEST

START_TEST(a_request_that_comes_twice_gets_the_first_answer_again)
{
	struct tftp_options asked = {.has_blksize = true, .blksize = 1024};
	struct xfer x;
	struct xfer_action action;
	(void)start(&x, &asked, 5000);
	xfer_repeat(&x, 10, &action);
	ck_assert_int_eq(action.send, XFER_SEND_OACK);
	(void)start(&x, &plain, 5000);
	xfer_repeat(&x, 10, &action);
	assert_data(action, 1, 1);
	(void)give_ack(&x, 1, 20);
	xfer_repeat(&x, 30, &action);
	assert_nothing(action);
}
END_TEST

/* ---- whole transfers */

struct network {
	unsigned loss_percent, double_percent;
	uint32_t delay_ms, jitter_ms; /* one way */
	uint32_t late_ms;             /* how much later a double comes */
};

struct flight {
	uint64_t at_ms;
	bool to_client;
	bool oack;
	uint16_t block, len;
	uint64_t offset;
};

struct sim {
	struct network net;
	uint64_t random;
	uint64_t now_ms;
	struct xfer x;
	unsigned count;
	struct flight flights[FLIGHT];
	/* the client */
	uint64_t got; /* blocks received in order */
	uint64_t bytes;
	unsigned in_window;
	bool begun, gap_told, finished;
	uint64_t retry_ms;
	/* the tally */
	uint64_t data_sent;
};

static unsigned
random_below(struct sim *s, unsigned limit)
{
	s->random = s->random * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned)(s->random >> 33) % limit;
}

static void
put_one(struct sim *s, struct flight flight, uint64_t extra_ms)
{
	ck_assert_uint_lt(s->count, FLIGHT);
	flight.at_ms = s->now_ms + s->net.delay_ms + extra_ms +
	    (s->net.jitter_ms > 0 ? random_below(s, s->net.jitter_ms + 1) : 0);
	s->flights[s->count++] = flight;
}

static void
put(struct sim *s, struct flight flight)
{
	if (random_below(s, 100) >= s->net.loss_percent) {
		put_one(s, flight, 0);
	}
	if (!flight.to_client && random_below(s, 100) < s->net.double_percent) {
		put_one(s, flight, s->net.late_ms);
	}
}

static void
obey(struct sim *s, struct xfer_action action)
{
	if (action.send == XFER_SEND_OACK) {
		put(s, (struct flight){.to_client = true, .oack = true});
	}
	if (action.send != XFER_SEND_DATA) {
		return;
	}
	ck_assert_uint_le(action.count, s->x.window);
	for (uint64_t i = 0; i < action.count; i++) {
		uint64_t block = action.first + i;
		struct xfer_span span = xfer_span(&s->x, block);
		s->data_sent++;
		put(s,
		    (struct flight){.to_client = true,
			.block = (uint16_t)block,
			.offset = span.offset,
			.len = span.len});
	}
}

static void
client_ack(struct sim *s)
{
	s->in_window = 0;
	s->retry_ms = s->now_ms + CLIENT_RETRY_MS;
	put(s, (struct flight){.block = (uint16_t)s->got});
}

/* Takes blocks in order; acknowledges windows, the end, and a gap once. */
static void
client_take(struct sim *s, const struct flight *flight)
{
	s->begun = true;
	if (flight->oack) {
		if (s->got == 0) {
			client_ack(s);
		}
		return;
	}
	uint16_t ahead = (uint16_t)(flight->block - (uint16_t)s->got);
	if (ahead == 1) {
		ck_assert_uint_eq(flight->offset, s->bytes);
		s->bytes += flight->len;
		s->got++;
		s->in_window++;
		s->gap_told = false;
		s->finished = flight->len < s->x.blksize;
		if (s->in_window == s->x.window || s->finished) {
			client_ack(s);
		}
	} else if (s->x.window == 1) {
		client_ack(s); /* a duplicate is acknowledged again: the trap of 1123 */
	} else if (!s->gap_told) {
		s->gap_told = true;
		client_ack(s);
	}
}

static void
deliver(struct sim *s, struct flight flight)
{
	if (flight.to_client) {
		client_take(s, &flight);
	} else {
		obey(s, give_ack(&s->x, flight.block, s->now_ms));
	}
}

static uint64_t
next_event(const struct sim *s)
{
	uint64_t next = s->x.deadline_ms;
	if (s->begun && !s->finished && s->retry_ms < next) {
		next = s->retry_ms;
	}
	for (unsigned i = 0; i < s->count; i++) {
		next = s->flights[i].at_ms < next ? s->flights[i].at_ms : next;
	}
	return next > s->now_ms ? next : s->now_ms;
}

static void
step(struct sim *s)
{
	s->now_ms = next_event(s);
	for (unsigned i = 0; i < s->count && s->x.state != XFER_ENDED;) {
		if (s->flights[i].at_ms > s->now_ms) {
			i++;
			continue;
		}
		struct flight flight = s->flights[i];
		memmove(&s->flights[i], &s->flights[i + 1],
		    (--s->count - i) * sizeof(flight));
		deliver(s, flight);
	}
	if (s->begun && !s->finished && s->retry_ms <= s->now_ms) {
		client_ack(s);
	}
	struct xfer_action action;
	xfer_timeout(&s->x, s->now_ms, &action);
	obey(s, action);
}

static void
simulate(struct sim *s, const struct tftp_options *asked, uint64_t size)
{
	struct xfer_action action;
	xfer_start(&s->x, asked, size, MTU, 0, &action);
	obey(s, action);
	while (s->x.state != XFER_ENDED) {
		step(s);
	}
}

static const struct {
	const char *name;
	struct network net;
	struct tftp_options asked;
	uint64_t size;
	double most; /* DATA packets sent per packet needed */
} transfers[] = {
    {"300 KB in lock step", {.delay_ms = 1}, {0}, 300000, 1.0},
    {"40 MB of 512: the number wraps", {0}, {0}, 40u << 20, 1.0},
    {"40 MB in windows of 64 across the wrap", {.delay_ms = 1},
	{.has_windowsize = true, .windowsize = 64}, 40u << 20, 1.0},
    {"windows of 4, as edk2", {.delay_ms = 1},
	{.has_blksize = true, .blksize = 1468, .has_windowsize = true, .windowsize = 4},
	300000, 1.0},
    {"no bytes at all", {.delay_ms = 1}, {.has_tsize = true}, 0, 1.0},
    {"an exact multiple", {.delay_ms = 1}, {.has_tsize = true}, 512 * 64, 1.0},
    {"20 % doubled ACKs", {.delay_ms = 1, .double_percent = 20}, {0}, 3000000, 1.0},
    {"20 % doubled ACKs, late", {.delay_ms = 1, .double_percent = 20, .late_ms = 4},
	{0}, 3000000, 1.0},
    {"20 % doubled ACKs on a long path", {.delay_ms = 40, .double_percent = 20}, {0},
	300000, 1.0},
    {"every ACK doubled, 30 ms late",
	{.delay_ms = 4, .double_percent = 100, .late_ms = 30}, {0}, 300000, 1.25},
    {"20 % doubled ACKs in windows", {.delay_ms = 1, .double_percent = 20},
	{.has_windowsize = true, .windowsize = 16}, 3000000, 1.0},
    {"5 % loss", {.delay_ms = 1, .loss_percent = 5}, {0}, 300000, 1.2},
    {"5 % loss, 20 % doubled", {.delay_ms = 1, .loss_percent = 5, .double_percent = 20},
	{0}, 300000, 1.2},
    {"5 % loss in windows of 4", {.delay_ms = 1, .loss_percent = 5},
	{.has_windowsize = true, .windowsize = 4}, 300000, 1.4},
    {"5 % loss in windows of 64", {.delay_ms = 1, .loss_percent = 5},
	{.has_windowsize = true, .windowsize = 64}, 300000, 5.0},
    {"reordering", {.delay_ms = 1, .jitter_ms = 3}, {0}, 300000, 1.0},
    {"reordering in windows", {.delay_ms = 1, .jitter_ms = 3},
	{.has_windowsize = true, .windowsize = 8}, 300000, 8.0},
    {"a client slower than the first guess", {.delay_ms = 700}, {0}, 30000, 1.1},
};

START_TEST(a_transfer_ends_whole)
{
	struct sim *s = calloc(1, sizeof(*s));
	ck_assert_ptr_nonnull(s);
	s->net = transfers[_i].net;
	s->random = (uint64_t)_i + 1;
	simulate(s, &transfers[_i].asked, transfers[_i].size);
	ck_assert_msg(s->x.end == XFER_DONE, "%s: %s", transfers[_i].name,
	    xfer_end_text(s->x.end));
	ck_assert_uint_eq(s->bytes, transfers[_i].size);
	double ratio = (double)s->data_sent / (double)s->x.last;
	ck_assert_msg(ratio <= transfers[_i].most,
	    "%s: %.3f DATA per block, %.3f allowed", transfers[_i].name, ratio,
	    transfers[_i].most);
	free(s);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("xfer");
	TCase *options = tcase_create("options");
	tcase_add_test(options, without_options_data_comes_at_once);
	tcase_add_loop_test(options, only_what_was_asked_is_granted, 0,
	    sizeof(grants) / sizeof(grants[0]));
	tcase_add_test(options, a_narrow_path_never_goes_below_the_default_block);
	tcase_add_loop_test(options, the_last_block_is_short_even_if_empty, 0,
	    sizeof(ends) / sizeof(ends[0]));
	suite_add_tcase(suite, options);
	TCase *ending = tcase_create("ends");
	tcase_add_test(ending, an_error_after_the_size_is_a_probe);
	tcase_add_test(ending, an_error_later_is_the_clients);
	tcase_add_test(ending, an_ended_transfer_says_nothing);
	tcase_add_loop_test(
	    ending, an_unproven_client_is_sent_four_packets_at_most, 0, 2);
	tcase_add_test(ending, a_client_that_falls_silent_is_given_half_a_minute);
	tcase_add_test(ending, a_rom_that_never_acknowledges_the_end_is_done);
	suite_add_tcase(suite, ending);
	TCase *timers = tcase_create("timers");
	tcase_add_test(timers, the_timeout_follows_the_round_trip);
	tcase_add_test(timers, a_block_sent_twice_is_no_measure);
	tcase_add_test(timers, the_interval_asked_for_is_kept);
	suite_add_tcase(suite, timers);
	TCase *acks = tcase_create("acks");
	tcase_add_test(acks, a_duplicate_of_the_current_ack_sends_nothing_at_once);
	tcase_add_test(acks, an_old_duplicate_repairs_once_per_timeout);
	tcase_add_test(acks, a_repair_that_was_needless_starts_no_chain);
	tcase_add_test(acks, duplicates_without_end_keep_nothing_alive);
	tcase_add_test(acks, older_and_foreign_numbers_mean_nothing);
	tcase_add_test(acks, an_offer_is_answered_by_ack_0_alone);
	tcase_add_test(acks, other_opcodes_mean_nothing);
	tcase_add_test(acks, a_gap_restarts_the_window_behind_it);
	tcase_add_test(acks, an_ack_for_a_part_is_no_measure);
	tcase_add_test(acks, a_window_that_also_repeats_is_a_measure);
	tcase_add_test(acks, a_window_ends_with_the_file);
	tcase_add_test(acks, a_request_that_comes_twice_gets_the_first_answer_again);
	suite_add_tcase(suite, acks);
	TCase *whole = tcase_create("whole transfers");
	tcase_set_timeout(whole, 60);
	tcase_add_loop_test(
	    whole, a_transfer_ends_whole, 0, sizeof(transfers) / sizeof(transfers[0]));
	suite_add_tcase(suite, whole);
	return unit_run(suite);
}
