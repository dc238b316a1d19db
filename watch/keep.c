/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/keep.h"

#include "lib/base/hex.h"
#include "lib/cache/looks.h"

#include <errno.h>
#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert((int)CACHE_SHA256_LEN == (int)DB_DIGEST_LEN, "one hash in both rooms");

enum {
	SOURCES_MAX =
	    2 * DB_SERVERS_MAX, /* of a file: those of servers that left, too */
	/* Different copies that one is compared with, and the largest that is: servers that mean
	 * us ill shall not have us read for long. */
	PREFIXES_MAX = 16,
	PREFIX_MAX = 64 << 20, /* bytes */
	HEX_SHOWN = 16,        /* digits of a hash, for people */
};

struct keep {
	struct cache *cache;
	struct cache_stage *stage;
	int cache_err;
	bool has_held; /* the cache held this when the file began to come */
	struct cache_object held;
	struct sha256_ctx sha256;
	struct looks looks;
};

static struct cache_key
key_of(const struct target *target)
{
	return (struct cache_key){target->farm, target->addr, target->file};
}

int
keep_new(struct cache *cache, const struct target *target, bool expects_change,
    struct keep **ret)
{
	const struct cache_key key = key_of(target);
	struct keep *keep = calloc(1, sizeof(*keep));
	if (keep == NULL) {
		return -ENOMEM;
	}
	keep->cache = cache;
	sha256_init(&keep->sha256);
	looks_begin(&keep->looks, target->file);
	if (cache != NULL && target->publishes) {
		keep->has_held = cache_object_open(cache, &key, NULL, &keep->held) == 0;
		if (!keep->has_held || expects_change) {
			keep->cache_err = cache_stage_new(cache, &keep->stage);
		}
	}
	*ret = keep;
	return 0;
}

void
keep_free(struct keep *keep)
{
	if (keep != NULL) {
		cache_stage_free(keep->stage);
		free(keep);
	}
}

void
keep_bytes(struct keep *keep, const void *bytes, size_t len)
{
	sha256_update(&keep->sha256, len, bytes);
	looks_bytes(&keep->looks, bytes, len);
	if (keep->stage == NULL) {
		return;
	}
	keep->cache_err = cache_stage_write(keep->stage, bytes, len);
	if (keep->cache_err != 0) {
		cache_stage_free(keep->stage);
		keep->stage = NULL;
	}
}

/* ---- copies that were cut off */

/* True when the first size bytes of a descriptor have this hash. */
static bool
begins_with(int fd, uint64_t size, const uint8_t sha256[static CACHE_SHA256_LEN])
{
	uint8_t chunk[65536], digest[CACHE_SHA256_LEN];
	struct sha256_ctx ctx;
	sha256_init(&ctx);
	while (size > 0) {
		ssize_t len =
		    read(fd, chunk, size < sizeof(chunk) ? size : sizeof(chunk));
		if (len <= 0) {
			return false;
		}
		sha256_update(&ctx, (size_t)len, chunk);
		size -= (uint64_t)len;
	}
	sha256_digest(&ctx, sizeof(digest), digest);
	return memcmp(digest, sha256, sizeof(digest)) == 0;
}

/* A file beside the copies of it that the cache holds. */
struct beside {
	const struct kept *kept;
	bool known;     /* one is equal */
	uint64_t whole; /* the size of one that it is the beginning of, or 0 */
	unsigned seen_count;
	uint8_t seen[PREFIXES_MAX][CACHE_SHA256_LEN];
};

/* Servers mostly hold equal copies: each is read once, and not more than so many. */
static bool
is_seen(struct beside *b, const uint8_t sha256[static CACHE_SHA256_LEN])
{
	for (unsigned i = 0; i < b->seen_count; i++) {
		if (memcmp(b->seen[i], sha256, CACHE_SHA256_LEN) == 0) {
			return true;
		}
	}
	if (b->seen_count == PREFIXES_MAX) {
		return true;
	}
	memcpy(b->seen[b->seen_count++], sha256, CACHE_SHA256_LEN);
	return false;
}

static void
compare(struct beside *b, const struct cache *cache, const struct cache_key *key)
{
	struct cache_object object;
	int fd;
	if (cache_object_open(cache, key, &fd, &object) != 0) {
		return;
	}
	if (memcmp(object.sha256, b->kept->sha256, CACHE_SHA256_LEN) == 0) {
		b->known = true;
	} else if (object.size > b->kept->size && !is_seen(b, object.sha256) &&
	    begins_with(fd, b->kept->size, b->kept->sha256)) {
		b->whole = object.size;
	}
	(void)close(fd);
}

/* The size of the file that this one is the beginning of; 0 when there is none. A copy that the
 * cache holds as it is was judged before: a longer one beside it, with something appended, does
 * not make it wrong. */
static uint64_t
cut_from(const struct keep *keep, const struct target *target, const struct kept *kept)
{
	struct cache_key key = key_of(target);
	struct beside beside = {.kept = kept};
	uint32_t sources[SOURCES_MAX];
	size_t count = 0;
	if (keep->cache == NULL || kept->size > PREFIX_MAX ||
	    cache_sources(
		keep->cache, key.farm, key.file, sources, SOURCES_MAX, &count) != 0) {
		return 0;
	}
	for (size_t i = 0; i < count && !beside.known; i++) {
		key.source = sources[i];
		compare(&beside, keep->cache, &key);
	}
	return beside.known ? 0 : beside.whole;
}

/* ---- the judgement */

static bool
is_held(const struct keep *keep, const struct kept *kept)
{
	return keep->has_held && keep->held.size == kept->size &&
	    memcmp(keep->held.sha256, kept->sha256, CACHE_SHA256_LEN) == 0;
}

static void
say_pinned(struct kept *kept, const uint8_t pin[static DB_DIGEST_LEN])
{
	char is[HEX_SHA256_TEXT], pinned[HEX_SHA256_TEXT];
	(void)snprintf(kept->why, sizeof(kept->why),
	    "its SHA-256 is %.*s..., pinned is %.*s...", HEX_SHOWN,
	    hex_format(is, kept->sha256, sizeof(kept->sha256)), HEX_SHOWN,
	    hex_format(pinned, pin, DB_DIGEST_LEN));
}

/* What says most of the cause comes first. */
static void
judge(const struct keep *keep, const struct target *target, struct kept *kept)
{
	const char *wrong = looks_wrong(&keep->looks);
	uint64_t whole =
	    kept->size == 0 || is_held(keep, kept) ? 0 : cut_from(keep, target, kept);
	if (whole > 0) {
		(void)snprintf(kept->why, sizeof(kept->why),
		    "it is cut off: %" PRIu64 " of %" PRIu64 " bytes", kept->size,
		    whole);
	} else if (wrong != NULL) {
		(void)snprintf(kept->why, sizeof(kept->why), "%s", wrong);
	} else if (target->has_pin &&
	    memcmp(kept->sha256, target->pin, sizeof(target->pin)) != 0) {
		say_pinned(kept, target->pin);
	} else {
		kept->good = true;
	}
}

static void
publish(struct keep *keep, const struct target *target, struct kept *kept)
{
	const struct cache_key key = key_of(target);
	kept->cache_err = keep->cache_err;
	if (keep->stage != NULL) {
		kept->cache_err = cache_stage_publish(keep->stage, &key, NULL);
		keep->stage = NULL;
		kept->is_new = kept->cache_err == 0;
	} else if (keep->cache_err == 0) {
		kept->again = true;
	}
}

void
keep_end(struct keep *keep, const struct target *target, struct kept *ret)
{
	struct kept kept = {.size = keep->looks.size};
	sha256_digest(&keep->sha256, sizeof(kept.sha256), kept.sha256);
	judge(keep, target, &kept);
	if (kept.good && keep->cache != NULL && target->publishes &&
	    !is_held(keep, &kept)) {
		publish(keep, target, &kept);
	}
	keep_free(keep);
	*ret = kept;
}
