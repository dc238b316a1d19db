/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/codec.h"

enum format_tag { FORMAT_KIND = 1, FORMAT_VERSION = 2 };

void
codec_put_format(struct wr *w, const struct codec_format *format)
{
	field_put_u8(w, FORMAT_KIND, format->kind);
	field_head(w, FORMAT_VERSION, 4);
	wr_be16(w, format->major);
	wr_be16(w, format->minor);
}

int
codec_get_format(struct rd fields, struct codec_format *ret)
{
	struct codec_format format = {0};
	for (struct field f = {0}; field_next(&fields, &f);) {
		if (f.tag == FORMAT_KIND) {
			format.kind = rd_u8(&f.v);
		} else if (f.tag == FORMAT_VERSION) {
			format.major = rd_be16(&f.v);
			format.minor = rd_be16(&f.v);
		} else {
			field_skip(&f);
		}
	}
	*ret = format;
	return fields_end(&fields);
}

enum info_tag { INFO_REVISION = 1, INFO_DIGEST = 2, INFO_DEVICES = 3 };

void
codec_put_info(struct wr *w, const struct db_info *info)
{
	field_put_be64(w, INFO_REVISION, info->revision);
	field_put_bytes(w, INFO_DIGEST, info->digest, sizeof(info->digest));
	field_put_be64(w, INFO_DEVICES, info->devices);
}

int
codec_get_info(struct rd fields, struct db_info *ret)
{
	ret->revision = 0;
	ret->devices = 0;
	memset(ret->digest, 0, sizeof(ret->digest));
	for (struct field f = {0}; field_next(&fields, &f);) {
		switch (f.tag) {
		case INFO_REVISION:
			ret->revision = rd_be64(&f.v);
			break;
		case INFO_DIGEST:
			rd_bytes(&f.v, ret->digest, sizeof(ret->digest));
			break;
		case INFO_DEVICES:
			ret->devices = rd_be64(&f.v);
			break;
		default:
			field_skip(&f);
		}
	}
	return ret->revision > 0 ? fields_end(&fields) : ERR_MALFORMED;
}

enum settings_tag {
	SETTINGS_LISTEN = 1,
	SETTINGS_SINGLE_PORT = 2,
	SETTINGS_PORT_RANGE = 3,
	SETTINGS_INTERFACE = 4,
	SETTINGS_RELAY_ONLY = 5,
	SETTINGS_SHADOW = 6,
	SETTINGS_BOOT_SERVERS = 7,
};
enum { SETTINGS_BOOT_SERVERS_MAX = DB_BOOT_SERVERS_MAX * 4 };

void
codec_put_settings(struct wr *w, const struct db_settings *settings)
{
	if (settings->listen_count > DB_LISTEN_MAX ||
	    settings->interface_count > DB_INTERFACES_MAX) {
		w->err = ERR_RANGE;
		return;
	}
	for (unsigned i = 0; i < settings->listen_count; i++) {
		field_head(w, SETTINGS_LISTEN, 6);
		wr_be32(w, settings->listen[i].addr);
		wr_be16(w, settings->listen[i].port);
	}
	field_put_u8(w, SETTINGS_SINGLE_PORT, settings->single_port);
	field_head(w, SETTINGS_PORT_RANGE, 4);
	wr_be16(w, settings->port_first);
	wr_be16(w, settings->port_last);
	for (unsigned i = 0; i < settings->interface_count; i++) {
		field_put_text(w, SETTINGS_INTERFACE, settings->interfaces[i]);
	}
	field_put_u8(w, SETTINGS_RELAY_ONLY, settings->relay_only);
	field_put_u8(w, SETTINGS_SHADOW, settings->shadow);
	field_put_addrs(w, SETTINGS_BOOT_SERVERS, settings->boot_servers,
	    settings->boot_server_count, SETTINGS_BOOT_SERVERS_MAX);
}

static void
get_listen(struct field *f, struct db_settings *ret)
{
	if (ret->listen_count == DB_LISTEN_MAX) {
		rd_fail(&f->v, ERR_RANGE);
		return;
	}
	ret->listen[ret->listen_count].addr = rd_be32(&f->v);
	ret->listen[ret->listen_count].port = rd_be16(&f->v);
	ret->listen_count++;
}

static void
get_interface(struct field *f, struct db_settings *ret)
{
	if (ret->interface_count == DB_INTERFACES_MAX) {
		rd_fail(&f->v, ERR_RANGE);
		return;
	}
	field_text(f, ret->interfaces[ret->interface_count++], DB_INTERFACE_NAME);
}

static void
settings_field(struct field *f, struct db_settings *ret)
{
	switch (f->tag) {
	case SETTINGS_LISTEN:
		get_listen(f, ret);
		break;
	case SETTINGS_SINGLE_PORT:
		ret->single_port = field_bool(f);
		break;
	case SETTINGS_PORT_RANGE:
		ret->port_first = rd_be16(&f->v);
		ret->port_last = rd_be16(&f->v);
		break;
	case SETTINGS_INTERFACE:
		get_interface(f, ret);
		break;
	case SETTINGS_RELAY_ONLY:
		ret->relay_only = field_bool(f);
		break;
	case SETTINGS_SHADOW:
		ret->shadow = field_bool(f);
		break;
	case SETTINGS_BOOT_SERVERS:
		field_addrs(f, ret->boot_servers, SETTINGS_BOOT_SERVERS_MAX,
		    &ret->boot_server_count);
		break;
	default:
		field_skip(f);
	}
}

int
codec_get_settings(struct rd fields, struct db_settings *ret)
{
	ret->listen_count = 0;
	ret->single_port = false;
	ret->port_first = 0;
	ret->port_last = 0;
	ret->interface_count = 0;
	ret->relay_only = false;
	ret->shadow = false;
	ret->boot_server_count = 0;
	for (struct field f = {0}; field_next(&fields, &f);) {
		settings_field(&f, ret);
	}
	return fields_end(&fields);
}

enum history_tag {
	HISTORY_TIME = 1,
	HISTORY_USER = 2,
	HISTORY_FILE_DIGEST = 3,
	HISTORY_CONFIG = 4,
};

void
codec_put_history(struct wr *w, const struct db_history *history)
{
	field_put_be64(w, HISTORY_TIME, (uint64_t)history->time_s);
	field_put_text(w, HISTORY_USER, history->user);
	field_put_bytes(
	    w, HISTORY_FILE_DIGEST, history->file_digest, sizeof(history->file_digest));
	field_put_bytes(w, HISTORY_CONFIG, history->config, history->config_len);
}

int
codec_get_history(struct rd fields, struct db_history *ret)
{
	*ret = (struct db_history){0};
	for (struct field f = {0}; field_next(&fields, &f);) {
		switch (f.tag) {
		case HISTORY_TIME:
			ret->time_s = (int64_t)rd_be64(&f.v);
			break;
		case HISTORY_USER:
			field_text(&f, ret->user, sizeof(ret->user));
			break;
		case HISTORY_FILE_DIGEST:
			rd_bytes(&f.v, ret->file_digest, sizeof(ret->file_digest));
			break;
		case HISTORY_CONFIG:
			ret->config_len = f.v.left;
			ret->config = (const char *)rd_take(&f.v, f.v.left);
			break;
		default:
			field_skip(&f);
		}
	}
	return ret->config_len > 0 ? fields_end(&fields) : ERR_MALFORMED;
}

enum pin_tag { PIN_SHA256 = 1 };

void
codec_put_pin(struct wr *w, const uint8_t sha256[static DB_DIGEST_LEN])
{
	field_put_bytes(w, PIN_SHA256, sha256, DB_DIGEST_LEN);
}

int
codec_get_pin(struct rd fields, uint8_t ret[static DB_DIGEST_LEN])
{
	memset(ret, 0, DB_DIGEST_LEN);
	for (struct field f = {0}; field_next(&fields, &f);) {
		if (f.tag == PIN_SHA256) {
			rd_bytes(&f.v, ret, DB_DIGEST_LEN);
		} else {
			field_skip(&f);
		}
	}
	return fields_end(&fields);
}

/* Room for any one record. */
union any {
	struct codec_format format;
	struct db_info info;
	struct db_settings settings;
	struct db_scope scope;
	struct db_farm farm;
	uint8_t sha256[DB_DIGEST_LEN];
	struct db_device device;
	struct db_drains drains;
	struct db_history history;
	enum db_verdict verdict;
	struct db_health health;
	struct db_heartbeat heartbeat;
	int64_t time_ms;
};

int
codec_check(uint8_t kind, struct rd fields)
{
	union any any;
	struct codec_span span;
	switch (kind) {
	case KEY_FORMAT:
		return codec_get_format(fields, &any.format);
	case KEY_INFO:
		return codec_get_info(fields, &any.info);
	case KEY_SETTINGS:
		return codec_get_settings(fields, &any.settings);
	case KEY_FALLBACK:
	case KEY_SUBNET:
		return codec_get_scope(fields, &any.scope);
	case KEY_SCOPES:
	case KEY_CLIENTS:
		return codec_get_span(fields, &span, &any.scope);
	case KEY_FARM:
		return codec_get_farm(fields, &any.farm);
	case KEY_PIN:
		return codec_get_pin(fields, any.sha256);
	case KEY_DEVICE:
		return codec_get_device(fields, &any.device);
	case KEY_DRAINS:
		return codec_get_drains(fields, &any.drains);
	case KEY_HISTORY:
		return codec_get_history(fields, &any.history);
	case KEY_VERDICT:
		return codec_get_verdict(fields, &any.verdict);
	case KEY_HEALTH:
		return codec_get_health(fields, &any.health);
	case KEY_HEARTBEAT:
		return codec_get_heartbeat(fields, &any.heartbeat);
	case KEY_NAMED:
		return codec_get_named(fields, &any.time_ms);
	default:
		return ERR_NOTFOUND;
	}
}
