/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/daemon/map.h"

#include "lib/base/err.h"
#include "lib/base/log.h"

#include <string.h>

int
daemon_map_init(struct daemon_map *map, const char *map_dir, const char *state_dir)
{
	*map = (struct daemon_map){.dir = map_dir, .state_dir = state_dir};
	return db_follow_new(map_dir, state_dir, &map->follow);
}

void
daemon_map_done(struct daemon_map *map)
{
	db_follow_free(map->follow);
	map->follow = NULL;
}

/* The settings are read though the revision is the same: another map put in place of this one
 * may have the same. */
static int
read_map(struct daemon_map *map)
{
	struct db_snapshot *snap;
	struct db_info info;
	struct db_settings settings;
	int err = db_follow_poll(map->follow);
	if (err == 0) {
		err = db_follow_begin(map->follow, &snap);
	}
	if (err != 0) {
		return err;
	}
	err = db_map_info(snap, &info);
	if (err == 0) {
		err = db_map_settings(snap, &settings);
	}
	if (err == 0) {
		map->revision = info.revision;
		memcpy(map->digest, info.digest, sizeof(map->digest));
		map->settings = settings;
	}
	db_follow_end(map->follow);
	return err;
}

/* Without a watcher there is no state, and nothing to say. */
static void
tell_state(struct daemon_map *map)
{
	int err = db_follow_state_err(map->follow);
	err = err == ERR_NOTFOUND || err == ERR_EMPTY ? 0 : err;
	if (!log_is_news(&map->state_err, err)) {
		return;
	}
	if (err != 0) {
		log_warn("the state in %s cannot be read: %s; every server counts as "
			 "unproven",
		    map->state_dir, err_str(err));
	} else {
		log_info("the state in %s is no longer unreadable", map->state_dir);
	}
}

void
daemon_map_look(struct daemon_map *map)
{
	int err = read_map(map);
	tell_state(map);
	if (!log_is_news(&map->err, err)) {
		return;
	}
	if (err != 0) {
		log_warn("the map in %s cannot be read: %s; %s", map->dir, err_str(err),
		    map->revision != 0 ? "the last one stays" : "waiting for one");
	} else {
		log_info("the map in %s is read", map->dir);
	}
}
