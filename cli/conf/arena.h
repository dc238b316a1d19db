/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/* Memory that is freed all at once. Every piece is a block of its own from the heap, so that
 * a checker of memory sees its bounds. Zeroed to start. The first failure sticks in err:
 * callers may go on past a NULL they can do without, and ask once at their end. */
struct arena {
	struct arena_block *last;
	int err; /* 0 or -ENOMEM */
};

/* count * size zeroed bytes, valid until arena_done(); NULL and sticky -ENOMEM without memory.
 * Never NULL for a size or count of 0. */
void *arena_alloc(struct arena *arena, size_t count, size_t size)
    __attribute__((warn_unused_result));

/* A terminated copy of len bytes. */
char *arena_text(struct arena *arena, const char *text, size_t len)
    __attribute__((warn_unused_result));

/* Formatted text. */
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3), warn_unused_result));
char *arena_vformat(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0), warn_unused_result));

/* Frees every piece; the arena is then as at its start. */
void arena_done(struct arena *arena);
