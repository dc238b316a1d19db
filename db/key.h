/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/record.h"
#include "lib/base/rd.h"

/* The keys of both databases: one byte of kind, then a body in which numbers are big-endian,
 * so that LMDB's byte order is theirs, and names are in small letters. FORMAT.md lists them. */

enum key_kind {
	KEY_FORMAT = 0x01, /* the same place and form in every MAJOR */
	KEY_INFO = 0x02,

	/* What apply compiles; db_write_clear() forgets this whole range. */
	KEY_COMPILED_FIRST = 0x10,
	KEY_SETTINGS = 0x10,
	KEY_FALLBACK = 0x11,
	KEY_SUBNET = 0x12,
	KEY_SCOPES = 0x13,  /* intervals of addresses, by their last address */
	KEY_CLIENTS = 0x14, /* the same */
	KEY_FARM = 0x15,
	KEY_PIN = 0x16,
	KEY_COMPILED_LAST = 0x1f,

	/* What lives longer than one apply. */
	KEY_DEVICE = 0x20,
	KEY_DRAINS = 0x21,
	KEY_HISTORY = 0x22,

	/* The state's. */
	KEY_VERDICT = 0x30,
	KEY_HEALTH = 0x31, /* under the same bodies */
	KEY_HEARTBEAT = 0x32,
	KEY_NAMED = 0x33,
};

enum { KEY_MAX = 128 /* the longest, a verdict's, has 104 bytes */ };
struct key {
	size_t len;
	uint8_t b[KEY_MAX];
};

/* The key of a kind that has one record only; also the lowest key of any kind. */
void key_single(enum key_kind kind, struct key *ret);
void key_subnet(uint32_t subnet_id, struct key *ret);
void key_device(const struct mac *mac, struct key *ret);
void key_history(uint64_t revision, struct key *ret);

/* An interval of KEY_SCOPES or KEY_CLIENTS. Because its last address is the key, the first
 * key at or after an address is the only interval that may hold it. */
void key_interval(enum key_kind kind, uint32_t last, struct key *ret);

/* Those with names; ERR_RANGE when one is longer than its record allows. */
int key_farm(const char *farm, struct key *ret) __attribute__((warn_unused_result));
int key_pin(const char *farm, const char *file, struct key *ret)
    __attribute__((warn_unused_result));
int key_drains(const char *farm, struct key *ret) __attribute__((warn_unused_result));
int key_verdict(const struct db_verdict_key *verdict, struct key *ret)
    __attribute__((warn_unused_result));
int key_health(const struct db_verdict_key *verdict, struct key *ret)
    __attribute__((warn_unused_result));
int key_last_named(const char *farm, uint32_t addr, struct key *ret)
    __attribute__((warn_unused_result));

/* What a stored key says; body is a cursor behind the byte of kind. 0 or ERR_MALFORMED. */
int key_read_device(struct rd body, struct mac *ret)
    __attribute__((warn_unused_result));
int key_read_drains(struct rd body, char ret_farm[static DB_FARM_NAME_MAX + 1])
    __attribute__((warn_unused_result));
/* The texts of *ret lie in ret_farm and ret_file. */
int key_read_health(struct rd body, struct db_verdict_key *ret,
    char ret_farm[static DB_FARM_NAME_MAX + 1],
    char ret_file[static DB_FILE_NAME_MAX + 1]) __attribute__((warn_unused_result));
int key_read_history(struct rd body, uint64_t *ret) __attribute__((warn_unused_result));
