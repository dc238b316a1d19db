/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/mac.h"
#include "lib/base/rd.h"
#include "lib/base/wr.h"

/* Event records: what programs tell the watcher. doc/EVENTS.md shows the bytes. One record
 * is EVENT_LEN bytes in every version; a datagram holds 1..EVENT_BATCH of them and nothing
 * else. */
enum {
	EVENT_LEN = 256,
	EVENT_BATCH = 32,
	EVENT_FARM_MAX = 32,
	EVENT_FILE_MAX = 63,
	EVENT_TEXT_MAX = 63,
	EVENT_COUNTERS_MAX = 16,
};

enum event_kind {
	EVENT_STAGE = 1,     /* a machine came one step further */
	EVENT_TRANSFER = 2,  /* a TFTP transfer ended */
	EVENT_FINDING = 3,   /* something is wrong on the wire */
	EVENT_COUNTERS = 4,  /* once a second per process */
	EVENT_WANT_FILE = 5, /* an admitted source asked for what the cache lacks */
};

enum event_program { EVENT_HOOK = 1, EVENT_PROXY = 2, EVENT_TFTP = 3, EVENT_WATCH = 4 };

enum event_stage {
	EVENT_OFFERED = 1, /* a DHCP OFFER carried our answer */
	EVENT_ACKED = 2,   /* a DHCP ACK (or BOOTP reply) did */
	EVENT_PROXY_OFFER = 3,
	EVENT_PROXY_ACK = 4, /* on port 4011 */
	EVENT_NOT_OURS = 5,
	EVENT_REQUESTED = 6, /* an RRQ was taken */
	EVENT_LEARNT = 7,    /* a REQUEST told the machine's address */
	EVENT_BOOTED =
	    8, /* a machine that got our ACK asks DHCP as no PXE client any more */
};

/* What is wrong on the wire; the first six are the proxy's, about a machine of ours. */
enum event_finding {
	EVENT_OTHER_PROXY = 1,    /* another ProxyDHCP or PXE service answers it */
	EVENT_DHCP_OPTION_60 = 2, /* the DHCP server says PXEClient: it hides us */
	EVENT_DHCP_BOOT_FILE = 3, /* it names a server and file of its own */
	EVENT_NO_LOGIN_LIST = 4,  /* UEFI: it sends neither option 11 nor 17 */
	EVENT_OFFER_REFUSED = 5,  /* DISCOVER again and again, at growing gaps */
	EVENT_NO_SHOW = 6, /* took an address, came neither to 4011 nor to TFTP */
	EVENT_FINDINGS,    /* one more than the last */
};

/* How a transfer ended. */
enum event_result {
	EVENT_DONE = 1,
	EVENT_SIZE_PROBE = 2, /* the client wanted the size and ended it: no failure */
	EVENT_CLIENT_ERROR = 3,
	EVENT_TIMEOUT = 4,
	EVENT_REFUSED = 5,
	EVENT_FAILED = 6, /* our own fault */
};

/* One event. Fields without meaning for a kind are zero or "". The texts come from outside
 * (a file's name as it was asked for, an error's message): escape them before printing. */
struct event {
	enum event_kind kind;
	enum event_program program;
	uint64_t time_ms; /* Unix time */
	uint32_t pid;
	uint32_t seq; /* per process; gaps show what was dropped */
	uint8_t what; /* enum event_stage, enum event_result or enum event_finding */
	bool has_mac;
	struct mac mac;
	uint32_t client; /* the machine's address, host order, or 0 */
	uint32_t server; /* the server named, or 0 */
	uint16_t arch;
	uint16_t code; /* TFTP error code, by kind */
	bool direct;   /* a stage: the answer names a PVS server, not a boot server */
	uint32_t xid;  /* a stage: of the DHCP exchange, or 0 */
	uint16_t user_class; /* a stage: a hash of option 77, 0 without it */
	uint64_t bytes;      /* transferred */
	uint32_t elapsed_ms;
	uint32_t resent;   /* packets sent again */
	uint64_t revision; /* of the map that decided */
	char farm[EVENT_FARM_MAX + 1];
	char file[EVENT_FILE_MAX + 1];
	char text[EVENT_TEXT_MAX + 1]; /* a finding's remedy, an error's message */
	unsigned counter_count;        /* EVENT_COUNTERS */
	uint64_t counters[EVENT_COUNTERS_MAX];
};

/* Writes one record of exactly EVENT_LEN bytes, or nothing and ERR_ROOM. Texts must be
 * terminated. EVENT_COUNTERS carries its counters instead of the texts. */
void event_encode(struct wr *w, const struct event *event);

/* One clause of what a finding says, without the machine; never NULL. A number that a newer
 * sender knows is "a finding that this version cannot name". */
const char *event_finding_text(unsigned finding);

/* Reads one record and steps over it, whatever it holds, so that a reader goes on with the
 * next one. Returns 0, ERR_SHORT (sticky in r), or what is wrong with this record alone:
 * ERR_FORMAT (another version), ERR_RANGE (a kind, program, stage or result that a newer
 * sender knows and this reader does not: skip it and count it), ERR_MALFORMED (no record of
 * ours, a text without its NUL, too many counters). *ret is untouched on failure. */
int event_decode(struct rd *r, struct event *ret) __attribute__((warn_unused_result));
