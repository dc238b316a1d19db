/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Text as netascii carries it (RFC 764): LF goes out as CR LF, a bare CR as CR NUL. */

/* Bytes that len bytes of a file take on the wire. */
size_t netascii_len(const uint8_t *src, size_t len);

/* Writes them to dst, which has room for netascii_len(src, len). */
void netascii_expand(uint8_t *dst, const uint8_t *src, size_t len);
