/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/command.h"

#include <string.h>

enum { HELP_COLUMN = 34 };

static void
print_entry(FILE *to, const char *left, const char *help)
{
	(void)fprintf(to, "  %-*s%s\n", HELP_COLUMN, left, help);
}

static void
print_option(FILE *to, const struct option_info *option)
{
	char left[64];
	(void)snprintf(left, sizeof(left), "--%s%s%s", option->name,
	    option->value != NULL ? " " : "",
	    option->value != NULL ? option->value : "");
	print_entry(to, left, option->help);
	if (option->fallback != NULL) {
		(void)fprintf(to, "  %-*s  (%s)\n", HELP_COLUMN, "", option->fallback);
	}
}

static void
print_commands(FILE *to)
{
	(void)fputs("usage: pvsboot [OPTION]... COMMAND [ARGUMENT]...\n\n", to);
	for (size_t i = 0; i < command_count; i++) {
		char left[64];
		(void)snprintf(left, sizeof(left), "%s%s%s", commands[i].name,
		    commands[i].args[0] != '\0' ? " " : "", commands[i].args);
		print_entry(to, left, commands[i].help);
	}
}

static void
print_command(FILE *to, const struct command *command)
{
	(void)fprintf(to, "usage: pvsboot %s%s%s%s\n\n%s\n", command->name,
	    command->options != 0 ? " [OPTION]..." : "",
	    command->args[0] != '\0' ? " " : "", command->args, command->help);
}

void
command_help(const struct command *command, FILE *to)
{
	if (command != NULL) {
		print_command(to, command);
	} else {
		print_commands(to);
	}
	(void)fputc('\n', to);
	for (enum option_id i = OPTION_COMMON_COUNT; i < OPTION_COUNT; i++) {
		if (command != NULL && command_takes(command, i)) {
			print_option(to, &option_infos[i]);
		}
	}
	for (enum option_id i = 0; i < OPTION_COMMON_COUNT; i++) {
		print_option(to, &option_infos[i]);
	}
	(void)fputs("\nExit status: 0 done, 1 failed, 2 usage, 3 not found.\n", to);
}
