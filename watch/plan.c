/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/plan.h"

#include "lib/base/text.h"
#include "watch/plan_order.h"

#include <stdlib.h>

void
plan_done(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		free(plan->targets[i]);
	}
	free(plan->targets);
	names_done(&plan->loose);
	*plan = (struct plan){.targets = NULL};
}

int
plan_order(const struct db_verdict_key *a, const struct db_verdict_key *b)
{
	if (a->role != b->role) {
		return a->role < b->role ? -1 : 1;
	}
	int farm = text_casecmp(a->farm, b->farm);
	if (farm != 0) {
		return farm;
	}
	if (a->addr != b->addr) {
		return a->addr < b->addr ? -1 : 1;
	}
	return text_casecmp(a->file, b->file);
}

static int
by_key(const void *key, const void *element)
{
	const struct target *const *target = element;
	const struct db_verdict_key of_target = target_key(*target);
	return plan_order(key, &of_target);
}

struct target *
plan_find(const struct plan *plan, const struct db_verdict_key *key)
{
	struct target **found = plan->count == 0
	    ? NULL
	    : bsearch(key, plan->targets, plan->count, sizeof(*plan->targets), by_key);
	return found != NULL ? *found : NULL;
}

/* How much a verdict of one file weighs for the whole server's. */
static unsigned
weight_of(enum db_verdict verdict)
{
	static const unsigned weights[] = {
	    [DB_VERDICT_UNPROVEN] = 0, [DB_VERDICT_UP] = 1, [DB_VERDICT_DOWN] = 2};
	return weights[verdict];
}

/* The whole server is down since its first file is, and up since its last one is. */
static bool
decides(const struct db_health *health, const struct db_health *best)
{
	if (best == NULL || health->verdict != best->verdict) {
		return best == NULL ||
		    weight_of(health->verdict) > weight_of(best->verdict);
	}
	return health->verdict == DB_VERDICT_DOWN ? health->since_ms < best->since_ms
						  : health->since_ms > best->since_ms;
}

bool
plan_boot_server(const struct plan *plan, uint32_t addr, struct db_health *ret)
{
	const struct db_health *best = NULL;
	uint64_t probes = 0, failures = 0;
	for (size_t i = 0; i < plan->count; i++) {
		const struct target *target = plan->targets[i];
		if (target->role != DB_ROLE_BOOT_SERVER || target->addr != addr) {
			continue;
		}
		probes += target->account.probes;
		failures += target->account.failures;
		if (decides(&target->account, best)) {
			best = &target->account;
		}
	}
	if (best == NULL) {
		return false;
	}
	*ret = *best;
	ret->probes = probes;
	ret->failures = failures;
	return true;
}
