/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/report/object.h"

#include <stdbool.h>

json_t *
report_object(const struct report_field *fields, size_t count)
{
	json_t *object = json_object();
	bool whole = object != NULL;
	for (size_t i = 0; i < count; i++) {
		if (json_object_set_new(object, fields[i].key, fields[i].value) != 0) {
			whole = false;
		}
	}
	if (!whole) {
		json_decref(object);
		return NULL;
	}
	return object;
}
