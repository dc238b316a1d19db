/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/conf/config.h"
#include "cli/conf/node.h"

/* Reads one YAML document with libyaml into a tree that lives in arena; the marks take file
 * and order from start. What the configuration
 * has no use for (anchors, aliases, tags, a second document, keys that are not texts, depth)
 * and what libyaml refuses become mistakes, and the tree holds what was read. No document
 * gives an empty map. *ret_cut: a refusal ended the reading, so that what seems to be missing
 * may stand in the rest. Returns 0 or -ENOMEM. */
int yaml_in(const struct config_source *source, struct mark start, struct arena *arena,
    struct mistakes *mistakes, struct node **ret, bool *ret_cut)
    __attribute__((warn_unused_result));
