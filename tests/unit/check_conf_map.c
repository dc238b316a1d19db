/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/compile.h"
#include "tests/unit/conf.h"
#include "tests/unit/db_unit.h"

/* ---- intervals against the plain meaning of longest match ---- */

enum { PREFIXES = 24, ROUNDS = 400 };

static uint32_t
next_random(uint64_t *state) /* splitmix64, seeded by the test */
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ (z >> 31)) >> 32);
}

/* Prefixes that crowd around few networks, so that they nest, touch and repeat. */
static void
random_prefixes(uint64_t *seed, struct interval_prefix *ret, size_t count)
{
	static const uint32_t crowds[] = {
	    0x00000000, 0x0a140000, 0x0a150000, 0x7fffffff, 0xffffff00};
	for (size_t i = 0; i < count; i++) {
		uint8_t len = (uint8_t)(next_random(seed) % 33);
		uint32_t near = crowds[next_random(seed) % 5];
		uint32_t addr = near ^ (next_random(seed) >> (next_random(seed) % 32));
		ret[i].prefix = (struct ip4_prefix){addr & ip4_mask(len), len};
		ret[i].value = &ret[i];
		ret[i].place = count - i; /* not the order they are given in */
	}
}

static const void *
longest_match(const struct interval_prefix *prefixes, size_t count, uint32_t addr)
{
	const struct interval_prefix *best = NULL;
	for (size_t i = 0; i < count; i++) {
		const struct interval_prefix *p = &prefixes[i];
		bool holds = (addr & ip4_mask(p->prefix.len)) == p->prefix.addr;
		if (holds &&
		    (best == NULL || p->prefix.len > best->prefix.len ||
			(p->prefix.len == best->prefix.len &&
			    p->place < best->place))) {
			best = p;
		}
	}
	return best == NULL ? NULL : best->value;
}

static const void *
interval_at(const struct interval *intervals, size_t count, uint32_t addr)
{
	for (size_t i = 0; i < count; i++) {
		if (intervals[i].first <= addr && addr <= intervals[i].last) {
			return intervals[i].value;
		}
	}
	return NULL;
}

static void
check_disjoint(const struct interval *intervals, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ck_assert_uint_le(intervals[i].first, intervals[i].last);
		if (i > 0) {
			ck_assert_uint_lt(intervals[i - 1].last, intervals[i].first);
		}
	}
}

/* Every address where an answer can change, and one beside it. */
static void
check_edges(const struct interval_prefix *prefixes, size_t count,
    const struct interval *intervals, size_t interval_count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t first = prefixes[i].prefix.addr;
		uint32_t last = ip4_prefix_last(&prefixes[i].prefix);
		const uint32_t edges[] = {first - 1, first, first + 1, last - 1, last,
		    last + 1, first + (last - first) / 2};
		for (size_t e = 0; e < sizeof(edges) / sizeof(edges[0]); e++) {
			ck_assert_ptr_eq(
			    interval_at(intervals, interval_count, edges[e]),
			    longest_match(prefixes, count, edges[e]));
		}
	}
}

START_TEST(an_interval_is_the_longest_match_of_all_its_addresses)
{
	uint64_t seed = 2;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct interval_prefix given[PREFIXES];
		struct interval_prefix sorted[PREFIXES];
		struct interval intervals[2 * PREFIXES + 1];
		size_t count = next_random(&seed) % (PREFIXES + 1);
		random_prefixes(&seed, given, count);
		memcpy(sorted, given, sizeof(given));
		size_t got = interval_flatten(sorted, count, intervals);
		ck_assert_uint_le(got, interval_most(count));
		check_disjoint(intervals, got);
		check_edges(given, count, intervals, got);
	}
}
END_TEST

START_TEST(neighbours_that_say_the_same_are_one_interval)
{
	const char *const text[] = {"0.0.0.0/1", "10.0.0.0/8", "128.0.0.0/1"};
	struct interval_prefix prefixes[3];
	struct interval intervals[7];
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(ip4_prefix_parse(text[i], &prefixes[i].prefix), 0);
		prefixes[i].value = text;
		prefixes[i].place = i;
	}
	ck_assert_uint_eq(interval_flatten(prefixes, 3, intervals), 1);
	ck_assert_uint_eq(intervals[0].first, 0);
	ck_assert_uint_eq(intervals[0].last, UINT32_MAX);
}
END_TEST

START_TEST(two_layers_keep_what_each_of_them_says)
{
	uint64_t seed = 3;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct interval_prefix a[PREFIXES];
		struct interval_prefix b[PREFIXES];
		struct interval in_a[2 * PREFIXES + 1];
		struct interval in_b[2 * PREFIXES + 1];
		struct interval_pair pairs[8 * PREFIXES + 5];
		struct interval of_a[8 * PREFIXES + 5];
		struct interval of_b[8 * PREFIXES + 5];
		random_prefixes(&seed, a, PREFIXES);
		random_prefixes(&seed, b, PREFIXES);
		size_t a_count = interval_flatten(a, PREFIXES, in_a);
		size_t b_count = interval_flatten(b, PREFIXES, in_b);
		size_t count = interval_overlay(in_a, a_count, in_b, b_count, pairs);
		ck_assert_uint_le(count, interval_most(a_count + b_count));
		for (size_t i = 0; i < count; i++) {
			ck_assert(pairs[i].a != NULL || pairs[i].b != NULL);
			of_a[i] = (struct interval){
			    pairs[i].first, pairs[i].last, pairs[i].a};
			of_b[i] = (struct interval){
			    pairs[i].first, pairs[i].last, pairs[i].b};
		}
		check_disjoint(of_a, count);
		check_edges(a, PREFIXES, of_a, count);
		check_edges(b, PREFIXES, of_b, count);
	}
}
END_TEST

/* ---- the map that comes of a configuration ---- */

static const char *const whole[] = {
    "boot-servers: [10.0.0.5]\n"
    "farms:\n"
    "  East:\n"
    "    servers:\n"
    "    - 10.1.0.11\n"
    "    - {address: 10.1.0.12, weight: 7, backup: yes, roles: [login],\n"
    "       streaming: [10.1.1.12, 10.1.2.12]}\n"
    "    monitor:\n"
    "      interval: 2m\n"
    "      full-every: 5\n"
    "      advisory: [pxe]\n"
    "      sha256: {ARDBP32.BIN: "
    "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF}\n"
    "    pxe: {offer: {bios: redirect, uefi-x64: redirect}}\n"
    "  west:\n"
    "    servers: [10.2.0.11]\n"
    "    delivery: direct\n"
    "    balance: ordered\n"
    "    login: \"pvs:[10.2.0.11]:17:6911\"\n"
    "    bootstrap: {bios: none, arch-12: other.bin}\n"
    "    boot-servers: [10.2.0.5, 10.2.0.6]\n"
    "scopes:\n"
    "  0.0.0.0/0: none\n"
    "  10.20.0.0/16: east\n"
    "  10.20.64.0/18: west\n"
    "  10.20.64.7/32: {farm: east, boot-servers: [10.20.0.5], reply-delay: 2s,\n"
    "                  bootstrap: {uefi-x64: lab.efi}}\n"
    "  10.21.0.0/16: east\n"
    "  subnet-id 42: {farm: west, prefix: 10.20.128.0/24}\n"
    "  default: west\n"
    "clients: [10.20.255.0/24, 192.0.2.1]\n"
    "tftp: {listen: [127.0.0.1:6969], single-port: yes, port-range: 20000-20009}\n"
    "proxy: {interfaces: [eth0, eth1], relay-only: yes, mode: shadow}\n"};

/* A map compiled from whole, open for reading. */
struct compiled {
	struct scratch scratch;
	struct db_env *env;
	struct db_snapshot snap;
	struct config *config;
};

static void
compiled_init(struct compiled *m)
{
	struct db_write *w;
	scratch_init(&m->scratch);
	m->config = conf_good(whole, 1);
	ck_assert_int_eq(db_write_begin(m->scratch.map, &w), 0);
	ck_assert_int_eq(config_compile(m->config, w), 0);
	ck_assert_int_eq(config_compile(m->config, w), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
	ck_assert_int_eq(db_env_open(DB_MAP, m->scratch.map, 1, &m->env), 0);
	ck_assert_int_eq(db_reader_begin(m->env, 0), 0);
	m->snap = (struct db_snapshot){.map = m->env};
}

static void
compiled_done(struct compiled *m)
{
	db_reader_end(m->env, 0);
	db_env_close(m->env);
	config_free(m->config);
	scratch_done(&m->scratch);
}

static const struct {
	const char *addr;
	const char *scope;  /* what DHCP looks up */
	const char *client; /* what TFTP looks up */
	bool listed;
} lookups[] = {
    {"0.0.0.0", "0.0.0.0/0", "0.0.0.0/0", false},
    {"10.0.0.4", "0.0.0.0/0", "0.0.0.0/0", false},
    {"10.0.0.5", "0.0.0.0/0", "0.0.0.0/0", true},
    {"10.2.0.6", "0.0.0.0/0", "0.0.0.0/0", true},
    {"10.19.255.255", "0.0.0.0/0", "0.0.0.0/0", false},
    {"10.20.0.0", "10.20.0.0/16", "10.20.0.0/16", false},
    {"10.20.0.5", "10.20.0.0/16", "10.20.0.0/16", true},
    {"10.20.63.255", "10.20.0.0/16", "10.20.0.0/16", false},
    {"10.20.64.0", "10.20.64.0/18", "10.20.64.0/18", false},
    {"10.20.64.7", "10.20.64.7/32", "10.20.64.7/32", false},
    {"10.20.64.8", "10.20.64.0/18", "10.20.64.0/18", false},
    {"10.20.127.255", "10.20.64.0/18", "10.20.64.0/18", false},
    {"10.20.128.0", "10.20.0.0/16", "subnet-id 42", false},
    {"10.20.129.0", "10.20.0.0/16", "10.20.0.0/16", false},
    {"10.20.255.255", "10.20.0.0/16", "10.20.0.0/16", true},
    {"10.21.0.0", "10.21.0.0/16", "10.21.0.0/16", false},
    {"10.22.0.0", "0.0.0.0/0", "0.0.0.0/0", false},
    {"192.0.2.1", "0.0.0.0/0", "0.0.0.0/0", true},
    {"255.255.255.255", "0.0.0.0/0", "0.0.0.0/0", false},
};

START_TEST(an_address_finds_the_scope_that_matches_longest)
{
	struct compiled m;
	compiled_init(&m);
	for (size_t i = 0; i < sizeof(lookups) / sizeof(lookups[0]); i++) {
		uint32_t addr;
		struct db_scope scope;
		struct db_client client;
		ck_assert_int_eq(ip4_parse(lookups[i].addr, &addr), 0);
		ck_assert_int_eq(db_source.prefix(&m.snap, addr, &scope), 0);
		ck_assert_str_eq(scope.text, lookups[i].scope);
		ck_assert_int_eq(db_source.client(&m.snap, addr, &client), 0);
		ck_assert(client.has_scope);
		ck_assert_str_eq(client.scope.text, lookups[i].client);
		ck_assert_int_eq(client.listed, lookups[i].listed);
	}
	compiled_done(&m);
}
END_TEST

START_TEST(a_scope_carries_what_it_overrides)
{
	struct compiled m;
	struct db_scope scope;
	compiled_init(&m);
	ck_assert_int_eq(db_source.prefix(&m.snap, 0x0a144007, &scope), 0);
	ck_assert_str_eq(scope.farm, "East");
	ck_assert_uint_eq(scope.files.count, 1);
	ck_assert_uint_eq(scope.files.file[0].arch, 7);
	ck_assert_str_eq(scope.files.file[0].name, "lab.efi");
	ck_assert_uint_eq(scope.boot_server_count, 1);
	ck_assert_uint_eq(scope.boot_servers[0], 0x0a140005);
	ck_assert_uint_eq(scope.reply_delay_ms, 2000);
	ck_assert_int_eq(db_source.prefix(&m.snap, 0x0a000001, &scope), 0);
	ck_assert_str_eq(scope.farm, "");
	ck_assert_int_eq(db_source.subnet(&m.snap, 42, &scope), 0);
	ck_assert_str_eq(scope.text, "subnet-id 42");
	ck_assert_str_eq(scope.farm, "west");
	ck_assert_int_eq(db_source.subnet(&m.snap, 43, &scope), ERR_NOTFOUND);
	ck_assert_int_eq(db_source.fallback(&m.snap, &scope), 0);
	ck_assert_str_eq(scope.text, "default");
	ck_assert_str_eq(scope.farm, "west");
	compiled_done(&m);
}
END_TEST

START_TEST(a_farm_has_all_that_it_inherits)
{
	struct compiled m;
	struct db_farm farm;
	compiled_init(&m);
	ck_assert_int_eq(db_source.farm(&m.snap, "east", &farm), 0);
	ck_assert_str_eq(farm.name, "East");
	ck_assert_int_eq(farm.delivery, DB_DELIVERY_BOOT_SERVER);
	ck_assert_int_eq(farm.login, DB_LOGIN_OPTION_11);
	ck_assert_uint_eq(farm.files.count, 2);
	ck_assert_str_eq(farm.files.file[0].name, "ARDBP32.BIN");
	ck_assert_str_eq(farm.files.file[1].name, "pvsnbpx64.efi");
	ck_assert_uint_eq(farm.offer_count, 1);
	ck_assert_uint_eq(farm.offer[0].arch, 0);
	ck_assert_int_eq(farm.offer[0].form, DB_OFFER_REDIRECT);
	ck_assert_uint_eq(farm.monitor.interval_ms, 120000);
	ck_assert_uint_eq(farm.monitor.timeout_ms, 2000);
	ck_assert_uint_eq(farm.monitor.full_every, 5);
	ck_assert(farm.monitor.pxe && !farm.monitor.tsb);
	ck_assert_uint_eq(farm.boot_server_count, 1);
	ck_assert_uint_eq(farm.boot_servers[0], 0x0a000005);
	ck_assert_uint_eq(farm.server_count, 2);
	ck_assert(farm.servers[0].tftp && farm.servers[0].login);
	ck_assert(!farm.servers[1].tftp && farm.servers[1].backup);
	ck_assert_uint_eq(farm.servers[1].weight, 7);
	ck_assert_uint_eq(farm.servers[1].stream_first, 1);
	ck_assert_uint_eq(farm.servers[1].stream_count, 2);
	ck_assert_uint_eq(farm.streams[2], 0x0a01020c);
	compiled_done(&m);
}
END_TEST

START_TEST(a_farm_overrides_what_it_would_inherit)
{
	struct compiled m;
	struct db_farm farm;
	compiled_init(&m);
	ck_assert_int_eq(db_source.farm(&m.snap, "west", &farm), 0);
	ck_assert_int_eq(farm.delivery, DB_DELIVERY_DIRECT);
	ck_assert_int_eq(farm.balance, DB_BALANCE_ORDERED);
	ck_assert_int_eq(farm.login, DB_LOGIN_ROOT_PATH);
	ck_assert_str_eq(farm.root_path, "pvs:[10.2.0.11]:17:6911");
	ck_assert_uint_eq(farm.files.count, 3);
	ck_assert_str_eq(farm.files.file[0].name, "");
	ck_assert_uint_eq(farm.files.file[2].arch, 12);
	ck_assert_uint_eq(farm.boot_server_count, 2);
	ck_assert_uint_eq(farm.boot_servers[1], 0x0a020006);
	compiled_done(&m);
}
END_TEST

START_TEST(the_settings_of_the_daemons_are_in_the_map)
{
	struct compiled m;
	struct db_settings settings;
	compiled_init(&m);
	ck_assert_int_eq(db_map_settings(&m.snap, &settings), 0);
	ck_assert_uint_eq(settings.listen_count, 1);
	ck_assert_uint_eq(settings.listen[0].addr, 0x7f000001);
	ck_assert_uint_eq(settings.listen[0].port, 6969);
	ck_assert(settings.single_port && settings.relay_only && settings.shadow);
	ck_assert_uint_eq(settings.port_first, 20000);
	ck_assert_uint_eq(settings.port_last, 20009);
	ck_assert_uint_eq(settings.interface_count, 2);
	ck_assert_str_eq(settings.interfaces[1], "eth1");
	ck_assert_uint_eq(settings.boot_server_count, 4);
	compiled_done(&m);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("conf_map");
	TCase *tc = tcase_create("conf_map");
	tcase_add_test(tc, an_interval_is_the_longest_match_of_all_its_addresses);
	tcase_add_test(tc, neighbours_that_say_the_same_are_one_interval);
	tcase_add_test(tc, two_layers_keep_what_each_of_them_says);
	tcase_add_test(tc, an_address_finds_the_scope_that_matches_longest);
	tcase_add_test(tc, a_scope_carries_what_it_overrides);
	tcase_add_test(tc, a_farm_has_all_that_it_inherits);
	tcase_add_test(tc, a_farm_overrides_what_it_would_inherit);
	tcase_add_test(tc, the_settings_of_the_daemons_are_in_the_map);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
