/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/map.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

enum { SHOWN_MAX = 4 * 64 + 1 };

/* LMDB tells of a write that a full disk cut short as of an I/O error. */
const char *
map_reason(const char *dir, int err)
{
	struct statvfs fs;
	bool full = err == -EIO && statvfs(dir, &fs) == 0 && fs.f_bavail == 0;
	return err_str(full ? -ENOSPC : err);
}

void
map_complain(const char *dir, int err)
{
	switch (err) {
	case ERR_NOTFOUND:
	case ERR_EMPTY:
		log_error("no map in %s: nothing was applied yet; 'pvsboot apply FILE' "
			  "makes one",
		    dir);
		break;
	case ERR_ACCESS:
		log_error("%s: permissions refuse access; be root or a member of the "
			  "group pvsboot",
		    dir);
		break;
	default:
		log_error("%s: %s", dir, map_reason(dir, err));
	}
}

int
map_env_open(enum db_kind kind, const char *dir, struct db_env **ret)
{
	struct db_env *env;
	int err = db_env_open(kind, dir, 1, &env);
	if (err != 0) {
		return err;
	}
	err = db_reader_begin(env, 0);
	if (err != 0) {
		db_env_close(env);
		return err;
	}
	*ret = env;
	return 0;
}

void
map_env_close(struct db_env *env)
{
	if (env != NULL) {
		db_reader_end(env, 0);
		db_env_close(env);
	}
}

int
map_try(const struct args *args, struct map *ret)
{
	struct map map = {0};
	int err = map_env_open(DB_MAP, args->option[OPTION_DB], &map.map);
	if (err != 0) {
		return err;
	}
	err = map_env_open(DB_STATE, args->option[OPTION_STATE], &map.state);
	if (err != 0) {
		bool absent = err == ERR_NOTFOUND || err == ERR_EMPTY;
		log_line(absent ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARN,
		    "%s: %s; every server counts as unproven",
		    args->option[OPTION_STATE], err_str(err));
	}
	map.snap = (struct db_snapshot){.map = map.map, .state = map.state};
	*ret = map;
	return 0;
}

int
map_open(const struct args *args, struct map *ret)
{
	int err = map_try(args, ret);
	if (err != 0) {
		map_complain(args->option[OPTION_DB], err);
	}
	return err;
}

void
map_close(struct map *map)
{
	map_env_close(map->state);
	map_env_close(map->map);
}

int
map_config(const struct db_snapshot *snap, json_t **ret)
{
	const char *text;
	size_t len;
	int err = db_map_config(snap, &text, &len);
	if (err != 0) {
		return err;
	}
	*ret = json_loadb(text, len, 0, NULL);
	return *ret != NULL ? 0 : ERR_MALFORMED;
}

static void
complain_farm(const struct db_snapshot *snap, const char *name)
{
	json_t *config = NULL;
	const char *near = NULL;
	char shown[SHOWN_MAX];
	text_escape(shown, sizeof(shown), name, strlen(name));
	if (map_config(snap, &config) == 0) {
		const json_t *farms = json_object_get(config, "farms");
		const char **names =
		    calloc(json_object_size(farms) + 1, sizeof(*names));
		size_t count = 0;
		const char *key;
		json_t *value;
		json_object_foreach ((json_t *)farms, key, value) {
			if (names != NULL) {
				names[count++] = key;
			}
		}
		near = names != NULL ? text_nearest(name, names, count) : NULL;
		free(names);
	}
	log_error("no farm '%s'%s%s%s", shown, near != NULL ? "; did you mean '" : "",
	    near != NULL ? near : "", near != NULL ? "'?" : "");
	json_decref(config);
}

int
map_farm(const struct db_snapshot *snap, const char *name, struct db_farm *ret)
{
	struct db_snapshot copy = *snap;
	int err = text_is_name(name, DB_FARM_NAME_MAX)
	    ? db_source.farm(&copy, name, ret)
	    : ERR_NOTFOUND;
	if (err == ERR_NOTFOUND) {
		complain_farm(snap, name);
		return CLI_NOTFOUND;
	}
	if (err != 0) {
		log_error("the map: %s", err_str(err));
		return CLI_FAILED;
	}
	return CLI_DONE;
}
