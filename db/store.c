/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/store.h"

#include "db/codec.h"
#include "lib/base/siphash.h"

#include <errno.h>

int
store_err(int rc)
{
	switch (rc) {
	case MDB_SUCCESS:
		return 0;
	case MDB_NOTFOUND:
		return ERR_NOTFOUND;
	case MDB_KEYEXIST:
		return ERR_EXISTS;
	case MDB_MAP_FULL:
	case MDB_TXN_FULL:
		return ERR_FULL;
	case MDB_READERS_FULL:
	case MDB_MAP_RESIZED:
		return ERR_BUSY;
	case MDB_VERSION_MISMATCH:
		return ERR_FORMAT;
	case MDB_INVALID:
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_INCOMPATIBLE:
	case MDB_PANIC:
	case ELOOP: /* a symbolic link instead of the file */
		return ERR_NOTDB;
	case MDB_BAD_VALSIZE:
		return ERR_RANGE;
	default:
		return err_of_errno(rc);
	}
}

static MDB_val
val_of(const struct key *key)
{
	/* LMDB's type is not const; it does not write through keys. */
	return (MDB_val){.mv_size = key->len, .mv_data = (void *)(uintptr_t)key->b};
}

static struct rd
rd_of(const MDB_val *val)
{
	return rd_init(val->mv_data, val->mv_size);
}

int
store_get(const struct db_reader *reader, const struct key *key, struct rd *ret_fields)
{
	MDB_val k = val_of(key);
	MDB_val v;
	int rc = mdb_get(reader->txn, MAIN_DBI, &k, &v);
	if (rc != 0) {
		return store_err(rc);
	}
	return value_open(rd_of(&k), rd_of(&v), ret_fields);
}

static bool
is_known(const struct lookup *lookup, size_t txn, const struct key *key)
{
	return lookup->txn == txn && lookup->key.len == key->len &&
	    memcmp(lookup->key.b, key->b, key->len) == 0;
}

int
store_get_again(
    const struct db_reader *reader, const struct key *key, struct rd *ret_fields)
{
	if (reader->lookups == NULL) {
		return store_get(reader, key, ret_fields);
	}
	size_t txn = mdb_txn_id(reader->txn);
	struct lookup *lookup =
	    &reader->lookups[siphash24(key->b, key->len) % LOOKUPS_MAX];
	if (!is_known(lookup, txn, key)) {
		lookup->err = store_get(reader, key, &lookup->fields);
		lookup->txn = txn;
		lookup->key.len = key->len;
		memcpy(lookup->key.b, key->b, key->len);
	}
	if (lookup->err == 0) {
		*ret_fields = lookup->fields;
	}
	return lookup->err;
}

/* Opens a found record, if it is of the kind asked for. */
static int
open_record(uint8_t kind, const MDB_val *k, const MDB_val *v, struct rd *ret_body,
    struct rd *ret_fields)
{
	struct rd body = rd_of(k);
	if (rd_u8(&body) != kind) {
		return ERR_NOTFOUND;
	}
	int ret = value_open(rd_of(k), rd_of(v), ret_fields);
	if (ret == 0) {
		*ret_body = body;
	}
	return ret;
}

int
store_seek(const struct db_reader *reader, const struct key *key, struct rd *ret_body,
    struct rd *ret_fields)
{
	MDB_val k = val_of(key);
	MDB_val v;
	int rc = mdb_cursor_get(reader->cursor, &k, &v, MDB_SET_RANGE);
	if (rc != 0) {
		return store_err(rc);
	}
	return open_record(key->b[0], &k, &v, ret_body, ret_fields);
}

/* Sets the cursor on the first or last record of a kind, or on a neighbour of its range. */
static int
walk_begin(MDB_cursor *cursor, enum key_kind kind, enum store_order order, MDB_val *k,
    MDB_val *v)
{
	struct key key;
	key_single(order == STORE_FORWARDS ? kind : kind + 1, &key);
	*k = val_of(&key);
	int rc = mdb_cursor_get(cursor, k, v, MDB_SET_RANGE);
	if (order == STORE_FORWARDS) {
		return rc;
	}
	if (rc == MDB_NOTFOUND) {
		return mdb_cursor_get(cursor, k, v, MDB_LAST);
	}
	return rc == 0 ? mdb_cursor_get(cursor, k, v, MDB_PREV) : rc;
}

int
store_walk(const struct db_reader *reader, enum key_kind kind, enum store_order order,
    store_visit *visit, void *ctx)
{
	MDB_cursor *cursor;
	MDB_val k;
	MDB_val v;
	struct rd body;
	struct rd fields;
	int ret = store_err(mdb_cursor_open(reader->txn, MAIN_DBI, &cursor));
	if (ret != 0) {
		return ret;
	}
	MDB_cursor_op step = order == STORE_FORWARDS ? MDB_NEXT : MDB_PREV;
	ret = store_err(walk_begin(cursor, kind, order, &k, &v));
	while (ret == 0) {
		ret = open_record((uint8_t)kind, &k, &v, &body, &fields);
		if (ret != 0) {
			break;
		}
		ret = visit(ctx, body, fields);
		if (ret != 0) {
			goto out;
		}
		ret = store_err(mdb_cursor_get(cursor, &k, &v, step));
	}
	ret = ret == ERR_NOTFOUND ? 0 : ret;
out:
	mdb_cursor_close(cursor);
	return ret;
}

int
store_walk_raw(const struct db_reader *reader, store_raw_visit *visit, void *ctx)
{
	MDB_cursor *cursor;
	MDB_val k;
	MDB_val v;
	int ret = store_err(mdb_cursor_open(reader->txn, MAIN_DBI, &cursor));
	if (ret != 0) {
		return ret;
	}
	int rc = mdb_cursor_get(cursor, &k, &v, MDB_FIRST);
	while (rc == 0 && ret == 0) {
		ret = visit(ctx, rd_of(&k), rd_of(&v));
		rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
	}
	mdb_cursor_close(cursor);
	return ret != 0 || rc == MDB_NOTFOUND ? ret : store_err(rc);
}

int
store_put(const struct db_reader *reader, const struct key *key, uint8_t *bytes,
    const struct wr *w)
{
	if (w->err != 0) {
		return ERR_RANGE;
	}
	struct rd fields;
	size_t len = wr_len(w, bytes);
	value_seal(key, bytes, len);
	int ret = value_open(rd_init(key->b, key->len), rd_init(bytes, len), &fields);
	if (ret == 0) {
		ret = codec_check(key->b[0], fields);
	}
	if (ret != 0) {
		return ret;
	}
	MDB_val k = val_of(key);
	MDB_val v = {.mv_size = len, .mv_data = bytes};
	return store_err(mdb_put(reader->txn, MAIN_DBI, &k, &v, 0));
}

int
store_del(const struct db_reader *reader, const struct key *key)
{
	MDB_val k = val_of(key);
	return store_err(mdb_del(reader->txn, MAIN_DBI, &k, NULL));
}

int
store_del_kinds(const struct db_reader *reader, uint8_t first, uint8_t last)
{
	struct key key;
	key_single(first, &key);
	for (;;) {
		MDB_val k = val_of(&key);
		MDB_val v;
		int rc = mdb_cursor_get(reader->cursor, &k, &v, MDB_SET_RANGE);
		struct rd at = rd_of(&k);
		if (rc != 0 || rd_u8(&at) > last) {
			return rc == MDB_NOTFOUND ? 0 : store_err(rc);
		}
		rc = mdb_cursor_del(reader->cursor, 0);
		if (rc != 0) {
			return store_err(rc);
		}
	}
}

int
store_trim(const struct db_reader *reader, enum key_kind kind, unsigned keep)
{
	for (;;) {
		MDB_val k;
		MDB_val v;
		int rc = walk_begin(reader->cursor, kind, STORE_BACKWARDS, &k, &v);
		for (unsigned i = 0; rc == 0 && i < keep; i++) {
			rc = mdb_cursor_get(reader->cursor, &k, &v, MDB_PREV);
		}
		if (rc != 0) {
			return rc == MDB_NOTFOUND ? 0 : store_err(rc);
		}
		struct rd at = rd_of(&k);
		if (rd_u8(&at) != kind) {
			return 0;
		}
		rc = mdb_cursor_del(reader->cursor, 0);
		if (rc != 0) {
			return store_err(rc);
		}
	}
}
