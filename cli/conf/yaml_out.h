/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <jansson.h>
#include <stddef.h>

/* YAML text of a JSON tree, as export writes it: what fits a line as a list or mapping in
 * brackets, keys in the tree's order. The tree is a list or a mapping, at
 * most 32 deep. Returns 0 with text for free(), or -ENOMEM. */
int yaml_out(json_t *tree, char **ret) __attribute__((warn_unused_result));
