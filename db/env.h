/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/record.h"

/* One opened LMDB environment. The opener guards against what facts about LMDB teach: a
 * read-only mount (LMDB would read without locks), modes that a umask spoiled, another
 * format, a file that is no database, and the same database opened twice in a process.
 * Opening may block while another process hangs holding LMDB's lock; reading never does. */
struct db_env;

enum db_kind { DB_MAP, DB_STATE, DB_JOURNAL };

/* Opens DIR for reading with readers (1..256) pre-made read transactions. Returns 0 with an
 * environment that db_env_close() takes, ERR_NOTFOUND (no folder, or not both files in it),
 * ERR_NOTDB, ERR_EMPTY, ERR_FORMAT, ERR_READONLY, ERR_ACCESS, ERR_CHECKSUM or ERR_MALFORMED (a
 * damaged format record), ERR_EXISTS (open in this process already), ERR_BUSY (no reader slot
 * free, or the folder was replaced meanwhile: try again), ERR_RANGE or a negated errno. */
int db_env_open(enum db_kind kind, const char *dir, unsigned readers,
    struct db_env **ret) __attribute__((warn_unused_result));

/* Ends the readers' transactions and closes; none may be in use. NULL is fine. */
void db_env_close(struct db_env *env);

enum db_env_place {
	DB_ENV_SAME,     /* the folder still holds the opened database */
	DB_ENV_ORPHANED, /* folder or a file is gone; the open snapshot lives on */
	DB_ENV_REPLACED, /* another database lies there now */
	DB_ENV_MOVED, /* the opened data.mdb, in another folder or with another lock.mdb:
			  * writers no longer see us, nor we them. It is to be closed, and
			  * only then opened anew. */
};
/* Compares device and inode of folder and files with what was opened. Does not block. */
enum db_env_place db_env_check(const struct db_env *env);

/* Reader i (0..readers - 1) sees one consistent snapshot between begin and end; one thread at
 * a time. begin returns 0, or ERR_BUSY when the environment must be opened anew (its map has
 * grown). Neither blocks, nor allocates. */
int db_reader_begin(struct db_env *env, unsigned i) __attribute__((warn_unused_result));
void db_reader_end(struct db_env *env, unsigned i);

/* A snapshot for the decision: reader i of the map, and of the state where there is one
 * (NULL: every server is unproven). Both readers must have begun: map first. */
struct db_snapshot {
	struct db_env *map;
	struct db_env *state; /* or NULL */
	unsigned i;
};
extern const struct db_source db_source; /* its snap is a struct db_snapshot * */
