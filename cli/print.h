/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <jansson.h>

/* Data on stdout. Both take the reference and return the exit status; NULL, which stands for
 * memory that was short, is said on stderr. */
int print_json(json_t *value);

/* One "key  value" per line in the object's order; null as "-"; the items of an array on lines
 * of their own. */
int print_fields(json_t *object);
