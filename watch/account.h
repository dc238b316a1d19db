/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "watch/target.h"

/* What people are told of a target: its verdict and counts as the rule has them, and times,
 * hash and error of its probes. Pure; times are milliseconds of Unix time. */

/* What one probe came to. */
struct outcome {
	bool good;
	const char *why; /* what is wrong, printable; of no meaning when good */
	bool answered;
	uint32_t latency_ms; /* to the first answer, when answered */
	bool whole;          /* the file came to its end */
	uint64_t size;
	const uint8_t *sha256; /* DB_DIGEST_LEN bytes, when whole */
};

/* Counts an outcome and writes it down, for a probe that the map of that revision asked for.
 * True when the verdict is another than before. */
bool account_take(struct target *target, const struct outcome *outcome,
    uint64_t revision, int64_t unix_ms);

/* True while nothing was found yet. */
bool account_is_fresh(const struct target *target);

/* Goes on from what an earlier watcher wrote. */
void account_adopt(struct target *target, const struct db_health *stored);
