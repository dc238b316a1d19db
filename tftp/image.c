/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tftp/image.h"

#include "tftp/netascii.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

struct images {
	uint64_t budget, used;
	struct image *first;
};

int
images_new(uint64_t budget, struct images **ret)
{
	struct images *images = calloc(1, sizeof(*images));
	if (images == NULL) {
		return -ENOMEM;
	}
	images->budget = budget;
	*ret = images;
	return 0;
}

static void
image_free(struct image *image)
{
	free((void *)(uintptr_t)image->bytes);
	free(image);
}

void
images_free(struct images *images)
{
	while (images != NULL && images->first != NULL) {
		struct image *image = images->first;
		images->first = image->next;
		image_free(image);
	}
	free(images);
}

static struct image *
find(
    const struct images *images, const struct cache_object *object, enum tftp_mode mode)
{
	struct image *image = images->first;
	while (image != NULL &&
	    (image->mode != mode ||
		memcmp(image->sha256, object->sha256, sizeof(image->sha256)) != 0)) {
		image = image->next;
	}
	return image;
}

/* Exactly size bytes, and no more in the file. */
static int
read_whole(int fd, uint8_t *dst, size_t size)
{
	size_t at = 0;
	uint8_t beyond;
	while (at < size) {
		ssize_t got = pread(fd, dst + at, size - at, (off_t)at);
		if (got < 0 && errno != EINTR) {
			return -errno;
		}
		if (got == 0) {
			return ERR_MALFORMED;
		}
		at += got > 0 ? (size_t)got : 0;
	}
	return pread(fd, &beyond, 1, (off_t)size) == 0 ? 0 : ERR_MALFORMED;
}

/* Puts the netascii form in place of the bytes. */
static int
expand(uint8_t **bytes, uint64_t *size)
{
	size_t len = netascii_len(*bytes, (size_t)*size);
	uint8_t *expanded = malloc(len > 0 ? len : 1);
	if (expanded == NULL) {
		return -ENOMEM;
	}
	netascii_expand(expanded, *bytes, (size_t)*size);
	free(*bytes);
	*bytes = expanded;
	*size = len;
	return 0;
}

static int
load(int fd, const struct cache_object *object, enum tftp_mode mode, struct image **ret)
{
	uint64_t size = object->size;
	struct image *image = calloc(1, sizeof(*image));
	uint8_t *bytes = malloc(size > 0 ? (size_t)size : 1);
	int err = image == NULL || bytes == NULL ? -ENOMEM
						 : read_whole(fd, bytes, (size_t)size);
	if (err == 0 && !cache_object_is(object, bytes, (size_t)size)) {
		err = ERR_CHECKSUM;
	}
	if (err == 0 && mode == TFTP_NETASCII) {
		err = expand(&bytes, &size);
	}
	if (err != 0) {
		free(bytes);
		free(image);
		return err;
	}
	image->bytes = bytes;
	image->size = size;
	image->mode = mode;
	memcpy(image->sha256, object->sha256, sizeof(image->sha256));
	*ret = image;
	return 0;
}

int
images_get(struct images *images, int fd, const struct cache_object *object,
    enum tftp_mode mode, struct image **ret)
{
	struct image *image = find(images, object, mode);
	if (image == NULL) {
		/* Netascii at most doubles, and is read beside its source. */
		uint64_t most = mode == TFTP_NETASCII ? 3 : 1;
		if (object->size > (images->budget - images->used) / most) {
			return ERR_FULL;
		}
		int err = load(fd, object, mode, &image);
		if (err != 0) {
			return err;
		}
		images->used += image->size;
		image->next = images->first;
		images->first = image;
	}
	*ret = image_share(image);
	return 0;
}

struct image *
image_share(struct image *image)
{
	image->users++;
	return image;
}

void
image_put(struct image *image)
{
	if (image != NULL) {
		image->users--;
	}
}

void
images_sweep(struct images *images)
{
	struct image **link = &images->first;
	while (*link != NULL) {
		struct image *image = *link;
		if (image->users > 0) {
			link = &image->next;
			continue;
		}
		*link = image->next;
		images->used -= image->size;
		image_free(image);
	}
}
