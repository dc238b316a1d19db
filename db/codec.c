/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/codec.h"

enum scope_tag {
	SCOPE_TEXT = 1,
	SCOPE_FARM = 2,
	SCOPE_FILE = 3,
	SCOPE_BOOT_SERVERS = 4,
	SCOPE_REPLY_DELAY = 5,
	SPAN_FIRST = 32,
	SPAN_FLAGS = 33,
};
enum span_flag { SPAN_LISTED = 1, SPAN_HAS_SCOPE = 2 };

void
codec_put_scope(struct wr *w, const struct db_scope *scope)
{
	field_put_text(w, SCOPE_TEXT, scope->text);
	field_put_text(w, SCOPE_FARM, scope->farm);
	field_put_files(w, SCOPE_FILE, &scope->files);
	field_put_addrs(w, SCOPE_BOOT_SERVERS, scope->boot_servers,
	    scope->boot_server_count, DB_BOOT_SERVERS_MAX);
	if (scope->reply_delay_ms > 0) {
		field_put_be32(w, SCOPE_REPLY_DELAY, scope->reply_delay_ms);
	}
}

static void
scope_init(struct db_scope *scope)
{
	scope->text[0] = '\0';
	scope->farm[0] = '\0';
	scope->files.count = 0;
	scope->boot_server_count = 0;
	scope->reply_delay_ms = 0;
}

static void
scope_field(struct field *f, struct db_scope *ret)
{
	switch (f->tag) {
	case SCOPE_TEXT:
		field_text(f, ret->text, sizeof(ret->text));
		break;
	case SCOPE_FARM:
		field_name(f, ret->farm, sizeof(ret->farm));
		break;
	case SCOPE_FILE:
		field_file(f, &ret->files);
		break;
	case SCOPE_BOOT_SERVERS:
		field_addrs(
		    f, ret->boot_servers, DB_BOOT_SERVERS_MAX, &ret->boot_server_count);
		break;
	case SCOPE_REPLY_DELAY:
		ret->reply_delay_ms = rd_be32(&f->v);
		break;
	default:
		field_skip(f);
	}
}

int
codec_get_scope(struct rd fields, struct db_scope *ret)
{
	scope_init(ret);
	for (struct field f = {0}; field_next(&fields, &f);) {
		scope_field(&f, ret);
	}
	return fields_end(&fields);
}

void
codec_put_span(
    struct wr *w, const struct codec_span *span, const struct db_scope *scope)
{
	unsigned flags =
	    (span->listed ? SPAN_LISTED : 0u) | (span->has_scope ? SPAN_HAS_SCOPE : 0u);
	field_put_be32(w, SPAN_FIRST, span->first);
	field_put_u8(w, SPAN_FLAGS, (uint8_t)flags);
	if (span->has_scope) {
		codec_put_scope(w, scope);
	}
}

int
codec_get_span(struct rd fields, struct codec_span *ret, struct db_scope *ret_scope)
{
	bool has_first = false;
	unsigned flags = 0;
	scope_init(ret_scope);
	for (struct field f = {0}; field_next(&fields, &f);) {
		if (f.tag == SPAN_FIRST) {
			ret->first = rd_be32(&f.v);
			has_first = true;
		} else if (f.tag == SPAN_FLAGS) {
			flags = rd_u8(&f.v);
		} else {
			scope_field(&f, ret_scope);
		}
	}
	ret->listed = (flags & SPAN_LISTED) != 0;
	ret->has_scope = (flags & SPAN_HAS_SCOPE) != 0;
	return has_first ? fields_end(&fields) : ERR_MALFORMED;
}

enum farm_tag {
	FARM_NAME = 1,
	FARM_DELIVERY = 2,
	FARM_BALANCE = 3,
	FARM_LOGIN = 4,
	FARM_ROOT_PATH = 5,
	FARM_FILE = 6,
	FARM_OFFER = 7,
	FARM_MONITOR = 8,
	FARM_BOOT_SERVERS = 9,
	FARM_SERVER = 10,
	FARM_ADVISORY = 11,
};
enum advisory_flag { ADVISORY_TSB = 1, ADVISORY_PXE = 2 };
enum server_flag { SERVER_BACKUP = 1, SERVER_TFTP = 2, SERVER_LOGIN = 4 };
enum { MONITOR_LEN = 17, WEIGHT_MAX = 100 };

static void
put_monitor(struct wr *w, const struct db_monitor *monitor)
{
	field_head(w, FARM_MONITOR, MONITOR_LEN);
	wr_u8(w, (uint8_t)monitor->probe);
	wr_be32(w, monitor->interval_ms);
	wr_be32(w, monitor->timeout_ms);
	wr_be32(w, monitor->downtime_ms);
	wr_u8(w, monitor->retries);
	wr_u8(w, monitor->success_retries);
	wr_be16(w, monitor->full_every);
}

static void
get_monitor(struct field *f, struct db_monitor *ret)
{
	ret->probe = field_u8(f, DB_PROBE_NONE);
	ret->interval_ms = rd_be32(&f->v);
	ret->timeout_ms = rd_be32(&f->v);
	ret->downtime_ms = rd_be32(&f->v);
	ret->retries = rd_u8(&f->v);
	ret->success_retries = rd_u8(&f->v);
	ret->full_every = rd_be16(&f->v);
}

static void
put_advisory(struct wr *w, const struct db_monitor *monitor)
{
	unsigned flags =
	    (monitor->tsb ? ADVISORY_TSB : 0u) | (monitor->pxe ? ADVISORY_PXE : 0u);
	if (flags != 0) {
		field_put_u8(w, FARM_ADVISORY, (uint8_t)flags);
	}
}

static void
get_advisory(struct field *f, struct db_monitor *ret)
{
	unsigned flags = rd_u8(&f->v);
	ret->tsb = (flags & ADVISORY_TSB) != 0;
	ret->pxe = (flags & ADVISORY_PXE) != 0;
}

/* A server with its streaming addresses, so that no index can point astray. */
static void
put_server(struct wr *w, const struct db_farm *farm, const struct db_server *server)
{
	size_t end = (size_t)server->stream_first + server->stream_count;
	if (end > farm->stream_count || farm->stream_count > DB_STREAMS_MAX) {
		w->err = ERR_RANGE;
		return;
	}
	unsigned flags = (server->backup ? SERVER_BACKUP : 0u) |
	    (server->tftp ? SERVER_TFTP : 0u) | (server->login ? SERVER_LOGIN : 0u);
	field_head(w, FARM_SERVER, 6 + 4 * (size_t)server->stream_count);
	wr_be32(w, server->addr);
	wr_u8(w, server->weight);
	wr_u8(w, (uint8_t)flags);
	for (size_t i = server->stream_first; i < end; i++) {
		wr_be32(w, farm->streams[i]);
	}
}

static void
get_server(struct field *f, struct db_farm *ret)
{
	if (ret->server_count == DB_SERVERS_MAX) {
		rd_fail(&f->v, ERR_RANGE);
		return;
	}
	struct db_server *server = &ret->servers[ret->server_count++];
	server->addr = rd_be32(&f->v);
	server->weight = field_u8(f, WEIGHT_MAX);
	unsigned flags = rd_u8(&f->v);
	server->backup = (flags & SERVER_BACKUP) != 0;
	server->tftp = (flags & SERVER_TFTP) != 0;
	server->login = (flags & SERVER_LOGIN) != 0;
	server->stream_first = (uint16_t)ret->stream_count;
	field_addrs(f, ret->streams, DB_STREAMS_MAX, &ret->stream_count);
	server->stream_count = (uint16_t)(ret->stream_count - server->stream_first);
	if (server->weight == 0) {
		rd_fail(&f->v, ERR_RANGE);
	}
}

static void
get_offer(struct field *f, struct db_farm *ret)
{
	if (ret->offer_count == DB_FILES_MAX) {
		rd_fail(&f->v, ERR_RANGE);
		return;
	}
	ret->offer[ret->offer_count].arch = rd_be16(&f->v);
	ret->offer[ret->offer_count].form = field_u8(f, DB_OFFER_REDIRECT);
	ret->offer_count++;
}

void
codec_put_farm(struct wr *w, const struct db_farm *farm)
{
	if (farm->offer_count > DB_FILES_MAX || farm->server_count > DB_SERVERS_MAX) {
		w->err = ERR_RANGE;
		return;
	}
	field_put_text(w, FARM_NAME, farm->name);
	field_put_u8(w, FARM_DELIVERY, (uint8_t)farm->delivery);
	field_put_u8(w, FARM_BALANCE, (uint8_t)farm->balance);
	field_put_u8(w, FARM_LOGIN, (uint8_t)farm->login);
	field_put_text(w, FARM_ROOT_PATH, farm->root_path);
	field_put_files(w, FARM_FILE, &farm->files);
	for (unsigned i = 0; i < farm->offer_count; i++) {
		field_head(w, FARM_OFFER, 3);
		wr_be16(w, farm->offer[i].arch);
		wr_u8(w, (uint8_t)farm->offer[i].form);
	}
	put_monitor(w, &farm->monitor);
	field_put_addrs(w, FARM_BOOT_SERVERS, farm->boot_servers,
	    farm->boot_server_count, DB_BOOT_SERVERS_MAX);
	for (unsigned i = 0; i < farm->server_count; i++) {
		put_server(w, farm, &farm->servers[i]);
	}
	put_advisory(w, &farm->monitor);
}

static void
farm_field(struct field *f, struct db_farm *ret)
{
	switch (f->tag) {
	case FARM_NAME:
		field_name(f, ret->name, sizeof(ret->name));
		break;
	case FARM_DELIVERY:
		ret->delivery = field_u8(f, DB_DELIVERY_DIRECT);
		break;
	case FARM_BALANCE:
		ret->balance = field_u8(f, DB_BALANCE_ORDERED);
		break;
	case FARM_LOGIN:
		ret->login = field_u8(f, DB_LOGIN_ROOT_PATH);
		break;
	case FARM_ROOT_PATH:
		field_text(f, ret->root_path, sizeof(ret->root_path));
		break;
	case FARM_FILE:
		field_file(f, &ret->files);
		break;
	case FARM_OFFER:
		get_offer(f, ret);
		break;
	case FARM_MONITOR:
		get_monitor(f, &ret->monitor);
		break;
	case FARM_BOOT_SERVERS:
		field_addrs(
		    f, ret->boot_servers, DB_BOOT_SERVERS_MAX, &ret->boot_server_count);
		break;
	case FARM_SERVER:
		get_server(f, ret);
		break;
	case FARM_ADVISORY:
		get_advisory(f, &ret->monitor);
		break;
	default:
		field_skip(f);
	}
}

int
codec_get_farm(struct rd fields, struct db_farm *ret)
{
	ret->name[0] = '\0';
	ret->delivery = DB_DELIVERY_BOOT_SERVER;
	ret->balance = DB_BALANCE_HASH;
	ret->login = DB_LOGIN_NONE;
	ret->root_path[0] = '\0';
	ret->files.count = 0;
	ret->offer_count = 0;
	ret->monitor = (struct db_monitor){.probe = DB_PROBE_NONE};
	ret->boot_server_count = 0;
	ret->server_count = 0;
	ret->stream_count = 0;
	for (struct field f = {0}; field_next(&fields, &f);) {
		farm_field(&f, ret);
	}
	return ret->name[0] != '\0' ? fields_end(&fields) : ERR_MALFORMED;
}

enum device_tag {
	DEVICE_WHICH = 1,
	DEVICE_FARM = 2,
	DEVICE_FILE = 3,
	DEVICE_NAME = 4,
	DEVICE_NOTE = 5,
};

void
codec_put_device(struct wr *w, const struct db_device *device)
{
	field_put_u8(w, DEVICE_WHICH, (uint8_t)device->which);
	if (device->which == DB_DEVICE_FARM) {
		field_put_text(w, DEVICE_FARM, device->farm);
	}
	field_put_files(w, DEVICE_FILE, &device->files);
	field_put_text(w, DEVICE_NAME, device->name);
	field_put_text(w, DEVICE_NOTE, device->note);
}

static void
device_field(struct field *f, struct db_device *ret)
{
	switch (f->tag) {
	case DEVICE_WHICH:
		ret->which = field_u8(f, DB_DEVICE_NONE);
		break;
	case DEVICE_FARM:
		field_name(f, ret->farm, sizeof(ret->farm));
		break;
	case DEVICE_FILE:
		field_file(f, &ret->files);
		break;
	case DEVICE_NAME:
		field_text(f, ret->name, sizeof(ret->name));
		break;
	case DEVICE_NOTE:
		field_text(f, ret->note, sizeof(ret->note));
		break;
	default:
		field_skip(f);
	}
}

int
codec_get_device(struct rd fields, struct db_device *ret)
{
	ret->which = DB_DEVICE_INHERITS;
	ret->farm[0] = '\0';
	ret->files.count = 0;
	ret->name[0] = '\0';
	ret->note[0] = '\0';
	for (struct field f = {0}; field_next(&fields, &f);) {
		device_field(&f, ret);
	}
	bool agrees = (ret->which == DB_DEVICE_FARM) == (ret->farm[0] != '\0');
	return agrees ? fields_end(&fields) : ERR_MALFORMED;
}

enum drains_tag { DRAINS_ADDRS = 1, DRAINS_DETAIL = 2 };

void
codec_put_drains(struct wr *w, const struct db_drains *drains)
{
	field_put_addrs(w, DRAINS_ADDRS, drains->addr, drains->count, DB_SERVERS_MAX);
}

void
codec_put_drain(struct wr *w, const struct db_drain *drain)
{
	size_t user_len = strlen(drain->user);
	size_t note_len = strlen(drain->note);
	field_head(w, DRAINS_DETAIL, 4 + 8 + 1 + user_len + note_len);
	wr_be32(w, drain->addr);
	wr_be64(w, (uint64_t)drain->time_s);
	wr_u8(w, (uint8_t)user_len);
	wr_bytes(w, drain->user, user_len);
	wr_bytes(w, drain->note, note_len);
}

static void
get_drain(struct field *f, struct db_drain *ret)
{
	ret->addr = rd_be32(&f->v);
	ret->time_s = (int64_t)rd_be64(&f->v);
	struct field user = {.v = rd_sub(&f->v, rd_u8(&f->v))};
	field_text(&user, ret->user, sizeof(ret->user));
	if (user.v.err != 0) {
		rd_fail(&f->v, user.v.err);
	}
	field_text(f, ret->note, sizeof(ret->note));
}

int
codec_get_drains(struct rd fields, struct db_drains *ret)
{
	struct db_drain detail;
	ret->count = 0;
	for (struct field f = {0}; field_next(&fields, &f);) {
		switch (f.tag) {
		case DRAINS_ADDRS:
			field_addrs(&f, ret->addr, DB_SERVERS_MAX, &ret->count);
			break;
		case DRAINS_DETAIL:
			get_drain(&f, &detail);
			break;
		default:
			field_skip(&f);
		}
	}
	return fields_end(&fields);
}

bool
codec_next_drain(struct rd *fields, struct db_drain *ret)
{
	for (struct field f = {0}; field_next(fields, &f);) {
		if (f.tag == DRAINS_DETAIL) {
			get_drain(&f, ret);
			return f.v.err == 0;
		}
		field_skip(&f);
	}
	return false;
}
