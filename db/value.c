/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/value.h"

#include "lib/base/siphash.h"
#include "lib/base/text.h"

enum { CHECKSUM_LEN = 4 };

struct wr
value_begin(uint8_t *dst, size_t room)
{
	struct wr w = wr_init(dst, room);
	wr_be32(&w, 0);
	wr_u8(&w, VALUE_VERSION);
	return w;
}

static uint32_t
checksum(const void *key, size_t key_len, const void *body, size_t body_len)
{
	return (uint32_t)(siphash24(key, key_len) ^ siphash24(body, body_len));
}

void
value_seal(const struct key *key, uint8_t *value, size_t len)
{
	struct wr w = wr_init(value, CHECKSUM_LEN);
	wr_be32(
	    &w, checksum(key->b, key->len, value + CHECKSUM_LEN, len - CHECKSUM_LEN));
}

int
value_open(struct rd key, struct rd value, struct rd *ret_fields)
{
	uint32_t stored = rd_be32(&value);
	if (value.err != 0 || value.left == 0) {
		return ERR_MALFORMED;
	}
	if (stored != checksum(key.p, key.left, value.p, value.left)) {
		return ERR_CHECKSUM;
	}
	if (rd_u8(&value) != VALUE_VERSION) {
		return ERR_FORMAT;
	}
	*ret_fields = value;
	return 0;
}

bool
field_next(struct rd *fields, struct field *f)
{
	if (f->v.err != 0 || f->v.left != 0) {
		rd_fail(fields, ERR_MALFORMED);
	}
	if (fields->left == 0) {
		return false;
	}
	f->tag = rd_u8(fields);
	f->v = rd_sub(fields, rd_be32(fields));
	return fields->err == 0;
}

int
fields_end(const struct rd *fields)
{
	return fields->err == 0 ? 0 : ERR_MALFORMED;
}

void
field_skip(struct field *f)
{
	rd_skip(&f->v, f->v.left);
}

uint8_t
field_u8(struct field *f, uint8_t max)
{
	uint8_t v = rd_u8(&f->v);
	if (v > max) {
		rd_fail(&f->v, ERR_RANGE);
	}
	return v;
}

bool
field_bool(struct field *f)
{
	return field_u8(f, 1) == 1;
}

void
field_text(struct field *f, char *dst, size_t room)
{
	size_t len = f->v.left;
	const uint8_t *text = len < room ? rd_take(&f->v, len) : NULL;
	if (text == NULL || (len > 0 && memchr(text, 0, len) != NULL)) {
		rd_fail(&f->v, ERR_RANGE);
		dst[0] = '\0';
		return;
	}
	memcpy(dst, text, len);
	dst[len] = '\0';
}

void
field_name(struct field *f, char *dst, size_t room)
{
	field_text(f, dst, room);
	if (dst[0] != '\0' && !text_is_name(dst, room - 1)) {
		rd_fail(&f->v, ERR_MALFORMED);
	}
}

void
field_addrs(struct field *f, uint32_t *dst, size_t max, unsigned *count)
{
	while (f->v.left > 0 && *count < max) {
		dst[(*count)++] = rd_be32(&f->v);
	}
}

void
field_file(struct field *f, struct db_files *files)
{
	if (files->count == DB_FILES_MAX) {
		rd_fail(&f->v, ERR_RANGE);
		return;
	}
	struct db_file *file = &files->file[files->count++];
	file->arch = rd_be16(&f->v);
	field_name(f, file->name, sizeof(file->name));
}

void
field_head(struct wr *w, uint8_t tag, size_t len)
{
	wr_u8(w, tag);
	wr_be32(w, (uint32_t)len);
}

void
field_put_u8(struct wr *w, uint8_t tag, uint8_t v)
{
	field_head(w, tag, 1);
	wr_u8(w, v);
}

void
field_put_be32(struct wr *w, uint8_t tag, uint32_t v)
{
	field_head(w, tag, 4);
	wr_be32(w, v);
}

void
field_put_be64(struct wr *w, uint8_t tag, uint64_t v)
{
	field_head(w, tag, 8);
	wr_be64(w, v);
}

void
field_put_bytes(struct wr *w, uint8_t tag, const void *bytes, size_t len)
{
	field_head(w, tag, len);
	wr_bytes(w, bytes, len);
}

void
field_put_text(struct wr *w, uint8_t tag, const char *text)
{
	if (text[0] != '\0') {
		field_put_bytes(w, tag, text, strlen(text));
	}
}

void
field_put_addrs(
    struct wr *w, uint8_t tag, const uint32_t *addrs, size_t count, size_t max)
{
	if (count > max) {
		w->err = ERR_RANGE;
		return;
	}
	if (count > 0) {
		field_head(w, tag, count * sizeof(addrs[0]));
	}
	for (size_t i = 0; i < count; i++) {
		wr_be32(w, addrs[i]);
	}
}

void
field_put_files(struct wr *w, uint8_t tag, const struct db_files *files)
{
	if (files->count > DB_FILES_MAX) {
		w->err = ERR_RANGE;
		return;
	}
	for (unsigned i = 0; i < files->count; i++) {
		size_t len = strlen(files->file[i].name);
		field_head(w, tag, 2 + len);
		wr_be16(w, files->file[i].arch);
		wr_bytes(w, files->file[i].name, len);
	}
}
