/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/log.h"
#include "lib/net/counters.h"
#include "watch/account.h"
#include "watch/keep.h"

/* What the watcher says: log lines and counters. Lines that servers cause are limited; counters
 * see everything. now_ms is monotonic. */

/* In the order of doc/EVENTS.md, which puts the sender's drops before them. */
enum tell_counter {
	TELL_PROBES,       /* that came to a result */
	TELL_FAILURES,     /* of them */
	TELL_WHOLE,        /* whole files fetched */
	TELL_BYTES,        /* of these */
	TELL_PUBLISHED,    /* in the cache, new or changed */
	TELL_VERDICTS,     /* changed */
	TELL_HASTENED,     /* probes, by evidence or for a file that is wanted */
	TELL_LOCAL_FAULTS, /* probes that this host could not make */
	TELL_EVENTS,       /* records taken */
	TELL_MALFORMED,    /* records not understood */
	TELL_UNWRITTEN,    /* commits of the state that failed */
	TELL_COUNTERS,
};
_Static_assert((int)TELL_COUNTERS <= (int)EVSEND_COUNTERS_MAX, "all go along");

struct tell {
	struct counters counters; /* by enum tell_counter */
	int cache_err;            /* of the last file that was to be published */
	struct log_limit verdicts, probes, published, drifts, hastened, faults, sleeps;
};

/* A probe's result, and the verdict that it replaced, since when; what is of no plan has none. */
void tell_outcome(struct tell *tell, const struct target *target,
    const struct outcome *outcome, enum db_verdict before, int64_t since_ms,
    uint64_t now_ms);

/* What became of a file in the cache. */
void tell_kept(struct tell *tell, const struct target *target, const struct kept *kept,
    uint64_t now_ms);

/* A probe that could not be made, for a fault of this host's own. */
void tell_local_fault(
    struct tell *tell, const struct target *target, int err, uint64_t now_ms);

/* This process stood still for so long, and so many probes are begun anew. */
void tell_asleep(struct tell *tell, uint64_t late_ms, unsigned count, uint64_t now_ms);

/* A server begins or ends to differ from its farm's others, if it does. */
void tell_drift(struct tell *tell, struct target *target, uint64_t now_ms);

/* Probes of a server, or of those that hold a file, are hastened; why is a clause. */
void tell_hastened(struct tell *tell, const struct target *target, unsigned count,
    const char *why, uint64_t now_ms);
