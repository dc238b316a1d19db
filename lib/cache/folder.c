/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/cache/folder.h"

#include "lib/base/err.h"
#include "lib/base/hex.h"
#include "lib/base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int
folder_error(int err)
{
	/* ELOOP: a symlink where we make none. */
	return err == ELOOP ? ERR_NOTFOUND : err_of_errno(err);
}

int
folder_open(int dir_fd, const char *path, int flags, int *ret_fd)
{
	const struct open_how how = {
	    .flags = (unsigned)flags | O_CLOEXEC,
	    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));
	if (fd < 0) {
		return folder_error(errno);
	}
	*ret_fd = (int)fd;
	return 0;
}

static int
open_stream(int dir_fd, DIR **ret)
{
	int fd = -1;
	int err = folder_open(dir_fd, ".", O_RDONLY | O_DIRECTORY, &fd);
	if (err != 0) {
		return err;
	}
	DIR *stream = fdopendir(fd);
	if (stream == NULL) {
		err = folder_error(errno);
		(void)close(fd);
		return err;
	}
	*ret = stream;
	return 0;
}

/* The next name that may be ours; NULL at the end and on failure, errno then says which. */
static const char *
next_name(DIR *stream)
{
	for (;;) {
		errno = 0;
		const struct dirent *entry = readdir(stream);
		if (entry == NULL) {
			return NULL;
		}
		if (text_is_name(entry->d_name, FOLDER_NAME_MAX)) {
			return entry->d_name;
		}
	}
}

static int
find_folded(int dir_fd, const char *name, char ret[static FOLDER_NAME_MAX + 1])
{
	DIR *stream;
	const char *found;
	int err = open_stream(dir_fd, &stream);
	if (err != 0) {
		return err;
	}
	do {
		found = next_name(stream);
	} while (found != NULL && text_casecmp(found, name) != 0);
	if (found != NULL) {
		(void)stpcpy(ret, found);
	} else {
		err = errno != 0 ? folder_error(errno) : ERR_NOTFOUND;
	}
	(void)closedir(stream);
	return err;
}

int
folder_find(int dir_fd, const char *name, char ret[static FOLDER_NAME_MAX + 1])
{
	struct stat st;
	if (!text_is_name(name, FOLDER_NAME_MAX)) {
		return ERR_NOTFOUND;
	}
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		(void)stpcpy(ret, name);
		return 0;
	}
	return errno == ENOENT ? find_folded(dir_fd, name, ret) : folder_error(errno);
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int
add_name(struct folder_names *names, const char *name)
{
	if ((names->count & (names->count - 1)) == 0) { /* full at each power of two */
		size_t room = names->count == 0 ? 1 : 2 * names->count;
		void *grown = reallocarray(names->name, room, sizeof(names->name[0]));
		if (grown == NULL) {
			return -ENOMEM;
		}
		names->name = grown;
	}
	(void)stpcpy(names->name[names->count], name);
	names->count++;
	return 0;
}

int
folder_list(int dir_fd, struct folder_names *ret)
{
	struct folder_names names = {0};
	DIR *stream;
	int err = open_stream(dir_fd, &stream);
	if (err != 0) {
		return err;
	}
	while (err == 0) {
		const char *name = next_name(stream);
		if (name == NULL) {
			err = errno != 0 ? folder_error(errno) : 0;
			break;
		}
		err = add_name(&names, name);
	}
	(void)closedir(stream);
	if (err != 0) {
		folder_names_done(&names);
		return err;
	}
	if (names.count > 0) {
		qsort(names.name, names.count, sizeof(names.name[0]), by_bytes);
	}
	*ret = names;
	return 0;
}

void
folder_names_done(struct folder_names *names)
{
	free(names->name);
	*names = (struct folder_names){0};
}

int
folder_open_farm(const struct cache *cache, const char *farm, int *ret_fd)
{
	char name[FOLDER_NAME_MAX + 1];
	int farms_fd = -1;
	int err = folder_open(cache->root_fd, "farms", O_PATH | O_DIRECTORY, &farms_fd);
	if (err != 0) {
		return err;
	}
	err = folder_find(farms_fd, farm, name);
	if (err == 0) {
		err = folder_open(farms_fd, name, O_RDONLY | O_DIRECTORY, ret_fd);
	}
	(void)close(farms_fd);
	return err;
}

int
folder_open_source(int farm_fd, uint32_t source, int *ret_fd)
{
	char name[CACHE_SOURCE_TEXT];
	return folder_open(
	    farm_fd, cache_source_format(source, name), O_RDONLY | O_DIRECTORY, ret_fd);
}

int
folder_read_link(int dir_fd, const char *file, uint8_t ret[static CACHE_SHA256_LEN])
{
	char target[FOLDER_TARGET_LEN +
	    2]; /* one more than fits, so that longer shows */
	ssize_t len = readlinkat(dir_fd, file, target, sizeof(target) - 1);
	if (len < 0) {
		return errno == EINVAL ? ERR_NOTFOUND : folder_error(errno);
	}
	target[len] = '\0';
	if (strncmp(target, FOLDER_TARGET, sizeof(FOLDER_TARGET) - 1) != 0 ||
	    hex_parse(target + sizeof(FOLDER_TARGET) - 1, ret, CACHE_SHA256_LEN) != 0) {
		return ERR_NOTFOUND;
	}
	return 0;
}
