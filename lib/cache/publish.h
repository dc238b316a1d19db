/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/cache/cache.h"

/* The bootstrap cache's writing side. Several processes may write: names change under a lock on
 * the folder, which is never held while bytes are copied. A crash at any point leaves each name
 * as it was or as it shall be; what lies half written is no name and is swept up later. */

enum {
	CACHE_OBJECT_MAX = 1 << 30, /* bytes of one file */
	/* Bytes on their way in by one handle: servers that send without end at the same time
	 * shall not fill the disk. */
	CACHE_STAGED_MAX = CACHE_OBJECT_MAX,
};

/* Opens the cache in folder dir, made where it is missing (its parent must be there): folders
 * 2770 and objects 0440 whatever the umask; as root, owner and group become pvsboot where that
 * user exists. What killed writers left is swept up. Returns as cache_open(). */
int cache_create(const char *dir, struct cache **ret)
    __attribute__((warn_unused_result));

/* A file on its way in: written piece by piece, hashed on the way, and named only when whole. */
struct cache_stage;

/* Begins. The cache must outlive the stage. Returns 0, ERR_ACCESS or a negated errno. */
int cache_stage_new(struct cache *cache, struct cache_stage **ret)
    __attribute__((warn_unused_result));

/* Gives up: nothing stays behind. NULL is fine. */
void cache_stage_free(struct cache_stage *stage);

/* Appends. Returns 0, ERR_ROOM (over CACHE_OBJECT_MAX), -EDQUOT (over CACHE_STAGED_MAX with the
 * others), or a negated errno. */
int cache_stage_write(struct cache_stage *stage, const void *bytes, size_t len)
    __attribute__((warn_unused_result));

/* Makes key lead to what was written, on disk before it returns, in place of what it led to.
 * Frees the stage in any case. Returns 0, ERR_MALFORMED (farm or file is no name),
 * ERR_ACCESS, or a negated errno. */
int cache_stage_publish(struct cache_stage *stage, const struct cache_key *key,
    struct cache_object *ret) __attribute__((warn_unused_result));

/* The same in one step: all that fd gives until its end, or len bytes. */
int cache_publish_fd(struct cache *cache, const struct cache_key *key, int fd,
    struct cache_object *ret) __attribute__((warn_unused_result));
int cache_publish_bytes(struct cache *cache, const struct cache_key *key,
    const void *bytes, size_t len, struct cache_object *ret)
    __attribute__((warn_unused_result));

/* Forgets a name, and its object when no other name leads there. Returns 0, ERR_NOTFOUND,
 * ERR_ACCESS, or a negated errno. */
int cache_remove(struct cache *cache, const struct cache_key *key)
    __attribute__((warn_unused_result));
