/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/key.h"

#include "lib/base/text.h"
#include "lib/base/wr.h"

static struct wr
key_begin(enum key_kind kind, struct key *ret)
{
	struct wr w = wr_init(ret->b, sizeof(ret->b));
	wr_u8(&w, (uint8_t)kind);
	return w;
}

static int
key_end(struct key *ret, const struct wr *w)
{
	ret->len = wr_len(w, ret->b);
	return w->err == 0 ? 0 : ERR_RANGE;
}

/* The name in small letters, without a NUL; none for NULL. Over max bytes the key fails. */
static void
wr_name(struct wr *w, const char *name, size_t max)
{
	char small[DB_FILE_NAME_MAX + 1];
	size_t len = name != NULL ? strnlen(name, max + 1) : 0;
	if (len > max) {
		w->err = ERR_RANGE;
	} else if (len > 0) {
		wr_bytes(w, text_lower(small, sizeof(small), name), len);
	}
}

void
key_single(enum key_kind kind, struct key *ret)
{
	struct wr w = key_begin(kind, ret);
	(void)key_end(ret, &w);
}

void
key_subnet(uint32_t subnet_id, struct key *ret)
{
	struct wr w = key_begin(KEY_SUBNET, ret);
	wr_be32(&w, subnet_id);
	(void)key_end(ret, &w);
}

void
key_device(const struct mac *mac, struct key *ret)
{
	struct wr w = key_begin(KEY_DEVICE, ret);
	wr_bytes(&w, mac->b, sizeof(mac->b));
	(void)key_end(ret, &w);
}

void
key_history(uint64_t revision, struct key *ret)
{
	struct wr w = key_begin(KEY_HISTORY, ret);
	wr_be64(&w, revision);
	(void)key_end(ret, &w);
}

void
key_interval(enum key_kind kind, uint32_t last, struct key *ret)
{
	struct wr w = key_begin(kind, ret);
	wr_be32(&w, last);
	(void)key_end(ret, &w);
}

/* A key that is one name. */
static int
key_named(enum key_kind kind, const char *farm, struct key *ret)
{
	struct wr w = key_begin(kind, ret);
	wr_name(&w, farm, DB_FARM_NAME_MAX);
	return key_end(ret, &w);
}

int
key_farm(const char *farm, struct key *ret)
{
	return key_named(KEY_FARM, farm, ret);
}

int
key_drains(const char *farm, struct key *ret)
{
	return key_named(KEY_DRAINS, farm, ret);
}

int
key_pin(const char *farm, const char *file, struct key *ret)
{
	struct wr w = key_begin(KEY_PIN, ret);
	wr_name(&w, farm, DB_FARM_NAME_MAX);
	wr_u8(&w, 0);
	wr_name(&w, file, DB_FILE_NAME_MAX);
	return key_end(ret, &w);
}

/* A key that is one server, for one role and file. */
static int
key_about(enum key_kind kind, const struct db_verdict_key *verdict, struct key *ret)
{
	struct wr w = key_begin(kind, ret);
	wr_u8(&w, (uint8_t)verdict->role);
	wr_name(&w, verdict->farm, DB_FARM_NAME_MAX);
	wr_u8(&w, 0);
	wr_be32(&w, verdict->addr);
	wr_name(&w, verdict->file, DB_FILE_NAME_MAX);
	return key_end(ret, &w);
}

int
key_verdict(const struct db_verdict_key *verdict, struct key *ret)
{
	return key_about(KEY_VERDICT, verdict, ret);
}

int
key_health(const struct db_verdict_key *verdict, struct key *ret)
{
	return key_about(KEY_HEALTH, verdict, ret);
}

int
key_last_named(const char *farm, uint32_t addr, struct key *ret)
{
	struct wr w = key_begin(KEY_NAMED, ret);
	wr_name(&w, farm, DB_FARM_NAME_MAX);
	wr_u8(&w, 0);
	wr_be32(&w, addr);
	return key_end(ret, &w);
}

/* A key whose body was read is whole only when nothing is left of it. */
static int
whole(const struct rd *body)
{
	return body->err == 0 && body->left == 0 ? 0 : ERR_MALFORMED;
}

int
key_read_device(struct rd body, struct mac *ret)
{
	struct mac mac;
	rd_bytes(&body, mac.b, sizeof(mac.b));
	if (whole(&body) != 0) {
		return ERR_MALFORMED;
	}
	*ret = mac;
	return 0;
}

/* All that is left of the body as a name, or as "". */
static int
read_name(struct rd *body, char *ret, size_t room)
{
	char name[DB_FILE_NAME_MAX + 1] = "";
	size_t len = body->left;
	if (len >= room) {
		return ERR_MALFORMED;
	}
	rd_bytes(body, name, len);
	if (strlen(name) != len || (len > 0 && !text_is_name(name, room - 1))) {
		return ERR_MALFORMED;
	}
	memcpy(ret, name, room);
	return 0;
}

int
key_read_drains(struct rd body, char ret_farm[static DB_FARM_NAME_MAX + 1])
{
	return read_name(&body, ret_farm, DB_FARM_NAME_MAX + 1);
}

int
key_read_health(struct rd body, struct db_verdict_key *ret,
    char ret_farm[static DB_FARM_NAME_MAX + 1],
    char ret_file[static DB_FILE_NAME_MAX + 1])
{
	struct db_verdict_key key = {.farm = ret_farm, .file = ret_file};
	key.role = rd_u8(&body);
	struct rd farm = rd_until_nul(body);
	rd_skip(&body, farm.left + 1);
	key.addr = rd_be32(&body);
	int err = body.err == 0 ? read_name(&farm, ret_farm, DB_FARM_NAME_MAX + 1)
				: ERR_MALFORMED;
	if (err == 0) {
		err = read_name(&body, ret_file, DB_FILE_NAME_MAX + 1);
	}
	if (err == 0) {
		*ret = key;
	}
	return err;
}

int
key_read_history(struct rd body, uint64_t *ret)
{
	uint64_t revision = rd_be64(&body);
	if (whole(&body) != 0) {
		return ERR_MALFORMED;
	}
	*ret = revision;
	return 0;
}
