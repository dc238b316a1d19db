/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/record.h"

/* The one rule by which results become a verdict, whatever the probe: a server is up after
 * success_retries good results in a row and down after retries bad ones; it is probed again
 * interval_ms after the last probe began, or downtime_ms while it is down. Pure. Names and
 * defaults are NetScaler's. */
struct health {
	enum db_verdict verdict;
	uint64_t probes;
	uint64_t failures;
	unsigned consecutive; /* results in a row like the last one */
	bool last_good;
};

/* Counts one result. True when the verdict is another than before. */
bool health_result(struct health *health, const struct db_monitor *monitor, bool good);

/* When the next probe is due, for one that began at started_ms: the period, longer or shorter
 * by up to a tenth as chance (any number) has it, so that probes do not fall in step. */
uint64_t health_next_ms(const struct health *health, const struct db_monitor *monitor,
    uint64_t started_ms, uint32_t chance);

/* The time that the rule promises: between a server's failure and the verdict at most; and
 * between its recovery and the verdict. The second that may pass until it is written comes on
 * top, and what a knock waits for ICMP beyond the timeout. For documents, tests and status. */
uint64_t health_down_ms(const struct db_monitor *monitor);
uint64_t health_up_ms(const struct db_monitor *monitor);
