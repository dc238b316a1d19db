/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tests/unit/link.h"

#include "lib/net/nics.h"

#include <net/if.h>

static struct nics *
nics_now(void)
{
	struct nics *nics;
	ck_assert_int_eq(nics_new(&nics), 0);
	ck_assert_int_eq(nics_read(nics), 0);
	return nics;
}

static const struct nic *
must_find(const struct nics *nics, const char *name)
{
	const struct nic *nic = nics_named(nics, name);
	ck_assert_msg(nic != NULL, "%s is not listed", name);
	ck_assert_str_eq(nic->name, name);
	ck_assert_uint_eq(nic->ifindex, if_nametoindex(name));
	ck_assert_ptr_eq(nics_indexed(nics, nic->ifindex), nic);
	return nic;
}

START_TEST(before_the_first_reading_there_is_none)
{
	struct nics *nics;
	ck_assert_int_eq(nics_new(&nics), 0);
	ck_assert_uint_eq(nics_count(nics), 0);
	ck_assert_ptr_null(nics_named(nics, "lo"));
	ck_assert_ptr_null(nics_indexed(nics, 1));
	ck_assert(!nics_has(nics, 0x7f000001));
	nics_free(nics);
	nics_free(NULL);
}
END_TEST

START_TEST(loopback_is_no_ethernet)
{
	link_namespace();
	struct nics *nics = nics_now();
	const struct nic *lo = must_find(nics, "lo");
	ck_assert(lo->loopback);
	ck_assert(!lo->ethernet);
	ck_assert(lo->up);
	ck_assert_uint_eq(lo->addr, 0x7f000001);
	nics_free(nics);
}
END_TEST

START_TEST(cards_bridges_and_vlans_are_ethernets)
{
	struct link link;
	static const char *const names[] = {"host", "bridge", "host.5"};
	link_new(&link);
	link_ip("link add bridge type bridge");
	unsigned count = link_vlan() != 0 ? 3 : 2;
	struct nics *nics = nics_now();
	for (unsigned i = 0; i < count; i++) {
		ck_assert(must_find(nics, names[i])->ethernet);
		ck_assert(!must_find(nics, names[i])->loopback);
	}
	ck_assert_uint_eq(must_find(nics, "bridge")->addr, 0);
	nics_free(nics);
	link_done(&link);
}
END_TEST

START_TEST(the_primary_address_comes_first)
{
	struct link link;
	link_new(&link);
	link_ip("addr add 10.0.0.200/24 dev host"); /* secondary of 10.0.0.1 */
	link_ip("addr add 10.0.0.0/32 dev host");
	link_ip("addr add 9.0.0.1/8 dev host");
	struct nics *nics = nics_now();
	ck_assert_uint_eq(must_find(nics, "host")->addr, 0x0a000001);
	ck_assert_uint_eq(must_find(nics, "peer")->addr, 0);
	ck_assert(nics_has(nics, 0x0a000001));
	ck_assert(nics_has(nics, 0x0a0000c8));
	ck_assert(nics_has(nics, 0x0a000000));
	ck_assert(nics_has(nics, 0x09000001));
	ck_assert(nics_has(nics, 0x7f000001));
	ck_assert(!nics_has(nics, 0x0a000002));
	ck_assert(!nics_has(nics, 0));
	nics_free(nics);
	link_done(&link);
}
END_TEST

START_TEST(an_address_with_a_label_belongs_to_its_interface)
{
	struct link link;
	link_new(&link);
	link_ip("link add hos type bridge");
	link_ip("addr add 10.7.0.1/24 dev peer label peer:7");
	link_ip("addr add 10.8.0.1/24 dev hos");
	struct nics *nics = nics_now();
	ck_assert_uint_eq(must_find(nics, "peer")->addr, 0x0a070001);
	ck_assert_uint_eq(must_find(nics, "hos")->addr, 0x0a080001);
	ck_assert_ptr_null(nics_named(nics, "peer:7"));
	nics_free(nics);
	link_done(&link);
}
END_TEST

START_TEST(down_or_without_a_cable_it_is_not_up)
{
	struct link link;
	link_new(&link);
	link_ip("link set peer down");
	struct nics *nics = nics_now();
	while (must_find(nics, "host")->up) {
		ck_assert_int_eq(nics_read(nics), 0);
	}
	ck_assert(!must_find(nics, "peer")->up);
	ck_assert_uint_eq(must_find(nics, "host")->addr, 0x0a000001);
	nics_free(nics);
	link_done(&link);
}
END_TEST

START_TEST(what_vanished_is_listed_no_more)
{
	struct link link;
	link_new(&link);
	struct nics *nics = nics_now();
	unsigned before = nics_count(nics);
	link_ip("link delete host");
	ck_assert_ptr_nonnull(nics_named(nics, "host"));
	ck_assert_int_eq(nics_read(nics), 0);
	ck_assert_uint_eq(nics_count(nics), before - 2);
	ck_assert_ptr_null(nics_named(nics, "host"));
	ck_assert_ptr_null(nics_indexed(nics, link.host));
	ck_assert(!nics_has(nics, 0x0a000001));
	ck_assert_uint_eq(nics_holder(nics, 0x0a000001), 0);
	nics_free(nics);
	link_done(&link);
}
END_TEST

START_TEST(a_name_may_have_15_letters)
{
	link_namespace();
	link_ip("link add abcdefghijklmno type bridge");
	link_ip("link add abcdefghijklmn type bridge");
	link_ip("addr add 10.8.0.1/24 dev abcdefghijklmno");
	struct nics *nics = nics_now();
	ck_assert_uint_eq(must_find(nics, "abcdefghijklmno")->addr, 0x0a080001);
	ck_assert_uint_eq(must_find(nics, "abcdefghijklmn")->addr, 0);
	ck_assert_uint_eq(
	    nics_holder(nics, 0x0a080001), must_find(nics, "abcdefghijklmno")->ifindex);
	nics_free(nics);
}
END_TEST

START_TEST(all_are_listed_by_index)
{
	link_namespace();
	for (unsigned i = 0; i < 20; i++) {
		link_ip("link add b%u type bridge", i);
	}
	struct nics *nics = nics_now();
	ck_assert_uint_ge(nics_count(nics), 21);
	for (unsigned i = 0; i < nics_count(nics); i++) {
		const struct nic *nic = nics_at(nics, i);
		ck_assert_ptr_eq(must_find(nics, nic->name), nic);
		ck_assert(i == 0 || nics_at(nics, i - 1)->ifindex < nic->ifindex);
	}
	nics_free(nics);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("nics");
	TCase *nics = tcase_create("nics");
	tcase_add_test(nics, before_the_first_reading_there_is_none);
	tcase_add_test(nics, loopback_is_no_ethernet);
	tcase_add_test(nics, cards_bridges_and_vlans_are_ethernets);
	tcase_add_test(nics, the_primary_address_comes_first);
	tcase_add_test(nics, an_address_with_a_label_belongs_to_its_interface);
	tcase_add_test(nics, down_or_without_a_cable_it_is_not_up);
	tcase_add_test(nics, what_vanished_is_listed_no_more);
	tcase_add_test(nics, a_name_may_have_15_letters);
	tcase_add_test(nics, all_are_listed_by_index);
	suite_add_tcase(suite, nics);
	return unit_run(suite);
}
