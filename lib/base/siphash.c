/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/base/siphash.h"

struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t
rotl(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void
sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v1 = rotl(s->v1, 13) ^ s->v0;
	s->v0 = rotl(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotl(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotl(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotl(s->v1, 17) ^ s->v2;
	s->v2 = rotl(s->v2, 32);
}

static inline void
sip_word(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	sip_round(s);
	s->v0 ^= word;
}

/* Eight bytes, little-endian; compilers make one load of it. */
static inline uint64_t
whole_le(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	    (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 |
	    (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

/* Fewer than eight. */
static inline uint64_t
rest_le(const uint8_t *p, size_t len)
{
	uint64_t word = 0;
	for (size_t i = 0; i < len; i++) {
		word |= (uint64_t)p[i] << (8 * i);
	}
	return word;
}

uint64_t
siphash24(const void *data, size_t len)
{
	static const uint64_t zero[2];
	return siphash24_keyed(zero, data, len);
}

uint64_t
siphash24_keyed(const uint64_t key[static 2], const void *data, size_t len)
{
	/* The four words of "somepseudorandomlygeneratedbytes". */
	struct sip s = {key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d,
	    key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573};
	const uint8_t *p = data;
	size_t left = len;
	for (; left >= 8; left -= 8, p += 8) {
		sip_word(&s, whole_le(p));
	}
	sip_word(&s, rest_le(p, left) | (uint64_t)(len & 0xff) << 56);
	s.v2 ^= 0xff;
	for (unsigned i = 0; i < 4; i++) {
		sip_round(&s);
	}
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
