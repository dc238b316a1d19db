/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/follow.h"

#include "lib/base/err.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct db_follow {
	char *map_dir, *state_dir; /* the latter may be NULL */
	struct db_snapshot snap;   /* of reader 0; environments NULL until opened */
	int state_err;             /* why the state is not open */
};

int
db_follow_new(const char *map_dir, const char *state_dir, struct db_follow **ret)
{
	struct db_follow *follow = calloc(1, sizeof(*follow));
	if (follow == NULL) {
		return -ENOMEM;
	}
	follow->map_dir = strdup(map_dir);
	follow->state_dir = state_dir != NULL ? strdup(state_dir) : NULL;
	if (follow->map_dir == NULL ||
	    (state_dir != NULL && follow->state_dir == NULL)) {
		db_follow_free(follow);
		return -ENOMEM;
	}
	*ret = follow;
	return 0;
}

void
db_follow_free(struct db_follow *follow)
{
	if (follow != NULL) {
		db_env_close(follow->snap.state);
		db_env_close(follow->snap.map);
		free(follow->map_dir);
		free(follow->state_dir);
		free(follow);
	}
}

/* Replaces *env by what lies in dir where that is another database or *env is NULL. */
static int
follow_env(struct db_env **env, enum db_kind kind, const char *dir)
{
	struct db_env *found;
	enum db_env_place place = *env != NULL ? db_env_check(*env) : DB_ENV_REPLACED;
	if (place == DB_ENV_SAME || place == DB_ENV_ORPHANED) {
		return 0;
	}
	if (place == DB_ENV_MOVED) {
		db_env_close(*env);
		*env = NULL;
	}
	int err = db_env_open(kind, dir, 1, &found);
	if (err == 0) {
		db_env_close(*env);
		*env = found;
	}
	return *env != NULL ? 0 : err;
}

int
db_follow_poll(struct db_follow *follow)
{
	if (follow->state_dir != NULL) {
		follow->state_err =
		    follow_env(&follow->snap.state, DB_STATE, follow->state_dir);
	}
	return follow_env(&follow->snap.map, DB_MAP, follow->map_dir);
}

int
db_follow_state_err(const struct db_follow *follow)
{
	return follow->state_err;
}

/* Begins a reader; a map that outgrew its mapping is opened anew first. */
static int
begin(struct db_env **env, enum db_kind kind, const char *dir)
{
	int err = db_reader_begin(*env, 0);
	if (err != ERR_BUSY) {
		return err;
	}
	db_env_close(*env);
	*env = NULL;
	err = db_env_open(kind, dir, 1, env);
	return err != 0 ? err : db_reader_begin(*env, 0);
}

int
db_follow_begin(struct db_follow *follow, struct db_snapshot **ret)
{
	if (follow->snap.map == NULL) {
		return ERR_NOTFOUND;
	}
	int err = begin(&follow->snap.map, DB_MAP, follow->map_dir);
	if (err != 0) {
		return err;
	}
	/* Without its verdicts a server is unproven, which stops nothing. */
	if (follow->snap.state != NULL &&
	    begin(&follow->snap.state, DB_STATE, follow->state_dir) != 0) {
		db_env_close(follow->snap.state);
		follow->snap.state = NULL;
	}
	*ret = &follow->snap;
	return 0;
}

void
db_follow_end(struct db_follow *follow)
{
	if (follow->snap.state != NULL) {
		db_reader_end(follow->snap.state, 0);
	}
	db_reader_end(follow->snap.map, 0);
}
