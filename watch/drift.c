/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/drift.h"

#include "lib/base/text.h"

#include <string.h>

/* The copies of one file of a farm. */
struct copies {
	struct target **targets;
	size_t count;
};

/* A content that some of the servers hold. */
struct vote {
	const uint8_t *sha256; /* borrowed from an account */
	unsigned servers;
	int64_t since_ms; /* of the one that held it first */
};

static bool
is_hash(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, DB_DIGEST_LEN) == 0;
}

static bool
outvotes(const struct vote *a, const struct vote *b)
{
	if (a->servers != b->servers) {
		return a->servers > b->servers;
	}
	if (a->since_ms != b->since_ms) {
		return a->since_ms < b->since_ms;
	}
	return memcmp(a->sha256, b->sha256, DB_DIGEST_LEN) < 0;
}

static void
cast(struct vote *votes, unsigned *count, const struct db_health *account)
{
	unsigned i = 0;
	while (i < *count && !is_hash(votes[i].sha256, account->sha256)) {
		i++;
	}
	if (i == *count) {
		if (i == DB_SERVERS_MAX) {
			return; /* each of so many holds another one: none is expected */
		}
		votes[i] = (struct vote){account->sha256, 0, account->sha256_since_ms};
		(*count)++;
	}
	votes[i].servers++;
	if (account->sha256_since_ms < votes[i].since_ms) {
		votes[i].since_ms = account->sha256_since_ms;
	}
}

/* What the servers hold for the most part; false when nothing is known of any. */
static bool
most_held(const struct copies *copies, uint8_t ret[static DB_DIGEST_LEN])
{
	struct vote votes[DB_SERVERS_MAX];
	unsigned count = 0, best = 0;
	for (size_t i = 0; i < copies->count; i++) {
		const struct db_health *account = &copies->targets[i]->account;
		if (account->has_sha256) {
			cast(votes, &count, account);
		}
	}
	for (unsigned i = 1; i < count; i++) {
		best = outvotes(&votes[i], &votes[best]) ? i : best;
	}
	if (count > 0) {
		memcpy(ret, votes[best].sha256, DB_DIGEST_LEN);
	}
	return count > 0;
}

static void
compare(
    struct target *target, const uint8_t expected[static DB_DIGEST_LEN], int64_t now_ms)
{
	struct db_health *account = &target->account;
	bool drifts = account->has_sha256 && !is_hash(account->sha256, expected);
	if (drifts == account->drifts && is_hash(account->expected, expected)) {
		return;
	}
	if (drifts != account->drifts) {
		account->drifts = drifts;
		account->drifts_since_ms = drifts ? now_ms : 0;
	}
	memcpy(account->expected, expected, DB_DIGEST_LEN);
	target->dirty = true;
}

static void
look_at_file(const struct copies *copies, int64_t now_ms)
{
	const struct target *first = copies->targets[0];
	uint8_t expected[DB_DIGEST_LEN] = {0};
	if (first->has_pin) {
		memcpy(expected, first->pin, sizeof(expected));
	} else if (!most_held(copies, expected)) {
		return;
	}
	for (size_t i = 0; i < copies->count; i++) {
		compare(copies->targets[i], expected, now_ms);
	}
}

static bool
is_other_file(const struct target *a, const struct target *b)
{
	return text_casecmp(a->file, b->file) != 0 ||
	    text_casecmp(a->farm, b->farm) != 0;
}

void
drift_look(struct plan *plan, int64_t now_ms)
{
	size_t end;
	for (size_t at = 0; at < plan->copy_count; at = end) {
		end = at + 1;
		while (end < plan->copy_count &&
		    !is_other_file(plan->copies[end], plan->copies[at])) {
			end++;
		}
		const struct copies copies = {plan->copies + at, end - at};
		look_at_file(&copies, now_ms);
	}
}
