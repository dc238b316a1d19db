/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/log.h"
#include "lib/base/recent.h"
#include "lib/net/counters.h"
#include "pxe-proxy/findings.h"

/* What the proxy says: log lines, events and counters. Lines that packets cause are limited;
 * counters see everything. Times are monotonic milliseconds. */

/* In the order of doc/EVENTS.md, which puts the sender's drops before them. */
enum tell_counter {
	TELL_DHCP,       /* requests heard on port 67 */
	TELL_PXE,        /* requests to port 4011 */
	TELL_OFFERS,     /* sent */
	TELL_ACKS,       /* sent */
	TELL_DELAY_FULL, /* answers to be held back, and sent at once for want of room */
	TELL_LIMITED,    /* left unanswered: too many of a machine, relay or source */
	TELL_MALFORMED,  /* left unanswered for what they are */
	TELL_NOT_PXE,
	TELL_NOT_FOR_US,
	TELL_NOT_OURS,  /* left unanswered for whom they are from */
	TELL_ELSEWHERE, /* sent to another host, or not relayed with relay-only */
	TELL_FAILED,    /* the map could not be asked */
	TELL_KEPT,      /* answers that shadow mode kept */
	TELL_FINDINGS,
	TELL_LOST, /* packets that the kernel did not take, or dropped */
	TELL_COUNTERS,
};
_Static_assert((int)TELL_COUNTERS <= (int)EVSEND_COUNTERS_MAX, "all go along");

struct tell {
	struct evsend *events;
	uint64_t revision; /* of the map */
	bool shadow;
	struct counters counters; /* by enum tell_counter */
	struct recent boots;      /* whose OFFER was said, by transaction */
	struct recent no_file;    /* whose missing file was said */
	struct recent not_ours;   /* who was told to be not ours, by transaction */
	struct findings findings;
	struct log_limit offers, details, silences, missing, failures;
};

/* A request that nothing can be sent to. where is the interface's name. */
void tell_silence(struct tell *tell, const struct exchange *exchange, uint32_t peer,
    const char *where, uint64_t now_ms);

/* A reply that is sent now or later or, in shadow mode, never. */
void tell_answer(struct tell *tell, const struct exchange *exchange, const char *where,
    uint64_t now_ms);

/* A REQUEST told the address of a machine. */
void tell_learnt(struct tell *tell, const struct request *request, uint32_t addr);

/* Something is wrong on the wire. */
void tell_finding(struct tell *tell, const struct found *found, uint64_t now_ms);
