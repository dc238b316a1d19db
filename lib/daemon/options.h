/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdbool.h>

/* The command line of a daemon: --db, --state, --cache, --journal, --verbose, --version and
 * --help, which every one takes, and the options of its own. */

/* Texts are borrowed from argv. */
struct daemon_dirs {
	const char *map;
	const char *state;
	const char *cache;
	const char *journal;
};

/* Takes an option of the daemon's own; value is NULL when it has none. Returns 0, or, after
 * saying on stderr what would be right, a code of err.h. */
typedef int daemon_take(void *ctx, const char *value);

struct daemon_option {
	const char *name; /* without its dashes */
	bool has_value;
	daemon_take *take;
};

enum { DAEMON_OPTIONS_MAX = 8 };
struct daemon_program {
	const char *name;
	const char *usage; /* lines, for --help and for who calls it wrongly */
	unsigned option_count;
	struct daemon_option options[DAEMON_OPTIONS_MAX];
};

enum { DAEMON_RUN = -1 };

/* Takes argv apart; ctx is for the program's own options. Folders that are not named are those
 * that configure chose. Returns DAEMON_RUN, or the exit status of a program that is done: 0
 * when it was asked for its version or for help, 2 when the command line was wrong, which
 * stderr then says. *ret may hold some of it in either case. */
int daemon_options(const struct daemon_program *program, int argc, char **argv,
    void *ctx, struct daemon_dirs *ret) __attribute__((warn_unused_result));
