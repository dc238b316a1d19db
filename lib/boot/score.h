/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/mac.h"

#include <stdint.h>

/* Weighted rendezvous scores: -weight / ln((h + 0.5) / 2^64) in IEEE double, h = SipHash-2-4
 * with the zero key over the machine's bytes and then the server's address in network order.
 * The highest score wins, ties to the lower address. A change here moves every machine of
 * every site: it is a change of format, and the golden vectors of the tests hold it. */
double score_hash(uint64_t h, uint8_t weight);
double score_mac(const struct mac *mac, uint32_t server, uint8_t weight);
double score_addr(uint32_t source, uint32_t server, uint8_t weight);
