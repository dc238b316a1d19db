/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/cache/cache.h"
#include "lib/wire/tftp.h"

#include <stdbool.h>

/* What transfers send: the bytes of an object of the cache as they go on the wire, read into
 * memory once and shared by every transfer of the same bytes. Nothing that happens to the
 * file afterwards reaches a transfer. */
struct image {
	const uint8_t *bytes;
	uint64_t size; /* bytes; of netascii the expanded size */
	uint8_t sha256[CACHE_SHA256_LEN];
	enum tftp_mode mode;
	unsigned users; /* transfers and sticky entries */
	struct image *next;
};

struct images;

/* budget: bytes that all images together may take. Returns 0 or a negated errno. */
int images_new(uint64_t budget, struct images **ret)
    __attribute__((warn_unused_result));
void images_free(struct images *images); /* whatever their users; NULL is fine */

/* The image of object for a mode: one that is there, or fd read to its end (fd stays the
 * caller's). Returns 0 with an image that image_put() takes, ERR_MALFORMED (the file is not
 * as long as object says), ERR_CHECKSUM (its bytes are not the object's), ERR_FULL (over the
 * budget), or a negated errno. */
int images_get(struct images *images, int fd, const struct cache_object *object,
    enum tftp_mode mode, struct image **ret) __attribute__((warn_unused_result));

/* One more user, and one fewer. The bytes stay until images_sweep(). NULL is fine. */
struct image *image_share(struct image *image);
void image_put(struct image *image);

/* Frees the images without users; no message that borrows their bytes may be pending. */
void images_sweep(struct images *images);
