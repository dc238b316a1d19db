/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { MAC_LEN = 6, MAC_TEXT = 18 /* aa:bb:cc:dd:ee:ff and NUL */ };

/* An Ethernet address (htype 1, hlen 6), bytes in transmission order. */
struct mac {
	uint8_t b[MAC_LEN];
};

/* Reads any usual notation: aa:bb:cc:dd:ee:ff, AA-BB-..., aabb.ccdd.eeff, twelve hex digits.
 * One kind of separator throughout. Returns 0 or ERR_MALFORMED, *ret then untouched. */
int mac_parse(const char *text, struct mac *ret) __attribute__((warn_unused_result));

/* Writes aa:bb:cc:dd:ee:ff into dst and returns dst. */
char *mac_format(const struct mac *mac, char dst[static MAC_TEXT]);

bool mac_equal(const struct mac *a, const struct mac *b);
