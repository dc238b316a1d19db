/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/cache/publish.h"

#include "lib/base/err.h"
#include "lib/base/hex.h"
#include "lib/base/text.h"
#include "lib/cache/folder.h"
#include "lib/cache/sweep.h"
#include "lib/own/own.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STAGE_NAME_MAX = 47 };

#define LINK_STAGE ".new"

struct cache_stage {
	struct cache *cache;
	int objects_fd;
	int fd;
	char name[STAGE_NAME_MAX + 1];
	struct sha256_ctx sha256;
	uint64_t size;
};

/* One writer at a time changes names. The lock ends when *ret_fd is closed. */
static int
lock_names(const struct cache *cache, int how, int *ret_fd)
{
	int fd;
	int err = folder_open(cache->root_fd, ".", O_RDONLY | O_DIRECTORY, &fd);
	if (err != 0) {
		return err;
	}
	while (flock(fd, how) != 0) {
		if (errno != EINTR) {
			err = -errno;
			(void)close(fd);
			return err;
		}
	}
	*ret_fd = fd;
	return 0;
}

/* Another writer that is at it just now leaves it for the next start. */
static void
sweep(const struct cache *cache)
{
	int lock_fd;
	if (lock_names(cache, LOCK_EX | LOCK_NB, &lock_fd) == 0) {
		sweep_all(cache);
		(void)close(lock_fd);
	}
}

int
cache_create(const char *dir, struct cache **ret)
{
	static const char *const parts[] = {"objects", "farms"};
	struct cache *cache = NULL;
	int err = own_folder(dir);
	if (err == 0) {
		err = cache_open(dir, &cache);
	}
	for (size_t i = 0; err == 0 && i < sizeof(parts) / sizeof(parts[0]); i++) {
		int fd;
		err = own_folder_at(cache->root_fd, parts[i], &fd);
		if (err == 0) {
			(void)close(fd);
		}
	}
	if (err != 0) {
		cache_close(cache);
		return err;
	}
	sweep(cache);
	*ret = cache;
	return 0;
}

/* Creates the file under a name that no other writer has. */
static int
stage_create(struct cache_stage *stage)
{
	for (unsigned i = 0;; i++) {
		(void)snprintf(stage->name, sizeof(stage->name), SWEEP_STAGE "%ld-%u",
		    (long)getpid(), i);
		stage->fd = openat(stage->objects_fd, stage->name,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
		if (stage->fd >= 0) {
			return 0;
		}
		if (errno != EEXIST) {
			return folder_error(errno);
		}
	}
}

int
cache_stage_new(struct cache *cache, struct cache_stage **ret)
{
	struct cache_stage *stage = calloc(1, sizeof(*stage));
	if (stage == NULL) {
		return -ENOMEM;
	}
	stage->cache = cache;
	stage->fd = -1;
	sha256_init(&stage->sha256);
	int err = folder_open(
	    cache->root_fd, "objects", O_RDONLY | O_DIRECTORY, &stage->objects_fd);
	if (err != 0) {
		stage->objects_fd = -1;
		goto out;
	}
	err = stage_create(stage);
out:
	if (err != 0) {
		cache_stage_free(stage);
		return err;
	}
	*ret = stage;
	return 0;
}

void
cache_stage_free(struct cache_stage *stage)
{
	if (stage == NULL) {
		return;
	}
	stage->cache->staged -= stage->size;
	if (stage->fd >= 0) {
		(void)close(stage->fd);
		if (stage->name[0] != '\0') {
			(void)unlinkat(stage->objects_fd, stage->name, 0);
		}
	}
	if (stage->objects_fd >= 0) {
		(void)close(stage->objects_fd);
	}
	free(stage);
}

int
cache_stage_write(struct cache_stage *stage, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	if (len > CACHE_OBJECT_MAX - stage->size) {
		return ERR_ROOM;
	}
	if (len > CACHE_STAGED_MAX - stage->cache->staged) {
		return -EDQUOT;
	}
	sha256_update(&stage->sha256, len, bytes);
	stage->size += len;
	stage->cache->staged += len;
	while (len > 0) {
		ssize_t done = write(stage->fd, p, len);
		if (done < 0 && errno != EINTR) {
			return folder_error(errno);
		}
		if (done > 0) {
			p += done;
			len -= (size_t)done;
		}
	}
	return 0;
}

/* Gives the staged file its name of an object. Where that object is there already, this one has
 * the bytes that it should have. */
static int
place_object(struct cache_stage *stage, const struct cache_object *object)
{
	char name[2 * CACHE_SHA256_LEN + 1];
	hex_format(name, object->sha256, CACHE_SHA256_LEN);
	if (renameat(stage->objects_fd, stage->name, stage->objects_fd, name) != 0) {
		return folder_error(errno);
	}
	stage->name[0] = '\0';
	return fsync(stage->objects_fd) == 0 ? 0 : -errno;
}

/* Points name at the object by a rename, so that it is at no time absent. */
static int
place_link(int source_fd, const char *name, const struct cache_object *object)
{
	char target[FOLDER_TARGET_LEN + 1] = FOLDER_TARGET;
	hex_format(target + strlen(target), object->sha256, CACHE_SHA256_LEN);
	(void)unlinkat(source_fd, LINK_STAGE, 0); /* what a killed writer left */
	if (symlinkat(target, source_fd, LINK_STAGE) != 0 ||
	    renameat(source_fd, LINK_STAGE, source_fd, name) != 0) {
		return folder_error(errno);
	}
	return fsync(source_fd) == 0 ? 0 : -errno;
}

/* Opens farms/FARM/SOURCE, made where it is missing; FARM keeps the case that it has. */
static int
make_source(const struct cache *cache, const struct cache_key *key, int *ret_fd)
{
	char farm[FOLDER_NAME_MAX + 1];
	char source[CACHE_SOURCE_TEXT];
	int farms_fd;
	int farm_fd = -1;
	int err = own_folder_at(cache->root_fd, "farms", &farms_fd);
	if (err != 0) {
		return err;
	}
	err = folder_find(farms_fd, key->farm, farm);
	if (err == ERR_NOTFOUND) {
		(void)stpcpy(farm, key->farm);
		err = 0;
	}
	if (err == 0) {
		err = own_folder_at(farms_fd, farm, &farm_fd);
	}
	(void)close(farms_fd);
	if (err != 0) {
		return err;
	}
	err = own_folder_at(farm_fd, cache_source_format(key->source, source), ret_fd);
	(void)close(farm_fd);
	return err;
}

/* Under the lock: the object first, then the name, then what the name led to before. */
static int
stage_place(struct cache_stage *stage, const struct cache_key *key,
    const struct cache_object *object)
{
	char before[FOLDER_NAME_MAX + 1];
	uint8_t replaced[CACHE_SHA256_LEN];
	int source_fd;
	int err = make_source(stage->cache, key, &source_fd);
	if (err != 0) {
		return err;
	}
	bool known = folder_find(source_fd, key->file, before) == 0;
	bool linked = known && folder_read_link(source_fd, before, replaced) == 0;
	err = place_object(stage, object);
	if (err == 0) {
		err = place_link(source_fd, key->file, object);
	}
	if (err == 0 && known && strcmp(before, key->file) != 0) {
		(void)unlinkat(source_fd, before, 0);
	}
	if (err == 0 && linked &&
	    memcmp(replaced, object->sha256, CACHE_SHA256_LEN) != 0) {
		sweep_object(stage->cache, replaced);
	}
	(void)close(source_fd);
	return err;
}

int
cache_stage_publish(
    struct cache_stage *stage, const struct cache_key *key, struct cache_object *ret)
{
	struct cache_object object = {.size = stage->size};
	int lock_fd = -1;
	int err = 0;
	if (!text_is_name(key->farm, CACHE_FARM_MAX) ||
	    !text_is_name(key->file, CACHE_FILE_MAX)) {
		err = ERR_MALFORMED;
		goto out;
	}
	sha256_digest(&stage->sha256, sizeof(object.sha256), object.sha256);
	err = own_settle(stage->fd, 0440);
	if (err == 0 && fsync(stage->fd) != 0) {
		err = -errno;
	}
	if (err == 0) {
		err = lock_names(stage->cache, LOCK_EX, &lock_fd);
	}
	if (err != 0) {
		goto out;
	}
	err = stage_place(stage, key, &object);
	sweep_stages(stage->cache);
	(void)close(lock_fd);
	if (err == 0 && ret != NULL) {
		*ret = object;
	}
out:
	cache_stage_free(stage);
	return err;
}

/* Copies all that fd gives into the stage. */
static int
stage_copy(struct cache_stage *stage, int fd)
{
	uint8_t chunk[65536];
	for (;;) {
		ssize_t len = read(fd, chunk, sizeof(chunk));
		if (len == 0) {
			return 0;
		}
		if (len < 0 && errno != EINTR) {
			return -errno;
		}
		int err = len < 0 ? 0 : cache_stage_write(stage, chunk, (size_t)len);
		if (err != 0) {
			return err;
		}
	}
}

int
cache_publish_fd(
    struct cache *cache, const struct cache_key *key, int fd, struct cache_object *ret)
{
	struct cache_stage *stage;
	int err = cache_stage_new(cache, &stage);
	if (err != 0) {
		return err;
	}
	err = stage_copy(stage, fd);
	if (err != 0) {
		cache_stage_free(stage);
		return err;
	}
	return cache_stage_publish(stage, key, ret);
}

int
cache_publish_bytes(struct cache *cache, const struct cache_key *key, const void *bytes,
    size_t len, struct cache_object *ret)
{
	struct cache_stage *stage;
	int err = cache_stage_new(cache, &stage);
	if (err != 0) {
		return err;
	}
	err = cache_stage_write(stage, bytes, len);
	if (err != 0) {
		cache_stage_free(stage);
		return err;
	}
	return cache_stage_publish(stage, key, ret);
}

/* Under the lock. A source folder that this leaves empty goes too; another stays, by ENOTEMPTY. */
static int
remove_name(struct cache *cache, int farm_fd, const struct cache_key *key)
{
	char name[FOLDER_NAME_MAX + 1];
	char source[CACHE_SOURCE_TEXT];
	uint8_t sha256[CACHE_SHA256_LEN];
	int source_fd;
	int err = folder_open_source(farm_fd, key->source, &source_fd);
	if (err != 0) {
		return err;
	}
	err = folder_find(source_fd, key->file, name);
	if (err == 0) {
		err = folder_read_link(source_fd, name, sha256);
	}
	if (err == 0 && unlinkat(source_fd, name, 0) != 0) {
		err = folder_error(errno);
	}
	if (err == 0) {
		(void)fsync(source_fd);
		sweep_object(cache, sha256);
		(void)unlinkat(
		    farm_fd, cache_source_format(key->source, source), AT_REMOVEDIR);
	}
	(void)close(source_fd);
	return err;
}

int
cache_remove(struct cache *cache, const struct cache_key *key)
{
	int farm_fd;
	int lock_fd;
	int err = lock_names(cache, LOCK_EX, &lock_fd);
	if (err != 0) {
		return err;
	}
	err = folder_open_farm(cache, key->farm, &farm_fd);
	if (err == 0) {
		err = remove_name(cache, farm_fd, key);
		(void)close(farm_fd);
	}
	(void)close(lock_fd);
	return err;
}
