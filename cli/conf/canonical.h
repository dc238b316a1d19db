/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/conf/config.h"

#include <jansson.h>

/* The canonical form: every default filled in, so that files which mean the same give the
 * same bytes whatever their order of keys, their spelling of defaults or their split. */

/* Returns 0 with a new reference, or -ENOMEM. */
int config_tree(const struct config *config, json_t **ret)
    __attribute__((warn_unused_result));

/* The text of the tree: JSON, compact, keys sorted; it is a pvsboot.yaml, too. Returns 0 with
 * text for free(), or -ENOMEM. */
int config_canonical(const struct config *config, char **ret)
    __attribute__((warn_unused_result));
