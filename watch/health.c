/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/health.h"

bool
health_result(struct health *health, const struct db_monitor *monitor, bool good)
{
	health->consecutive = good == health->last_good ? health->consecutive + 1 : 1;
	health->last_good = good;
	health->probes++;
	health->failures += good ? 0 : 1;
	enum db_verdict verdict = good ? DB_VERDICT_UP : DB_VERDICT_DOWN;
	unsigned enough = good ? monitor->success_retries : monitor->retries;
	if (health->verdict == verdict || health->consecutive < enough) {
		return false;
	}
	health->verdict = verdict;
	return true;
}

static uint64_t
tenth(uint64_t ms)
{
	return ms / 10;
}

/* A server that is down but did well last is on its way up: no downtime lies between. */
uint64_t
health_next_ms(const struct health *health, const struct db_monitor *monitor,
    uint64_t started_ms, uint32_t chance)
{
	bool rests = health->verdict == DB_VERDICT_DOWN && !health->last_good;
	uint64_t period_ms = rests ? monitor->downtime_ms : monitor->interval_ms;
	uint64_t jitter_ms = chance % (2 * tenth(period_ms) + 1);
	return started_ms + period_ms - tenth(period_ms) + jitter_ms;
}

static uint64_t
longest_ms(uint64_t period_ms)
{
	return period_ms + tenth(period_ms);
}

/* It fails just after a good probe; the last of the bad ones ends by its timeout. */
uint64_t
health_down_ms(const struct db_monitor *monitor)
{
	return monitor->retries * longest_ms(monitor->interval_ms) +
	    monitor->timeout_ms;
}

/* It recovers when a bad probe has just begun, which must end before the next begins; the last
 * of the good ones ends within a timeout. */
uint64_t
health_up_ms(const struct db_monitor *monitor)
{
	uint64_t rest_ms = longest_ms(monitor->downtime_ms);
	return (rest_ms > monitor->timeout_ms ? rest_ms : monitor->timeout_ms) +
	    (monitor->success_retries - 1u) * longest_ms(monitor->interval_ms) +
	    monitor->timeout_ms;
}
