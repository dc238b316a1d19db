/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* The TFTP probes, packet by packet. */
#include "tests/unit/probing.h"

enum { TID = PROBING_TID, FIRST_MS = 1000 };

static const struct tftp_options nothing;
static const struct tftp_options everything = {.has_blksize = true,
    .blksize = 1456,
    .has_tsize = true,
    .tsize = 14560 + 100,
    .has_windowsize = true,
    .windowsize = 4};

static void
start(struct probing *p, enum probe_kind kind)
{
	struct probe_ask ask = probing_ask(kind);
	probing_start(p, &ask, FIRST_MS);
}

/* A thinned probe of a file that had so many bytes. */
static void
start_thin(struct probing *p, uint64_t known_size)
{
	struct probe_ask ask = probing_ask(PROBE_BOOTSTRAP);
	ask.whole = false;
	ask.known_size = known_size;
	probing_start(p, &ask, FIRST_MS);
}

/* The n-th block of the file, as the server grants them. */
static void
give_block(struct probing *p, uint64_t block, size_t len)
{
	uint64_t blksize = p->probe.fetch.blksize != 0 ? p->probe.fetch.blksize : 512;
	probing_data(p, TID, (uint16_t)block, (block - 1) * blksize, len);
}

/* After the OACK, with nothing taken yet. */
static void
accepted(struct probing *p, const struct tftp_options *options)
{
	start(p, PROBE_BOOTSTRAP);
	probing_oack(p, TID, options);
	probing_said_ack(p, TID, 0);
}

/* ---- the request and what may answer it */

START_TEST(the_request_asks_as_firmware_does)
{
	struct probing p;
	struct tftp_request request;
	start(&p, PROBE_BOOTSTRAP);
	ck_assert_uint_eq(p.action.send_port, 69);
	ck_assert_uint_le(p.action.send_len, TFTP_REQUEST_MAX);
	ck_assert_int_eq(
	    tftp_request_decode(p.action.send, p.action.send_len, &request), 0);
	ck_assert_int_eq(request.opcode, TFTP_RRQ);
	ck_assert_int_eq(request.mode, TFTP_OCTET);
	ck_assert_str_eq(request.name, "ARDBP32.BIN");
	ck_assert(request.options.has_tsize && request.options.tsize == 0);
	ck_assert(request.options.has_blksize && request.options.blksize == 1456);
	ck_assert(request.options.has_windowsize && request.options.windowsize == 4);
	ck_assert(!request.options.has_timeout && !request.options.probe);
}
END_TEST

/* What it asks for may be on its way there: to a machine the responder would let it come. */
START_TEST(a_responder_of_ours_is_told_that_nobody_boots)
{
	struct probing p;
	struct probe_ask ask = probing_ask(PROBE_BOOTSTRAP);
	struct tftp_request request;
	ask.says_probe = true;
	probing_start(&p, &ask, 0);
	ck_assert_int_eq(
	    tftp_request_decode(p.action.send, p.action.send_len, &request), 0);
	ck_assert(request.options.probe && request.options.has_tsize);
}
END_TEST

START_TEST(the_longest_name_is_asked_whole)
{
	struct probing p;
	struct probe_ask ask = probing_ask(PROBE_BOOTSTRAP);
	struct tftp_request request;
	memset(ask.name, 'x', PROBE_NAME_MAX);
	ask.name[PROBE_NAME_MAX] = '\0';
	ask.port = 6969;
	probing_start(&p, &ask, 0);
	ck_assert_uint_eq(p.action.send_port, 6969);
	ck_assert_int_eq(
	    tftp_request_decode(p.action.send, p.action.send_len, &request), 0);
	ck_assert_str_eq(request.name, ask.name);
}
END_TEST

#define OACK "\0\6"

static const struct {
	const char *name;
	const char *bytes;
	size_t len;
	uint16_t blksize, windowsize; /* taken; 0: refused by ERROR 8 */
	uint64_t size;
} oacks[] = {
    {"all that was asked",
	UNIT_BYTES(OACK "blksize\0001456\0tsize\0009\0windowsize\0004\0"), 1456, 4, 9},
    {"in another order and case",
	UNIT_BYTES(OACK "WindowSize\0004\0TSIZE\0009\0BlkSize\0001456\0"), 1456, 4, 9},
    {"nothing of it", UNIT_BYTES(OACK), 512, 1, 0},
    {"the size alone", UNIT_BYTES(OACK "tsize\0009\0"), 512, 1, 9},
    {"the window alone", UNIT_BYTES(OACK "windowsize\0002\0"), 512, 2, 0},
    {"the size as it was asked", UNIT_BYTES(OACK "tsize\0000\0"), 512, 1, 0},
    {"smaller ones", UNIT_BYTES(OACK "blksize\000512\0windowsize\0001\0"), 512, 1, 0},
    {"the smallest block", UNIT_BYTES(OACK "blksize\0008\0"), 8, 1, 0},
    {"below the smallest block", UNIT_BYTES(OACK "blksize\0007\0"), 0, 0, 0},
    {"a block of none", UNIT_BYTES(OACK "blksize\0000\0"), 0, 0, 0},
    {"a larger block", UNIT_BYTES(OACK "blksize\0001457\0"), 0, 0, 0},
    {"the largest block", UNIT_BYTES(OACK "blksize\00065464\0"), 0, 0, 0},
    {"a larger window", UNIT_BYTES(OACK "windowsize\0005\0"), 0, 0, 0},
    {"a window of none", UNIT_BYTES(OACK "windowsize\0000\0"), 0, 0, 0},
    {"a timeout, unasked", UNIT_BYTES(OACK "timeout\0001\0"), 0, 0, 0},
    {"a size that is no number", UNIT_BYTES(OACK "tsize\000nine\0"), 0, 0, 0},
    {"a negative size", UNIT_BYTES(OACK "tsize\000-1\0"), 0, 0, 0},
    {"an option of nobody's", UNIT_BYTES(OACK "rollover\0000\0tsize\0009\0"), 512, 1,
	9},
};

START_TEST(an_oack_grants_no_more_than_was_asked)
{
	struct probing p;
	start(&p, PROBE_BOOTSTRAP);
	probing_give(&p, PROBING_SERVER, TID, oacks[_i].bytes, oacks[_i].len);
	if (oacks[_i].blksize == 0) {
		ck_assert_int_eq(p.probe.result, PROBE_BROKEN);
		probing_said_error(&p, TID, TFTP_E_OPTION);
		return;
	}
	probing_said_ack(&p, TID, 0);
	ck_assert_uint_eq(p.probe.fetch.blksize, oacks[_i].blksize);
	ck_assert_uint_eq(p.probe.fetch.windowsize, oacks[_i].windowsize);
	ck_assert_uint_eq(p.probe.fetch.size, oacks[_i].size);
}
END_TEST

START_TEST(a_server_without_options_sends_data_at_once)
{
	struct probing p;
	start(&p, PROBE_BOOTSTRAP);
	p.now_ms += 30;
	give_block(&p, 1, 512);
	probing_said_ack(&p, TID, 1);
	ck_assert_uint_eq(p.probe.first_ms, 30);
	give_block(&p, 2, 511);
	probing_said_ack(&p, TID, 2);
	ck_assert_int_eq(p.probe.result, PROBE_ANSWERED);
	ck_assert(p.probe.was_whole && probe_is_good(&p.probe));
	ck_assert_uint_eq(p.got, 1023);
	probing_text(&p, "answered in 30 ms");
}
END_TEST

START_TEST(what_cannot_be_the_first_answer_is_late)
{
	struct probing p;
	start(&p, PROBE_BOOTSTRAP);
	give_block(&p, 2, 512);
	probing_said_nothing(&p);
	give_block(&p, 0, 100);
	probing_said_nothing(&p);
	probing_give(&p, PROBING_SERVER, TID, "\0\4\0\0", 4);
	probing_said_nothing(&p);
	ck_assert(!p.probe.answered);
	/* The real one comes from another port. */
	probing_data(&p, TID + 1, 1, 0, 512);
	probing_said_ack(&p, TID + 1, 1);
}
END_TEST

START_TEST(the_first_answer_decides_the_port)
{
	struct probing p;
	accepted(&p, &everything);
	probing_oack(&p, TID + 1, &everything);
	probing_said_error(&p, TID + 1, TFTP_E_TID);
	probing_data(&p, TID + 2, 1, 0, 1456);
	probing_said_error(&p, TID + 2, TFTP_E_TID);
	probing_error(&p, TID + 2, 0, "and it says so");
	probing_said_nothing(&p);
	probing_give(&p, PROBING_SERVER, TID + 2, "", 0);
	probing_said_nothing(&p);
	ck_assert_int_eq(p.probe.result, PROBE_RUNS);
	ck_assert_uint_eq(p.probe.fetch.block, 0);
	give_block(&p, 1, 1456);
	ck_assert_uint_eq(p.probe.fetch.block, 1);
}
END_TEST

START_TEST(another_host_is_not_heard)
{
	struct probing p;
	start(&p, PROBE_BOOTSTRAP);
	probing_give(&p, PROBING_OTHER, 69, "\0\5\0\1no\0", 7);
	probing_said_nothing(&p);
	probing_give(&p, PROBING_OTHER, 69, "\0\6tsize\0001\0", 10);
	probing_said_nothing(&p);
	ck_assert(p.probe.result == PROBE_RUNS && !p.probe.answered);
}
END_TEST

/* ---- windows */

START_TEST(a_window_is_acknowledged_by_its_last_block)
{
	struct probing p;
	accepted(&p, &everything);
	for (uint64_t block = 1; block <= 10; block++) {
		give_block(&p, block, 1456);
		ck_assert_uint_eq(p.action.data_len, 1456);
		if (block % 4 == 0) {
			probing_said_ack(&p, TID, (uint16_t)block);
		} else {
			ck_assert_uint_eq(p.action.send_port, 0);
		}
	}
	give_block(&p, 11, 100);
	probing_said_ack(&p, TID, 11);
	ck_assert(p.probe.was_whole);
	ck_assert_uint_eq(p.probe.fetch.size, everything.tsize);
}
END_TEST

START_TEST(a_gap_is_told_once)
{
	struct probing p;
	accepted(&p, &everything);
	give_block(&p, 1, 1456);
	give_block(&p, 3, 1456);
	probing_said_ack(&p, TID, 1);
	ck_assert_uint_eq(p.action.data_len, 0);
	give_block(&p, 4, 1456);
	probing_said_nothing(&p);
	/* The server begins anew behind the gap; its window counts from there. */
	for (uint64_t block = 2; block <= 4; block++) {
		give_block(&p, block, 1456);
		ck_assert_uint_eq(p.action.send_port, 0);
	}
	give_block(&p, 5, 1456);
	probing_said_ack(&p, TID, 5);
	/* The next gap is another one. */
	give_block(&p, 7, 1456);
	probing_said_ack(&p, TID, 5);
}
END_TEST

START_TEST(a_gap_that_is_said_again_may_be_told_again)
{
	struct probing p;
	accepted(&p, &everything);
	give_block(&p, 2, 1456);
	probing_said_ack(&p, TID, 0);
	give_block(&p, 3, 1456);
	probing_said_nothing(&p);
	probing_pass(&p);
	probing_said_ack(&p, TID, 0);
	give_block(&p, 2, 1456);
	probing_said_ack(&p, TID, 0);
}
END_TEST

START_TEST(doubles_and_numbers_beyond_the_window_mean_nothing)
{
	static const uint16_t blocks[] = {0, 1, 4, 5, 10, 11, 100, 32774, 65535};
	struct probing p;
	accepted(&p, &everything);
	for (uint64_t block = 1; block <= 5; block++) {
		give_block(&p, block, 1456);
	}
	uint64_t deadline_ms = p.probe.deadline_ms;
	p.now_ms += 10;
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		give_block(&p, blocks[i], 1456);
		probing_said_nothing(&p);
	}
	probing_oack(&p, TID, &everything);
	probing_said_nothing(&p);
	probing_give(&p, PROBING_SERVER, TID, "\0\4\0\5", 4);
	probing_said_nothing(&p);
	ck_assert_uint_eq(p.probe.fetch.block, 5);
	/* Nor do they pass for progress. */
	ck_assert_uint_eq(p.probe.deadline_ms, deadline_ms);
}
END_TEST

/* The server says again what it has no ACK for: the ACK was lost. */
START_TEST(a_double_that_comes_late_is_answered)
{
	struct probing p;
	accepted(&p, &everything);
	p.now_ms += PROBING_TIMEOUT_MS / 4 - 1;
	probing_oack(&p, TID, &everything);
	probing_said_nothing(&p);
	p.now_ms += 1;
	probing_oack(&p, TID, &everything);
	probing_said_ack(&p, TID, 0);
	probing_oack(&p, TID, &everything);
	probing_said_nothing(&p);
	for (uint64_t block = 1; block <= 4; block++) {
		give_block(&p, block, 1456);
	}
	uint64_t silent_ms = p.probe.silent_ms;
	p.now_ms += PROBING_TIMEOUT_MS / 4;
	for (uint64_t block = 1; block <= 3; block++) {
		give_block(&p, block, 1456);
		probing_said_nothing(&p);
	}
	give_block(&p, 4, 1456);
	probing_said_ack(&p, TID, 4);
	give_block(&p, 4, 1456);
	probing_said_nothing(&p);
	ck_assert_uint_eq(p.probe.silent_ms, silent_ms);
	/* The request's answer is over, however late it comes once more. */
	p.now_ms += PROBING_TIMEOUT_MS / 4;
	probing_oack(&p, TID, &everything);
	probing_said_nothing(&p);
}
END_TEST

/* It had no ACK because the window is not whole: the rest of it comes behind the double. */
START_TEST(a_double_within_a_window_is_not_answered)
{
	struct probing p;
	accepted(&p, &everything);
	give_block(&p, 1, 1456);
	give_block(&p, 2, 1456);
	p.now_ms += PROBING_TIMEOUT_MS / 4;
	give_block(&p, 1, 1456);
	probing_said_nothing(&p);
	give_block(&p, 2, 1456);
	probing_said_nothing(&p);
	give_block(&p, 3, 1456);
	give_block(&p, 4, 1456);
	probing_said_ack(&p, TID, 4);
}
END_TEST

START_TEST(in_lock_step_there_are_no_gaps)
{
	struct probing p;
	accepted(&p, &nothing);
	give_block(&p, 1, 512);
	probing_said_ack(&p, TID, 1);
	give_block(&p, 3, 512);
	probing_said_nothing(&p);
	give_block(&p, 1, 512);
	probing_said_nothing(&p);
	give_block(&p, 2, 512);
	probing_said_ack(&p, TID, 2);
}
END_TEST

START_TEST(block_65535_is_followed_by_0)
{
	struct probing p;
	struct tftp_options small = {.has_blksize = true, .blksize = 8};
	accepted(&p, &small);
	for (uint64_t block = 1; block <= 70000; block++) {
		give_block(&p, block, 8);
		probing_said_ack(&p, TID, (uint16_t)block);
	}
	give_block(&p, 70001, 0);
	ck_assert(p.probe.was_whole);
	ck_assert_uint_eq(p.got, 8 * 70000);
}
END_TEST

/* ---- time */

START_TEST(a_request_is_said_again_at_half_the_time)
{
	struct probing p;
	start(&p, PROBE_BOOTSTRAP);
	ck_assert_uint_eq(p.probe.deadline_ms, FIRST_MS + PROBING_TIMEOUT_MS / 2);
	p.now_ms = p.probe.deadline_ms - 1;
	probe_timeout(&p.probe, p.now_ms, &p.action);
	probing_said_nothing(&p);
	probing_pass(&p);
	probing_said_request(&p, 69);
	ck_assert_uint_eq(p.probe.deadline_ms, FIRST_MS + PROBING_TIMEOUT_MS);
	probing_pass(&p);
	probing_said_nothing(&p);
	ck_assert_int_eq(p.probe.result, PROBE_SILENT);
	ck_assert(!probe_is_good(&p.probe));
	probing_text(&p, "no answer in 2000 ms");
}
END_TEST

START_TEST(an_odd_time_says_it_again_once)
{
	static const uint32_t timeouts[] = {1, 101, 2001};
	for (size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++) {
		struct probing p;
		struct probe_ask ask = probing_ask(PROBE_BOOTSTRAP);
		ask.timeout_ms = timeouts[i];
		probe_start(&p.probe, &ask, 0, &p.action);
		unsigned said = 0;
		while (p.probe.result == PROBE_RUNS) {
			p.now_ms = p.probe.deadline_ms;
			probe_timeout(&p.probe, p.now_ms, &p.action);
			said += p.action.send_port != 0 ? 1 : 0;
		}
		ck_assert_uint_eq(said, 1);
		ck_assert_uint_eq(p.now_ms, timeouts[i]);
	}
}
END_TEST

START_TEST(an_ack_is_said_again_and_then_the_server_is_left)
{
	struct probing p;
	accepted(&p, &everything);
	give_block(&p, 1, 1456);
	p.now_ms += 500;
	give_block(&p, 2, 1456);
	ck_assert_uint_eq(p.probe.deadline_ms, p.now_ms + PROBING_TIMEOUT_MS / 2);
	probing_pass(&p);
	probing_said_ack(&p, TID, 2);
	/* The window begins behind what was said again. */
	for (uint64_t block = 3; block <= 5; block++) {
		give_block(&p, block, 1456);
		ck_assert_uint_eq(p.action.send_port, 0);
	}
	give_block(&p, 6, 1456);
	probing_said_ack(&p, TID, 6);
	probing_pass(&p);
	probing_said_ack(&p, TID, 6);
	probing_pass(&p);
	probing_said_error(&p, TID, TFTP_E_UNDEFINED);
	ck_assert_int_eq(p.probe.result, PROBE_SILENT);
	probing_text(&p, "silent for 2000 ms after 8736 bytes");
}
END_TEST

START_TEST(a_transfer_has_a_minute)
{
	struct probing p;
	accepted(&p, &nothing);
	for (uint64_t block = 1; p.probe.result == PROBE_RUNS; block++) {
		uint64_t next_ms = p.now_ms + 900;
		if (p.probe.deadline_ms <= next_ms) {
			probing_pass(&p);
		} else {
			p.now_ms = next_ms;
			give_block(&p, block, 512);
		}
	}
	ck_assert_int_eq(p.probe.result, PROBE_TOO_SLOW);
	ck_assert_uint_eq(p.now_ms, FIRST_MS + PROBE_WHOLE_MS);
	probing_said_error(&p, TID, TFTP_E_UNDEFINED);
	probing_text(&p, "not whole after 60 s: 33792 bytes");
}
END_TEST

START_TEST(a_longer_silence_makes_a_longer_transfer)
{
	struct probing p;
	struct probe_ask ask = probing_ask(PROBE_BOOTSTRAP);
	ask.timeout_ms = 3 * PROBE_WHOLE_MS;
	probing_start(&p, &ask, 0);
	probing_pass(&p);
	ck_assert_uint_eq(p.now_ms, ask.timeout_ms / 2);
	probing_said_request(&p, 69);
	probing_oack(&p, TID, &everything);
	probing_pass(&p);
	ck_assert_uint_eq(p.now_ms, ask.timeout_ms);
	ck_assert_int_eq(p.probe.result, PROBE_TOO_SLOW);
	probing_text(&p, "not whole after 180 s: 0 bytes");
}
END_TEST

/* ---- sizes */

static const struct {
	const char *name;
	uint64_t said;
	unsigned full; /* blocks of 512, then one of rest */
	size_t rest;
	enum probe_result result;
} sizes[] = {
    {"as said", 1024 + 7, 2, 7, PROBE_ANSWERED},
    {"as said, the last block empty", 1024, 2, 0, PROBE_ANSWERED},
    {"in one block", 511, 0, 511, PROBE_ANSWERED},
    {"not said", 0, 2, 7, PROBE_ANSWERED},
    {"not said, and none", 0, 0, 0, PROBE_ANSWERED},
    {"one byte less", 1024 + 8, 2, 7, PROBE_BROKEN},
    {"one byte more", 1024 + 6, 2, 7, PROBE_BROKEN},
    {"said, and none", 9, 0, 0, PROBE_BROKEN},
    {"a block more than said", 512, 2, 0, PROBE_BROKEN},
};

START_TEST(a_file_has_the_size_that_was_said)
{
	struct probing p;
	struct tftp_options options = {.has_tsize = true, .tsize = sizes[_i].said};
	accepted(&p, &options);
	uint64_t block = 1;
	while (block <= sizes[_i].full && p.probe.result == PROBE_RUNS) {
		give_block(&p, block++, 512);
	}
	if (p.probe.result == PROBE_RUNS) {
		give_block(&p, block, sizes[_i].rest);
	}
	ck_assert_msg(p.probe.result == sizes[_i].result, "%s: %d", sizes[_i].name,
	    p.probe.result);
	ck_assert_int_eq(p.probe.was_whole, sizes[_i].result == PROBE_ANSWERED);
	ck_assert(sizes[_i].said == 0 || p.got <= sizes[_i].said);
	if (p.probe.was_whole) {
		ck_assert_uint_eq(
		    p.probe.fetch.size, 512 * sizes[_i].full + sizes[_i].rest);
	} else {
		probing_said_error(&p, TID, TFTP_E_UNDEFINED);
		probing_text(&p, "another size than the OACK said");
	}
}
END_TEST

START_TEST(a_size_over_the_limit_is_not_fetched)
{
	struct probing p;
	struct tftp_options options = {.has_tsize = true, .tsize = PROBE_SIZE_MAX};
	accepted(&p, &options);
	options.tsize = PROBE_SIZE_MAX + 1ull;
	start(&p, PROBE_BOOTSTRAP);
	probing_oack(&p, TID, &options);
	probing_said_error(&p, TID, TFTP_E_FULL);
	ck_assert_int_eq(p.probe.result, PROBE_TOO_LARGE);
	probing_text(&p, "over 1073741824 bytes");
}
END_TEST

START_TEST(a_file_without_end_is_given_up)
{
	struct probe probe;
	struct probe_action action;
	struct probe_ask ask = probing_ask(PROBE_BOOTSTRAP);
	uint8_t packet[4 + 1456] = {0};
	uint64_t got = 0;
	probe_start(&probe, &ask, 0, &action);
	probe_packet(
	    &probe, PROBING_SERVER, TID, OACK "blksize\0001456", 15, 0, &action);
	for (uint64_t block = 1; probe.result == PROBE_RUNS; block++) {
		struct wr w = wr_init(packet, sizeof(packet));
		wr_be16(&w, TFTP_DATA);
		wr_be16(&w, (uint16_t)block);
		probe_packet(
		    &probe, PROBING_SERVER, TID, packet, sizeof(packet), 0, &action);
		got += action.data_len;
	}
	ck_assert_int_eq(probe.result, PROBE_TOO_LARGE);
	ck_assert_uint_eq(got, PROBE_SIZE_MAX / 1456 * 1456);
}
END_TEST

START_TEST(no_block_is_larger_than_agreed)
{
	struct probing p;
	accepted(&p, &nothing);
	give_block(&p, 1, 513);
	ck_assert_int_eq(p.probe.result, PROBE_BROKEN);
	probing_said_error(&p, TID, TFTP_E_ILLEGAL);
	start(&p, PROBE_BOOTSTRAP);
	give_block(&p, 1, 1456);
	ck_assert_int_eq(p.probe.result, PROBE_BROKEN);
	probing_said_error(&p, TID, TFTP_E_ILLEGAL);
	ck_assert_uint_eq(p.got, 0);
	probing_text(&p, "DATA over its blksize");
}
END_TEST

/* ---- thinned probes */

static const struct {
	const char *name;
	bool oack, has_tsize;
	uint64_t tsize, known;
	size_t first;  /* bytes of DATA 1; SIZE_MAX: the OACK is enough */
	bool goes_on;  /* there is more to come */
	bool is_whole; /* that was all of it */
} thins[] = {
    {"the size that is known", true, true, 5000, 5000, SIZE_MAX, false, false},
    {"another size", true, true, 5001, 5000, 512, true, false},
    {"another size, in one block", true, true, 100, 5000, 100, false, true},
    {"none is known", true, true, 5000, 0, 512, true, false},
    {"an OACK without size", true, false, 0, 5000, 512, false, false},
    {"an OACK with size 0", true, true, 0, 5000, 512, false, false},
    {"no options at all", false, false, 0, 5000, 512, false, false},
    {"no options, and in one block", false, false, 0, 5000, 100, false, true},
    {"no options, and empty", false, false, 0, 5000, 0, false, true},
};

START_TEST(a_thinned_probe_ends_with_what_it_wanted_to_know)
{
	struct probing p;
	struct tftp_options options = {
	    .has_tsize = thins[_i].has_tsize, .tsize = thins[_i].tsize};
	start_thin(&p, thins[_i].known);
	if (thins[_i].oack) {
		probing_oack(&p, TID, &options);
	}
	if (thins[_i].first != SIZE_MAX) {
		ck_assert_int_eq(p.probe.result, PROBE_RUNS);
		give_block(&p, 1, thins[_i].first);
	}
	ck_assert_int_eq(
	    p.probe.result, thins[_i].goes_on ? PROBE_RUNS : PROBE_ANSWERED);
	ck_assert_int_eq(p.probe.was_whole, thins[_i].is_whole);
	if (thins[_i].goes_on || thins[_i].is_whole) {
		probing_said_ack(&p, TID, 1);
		ck_assert_uint_eq(p.got, thins[_i].first);
	} else {
		probing_said_error(&p, TID, TFTP_E_UNDEFINED);
		ck_assert_uint_eq(p.got, 0);
	}
}
END_TEST

/* ---- refused, unreachable, malformed */

static const struct {
	const char *bytes;
	size_t len;
	uint16_t code;
	const char *text;
} errors[] = {
    {UNIT_BYTES("\0\5\0\1File not found\0"), 1, "ERROR 1: 'File not found'"},
    {UNIT_BYTES("\0\5\0\2"), 2, "ERROR 2: ''"},
    {UNIT_BYTES("\0\5\0\0no NUL"), 0, "ERROR 0: 'no NUL'"},
    {UNIT_BYTES("\0\5\377\377a\033[2J\nb\0"), 65535, "ERROR 65535: 'a\\x1b[2J\\x0ab'"},
};

START_TEST(an_error_refuses)
{
	struct probing p;
	for (int in_transfer = 0; in_transfer < 2; in_transfer++) {
		if (in_transfer != 0) {
			accepted(&p, &everything);
		} else {
			start(&p, PROBE_BOOTSTRAP);
		}
		probing_give(&p, PROBING_SERVER, TID, errors[_i].bytes, errors[_i].len);
		probing_said_nothing(&p);
		ck_assert_int_eq(p.probe.result, PROBE_REFUSED);
		ck_assert(!probe_is_good(&p.probe));
		ck_assert_uint_eq(p.probe.code, errors[_i].code);
		probing_text(&p, errors[_i].text);
	}
}
END_TEST

static const struct {
	bool in_transfer;
	uint16_t port;
	bool ends;
} unreachables[] = {{false, 69, true}, {false, 0, true}, {false, TID, false},
    {true, TID, true}, {true, 0, true}, {true, 69, false}, {true, TID + 1, false}};

START_TEST(what_is_unreachable_is_the_port_that_is_spoken_to)
{
	struct probing p;
	if (unreachables[_i].in_transfer) {
		accepted(&p, &everything);
	} else {
		start(&p, PROBE_BOOTSTRAP);
	}
	probe_unreachable(&p.probe, unreachables[_i].port, false);
	ck_assert_int_eq(
	    p.probe.result, unreachables[_i].ends ? PROBE_UNREACHABLE : PROBE_RUNS);
}
END_TEST

static const struct {
	const char *bytes;
	size_t len;
} malformed[] = {{UNIT_BYTES("")}, {UNIT_BYTES("\0")}, {UNIT_BYTES("\0\3")},
    {UNIT_BYTES("\0\3\0")}, {UNIT_BYTES("\0\5\0")}, {UNIT_BYTES("\0\7\0\0")},
    {UNIT_BYTES("\1\3\0\1data")}, {UNIT_BYTES("\0\1file\0octet\0")}};

START_TEST(what_is_no_packet_of_a_server_is_broken)
{
	struct probing p;
	for (int in_transfer = 0; in_transfer < 2; in_transfer++) {
		if (in_transfer != 0) {
			accepted(&p, &everything);
		} else {
			start(&p, PROBE_BOOTSTRAP);
		}
		probing_give(
		    &p, PROBING_SERVER, TID, malformed[_i].bytes, malformed[_i].len);
		ck_assert_int_eq(p.probe.result, PROBE_BROKEN);
		probing_said_error(&p, TID, TFTP_E_ILLEGAL);
		probing_text(&p, "no packet of a TFTP server");
	}
}
END_TEST

/* ---- any answer will do */

static const struct {
	const char *bytes;
	size_t len;
	enum probe_result result;
	bool told; /* by ERROR 0, so that the server need not wait */
} replies[] = {
    {UNIT_BYTES(OACK "tsize\0009\0"), PROBE_ANSWERED, true},
    {UNIT_BYTES(OACK "blksize\00065464\0"), PROBE_ANSWERED, true},
    {UNIT_BYTES("\0\3\0\1data"), PROBE_ANSWERED, true},
    {UNIT_BYTES("\0\5\0\1File not found\0"), PROBE_ANSWERED, false},
    {UNIT_BYTES("\0\5\0\2"), PROBE_ANSWERED, false},
    {UNIT_BYTES("HTTP/1.1 400\r\n"), PROBE_BROKEN, true},
};

START_TEST(any_tftp_packet_is_a_reply)
{
	struct probing p;
	start(&p, PROBE_TFTP_REPLY);
	probing_said_request(&p, 69);
	probing_give(&p, PROBING_SERVER, TID, replies[_i].bytes, replies[_i].len);
	ck_assert_int_eq(p.probe.result, replies[_i].result);
	ck_assert_int_eq(p.action.send_port, replies[_i].told ? TID : 0);
	ck_assert(!p.probe.was_whole && p.got == 0);
}
END_TEST

START_TEST(no_reply_is_none)
{
	struct probing p;
	start(&p, PROBE_TFTP_REPLY);
	probing_pass(&p);
	probing_said_request(&p, 69);
	probing_pass(&p);
	ck_assert_int_eq(p.probe.result, PROBE_SILENT);
	ck_assert(!probe_is_good(&p.probe));
}
END_TEST

/* ---- sweeps */

struct sweep {
	enum probe_kind kind;
	bool in_transfer;
};

static void
sweep_step(const uint8_t *bytes, size_t len, void *ctx)
{
	const struct sweep *sweep = ctx;
	struct probe_ask ask = probing_ask(sweep->kind);
	struct probe probe;
	struct probe_action action;
	probe_start(&probe, &ask, 0, &action);
	if (sweep->in_transfer) {
		probe_packet(&probe, PROBING_SERVER, TID, OACK, 2, 1, &action);
	}
	probe_packet(&probe, PROBING_SERVER, TID, bytes, len, 1, &action);
	ck_assert_uint_le(action.send_len, PROBE_SEND_MAX);
	ck_assert_uint_le(action.data_len, 512);
	ck_assert(action.data_len == 0 ||
	    (action.data >= bytes && action.data + action.data_len <= bytes + len));
}

START_TEST(three_sweeps)
{
	struct sweep sweep = {
	    .kind = (_i & 1) != 0 ? PROBE_TFTP_REPLY : PROBE_BOOTSTRAP,
	    .in_transfer = (_i & 2) != 0};
	for (size_t i = 0; i < sizeof(oacks) / sizeof(oacks[0]); i++) {
		unit_sweep(
		    sweep_step, (const uint8_t *)oacks[i].bytes, oacks[i].len, &sweep);
	}
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		unit_sweep(sweep_step, (const uint8_t *)errors[i].bytes, errors[i].len,
		    &sweep);
	}
	uint8_t data[4 + 512] = {0, TFTP_DATA, 0, 1};
	unit_sweep(sweep_step, data, sizeof(data), &sweep);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("fetch");
	TCase *answers = tcase_create("answers");
	tcase_add_test(answers, the_request_asks_as_firmware_does);
	tcase_add_test(answers, a_responder_of_ours_is_told_that_nobody_boots);
	tcase_add_test(answers, the_longest_name_is_asked_whole);
	tcase_add_loop_test(
	    answers, an_oack_grants_no_more_than_was_asked, 0, UNIT_ROWS(oacks));
	tcase_add_test(answers, a_server_without_options_sends_data_at_once);
	tcase_add_test(answers, what_cannot_be_the_first_answer_is_late);
	tcase_add_test(answers, the_first_answer_decides_the_port);
	tcase_add_test(answers, another_host_is_not_heard);
	suite_add_tcase(suite, answers);
	TCase *windows = tcase_create("windows");
	tcase_set_timeout(windows, 60);
	tcase_add_test(windows, a_window_is_acknowledged_by_its_last_block);
	tcase_add_test(windows, a_gap_is_told_once);
	tcase_add_test(windows, a_gap_that_is_said_again_may_be_told_again);
	tcase_add_test(windows, doubles_and_numbers_beyond_the_window_mean_nothing);
	tcase_add_test(windows, a_double_that_comes_late_is_answered);
	tcase_add_test(windows, a_double_within_a_window_is_not_answered);
	tcase_add_test(windows, in_lock_step_there_are_no_gaps);
	tcase_add_test(windows, block_65535_is_followed_by_0);
	suite_add_tcase(suite, windows);
	TCase *time = tcase_create("time");
	tcase_add_test(time, a_request_is_said_again_at_half_the_time);
	tcase_add_test(time, an_odd_time_says_it_again_once);
	tcase_add_test(time, an_ack_is_said_again_and_then_the_server_is_left);
	tcase_add_test(time, a_transfer_has_a_minute);
	tcase_add_test(time, a_longer_silence_makes_a_longer_transfer);
	suite_add_tcase(suite, time);
	TCase *bounds = tcase_create("sizes");
	tcase_set_timeout(bounds, 60);
	tcase_add_loop_test(
	    bounds, a_file_has_the_size_that_was_said, 0, UNIT_ROWS(sizes));
	tcase_add_test(bounds, a_size_over_the_limit_is_not_fetched);
	tcase_add_test(bounds, a_file_without_end_is_given_up);
	tcase_add_test(bounds, no_block_is_larger_than_agreed);
	tcase_add_loop_test(bounds, a_thinned_probe_ends_with_what_it_wanted_to_know, 0,
	    UNIT_ROWS(thins));
	suite_add_tcase(suite, bounds);
	TCase *bad = tcase_create("bad answers");
	tcase_set_timeout(bad, 60);
	tcase_add_loop_test(bad, an_error_refuses, 0, UNIT_ROWS(errors));
	tcase_add_loop_test(bad, what_is_unreachable_is_the_port_that_is_spoken_to, 0,
	    UNIT_ROWS(unreachables));
	tcase_add_loop_test(
	    bad, what_is_no_packet_of_a_server_is_broken, 0, UNIT_ROWS(malformed));
	tcase_add_loop_test(bad, any_tftp_packet_is_a_reply, 0, UNIT_ROWS(replies));
	tcase_add_test(bad, no_reply_is_none);
	tcase_add_loop_test(bad, three_sweeps, 0, 4);
	suite_add_tcase(suite, bad);
	return unit_run(suite);
}
