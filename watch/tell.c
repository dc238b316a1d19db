/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/tell.h"

#include "lib/base/err.h"
#include "lib/base/hex.h"
#include "lib/base/ip4.h"

#include <inttypes.h>
#include <stdio.h>

/* A site that goes dark at once is told of whole, a storm in part. */
enum { LINES_PER_S = 100, WARNINGS_PER_S = 10 };

enum {
	WHO_TEXT = DB_FARM_NAME_MAX + DB_FILE_NAME_MAX + IP4_TEXT + 40,
	HASH_BYTES = 8, /* of a hash, in a line for people */
};

/* Whom a target is about, and what it is asked for. */
static const char *
who(const struct target *target, char dst[static WHO_TEXT])
{
	char addr[IP4_TEXT];
	(void)ip4_format(target->addr, addr);
	switch (target->role) {
	case DB_ROLE_TFTP:
		(void)snprintf(
		    dst, WHO_TEXT, "farm %s: %s: %s", target->farm, addr, target->file);
		break;
	case DB_ROLE_BOOT_SERVER:
		(void)snprintf(dst, WHO_TEXT, "boot server %s: %s", addr, target->name);
		break;
	case DB_ROLE_LOGIN:
	case DB_ROLE_TSB:
	case DB_ROLE_PXE:
		(void)snprintf(dst, WHO_TEXT, "farm %s: %s: %s", target->farm, addr,
		    target->role == DB_ROLE_LOGIN     ? "login"
			: target->role == DB_ROLE_TSB ? "two-stage boot"
						      : "PXE service");
		break;
	}
	return dst;
}

static void
say_verdict(struct tell *tell, const struct target *target,
    const struct outcome *outcome, enum db_verdict before, int64_t since_ms,
    uint64_t now_ms)
{
	char text[WHO_TEXT], row[40] = "", was[60] = "";
	bool down = target->health.verdict == DB_VERDICT_DOWN;
	if (target->health.consecutive > 1) {
		(void)snprintf(
		    row, sizeof(row), " (%u in a row)", target->health.consecutive);
	}
	if (before != DB_VERDICT_UNPROVEN) {
		(void)snprintf(was, sizeof(was), "; was %s for %" PRId64 " s",
		    db_verdict_text(before),
		    (target->account.since_ms - since_ms) / 1000);
	}
	log_limited(&tell->verdicts, now_ms, LINES_PER_S,
	    down ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "%s: %s: %s%s%s", who(target, text),
	    db_verdict_text(target->health.verdict), outcome->why, row, was);
}

void
tell_outcome(struct tell *tell, const struct target *target,
    const struct outcome *outcome, enum db_verdict before, int64_t since_ms,
    uint64_t now_ms)
{
	char text[WHO_TEXT];
	counters_add(&tell->counters, TELL_PROBES, 1);
	counters_add(&tell->counters, TELL_FAILURES, outcome->good ? 0 : 1);
	if (outcome->whole) {
		counters_add(&tell->counters, TELL_WHOLE, 1);
		counters_add(&tell->counters, TELL_BYTES, outcome->size);
	}
	if (target->health.verdict != before && !target->once) {
		counters_add(&tell->counters, TELL_VERDICTS, 1);
		say_verdict(tell, target, outcome, before, since_ms, now_ms);
	} else if (log_wants(LOG_LEVEL_DEBUG)) {
		log_limited(&tell->probes, now_ms, LINES_PER_S, LOG_LEVEL_DEBUG,
		    "%s: %s: %s", who(target, text), outcome->good ? "good" : "bad",
		    outcome->why);
	}
}

static const char *
hash_text(
    const uint8_t sha256[static DB_DIGEST_LEN], char dst[static 2 * HASH_BYTES + 1])
{
	return hex_format(dst, sha256, HASH_BYTES);
}

void
tell_kept(struct tell *tell, const struct target *target, const struct kept *kept,
    uint64_t now_ms)
{
	char text[WHO_TEXT], hash[2 * HASH_BYTES + 1];
	if (kept->is_new) {
		counters_add(&tell->counters, TELL_PUBLISHED, 1);
		log_limited(&tell->published, now_ms, LINES_PER_S, LOG_LEVEL_INFO,
		    "%s: published, %" PRIu64 " bytes, SHA-256 %s...",
		    who(target, text), kept->size, hash_text(kept->sha256, hash));
	}
	if (!kept->is_new && kept->cache_err == 0) {
		return; /* it did not have to be */
	}
	if (log_is_news(&tell->cache_err, kept->cache_err)) {
		if (kept->cache_err != 0) {
			log_error("the cache cannot be written: %s; verdicts go on, "
				  "files that it lacks stay away",
			    err_str(kept->cache_err));
		} else {
			log_info("the cache can be written again");
		}
	}
}

void
tell_local_fault(
    struct tell *tell, const struct target *target, int err, uint64_t now_ms)
{
	char text[WHO_TEXT];
	counters_add(&tell->counters, TELL_LOCAL_FAULTS, 1);
	log_limited(&tell->faults, now_ms, 1, LOG_LEVEL_ERROR,
	    "%s: cannot be probed: %s; its verdict stays", who(target, text),
	    err_str(err));
}

void
tell_asleep(struct tell *tell, uint64_t late_ms, unsigned count, uint64_t now_ms)
{
	counters_add(&tell->counters, TELL_LOCAL_FAULTS, count);
	log_limited(&tell->sleeps, now_ms, 1, LOG_LEVEL_WARN,
	    "stood still for %" PRIu64 " ms: %u probe%s begun anew", late_ms, count,
	    count == 1 ? " is" : "s are");
}

void
tell_drift(struct tell *tell, struct target *target, uint64_t now_ms)
{
	const struct db_health *account = &target->account;
	char text[WHO_TEXT], own[2 * HASH_BYTES + 1], other[2 * HASH_BYTES + 1];
	if (account->drifts == target->said_drift) {
		return;
	}
	target->said_drift = account->drifts;
	if (!account->drifts) {
		log_limited(&tell->drifts, now_ms, WARNINGS_PER_S, LOG_LEVEL_INFO,
		    "%s: no longer differs", who(target, text));
		return;
	}
	log_limited(&tell->drifts, now_ms, WARNINGS_PER_S, LOG_LEVEL_WARN,
	    "%s: differs: SHA-256 %s..., expected is %s...", who(target, text),
	    hash_text(account->sha256, own), hash_text(account->expected, other));
}

void
tell_hastened(struct tell *tell, const struct target *target, unsigned count,
    const char *why, uint64_t now_ms)
{
	char text[WHO_TEXT];
	counters_add(&tell->counters, TELL_HASTENED, count);
	log_limited(&tell->hastened, now_ms, WARNINGS_PER_S, LOG_LEVEL_INFO,
	    "%s: probed at once%s: %s", who(target, text),
	    count > 1 ? ", and others" : "", why);
}
