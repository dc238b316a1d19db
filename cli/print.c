/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/print.h"

#include "cli/command.h"
#include "lib/base/err.h"
#include "lib/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
short_of_memory(void)
{
	log_error("%s", err_str(-ENOMEM));
	return CLI_FAILED;
}

int
print_json(json_t *value)
{
	char *text =
	    value != NULL ? json_dumps(value, JSON_INDENT(2) | JSON_ENCODE_ANY) : NULL;
	json_decref(value);
	if (text == NULL) {
		return short_of_memory();
	}
	(void)puts(text);
	free(text);
	return CLI_DONE;
}

static void
print_value(const json_t *value)
{
	if (json_is_null(value)) {
		(void)puts("-");
	} else if (json_is_string(value)) {
		(void)puts(json_string_value(value));
	} else {
		char *text = json_dumps(value, JSON_ENCODE_ANY);
		(void)puts(text != NULL ? text : "");
		free(text);
	}
}

static void
print_field(const char *key, int width, json_t *value)
{
	size_t i;
	json_t *item;
	if (!json_is_array(value) || json_array_size(value) == 0) {
		(void)printf("%-*s  ", width, key);
		print_value(json_is_array(value) ? json_null() : value);
		return;
	}
	json_array_foreach (value, i, item) {
		(void)printf("%-*s  ", width, i == 0 ? key : "");
		print_value(item);
	}
}

int
print_fields(json_t *object)
{
	const char *key;
	json_t *value;
	int width = 0;
	if (object == NULL) {
		return short_of_memory();
	}
	json_object_foreach (object, key, value) {
		int len = (int)strlen(key);
		width = len > width ? len : width;
	}
	json_object_foreach (object, key, value) {
		print_field(key, width, value);
	}
	json_decref(object);
	return CLI_DONE;
}

int
print_words(FILE *out, const char *text, int column, int indent, bool cut)
{
	int blank = 0; /* before the next word */
	while (*text != '\0') {
		int len = (int)strcspn(text, " ");
		if (cut && len > PRINT_COLUMNS - indent) {
			len = PRINT_COLUMNS - indent;
		}
		if (column > indent && column + blank + len > PRINT_COLUMNS) {
			(void)fprintf(out, "\n%*s", indent, "");
			column = indent;
			blank = 0;
		}
		(void)fprintf(out, "%*s%.*s", blank, "", len, text);
		column += blank + len;
		text += len;
		blank = *text == ' ' ? 1 : 0;
		text += blank;
	}
	return column;
}
