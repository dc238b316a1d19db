/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/command.h"

#include <string.h>

static const char head[] =
    "# SPDX-License-Identifier: MPL-2.0\n"
    "# Copyright the pvsboot authors\n"
    "# Completion of pvsboot's command lines in bash. Made from the program's own "
    "tables:\n"
    "# build cli/mkcompletion and run it.\n"
    "_pvsboot()\n"
    "{\n"
    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
    "\tlocal command= choices= files= skip= word i\n"
    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
    "\t\tword=${COMP_WORDS[i]}\n"
    "\t\tif [[ -n $skip ]]; then\n"
    "\t\t\tskip=\n"
    "\t\t\tcontinue\n"
    "\t\tfi\n"
    "\t\tcase $word in\n";

static const char middle[] = "\t\t-*) ;;\n"
			     "\t\t*) command+=\" $word\" ;;\n"
			     "\t\tesac\n"
			     "\tdone\n"
			     "\tcase $prev in\n";

static const char tail[] = "\tesac\n"
			   "\tif [[ $cur != -* && -n $files ]]; then\n"
			   "\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
			   "\t\treturn\n"
			   "\tfi\n"
			   "\tCOMPREPLY=($(compgen -W \"$choices\" -- \"$cur\"))\n"
			   "}\n"
			   "complete -o filenames -F _pvsboot pvsboot\n";

/* "--a|--b": the options with a value; folders are those whose value is one. */
static void
print_valued(FILE *to, bool folders)
{
	const char *between = "";
	for (enum option_id i = 0; i < OPTION_COUNT; i++) {
		const char *value = option_infos[i].value;
		if (value != NULL && (!folders || strcmp(value, "DIR") == 0)) {
			(void)fprintf(to, "%s--%s", between, option_infos[i].name);
			between = "|";
		}
	}
}

/* The names of the options that go with command, or with every one. */
static void
print_options(FILE *to, const struct command *command)
{
	for (enum option_id i = 0; i < OPTION_COUNT; i++) {
		if (command != NULL ? command_takes(command, i)
				    : i < OPTION_COMMON_COUNT) {
			(void)fprintf(to, " --%s", option_infos[i].name);
		}
	}
}

static void
print_command(FILE *to, const struct command *command)
{
	bool files = strstr(command->args, "FILE") != NULL;
	(void)fprintf(to, "\t\" %s\"*)\n\t\tchoices=\"", command->name);
	print_options(to, command);
	(void)fprintf(to, "\"%s\n\t\t;;\n", files ? "\n\t\tfiles=1" : "");
}

/* True when an earlier command begins with the same word. */
static bool
first_word_seen(size_t at, size_t len)
{
	for (size_t i = 0; i < at; i++) {
		if (strncmp(commands[i].name, commands[at].name, len) == 0 &&
		    (commands[i].name[len] == ' ' || commands[i].name[len] == '\0')) {
			return true;
		}
	}
	return false;
}

/* The words that may follow a first word of a two-word command. */
static void
print_second_words(FILE *to, const char *first, size_t len)
{
	(void)fprintf(to, "\t\" %.*s\")\n\t\tchoices=\"", (int)len, first);
	for (size_t i = 0; i < command_count; i++) {
		if (strncmp(commands[i].name, first, len) == 0 &&
		    commands[i].name[len] == ' ') {
			(void)fprintf(to, " %s", commands[i].name + len + 1);
		}
	}
	(void)fputs("\"\n\t\t;;\n", to);
}

static void
print_first_words(FILE *to)
{
	(void)fputs("\t'')\n\t\tchoices=\"", to);
	for (size_t i = 0; i < command_count; i++) {
		size_t len = strcspn(commands[i].name, " ");
		if (!first_word_seen(i, len)) {
			(void)fprintf(to, " %.*s", (int)len, commands[i].name);
		}
	}
	print_options(to, NULL);
	(void)fputs("\"\n\t\t;;\n", to);
}

void
command_completion(FILE *to)
{
	(void)fputs(head, to);
	(void)fputs("\t\t", to);
	print_valued(to, false);
	(void)fputs(") skip=1 ;;\n", to);
	(void)fputs(middle, to);
	(void)fputs("\t", to);
	print_valued(to, true);
	(void)fputs(
	    ")\n\t\tCOMPREPLY=($(compgen -d -- \"$cur\"))\n\t\treturn\n\t\t;;\n\t", to);
	print_valued(to, false);
	(void)fputs(")\n\t\treturn\n\t\t;;\n\tesac\n\tcase $command in\n", to);
	print_first_words(to);
	for (size_t i = 0; i < command_count; i++) {
		size_t len = strcspn(commands[i].name, " ");
		if (commands[i].name[len] == ' ' && !first_word_seen(i, len)) {
			print_second_words(to, commands[i].name, len);
		}
	}
	for (size_t i = 0; i < command_count; i++) {
		print_command(to, &commands[i]);
	}
	(void)fputs(tail, to);
}
