/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* SipHash-2-4 (Aumasson and Bernstein, 2012) of len bytes with the zero key: the hash of
 * the rendezvous score and of the stored values' checksums. Not a defence against forgery. */
uint64_t siphash24(const void *data, size_t len);

/* The same with a key of 16 bytes, as two little-endian words: where the key is random and
 * secret, nobody can choose data that meet in one bucket. */
uint64_t siphash24_keyed(const uint64_t key[static 2], const void *data, size_t len);
