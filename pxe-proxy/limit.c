/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/limit.h"

#include "pxe-proxy/keyed.h"

#include <errno.h>
#include <stdlib.h>

enum {
	WAYS = 8, /* the entries of a set; what is asked for lies in one set */
	MAC_SETS = 2048,
	HOST_SETS = 128,
	SAVED_MS = LIMIT_SAVED_S * 1000,
	COST =
	    1000, /* of one answer: then a rate per second is also one per millisecond */
};

/* What one asker may still have. */
struct allowance {
	uint64_t
	    hash; /* of its MAC or address, in place of it: two meet once in 2^64 */
	uint64_t asked_ms;
	uint32_t left; /* COST for each answer */
};

struct limit {
	struct keyed keyed;
	struct allowance macs[MAC_SETS][WAYS];
	struct allowance relays[HOST_SETS][WAYS];
	struct allowance sources[HOST_SETS][WAYS];
};

_Static_assert((uint64_t)LIMIT_RELAY_PER_S *SAVED_MS <= UINT32_MAX, "all fit");

int
limit_new(struct limit **ret)
{
	struct keyed keyed;
	int err = keyed_draw(&keyed);
	if (err != 0) {
		return err;
	}
	struct limit *limit = calloc(1, sizeof(*limit));
	if (limit == NULL) {
		return -ENOMEM;
	}
	limit->keyed = keyed;
	*ret = limit;
	return 0;
}

void
limit_free(struct limit *limit)
{
	free(limit);
}

/* The entry of a hash, refilled; the least recently asked one of the set where there is none. */
static struct allowance *
refilled(
    struct allowance set[static WAYS], uint64_t hash, uint32_t per_s, uint64_t now_ms)
{
	uint32_t full = per_s * SAVED_MS;
	struct allowance *found = &set[0];
	for (unsigned i = 0; i < WAYS; i++) {
		if (set[i].hash == hash) {
			found = &set[i];
			break;
		}
		if (set[i].asked_ms < found->asked_ms) {
			found = &set[i];
		}
	}
	uint64_t passed_ms = now_ms - found->asked_ms;
	if (found->hash != hash || passed_ms >= SAVED_MS) {
		found->left = full;
	} else {
		uint32_t more = (uint32_t)passed_ms * per_s;
		found->left = more < full - found->left ? found->left + more : full;
	}
	found->hash = hash;
	found->asked_ms = now_ms;
	return found;
}

static struct allowance *
of_mac(struct limit *limit, const struct mac *mac, uint64_t now_ms)
{
	uint64_t hash = keyed_mac(&limit->keyed, mac);
	return refilled(limit->macs[hash % MAC_SETS], hash, LIMIT_MAC_PER_S, now_ms);
}

static struct allowance *
of_host(struct limit *limit, struct allowance sets[static HOST_SETS][WAYS],
    uint32_t addr, uint32_t per_s, uint64_t now_ms)
{
	uint64_t hash = keyed_addr(&limit->keyed, addr);
	return refilled(sets[hash % HOST_SETS], hash, per_s, now_ms);
}

/* Of both, or of neither. host is NULL where there is none. */
static bool
take(struct allowance *machine, struct allowance *host)
{
	if (machine->left < COST || (host != NULL && host->left < COST)) {
		return false;
	}
	machine->left -= COST;
	if (host != NULL) {
		host->left -= COST;
	}
	return true;
}

bool
limit_pass(struct limit *limit, const struct mac *mac, uint32_t relay, uint64_t now_ms)
{
	struct allowance *by_relay = relay != 0
	    ? of_host(limit, limit->relays, relay, LIMIT_RELAY_PER_S, now_ms)
	    : NULL;
	return take(of_mac(limit, mac, now_ms), by_relay);
}

bool
limit_pass_source(
    struct limit *limit, const struct mac *mac, uint32_t source, uint64_t now_ms)
{
	return take(of_mac(limit, mac, now_ms),
	    of_host(limit, limit->sources, source, LIMIT_SOURCE_PER_S, now_ms));
}
