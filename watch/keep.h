/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/cache/publish.h"
#include "watch/target.h"

/* From a download to the cache: its bytes are hashed and looked at as they come, and staged
 * where the cache lacks them; at the end they are judged, and published by rename. */
struct keep;

/* Begins for a target. Bytes are staged when the cache (NULL: none, and nothing is to be
 * published) holds nothing for it, or holds what expects_change says will be replaced; else only
 * their hash is made. Returns 0 or -ENOMEM; a stage that cannot be had is said by keep_end(). */
int keep_new(struct cache *cache, const struct target *target, bool expects_change,
    struct keep **ret) __attribute__((warn_unused_result));
void keep_free(struct keep *keep); /* gives up; NULL is fine */

void keep_bytes(struct keep *keep, const void *bytes, size_t len);

enum { KEEP_WHY_MAX = DB_HEALTH_ERROR_MAX };
struct kept {
	bool good;                  /* the file is as it should be */
	char why[KEEP_WHY_MAX + 1]; /* what is wrong with it, or "" */
	uint8_t sha256[CACHE_SHA256_LEN];
	uint64_t size;
	bool is_new; /* the cache now holds other bytes for the target than before */
	bool again;  /* good and not in the cache, for it was not staged: fetch anew */
	int cache_err; /* why it could not be published; 0: it was, or did not have to be */
};

/* Judges and publishes the whole file, and frees keep. Wrong is what looks_wrong() says, another
 * hash than the pinned one, and a copy cut off: shorter than, and in all its bytes the beginning
 * of, what the cache holds of the same file from this server or another of the farm, where none
 * of them is just as it is (told of files up to 64 MiB). What is wrong is never published. A target that does not publish is
 * judged alike. */
void keep_end(struct keep *keep, const struct target *target, struct kept *ret);
