/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/write.h"

#include "db/codec.h"
#include "db/export.h"
#include "db/store.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>

enum { HISTORY_MAX = 20, HISTORY_HEAD = 256 };

struct db_write {
	struct db_env *env;
	struct db_snapshot snap;
	bool is_new;
	uint64_t revision; /* what the commit will be */
	uint8_t value[VALUE_MAX];
};

static const struct db_reader *
txn_of(const struct db_write *w)
{
	return &w->env->reader[0];
}

/* The revision that was committed last, 0 for a map never applied. */
static int
last_revision(const struct db_write *w, uint64_t *ret)
{
	struct db_info info;
	int err = db_map_info(&w->snap, &info);
	if (err != 0 && err != ERR_NOTFOUND) {
		return err;
	}
	*ret = err == 0 ? info.revision : 0;
	return 0;
}

int
db_write_begin(const char *dir, struct db_write **ret)
{
	uint64_t last = 0;
	struct db_write *w = calloc(1, sizeof(*w));
	if (w == NULL) {
		return -ENOMEM;
	}
	int err = env_open_writer(DB_MAP, dir, &w->env);
	if (err == 0) {
		err = env_write_begin(w->env, &w->is_new);
	}
	w->snap = (struct db_snapshot){.map = w->env};
	if (err == 0) {
		err = last_revision(w, &last);
	}
	if (err != 0) {
		db_write_abort(w);
		return err;
	}
	w->revision = last + 1;
	*ret = w;
	return 0;
}

void
db_write_abort(struct db_write *w)
{
	if (w != NULL) {
		db_env_close(w->env);
		free(w);
	}
}

struct db_snapshot *
db_write_snapshot(struct db_write *w)
{
	return &w->snap;
}

bool
db_write_is_new(const struct db_write *w)
{
	return w->is_new;
}

/* Puts the value that begun (over w->value) ends. */
static int
put(struct db_write *w, const struct key *key, const struct wr *begun)
{
	return store_put(txn_of(w), key, w->value, begun);
}

static struct wr
begin(struct db_write *w)
{
	return value_begin(w->value, sizeof(w->value));
}

int
db_write_commit(struct db_write *w)
{
	struct db_info info = {.revision = w->revision};
	struct key key;
	int ret = db_export_digest(&w->snap, info.digest, &info.devices);
	if (ret == 0) {
		struct wr value = begin(w);
		codec_put_info(&value, &info);
		key_single(KEY_INFO, &key);
		ret = put(w, &key, &value);
	}
	if (ret == 0) {
		ret = env_write_commit(w->env);
	}
	db_write_abort(w);
	return ret;
}

int
db_write_clear(struct db_write *w)
{
	return store_del_kinds(txn_of(w), KEY_COMPILED_FIRST, KEY_COMPILED_LAST);
}

static int
put_span(struct db_write *w, enum key_kind kind, uint32_t last,
    const struct codec_span *span, const struct db_scope *scope)
{
	struct key key;
	struct wr value = begin(w);
	codec_put_span(&value, span, scope);
	key_interval(kind, last, &key);
	return span->first <= last ? put(w, &key, &value) : ERR_RANGE;
}

int
db_put_interval(
    struct db_write *w, uint32_t first, uint32_t last, const struct db_scope *scope)
{
	const struct codec_span span = {.first = first, .has_scope = true};
	return put_span(w, KEY_SCOPES, last, &span, scope);
}

int
db_put_client_interval(
    struct db_write *w, uint32_t first, uint32_t last, const struct db_client *client)
{
	const struct codec_span span = {
	    .first = first, .listed = client->listed, .has_scope = client->has_scope};
	return put_span(w, KEY_CLIENTS, last, &span, &client->scope);
}

static int
put_scope(struct db_write *w, const struct key *key, const struct db_scope *scope)
{
	struct wr value = begin(w);
	codec_put_scope(&value, scope);
	return put(w, key, &value);
}

int
db_put_subnet(struct db_write *w, uint32_t subnet_id, const struct db_scope *scope)
{
	struct key key;
	key_subnet(subnet_id, &key);
	return put_scope(w, &key, scope);
}

int
db_put_fallback(struct db_write *w, const struct db_scope *scope)
{
	struct key key;
	key_single(KEY_FALLBACK, &key);
	return put_scope(w, &key, scope);
}

int
db_put_farm(struct db_write *w, const struct db_farm *farm)
{
	struct key key;
	struct wr value = begin(w);
	codec_put_farm(&value, farm);
	int ret = key_farm(farm->name, &key);
	return ret == 0 ? put(w, &key, &value) : ret;
}

int
db_put_pin(struct db_write *w, const char *farm, const char *file,
    const uint8_t sha256[static DB_DIGEST_LEN])
{
	struct key key;
	struct wr value = begin(w);
	codec_put_pin(&value, sha256);
	int ret = key_pin(farm, file, &key);
	return ret == 0 ? put(w, &key, &value) : ret;
}

int
db_put_settings(struct db_write *w, const struct db_settings *settings)
{
	struct key key;
	struct wr value = begin(w);
	codec_put_settings(&value, settings);
	key_single(KEY_SETTINGS, &key);
	return put(w, &key, &value);
}

int
db_put_config(struct db_write *w, const struct db_history *history)
{
	struct key key;
	size_t room = HISTORY_HEAD + history->config_len;
	uint8_t *bytes = malloc(room);
	if (bytes == NULL) {
		return -ENOMEM;
	}
	struct wr value = value_begin(bytes, room);
	codec_put_history(&value, history);
	key_history(w->revision, &key);
	int ret = store_put(txn_of(w), &key, bytes, &value);
	free(bytes);
	return ret == 0 ? store_trim(txn_of(w), KEY_HISTORY, HISTORY_MAX) : ret;
}

/* The export is JSON: it can show only UTF-8. */
static bool
is_utf8(const char *text)
{
	json_t *string = json_string(text);
	bool valid = string != NULL;
	json_decref(string);
	return valid;
}

int
db_put_device(struct db_write *w, const struct db_device *device)
{
	struct key key;
	struct wr value = begin(w);
	codec_put_device(&value, device);
	key_device(&device->mac, &key);
	bool shown = is_utf8(device->name) && is_utf8(device->note);
	return shown ? put(w, &key, &value) : ERR_MALFORMED;
}

int
db_del_device(struct db_write *w, const struct mac *mac)
{
	struct key key;
	key_device(mac, &key);
	return store_del(txn_of(w), &key);
}

static int
by_addr(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

/* In order and each once, so that equal sets of drains are equal maps. */
static int
sorted_drains(const struct db_drains *drains, struct db_drains *ret)
{
	if (drains->count > DB_SERVERS_MAX) {
		return ERR_RANGE;
	}
	ret->count = 0;
	uint32_t addr[DB_SERVERS_MAX];
	memcpy(addr, drains->addr, drains->count * sizeof(addr[0]));
	qsort(addr, drains->count, sizeof(addr[0]), by_addr);
	for (unsigned i = 0; i < drains->count; i++) {
		if (i == 0 || addr[i] != addr[i - 1]) {
			ret->addr[ret->count++] = addr[i];
		}
	}
	return 0;
}

/* What a farm's record of drains may take: the addresses, and a detail of each. */
enum {
	DRAIN_ROOM = 5 + 4 + 8 + 1 + 32 + DB_NOTE_MAX,
	DRAINS_ROOM = VALUE_HEAD + 5 + DB_SERVERS_MAX * (4 + DRAIN_ROOM),
};

/* A farm's stored drains and their details; none where there is no record. */
static int
read_drains(const struct db_write *w, const struct key *key, struct db_drains *ret,
    struct rd *ret_fields)
{
	struct rd fields;
	int err = store_get(txn_of(w), key, &fields);
	if (err == ERR_NOTFOUND) {
		ret->count = 0;
		*ret_fields = rd_init(NULL, 0);
		return 0;
	}
	if (err == 0) {
		err = codec_get_drains(fields, ret);
	}
	if (err == 0) {
		*ret_fields = fields;
	}
	return err;
}

static bool
is_among(const struct db_drains *drains, uint32_t addr)
{
	return bsearch(&addr, drains->addr, drains->count, sizeof(addr), by_addr) !=
	    NULL;
}

/* The addresses, with the details that they have, which may have one more. */
static void
put_drains(struct wr *w, const struct db_drains *drains, struct rd details,
    const struct db_drain *added)
{
	struct db_drain detail;
	codec_put_drains(w, drains);
	while (codec_next_drain(&details, &detail)) {
		if (added != NULL && added->addr < detail.addr) {
			codec_put_drain(w, added);
			added = NULL;
		}
		if (is_among(drains, detail.addr)) {
			codec_put_drain(w, &detail);
		}
	}
	if (added != NULL) {
		codec_put_drain(w, added);
	}
}

/* Makes drains (in order) those that are stored under key. */
static int
replace_drains(struct db_write *w, const struct key *key,
    const struct db_drains *drains, struct rd details, const struct db_drain *added)
{
	if (drains->count == 0) {
		int ret = store_del(txn_of(w), key);
		return ret == ERR_NOTFOUND ? 0 : ret;
	}
	uint8_t *bytes = malloc(DRAINS_ROOM);
	if (bytes == NULL) {
		return -ENOMEM;
	}
	struct wr value = value_begin(bytes, DRAINS_ROOM);
	put_drains(&value, drains, details, added);
	int ret = store_put(txn_of(w), key, bytes, &value);
	free(bytes);
	return ret;
}

int
db_put_drains(struct db_write *w, const char *farm, const struct db_drains *drains)
{
	struct key key;
	struct db_drains sorted;
	struct db_drains old;
	struct rd details;
	int ret = key_drains(farm, &key);
	if (ret == 0) {
		ret = sorted_drains(drains, &sorted);
	}
	if (ret == 0) {
		ret = read_drains(w, &key, &old, &details);
	}
	return ret == 0 ? replace_drains(w, &key, &sorted, details, NULL) : ret;
}

int
db_put_drain(struct db_write *w, const char *farm, const struct db_drain *drain)
{
	struct key key;
	struct db_drains drains;
	struct rd details;
	int ret = key_drains(farm, &key);
	if (ret == 0) {
		ret = read_drains(w, &key, &drains, &details);
	}
	if (ret != 0) {
		return ret;
	}
	if (is_among(&drains, drain->addr)) {
		return ERR_EXISTS;
	}
	if (drains.count == DB_SERVERS_MAX) {
		return ERR_FULL;
	}
	if (!is_utf8(drain->user) || !is_utf8(drain->note)) {
		return ERR_MALFORMED;
	}
	drains.addr[drains.count++] = drain->addr;
	qsort(drains.addr, drains.count, sizeof(drains.addr[0]), by_addr);
	return replace_drains(w, &key, &drains, details, drain);
}

int
db_del_drain(struct db_write *w, const char *farm, uint32_t addr)
{
	struct key key;
	struct db_drains drains;
	struct db_drains left = {.count = 0};
	struct rd details;
	int ret = key_drains(farm, &key);
	if (ret == 0) {
		ret = read_drains(w, &key, &drains, &details);
	}
	for (unsigned i = 0; ret == 0 && i < drains.count; i++) {
		if (drains.addr[i] != addr) {
			left.addr[left.count++] = drains.addr[i];
		}
	}
	if (ret == 0 && left.count == drains.count) {
		ret = ERR_NOTFOUND;
	}
	return ret == 0 ? replace_drains(w, &key, &left, details, NULL) : ret;
}
