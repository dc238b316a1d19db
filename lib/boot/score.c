/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/boot/score.h"

#include "lib/base/siphash.h"
#include "lib/base/wr.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Every host must put the servers of a farm in the same order, so a score must have the same
 * bits everywhere. IEEE 754 rounds +, -, *, / and the conversion of an integer in one way
 * only; a libm's log() may differ in its last bit from one release or CPU to the next. The
 * logarithm below is therefore made of those operations alone. What could still round
 * otherwise is held off here (wider intermediates, reordering) and in boot.mk, which forbids
 * contraction of a * b + c into one fused rounding. */
_Static_assert(FLT_EVAL_METHOD == 0, "doubles are evaluated as doubles");
_Static_assert(FLT_RADIX == 2 && DBL_MANT_DIG == 53, "doubles are IEEE 754 binary64");
#ifdef __FAST_MATH__
#error "scores need IEEE arithmetic"
#endif

/* ln m for m in [sqrt(1/2), sqrt(2)]: 2 atanh(s), s = (m - 1) / (m + 1), |s| <= 0.172, as a
 * series in z = s * s: 2 s (1 + z/3 + z^2/5 + ...). z^11/23 < 2^-58 is left out. The sum is
 * grouped by two and four, which keeps the chain of dependent operations short. */
static double
ln_near_one(double m)
{
	double s = (m - 1.0) / (m + 1.0);
	double z = s * s;
	double z2 = z * z;
	double z4 = z2 * z2;
	double low = (1.0 / 3 + z * (1.0 / 5)) + z2 * (1.0 / 7 + z * (1.0 / 9));
	double middle = (1.0 / 11 + z * (1.0 / 13)) + z2 * (1.0 / 15 + z * (1.0 / 17));
	double high = 1.0 / 19 + z * (1.0 / 21);
	double tail = low + z4 * (middle + z4 * high);
	return 2.0 * s + 2.0 * s * z * tail;
}

/* ln u for a normal u > 0. Hashes are random, so a branch on one is mispredicted half of the
 * time; here and below there is none. */
static double
ln(double u)
{
	/* ln 2 in two parts; the first has 20 trailing zero bits, so that its product with an
	 * exponent is exact. */
	const double ln2_high = 0x1.62e42feep-1;
	const double ln2_low = 0x1.a39ef35793c76p-33;
	/* u = m * 2^exponent with m from sqrt(1/2), whose bits these are, to sqrt(2). */
	const uint64_t sqrt_half_bits = 0x3fe6a09e667f3bcd;
	uint64_t bits;
	memcpy(&bits, &u, sizeof(bits));
	int64_t exponent = (int64_t)(bits - sqrt_half_bits) >> 52;
	bits -= (uint64_t)exponent << 52;
	double m;
	memcpy(&m, &bits, sizeof(m));
	double e = (double)exponent;
	return e * ln2_high + (e * ln2_low + ln_near_one(m));
}

/* (double)h: both halves are exact, and their sum is rounded once. */
static double
to_double(uint64_t h)
{
	return (double)(int64_t)(h >> 32) * 0x1p32 + (double)(int64_t)(h & UINT32_MAX);
}

double
score_hash(uint64_t h, uint8_t weight)
{
	double u = (to_double(h) + 0.5) * 0x1p-64;
	/* The topmost 2^10 hashes round to u = 1, whose logarithm is a positive zero: the
	 * score is what the formula tends to there. */
	return u < 1.0 ? -(double)weight / ln(u) : (double)INFINITY;
}

static uint64_t
hash_mac(const struct mac *mac, uint32_t server)
{
	uint8_t bytes[MAC_LEN + 4];
	struct wr w = wr_init(bytes, sizeof(bytes));
	wr_bytes(&w, mac->b, MAC_LEN);
	wr_be32(&w, server);
	return siphash24(bytes, sizeof(bytes));
}

static uint64_t
hash_addr(uint32_t source, uint32_t server)
{
	uint8_t bytes[4 + 4];
	struct wr w = wr_init(bytes, sizeof(bytes));
	wr_be32(&w, source);
	wr_be32(&w, server);
	return siphash24(bytes, sizeof(bytes));
}

double
score_mac(const struct mac *mac, uint32_t server, uint8_t weight)
{
	return score_hash(hash_mac(mac, server), weight);
}

double
score_addr(uint32_t source, uint32_t server, uint8_t weight)
{
	return score_hash(hash_addr(source, server), weight);
}

struct rival
rival_mac(const struct mac *mac, uint32_t server, uint8_t weight)
{
	return (struct rival){hash_mac(mac, server), 0, server, weight};
}

struct rival
rival_addr(uint32_t source, uint32_t server, uint8_t weight)
{
	return (struct rival){hash_addr(source, server), 0, server, weight};
}

/* True when two hashes lie so far apart that no rounding can bring the scores of equal weights
 * together or change their order: 2^-40 of the higher one. |ln u| is at most 46, so the
 * logarithms then differ by more than 2^-46 of themselves, and a score is good to 2^-51. */
static bool
lie_apart(uint64_t high, uint64_t low)
{
	return high - low > high >> 40;
}

static double
rival_score(struct rival *r)
{
	if (r->score == 0) {
		r->score = score_hash(r->h, r->weight);
	}
	return r->score;
}

bool
rival_precedes(struct rival *a, struct rival *b)
{
	bool higher = a->h > b->h;
	if (a->weight == b->weight &&
	    (higher ? lie_apart(a->h, b->h) : lie_apart(b->h, a->h))) {
		return higher;
	}
	double score_a = rival_score(a);
	double score_b = rival_score(b);
	return score_a > score_b || (score_a == score_b && a->addr < b->addr);
}
