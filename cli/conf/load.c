/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/config.h"

#include "lib/base/err.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads to the end: a pipe will do as well as a file. Returns 0 with bytes for free(),
 * -EFBIG, or why reading failed. */
static int
read_all(int fd, void **ret, size_t *ret_len)
{
	size_t room = 0;
	size_t len = 0;
	char *bytes = NULL;
	int err = 0;
	for (;;) {
		if (len == room) {
			room = room == 0 ? 1 << 16 : room * 2;
			char *more = realloc(bytes, room);
			if (more == NULL) {
				err = -ENOMEM;
				goto out;
			}
			bytes = more;
		}
		ssize_t got = read(fd, bytes + len, room - len);
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got <= 0) {
			err = got < 0 ? -errno : 0;
			goto out;
		}
		len += (size_t)got;
		if (len > CONFIG_FILE_MAX) {
			err = -EFBIG;
			goto out;
		}
	}
out:
	if (err != 0) {
		free(bytes);
		return err;
	}
	*ret = bytes;
	*ret_len = len;
	return 0;
}

static int
read_file(const char *path, void **ret, size_t *ret_len)
{
	if (strcmp(path, "-") == 0) {
		return read_all(STDIN_FILENO, ret, ret_len);
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return -errno;
	}
	int err = read_all(fd, ret, ret_len);
	(void)close(fd);
	return err;
}

static void
refuse_file(struct mistakes *mistakes, const char *path, unsigned order, int err)
{
	struct mark at = {.file = path, .order = order};
	if (err == -EFBIG) {
		mistakes_add(mistakes, at, "larger than %d MiB; split it into several",
		    CONFIG_FILE_MAX >> 20);
	} else {
		mistakes_add(mistakes, at, "cannot be read: %s", err_str(err));
	}
}

int
config_load(const char *const *paths, size_t count, struct mistakes *mistakes,
    struct config **ret)
{
	int err = 0;
	struct config_source *sources = calloc(count, sizeof(*sources));
	if (sources == NULL) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		void *bytes = NULL;
		sources[i].name = paths[i];
		int failed = read_file(paths[i], &bytes, &sources[i].len);
		sources[i].bytes = bytes;
		if (failed != 0) {
			refuse_file(mistakes, paths[i], (unsigned)i, failed);
			err = failed;
		}
	}
	if (err == 0) {
		err = config_parse(sources, count, mistakes, ret);
	}
	for (size_t i = 0; i < count; i++) {
		free((void *)(uintptr_t)sources[i].bytes);
	}
	free(sources);
	return err;
}

static int
is_yaml(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);
	return entry->d_name[0] != '.' && len > strlen(".yaml") &&
	    strcmp(entry->d_name + len - strlen(".yaml"), ".yaml") == 0;
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The files of folder behind main_file, in byte order; a missing folder holds none. */
static int
list_parts(const char *main_file, const char *folder, struct arena *arena,
    const char ***ret, size_t *ret_count)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, is_yaml, by_bytes);
	if (count < 0 && errno != ENOENT) {
		return -errno;
	}
	count = count < 0 ? 0 : count;
	const char **paths = arena_alloc(arena, (size_t)count + 1, sizeof(char *));
	for (int i = 0; i < count; i++) {
		const char *path =
		    arena_format(arena, "%s/%s", folder, entries[i]->d_name);
		if (paths != NULL) {
			paths[i + 1] = path;
		}
		free(entries[i]);
	}
	free(entries);
	if (arena->err != 0) {
		return arena->err;
	}
	paths[0] = main_file;
	*ret = paths;
	*ret_count = (size_t)count + 1;
	return 0;
}

int
config_load_default(const char *dir, struct mistakes *mistakes, struct config **ret)
{
	struct arena arena = {0};
	const char *folder = arena_format(&arena, "%s/pvsboot.d", dir);
	const char *main_file = arena_format(&arena, "%s/pvsboot.yaml", dir);
	const char **paths = NULL;
	size_t count = 0;
	int err = arena.err;
	if (err == 0) {
		err = list_parts(main_file, folder, &arena, &paths, &count);
		if (err == 0) {
			err = config_load(paths, count, mistakes, ret);
		} else {
			refuse_file(mistakes, folder, 0, err);
		}
	}
	arena_done(&arena);
	return err;
}
