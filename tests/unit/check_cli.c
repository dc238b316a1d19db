/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/args.h"
#include "cli/diff.h"
#include "lib/base/err.h"
#include "tests/unit/unit.h"

#include <jansson.h>
#include <stdio.h>

#define COUNT(a) (int)(sizeof(a) / sizeof((a)[0]))

/* Splits a line at its blanks and parses it; line must outlive ret. */
static int
parse(char *line, char wrong[static ARGS_WRONG_MAX], struct args *ret)
{
	char *argv[64] = {"pvsboot"};
	int argc = 1;
	for (char *word = strtok(line, " "); word != NULL; word = strtok(NULL, " ")) {
		argv[argc++] = word;
	}
	return args_parse(argc, argv, wrong, ret);
}

static const struct {
	const char *line;
	const char *command;
	const char *word;
	enum option_id option;
	const char *value;
} good[] = {
    {"device get MAC", "device get", "MAC", OPTION_DB, PVSBOOT_MAP_DIR},
    {"--db here device get MAC", "device get", "MAC", OPTION_DB, "here"},
    {"device --db here get MAC", "device get", "MAC", OPTION_DB, "here"},
    {"device get MAC --db=here", "device get", "MAC", OPTION_DB, "here"},
    {"device get --json MAC", "device get", "MAC", OPTION_JSON, ""},
    {"device get MAC", "device get", "MAC", OPTION_JSON, NULL},
    {"--json device get MAC", "device get", "MAC", OPTION_JSON, ""},
    {"device get -- --odd", "device get", "--odd", OPTION_JSON, NULL},
    {"device list", "device list", NULL, OPTION_JOURNAL, PVSBOOT_JOURNAL_DIR},
    {"device add MAC --farm a --farm b", "device add", "MAC", OPTION_FARM, "b"},
    {"bootstrap add F X --name Y", "bootstrap add", "F", OPTION_NAME, "Y"},
    {"drain --force east/X", "drain", "east/X", OPTION_FORCE, ""},
    {"undrain X", "undrain", "X", OPTION_FORCE, NULL},
    {"device get --help", "device get", NULL, OPTION_HELP, ""},
};

START_TEST(options_stand_before_or_after_the_command)
{
	char line[128];
	char wrong[ARGS_WRONG_MAX] = "";
	struct args args;
	(void)strcpy(line, good[_i].line);
	ck_assert_msg(parse(line, wrong, &args) == 0, "%s", wrong);
	ck_assert_str_eq(args.command->name, good[_i].command);
	if (good[_i].word != NULL) {
		ck_assert_str_eq(args.word[0], good[_i].word);
	} else {
		ck_assert_uint_eq(args.word_count, 0);
	}
	ck_assert_pstr_eq(args.option[good[_i].option], good[_i].value);
}
END_TEST

static const struct {
	const char *line;
	const char *wrong;
} bad[] = {
    {"", "no command"},
    {"--json", "no command"},
    {"devise list", "unknown command 'devise list'; did you mean 'device list'?"},
    {"device gets MAC", "unknown command 'device gets'; did you mean 'device get'?"},
    {"zzz", "unknown command 'zzz'"},
    {"device", "'device' needs one more word, as in 'device add'"},
    {"device get", "'device get' needs MAC"},
    {"bootstrap add east", "'bootstrap add' needs FARM FILE"},
    {"device get a b", "'device get' does not take 'b'; usage: device get MAC"},
    {"undrain a --force", "'undrain' does not take '--force'"},
    {"device get a --jsn", "unknown option '--jsn'; did you mean '--json'?"},
    {"device get a -j", "unknown option '-j'"},
    {"device get a --db", "option '--db' needs a value: DIR"},
    {"device get a --json=1", "option '--json' takes no value"},
    {"device get a --arch bios", "'device get' does not take '--arch'"},
    {"device list 1 2 3 4 5 6 7 8 9", "too many arguments"},
};

START_TEST(what_is_wrong_is_said)
{
	char line[128];
	char wrong[ARGS_WRONG_MAX] = "";
	struct args args;
	(void)strcpy(line, bad[_i].line);
	ck_assert_int_eq(parse(line, wrong, &args), ERR_BADOPT);
	ck_assert_str_eq(wrong, bad[_i].wrong);
}
END_TEST

START_TEST(help_and_version_need_no_command)
{
	char wrong[ARGS_WRONG_MAX];
	struct args args;
	char help[] = "--help";
	char version[] = "--version";
	ck_assert_int_eq(parse(help, wrong, &args), 0);
	ck_assert_ptr_null(args.command);
	ck_assert_int_eq(parse(version, wrong, &args), 0);
	ck_assert_ptr_nonnull(args.option[OPTION_VERSION]);
}
END_TEST

START_TEST(files_are_gathered_up_to_a_limit)
{
	char wrong[ARGS_WRONG_MAX];
	struct args args;
	char line[512] = "device add MAC";
	for (unsigned i = 0; i < ARGS_FILES_MAX; i++) {
		(void)strcat(line, " --file bios=a");
	}
	char more[512];
	(void)snprintf(more, sizeof(more), "%s --file bios=a", line);
	ck_assert_int_eq(parse(line, wrong, &args), 0);
	ck_assert_uint_eq(args.file_count, ARGS_FILES_MAX);
	ck_assert_str_eq(args.file[ARGS_FILES_MAX - 1], "bios=a");
	ck_assert_int_eq(parse(more, wrong, &args), ERR_BADOPT);
}
END_TEST

/* What a printing function prints; for free(). */
static char *
printed(void (*print)(FILE *to))
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	ck_assert_ptr_nonnull(to);
	print(to);
	(void)fclose(to);
	return text;
}

static void
help_of_all(FILE *to)
{
	command_help(NULL, to);
}

START_TEST(help_names_every_command)
{
	char *help = printed(help_of_all);
	for (size_t i = 0; i < command_count; i++) {
		ck_assert_ptr_nonnull(strstr(help, commands[i].name));
		ck_assert_ptr_nonnull(strstr(help, commands[i].help));
	}
	free(help);
}
END_TEST

START_TEST(every_option_belongs_to_a_command)
{
	for (enum option_id option = 0; option < OPTION_COUNT; option++) {
		bool taken = false;
		ck_assert_ptr_nonnull(option_infos[option].name);
		for (size_t i = 0; i < command_count; i++) {
			taken = taken || command_takes(&commands[i], option);
		}
		ck_assert_msg(taken, "--%s", option_infos[option].name);
	}
}
END_TEST

START_TEST(the_completion_is_that_of_the_table)
{
	const char *srcdir = getenv("srcdir");
	char path[512];
	static char stored[65536];
	(void)snprintf(path, sizeof(path), "%s/dist/completion/pvsboot.bash",
	    srcdir != NULL ? srcdir : ".");
	FILE *file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s", path);
	stored[fread(stored, 1, sizeof(stored) - 1, file)] = '\0';
	(void)fclose(file);
	char *made = printed(command_completion);
	ck_assert_msg(strcmp(stored, made) == 0, "run cli/mkcompletion > %s", path);
	free(made);
}
END_TEST

static const struct {
	const char *before, *after;
	const char *text;
} diffs[] = {
    {"{}", "{}", ""},
    {"{'a':{'b':1}}", "{'a':{'b':1}}", ""},
    {"{'scopes':{'10.0.0.0/8':'east'}}", "{'scopes':{'10.0.0.0/8':'west'}}",
	"- scopes: 10.0.0.0/8: east\n+ scopes: 10.0.0.0/8: west\n"},
    {"{'f':{'a':{'x':1,'y':true}}}", "{'f':{'b':{'x':1}}}",
	"- f: a: x: 1\n- f: a: y: true\n+ f: b: x: 1\n"},
    {"{'l':[1,2,3]}", "{'l':[1,3,{'k':4}]}", "- l: 2\n+ l: {\"k\": 4}\n"},
    {"{'l':[1,2]}", "{'l':[2,1]}", "- l: [1, 2]\n+ l: [2, 1]\n"},
    {"{'l':[1]}", "{'l':[1,1]}", "- l: [1]\n+ l: [1, 1]\n"},
    {"{'a':'x'}", "{'a':{'b':1}}", "- a: x\n+ a: {\"b\": 1}\n"},
    {"{'a':{}}", "{}", "- a: {}\n"},
    {"{'b':1,'a':1}", "{'c':1}", "- a: 1\n- b: 1\n+ c: 1\n"},
    {"{}", "{'l':[{'k':1},{'k':2}]}", "+ l: {\"k\": 1}\n+ l: {\"k\": 2}\n"},
    {NULL, "{'a':{'b':[]}}", "+ a: b: []\n"},
};

/* JSON with single quotes; NULL for none. */
static json_t *
quoted(const char *text)
{
	char json[256];
	size_t len = text != NULL ? strlen(text) : 0;
	for (size_t i = 0; i < len; i++) {
		json[i] = text[i] == '\'' ? '"' : text[i];
	}
	return text != NULL ? json_loadb(json, len, 0, NULL) : NULL;
}

START_TEST(a_difference_names_what_goes_and_what_comes)
{
	json_t *before = quoted(diffs[_i].before);
	json_t *after = quoted(diffs[_i].after);
	json_t *diff = diff_trees(before, after);
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	ck_assert_ptr_nonnull(diff);
	ck_assert_ptr_nonnull(to);
	diff_print(diff, to);
	(void)fclose(to);
	ck_assert_str_eq(text, diffs[_i].text);
	free(text);
	json_decref(diff);
	json_decref(after);
	json_decref(before);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cli");
	TCase *tc = tcase_create("cli");
	tcase_add_loop_test(
	    tc, options_stand_before_or_after_the_command, 0, COUNT(good));
	tcase_add_loop_test(tc, what_is_wrong_is_said, 0, COUNT(bad));
	tcase_add_test(tc, help_and_version_need_no_command);
	tcase_add_test(tc, files_are_gathered_up_to_a_limit);
	tcase_add_test(tc, help_names_every_command);
	tcase_add_test(tc, every_option_belongs_to_a_command);
	tcase_add_test(tc, the_completion_is_that_of_the_table);
	tcase_add_loop_test(
	    tc, a_difference_names_what_goes_and_what_comes, 0, COUNT(diffs));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
