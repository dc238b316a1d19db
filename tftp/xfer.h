/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/wire/tftp.h"

/* One transfer to a client as a machine: functions of (state, time, packet) that say what to
 * send. It reads no clock, no socket and no file, and allocates nothing; times are
 * monotonic milliseconds. Blocks are counted from 1 in 64 bits and go to the wire modulo
 * 65536, so that 65535 is followed by 0 as most clients want it. */

enum {
	XFER_WINDOW_MAX = 64, /* blocks; what we grant of a larger wish */
	XFER_OVERHEAD = 32,   /* IPv4, UDP and TFTP headers */
	XFER_RTO_FIRST_MS = 1000,
	XFER_RTO_MIN_MS = 50,
	XFER_RTO_MAX_MS = 5000,
	XFER_REPAIR_AGE_MS =
	    5, /* a duplicate of the current ACK repairs nothing younger */
	XFER_RETRIES_UNPROVEN = 3, /* before the first ACK: the source may be forged */
	XFER_RETRIES = 10,         /* without progress: about half a minute */
};

enum xfer_state {
	XFER_OFFERED, /* the OACK is out, ACK 0 awaited */
	XFER_SENDING, /* DATA is out */
	XFER_ENDED,
};

enum xfer_end {
	XFER_RUNNING,
	XFER_DONE,         /* the last block was acknowledged */
	XFER_DONE_UNACKED, /* the last block was sent to a proven client, its ACK never came */
	XFER_SIZE_PROBE,   /* the client refused the OACK that told it the size */
	XFER_CLIENT_ERROR, /* the client gave up; see error */
	XFER_TIMEOUT,
	XFER_REPLACED, /* the client began anew from the same port */
};

struct xfer {
	enum xfer_state state;
	enum xfer_end end;
	struct tftp_options granted; /* what the OACK says; nothing: there is none */
	uint16_t blksize;            /* data bytes */
	uint16_t window;             /* blocks, 1..XFER_WINDOW_MAX */
	uint64_t size;               /* bytes to transfer */
	uint64_t last;               /* the final block's number, at least 1 */
	uint64_t acked;              /* 0..last */
	uint64_t sent;               /* acked + 1..sent are outstanding */
	uint64_t highest;            /* the highest block ever sent */
	uint64_t sent_ms;            /* when the outstanding packets went out last */
	uint64_t deadline_ms;        /* when xfer_timeout() is due */
	uint64_t repair_after_ms;    /* no duplicate ACK repairs before */
	uint32_t srtt_8;             /* smoothed round trip, eighths of a millisecond */
	uint32_t rttvar_4;           /* its variation, quarters of a millisecond */
	bool measured;               /* the two hold something */
	bool proven;                 /* some ACK came: the client is where it says */
	bool again;                  /* the last outstanding was sent before (Karn) */
	uint8_t backoff;             /* doublings of the timeout */
	uint8_t retries;             /* timeouts without progress */
	uint32_t resent;             /* packets sent again, for the log */
	uint16_t error;              /* XFER_CLIENT_ERROR: the code that came */
};

enum xfer_send { XFER_SEND_NOTHING, XFER_SEND_OACK, XFER_SEND_DATA };

/* What to do now. The next deadline stands in the transfer; when its state is XFER_ENDED
 * there is none, and nothing is to be sent. */
struct xfer_action {
	enum xfer_send send;
	uint64_t first; /* XFER_SEND_DATA: these blocks, in this order */
	uint64_t count;
};

/* Begins a transfer of size bytes for the options asked (a request's). mtu is the path's,
 * in bytes. */
void xfer_start(struct xfer *x, const struct tftp_options *asked, uint64_t size,
    uint32_t mtu, uint64_t now_ms, struct xfer_action *ret);

/* Takes a packet from the client's address and port. Packets that mean nothing here are
 * ignored. */
void xfer_packet(struct xfer *x, const struct tftp_packet *packet, uint64_t now_ms,
    struct xfer_action *ret);

/* Takes the passing of the deadline. */
void xfer_timeout(struct xfer *x, uint64_t now_ms, struct xfer_action *ret);

/* The first answer once more, for a request that came twice; only while proven is false. */
void xfer_repeat(struct xfer *x, uint64_t now_ms, struct xfer_action *ret);

/* Ends a transfer because its client began another. */
void xfer_replace(struct xfer *x);

/* Bytes of the file that the client has acknowledged. */
uint64_t xfer_bytes(const struct xfer *x);

/* The bytes of the file in a block, 1..last. */
struct xfer_span {
	uint64_t offset;
	uint16_t len;
};
struct xfer_span xfer_span(const struct xfer *x, uint64_t block);

/* One clause for the log: "done", "size probe", ...; never NULL. */
const char *xfer_end_text(enum xfer_end end);
