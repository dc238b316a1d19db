/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/bootstrap.h"
#include "cli/cmd.h"
#include "cli/map.h"
#include "cli/print.h"
#include "lib/base/err.h"
#include "lib/base/hex.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/cache/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
complain(const char *what, int err)
{
	if (err == ERR_ACCESS) {
		map_complain(what, err);
	} else {
		log_error("%s: %s", what, err_str(err));
	}
	return CLI_FAILED;
}

static int
check_name(const char *name, size_t max)
{
	if (!text_is_name(name, max)) {
		log_error("'%s' is no name: letters, digits, '.', '_' and '-', at most "
			  "%zu, without a path",
		    name, max);
		return CLI_USAGE;
	}
	return CLI_DONE;
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash != NULL ? slash + 1 : path;
}

/* Opens a regular file; another kind has no end that we could wait for. */
static int
open_file(const char *path, int *ret_fd)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) != 0) {
		int err = -errno;
		if (fd >= 0) {
			(void)close(fd);
		}
		return complain(path, err);
	}
	if (!S_ISREG(st.st_mode)) {
		log_error("%s: not a regular file", path);
		(void)close(fd);
		return CLI_FAILED;
	}
	*ret_fd = fd;
	return CLI_DONE;
}

static int
publish(const char *dir, const struct cache_key *key, int fd)
{
	struct cache *cache;
	struct cache_object object;
	char hex[HEX_SHA256_TEXT];
	int err = cache_create(dir, &cache);
	if (err != 0) {
		return complain(dir, err);
	}
	err = cache_publish_fd(cache, key, fd, &object);
	cache_close(cache);
	if (err != 0) {
		return complain(dir, err);
	}
	(void)printf("%s/%s published: %llu bytes, sha256 %s\n", key->farm, key->file,
	    (unsigned long long)object.size,
	    hex_format(hex, object.sha256, sizeof(object.sha256)));
	return CLI_DONE;
}

/* The farm as the map writes it. */
static int
find_farm(const struct args *args, const char *file, struct db_farm *ret)
{
	struct map map;
	if (map_open(args, &map) != 0) {
		return CLI_FAILED;
	}
	int status = map_farm(&map.snap, args->word[0], ret);
	if (status == CLI_DONE && !bootstrap_is_named(&map.snap, ret, file)) {
		log_warn("no bootstrap table of farm %s names %s: no machine will ask "
			 "for it",
		    ret->name, file);
	}
	map_close(&map);
	return status;
}

int
cmd_bootstrap_add(const struct args *args)
{
	const char *path = args->word[1];
	const char *name = args->option[OPTION_NAME];
	struct db_farm farm;
	struct cache_key key = {
	    .source = CACHE_MANUAL, .file = name != NULL ? name : base_name(path)};
	int fd;
	int status = check_name(key.file, DB_FILE_NAME_MAX);
	if (status == CLI_DONE) {
		status = open_file(path, &fd);
	}
	if (status != CLI_DONE) {
		return status;
	}
	status = find_farm(args, key.file, &farm);
	if (status == CLI_DONE) {
		const char *kind;
		const char *wrong;
		if (bootstrap_doubt(key.file, fd, &kind, &wrong)) {
			log_warn("%s: hardly %s: %s", path, kind, wrong);
		}
		key.farm = farm.name;
		status = publish(args->option[OPTION_CACHE], &key, fd);
	}
	(void)close(fd);
	return status;
}

static int
list_visit(void *ctx, const struct cache_key *key, const struct cache_object *object)
{
	char source[CACHE_SOURCE_TEXT];
	char hex[HEX_SHA256_TEXT];
	json_t *row = json_pack("{s:s, s:s, s:s, s:I, s:s}", "farm", key->farm, "file",
	    key->file, "source", cache_source_format(key->source, source), "size",
	    (json_int_t)object->size, "sha256",
	    hex_format(hex, object->sha256, sizeof(object->sha256)));
	return json_array_append_new(ctx, row) == 0 ? 0 : -ENOMEM;
}

/* A cache that is not there yet holds nothing. */
static int
list(const char *dir, json_t *rows)
{
	struct cache *cache;
	int err = cache_open(dir, &cache);
	if (err != 0) {
		return err == ERR_NOTFOUND ? 0 : err;
	}
	err = cache_list(cache, list_visit, rows);
	cache_close(cache);
	return err;
}

static void
print_rows(const json_t *rows)
{
	const char *const format = "%-12s  %-24s  %-15s  %10s  %s\n";
	size_t i;
	json_t *row;
	(void)printf(format, "FARM", "FILE", "SOURCE", "SIZE", "SHA256");
	json_array_foreach ((json_t *)rows, i, row) {
		char size[24];
		(void)snprintf(size, sizeof(size), "%lld",
		    (long long)json_integer_value(json_object_get(row, "size")));
		(void)printf(format, json_string_value(json_object_get(row, "farm")),
		    json_string_value(json_object_get(row, "file")),
		    json_string_value(json_object_get(row, "source")), size,
		    json_string_value(json_object_get(row, "sha256")));
	}
}

int
cmd_bootstrap_list(const struct args *args)
{
	const char *dir = args->option[OPTION_CACHE];
	json_t *rows = json_array();
	int err = list(dir, rows);
	if (err != 0) {
		json_decref(rows);
		return complain(dir, err);
	}
	if (args->option[OPTION_JSON] != NULL) {
		return print_json(rows);
	}
	print_rows(rows);
	json_decref(rows);
	return CLI_DONE;
}

int
cmd_bootstrap_remove(const struct args *args)
{
	const char *dir = args->option[OPTION_CACHE];
	const struct cache_key key = {args->word[0], CACHE_MANUAL, args->word[1]};
	struct cache *cache;
	int err = cache_open(dir, &cache);
	if (err == 0) {
		err = cache_remove(cache, &key);
		cache_close(cache);
	}
	if (err == ERR_NOTFOUND) {
		log_error("nothing published as %s/%s", key.farm, key.file);
		return CLI_NOTFOUND;
	}
	if (err != 0) {
		return complain(dir, err);
	}
	(void)printf("%s/%s withdrawn\n", key.farm, key.file);
	return CLI_DONE;
}
