/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/cmd.h"
#include "cli/doctor/doctor.h"
#include "cli/print.h"
#include "lib/base/err.h"
#include "lib/base/log.h"

/* A result as text: level, check and what is, then the remedy, words wrapped. */
enum { LEVEL_WIDTH = 9, CHECK_WIDTH = 14 };

static void
print_result(const json_t *result)
{
	const char *subject = json_string_value(json_object_get(result, "subject"));
	const char *text = json_string_value(json_object_get(result, "text"));
	const char *remedy = json_string_value(json_object_get(result, "remedy"));
	int column = LEVEL_WIDTH + CHECK_WIDTH;
	(void)printf("%-*s%-*s", LEVEL_WIDTH,
	    json_string_value(json_object_get(result, "level")), CHECK_WIDTH,
	    json_string_value(json_object_get(result, "check")));
	if (subject != NULL) {
		column = print_words(stdout, subject, column, LEVEL_WIDTH, false);
		(void)fputs(": ", stdout);
		column += 2;
	}
	(void)print_words(stdout, text, column, LEVEL_WIDTH, false);
	(void)putchar('\n');
	if (remedy != NULL) {
		(void)printf("%*s", LEVEL_WIDTH, "-> ");
		(void)print_words(stdout, remedy, LEVEL_WIDTH, LEVEL_WIDTH, false);
		(void)putchar('\n');
	}
}

static void
print_report(const json_t *report)
{
	size_t i;
	json_t *result;
	json_array_foreach (json_object_get(report, "results"), i, result) {
		print_result(result);
	}
}

int
cmd_doctor(const struct args *args)
{
	const struct doctor_folders folders = {.map = args->option[OPTION_DB],
	    .state = args->option[OPTION_STATE],
	    .cache = args->option[OPTION_CACHE]};
	json_t *report;
	int err = doctor_report(&folders, &report);
	if (err != 0) {
		log_error("cannot look at this host: %s", err_str(err));
		return CLI_FAILED;
	}
	bool sound = json_integer_value(json_object_get(report, "problems")) == 0;
	int status = CLI_DONE;
	if (args->option[OPTION_JSON] != NULL) {
		status = print_json(report);
	} else {
		print_report(report);
		json_decref(report);
	}
	return sound ? status : CLI_FAILED;
}
