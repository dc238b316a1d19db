/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/key.h"
#include "lib/base/rd.h"
#include "lib/base/wr.h"

/* The envelope of every stored value, and the fields inside it:
 *
 *     checksum (4)   version (1)   { tag (1)   length (4)   bytes (length) } ...
 *
 * The checksum is the low half of SipHash-2-4(key) xor SipHash-2-4(all after the checksum):
 * it finds damage and a value under another's key, not forgery. */
enum { VALUE_VERSION = 1, VALUE_HEAD = 5, VALUE_MAX = 32768 };

/* Begins a value in room bytes at dst; the fields follow. */
struct wr value_begin(uint8_t *dst, size_t room);

/* Puts the checksum into a value of len (at least VALUE_HEAD) bytes that key will name. */
void value_seal(const struct key *key, uint8_t *value, size_t len);

/* Opens a stored value. Returns 0 and its fields (borrowed), ERR_CHECKSUM, ERR_MALFORMED when
 * it is too short, or ERR_FORMAT when its version is not ours. */
int value_open(struct rd key, struct rd value, struct rd *ret_fields)
    __attribute__((warn_unused_result));

/* One field; v is a cursor over its bytes. Zeroed before the first step. */
struct field {
	uint8_t tag;
	struct rd v;
};

/* Steps to the next field. False at the end of the fields, or when the last field failed, or
 * was not read to its end, or the next one is malformed: fields->err is then not 0. */
bool field_next(struct rd *fields, struct field *f);

/* What a decoder returns for its fields at last: 0 or ERR_MALFORMED. */
int fields_end(const struct rd *fields) __attribute__((warn_unused_result));

/* Steps over a field of a newer MINOR. */
void field_skip(struct field *f);

/* Reads of a whole field; a value that does not fit makes the field fail. */
uint8_t field_u8(struct field *f, uint8_t max);
bool field_bool(struct field *f);
void field_text(struct field *f, char *dst, size_t room);
/* A farm or file name, or "". */
void field_name(struct field *f, char *dst, size_t room);
/* Addresses up to the field's end, put behind the *count that dst holds; max is its room. */
void field_addrs(struct field *f, uint32_t *dst, size_t max, unsigned *count);
/* One entry of a file table: architecture and name, put behind those that files holds. */
void field_file(struct field *f, struct db_files *files);

/* The same as written. Empty texts and lists are left out. */
void field_head(struct wr *w, uint8_t tag, size_t len);
void field_put_u8(struct wr *w, uint8_t tag, uint8_t v);
void field_put_be32(struct wr *w, uint8_t tag, uint32_t v);
void field_put_be64(struct wr *w, uint8_t tag, uint64_t v);
void field_put_bytes(struct wr *w, uint8_t tag, const void *bytes, size_t len);
void field_put_text(struct wr *w, uint8_t tag, const char *text);
void field_put_addrs(
    struct wr *w, uint8_t tag, const uint32_t *addrs, size_t count, size_t max);
void field_put_files(struct wr *w, uint8_t tag, const struct db_files *files);
