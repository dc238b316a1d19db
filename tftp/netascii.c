/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tftp/netascii.h"

size_t
netascii_len(const uint8_t *src, size_t len)
{
	size_t expanded = len;
	for (size_t i = 0; i < len; i++) {
		expanded += src[i] == '\n' || src[i] == '\r' ? 1 : 0;
	}
	return expanded;
}

void
netascii_expand(uint8_t *dst, const uint8_t *src, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (src[i] == '\n') {
			*dst++ = '\r';
		}
		*dst++ = src[i];
		if (src[i] == '\r') {
			*dst++ = '\0';
		}
	}
}
