/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What pvsboot can be told: one table of commands and one of options drive the dispatch, the
 * help and the completion, so that they cannot drift apart. */

/* Exit statuses. */
enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_NOTFOUND = 3 };

enum option_id {
	OPTION_DB,
	OPTION_STATE,
	OPTION_CACHE,
	OPTION_JOURNAL,
	OPTION_VERBOSE,
	OPTION_VERSION,
	OPTION_HELP,
	OPTION_COMMON_COUNT, /* those before go with every command */
	OPTION_JSON = OPTION_COMMON_COUNT,
	OPTION_DRY_RUN,
	OPTION_DROP_DEVICES,
	OPTION_FROM,
	OPTION_SUBNET_ID,
	OPTION_ARCH,
	OPTION_FARM,
	OPTION_FILE,
	OPTION_NAME,
	OPTION_NOTE,
	OPTION_FORCE,
	OPTION_WATCH,
	OPTION_COUNT,
};

struct option_info {
	const char *name;
	const char *value; /* what its value is called; NULL when it has none */
	const char *fallback;
	const char *help;
};
extern const struct option_info option_infos[OPTION_COUNT];

struct args;

struct command {
	const char *name; /* one or two words */
	const char *args; /* what follows; [BRACKETS] may be left out */
	uint32_t options; /* 1 << enum option_id, besides the common ones */
	int (*run)(const struct args *args); /* gives the exit status */
	const char *help;
};
extern const struct command commands[];
extern const size_t command_count;

bool command_takes(const struct command *command, enum option_id option);

/* How many words must and may follow the command's name. */
void command_arity(const struct command *command, unsigned *ret_min, unsigned *ret_max);

/* The command that words begin with, and how many words its name takes; NULL when there is
 * none. */
const struct command *command_find(
    char *const *words, unsigned count, unsigned *ret_used);

/* The command's line of usage, then its options; or, with NULL, all commands. */
void command_help(const struct command *command, FILE *to);

/* The script that completes command lines in bash. */
void command_completion(FILE *to);
