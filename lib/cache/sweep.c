/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/cache/sweep.h"

#include "lib/base/err.h"
#include "lib/base/hex.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { STAGE_STALE_S = 3600 };

static int
is_same_object(
    void *ctx, const struct cache_key *key, const struct cache_object *object)
{
	(void)key;
	return memcmp(ctx, object->sha256, CACHE_SHA256_LEN) == 0 ? ERR_EXISTS : 0;
}

void
sweep_object(const struct cache *cache, uint8_t sha256[static CACHE_SHA256_LEN])
{
	char path[sizeof("objects/") - 1 + HEX_SHA256_TEXT] = "objects/";
	hex_format(path + strlen(path), sha256, CACHE_SHA256_LEN);
	if (cache_list(cache, is_same_object, sha256) == 0) {
		(void)unlinkat(cache->root_fd, path, 0);
	}
}

/* Removes each file among the objects that goes(ctx, objects_fd, name). */
typedef bool sweep_goes(void *ctx, int objects_fd, const char *name);

static void
sweep_folder(const struct cache *cache, sweep_goes *goes, void *ctx)
{
	int fd;
	if (folder_open(cache->root_fd, "objects", O_RDONLY | O_DIRECTORY, &fd) != 0) {
		return;
	}
	DIR *stream = fdopendir(fd);
	if (stream == NULL) {
		(void)close(fd);
		return;
	}
	const struct dirent *entry;
	while ((entry = readdir(stream)) != NULL) {
		if (goes(ctx, fd, entry->d_name)) {
			(void)unlinkat(fd, entry->d_name, 0);
		}
	}
	(void)closedir(stream);
}

/* The name says which process writes, or wrote. All that share a cache share their PIDs too. */
static bool
is_dead_writers(const char *stage)
{
	long pid = strtol(stage + strlen(SWEEP_STAGE), NULL, 10);
	return pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

static bool
is_stale_stage(void *ctx, int objects_fd, const char *name)
{
	struct stat st;
	(void)ctx;
	return strncmp(name, SWEEP_STAGE, strlen(SWEEP_STAGE)) == 0 &&
	    (is_dead_writers(name) ||
		(fstatat(objects_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    time(NULL) - st.st_mtime > STAGE_STALE_S));
}

void
sweep_stages(const struct cache *cache)
{
	sweep_folder(cache, is_stale_stage, NULL);
}

/* ---- objects without a name */

struct named {
	size_t count, room;
	uint8_t (*sha256)[CACHE_SHA256_LEN];
};

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, CACHE_SHA256_LEN);
}

static int
add_named(void *ctx, const struct cache_key *key, const struct cache_object *object)
{
	struct named *named = ctx;
	(void)key;
	if (named->count == named->room) {
		size_t room = named->room == 0 ? 64 : 2 * named->room;
		void *grown = reallocarray(named->sha256, room, sizeof(*named->sha256));
		if (grown == NULL) {
			return -ENOMEM;
		}
		named->sha256 = grown;
		named->room = room;
	}
	memcpy(named->sha256[named->count++], object->sha256, CACHE_SHA256_LEN);
	return 0;
}

static bool
is_unnamed_object(void *ctx, int objects_fd, const char *name)
{
	const struct named *named = ctx;
	uint8_t sha256[CACHE_SHA256_LEN];
	(void)objects_fd;
	return hex_parse(name, sha256, sizeof(sha256)) == 0 &&
	    (named->count == 0 ||
		bsearch(sha256, named->sha256, named->count, sizeof(*named->sha256),
		    by_bytes) == NULL);
}

void
sweep_all(const struct cache *cache)
{
	struct named named = {0};
	sweep_stages(cache);
	if (cache_list(cache, add_named, &named) == 0) {
		if (named.count > 0) {
			qsort(
			    named.sha256, named.count, sizeof(*named.sha256), by_bytes);
		}
		sweep_folder(cache, is_unnamed_object, &named);
	}
	free(named.sha256);
}
