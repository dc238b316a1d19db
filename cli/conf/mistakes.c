/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/mistakes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { PRINTED_MAX = 100 };

void
mistakes_add(struct mistakes *mistakes, struct mark at, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *text = arena_vformat(&mistakes->arena, format, args);
	va_end(args);
	struct mistake *mistake = arena_alloc(&mistakes->arena, 1, sizeof(*mistake));
	if (mistake == NULL || text == NULL) {
		return;
	}
	mistake->at = at;
	mistake->at.file = arena_text(&mistakes->arena, at.file, strlen(at.file));
	mistake->line = at.line == 0
	    ? arena_format(&mistakes->arena, "%s: %s", at.file, text)
	    : arena_format(
		  &mistakes->arena, "%s:%u:%u: %s", at.file, at.line, at.column, text);
	if (mistake->line == NULL) {
		return;
	}
	if (mistakes->last != NULL) {
		mistakes->last->next = mistake;
	} else {
		mistakes->first = mistake;
	}
	mistakes->last = mistake;
	mistakes->count++;
}

static int
compare_unsigned(unsigned a, unsigned b)
{
	return a < b ? -1 : a > b ? 1 : 0;
}

int
mark_compare(const struct mark *a, const struct mark *b)
{
	int by_file = compare_unsigned(a->order, b->order);
	int by_line = compare_unsigned(a->line, b->line);
	return by_file != 0 ? by_file
	    : by_line != 0  ? by_line
			    : compare_unsigned(a->column, b->column);
}

static int
compare(const void *a, const void *b)
{
	const struct mistake *x = *(const struct mistake *const *)a;
	const struct mistake *y = *(const struct mistake *const *)b;
	int by_mark = mark_compare(&x->at, &y->at);
	return by_mark != 0 ? by_mark : strcmp(x->line, y->line);
}

void
mistakes_sort(struct mistakes *mistakes)
{
	struct mistake **all = calloc(mistakes->count + 1, sizeof(struct mistake *));
	if (all == NULL) {
		mistakes->arena.err = -ENOMEM;
		return;
	}
	struct mistake *next = mistakes->first;
	for (size_t i = 0; i < mistakes->count; i++) {
		all[i] = next;
		next = next->next;
	}
	qsort(all, mistakes->count, sizeof(struct mistake *), compare);
	for (size_t i = 0; i < mistakes->count; i++) {
		all[i]->next = all[i + 1];
		mistakes->last = all[i];
	}
	mistakes->first = all[0];
	free(all);
}

void
mistakes_print(const struct mistakes *mistakes, FILE *to)
{
	const struct mistake *mistake = mistakes->first;
	for (size_t i = 0; i < mistakes->count && i < PRINTED_MAX; i++) {
		(void)fprintf(to, "%s\n", mistake->line);
		mistake = mistake->next;
	}
	if (mistakes->count > PRINTED_MAX) {
		(void)fprintf(
		    to, "and %zu more mistakes\n", mistakes->count - PRINTED_MAX);
	}
}

void
mistakes_done(struct mistakes *mistakes)
{
	arena_done(&mistakes->arena);
	*mistakes = (struct mistakes){0};
}
