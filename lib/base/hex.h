/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { HEX_SHA256_TEXT = 65 /* 64 digits and NUL */ };

/* The value 0..15 of a digit of either case, or -1. */
int hex_digit(char c);

/* Writes len bytes as 2 * len small digits and a NUL into dst, which has room for them;
 * returns dst. */
char *hex_format(char *dst, const void *bytes, size_t len);

/* Reads exactly 2 * len digits of either case. Returns 0 or ERR_MALFORMED, ret then
 * untouched. */
int hex_parse(const char *text, uint8_t *ret, size_t len)
    __attribute__((warn_unused_result));
