/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/args.h"
#include "lib/base/log.h"
#include "lib/own/own.h"
#include "pvsboot-config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What could not be written was not done: a full disk must not look like success. */
static int
flush(int status)
{
	bool failed = ferror(stdout) != 0;
	if (fflush(stdout) != 0 || failed) {
		log_error("cannot write the output: %s", strerror(errno));
		return CLI_FAILED;
	}
	return status;
}

int
main(int argc, char **argv)
{
	struct args args;
	char wrong[ARGS_WRONG_MAX];
	if (own_streams() != 0) {
		return CLI_FAILED;
	}
	if (args_parse(argc, argv, wrong, &args) != 0) {
		log_error("%s", wrong);
		(void)fputs("Try 'pvsboot --help'.\n", stderr);
		return CLI_USAGE;
	}
	if (args.option[OPTION_HELP] != NULL) {
		command_help(args.command, stdout);
		return flush(CLI_DONE);
	}
	if (args.option[OPTION_VERSION] != NULL) {
		(void)puts(PACKAGE_STRING);
		return flush(CLI_DONE);
	}
	if (args.option[OPTION_VERBOSE] != NULL) {
		log_set(NULL, NULL, LOG_LEVEL_DEBUG);
	}
	return flush(args.command->run(&args));
}
