/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/cache/cache.h"

/* The cache's folders, for cache.c and publish.c alone. Functions return 0, ERR_NOTFOUND,
 * ERR_ACCESS, or a negated errno, unless they say otherwise. */

struct cache {
	int root_fd;
	uint64_t staged; /* bytes on their way in, by this handle */
};

/* Where a name's symlink leads; the hash in hex follows. */
#define FOLDER_TARGET "../../../objects/"

enum {
	FOLDER_NAME_MAX = 63, /* bytes of any name of ours */
	FOLDER_TARGET_LEN = sizeof(FOLDER_TARGET) - 1 + 2 * CACHE_SHA256_LEN,
};

/* The code for an errno. */
int folder_error(int err);

/* Opens path below dir_fd, following no link. */
int folder_open(int dir_fd, const char *path, int flags, int *ret_fd)
    __attribute__((warn_unused_result));

/* How name is really written in the folder: itself where it is there, else the entry that
 * differs in case alone. */
int folder_find(int dir_fd, const char *name, char ret[static FOLDER_NAME_MAX + 1])
    __attribute__((warn_unused_result));

/* The names of a folder that may be ours, in byte order. */
struct folder_names {
	size_t count;
	char (*name)[FOLDER_NAME_MAX + 1];
};
int folder_list(int dir_fd, struct folder_names *ret)
    __attribute__((warn_unused_result));
void folder_names_done(struct folder_names *names);

/* Opens farms/FARM, whatever FARM's case; and SOURCE in it. */
int folder_open_farm(const struct cache *cache, const char *farm, int *ret_fd)
    __attribute__((warn_unused_result));
int folder_open_source(int farm_fd, uint32_t source, int *ret_fd)
    __attribute__((warn_unused_result));

/* The hash that the symlink called file names; ERR_NOTFOUND when it is no such link. */
int folder_read_link(int dir_fd, const char *file, uint8_t ret[static CACHE_SHA256_LEN])
    __attribute__((warn_unused_result));
