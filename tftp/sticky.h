/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "tftp/image.h"

/* Which image a source was given of a name. It keeps that one for STICKY_MS after its last
 * request, whatever the cache publishes meanwhile, so that a size probe and the transfer
 * which follows it see one file. A table of fixed size: where a storm overfills it, the
 * longest unused entries give way. */
enum { STICKY_MS = 30000 };

struct sticky;
int sticky_new(struct sticky **ret) __attribute__((warn_unused_result));
void sticky_free(struct sticky *sticky); /* before the images; NULL is fine */

struct sticky_key {
	uint32_t source;
	enum tftp_mode mode;
	const char *farm; /* names without regard to case */
	const char *file;
};

/* An image, and the server whose copy it is. */
struct sticky_copy {
	struct image *image;
	uint32_t server; /* or CACHE_MANUAL */
};

/* What is kept for a key, its time begun anew; image_put() takes the image. False when nothing
 * is; *ret is then untouched. */
bool sticky_get(struct sticky *sticky, const struct sticky_key *key, uint64_t now_ms,
    struct sticky_copy *ret);

/* Keeps a copy for a key; the image gets one more user. */
void sticky_keep(struct sticky *sticky, const struct sticky_key *key,
    const struct sticky_copy *copy, uint64_t now_ms);

/* Lets go of what has run out. */
void sticky_sweep(struct sticky *sticky, uint64_t now_ms);
