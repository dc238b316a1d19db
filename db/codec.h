/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/map.h"
#include "db/state.h"
#include "db/value.h"

/* The records as fields of a stored value; FORMAT.md shows the bytes. put appends the fields
 * to a begun value: what does not fit its limits makes the cursor fail. get decodes fields
 * and returns 0 or ERR_MALFORMED, *ret then undefined; what only the key says stays unset. */

/* An interval's own fields; its scope's follow them in the same value. */
struct codec_span {
	uint32_t first;
	bool listed;    /* KEY_CLIENTS: see struct db_client */
	bool has_scope; /* a scope's fields are there */
};
void codec_put_span(
    struct wr *w, const struct codec_span *span, const struct db_scope *scope);
int codec_get_span(struct rd fields, struct codec_span *ret, struct db_scope *ret_scope)
    __attribute__((warn_unused_result));

void codec_put_scope(struct wr *w, const struct db_scope *scope);
int codec_get_scope(struct rd fields, struct db_scope *ret)
    __attribute__((warn_unused_result));

void codec_put_farm(struct wr *w, const struct db_farm *farm);
int codec_get_farm(struct rd fields, struct db_farm *ret)
    __attribute__((warn_unused_result));

void codec_put_device(struct wr *w, const struct db_device *device);
int codec_get_device(struct rd fields, struct db_device *ret)
    __attribute__((warn_unused_result));

/* The addresses; a detail of each may follow them, in the same order. */
void codec_put_drains(struct wr *w, const struct db_drains *drains);
void codec_put_drain(struct wr *w, const struct db_drain *drain);
int codec_get_drains(struct rd fields, struct db_drains *ret)
    __attribute__((warn_unused_result));
/* Steps to the next detail of fields that codec_get_drains() took; false when none is left. */
bool codec_next_drain(struct rd *fields, struct db_drain *ret);

/* Of what surrounds the decision: codec_admin.c. */

/* Which database this is. In every MAJOR it stands under the same key, in this form. */
struct codec_format {
	uint8_t kind; /* enum db_kind */
	uint16_t major, minor;
};
void codec_put_format(struct wr *w, const struct codec_format *format);
int codec_get_format(struct rd fields, struct codec_format *ret)
    __attribute__((warn_unused_result));

/* Of struct db_info all but the format's numbers. */
void codec_put_info(struct wr *w, const struct db_info *info);
int codec_get_info(struct rd fields, struct db_info *ret)
    __attribute__((warn_unused_result));

void codec_put_settings(struct wr *w, const struct db_settings *settings);
int codec_get_settings(struct rd fields, struct db_settings *ret)
    __attribute__((warn_unused_result));

/* config is borrowed from the fields. */
void codec_put_history(struct wr *w, const struct db_history *history);
int codec_get_history(struct rd fields, struct db_history *ret)
    __attribute__((warn_unused_result));

void codec_put_pin(struct wr *w, const uint8_t sha256[static DB_DIGEST_LEN]);
int codec_get_pin(struct rd fields, uint8_t ret[static DB_DIGEST_LEN])
    __attribute__((warn_unused_result));

/* Of the state: codec_state.c. */

void codec_put_verdict(struct wr *w, enum db_verdict verdict);
int codec_get_verdict(struct rd fields, enum db_verdict *ret)
    __attribute__((warn_unused_result));

void codec_put_health(struct wr *w, const struct db_health *health);
int codec_get_health(struct rd fields, struct db_health *ret)
    __attribute__((warn_unused_result));

void codec_put_heartbeat(struct wr *w, const struct db_heartbeat *heartbeat);
int codec_get_heartbeat(struct rd fields, struct db_heartbeat *ret)
    __attribute__((warn_unused_result));

void codec_put_named(struct wr *w, int64_t time_ms);
int codec_get_named(struct rd fields, int64_t *ret_ms)
    __attribute__((warn_unused_result));

/* Decodes the value of any kind: 0, ERR_MALFORMED, or ERR_NOTFOUND for a kind not known. */
int codec_check(uint8_t kind, struct rd fields) __attribute__((warn_unused_result));
