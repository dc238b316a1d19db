/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/conf/arena.h"

#include <stdio.h>

/* What is wrong with a configuration: every mistake of every file, gathered in one run. */

/* A place in a file. Line and column count from 1, the column in characters; line 0 means the
 * file as a whole. */
struct mark {
	const char *file;
	unsigned order; /* of the file among those read together */
	unsigned line;
	unsigned column;
};

/* Orders by file, line and column: <0, 0, >0. */
int mark_compare(const struct mark *a, const struct mark *b);

struct mistake {
	struct mark at;
	const char *line; /* "file:line:column: what is wrong; what would be right" */
	struct mistake *next;
};

/* Zeroed to start. */
struct mistakes {
	struct arena arena;
	size_t count;
	struct mistake *first, *last; /* as found, until mistakes_sort() */
};

/* Adds a mistake. The text is one line, "what is wrong; what would be right". */
void mistakes_add(struct mistakes *mistakes, struct mark at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts the mistakes in order of file, line and column. */
void mistakes_sort(struct mistakes *mistakes);

/* Writes one line for each of the first 100, then how many more there are. */
void mistakes_print(const struct mistakes *mistakes, FILE *to);

void mistakes_done(struct mistakes *mistakes);
