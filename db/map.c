/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/map.h"

#include "db/codec.h"
#include "db/store.h"

static const struct db_reader *
map_of(const struct db_snapshot *snap)
{
	return &snap->map->reader[snap->i];
}

/* The one record of a kind. */
static int
get_single(const struct db_snapshot *snap, enum key_kind kind, struct rd *ret_fields)
{
	struct key key;
	key_single(kind, &key);
	return store_get(map_of(snap), &key, ret_fields);
}

int
db_map_info(const struct db_snapshot *snap, struct db_info *ret)
{
	struct rd fields;
	struct codec_format format;
	struct db_info info;
	int err = get_single(snap, KEY_FORMAT, &fields);
	if (err == 0) {
		err = codec_get_format(fields, &format);
	}
	if (err == 0) {
		err = get_single(snap, KEY_INFO, &fields);
	}
	if (err == 0) {
		err = codec_get_info(fields, &info);
	}
	if (err != 0) {
		return err;
	}
	info.format_major = format.major;
	info.format_minor = format.minor;
	*ret = info;
	return 0;
}

int
db_map_revision(const struct db_snapshot *snap, uint64_t *ret)
{
	struct db_reader *reader = &snap->map->reader[snap->i];
	size_t txn = mdb_txn_id(reader->txn);
	if (reader->revision_txn != txn) {
		struct db_info info;
		int err = db_map_info(snap, &info);
		if (err != 0) {
			return err;
		}
		reader->revision = info.revision;
		reader->revision_txn = txn;
	}
	*ret = reader->revision;
	return 0;
}

int
db_map_settings(const struct db_snapshot *snap, struct db_settings *ret)
{
	struct rd fields;
	int err = get_single(snap, KEY_SETTINGS, &fields);
	return err == 0 ? codec_get_settings(fields, ret) : err;
}

struct devices_walk {
	db_device_visit *visit;
	void *ctx;
};

static int
visit_device(void *ctx, struct rd body, struct rd fields)
{
	const struct devices_walk *walk = ctx;
	struct db_device device;
	int err = codec_get_device(fields, &device);
	if (err == 0) {
		err = key_read_device(body, &device.mac);
	}
	return err == 0 ? walk->visit(walk->ctx, &device) : err;
}

int
db_map_devices(const struct db_snapshot *snap, db_device_visit *visit, void *ctx)
{
	struct devices_walk walk = {visit, ctx};
	return store_walk(
	    map_of(snap), KEY_DEVICE, STORE_FORWARDS, visit_device, &walk);
}

struct drains_walk {
	db_drains_visit *visit;
	void *ctx;
};

static int
visit_drains(void *ctx, struct rd body, struct rd fields)
{
	const struct drains_walk *walk = ctx;
	char farm[DB_FARM_NAME_MAX + 1];
	struct db_drains drains;
	int err = codec_get_drains(fields, &drains);
	if (err == 0) {
		err = key_read_drains(body, farm);
	}
	return err == 0 ? walk->visit(walk->ctx, farm, &drains) : err;
}

int
db_map_drains(const struct db_snapshot *snap, db_drains_visit *visit, void *ctx)
{
	struct drains_walk walk = {visit, ctx};
	return store_walk(
	    map_of(snap), KEY_DRAINS, STORE_FORWARDS, visit_drains, &walk);
}

int
db_map_drain_notes(
    const struct db_snapshot *snap, const char *farm, db_drain_visit *visit, void *ctx)
{
	struct key key;
	struct rd fields;
	struct db_drains drains;
	int ret = key_drains(farm, &key);
	if (ret == 0) {
		ret = store_get(map_of(snap), &key, &fields);
	}
	if (ret == 0) {
		ret = codec_get_drains(fields, &drains);
	}
	if (ret != 0) {
		return ret == ERR_NOTFOUND || ret == ERR_RANGE ? 0 : ret;
	}
	struct db_drain next = {.addr = 0};
	bool has_next = codec_next_drain(&fields, &next);
	for (unsigned i = 0; i < drains.count && ret == 0; i++) {
		const struct db_drain bare = {.addr = drains.addr[i]};
		while (has_next && next.addr < bare.addr) {
			has_next = codec_next_drain(&fields, &next);
		}
		bool told = has_next && next.addr == bare.addr;
		ret = visit(ctx, told ? &next : &bare);
	}
	return ret;
}

struct farms_walk {
	struct db_farm *room;
	db_farm_visit *visit;
	void *ctx;
};

static int
visit_farm(void *ctx, struct rd body, struct rd fields)
{
	const struct farms_walk *walk = ctx;
	(void)body;
	int err = codec_get_farm(fields, walk->room);
	return err == 0 ? walk->visit(walk->ctx, walk->room) : err;
}

int
db_map_farms(const struct db_snapshot *snap, struct db_farm *room, db_farm_visit *visit,
    void *ctx)
{
	struct farms_walk walk = {room, visit, ctx};
	return store_walk(map_of(snap), KEY_FARM, STORE_FORWARDS, visit_farm, &walk);
}

struct scopes_walk {
	db_scope_visit *visit;
	void *ctx;
};

static int
visit_scope(void *ctx, struct rd body, struct rd fields)
{
	const struct scopes_walk *walk = ctx;
	struct db_scope scope;
	(void)body;
	int err = codec_get_scope(fields, &scope);
	return err == 0 ? walk->visit(walk->ctx, &scope) : err;
}

static int
visit_interval(void *ctx, struct rd body, struct rd fields)
{
	const struct scopes_walk *walk = ctx;
	struct codec_span span;
	struct db_scope scope;
	(void)body;
	int err = codec_get_span(fields, &span, &scope);
	return err == 0 ? walk->visit(walk->ctx, &scope) : err;
}

int
db_map_scopes(const struct db_snapshot *snap, db_scope_visit *visit, void *ctx)
{
	static const struct {
		enum key_kind kind;
		store_visit *visit;
	} kinds[] = {
	    {KEY_FALLBACK, visit_scope},
	    {KEY_SUBNET, visit_scope},
	    {KEY_SCOPES, visit_interval},
	};
	struct scopes_walk walk = {visit, ctx};
	int ret = 0;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && ret == 0; i++) {
		ret = store_walk(
		    map_of(snap), kinds[i].kind, STORE_FORWARDS, kinds[i].visit, &walk);
	}
	return ret;
}

int
db_map_pin(const struct db_snapshot *snap, const char *farm, const char *file,
    uint8_t ret[static DB_DIGEST_LEN])
{
	struct key key;
	struct rd fields;
	int err = key_pin(farm, file, &key);
	if (err != 0) {
		return ERR_NOTFOUND; /* a name too long for any record */
	}
	err = store_get(map_of(snap), &key, &fields);
	return err == 0 ? codec_get_pin(fields, ret) : err;
}

struct history_walk {
	db_history_visit *visit;
	void *ctx;
};

static int
visit_history(void *ctx, struct rd body, struct rd fields)
{
	const struct history_walk *walk = ctx;
	struct db_history history;
	int err = codec_get_history(fields, &history);
	if (err == 0) {
		err = key_read_history(body, &history.revision);
	}
	return err == 0 ? walk->visit(walk->ctx, &history) : err;
}

int
db_map_history(const struct db_snapshot *snap, db_history_visit *visit, void *ctx)
{
	struct history_walk walk = {visit, ctx};
	return store_walk(
	    map_of(snap), KEY_HISTORY, STORE_BACKWARDS, visit_history, &walk);
}

/* Stops the walk at the newest entry: its configuration is the one in force. */
enum { FOUND = 1 };

static int
visit_newest(void *ctx, const struct db_history *history)
{
	*(struct db_history *)ctx = *history;
	return FOUND;
}

int
db_map_config(const struct db_snapshot *snap, const char **ret, size_t *ret_len)
{
	struct db_history newest;
	int err = db_map_history(snap, visit_newest, &newest);
	if (err != FOUND) {
		return err == 0 ? ERR_NOTFOUND : err;
	}
	*ret = newest.config;
	*ret_len = newest.config_len;
	return 0;
}
