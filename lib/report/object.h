/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <jansson.h>

/* A member of a JSON object. A NULL value stands for memory that was short. */
struct report_field {
	const char *key;
	json_t *value;
};

/* Makes an object of the fields, in their order, and takes their values. NULL when memory is
 * short, also for one of them. */
json_t *report_object(const struct report_field *fields, size_t count);

/* The same of fields as they are written down: REPORT_OBJECT({"key", value}, ...). */
#define REPORT_OBJECT(...)                                                             \
	report_object((const struct report_field[]){__VA_ARGS__},                      \
	    sizeof((const struct report_field[]){__VA_ARGS__}) /                       \
		sizeof(struct report_field))
