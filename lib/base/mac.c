/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/base/mac.h"

#include "lib/base/err.h"
#include "lib/base/hex.h"

#include <string.h>

/* Bytes between two separators: two for dotted groups, one for colons and hyphens. */
static unsigned
group_bytes(char separator)
{
	return separator == '.' ? 2 : 1;
}

int
mac_parse(const char *text, struct mac *ret)
{
	struct mac mac;
	size_t len = strlen(text);
	char separator = len == 17 ? text[2] : len == 14 ? text[4] : '\0';
	bool known = (len == 17 && (separator == ':' || separator == '-')) ||
	    (len == 14 && separator == '.') || len == 12;
	if (!known) {
		return ERR_MALFORMED;
	}
	for (unsigned i = 0; i < MAC_LEN; i++) {
		if (separator != '\0' && i > 0 && i % group_bytes(separator) == 0 &&
		    *text++ != separator) {
			return ERR_MALFORMED;
		}
		int high = hex_digit(*text++);
		int low = high < 0 ? -1 : hex_digit(*text++);
		if (low < 0) {
			return ERR_MALFORMED;
		}
		mac.b[i] = (uint8_t)(high << 4 | low);
	}
	*ret = mac;
	return 0;
}

char *
mac_format(const struct mac *mac, char dst[static MAC_TEXT])
{
	for (unsigned i = 0; i < MAC_LEN; i++) {
		(void)hex_format(&dst[3 * i], &mac->b[i], 1);
		dst[3 * i + 2] = i + 1 < MAC_LEN ? ':' : '\0';
	}
	return dst;
}

bool
mac_equal(const struct mac *a, const struct mac *b)
{
	return memcmp(a->b, b->b, MAC_LEN) == 0;
}
