/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/mac.h"

#include <stdbool.h>
#include <stdint.h>

/* Weighted rendezvous scores: -weight / ln((h + 0.5) / 2^64) in IEEE double, h = SipHash-2-4
 * with the zero key over the machine's bytes and then the server's address in network order.
 * The highest score wins, ties to the lower address. A change here moves every machine of
 * every site: it is a change of format, and the golden vectors of the tests hold it. */
double score_hash(uint64_t h, uint8_t weight); /* weight 1..100 */
double score_mac(const struct mac *mac, uint32_t server, uint8_t weight);
double score_addr(uint32_t source, uint32_t server, uint8_t weight);

/* A server in the rendezvous of one machine. Most pairs can be put in order by their hashes
 * alone, so its score is worked out only when it is needed. */
struct rival {
	uint64_t h;
	double score; /* 0: not worked out yet */
	uint32_t addr;
	uint8_t weight;
};
struct rival rival_mac(const struct mac *mac, uint32_t server, uint8_t weight);
struct rival rival_addr(uint32_t source, uint32_t server, uint8_t weight);

/* True when a has the higher score, or the same and the lower address. */
bool rival_precedes(struct rival *a, struct rival *b);
