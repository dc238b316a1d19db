/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bootstrap cache, as its readers see it:
 *
 *     objects/SHA256               a file's bytes, never changed once there
 *     farms/FARM/SOURCE/FILE  ->   ../../../objects/SHA256
 *
 * SOURCE is the address of the server that the copy came from, or "manual". The folder is the
 * only index; whatever else lies in it is not ours and is passed over. Farms and files are
 * looked up without regard to case. Readers take no lock, and each name leads to one whole
 * object or to none at every instant. */
struct cache;

enum {
	CACHE_FARM_MAX = 32, /* bytes of a farm name */
	CACHE_FILE_MAX = 63, /* bytes of a file name */
	CACHE_SHA256_LEN = 32,
	CACHE_MANUAL =
	    0, /* the source of what a person published: it wins over servers */
	CACHE_SOURCE_TEXT = 16,
};

/* One name of the cache. */
struct cache_key {
	const char *farm;
	uint32_t source; /* a server's address in host order, or CACHE_MANUAL */
	const char *file;
};

/* What a name leads to. Equal hashes are equal bytes: readers may share one descriptor. */
struct cache_object {
	uint8_t sha256[CACHE_SHA256_LEN];
	uint64_t size; /* bytes */
};

/* Opens the cache in folder dir. Returns 0, ERR_NOTFOUND (no such folder), ERR_ACCESS, or a
 * negated errno. cache_close() takes *ret. */
int cache_open(const char *dir, struct cache **ret) __attribute__((warn_unused_result));
void cache_close(struct cache *cache); /* NULL is fine */

/* True while dir still leads to the folder that was opened; and while that has the parts which
 * cache_create() makes. For who keeps a cache open for long. */
bool cache_is_at(const struct cache *cache, const char *dir);
bool cache_is_made(const struct cache *cache);

/* A number that is another one when a name came, went or leads elsewhere: for who reads all
 * names again only then. Two changes within a few milliseconds may count as one. */
uint64_t cache_stamp(const struct cache *cache);

/* The sources that hold FILE of FARM, in ascending order, so that CACHE_MANUAL comes first.
 * Returns 0 with 1..room of them, ERR_NOTFOUND (none, or a name that cannot be), ERR_ROOM
 * (more than room), ERR_ACCESS, or a negated errno; outputs are then undefined. */
int cache_sources(const struct cache *cache, const char *farm, const char *file,
    uint32_t *ret, size_t room, size_t *ret_count) __attribute__((warn_unused_result));

/* Opens the object of a name for reading: a regular file, not followed out of the cache.
 * Returns 0 with a descriptor that the caller closes, ERR_NOTFOUND, ERR_ACCESS, ERR_MALFORMED
 * (the object is no regular file), or a negated errno. Either output may be NULL. */
int cache_object_open(const struct cache *cache, const struct cache_key *key,
    int *ret_fd, struct cache_object *ret) __attribute__((warn_unused_result));

/* True when these bytes are the object's: of its size, and with its hash. */
bool cache_object_is(const struct cache_object *object, const void *bytes, size_t len);

/* Calls visit for each name with its object, in order of farm, source and file, until it
 * returns non-zero, which is then returned. The key's texts are borrowed for the call. */
typedef int cache_visit(
    void *ctx, const struct cache_key *key, const struct cache_object *object);
int cache_list(const struct cache *cache, cache_visit *visit, void *ctx)
    __attribute__((warn_unused_result));

/* The source as the folder's name says it ("manual", "10.1.0.11"); returns dst. */
char *cache_source_format(uint32_t source, char dst[static CACHE_SOURCE_TEXT]);
