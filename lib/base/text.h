/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Makes outside bytes fit for a log line or a terminal: printable ASCII stays, a backslash
 * is doubled, all else becomes \xNN. Writes at most room bytes with the NUL, cutting between
 * characters and ending in "..." when cut; room is at least 4. Returns dst. */
char *text_escape(char *dst, size_t room, const void *src, size_t len);

/* Compares two names without regard to ASCII case, in any locale: <0, 0, >0. */
int text_casecmp(const char *a, const char *b);

/* Copies src into dst with ASCII letters made small, cut at room - 1. Returns dst. */
char *text_lower(char *dst, size_t room, const char *src);

/* Copies src into dst, cut at room - 1. Returns dst. */
char *text_copy(char *dst, size_t room, const char *src);

/* Reads decimal text without sign, blanks or leading zeroes into *ret, min..max.
 * Returns 0, ERR_MALFORMED or ERR_RANGE; *ret is then untouched. */
int text_u64(const char *text, uint64_t min, uint64_t max, uint64_t *ret)
    __attribute__((warn_unused_result));

/* Reads Nms, Ns or Nm into milliseconds. Returns 0, ERR_MALFORMED or ERR_RANGE (over a day). */
int text_duration(const char *text, uint32_t *ret_ms)
    __attribute__((warn_unused_result));

enum { TEXT_DURATION = 16 };
/* Writes milliseconds in the largest unit that divides them; returns dst. */
char *text_duration_format(uint32_t ms, char dst[static TEXT_DURATION]);

enum { TEXT_TIME = 32 };
/* Writes milliseconds of Unix time as RFC 3339 text in UTC, "2026-11-22T10:00:00.250Z", or ""
 * for a time beyond the years that the form has; returns dst. */
char *text_time_format(int64_t ms, char dst[static TEXT_TIME]);

/* A farm name (max 32) or file name (max 63): [A-Za-z0-9][A-Za-z0-9._-]*, 1..max bytes. */
bool text_is_name(const char *text, size_t max);

/* The entry of names that is nearest to text, at most two edits away (and fewer than half
 * of text's length); NULL when none is. */
const char *text_nearest(const char *text, const char *const *names, size_t count);
