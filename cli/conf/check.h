/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/conf/config.h"
#include "cli/conf/node.h"
#include "lib/base/ip4.h"

/* What values are checked with, whatever their type: each says what is wrong, and what would be
 * right. */

/* What a check carries about. */
struct check {
	struct config *config; /* being filled; all it needs comes from its arena */
	struct mistakes *mistakes;
	struct arena *scratch; /* freed when the check is over */
	bool cut;              /* a file was read in part: nothing is "missing" */
};

/* Adds a mistake: "what is wrong; what would be right". */
#define check_wrong(c, at, ...) mistakes_add((c)->mistakes, (at), __VA_ARGS__)

/* A text of the file, fit for a message and not long; never NULL. */
const char *check_shown(struct check *c, const char *text);

/* True when the node is of that kind; else says what would be right ("write EXAMPLE"), unless
 * the node is broken, which was reported. */
bool check_want(
    struct check *c, const struct node *node, enum node_kind kind, const char *example);
/* Says that child's key stands twice, and where first. */
void check_wrong_twice(struct check *c, struct mark at, const char *what,
    const char *text, struct mark first);
/* Finds keys that stand twice in a map whose keys are names of the administrator's. */
void check_refuse_twice(
    struct check *c, const struct node *map, bool fold, const char *what);

/* "did you mean X?" or "there is A, B, C"; in scratch. */
const char *check_suggest(
    struct check *c, const char *text, const char *const *names, size_t count);

/* Reads the address of one host; what is right says what to write instead of another. */
bool check_unicast(
    struct check *c, const struct node *node, const char *right, uint32_t *ret);

/* Reads the text of a prefix that has no host bits; where it has some, *ret is the network. */
bool check_prefix(
    struct check *c, struct mark at, const char *text, struct ip4_prefix *ret);

/* True for the name of a file, without a path. */
bool check_file_name(struct check *c, struct mark at, const char *text);
