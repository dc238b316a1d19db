/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A reading cursor over bytes that came from outside. It borrows the bytes, never owns them.
 * The first failure sticks in err: every later step is a no-op that yields zeroes, so a
 * decoder reads straight on and checks err once at its end. */
struct rd {
	const uint8_t *p;
	size_t left; /* bytes not read yet */
	int err;     /* 0, or the first ERR_* */
};

/* A cursor over len bytes at p; p may be NULL when len is 0. */
static inline struct rd
rd_init(const void *p, size_t len)
{
	return (struct rd){.p = p, .left = len};
}

/* Makes the failure stick, if none stuck before. */
static inline void
rd_fail(struct rd *r, int err)
{
	if (r->err == 0) {
		r->err = err;
	}
	r->left = 0;
}

/* The next len bytes, borrowed, and steps over them; NULL and ERR_SHORT when fewer are left. */
static inline const uint8_t *
rd_take(struct rd *r, size_t len)
{
	if (r->err != 0 || r->left < len) {
		rd_fail(r, ERR_SHORT);
		return NULL;
	}
	const uint8_t *at = r->p;
	r->p = len > 0 ? at + len : at;
	r->left -= len;
	return at;
}

/* Steps over len bytes. */
static inline void
rd_skip(struct rd *r, size_t len)
{
	(void)rd_take(r, len);
}

/* A child over the next len bytes, which the parent steps over: how every TLV is entered,
 * so that a wrong inner length cannot reach its neighbour. Empty and sticky when short. */
static inline struct rd
rd_sub(struct rd *r, size_t len)
{
	const uint8_t *b = rd_take(r, len);
	return b == NULL ? (struct rd){.err = r->err} : rd_init(b, len);
}

/* What stands before the first NUL: of a text in a longer field, or with a NUL behind it. */
static inline struct rd
rd_until_nul(struct rd r)
{
	const uint8_t *end = r.left > 0 ? memchr(r.p, '\0', r.left) : NULL;
	return end != NULL ? rd_init(r.p, (size_t)(end - r.p)) : r;
}

/* 0 and sticky ERR_SHORT when too few bytes are left; so for all widths. */
static inline uint8_t
rd_u8(struct rd *r)
{
	const uint8_t *b = rd_take(r, 1);
	return b == NULL ? 0 : b[0];
}

static inline uint16_t
rd_be16(struct rd *r)
{
	const uint8_t *b = rd_take(r, 2);
	return b == NULL ? 0 : (uint16_t)((unsigned)b[0] << 8 | b[1]);
}

static inline uint32_t
rd_be32(struct rd *r)
{
	const uint8_t *b = rd_take(r, 4);
	return b == NULL
	    ? 0
	    : (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static inline uint64_t
rd_be64(struct rd *r)
{
	struct rd bytes = rd_sub(r, 8);
	uint64_t high = rd_be32(&bytes);
	return high << 32 | rd_be32(&bytes);
}

/* Copies len bytes out; on failure dst is zeroed. */
static inline void
rd_bytes(struct rd *r, void *dst, size_t len)
{
	const uint8_t *b = rd_take(r, len);
	if (b != NULL && len > 0) {
		memcpy(dst, b, len);
	} else if (len > 0) {
		memset(dst, 0, len);
	}
}

/* A NUL-terminated string of at most max bytes (NUL not counted) that lies wholly inside.
 * Steps over the NUL. *ret is borrowed and terminated. Returns 0, ERR_SHORT (no NUL inside)
 * or ERR_ROOM (longer than max), both sticky; outputs are then untouched. */
static inline int
rd_cstr(struct rd *r, size_t max, const char **ret, size_t *ret_len)
{
	const uint8_t *nul = r->left > 0 ? memchr(r->p, 0, r->left) : NULL;
	if (r->err != 0 || nul == NULL) {
		rd_fail(r, ERR_SHORT);
		return r->err;
	}
	size_t len = (size_t)(nul - r->p);
	if (len > max) {
		rd_fail(r, ERR_ROOM);
		return r->err;
	}
	*ret = (const char *)rd_take(r, len + 1);
	*ret_len = len;
	return 0;
}

/* The same, copied with its NUL into dst, which has room for room bytes (at least 1). On
 * failure dst is untouched. */
static inline int
rd_text(struct rd *r, char *dst, size_t room)
{
	const char *text;
	size_t len;
	int ret = rd_cstr(r, room - 1, &text, &len);
	if (ret == 0) {
		memcpy(dst, text, len + 1);
	}
	return ret;
}
