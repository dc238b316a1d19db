/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

enum { PRINT_COLUMNS = 80 };

/* Data on stdout. Both take the reference and return the exit status; NULL, which stands for
 * memory that was short, is said on stderr. */
int print_json(json_t *value);

/* One "key  value" per line in the object's order; null as "-"; the items of an array on lines
 * of their own. */
int print_fields(json_t *object);

/* Prints the words of text from the column on; where a line would pass PRINT_COLUMNS it goes on
 * at the indent. A word that is longer than a line passes it, or is cut. No newline at the
 * end. Returns the column. */
int print_words(FILE *out, const char *text, int column, int indent, bool cut);
