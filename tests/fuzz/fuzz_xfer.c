/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* A script of packets and passing time against one transfer: three bytes a step, after the
 * options. Whatever comes, only what was asked is granted, only the window behind the last
 * ACK is sent, and silence ends it. */
#include "tests/fuzz/fuzz.h"

#include "tftp/xfer.h"

static struct tftp_options
read_options(struct rd *r)
{
	uint8_t flags = rd_u8(r);
	struct tftp_options asked = {.has_blksize = (flags & 1) != 0,
	    .has_tsize = (flags & 2) != 0,
	    .has_timeout = (flags & 4) != 0,
	    .has_windowsize = (flags & 8) != 0};
	uint16_t blksize = rd_be16(r);
	asked.blksize = blksize < TFTP_BLKSIZE_MIN ? TFTP_BLKSIZE_MIN : blksize;
	asked.blksize =
	    asked.blksize > TFTP_BLKSIZE_MAX ? TFTP_BLKSIZE_MAX : asked.blksize;
	uint8_t timeout = rd_u8(r);
	asked.timeout = timeout == 0 ? 1 : timeout;
	uint16_t windowsize = rd_be16(r);
	asked.windowsize = windowsize == 0 ? 1 : windowsize;
	return asked;
}

static void
check_grant(const struct xfer *x, const struct tftp_options *asked)
{
	const struct tftp_options *granted = &x->granted;
	fuzz_require(granted->has_blksize == asked->has_blksize);
	fuzz_require(granted->has_tsize == asked->has_tsize);
	fuzz_require(granted->has_timeout == asked->has_timeout);
	fuzz_require(granted->has_windowsize == asked->has_windowsize);
	fuzz_require(!asked->has_blksize || granted->blksize <= asked->blksize);
	fuzz_require(
	    !asked->has_windowsize || granted->windowsize <= asked->windowsize);
	fuzz_require(!asked->has_timeout || granted->timeout == asked->timeout);
	fuzz_require(!asked->has_tsize || granted->tsize == x->size);
	fuzz_require(x->blksize >= TFTP_BLKSIZE_MIN && x->window >= 1 &&
	    x->window <= XFER_WINDOW_MAX);
}

static void
check_action(const struct xfer *x, const struct xfer_action *action, uint64_t now_ms)
{
	fuzz_require(
	    x->acked <= x->last && x->sent <= x->last && xfer_bytes(x) <= x->size);
	if (x->state == XFER_ENDED) {
		fuzz_require(
		    action->send == XFER_SEND_NOTHING && x->end != XFER_RUNNING);
		return;
	}
	fuzz_require(x->end == XFER_RUNNING);
	fuzz_require(action->send == XFER_SEND_NOTHING || x->deadline_ms > now_ms);
	fuzz_require(action->send != XFER_SEND_OACK || !x->proven);
	if (action->send != XFER_SEND_DATA) {
		return;
	}
	fuzz_require(action->first == x->acked + 1 && action->count >= 1);
	fuzz_require(
	    action->count <= x->window && action->first + action->count - 1 <= x->last);
	for (uint64_t i = 0; i < action->count; i++) {
		struct xfer_span span = xfer_span(x, action->first + i);
		fuzz_require(
		    span.offset <= x->size && span.len <= x->size - span.offset);
		fuzz_require(span.len <= x->blksize);
		fuzz_require((span.len < x->blksize) == (action->first + i == x->last));
	}
}

/* One step: a packet, a repeated request or the passing of time. */
static void
step(struct xfer *x, struct rd *r, uint64_t *now_ms, struct xfer_action *ret)
{
	uint8_t kind = rd_u8(r);
	uint16_t value = rd_be16(r);
	struct tftp_packet packet = {.opcode = TFTP_ACK, .block = value};
	switch (kind % 8) {
	case 0: /* an ACK near the window */
		packet.block = (uint16_t)(x->acked + value % 80 - 8);
		break;
	case 1: /* the ACK that is due */
		packet.block = (uint16_t)x->sent;
		break;
	case 2:
		packet.opcode = TFTP_ERROR;
		packet.error = value;
		break;
	case 3:
		packet.opcode = (enum tftp_opcode)(value % 8);
		break;
	case 4:
		xfer_repeat(x, *now_ms, ret);
		return;
	case 5:
		*now_ms += value;
		xfer_timeout(x, *now_ms, ret);
		return;
	case 6:
		*now_ms = x->deadline_ms > *now_ms ? x->deadline_ms : *now_ms;
		xfer_timeout(x, *now_ms, ret);
		return;
	default: /* any ACK */
		break;
	}
	xfer_packet(x, &packet, *now_ms, ret);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	struct tftp_options asked = read_options(&r);
	uint32_t mtu = rd_be16(&r);
	uint64_t file_size = rd_be32(&r);
	uint64_t now_ms = 1000;
	struct xfer_action action;
	struct xfer x;
	xfer_start(&x, &asked, file_size, mtu, now_ms, &action);
	check_grant(&x, &asked);
	check_action(&x, &action, now_ms);
	while (r.left >= 3) {
		step(&x, &r, &now_ms, &action);
		check_action(&x, &action, now_ms);
	}
	for (unsigned i = 0; x.state != XFER_ENDED; i++) {
		fuzz_require(i <= XFER_RETRIES);
		now_ms = x.deadline_ms > now_ms ? x.deadline_ms : now_ms;
		xfer_timeout(&x, now_ms, &action);
		check_action(&x, &action, now_ms);
	}
	return 0;
}
