/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/env.h"

#include "db/codec.h"
#include "db/store.h"

/* The look-ups of the decision: each is one seek at most, allocates nothing and never waits. */

static const struct db_reader *
map_of(void *snap)
{
	const struct db_snapshot *s = snap;
	return &s->map->reader[s->i];
}

static int
source_device(void *snap, const struct mac *mac, struct db_device *ret)
{
	struct key key;
	struct rd fields;
	key_device(mac, &key);
	int err = store_get(map_of(snap), &key, &fields);
	if (err == 0) {
		err = codec_get_device(fields, ret);
		ret->mac = *mac;
	}
	return err;
}

static int
get_scope(void *snap, const struct key *key, struct db_scope *ret)
{
	struct rd fields;
	int err = store_get_again(map_of(snap), key, &fields);
	return err == 0 ? codec_get_scope(fields, ret) : err;
}

static int
source_subnet(void *snap, uint32_t subnet_id, struct db_scope *ret)
{
	struct key key;
	key_subnet(subnet_id, &key);
	return get_scope(snap, &key, ret);
}

static int
source_fallback(void *snap, struct db_scope *ret)
{
	struct key key;
	key_single(KEY_FALLBACK, &key);
	return get_scope(snap, &key, ret);
}

/* The interval of a kind that holds addr; ERR_NOTFOUND in a gap. */
static int
get_span(void *snap, enum key_kind kind, uint32_t addr, struct codec_span *ret,
    struct db_scope *ret_scope)
{
	struct key key;
	struct rd body;
	struct rd fields;
	key_interval(kind, addr, &key);
	int err = store_seek(map_of(snap), &key, &body, &fields);
	if (err == 0) {
		err = codec_get_span(fields, ret, ret_scope);
	}
	return err == 0 && ret->first > addr ? ERR_NOTFOUND : err;
}

static int
source_prefix(void *snap, uint32_t addr, struct db_scope *ret)
{
	struct codec_span span;
	return get_span(snap, KEY_SCOPES, addr, &span, ret);
}

static int
source_client(void *snap, uint32_t addr, struct db_client *ret)
{
	struct codec_span span;
	int err = get_span(snap, KEY_CLIENTS, addr, &span, &ret->scope);
	if (err == 0) {
		ret->listed = span.listed;
		ret->has_scope = span.has_scope;
	}
	return err;
}

/* A name too long for any record is the name of none. */
static int
absent(int err)
{
	return err == ERR_RANGE ? ERR_NOTFOUND : err;
}

static int
source_farm(void *snap, const char *name, struct db_farm *ret)
{
	struct key key;
	struct rd fields;
	int err = absent(key_farm(name, &key));
	if (err == 0) {
		err = store_get_again(map_of(snap), &key, &fields);
	}
	return err == 0 ? codec_get_farm(fields, ret) : err;
}

static int
source_drains(void *snap, const char *farm, struct db_drains *ret)
{
	struct key key;
	struct rd fields;
	int err = absent(key_drains(farm, &key));
	if (err == 0) {
		err = store_get_again(map_of(snap), &key, &fields);
	}
	return err == 0 ? codec_get_drains(fields, ret) : err;
}

static int
source_verdict(void *snap, const struct db_verdict_key *verdict, enum db_verdict *ret)
{
	const struct db_snapshot *s = snap;
	struct key key;
	struct rd fields;
	if (s->state == NULL) {
		return ERR_NOTFOUND;
	}
	int err = absent(key_verdict(verdict, &key));
	if (err == 0) {
		err = store_get_again(&s->state->reader[s->i], &key, &fields);
	}
	return err == 0 ? codec_get_verdict(fields, ret) : err;
}

const struct db_source db_source = {
    .device = source_device,
    .subnet = source_subnet,
    .prefix = source_prefix,
    .fallback = source_fallback,
    .client = source_client,
    .farm = source_farm,
    .drains = source_drains,
    .verdict = source_verdict,
};
