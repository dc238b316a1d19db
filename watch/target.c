/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/target.h"

#include "lib/base/text.h"

#include <string.h>

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
	return target->health.probes > 0 && target->health.last_good &&
	    account->has_sha256 &&
	    (!target->has_pin ||
		memcmp(account->sha256, target->pin, sizeof(target->pin)) == 0);
}

static bool
is_thinned(const struct target *target)
{
	return is_known_good(target) && target->thin + 1 < target->monitor.full_every;
}

void
target_ask(const struct target *target, bool whole, struct probe_ask *ret)
{
	bool fetches = target->kind == PROBE_TFTP_REPLY && whole;
	*ret = (struct probe_ask){.kind = fetches ? PROBE_BOOTSTRAP : target->kind,
	    .server = target->addr,
	    .timeout_ms = target->monitor.timeout_ms,
	    .known_size = target->account.size};
	ret->whole = ret->kind == PROBE_BOOTSTRAP && (whole || !is_thinned(target));
	(void)text_copy(ret->name, sizeof(ret->name), target->name);
}

bool
target_is_good(const struct target *target, const struct probe *probe)
{
	return target->kind == PROBE_TFTP_REPLY ? probe->answered
						: probe_is_good(probe);
}
