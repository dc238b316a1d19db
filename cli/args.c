/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/args.h"

#include "lib/base/err.h"
#include "lib/base/text.h"

#include <getopt.h>
#include <stdarg.h>
#include <string.h>

enum { LONG_BASE = 256 /* above every character that getopt_long() may return */ };

static int wrong_line(char *wrong, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int
wrong_line(char *wrong, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	(void)vsnprintf(wrong, ARGS_WRONG_MAX, format, args);
	va_end(args);
	return ERR_BADOPT;
}

static void
long_options(struct option dst[static OPTION_COUNT + 1])
{
	for (int i = 0; i < OPTION_COUNT; i++) {
		dst[i] = (struct option){
		    .name = option_infos[i].name,
		    .has_arg =
			option_infos[i].value != NULL ? required_argument : no_argument,
		    .val = LONG_BASE + i,
		};
	}
	dst[OPTION_COUNT] = (struct option){0};
}

static int
unknown_option(char *wrong, const char *text)
{
	const char *names[OPTION_COUNT];
	char name[32];
	size_t len = strcspn(text + strspn(text, "-"), "=");
	(void)snprintf(name, sizeof(name), "%.*s", (int)len, text + strspn(text, "-"));
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		names[i] = option_infos[i].name;
	}
	const char *near = text_nearest(name, names, OPTION_COUNT);
	return wrong_line(wrong, "unknown option '%s'%s%s%s", text,
	    near != NULL ? "; did you mean '--" : "", near != NULL ? near : "",
	    near != NULL ? "'?" : "");
}

static int
take_word(struct args *args, char *word, char *wrong)
{
	if (args->word_count == ARGS_WORDS_MAX) {
		return wrong_line(wrong, "too many arguments");
	}
	args->word[args->word_count++] = word;
	return 0;
}

static int
take_option(struct args *args, enum option_id option, const char *value, char *wrong)
{
	if (option == OPTION_FILE) {
		if (args->file_count == ARGS_FILES_MAX) {
			return wrong_line(
			    wrong, "--file more than %d times", ARGS_FILES_MAX);
		}
		args->file[args->file_count++] = value;
	}
	args->option[option] = value != NULL ? value : "";
	return 0;
}

/* One step of getopt_long()'s walk; code is what it returned. */
static int
take(struct args *args, int code, char *const *argv, char *wrong)
{
	switch (code) {
	case 1: /* a word: the leading '-' of the option string asks for them in order */
		return take_word(args, optarg, wrong);
	case ':':
		return wrong_line(wrong, "option '--%s' needs a value: %s",
		    option_infos[optopt - LONG_BASE].name,
		    option_infos[optopt - LONG_BASE].value);
	case '?':
		if (optopt >= LONG_BASE) {
			return wrong_line(wrong, "option '--%s' takes no value",
			    option_infos[optopt - LONG_BASE].name);
		}
		return unknown_option(wrong, argv[optind - 1]);
	default:
		return take_option(
		    args, (enum option_id)(code - LONG_BASE), optarg, wrong);
	}
}

/* A command of two words that begins with this one; NULL when there is none. */
static const struct command *
of_group(const char *word)
{
	size_t len = strlen(word);
	for (size_t i = 0; i < command_count; i++) {
		if (strncmp(commands[i].name, word, len) == 0 &&
		    commands[i].name[len] == ' ') {
			return &commands[i];
		}
	}
	return NULL;
}

/* Words that name no command: which ones were meant. */
static int
no_command(const struct args *args, char *wrong)
{
	const char *names[32];
	char given[64];
	if (args->word_count == 0) {
		return wrong_line(wrong, "no command");
	}
	const struct command *longer =
	    args->word_count == 1 ? of_group(args->word[0]) : NULL;
	if (longer != NULL) {
		return wrong_line(wrong, "'%s' needs one more word, as in '%s'",
		    args->word[0], longer->name);
	}
	for (size_t i = 0; i < command_count; i++) {
		names[i] = commands[i].name;
	}
	(void)snprintf(given, sizeof(given), "%s%s%s", args->word[0],
	    args->word_count > 1 ? " " : "", args->word_count > 1 ? args->word[1] : "");
	const char *near = text_nearest(given, names, command_count);
	if (near == NULL) {
		near = text_nearest(args->word[0], names, command_count);
	}
	return wrong_line(wrong, "unknown command '%s'%s%s%s", given,
	    near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
	    near != NULL ? "'?" : "");
}

/* Finds the command and checks what came with it. */
static int
settle_command(struct args *args, char *wrong)
{
	unsigned used = 0;
	unsigned min;
	unsigned max;
	args->command = command_find(args->word, args->word_count, &used);
	bool asks = args->option[OPTION_HELP] != NULL;
	if (args->command == NULL && asks && of_group(args->word[0]) != NULL) {
		return 0; /* the help of all commands has those of the group */
	}
	if (args->command == NULL) {
		return no_command(args, wrong);
	}
	args->word_count -= used;
	memmove(
	    args->word, args->word + used, args->word_count * sizeof(args->word[0]));
	if (asks) {
		return 0;
	}
	command_arity(args->command, &min, &max);
	if (args->word_count > max) {
		return wrong_line(wrong, "'%s' does not take '%s'; usage: %s %s",
		    args->command->name, args->word[max], args->command->name,
		    args->command->args);
	}
	if (args->word_count < min) {
		return wrong_line(
		    wrong, "'%s' needs %s", args->command->name, args->command->args);
	}
	for (enum option_id i = 0; i < OPTION_COUNT; i++) {
		if (args->option[i] != NULL && !command_takes(args->command, i)) {
			return wrong_line(wrong, "'%s' does not take '--%s'",
			    args->command->name, option_infos[i].name);
		}
	}
	return 0;
}

int
args_parse(int argc, char **argv, char wrong[static ARGS_WRONG_MAX], struct args *ret)
{
	struct option options[OPTION_COUNT + 1];
	struct args args = {0};
	int code;
	int err = 0;
	long_options(options);
	opterr = 0;
	optind = 0; /* GNU: forget an earlier walk */
	while (
	    err == 0 && (code = getopt_long(argc, argv, "-:", options, NULL)) != -1) {
		err = take(&args, code, argv, wrong);
	}
	for (int i = optind; err == 0 && i < argc; i++) { /* behind "--" */
		err = take_word(&args, argv[i], wrong);
	}
	bool asks =
	    args.option[OPTION_HELP] != NULL || args.option[OPTION_VERSION] != NULL;
	if (err == 0 && (args.word_count > 0 || !asks)) {
		err = settle_command(&args, wrong);
	}
	if (err != 0) {
		return err;
	}
	for (enum option_id i = 0; i < OPTION_COUNT; i++) {
		if (args.option[i] == NULL) {
			args.option[i] = option_infos[i].fallback;
		}
	}
	*ret = args;
	return 0;
}
