/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/env.h"
#include "db/value.h"

#include <lmdb.h>
#include <sys/stat.h>

/* What the files of db/ share about an open environment. Everything lies in LMDB's one main
 * database, told apart by the keys' first byte: a transaction then costs no look-up of named
 * databases, and there is no handle to open. */

enum { DB_FORMAT_MAJOR = 1, DB_FORMAT_MINOR = 1 };

/* The handle that LMDB gives the one database of an environment without named ones. */
enum { MAIN_DBI = 1 };

struct db_reader {
	MDB_txn *txn;
	MDB_cursor *cursor;  /* renewed with txn, so that seeking allocates nothing */
	size_t revision_txn; /* what transaction revision was read in; 0: none yet */
	uint64_t revision;
	struct lookup
	    *lookups; /* LOOKUPS_MAX of them; NULL in a writer's environment */
};

/* A look-up and what it gave in the transaction with this number: the same pages answer until
 * a later one is read, also when the transaction was reset and renewed meanwhile. */
enum { LOOKUPS_MAX = 256 };
struct lookup {
	size_t txn; /* 0: none yet */
	struct key key;
	int err;
	struct rd fields;
};

/* What tells one file from another, whatever they are called. */
struct file_id {
	dev_t dev;
	ino_t ino;
};

static inline struct file_id
file_id_of(const struct stat *st)
{
	return (struct file_id){st->st_dev, st->st_ino};
}

static inline bool
file_id_equal(const struct file_id *a, const struct file_id *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

struct db_env {
	enum db_kind kind;
	MDB_env *mdb;
	char *dir;
	struct file_id data;
	struct file_id lock; /* not of a writer */
	struct file_id folder;
	struct db_env *next;       /* in the register of open databases */
	unsigned count;            /* of readers; 1 in a writer's environment */
	struct db_reader reader[]; /* reader[0] of a writer is its transaction */
};

/* An errno (positive) or an LMDB code as ours. */
int store_err(int rc);

/* Looks key up in the transaction of a reader. Returns 0 and the value's fields, valid until
 * the transaction ends (or writes), ERR_NOTFOUND, or what value_open() says. */
int store_get(const struct db_reader *reader, const struct key *key,
    struct rd *ret_fields) __attribute__((warn_unused_result));

/* The same for records that are looked up again and again, as a farm and its verdicts are:
 * once a commit, as long as not too many others are. */
int store_get_again(const struct db_reader *reader, const struct key *key,
    struct rd *ret_fields) __attribute__((warn_unused_result));

/* The first record at or after key of the same kind: its key's body and its fields. */
int store_seek(const struct db_reader *reader, const struct key *key,
    struct rd *ret_body, struct rd *ret_fields) __attribute__((warn_unused_result));

/* Calls visit for each record of a kind, forwards or backwards, with the body of its key and
 * its fields, until it returns non-zero, which is then returned. Has a cursor of its own: visit
 * may look things up. ERR_CHECKSUM or the like ends the walk. */
typedef int store_visit(void *ctx, struct rd body, struct rd fields);
enum store_order { STORE_FORWARDS, STORE_BACKWARDS };
int store_walk(const struct db_reader *reader, enum key_kind kind,
    enum store_order order, store_visit *visit, void *ctx)
    __attribute__((warn_unused_result));

/* Calls visit for every record whatever its kind, values not opened. */
typedef int store_raw_visit(void *ctx, struct rd key, struct rd value);
int store_walk_raw(const struct db_reader *reader, store_raw_visit *visit, void *ctx)
    __attribute__((warn_unused_result));

/* Seals and puts the value that value_begin() began at bytes and w ends. What our own decoder
 * would refuse is refused here: ERR_RANGE or ERR_MALFORMED. */
int store_put(const struct db_reader *reader, const struct key *key, uint8_t *bytes,
    const struct wr *w) __attribute__((warn_unused_result));
int store_del(
    const struct db_reader *reader, const struct key *key) /* or ERR_NOTFOUND */
    __attribute__((warn_unused_result));
/* Deletes every record of kinds first..last. */
int store_del_kinds(const struct db_reader *reader, uint8_t first, uint8_t last)
    __attribute__((warn_unused_result));

/* Deletes the lowest records of a kind until at most keep are left. Values are not opened: a
 * damaged one must not keep apply from working. */
int store_trim(const struct db_reader *reader, enum key_kind kind, unsigned keep)
    __attribute__((warn_unused_result));

/* Opens or creates DIR's database for writing; see db_write_begin(). No transaction yet. */
int env_open_writer(enum db_kind kind, const char *dir, struct db_env **ret)
    __attribute__((warn_unused_result));

/* Begins the writing transaction in reader[0], waiting for another writer, and makes sure that
 * the database is ours: *ret_is_new when it has no format record yet, which is then put, as it
 * is in place of an older MINOR's. */
int env_write_begin(struct db_env *env, bool *ret_is_new)
    __attribute__((warn_unused_result));
/* Ends the transaction; abort may be called when there is none. */
int env_write_commit(struct db_env *env) __attribute__((warn_unused_result));
void env_write_abort(struct db_env *env);
