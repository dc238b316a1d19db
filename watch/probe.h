/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/mac.h"
#include "lib/wire/tftp.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One probe of one server as a machine: functions of (state, time, packet) that say what to
 * send. It reads no clock, socket or file, and allocates nothing. Times are monotonic
 * milliseconds, addresses and ports in host order. One file makes each kind: fetch.c the TFTP
 * ones, knock.c those that only ICMP answers, ask.c that of the PXE service; the table in
 * probe.c joins them. */

enum probe_kind {
	PROBE_BOOTSTRAP,  /* RRQ, the file to its end or its size alone */
	PROBE_TFTP_REPLY, /* RRQ; any TFTP packet is an answer */
	PROBE_LOGIN,      /* UDP 6910: fails on ICMP unreachable alone */
	PROBE_TSB,        /* UDP 6969: the same */
	PROBE_PXE,        /* a REQUEST to UDP 4011; any valid ACK */
	PROBE_KINDS,
};

enum {
	PROBE_SEND_MAX = 600, /* bytes of the longest packet that a probe sends */
	PROBE_NAME_MAX = 32 + 1 + 63, /* FARM/FILE */
	PROBE_BLKSIZE = 1456,         /* what firmware asks for */
	PROBE_WINDOWSIZE = 4,
	PROBE_SIZE_MAX = 1 << 30, /* bytes of a file */
	PROBE_WHOLE_MS = 60000, /* a whole transfer may take, or timeout_ms if longer */
};

/* What is to be done. */
struct probe_ask {
	enum probe_kind kind;
	uint32_t server;
	uint16_t port;                 /* 0: the kind's own */
	uint32_t timeout_ms;           /* of silence, after which the probe ends */
	char name[PROBE_NAME_MAX + 1]; /* TFTP: as it goes on the wire */
	bool whole; /* BOOTSTRAP: to its end; else the size is enough, where the server
	                      * says it and it is known_size: another, and it goes on to the end */
	uint64_t known_size; /* bytes, of the last whole transfer */
	bool says_probe;     /* TFTP: with the option by which our responder knows us */
	uint32_t local;      /* PXE: our address, or 0 */
	struct mac mac;      /* PXE: who asks */
	uint32_t xid;        /* PXE */
};

enum probe_result {
	PROBE_RUNS,
	PROBE_ANSWERED, /* as was hoped for */
	PROBE_SILENT,   /* no answer in time: of LOGIN and TSB that is none the worse */
	PROBE_UNREACHABLE, /* ICMP says so, or there is no route */
	PROBE_REFUSED,     /* a TFTP ERROR; code and text are valid */
	PROBE_BROKEN,      /* an answer against the protocol */
	PROBE_TOO_SLOW,    /* not whole after PROBE_WHOLE_MS */
	PROBE_TOO_LARGE,   /* over PROBE_SIZE_MAX */
};

/* A TFTP transfer as its client sees it. */
struct fetch {
	bool has_size;    /* the server said how large the file is */
	bool goes_on;     /* to the end of the file */
	uint16_t blksize; /* granted; 0: neither OACK nor DATA came yet */
	uint16_t windowsize;
	uint64_t block;     /* the last one taken */
	uint16_t since_ack; /* blocks taken since the last ACK */
	bool gap_told;      /* the ACK before the gap is out */
	uint64_t repair_ms; /* a double of the last block is not answered before */
	uint64_t size;      /* said, and at the end what came */
	uint64_t got;       /* bytes taken */
};

struct probe {
	struct probe_ask ask;
	enum probe_result result;
	bool was_whole; /* BOOTSTRAP that answered: every byte was handed out */
	bool answered;  /* something came that belongs to this probe */
	uint16_t port;  /* the server's: the one asked, of TFTP its first answer's */
	uint64_t started_ms;
	uint64_t deadline_ms; /* when probe_timeout() is due, while it runs */
	uint64_t resend_ms;   /* when what was said last is said again */
	uint64_t silent_ms;   /* when the server was silent for too long */
	uint32_t first_ms;    /* from the start to the first answer */
	uint16_t code; /* REFUSED: the ERROR's; UNREACHABLE: the port, 0: the server */
	const char *why;                    /* BROKEN: what is wrong; static */
	char text[TFTP_ERROR_TEXT_MAX + 1]; /* as sent: escape before printing */
	struct fetch fetch;
};

/* What a step asks its caller to do, in this order. */
struct probe_action {
	uint16_t send_port; /* 0: send nothing */
	size_t send_len;    /* may be 0: an empty datagram */
	uint8_t send[PROBE_SEND_MAX];
	const uint8_t *data; /* the next bytes of the file; borrowed from the packet */
	size_t data_len;
};

/* Begins a probe, in whatever state *probe was. */
void probe_start(struct probe *probe, const struct probe_ask *ask, uint64_t now_ms,
    struct probe_action *ret);

/* Takes a packet, whoever sent it: what is foreign, late or double changes nothing. */
void probe_packet(struct probe *probe, uint32_t peer, uint16_t peer_port,
    const void *bytes, size_t len, uint64_t now_ms, struct probe_action *ret);

/* ICMP said that what was sent to this port of the server cannot get there: because nothing
 * listens, or for the whole server. Port 0: the kernel said so, of the whole server. It is no
 * answer of the server's. */
void probe_unreachable(struct probe *probe, uint16_t port, bool whole_server);

/* For when deadline_ms has come; early calls do nothing. */
void probe_timeout(struct probe *probe, uint64_t now_ms, struct probe_action *ret);

/* True for a probe that ended well: the kind decides what its result means. */
bool probe_is_good(const struct probe *probe);

enum { PROBE_TEXT = 160 };
/* What came of a probe that ended, in a few words: "no answer in 2000 ms", "ERROR 1: 'File not
 * found'". Outside text is escaped. Returns dst. */
char *probe_text(const struct probe *probe, char dst[static PROBE_TEXT]);
