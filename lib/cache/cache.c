/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/cache/cache.h"

#include "lib/base/err.h"
#include "lib/base/hex.h"
#include "lib/base/ip4.h"
#include "lib/base/siphash.h"
#include "lib/cache/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN_ATTEMPTS = 16 };

int
cache_open(const char *dir, struct cache **ret)
{
	struct cache *cache = calloc(1, sizeof(*cache));
	if (cache == NULL) {
		return -ENOMEM;
	}
	cache->root_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cache->root_fd < 0) {
		int err = folder_error(errno);
		free(cache);
		return err;
	}
	*ret = cache;
	return 0;
}

void
cache_close(struct cache *cache)
{
	if (cache != NULL) {
		(void)close(cache->root_fd);
		free(cache);
	}
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool
cache_is_at(const struct cache *cache, const char *dir)
{
	struct stat opened;
	struct stat there;
	return fstat(cache->root_fd, &opened) == 0 && stat(dir, &there) == 0 &&
	    is_same(&opened, &there);
}

bool
cache_is_made(const struct cache *cache)
{
	return faccessat(cache->root_fd, "objects", F_OK, 0) == 0 &&
	    faccessat(cache->root_fd, "farms", F_OK, 0) == 0;
}

/* ---- the stamp: a folder's time tells when a name in it changed */

static void
stamp_mix(uint64_t *stamp, const struct stat *st)
{
	const uint64_t parts[] = {*stamp, st->st_ino, (uint64_t)st->st_mtim.tv_sec,
	    (uint64_t)st->st_mtim.tv_nsec};
	*stamp = siphash24(parts, sizeof(parts));
}

/* A folder and, where their names are of farms, those in it; farther down only the folders'
 * own times matter, and nothing is opened for them. */
static void
stamp_folder(int dir_fd, const char *name, bool has_farms, uint64_t *stamp)
{
	struct folder_names names;
	struct stat st;
	int fd;
	if (folder_open(dir_fd, name, O_RDONLY | O_DIRECTORY, &fd) != 0) {
		return;
	}
	if (fstat(fd, &st) == 0) {
		stamp_mix(stamp, &st);
	}
	if (folder_list(fd, &names) == 0) {
		for (size_t i = 0; i < names.count; i++) {
			if (has_farms) {
				stamp_folder(fd, names.name[i], false, stamp);
			} else if (fstatat(fd, names.name[i], &st,
				       AT_SYMLINK_NOFOLLOW) == 0) {
				stamp_mix(stamp, &st);
			}
		}
		folder_names_done(&names);
	}
	(void)close(fd);
}

uint64_t
cache_stamp(const struct cache *cache)
{
	uint64_t stamp = 0;
	stamp_folder(cache->root_fd, "farms", true, &stamp);
	return stamp;
}

char *
cache_source_format(uint32_t source, char dst[static CACHE_SOURCE_TEXT])
{
	_Static_assert(
	    (int)CACHE_SOURCE_TEXT == (int)IP4_TEXT, "an address is the longest");
	if (source == CACHE_MANUAL) {
		return strcpy(dst, "manual");
	}
	return ip4_format(source, dst);
}

static int
source_parse(const char *name, uint32_t *ret)
{
	if (strcmp(name, "manual") == 0) {
		*ret = CACHE_MANUAL;
		return 0;
	}
	int err = ip4_parse(name, ret);
	return err == 0 && *ret == CACHE_MANUAL ? ERR_MALFORMED : err;
}

static int
by_number(const void *a, const void *b)
{
	const uint32_t *left = a;
	const uint32_t *right = b;
	return (*left > *right) - (*left < *right);
}

/* Every source folder of a farm, ascending; the caller frees *ret. */
static int
list_sources(int farm_fd, uint32_t **ret, size_t *ret_count)
{
	struct folder_names names;
	size_t count = 0;
	int err = folder_list(farm_fd, &names);
	if (err != 0) {
		return err;
	}
	uint32_t *sources = calloc(names.count + 1, sizeof(*sources));
	if (sources == NULL) {
		err = -ENOMEM;
		goto out;
	}
	for (size_t i = 0; i < names.count; i++) {
		count += source_parse(names.name[i], &sources[count]) == 0;
	}
	qsort(sources, count, sizeof(*sources), by_number);
	*ret = sources;
	*ret_count = count;
out:
	folder_names_done(&names);
	return err;
}

static int
source_holds(int farm_fd, uint32_t source, const char *file)
{
	char name[FOLDER_NAME_MAX + 1];
	uint8_t sha256[CACHE_SHA256_LEN];
	int fd;
	int err = folder_open_source(farm_fd, source, &fd);
	if (err != 0) {
		return err;
	}
	err = folder_find(fd, file, name);
	if (err == 0) {
		err = folder_read_link(fd, name, sha256);
	}
	(void)close(fd);
	return err;
}

int
cache_sources(const struct cache *cache, const char *farm, const char *file,
    uint32_t *ret, size_t room, size_t *ret_count)
{
	uint32_t *sources = NULL;
	size_t source_count = 0;
	size_t count = 0;
	int farm_fd;
	int err = folder_open_farm(cache, farm, &farm_fd);
	if (err != 0) {
		return err;
	}
	err = list_sources(farm_fd, &sources, &source_count);
	for (size_t i = 0; err == 0 && i < source_count; i++) {
		int held = source_holds(farm_fd, sources[i], file);
		if (held == 0 && count < room) {
			ret[count++] = sources[i];
		} else if (held != ERR_NOTFOUND) {
			err = held == 0 ? ERR_ROOM : held;
		}
	}
	if (err == 0 && count == 0) {
		err = ERR_NOTFOUND;
	}
	if (err == 0) {
		*ret_count = count;
	}
	free(sources);
	(void)close(farm_fd);
	return err;
}

/* Opens objects/SHA256 and makes sure that it is a regular file. */
static int
open_object(const struct cache *cache, const uint8_t sha256[static CACHE_SHA256_LEN],
    int *ret_fd, struct cache_object *ret)
{
	char path[sizeof("objects/") + 2 * CACHE_SHA256_LEN] = "objects/";
	struct stat st;
	int fd;
	hex_format(path + strlen(path), sha256, CACHE_SHA256_LEN);
	/* Not to hang on a FIFO that somebody put there. */
	int err = folder_open(cache->root_fd, path, O_RDONLY | O_NONBLOCK, &fd);
	if (err != 0) {
		return err;
	}
	if (fstat(fd, &st) != 0) {
		err = -errno;
	} else if (!S_ISREG(st.st_mode)) {
		err = ERR_MALFORMED;
	}
	if (err != 0) {
		(void)close(fd);
		return err;
	}
	memcpy(ret->sha256, sha256, sizeof(ret->sha256));
	ret->size = (uint64_t)st.st_size;
	*ret_fd = fd;
	return 0;
}

/* What the symlink called file in source_fd leads to. */
static int
open_named(const struct cache *cache, int source_fd, const char *file, int *ret_fd,
    struct cache_object *ret)
{
	char name[FOLDER_NAME_MAX + 1];
	uint8_t sha256[CACHE_SHA256_LEN];
	int err = folder_find(source_fd, file, name);
	if (err != 0) {
		return err;
	}
	err = folder_read_link(source_fd, name, sha256);
	if (err != 0) {
		return err;
	}
	return open_object(cache, sha256, ret_fd, ret);
}

int
cache_object_open(const struct cache *cache, const struct cache_key *key, int *ret_fd,
    struct cache_object *ret)
{
	struct cache_object object;
	int farm_fd;
	int source_fd;
	int fd = -1;
	int err = folder_open_farm(cache, key->farm, &farm_fd);
	if (err != 0) {
		return err;
	}
	err = folder_open_source(farm_fd, key->source, &source_fd);
	(void)close(farm_fd);
	if (err != 0) {
		return err;
	}
	/* A writer may replace the name and sweep up its object between our two steps, but
	 * hardly each time. */
	err = ERR_NOTFOUND;
	for (unsigned i = 0; err == ERR_NOTFOUND && i < OPEN_ATTEMPTS; i++) {
		err = open_named(cache, source_fd, key->file, &fd, &object);
	}
	(void)close(source_fd);
	if (err != 0) {
		return err;
	}
	if (ret_fd != NULL) {
		*ret_fd = fd;
	} else {
		(void)close(fd);
	}
	if (ret != NULL) {
		*ret = object;
	}
	return 0;
}

bool
cache_object_is(const struct cache_object *object, const void *bytes, size_t len)
{
	struct sha256_ctx ctx;
	uint8_t digest[CACHE_SHA256_LEN];
	sha256_init(&ctx);
	sha256_update(&ctx, len, bytes);
	sha256_digest(&ctx, sizeof(digest), digest);
	return len == object->size &&
	    memcmp(digest, object->sha256, sizeof(digest)) == 0;
}

struct walk {
	const struct cache *cache;
	cache_visit *visit;
	void *ctx;
};

/* What vanishes while we walk was not there. */
static int
unless_gone(int err)
{
	return err == ERR_NOTFOUND ? 0 : err;
}

static int
walk_files(const struct walk *walk, const char *farm, uint32_t source,
    const struct folder_names *files)
{
	for (size_t i = 0; i < files->count; i++) {
		const struct cache_key key = {farm, source, files->name[i]};
		struct cache_object object;
		int err = cache_object_open(walk->cache, &key, NULL, &object);
		if (err == 0) {
			err = walk->visit(walk->ctx, &key, &object);
		} else {
			err = unless_gone(err);
		}
		if (err != 0) {
			return err;
		}
	}
	return 0;
}

static int
walk_source(const struct walk *walk, int farm_fd, const char *farm, uint32_t source)
{
	struct folder_names files;
	int fd;
	int err = folder_open_source(farm_fd, source, &fd);
	if (err != 0) {
		return unless_gone(err);
	}
	err = folder_list(fd, &files);
	(void)close(fd);
	if (err != 0) {
		return unless_gone(err);
	}
	err = walk_files(walk, farm, source, &files);
	folder_names_done(&files);
	return err;
}

static int
walk_farm(const struct walk *walk, const char *farm)
{
	uint32_t *sources = NULL;
	size_t count = 0;
	int fd;
	int err = folder_open_farm(walk->cache, farm, &fd);
	if (err != 0) {
		return unless_gone(err);
	}
	err = unless_gone(list_sources(fd, &sources, &count));
	for (size_t i = 0; err == 0 && i < count; i++) {
		err = walk_source(walk, fd, farm, sources[i]);
	}
	free(sources);
	(void)close(fd);
	return err;
}

int
cache_list(const struct cache *cache, cache_visit *visit, void *ctx)
{
	const struct walk walk = {cache, visit, ctx};
	struct folder_names farms;
	int fd;
	int err = folder_open(cache->root_fd, "farms", O_RDONLY | O_DIRECTORY, &fd);
	if (err != 0) {
		return unless_gone(err);
	}
	err = folder_list(fd, &farms);
	(void)close(fd);
	if (err != 0) {
		return unless_gone(err);
	}
	for (size_t i = 0; err == 0 && i < farms.count; i++) {
		err = walk_farm(&walk, farms.name[i]);
	}
	folder_names_done(&farms);
	return err;
}
