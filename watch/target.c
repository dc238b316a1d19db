/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/target.h"

#include "lib/base/text.h"

#include <string.h>

enum {
	KNOCK_MS = 3500,
	LOOK_MS = 600000, /* between files that are fetched for the cache alone */
};

struct db_verdict_key
target_key(const struct target *target)
{
	return (struct db_verdict_key){
	    target->role, target->farm, target->addr, target->file};
}

/* Its size tells that a file has not changed only where the file is known to be right. */
static bool
is_known_good(const struct target *target)
{
	const struct db_health *account = &target->account;
	return target->health.last_good && account->has_sha256 &&
	    (!target->has_pin ||
		memcmp(account->sha256, target->pin, sizeof(target->pin)) == 0);
}

static bool
is_thinned(const struct target *target)
{
	return is_known_good(target) && target->thin + 1 < target->monitor.full_every;
}

/* Any answer says that the server lives; the cache wants its file all the same, at first and, as
 * it may change, now and then. */
static bool
is_to_be_looked_at(const struct target *target)
{
	const uint64_t probes = (uint64_t)target->thin + 1;
	return !target->fetched || probes * target->monitor.interval_ms >= LOOK_MS;
}

/* That a host is off shows only when its router, or this host, has asked for its hardware address
 * in vain: three times, a second apart. A knock waits for that word, where its turn leaves it
 * the time. */
static uint32_t
patience_ms(const struct target *target)
{
	const struct db_monitor *monitor = &target->monitor;
	uint32_t turn_ms = monitor->interval_ms - monitor->interval_ms / 5;
	uint32_t knock_ms = turn_ms < KNOCK_MS ? turn_ms : KNOCK_MS;
	bool knocks = target->kind == PROBE_LOGIN || target->kind == PROBE_TSB;
	return knocks && knock_ms > monitor->timeout_ms ? knock_ms
							: monitor->timeout_ms;
}

void
target_ask(const struct target *target, bool whole, struct probe_ask *ret)
{
	bool any_answer = target->kind == PROBE_TFTP_REPLY;
	whole = whole || (any_answer && is_to_be_looked_at(target));
	*ret = (struct probe_ask){
	    .kind = any_answer && whole ? PROBE_BOOTSTRAP : target->kind,
	    .server = target->addr,
	    .port = target->port,
	    .timeout_ms = patience_ms(target),
	    .known_size = target->account.size,
	    .says_probe = target->role == DB_ROLE_BOOT_SERVER};
	ret->whole = ret->kind == PROBE_BOOTSTRAP && (whole || !is_thinned(target));
	(void)text_copy(ret->name, sizeof(ret->name), target->name);
}

bool
target_is_good(const struct target *target, const struct probe *probe)
{
	return target->kind == PROBE_TFTP_REPLY ? probe->answered
						: probe_is_good(probe);
}
