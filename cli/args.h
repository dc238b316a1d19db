/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/command.h"

/* A command line, taken apart. Texts are borrowed from argv. */

enum {
	ARGS_FILES_MAX = 16,
	ARGS_WORDS_MAX = 8,
	ARGS_WRONG_MAX = 240, /* bytes of a message, NUL included */
};

struct args {
	const struct command *command; /* NULL: only --help or --version */
	const char
	    *option[OPTION_COUNT]; /* "" for one without a value; NULL: not given */
	unsigned file_count;       /* --file may be repeated */
	const char *file[ARGS_FILES_MAX];
	unsigned word_count; /* what follows the command, as many as it takes */
	char *word[ARGS_WORDS_MAX];
};

/* Takes argv apart: options before or after the command, in any order; "--" ends them. The
 * folders' options have their defaults. Returns 0, or ERR_BADOPT with the reason in wrong;
 * *ret is then untouched. */
int args_parse(int argc, char **argv, char wrong[static ARGS_WRONG_MAX],
    struct args *ret) __attribute__((warn_unused_result));
