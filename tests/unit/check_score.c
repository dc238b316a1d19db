/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/boot/score.h"

#include "lib/base/ip4.h"
#include "lib/base/siphash.h"
#include "tests/unit/unit.h"

#include <math.h>

/* All vectors were printed by score_vectors.py, which knows the formula only. */
static const struct {
	const char *mac;
	const char *server;
	uint8_t weight;
	double score;
} macs[] = {
    {"00:00:00:00:00:00", "10.1.0.11", 1, 0x1.935ed1e0ae5aep+0},
    {"00:00:00:00:00:00", "10.1.0.12", 2, 0x1.08878b8458ff7p+0},
    {"00:00:00:00:00:00", "10.1.0.13", 100, 0x1.a6812823f95a6p+7},
    {"00:00:00:00:00:00", "192.168.255.254", 1, 0x1.c5fbb4df51d41p-1},
    {"00:11:22:33:44:55", "10.1.0.11", 1, 0x1.8c1cbb2093de8p-1},
    {"00:11:22:33:44:55", "10.1.0.12", 2, 0x1.062f7cf385108p+2},
    {"00:11:22:33:44:55", "10.1.0.13", 100, 0x1.9d758bdf6c5c0p+9},
    {"00:11:22:33:44:55", "192.168.255.254", 1, 0x1.d21c0163647adp-2},
    {"aa:bb:cc:dd:ee:ff", "10.1.0.11", 1, 0x1.cf28b0be7f82ep-1},
    {"aa:bb:cc:dd:ee:ff", "10.1.0.12", 2, 0x1.02243adacdd49p+0},
    {"aa:bb:cc:dd:ee:ff", "10.1.0.13", 100, 0x1.400aeba6f032bp+5},
    {"aa:bb:cc:dd:ee:ff", "192.168.255.254", 1, 0x1.4594926914d6fp+0},
    {"ff:ff:ff:ff:ff:ff", "10.1.0.11", 1, 0x1.01e7b3368f794p+5},
    {"ff:ff:ff:ff:ff:ff", "10.1.0.12", 2, 0x1.7ad0d19625890p+3},
    {"ff:ff:ff:ff:ff:ff", "10.1.0.13", 100, 0x1.a01ae86745ce4p+5},
    {"ff:ff:ff:ff:ff:ff", "192.168.255.254", 1, 0x1.2db350a85e0a8p-1},
};

static const struct {
	const char *source;
	const char *server;
	uint8_t weight;
	double score;
} addrs[] = {
    {"10.20.70.1", "10.1.0.11", 1, 0x1.fa990c20c7bf3p+0},
    {"10.20.70.1", "10.1.0.12", 1, 0x1.5d9c3d24a4d4ep+0},
};

static const struct {
	uint64_t h;
	uint8_t weight;
	double score;
} hashes[] = {
    {0x0000000000000000, 1, 0x1.6ba5ded75ac4dp-6},
    {0x0000000000000000, 100, 0x1.1c1996183ee9cp+1},
    {0x0000000000000001, 1, 0x1.74bc9c3d0952ep-6},
    {0x0000000000000001, 100, 0x1.23335a0faf48cp+1},
    {0x0000000100000000, 1, 0x1.71547652c0833p-5},
    {0x0000000100000000, 100, 0x1.2089fc70a6668p+2},
    {0x001fffffffffffff, 1, 0x1.0c9a84994022dp-3},
    {0x001fffffffffffff, 100, 0x1.a3b16f2f74367p+3},
    {0x0020000000000001, 1, 0x1.0c9a84994022dp-3},
    {0x0020000000000001, 100, 0x1.a3b16f2f74367p+3},
    {0x7fffffffffffffff, 1, 0x1.71547652b82fep+0},
    {0x7fffffffffffffff, 100, 0x1.2089fc709fe57p+7},
    {0x8000000000000000, 1, 0x1.71547652b82fep+0},
    {0x8000000000000000, 100, 0x1.2089fc709fe57p+7},
    {0xb504f333f9de6484, 1, 0x1.71547652b82ffp+1},
    {0xb504f333f9de6484, 100, 0x1.2089fc709fe58p+8},
    {0xb504f333f9de6485, 1, 0x1.71547652b82ffp+1},
    {0xb504f333f9de6485, 100, 0x1.2089fc709fe58p+8},
    {0xffffffff00000000, 1, 0x1.ffffffff00000p+31},
    {0xffffffff00000000, 100, 0x1.8fffffff38000p+38},
    {0xfffffffffffff800, 1, 0x1.fffffffffffffp+52},
    {0xfffffffffffff800, 100, 0x1.9000000000000p+59},
    {0xfffffffffffffbff, 1, 0x1.fffffffffffffp+52},
    {0xfffffffffffffbff, 100, 0x1.9000000000000p+59},
    {0xfffffffffffffc00, 1, INFINITY},
    {0xfffffffffffffc00, 100, INFINITY},
    {0xffffffffffffffff, 1, INFINITY},
    {0xffffffffffffffff, 100, INFINITY},
};

static uint32_t
ip4(const char *text)
{
	uint32_t addr = 0;
	ck_assert_int_eq(ip4_parse(text, &addr), 0);
	return addr;
}

/* Four units in the last place: what the few roundings of a score may add up to. */
static void
assert_near(double score, double exact)
{
	ck_assert_msg(score == exact || fabs(score - exact) <= exact * 0x1p-51,
	    "%a is not %a", score, exact);
}

START_TEST(a_machines_score_is_the_formulas)
{
	struct mac mac;
	ck_assert_int_eq(mac_parse(macs[_i].mac, &mac), 0);
	assert_near(
	    score_mac(&mac, ip4(macs[_i].server), macs[_i].weight), macs[_i].score);
}
END_TEST

START_TEST(a_sources_score_is_the_formulas)
{
	assert_near(
	    score_addr(ip4(addrs[_i].source), ip4(addrs[_i].server), addrs[_i].weight),
	    addrs[_i].score);
}
END_TEST

START_TEST(the_score_holds_at_the_ends_of_the_hash)
{
	assert_near(score_hash(hashes[_i].h, hashes[_i].weight), hashes[_i].score);
}
END_TEST

START_TEST(a_higher_hash_never_scores_lower)
{
	double last = 0;
	for (uint64_t i = 0; i < 100000; i++) {
		double score = score_hash(i * (UINT64_MAX / 100000), 1);
		ck_assert(score > last);
		last = score;
	}
}
END_TEST

/* One server of four more is enough to move machines, so this figure must never change: not
 * with another compiler, level of optimisation or CPU. */
START_TEST(scores_have_the_same_bits_everywhere)
{
	uint64_t chain[2] = {0, 0};
	for (uint64_t i = 0; i < 10000; i++) {
		double score =
		    score_hash(siphash24(&i, sizeof(i)), (uint8_t)(i % 100 + 1));
		memcpy(&chain[1], &score, sizeof(score));
		chain[0] = siphash24(chain, sizeof(chain));
	}
	ck_assert_msg(chain[0] == 0xda8c2b8122d91260, "chain 0x%016llx",
	    (unsigned long long)chain[0]);
}
END_TEST

/* A pair of hashes, near each other as often as far apart. */
static const uint64_t gaps[] = {
    0, 1, 2, 1 << 10, 1 << 20, 1 << 23, 1 << 24, 1 << 25, 1ull << 40, 1ull << 62};

START_TEST(rivals_stand_in_the_order_of_their_scores)
{
	uint64_t gap = gaps[_i];
	for (uint64_t i = 0; i < 20000; i++) {
		uint64_t low = siphash24(&i, sizeof(i)) >> i % 40;
		uint64_t high = low + gap < low ? UINT64_MAX : low + gap;
		struct rival a = {high, 0, 1 + i % 2, (uint8_t)(1 + i % 3)};
		struct rival b = {low, 0, 2 - i % 2, (uint8_t)(1 + i % 7 % 3)};
		double score_a = score_hash(a.h, a.weight);
		double score_b = score_hash(b.h, b.weight);
		bool first =
		    score_a > score_b || (score_a == score_b && a.addr < b.addr);
		ck_assert(rival_precedes(&a, &b) == first);
		ck_assert(rival_precedes(&b, &a) == !first);
	}
}
END_TEST

enum { SERVERS = 10, MACHINES = 100000 };

static struct mac
machine(uint32_t i)
{
	return (struct mac){
	    {0x00, 0x50, 0x56, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}};
}

/* The server of 10.1.0.0 .. 10.1.0.(count - 1) with the highest score; the first one weighs
 * weight, the others 1. */
static unsigned
winner(uint32_t i, unsigned count, uint8_t weight)
{
	struct mac mac = machine(i);
	unsigned best = 0;
	double best_score = -1;
	for (unsigned s = 0; s < count; s++) {
		double score = score_mac(&mac, 0x0a010000 + s, s == 0 ? weight : 1);
		if (score > best_score) {
			best_score = score;
			best = s;
		}
	}
	return best;
}

START_TEST(equal_weights_share_the_machines_equally)
{
	unsigned got[SERVERS] = {0};
	for (uint32_t i = 0; i < MACHINES; i++) {
		got[winner(i, SERVERS, 1)]++;
	}
	for (unsigned s = 0; s < SERVERS; s++) {
		ck_assert_uint_ge(got[s], MACHINES / SERVERS * 96 / 100);
		ck_assert_uint_le(got[s], MACHINES / SERVERS * 104 / 100);
	}
}
END_TEST

START_TEST(weight_two_gets_twice_as_many)
{
	unsigned got[SERVERS] = {0};
	for (uint32_t i = 0; i < MACHINES; i++) {
		got[winner(i, SERVERS, 2)]++;
	}
	/* eleven shares, two of them to the first */
	ck_assert_uint_ge(got[0], MACHINES * 2 / 11 * 97 / 100);
	ck_assert_uint_le(got[0], MACHINES * 2 / 11 * 103 / 100);
}
END_TEST

START_TEST(a_server_that_leaves_moves_only_its_own_machines)
{
	for (uint32_t i = 0; i < MACHINES / 10; i++) {
		unsigned before = winner(i, SERVERS, 1);
		unsigned after = winner(i, SERVERS - 1, 1);
		ck_assert(before == after || before == SERVERS - 1);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("score");
	TCase *tc = tcase_create("score");
	tcase_add_loop_test(tc, a_machines_score_is_the_formulas, 0,
	    (int)(sizeof(macs) / sizeof(macs[0])));
	tcase_add_loop_test(tc, a_sources_score_is_the_formulas, 0,
	    (int)(sizeof(addrs) / sizeof(addrs[0])));
	tcase_add_loop_test(tc, the_score_holds_at_the_ends_of_the_hash, 0,
	    (int)(sizeof(hashes) / sizeof(hashes[0])));
	tcase_add_test(tc, a_higher_hash_never_scores_lower);
	tcase_add_test(tc, scores_have_the_same_bits_everywhere);
	tcase_add_loop_test(tc, rivals_stand_in_the_order_of_their_scores, 0,
	    (int)(sizeof(gaps) / sizeof(gaps[0])));
	tcase_add_test(tc, equal_weights_share_the_machines_equally);
	tcase_add_test(tc, weight_two_gets_twice_as_many);
	tcase_add_test(tc, a_server_that_leaves_moves_only_its_own_machines);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
