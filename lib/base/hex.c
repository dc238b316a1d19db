/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/base/hex.h"

#include "lib/base/err.h"

#include <string.h>

int
hex_digit(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	if (c >= 'a' && c <= 'f') {
		return c - 'a' + 10;
	}
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char *
hex_format(char *dst, const void *bytes, size_t len)
{
	const uint8_t *b = bytes;
	for (size_t i = 0; i < len; i++) {
		dst[2 * i] = "0123456789abcdef"[b[i] >> 4];
		dst[2 * i + 1] = "0123456789abcdef"[b[i] & 15];
	}
	dst[2 * len] = '\0';
	return dst;
}

int
hex_parse(const char *text, uint8_t *ret, size_t len)
{
	if (strlen(text) != 2 * len ||
	    strspn(text, "0123456789abcdefABCDEF") != 2 * len) {
		return ERR_MALFORMED;
	}
	for (size_t i = 0; i < len; i++) {
		ret[i] =
		    (uint8_t)(hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
	}
	return 0;
}
