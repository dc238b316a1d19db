/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/env.h"

#include "db/codec.h"
#include "db/guard.h"
#include "db/register.h"
#include "db/store.h"
#include "lib/own/own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { READERS_MAX = 256, SLOTS_MAX = 512 };

static const size_t map_sizes[] = {
    [DB_MAP] = (size_t)1 << 30,
    [DB_STATE] = (size_t)64 << 20,
    [DB_JOURNAL] = (size_t)1 << 30,
};

static int
env_new(enum db_kind kind, const char *dir, unsigned count, struct db_env **ret)
{
	struct db_env *env = calloc(1, sizeof(*env) + count * sizeof(env->reader[0]));
	if (env != NULL) {
		env->kind = kind;
		env->count = count;
		env->dir = strdup(dir);
	}
	if (env == NULL || env->dir == NULL) {
		free(env);
		return -ENOMEM;
	}
	*ret = env;
	return 0;
}

static void
reader_done(struct db_reader *reader)
{
	if (reader->cursor != NULL) {
		mdb_cursor_close(reader->cursor);
	}
	if (reader->txn != NULL) {
		mdb_txn_abort(reader->txn);
	}
	free(reader->lookups);
	*reader = (struct db_reader){0};
}

void
db_env_close(struct db_env *env)
{
	if (env == NULL) {
		return;
	}
	for (unsigned i = 0; i < env->count; i++) {
		reader_done(&env->reader[i]);
	}
	if (env->mdb != NULL) {
		mdb_env_close(env->mdb);
	}
	register_remove(env);
	free(env->dir);
	free(env);
}

/* A descriptor of the folder, or why there is none. */
static int
open_folder(struct db_env *env)
{
	struct stat st;
	int fd = open(env->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		return store_err(errno);
	}
	if (fstat(fd, &st) != 0) {
		int ret = store_err(errno);
		(void)close(fd);
		return ret;
	}
	env->folder = file_id_of(&st);
	return fd;
}

/* Checks data.mdb and enters it into the register. */
static int
claim(struct db_env *env, int folder_fd, struct stat *ret_data)
{
	int ret = guard_data(folder_fd, ret_data);
	if (ret == 0) {
		env->data = file_id_of(ret_data);
		ret = register_add(env);
	}
	return ret;
}

/* What has the name in the folder; false when nothing has. */
static bool
find_file(int folder_fd, const char *name, struct file_id *ret)
{
	struct stat st;
	if (fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		return false;
	}
	*ret = file_id_of(&st);
	return true;
}

static int
guard_reader(struct db_env *env, int folder_fd)
{
	struct stat data;
	int ret = guard_reader_files(folder_fd);
	if (ret == 0) {
		ret = claim(env, folder_fd, &data);
	}
	if (ret == 0 && data.st_size == 0) {
		ret = ERR_NOTDB;
	}
	if (ret == 0 && !find_file(folder_fd, "lock.mdb", &env->lock)) {
		ret = store_err(errno);
	}
	return ret == 0 ? guard_lock(folder_fd) : ret;
}

/* lock.mdb only after the claim: closing a descriptor of it drops this process's locks. */
static int
guard_writer(struct db_env *env, int folder_fd)
{
	struct stat data;
	int ret = own_file(folder_fd, "data.mdb");
	if (ret == 0) {
		ret = claim(env, folder_fd, &data);
	}
	if (ret == 0) {
		ret = own_file(folder_fd, "lock.mdb");
	}
	if (ret == 0 && !find_file(folder_fd, "lock.mdb", &env->lock)) {
		ret = store_err(errno);
	}
	return ret;
}

static int
open_lmdb(struct db_env *env, unsigned flags)
{
	struct stat st;
	int fd;
	int rc = mdb_env_create(&env->mdb);
	if (rc != 0) {
		env->mdb = NULL;
		return store_err(rc);
	}
	rc = mdb_env_set_maxreaders(env->mdb, SLOTS_MAX);
	if (rc == 0 && (flags & MDB_RDONLY) == 0) {
		/* Readers take the size that the file says. */
		rc = mdb_env_set_mapsize(env->mdb, map_sizes[env->kind]);
	}
	if (rc == 0) {
		rc = mdb_env_open(env->mdb, env->dir, flags | MDB_NOTLS, 0660);
	}
	if (rc == 0) {
		rc = mdb_env_get_fd(env->mdb, &fd);
	}
	if (rc != 0) {
		return store_err(rc);
	}
	/* The folder may have been replaced since it was checked. */
	if (fstat(fd, &st) != 0) {
		return store_err(errno);
	}
	const struct file_id opened = file_id_of(&st);
	return file_id_equal(&opened, &env->data) ? 0 : ERR_BUSY;
}

static int
open_guarded(struct db_env *env, int (*guard)(struct db_env *, int), unsigned flags)
{
	int folder_fd = open_folder(env);
	if (folder_fd < 0) {
		return folder_fd;
	}
	int ret = guard_mount(folder_fd);
	if (ret == 0) {
		ret = guard(env, folder_fd);
	}
	(void)close(folder_fd);
	return ret == 0 ? open_lmdb(env, flags) : ret;
}

/* A transaction with its cursor. A reader that finds every slot taken first looks for slots
 * of processes that died. */
static int
reader_init(struct db_env *env, struct db_reader *reader, unsigned flags)
{
	MDB_dbi dbi;
	int dead;
	int rc = mdb_txn_begin(env->mdb, NULL, flags, &reader->txn);
	if (rc == MDB_READERS_FULL) {
		(void)mdb_reader_check(env->mdb, &dead);
		rc = mdb_txn_begin(env->mdb, NULL, flags, &reader->txn);
	}
	if (rc != 0) {
		reader->txn = NULL;
		return store_err(rc);
	}
	rc = mdb_dbi_open(reader->txn, NULL, 0, &dbi);
	if (rc == 0) {
		rc = mdb_cursor_open(reader->txn, dbi, &reader->cursor);
	}
	if (rc != 0) {
		reader->cursor = NULL;
	}
	return store_err(rc);
}

/* That the transaction sees a database of our format and kind: 0 and its MINOR, ERR_EMPTY
 * (nothing in it at all), ERR_NOTDB (another program's), ERR_FORMAT, or damage. */
static int
check_format(
    const struct db_env *env, const struct db_reader *reader, uint16_t *ret_minor)
{
	struct key key;
	struct rd fields;
	struct codec_format format;
	MDB_stat stat;
	key_single(KEY_FORMAT, &key);
	int ret = store_get(reader, &key, &fields);
	if (ret == ERR_NOTFOUND) {
		ret = store_err(mdb_stat(reader->txn, MAIN_DBI, &stat));
		return ret != 0 ? ret : stat.ms_entries == 0 ? ERR_EMPTY : ERR_NOTDB;
	}
	if (ret == 0) {
		ret = codec_get_format(fields, &format);
	}
	if (ret != 0) {
		return ret;
	}
	if (format.kind != env->kind || format.major != DB_FORMAT_MAJOR) {
		return ERR_FORMAT;
	}
	*ret_minor = format.minor;
	return 0;
}

static int
readers_init(struct db_env *env)
{
	uint16_t minor;
	for (unsigned i = 0; i < env->count; i++) {
		struct db_reader *reader = &env->reader[i];
		int ret = reader_init(env, reader, MDB_RDONLY);
		if (ret == 0 && i == 0) {
			ret = check_format(env, reader, &minor);
		}
		if (ret == 0) {
			reader->lookups = calloc(LOOKUPS_MAX, sizeof(*reader->lookups));
			ret = reader->lookups != NULL ? 0 : -ENOMEM;
		}
		if (ret != 0) {
			return ret;
		}
		mdb_txn_reset(reader->txn);
	}
	return 0;
}

int
db_env_open(enum db_kind kind, const char *dir, unsigned readers, struct db_env **ret)
{
	struct db_env *env;
	if (readers < 1 || readers > READERS_MAX) {
		return ERR_RANGE;
	}
	int err = env_new(kind, dir, readers, &env);
	if (err != 0) {
		return err;
	}
	err = open_guarded(env, guard_reader, MDB_RDONLY);
	if (err == 0) {
		err = readers_init(env);
	}
	if (err != 0) {
		db_env_close(env);
		return err;
	}
	*ret = env;
	return 0;
}

int
env_open_writer(enum db_kind kind, const char *dir, struct db_env **ret)
{
	struct db_env *env;
	int dead;
	int err = own_folder(dir);
	if (err == 0) {
		err = env_new(kind, dir, 1, &env);
	}
	if (err != 0) {
		return err;
	}
	/* A state is written every second and may be lost. */
	err = open_guarded(env, guard_writer, kind == DB_STATE ? MDB_NOSYNC : 0);
	if (err == 0) {
		/* A slot that a killed reader left would keep every later page in use. */
		err = store_err(mdb_reader_check(env->mdb, &dead));
	}
	if (err != 0) {
		db_env_close(env);
		return err;
	}
	*ret = env;
	return 0;
}

/* Makes the file as long as its map (sparse): then a file shorter than its own last page has
 * been cut off, and guard_data() may say so. LMDB alone would leave pages unwritten at the
 * end that it gave up in the same transaction. Safe only while we hold the writer's lock. */
static int
extend_file(const struct db_env *env)
{
	struct stat st;
	int fd;
	int ret = store_err(mdb_env_get_fd(env->mdb, &fd));
	if (ret != 0) {
		return ret;
	}
	off_t size = (off_t)map_sizes[env->kind];
	if (fstat(fd, &st) != 0 || (st.st_size < size && ftruncate(fd, size) != 0)) {
		return store_err(errno);
	}
	return 0;
}

static int
put_format(const struct db_env *env)
{
	struct key key;
	uint8_t bytes[VALUE_HEAD + 32];
	struct wr w = value_begin(bytes, sizeof(bytes));
	codec_put_format(&w,
	    &(struct codec_format){.kind = (uint8_t)env->kind,
		.major = DB_FORMAT_MAJOR,
		.minor = DB_FORMAT_MINOR});
	key_single(KEY_FORMAT, &key);
	return store_put(&env->reader[0], &key, bytes, &w);
}

int
env_write_begin(struct db_env *env, bool *ret_is_new)
{
	uint16_t minor = 0;
	int ret = reader_init(env, &env->reader[0], 0);
	if (ret == 0) {
		ret = check_format(env, &env->reader[0], &minor);
	}
	bool is_new = ret == ERR_EMPTY;
	if (is_new || (ret == 0 && minor < DB_FORMAT_MINOR)) {
		ret = put_format(env);
	}
	if (ret == 0) {
		ret = extend_file(env);
	}
	if (ret != 0) {
		env_write_abort(env);
		return ret;
	}
	*ret_is_new = is_new;
	return 0;
}

int
env_write_commit(struct db_env *env)
{
	struct db_reader reader = env->reader[0];
	env->reader[0] = (struct db_reader){0};
	mdb_cursor_close(reader.cursor);
	return store_err(mdb_txn_commit(reader.txn));
}

void
env_write_abort(struct db_env *env)
{
	reader_done(&env->reader[0]);
}

enum db_env_place
db_env_check(const struct db_env *env)
{
	struct stat st;
	struct file_id data;
	struct file_id lock;
	int fd = open(env->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		return DB_ENV_ORPHANED;
	}
	bool there = fstat(fd, &st) == 0 && find_file(fd, "data.mdb", &data) &&
	    find_file(fd, "lock.mdb", &lock);
	(void)close(fd);
	if (!there) {
		return DB_ENV_ORPHANED;
	}
	if (!file_id_equal(&data, &env->data)) {
		return DB_ENV_REPLACED;
	}
	const struct file_id folder = file_id_of(&st);
	bool same =
	    file_id_equal(&folder, &env->folder) && file_id_equal(&lock, &env->lock);
	return same ? DB_ENV_SAME : DB_ENV_MOVED;
}

int
db_reader_begin(struct db_env *env, unsigned i)
{
	const struct db_reader *reader = &env->reader[i];
	int rc = mdb_txn_renew(reader->txn);
	if (rc != 0) {
		return store_err(rc);
	}
	rc = mdb_cursor_renew(reader->txn, reader->cursor);
	if (rc != 0) {
		mdb_txn_reset(reader->txn);
	}
	return store_err(rc);
}

void
db_reader_end(struct db_env *env, unsigned i)
{
	mdb_txn_reset(env->reader[i].txn);
}
