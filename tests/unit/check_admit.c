/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/boot/admit.h"

#include "lib/base/err.h"
#include "tests/unit/unit.h"
#include "tests/unit/world.h"

#include <errno.h>

static struct world *w;

static void
setup(void)
{
	w = calloc(1, sizeof(*w));
	ck_assert_ptr_nonnull(w);
	world_example(w);
	world_prefix(w, "10.20.128.0/24", "");   /* none inside a farm's prefix */
	world_prefix(w, "10.40.7.0/24", "east"); /* and the other way round */
	w->listed[w->listed_count++] = world_ip4("192.0.2.9");
	w->listed[w->listed_count++] = world_ip4("10.40.1.9");
	w->listed[w->listed_count++] = world_ip4("10.20.1.9");
}

static void
teardown(void)
{
	free(w);
}

static const struct {
	const char *source;
	bool admitted;
	bool admitted_by_default; /* when the default is farm west */
	const char *plain;        /* farm of a plain name; NULL: none */
	const char *plain_by_default;
} sources[] = {
    {"10.20.1.1", true, true, "east", "east"},
    {"10.20.70.1", true, true, "west", "west"},
    {"10.20.128.1", false, true, NULL, NULL},
    {"10.40.7.1", true, true, "east", "east"},
    {"10.40.1.1", false, true, NULL, NULL},
    {"10.99.0.1", false, true, NULL, "west"},
    /* listed: outside every scope, in one that is none, in one that is a farm's */
    {"192.0.2.9", true, true, NULL, "west"},
    {"10.40.1.9", true, true, NULL, NULL},
    {"10.20.1.9", true, true, "east", "east"},
    {"127.0.0.1", true, true, NULL, "west"},
    {"127.255.255.254", true, true, NULL, "west"},
};

START_TEST(sources_of_farms_the_listed_and_loopback_are_admitted)
{
	uint32_t source = world_ip4(sources[_i].source);
	bool admitted = !sources[_i].admitted;
	ck_assert_int_eq(boot_admit(source, &world_source, w, &admitted), 0);
	ck_assert(admitted == sources[_i].admitted);
	w->has_fallback = false;
	admitted = !sources[_i].admitted;
	ck_assert_int_eq(boot_admit(source, &world_source, w, &admitted), 0);
	ck_assert(admitted == sources[_i].admitted);
	world_default(w, "west");
	ck_assert_int_eq(boot_admit(source, &world_source, w, &admitted), 0);
	ck_assert(admitted == sources[_i].admitted_by_default);
}
END_TEST

static void
assert_plain(uint32_t source, const char *expected)
{
	char farm[DB_FARM_NAME_MAX + 1] = "untouched";
	int ret = boot_plain_farm(source, &world_source, w, farm);
	ck_assert_int_eq(ret, expected != NULL ? 0 : ERR_NOTFOUND);
	ck_assert_str_eq(farm, expected != NULL ? expected : "untouched");
}

START_TEST(a_plain_name_means_the_farm_of_prefix_or_default)
{
	uint32_t source = world_ip4(sources[_i].source);
	assert_plain(source, sources[_i].plain);
	w->has_fallback = false;
	assert_plain(source, sources[_i].plain);
	world_default(w, "west");
	assert_plain(source, sources[_i].plain_by_default);
}
END_TEST

START_TEST(a_failing_store_admits_nobody)
{
	uint32_t source = world_ip4("10.99.0.1");
	for (unsigned i = 1; i <= 2; i++) {
		bool admitted = false;
		char farm[DB_FARM_NAME_MAX + 1] = "";
		w->calls = 0;
		w->fail_at = i;
		ck_assert_int_eq(boot_admit(source, &world_source, w, &admitted), -EIO);
		ck_assert(!admitted);
		w->calls = 0;
		ck_assert_int_eq(boot_plain_farm(source, &world_source, w, farm), -EIO);
		ck_assert_str_eq(farm, "");
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("admit");
	TCase *tc = tcase_create("admit");
	int count = (int)(sizeof(sources) / sizeof(sources[0]));
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(
	    tc, sources_of_farms_the_listed_and_loopback_are_admitted, 0, count);
	tcase_add_loop_test(
	    tc, a_plain_name_means_the_farm_of_prefix_or_default, 0, count);
	tcase_add_test(tc, a_failing_store_admits_nobody);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
