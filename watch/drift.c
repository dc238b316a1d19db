/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/drift.h"

#include "lib/base/text.h"

#include <string.h>

/* One file of a farm: the targets among those of the farm that are of it. */
struct copies {
	struct target **targets; /* of the farm */
	size_t count;
	const char *file;
};

/* A content that some of the servers hold. */
struct vote {
	const uint8_t *sha256; /* borrowed from an account */
	unsigned servers;
	int64_t since_ms; /* of the one that held it first */
};

static bool
is_of(const struct copies *copies, size_t i)
{
	return text_casecmp(copies->targets[i]->file, copies->file) == 0;
}

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
		if (account->has_sha256 && is_of(copies, i)) {
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
look_at_file(const struct copies *copies, const struct target *first, int64_t now_ms)
{
	uint8_t expected[DB_DIGEST_LEN] = {0};
	if (first->has_pin) {
		memcpy(expected, first->pin, sizeof(expected));
	} else if (!most_held(copies, expected)) {
		return;
	}
	for (size_t i = 0; i < copies->count; i++) {
		if (is_of(copies, i)) {
			compare(copies->targets[i], expected, now_ms);
		}
	}
}

/* True for the first target of its file. */
static bool
is_first(const struct copies *copies, size_t i)
{
	const struct copies before = {copies->targets, i, copies->targets[i]->file};
	for (size_t j = 0; j < i; j++) {
		if (is_of(&before, j)) {
			return false;
		}
	}
	return true;
}

static void
look_at_farm(struct target **targets, size_t count, int64_t now_ms)
{
	struct copies copies = {.targets = targets, .count = count};
	for (size_t i = 0; i < count; i++) {
		if (is_first(&copies, i)) {
			copies.file = targets[i]->file;
			look_at_file(&copies, targets[i], now_ms);
		}
	}
}

/* True for another farm's target, or one without files. */
static bool
is_other(const struct target *target, const struct target *first)
{
	return target->role != DB_ROLE_TFTP ||
	    text_casecmp(target->farm, first->farm) != 0;
}

void
drift_look(struct plan *plan, int64_t now_ms)
{
	struct target **targets = plan->targets;
	size_t end;
	for (size_t at = 0; at < plan->count && targets[at]->role == DB_ROLE_TFTP;
	     at = end) {
		end = at + 1;
		while (end < plan->count && !is_other(targets[end], targets[at])) {
			end++;
		}
		look_at_farm(targets + at, end - at, now_ms);
	}
}
