/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/account.h"

#include "lib/base/text.h"

#include <string.h>

/* What the account repeats of the rule's. */
static void
copy_health(const struct health *health, struct db_health *ret)
{
	ret->verdict = health->verdict;
	ret->probes = health->probes;
	ret->failures = health->failures;
	ret->consecutive = health->consecutive;
	ret->last_good = health->last_good;
}

static void
take_good(struct db_health *account, const struct outcome *outcome, int64_t unix_ms)
{
	account->last_good_ms = unix_ms;
	if (outcome->answered) {
		account->latency_ms = outcome->latency_ms;
	}
}

static void
take_bad(struct db_health *account, const struct outcome *outcome, int64_t unix_ms)
{
	account->last_bad_ms = unix_ms;
	(void)text_copy(account->error, sizeof(account->error), outcome->why);
}

static void
take_file(struct db_health *account, const struct outcome *outcome, int64_t unix_ms)
{
	if (!account->has_sha256 ||
	    memcmp(account->sha256, outcome->sha256, DB_DIGEST_LEN) != 0) {
		memcpy(account->sha256, outcome->sha256, DB_DIGEST_LEN);
		account->sha256_since_ms = unix_ms;
		account->has_sha256 = true;
	}
	account->size = outcome->size;
}

bool
account_take(struct target *target, const struct outcome *outcome, uint64_t revision,
    int64_t unix_ms)
{
	struct db_health *account = &target->account;
	bool changed = health_result(&target->health, &target->monitor, outcome->good);
	copy_health(&target->health, account);
	account->since_ms = changed ? unix_ms : account->since_ms;
	account->last_ms = unix_ms;
	account->revision = revision;
	if (outcome->good) {
		take_good(account, outcome, unix_ms);
	} else {
		take_bad(account, outcome, unix_ms);
	}
	if (outcome->whole) {
		take_file(account, outcome, unix_ms);
	}
	target->thin = outcome->whole ? 0 : target->thin + 1;
	target->dirty = true;
	return changed;
}

bool
account_is_fresh(const struct target *target)
{
	return target->health.probes == 0 &&
	    target->health.verdict == DB_VERDICT_UNPROVEN;
}

void
account_adopt(struct target *target, const struct db_health *stored)
{
	target->account = *stored;
	target->health = (struct health){.verdict = stored->verdict,
	    .probes = stored->probes,
	    .failures = stored->failures,
	    .consecutive = stored->consecutive,
	    .last_good = stored->last_good};
	target->said_drift = stored->drifts;
}
