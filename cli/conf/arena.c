/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/arena.h"

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
	alignas(max_align_t) struct arena_block *before;
};

void *
arena_alloc(struct arena *arena, size_t count, size_t size)
{
	struct arena_block *block = NULL;
	if (size == 0 || count <= (SIZE_MAX - sizeof(*block)) / size) {
		block = calloc(1, sizeof(*block) + count * size);
	}
	if (block == NULL) {
		arena->err = -ENOMEM;
		return NULL;
	}
	block->before = arena->last;
	arena->last = block;
	return block + 1;
}

char *
arena_text(struct arena *arena, const char *text, size_t len)
{
	char *copy = arena_alloc(arena, len + 1, 1);
	if (copy != NULL && len > 0) {
		memcpy(copy, text, len);
	}
	return copy;
}

char *
arena_vformat(struct arena *arena, const char *format, va_list args)
{
	char *text = NULL;
	if (vasprintf(&text, format, args) < 0) {
		arena->err = -ENOMEM;
		return NULL;
	}
	char *copy = arena_text(arena, text, strlen(text));
	free(text);
	return copy;
}

char *
arena_format(struct arena *arena, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *text = arena_vformat(arena, format, args);
	va_end(args);
	return text;
}

void
arena_done(struct arena *arena)
{
	while (arena->last != NULL) {
		struct arena_block *before = arena->last->before;
		free(arena->last);
		arena->last = before;
	}
	arena->err = 0;
}
