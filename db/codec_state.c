/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/codec.h"

enum verdict_tag { VERDICT_VERDICT = 1 };

void
codec_put_verdict(struct wr *w, enum db_verdict verdict)
{
	field_put_u8(w, VERDICT_VERDICT, (uint8_t)verdict);
}

int
codec_get_verdict(struct rd fields, enum db_verdict *ret)
{
	enum db_verdict verdict = DB_VERDICT_UNPROVEN;
	for (struct field f = {0}; field_next(&fields, &f);) {
		if (f.tag == VERDICT_VERDICT) {
			verdict = field_u8(&f, DB_VERDICT_DOWN);
		} else {
			field_skip(&f);
		}
	}
	*ret = verdict;
	return fields_end(&fields);
}

enum health_tag {
	HEALTH_VERDICT = 1,
	HEALTH_COUNTS = 2,
	HEALTH_TIMES = 3,
	HEALTH_LATENCY = 4,
	HEALTH_ERROR = 5,
	HEALTH_FILE = 6,
	HEALTH_DRIFT = 7,
	HEALTH_REVISION = 8,
};

void
codec_put_health(struct wr *w, const struct db_health *health)
{
	field_head(w, HEALTH_VERDICT, 1 + 8);
	wr_u8(w, (uint8_t)health->verdict);
	wr_be64(w, (uint64_t)health->since_ms);
	field_head(w, HEALTH_COUNTS, 8 + 8 + 4 + 1);
	wr_be64(w, health->probes);
	wr_be64(w, health->failures);
	wr_be32(w, health->consecutive);
	wr_u8(w, health->last_good);
	field_head(w, HEALTH_TIMES, 8 + 8 + 8);
	wr_be64(w, (uint64_t)health->last_ms);
	wr_be64(w, (uint64_t)health->last_good_ms);
	wr_be64(w, (uint64_t)health->last_bad_ms);
	field_put_be32(w, HEALTH_LATENCY, health->latency_ms);
	field_put_text(w, HEALTH_ERROR, health->error);
	if (health->has_sha256) {
		field_head(w, HEALTH_FILE, DB_DIGEST_LEN + 8 + 8);
		wr_bytes(w, health->sha256, DB_DIGEST_LEN);
		wr_be64(w, health->size);
		wr_be64(w, (uint64_t)health->sha256_since_ms);
	}
	if (health->drifts) {
		field_head(w, HEALTH_DRIFT, DB_DIGEST_LEN + 8);
		wr_bytes(w, health->expected, DB_DIGEST_LEN);
		wr_be64(w, (uint64_t)health->drifts_since_ms);
	}
	field_put_be64(w, HEALTH_REVISION, health->revision);
}

static void
health_field(struct field *f, struct db_health *ret)
{
	switch (f->tag) {
	case HEALTH_VERDICT:
		ret->verdict = field_u8(f, DB_VERDICT_DOWN);
		ret->since_ms = (int64_t)rd_be64(&f->v);
		break;
	case HEALTH_COUNTS:
		ret->probes = rd_be64(&f->v);
		ret->failures = rd_be64(&f->v);
		ret->consecutive = rd_be32(&f->v);
		ret->last_good = field_bool(f);
		break;
	case HEALTH_TIMES:
		ret->last_ms = (int64_t)rd_be64(&f->v);
		ret->last_good_ms = (int64_t)rd_be64(&f->v);
		ret->last_bad_ms = (int64_t)rd_be64(&f->v);
		break;
	case HEALTH_LATENCY:
		ret->latency_ms = rd_be32(&f->v);
		break;
	case HEALTH_ERROR:
		field_text(f, ret->error, sizeof(ret->error));
		break;
	case HEALTH_FILE:
		ret->has_sha256 = true;
		rd_bytes(&f->v, ret->sha256, sizeof(ret->sha256));
		ret->size = rd_be64(&f->v);
		ret->sha256_since_ms = (int64_t)rd_be64(&f->v);
		break;
	case HEALTH_DRIFT:
		ret->drifts = true;
		rd_bytes(&f->v, ret->expected, sizeof(ret->expected));
		ret->drifts_since_ms = (int64_t)rd_be64(&f->v);
		break;
	case HEALTH_REVISION:
		ret->revision = rd_be64(&f->v);
		break;
	default:
		field_skip(f);
	}
}

int
codec_get_health(struct rd fields, struct db_health *ret)
{
	*ret = (struct db_health){.verdict = DB_VERDICT_UNPROVEN};
	for (struct field f = {0}; field_next(&fields, &f);) {
		health_field(&f, ret);
	}
	return fields_end(&fields);
}

enum heartbeat_tag {
	HEARTBEAT_BOOT = 1,
	HEARTBEAT_TIME = 2,
	HEARTBEAT_PID = 3,
	HEARTBEAT_REVISION = 4,
};

void
codec_put_heartbeat(struct wr *w, const struct db_heartbeat *heartbeat)
{
	field_head(w, HEARTBEAT_BOOT, DB_BOOT_ID_LEN + 8);
	wr_bytes(w, heartbeat->boot_id, DB_BOOT_ID_LEN);
	wr_be64(w, heartbeat->boottime_ms);
	field_put_be64(w, HEARTBEAT_TIME, (uint64_t)heartbeat->time_ms);
	field_put_be32(w, HEARTBEAT_PID, heartbeat->pid);
	field_put_be64(w, HEARTBEAT_REVISION, heartbeat->revision);
}

int
codec_get_heartbeat(struct rd fields, struct db_heartbeat *ret)
{
	*ret = (struct db_heartbeat){0};
	for (struct field f = {0}; field_next(&fields, &f);) {
		switch (f.tag) {
		case HEARTBEAT_BOOT:
			rd_bytes(&f.v, ret->boot_id, sizeof(ret->boot_id));
			ret->boottime_ms = rd_be64(&f.v);
			break;
		case HEARTBEAT_TIME:
			ret->time_ms = (int64_t)rd_be64(&f.v);
			break;
		case HEARTBEAT_PID:
			ret->pid = rd_be32(&f.v);
			break;
		case HEARTBEAT_REVISION:
			ret->revision = rd_be64(&f.v);
			break;
		default:
			field_skip(&f);
		}
	}
	return fields_end(&fields);
}

enum named_tag { NAMED_TIME = 1 };

void
codec_put_named(struct wr *w, int64_t time_ms)
{
	field_put_be64(w, NAMED_TIME, (uint64_t)time_ms);
}

int
codec_get_named(struct rd fields, int64_t *ret_ms)
{
	int64_t time_ms = 0;
	for (struct field f = {0}; field_next(&fields, &f);) {
		if (f.tag == NAMED_TIME) {
			time_ms = (int64_t)rd_be64(&f.v);
		} else {
			field_skip(&f);
		}
	}
	*ret_ms = time_ms;
	return fields_end(&fields);
}
