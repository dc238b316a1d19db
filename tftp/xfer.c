/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tftp/xfer.h"

static uint64_t
min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t
max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* RFC 6298 with the floor that a protocol without delayed ACKs allows. */
static uint64_t
rto_ms(const struct xfer *x)
{
	if (!x->measured) {
		return XFER_RTO_FIRST_MS;
	}
	uint64_t rto = x->srtt_8 / 8 + x->rttvar_4;
	return min_u64(max_u64(rto, XFER_RTO_MIN_MS), XFER_RTO_MAX_MS);
}

/* The interval that the client asked for (RFC 2349) or our own, doubled for each loss in a
 * row (RFC 1123 section 4.2.3.2). */
static void
arm(struct xfer *x, uint64_t now_ms)
{
	uint64_t base_ms =
	    x->granted.has_timeout ? 1000ull * x->granted.timeout : rto_ms(x);
	uint64_t interval_ms = base_ms << x->backoff;
	x->deadline_ms =
	    now_ms + min_u64(interval_ms, max_u64(base_ms, XFER_RTO_MAX_MS));
}

static void
measure(struct xfer *x, uint64_t rtt_ms)
{
	uint32_t rtt = (uint32_t)min_u64(rtt_ms, UINT16_MAX);
	if (!x->measured) {
		x->measured = true;
		x->srtt_8 = rtt * 8;
		x->rttvar_4 = rtt * 2;
		return;
	}
	uint32_t srtt = x->srtt_8 / 8;
	uint32_t off = rtt > srtt ? rtt - srtt : srtt - rtt;
	x->rttvar_4 = x->rttvar_4 - x->rttvar_4 / 4 + off;
	x->srtt_8 = x->srtt_8 - srtt + rtt;
}

static void
finish(struct xfer *x, enum xfer_end end)
{
	x->state = XFER_ENDED;
	x->end = end;
}

/* Sends the window that follows what is acknowledged (RFC 7440 section 4). */
static void
send_window(struct xfer *x, uint64_t now_ms, struct xfer_action *ret)
{
	uint64_t first = x->acked + 1;
	x->state = XFER_SENDING;
	x->sent = min_u64(x->acked + x->window, x->last);
	/* The ACK for all of it measures the round trip of its last block. */
	x->again = x->sent <= x->highest;
	x->resent +=
	    (uint32_t)(min_u64(x->highest, x->sent) - min_u64(x->highest, x->acked));
	x->highest = max_u64(x->highest, x->sent);
	x->sent_ms = now_ms;
	*ret = (struct xfer_action){
	    .send = XFER_SEND_DATA, .first = first, .count = x->sent - x->acked};
}

static void
send_oack(struct xfer *x, uint64_t now_ms, struct xfer_action *ret)
{
	x->sent_ms = now_ms;
	*ret = (struct xfer_action){.send = XFER_SEND_OACK};
}

static void
send_again(struct xfer *x, uint64_t now_ms, struct xfer_action *ret)
{
	if (x->state == XFER_OFFERED) {
		send_oack(x, now_ms, ret);
		x->again = true;
		x->resent++;
	} else {
		send_window(x, now_ms, ret);
	}
}

/* Grants what was asked and nothing else: firmware drops an OACK with more in it. */
static void
grant(struct xfer *x, const struct tftp_options *asked, uint32_t mtu)
{
	uint64_t fits = max_u64(mtu, TFTP_BLKSIZE + XFER_OVERHEAD) - XFER_OVERHEAD;
	x->granted = *asked;
	if (asked->has_blksize) {
		x->granted.blksize = (uint16_t)min_u64(asked->blksize, fits);
		x->blksize = x->granted.blksize;
	}
	if (asked->has_windowsize) {
		x->granted.windowsize =
		    (uint16_t)min_u64(asked->windowsize, XFER_WINDOW_MAX);
		x->window = x->granted.windowsize;
	}
	if (asked->has_tsize) {
		x->granted.tsize = x->size;
	}
}

void
xfer_start(struct xfer *x, const struct tftp_options *asked, uint64_t size,
    uint32_t mtu, uint64_t now_ms, struct xfer_action *ret)
{
	*x = (struct xfer){.blksize = TFTP_BLKSIZE, .window = 1, .size = size};
	grant(x, asked, mtu);
	/* A file that fills its blocks exactly ends with an empty one (RFC 1350). */
	x->last = size / x->blksize + 1;
	if (asked->has_blksize || asked->has_tsize || asked->has_timeout ||
	    asked->has_windowsize) {
		x->state = XFER_OFFERED;
		send_oack(x, now_ms, ret);
	} else {
		send_window(x, now_ms, ret);
	}
	arm(x, now_ms);
}

/* A duplicate of the current ACK may mean that our DATA was lost, or that the ACK was merely
 * doubled on its way: answering each would double every packet to the end of the file (RFC
 * 1123 section 4.2.3.1). It repairs once per round trip time-out at most, and only what is
 * older than any answer still under way could be. The deadline stays, so that duplicates
 * without end do not keep a transfer alive. */
static void
repair(struct xfer *x, uint64_t now_ms, struct xfer_action *ret)
{
	uint64_t age_ms = max_u64(2 * (x->srtt_8 / 8), XFER_REPAIR_AGE_MS);
	if (!x->measured || now_ms <= x->sent_ms + age_ms ||
	    now_ms < x->repair_after_ms) {
		return;
	}
	x->repair_after_ms = now_ms + rto_ms(x);
	send_window(x, now_ms, ret);
}

static void
progress(struct xfer *x, uint64_t acked, uint64_t now_ms, struct xfer_action *ret)
{
	/* An ACK for a part of the window may have waited for the client's own timer. */
	if (!x->again && acked == x->sent) {
		measure(x, now_ms - x->sent_ms);
		x->backoff = 0;
	}
	x->proven = true;
	x->retries = 0;
	x->acked = acked;
	if (x->acked == x->last) {
		finish(x, XFER_DONE);
		return;
	}
	send_window(x, now_ms, ret);
	arm(x, now_ms);
}

static void
take_ack(struct xfer *x, uint16_t block, uint64_t now_ms, struct xfer_action *ret)
{
	uint16_t ahead = (uint16_t)(block - (uint16_t)x->acked);
	if (x->state == XFER_OFFERED) {
		if (block == 0) {
			progress(x, 0, now_ms, ret);
		}
	} else if (ahead == 0) {
		repair(x, now_ms, ret);
	} else if (ahead <= x->sent - x->acked) {
		progress(x, x->acked + ahead, now_ms, ret);
	}
}

/* PXE firmware asks for the size, refuses the OACK with ERROR 0 or 8 and asks anew. */
static void
take_error(struct xfer *x, uint16_t code)
{
	bool probe = x->state == XFER_OFFERED && x->granted.has_tsize;
	x->error = code;
	finish(x, probe ? XFER_SIZE_PROBE : XFER_CLIENT_ERROR);
}

void
xfer_packet(struct xfer *x, const struct tftp_packet *packet, uint64_t now_ms,
    struct xfer_action *ret)
{
	*ret = (struct xfer_action){.send = XFER_SEND_NOTHING};
	if (x->state == XFER_ENDED) {
		return;
	}
	if (packet->opcode == TFTP_ACK) {
		take_ack(x, packet->block, now_ms, ret);
	} else if (packet->opcode == TFTP_ERROR) {
		take_error(x, packet->error);
	}
}

/* Many boot ROMs start what they loaded without acknowledging its last block. */
static enum xfer_end
silence(const struct xfer *x)
{
	return x->proven && x->sent == x->last ? XFER_DONE_UNACKED : XFER_TIMEOUT;
}

void
xfer_timeout(struct xfer *x, uint64_t now_ms, struct xfer_action *ret)
{
	*ret = (struct xfer_action){.send = XFER_SEND_NOTHING};
	if (x->state == XFER_ENDED || now_ms < x->deadline_ms) {
		return;
	}
	if (x->retries == (x->proven ? XFER_RETRIES : XFER_RETRIES_UNPROVEN)) {
		finish(x, silence(x));
		return;
	}
	x->retries++;
	x->backoff = (uint8_t)min_u64(x->backoff + 1u, 8);
	send_again(x, now_ms, ret);
	arm(x, now_ms);
}

void
xfer_repeat(struct xfer *x, uint64_t now_ms, struct xfer_action *ret)
{
	*ret = (struct xfer_action){.send = XFER_SEND_NOTHING};
	if (x->state != XFER_ENDED && !x->proven) {
		send_again(x, now_ms, ret);
	}
}

void
xfer_replace(struct xfer *x)
{
	finish(x, XFER_REPLACED);
}

uint64_t
xfer_bytes(const struct xfer *x)
{
	return min_u64(x->acked * x->blksize, x->size);
}

struct xfer_span
xfer_span(const struct xfer *x, uint64_t block)
{
	uint64_t offset = (block - 1) * x->blksize;
	return (struct xfer_span){
	    .offset = offset, .len = (uint16_t)min_u64(x->size - offset, x->blksize)};
}

const char *
xfer_end_text(enum xfer_end end)
{
	static const char *const texts[] = {
	    [XFER_RUNNING] = "running",
	    [XFER_DONE] = "done",
	    [XFER_DONE_UNACKED] = "done, last block not acknowledged",
	    [XFER_SIZE_PROBE] = "size probe",
	    [XFER_CLIENT_ERROR] = "given up by the client",
	    [XFER_TIMEOUT] = "timed out",
	    [XFER_REPLACED] = "begun anew by the client",
	};
	return texts[end];
}
