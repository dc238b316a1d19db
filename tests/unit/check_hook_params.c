/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "hooks/params.h"
#include "lib/base/err.h"
#include "tests/unit/unit.h"

#include <stdio.h>

static const struct {
	const char *key;
	struct hook_value value;
	const char *fault; /* NULL: taken */
} cases[] = {
    {"db", {HOOK_TEXT, "/srv/map", false}, NULL},
    {"state", {HOOK_TEXT, "/run/x", false}, NULL},
    {"mode", {HOOK_TEXT, "override", false}, NULL},
    {"mode", {HOOK_TEXT, "fill-only", false}, NULL},
    {"clients", {HOOK_TEXT, "pxe", false}, NULL},
    {"clients", {HOOK_TEXT, "all", false}, NULL},
    {"keep-option-60", {HOOK_FLAG, NULL, true}, NULL},
    {"db", {HOOK_TEXT, "map", false}, "parameter \"db\" must be an absolute path"},
    {"db", {HOOK_TEXT, "", false}, "parameter \"db\" must be an absolute path"},
    {"db", {HOOK_OTHER, NULL, false}, "parameter \"db\" must be an absolute path"},
    {"state", {HOOK_FLAG, NULL, true}, "parameter \"state\" must be an absolute path"},
    {"mode", {HOOK_TEXT, "Override", false},
	"parameter \"mode\" must be \"override\" or \"fill-only\""},
    {"mode", {HOOK_FLAG, NULL, true},
	"parameter \"mode\" must be \"override\" or \"fill-only\""},
    {"clients", {HOOK_TEXT, "", false},
	"parameter \"clients\" must be \"pxe\" or \"all\""},
    {"keep-option-60", {HOOK_TEXT, "true", false},
	"parameter \"keep-option-60\" must be true or false"},
    {"keep-option-60", {HOOK_OTHER, NULL, false},
	"parameter \"keep-option-60\" must be true or false"},
    {"client", {HOOK_TEXT, "pxe", false},
	"parameter \"client\" is not known; did you mean \"clients\"?"},
    {"DB", {HOOK_TEXT, "/srv/map", false},
	"parameter \"DB\" is not known; did you mean \"db\"?"},
    {"", {HOOK_TEXT, "/srv/map", false}, "parameter \"\" is not known"},
    {"a\nb\"", {HOOK_TEXT, "x", false}, "parameter \"a\\x0ab\"\" is not known"},
};
static const int case_count = (int)(sizeof(cases) / sizeof(cases[0]));

START_TEST(each_parameter_takes_its_type_and_names_itself)
{
	struct hook_params params, before;
	char fault[HOOK_FAULT_MAX] = "";
	memset(&params, 0, sizeof(params));
	memset(&before, 0, sizeof(before));
	hook_params_default(&params);
	hook_params_default(&before);
	int ret = hook_params_set(
	    &params, cases[_i].key, &cases[_i].value, fault, sizeof(fault));
	if (cases[_i].fault == NULL) {
		ck_assert_int_eq(ret, 0);
	} else {
		ck_assert_int_eq(ret, ERR_BADOPT);
		ck_assert_str_eq(fault, cases[_i].fault);
		ck_assert_mem_eq(&params, &before, sizeof(params));
	}
}
END_TEST

START_TEST(what_is_set_is_in_force)
{
	struct hook_params params;
	char fault[HOOK_FAULT_MAX];
	hook_params_default(&params);
	ck_assert_str_eq(params.db, PVSBOOT_MAP_DIR);
	ck_assert_str_eq(params.state, PVSBOOT_STATE_DIR);
	ck_assert_str_eq(hook_mode_name(params.mode), "override");
	ck_assert(!params.all_clients && !params.keep_option_60);
	for (int i = 0; i < case_count && cases[i].fault == NULL; i++) {
		ck_assert_int_eq(hook_params_set(&params, cases[i].key, &cases[i].value,
				     fault, sizeof(fault)),
		    0);
	}
	ck_assert_str_eq(params.db, "/srv/map");
	ck_assert_str_eq(params.state, "/run/x");
	ck_assert_str_eq(hook_mode_name(params.mode), "fill-only");
	ck_assert(params.all_clients && params.keep_option_60);
}
END_TEST

START_TEST(a_folder_longer_than_its_room_is_refused)
{
	struct hook_params params;
	char fault[HOOK_FAULT_MAX], path[HOOK_DIR_MAX + 1];
	hook_params_default(&params);
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[HOOK_DIR_MAX] = '\0';
	const struct hook_value value = {HOOK_TEXT, path, false};
	ck_assert_int_eq(
	    hook_params_set(&params, "db", &value, fault, sizeof(fault)), ERR_BADOPT);
	path[HOOK_DIR_MAX - 1] = '\0';
	ck_assert_int_eq(
	    hook_params_set(&params, "db", &value, fault, sizeof(fault)), 0);
	ck_assert_uint_eq(strlen(params.db), HOOK_DIR_MAX - 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("hook_params");
	TCase *tc = tcase_create("hook_params");
	tcase_add_loop_test(
	    tc, each_parameter_takes_its_type_and_names_itself, 0, case_count);
	tcase_add_test(tc, what_is_set_is_in_force);
	tcase_add_test(tc, a_folder_longer_than_its_room_is_refused);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
