/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/wire/tftp.h"
#include "tests/unit/unit.h"
#include "watch/probe.h"

/* A probe under fake time, and the one server that it asks. What holds in every step is held
 * here: an ended probe says and hands out nothing, and the file comes in order. */
enum {
	PROBING_SERVER = 0x0a01000b, /* 10.1.0.11 */
	PROBING_OTHER = 0x0a01000c,
	PROBING_TID = 40000,
	PROBING_TIMEOUT_MS = 2000,
	PROBING_PACKET_MAX = 4 + 1500,
};

struct probing {
	struct probe probe;
	struct probe_action action; /* of the last step; its data is gone */
	uint64_t now_ms;
	uint64_t got; /* bytes of the file handed out */
};

/* The file that the server has. */
static inline uint8_t
probing_byte(uint64_t offset)
{
	return (uint8_t)(offset * 31 + offset / 509);
}

static inline struct probe_ask
probing_ask(enum probe_kind kind)
{
	return (struct probe_ask){.kind = kind,
	    .server = PROBING_SERVER,
	    .timeout_ms = PROBING_TIMEOUT_MS,
	    .name = "ARDBP32.BIN",
	    .whole = true};
}

static inline void
probing_check(struct probing *p, bool was_running)
{
	const struct probe_action *action = &p->action;
	ck_assert_uint_le(action->send_len, PROBE_SEND_MAX);
	ck_assert(was_running || (action->send_port == 0 && action->data_len == 0));
	size_t same = 0;
	while (same < action->data_len &&
	    action->data[same] == probing_byte(p->got + same)) {
		same++;
	}
	ck_assert_uint_eq(same, action->data_len);
	p->got += action->data_len;
	ck_assert(p->probe.result != PROBE_RUNS || p->probe.deadline_ms >= p->now_ms);
	ck_assert(!p->probe.was_whole || p->probe.fetch.size == p->got);
}

static inline void
probing_start(struct probing *p, const struct probe_ask *ask, uint64_t now_ms)
{
	memset(p, 0xa5, sizeof(*p));
	p->now_ms = now_ms;
	p->got = 0;
	probe_start(&p->probe, ask, now_ms, &p->action);
	ck_assert_int_eq(p->probe.result, PROBE_RUNS);
	probing_check(p, true);
}

/* A packet in a copy of exactly its size. */
static inline void
probing_give(
    struct probing *p, uint32_t peer, uint16_t port, const void *bytes, size_t len)
{
	bool was_running = p->probe.result == PROBE_RUNS;
	uint8_t *copy = malloc(len > 0 ? len : 1);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, bytes, len);
	probe_packet(&p->probe, peer, port, len > 0 ? copy : copy + 1, len, p->now_ms,
	    &p->action);
	probing_check(p, was_running);
	free(copy);
}

/* Time passes to the probe's deadline. */
static inline void
probing_pass(struct probing *p)
{
	bool was_running = p->probe.result == PROBE_RUNS;
	ck_assert(was_running);
	p->now_ms = p->probe.deadline_ms;
	probe_timeout(&p->probe, p->now_ms, &p->action);
	probing_check(p, was_running);
	ck_assert(p->probe.result != PROBE_RUNS || p->probe.deadline_ms > p->now_ms);
}

/* ---- what the server sends */

static inline void
probing_data(
    struct probing *p, uint16_t port, uint16_t block, uint64_t offset, size_t len)
{
	uint8_t packet[PROBING_PACKET_MAX];
	uint8_t data[PROBING_PACKET_MAX - 4];
	struct wr w = wr_init(packet, sizeof(packet));
	for (size_t i = 0; i < len; i++) {
		data[i] = probing_byte(offset + i);
	}
	tftp_data_encode(&w, block, data, len);
	ck_assert_int_eq(w.err, 0);
	probing_give(p, PROBING_SERVER, port, packet, wr_len(&w, packet));
}

static inline void
probing_oack(struct probing *p, uint16_t port, const struct tftp_options *options)
{
	uint8_t packet[TFTP_OACK_MAX];
	struct wr w = wr_init(packet, sizeof(packet));
	tftp_oack_encode(&w, options);
	probing_give(p, PROBING_SERVER, port, packet, wr_len(&w, packet));
}

static inline void
probing_error(struct probing *p, uint16_t port, uint16_t code, const char *text)
{
	uint8_t packet[PROBING_PACKET_MAX];
	struct wr w = wr_init(packet, sizeof(packet));
	tftp_error_encode(&w, (enum tftp_error)code, text);
	probing_give(p, PROBING_SERVER, port, packet, wr_len(&w, packet));
}

/* ---- what the probe did */

static inline void
probing_said_nothing(const struct probing *p)
{
	ck_assert_uint_eq(p->action.send_port, 0);
	ck_assert_uint_eq(p->action.data_len, 0);
}

static inline void
probing_said_ack(const struct probing *p, uint16_t port, uint16_t block)
{
	struct tftp_packet packet;
	ck_assert_uint_eq(p->action.send_port, port);
	ck_assert_int_eq(
	    tftp_packet_decode(p->action.send, p->action.send_len, &packet), 0);
	ck_assert_int_eq(packet.opcode, TFTP_ACK);
	ck_assert_uint_eq(packet.block, block);
}

static inline void
probing_said_error(const struct probing *p, uint16_t port, uint16_t code)
{
	struct tftp_packet packet;
	ck_assert_uint_eq(p->action.send_port, port);
	ck_assert_int_eq(
	    tftp_packet_decode(p->action.send, p->action.send_len, &packet), 0);
	ck_assert_int_eq(packet.opcode, TFTP_ERROR);
	ck_assert_uint_eq(packet.error, code);
	ck_assert_uint_eq(p->action.data_len, 0);
}

static inline void
probing_said_request(const struct probing *p, uint16_t port)
{
	struct tftp_request request;
	ck_assert_uint_eq(p->action.send_port, port);
	ck_assert_int_eq(
	    tftp_request_decode(p->action.send, p->action.send_len, &request), 0);
	ck_assert_int_eq(request.opcode, TFTP_RRQ);
}

static inline void
probing_text(const struct probing *p, const char *want)
{
	char text[PROBE_TEXT];
	ck_assert_str_eq(probe_text(&p->probe, text), want);
}
