/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/err.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A writing cursor over room that the caller owns. A step writes all of its bytes or none:
 * the first that does not fit makes ERR_ROOM stick, and every later step is a no-op. */
struct wr {
	uint8_t *p;
	size_t left; /* bytes of room still free */
	int err;     /* 0, or ERR_ROOM */
};

static inline struct wr
wr_init(void *p, size_t room)
{
	return (struct wr){.p = p, .left = room};
}

/* Room for len bytes, and steps over it; NULL and ERR_ROOM when fewer are free. */
static inline uint8_t *
wr_take(struct wr *w, size_t len)
{
	if (w->err != 0 || w->left < len) {
		w->err = ERR_ROOM;
		return NULL;
	}
	uint8_t *at = w->p;
	w->p = at + len;
	w->left -= len;
	return at;
}

static inline void
wr_bytes(struct wr *w, const void *src, size_t len)
{
	uint8_t *b = len > 0 ? wr_take(w, len) : NULL;
	if (b != NULL) {
		memcpy(b, src, len);
	}
}

static inline void
wr_u8(struct wr *w, uint8_t v)
{
	wr_bytes(w, &v, 1);
}

static inline void
wr_be16(struct wr *w, uint16_t v)
{
	uint8_t b[2] = {(uint8_t)(v >> 8), (uint8_t)v};
	wr_bytes(w, b, sizeof(b));
}

static inline void
wr_be32(struct wr *w, uint32_t v)
{
	uint8_t b[4] = {
	    (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
	wr_bytes(w, b, sizeof(b));
}

static inline void
wr_be64(struct wr *w, uint64_t v)
{
	uint8_t b[8];
	for (unsigned i = 0; i < 8; i++) {
		b[i] = (uint8_t)(v >> (56 - 8 * i));
	}
	wr_bytes(w, b, sizeof(b));
}

/* The text and its NUL. */
static inline void
wr_cstr(struct wr *w, const char *text)
{
	wr_bytes(w, text, strlen(text) + 1);
}

/* len zero bytes. */
static inline void
wr_zero(struct wr *w, size_t len)
{
	uint8_t *b = len > 0 ? wr_take(w, len) : NULL;
	if (b != NULL) {
		memset(b, 0, len);
	}
}

/* Bytes written since start, which is what was given to wr_init(). */
static inline size_t
wr_len(const struct wr *w, const void *start)
{
	return (size_t)(w->p - (const uint8_t *)start);
}
