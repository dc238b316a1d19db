/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/export.h"

#include "db/store.h"
#include "lib/wire/arch.h"

#include <jansson.h>
#include <nettle/sha2.h>
#include <stdlib.h>

/* Collects small pieces for the sink. The first failure sticks. */
struct out {
	db_export_sink *sink;
	void *ctx;
	struct wr w;
	int err;
	uint64_t devices;
	bool comma; /* the next element of the array is not its first */
	uint8_t piece[16384];
};

static void
out_init(struct out *out, db_export_sink *sink, void *ctx)
{
	out->sink = sink;
	out->ctx = ctx;
	out->w = wr_init(out->piece, sizeof(out->piece));
	out->err = 0;
	out->devices = 0;
	out->comma = false;
}

static void
out_flush(struct out *out)
{
	size_t len = wr_len(&out->w, out->piece);
	if (out->err == 0 && len > 0) {
		out->err = out->sink(out->ctx, out->piece, len);
	}
	out->w = wr_init(out->piece, sizeof(out->piece));
}

static void
out_bytes(struct out *out, const void *bytes, size_t len)
{
	if (len > out->w.left) {
		out_flush(out);
	}
	if (len <= out->w.left) {
		wr_bytes(&out->w, bytes, len);
	} else if (out->err == 0) {
		out->err = out->sink(out->ctx, bytes, len);
	}
}

static void
out_text(struct out *out, const char *text)
{
	out_bytes(out, text, strlen(text));
}

static bool
is_plain(const char *text)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (*p < 0x20 || *p > 0x7e || *p == '"' || *p == '\\') {
			return false;
		}
	}
	return true;
}

/* A JSON string. Most names need no escaping; jansson does what others need. */
static void
out_string(struct out *out, const char *text)
{
	if (is_plain(text)) {
		out_text(out, "\"");
		out_text(out, text);
		out_text(out, "\"");
		return;
	}
	json_t *string = json_string(text);
	char *quoted = string != NULL ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
	if (quoted != NULL) {
		out_text(out, quoted);
	} else if (out->err == 0) {
		out->err = ERR_MALFORMED;
	}
	free(quoted);
	json_decref(string);
}

/* The first element of an array follows, or the next one. */
static void
out_element(struct out *out)
{
	if (out->comma) {
		out_text(out, ",");
	}
	out->comma = true;
}

/* The entry whose architecture's name is the least of those above last; NULL at the end. */
static const struct db_file *
file_after(
    const struct db_files *files, const char *last, char ret_name[static ARCH_TEXT])
{
	const struct db_file *least = NULL;
	for (unsigned i = 0; i < files->count; i++) {
		char name[ARCH_TEXT];
		(void)arch_name(files->file[i].arch, name);
		if (strcmp(name, last) > 0 &&
		    (least == NULL || strcmp(name, ret_name) < 0)) {
			least = &files->file[i];
			memcpy(ret_name, name, sizeof(name));
		}
	}
	return least;
}

static void
out_files(struct out *out, const struct db_files *files)
{
	char last[ARCH_TEXT] = "";
	char name[ARCH_TEXT];
	const struct db_file *file;
	out_text(out, "{");
	while ((file = file_after(files, last, name)) != NULL) {
		out_text(out, last[0] == '\0' ? "\"" : ",\"");
		out_text(out, name);
		out_text(out, "\":");
		out_string(out, file->name[0] != '\0' ? file->name : "none");
		memcpy(last, name, sizeof(last));
	}
	out_text(out, "}");
}

static int
export_device(void *ctx, const struct db_device *device)
{
	struct out *out = ctx;
	char mac[MAC_TEXT];
	out_element(out);
	out_text(out, "{\"farm\":");
	if (device->which == DB_DEVICE_INHERITS) {
		out_text(out, "null");
	} else {
		out_string(
		    out, device->which == DB_DEVICE_FARM ? device->farm : "none");
	}
	out_text(out, ",\"files\":");
	out_files(out, &device->files);
	out_text(out, ",\"mac\":");
	out_string(out, mac_format(&device->mac, mac));
	out_text(out, ",\"name\":");
	out_string(out, device->name);
	out_text(out, ",\"note\":");
	out_string(out, device->note);
	out_text(out, "}");
	out->devices++;
	return out->err;
}

static int
export_drains(void *ctx, const char *farm, const struct db_drains *drains)
{
	struct out *out = ctx;
	char addr[IP4_TEXT];
	out_element(out);
	out_text(out, "{\"addresses\":[");
	for (unsigned i = 0; i < drains->count; i++) {
		out_text(out, i > 0 ? "," : "");
		out_string(out, ip4_format(drains->addr[i], addr));
	}
	out_text(out, "],\"farm\":");
	out_string(out, farm);
	out_text(out, "}");
	return out->err;
}

static int
export_config(struct out *out, const struct db_snapshot *snap)
{
	const char *config;
	size_t len;
	int ret = db_map_config(snap, &config, &len);
	out_text(out, "{\"config\":");
	if (ret == 0) {
		out_bytes(out, config, len);
	} else if (ret == ERR_NOTFOUND) {
		out_text(out, "null");
		ret = 0;
	}
	return ret;
}

static int
export_all(struct out *out, const struct db_snapshot *snap)
{
	char format[32];
	int ret = export_config(out, snap);
	out_text(out, ",\"devices\":[");
	out->comma = false;
	if (ret == 0) {
		ret = db_map_devices(snap, export_device, out);
	}
	out_text(out, "],\"drains\":[");
	out->comma = false;
	if (ret == 0) {
		ret = db_map_drains(snap, export_drains, out);
	}
	(void)snprintf(format, sizeof(format), "],\"format\":%d}\n", DB_FORMAT_MAJOR);
	out_text(out, format);
	if (ret == 0) {
		out_flush(out);
		ret = out->err;
	}
	return ret;
}

int
db_export(const struct db_snapshot *snap, db_export_sink *sink, void *ctx)
{
	struct out out;
	out_init(&out, sink, ctx);
	return export_all(&out, snap);
}

static int
hash_piece(void *ctx, const void *bytes, size_t len)
{
	sha256_update(ctx, len, bytes);
	return 0;
}

int
db_export_digest(const struct db_snapshot *snap, uint8_t ret[static DB_DIGEST_LEN],
    uint64_t *ret_devices)
{
	struct sha256_ctx sha256;
	struct out out;
	sha256_init(&sha256);
	out_init(&out, hash_piece, &sha256);
	int err = export_all(&out, snap);
	if (err == 0) {
		sha256_digest(&sha256, DB_DIGEST_LEN, ret);
		*ret_devices = out.devices;
	}
	return err;
}
