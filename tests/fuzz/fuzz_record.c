/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/codec.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Stored records: the first byte is the kind, the rest the fields. What decodes must encode
 * again, into the room that the writer has, to what decodes to the same. */

static void
must(bool holds)
{
	if (!holds) {
		abort();
	}
}

static uint8_t bytes[2][VALUE_MAX];

/* Records whose kind is put again from what get gave. */
struct codec {
	uint8_t kind;
	int (*get)(struct rd fields, void *ret);
	void (*put)(struct wr *w, const void *record);
};

static union {
	struct codec_format format;
	struct db_info info;
	struct db_settings settings;
	struct db_scope scope;
	struct db_farm farm;
	struct db_device device;
	struct db_drains drains;
	struct db_health health;
	struct db_heartbeat heartbeat;
	struct {
		struct codec_span span;
		struct db_scope scope;
	} interval;
} record;

#define CODEC(name, type)                                                              \
	static int get_##name(struct rd fields, void *ret)                             \
	{                                                                              \
		return codec_get_##name(fields, ret);                                  \
	}                                                                              \
	static void put_##name(struct wr *w, const void *from)                         \
	{                                                                              \
		codec_put_##name(w, (const type *)from);                               \
	}
CODEC(format, struct codec_format)
CODEC(info, struct db_info)
CODEC(settings, struct db_settings)
CODEC(scope, struct db_scope)
CODEC(farm, struct db_farm)
CODEC(device, struct db_device)
CODEC(drains, struct db_drains)
CODEC(health, struct db_health)
CODEC(heartbeat, struct db_heartbeat)

static int
get_interval(struct rd fields, void *ret)
{
	(void)ret;
	return codec_get_span(fields, &record.interval.span, &record.interval.scope);
}

static void
put_interval(struct wr *w, const void *from)
{
	(void)from;
	codec_put_span(w, &record.interval.span, &record.interval.scope);
}

static const struct codec codecs[] = {
    {KEY_FORMAT, get_format, put_format},
    {KEY_INFO, get_info, put_info},
    {KEY_SETTINGS, get_settings, put_settings},
    {KEY_FALLBACK, get_scope, put_scope},
    {KEY_SCOPES, get_interval, put_interval},
    {KEY_FARM, get_farm, put_farm},
    {KEY_DEVICE, get_device, put_device},
    {KEY_DRAINS, get_drains, put_drains},
    {KEY_HEALTH, get_health, put_health},
    {KEY_HEARTBEAT, get_heartbeat, put_heartbeat},
};

static size_t
encode(const struct codec *codec, uint8_t *dst)
{
	struct wr w = wr_init(dst, VALUE_MAX - VALUE_HEAD);
	codec->put(&w, &record);
	must(w.err == 0);
	return wr_len(&w, dst);
}

static void
round_trip(const struct codec *codec, struct rd fields)
{
	must(codec->get(fields, &record) == 0);
	size_t first = encode(codec, bytes[0]);
	must(codec->get(rd_init(bytes[0], first), &record) == 0);
	size_t second = encode(codec, bytes[1]);
	must(first == second && memcmp(bytes[0], bytes[1], first) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd fields = rd_init(data, size);
	uint8_t kind = rd_u8(&fields);
	struct rd opened;
	/* The envelope around any bytes: it must refuse them, but for one in 2^32. */
	int envelope = value_open(rd_init(data, size < 8 ? size : 8), fields, &opened);
	int ret = codec_check(kind, fields);
	must(envelope == 0 || envelope == ERR_CHECKSUM || envelope == ERR_MALFORMED ||
	    envelope == ERR_FORMAT);
	must(ret == 0 || ret == ERR_MALFORMED || ret == ERR_NOTFOUND);
	for (size_t i = 0; ret == 0 && i < sizeof(codecs) / sizeof(codecs[0]); i++) {
		if (codecs[i].kind == kind) {
			round_trip(&codecs[i], fields);
		}
	}
	return 0;
}
