/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <jansson.h>
#include <stdio.h>

/* What differs between two trees of JSON: an array, in order of the keys, of
 *     {"path": [KEY...], "old": VALUE or null, "new": VALUE or null}
 * Objects are followed to their leaves. Of two lists, the items that only one of them has are
 * named; two lists of the same items in another order differ as wholes. Returns a new
 * reference, or NULL when memory is short. */
json_t *diff_trees(const json_t *before, const json_t *after)
    __attribute__((warn_unused_result));

/* Prints a difference: "- path: value" for what goes, "+ path: value" for what comes. */
void diff_print(const json_t *diff, FILE *to);
