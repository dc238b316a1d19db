/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/log.h"
#include "lib/net/counters.h"
#include "tftp/table.h"

/* What the responder says: log lines, events and counters. Lines and events that any packet
 * can cause are limited; counters see everything. */

/* In the order of doc/EVENTS.md, which puts the sender's drops before them. */
enum tell_counter {
	TELL_REQUESTS,     /* RRQs and WRQs that came, repeated ones too */
	TELL_NOT_ADMITTED, /* packets left unanswered for their source */
	TELL_IGNORED,      /* packets left unanswered for what they are */
	TELL_REFUSED,      /* requests of admitted sources that cannot be served */
	TELL_BUSY,         /* requests left unanswered: the table was full */
	TELL_STARTED,      /* transfers, of which some of the following end */
	TELL_DONE,
	TELL_SIZE_PROBES,
	TELL_CLIENT_ERRORS,
	TELL_TIMEOUTS,
	TELL_RESENT,  /* packets */
	TELL_BYTES,   /* acknowledged, of ended transfers */
	TELL_LOST,    /* packets that the kernel did not take */
	TELL_PARKED,  /* requests that waited for their file */
	TELL_IN_VAIN, /* of those, refused when their time was up */
	TELL_COUNTERS,
};
_Static_assert((int)TELL_COUNTERS <= (int)EVSEND_COUNTERS_MAX, "all go along");

struct tell {
	struct evsend *events;
	uint64_t revision;        /* of the map */
	struct counters counters; /* by enum tell_counter */
	struct log_limit not_admitted, refused, unreadable, busy, unproven, parked;
	uint64_t tokens_ms; /* of the allowance for refusals, in milliseconds worth */
	uint64_t refilled_ms;
};

/* True when one more refusal may be sent now: TELL_REFUSALS a second, with as many saved up. */
enum { TELL_REFUSALS = 200 };
bool tell_may_refuse(struct tell *tell, uint64_t now_ms);

void tell_not_admitted(struct tell *tell, uint32_t peer, uint64_t now_ms);
void tell_busy(struct tell *tell, uint32_t peer, uint64_t now_ms);

/* A request that was answered with an ERROR. name is as asked for, or "". */
void tell_refused(struct tell *tell, uint32_t peer, const char *name,
    enum tftp_error code, const char *why, uint64_t now_ms);

/* A published file that cannot be served; err says why. */
void tell_unreadable(
    struct tell *tell, uint32_t peer, const char *name, int err, uint64_t now_ms);

/* A request that waits for its file. */
void tell_parked(struct tell *tell, uint32_t peer, const char *name, uint64_t now_ms);

/* A file of a farm that the cache lacks; only for a request whose refusal was said, and once in
 * PARK_TELL_MS for requests that wait. */
void tell_want_file(
    struct tell *tell, uint32_t peer, const char *farm, const char *file);

/* A transfer began, or ended: of a watcher's probe only the counters and a debug line tell; text is what the client's ERROR said, or "". */
void tell_started(struct tell *tell, const struct transfer *transfer);
void tell_ended(struct tell *tell, const struct transfer *transfer, const char *text,
    uint64_t now_ms);
