/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/canonical.h"
#include "cli/conf/yaml_out.h"
#include "tests/unit/conf.h"

static const char *const good[] = {
    "good-bom", "good-crlf", "good-every-key", "good-json", "good-small", "good-whole"};

START_TEST(every_default_is_filled_in)
{
	const char *const texts[] = {
	    "farms: {lab: {delivery: direct, servers: [10.1.0.11]}}\n"};
	char *canonical = conf_canonical(texts, 1);
	ck_assert_str_eq(canonical,
	    "{\"clients\":[],\"farms\":{\"lab\":{\"balance\":\"hash\","
	    "\"bootstrap\":{\"bios\":\"ARDBP32.BIN\",\"uefi-x64\":\"pvsnbpx64.efi\"},"
	    "\"delivery\":\"direct\",\"login\":\"option-11\",\"monitor\":{"
	    "\"downtime\":\"30s\",\"full-every\":1,\"interval\":\"5s\","
	    "\"probe\":\"bootstrap\",\"retries\":3,\"success-retries\":1,"
	    "\"timeout\":\"2s\"},\"pxe\":{\"offer\":{\"bios\":\"direct\","
	    "\"uefi-arm32\":\"redirect\",\"uefi-arm64\":\"redirect\","
	    "\"uefi-ia32\":\"redirect\",\"uefi-x64\":\"redirect\"}},\"servers\":[{"
	    "\"address\":\"10.1.0.11\",\"backup\":false,\"roles\":[\"tftp\",\"login\"],"
	    "\"streaming\":[\"10.1.0.11\"],\"weight\":1}]}},\"proxy\":{"
	    "\"interfaces\":[],\"mode\":\"answer\",\"relay-only\":false},\"scopes\":{"
	    "\"default\":{\"farm\":\"none\",\"reply-delay\":\"0ms\"}},\"tftp\":{"
	    "\"listen\":[\"0.0.0.0:69\"],\"single-port\":false}}");
	free(canonical);
}
END_TEST

START_TEST(the_canonical_form_is_a_configuration_with_the_same_canonical_form)
{
	struct mistakes mistakes = {0};
	struct config *config = NULL;
	char *canonical;
	ck_assert_int_eq(conf_parse_corpus(good[_i], &mistakes, &config), 0);
	ck_assert_uint_eq(mistakes.count, 0);
	ck_assert_int_eq(config_canonical(config, &canonical), 0);
	const char *const texts[] = {canonical};
	char *again = conf_canonical(texts, 1);
	ck_assert_str_eq(again, canonical);
	free(again);
	free(canonical);
	mistakes_done(&mistakes);
	config_free(config);
}
END_TEST

START_TEST(the_yaml_of_export_gives_the_same_canonical_form)
{
	struct mistakes mistakes = {0};
	struct config *config = NULL;
	char *canonical;
	char *yaml;
	json_t *tree;
	ck_assert_int_eq(conf_parse_corpus(good[_i], &mistakes, &config), 0);
	ck_assert_int_eq(config_canonical(config, &canonical), 0);
	ck_assert_int_eq(config_tree(config, &tree), 0);
	ck_assert_int_eq(yaml_out(tree, &yaml), 0);
	const char *const texts[] = {yaml};
	char *again = conf_canonical(texts, 1);
	ck_assert_str_eq(again, canonical);
	free(again);
	json_decref(tree);
	free(yaml);
	free(canonical);
	mistakes_done(&mistakes);
	config_free(config);
}
END_TEST

/* Texts that mean the same. */
static const char *const same[][3] = {
    {"boot-servers: [10.0.0.5]\n"
     "farms:\n"
     "  a: {servers: [10.1.0.11]}\n"
     "  B: {servers: [10.1.0.12]}\n"
     "scopes: {10.2.0.0/16: b, 10.1.0.0/16: a}\n"
     "clients: [10.4.0.1, 10.3.0.0/16]\n"},
    {"clients: [10.3.0.0/16, 10.4.0.1/32]\n"
     "scopes:\n"
     "  default: NONE\n"
     "  10.1.0.0/16: {reply-delay: 0ms, farm: A}\n"
     "  10.2.0.0/16: {farm: B}\n"
     "farms:\n"
     "  B:\n"
     "    servers:\n"
     "    - {streaming: [10.1.0.12], roles: [login, tftp], address: 10.1.0.12}\n"
     "    monitor: {interval: 5000ms, timeout: 2s, downtime: 30s, advisory: []}\n"
     "    pxe: {offer: {UEFI-X64: redirect, arch-12: direct}}\n"
     "  a: {servers: [{address: 10.1.0.11, weight: 1, backup: NO}], login: option-11}\n"
     "boot-servers:\n"
     "- 10.0.0.5\n"
     "tftp: {listen: [0.0.0.0]}\n"},
    {"boot-servers: [10.0.0.5]\n"
     "farms: {a: {servers: [10.1.0.11]}}\n"
     "scopes: {10.1.0.0/16: a}\n",
	"farms: {B: {servers: [10.1.0.12]}}\n"
	"scopes: {10.2.0.0/16: B}\n",
	"clients: [10.4.0.1, 10.3.0.0/16]\n"},
};

START_TEST(what_means_the_same_has_the_same_canonical_form)
{
	char *first = conf_canonical(same[0], 1);
	char *second = conf_canonical(same[1], 1);
	char *third = conf_canonical(same[2], 3);
	ck_assert_str_eq(second, first);
	ck_assert_str_eq(third, first);
	free(first);
	free(second);
	free(third);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("conf_forms");
	TCase *tc = tcase_create("conf_forms");
	const int goods = (int)(sizeof(good) / sizeof(good[0]));
	tcase_add_test(tc, every_default_is_filled_in);
	tcase_add_loop_test(tc,
	    the_canonical_form_is_a_configuration_with_the_same_canonical_form, 0,
	    goods);
	tcase_add_loop_test(
	    tc, the_yaml_of_export_gives_the_same_canonical_form, 0, goods);
	tcase_add_test(tc, what_means_the_same_has_the_same_canonical_form);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
