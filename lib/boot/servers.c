/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/base/err.h"
#include "lib/boot/deciding.h"

#include <string.h>

/* Rules 3 and 4: the farm's server, and the server that the machine fetches from. */

/* Servers that one is chosen from, and what verdicts and drains about them are filed under. */
struct pool {
	enum reason_who who;
	struct db_verdict_key key; /* but for the address */
	unsigned count;
	struct candidate candidates[DB_SERVERS_MAX];
};

static void
pool_add(struct pool *pool, uint32_t addr, uint8_t weight, bool backup)
{
	struct candidate *c = &pool->candidates[pool->count++];
	c->addr = addr;
	c->weight = weight;
	c->backup = backup;
}

static void
note_pool(struct deciding *d, enum reason_kind kind, const struct pool *pool,
    unsigned count, unsigned total)
{
	reason_add(d->answer,
	    &(struct boot_reason){.kind = (uint8_t)kind,
		.who = (uint8_t)pool->who,
		.count = (uint16_t)count,
		.total = (uint16_t)total});
}

/* The addresses taken out of a farm's answers, or of the boot servers' (farm ""). */
static int
read_drains(struct deciding *d, const char *farm, struct db_drains *ret)
{
	int err = d->source->drains(d->snap, farm, ret);
	if (err == ERR_NOTFOUND) {
		ret->count = 0;
		return 0;
	}
	return err;
}

/* Takes the drained servers out, unless all are. */
static void
pool_drain(struct deciding *d, struct pool *pool, const struct db_drains *drains)
{
	unsigned total = pool->count;
	unsigned kept = 0;
	if (drains->count == 0) {
		return;
	}
	for (unsigned i = 0; i < total; i++) {
		if (!choose_is_drained(drains, pool->candidates[i].addr)) {
			pool->candidates[kept++] = pool->candidates[i];
		}
	}
	if (kept == 0) {
		note_pool(d, REASON_ALL_DRAINED, pool, total, total);
	} else if (kept < total) {
		note_pool(d, REASON_DRAINED, pool, total - kept, total);
		pool->count = kept;
	}
}

static int
pool_verdicts(struct deciding *d, struct pool *pool)
{
	struct db_verdict_key key = pool->key;
	for (unsigned i = 0; i < pool->count; i++) {
		struct candidate *c = &pool->candidates[i];
		key.addr = c->addr;
		int ret = d->source->verdict(d->snap, &key, &c->verdict);
		if (ret == ERR_NOTFOUND) {
			c->verdict = DB_VERDICT_UNPROVEN;
		} else if (ret != 0) {
			return ret;
		}
	}
	return 0;
}

/* Rule 3. */
static int
pool_choose(struct deciding *d, struct pool *pool, const struct db_drains *drains,
    uint32_t *ret_addr)
{
	pool_drain(d, pool, drains);
	int ret = pool_verdicts(d, pool);
	if (ret != 0) {
		return ret;
	}
	struct choice choice;
	choose_server(pool->candidates, pool->count, d->farm.balance, &d->mac, &choice);
	enum reason_how how = choice.in_class == 1  ? REASON_HOW_ALONE
	    : d->farm.balance == DB_BALANCE_ORDERED ? REASON_HOW_LISTED
						    : REASON_HOW_SCORE;
	reason_add(d->answer,
	    &(struct boot_reason){.kind = (uint8_t)(REASON_CHOICE + choice.class_),
		.who = (uint8_t)pool->who,
		.how = (uint8_t)how,
		.count = (uint16_t)choice.up,
		.total = (uint16_t)pool->count,
		.server = choice.addr});
	*ret_addr = choice.addr;
	return 0;
}

int
decide_farm_server(struct deciding *d)
{
	int ret = read_drains(d, d->farm.name, &d->drains);
	if (ret != 0) {
		return ret;
	}
	struct pool pool;
	pool.who = REASON_WHO_FARM_SERVER;
	pool.key = (struct db_verdict_key){
	    DB_ROLE_TFTP, d->farm.name, 0, d->answer->bootstrap};
	pool.count = 0;
	for (unsigned i = 0; i < d->farm.server_count; i++) {
		const struct db_server *s = &d->farm.servers[i];
		if (s->tftp) {
			pool_add(&pool, s->addr, s->weight, s->backup);
		}
	}
	if (pool.count == 0) {
		note_pool(d, REASON_NO_CANDIDATE, &pool, 0, 0);
		return DECIDE_ON;
	}
	ret = pool_choose(d, &pool, &d->drains, &d->answer->farm_server);
	d->answer->has_farm_server = ret == 0;
	return ret;
}

/* Boot servers of the scope, else the farm's: equal among themselves. */
static int
choose_boot_server(struct deciding *d)
{
	bool of_scope = d->answer->has_scope && d->scope.boot_server_count > 0;
	const uint32_t *addr = of_scope ? d->scope.boot_servers : d->farm.boot_servers;
	unsigned count =
	    of_scope ? d->scope.boot_server_count : d->farm.boot_server_count;
	struct pool pool;
	pool.who = REASON_WHO_BOOT_SERVER;
	pool.key = (struct db_verdict_key){DB_ROLE_BOOT_SERVER, "", 0, ""};
	pool.count = 0;
	for (unsigned i = 0; i < count; i++) {
		pool_add(&pool, addr[i], 1, false);
	}
	if (pool.count == 0) {
		note_pool(d, REASON_NO_CANDIDATE, &pool, 0, 0);
		return decide_not_ours(d, BOOT_NO_SERVER);
	}
	struct db_drains drains;
	int ret = read_drains(d, "", &drains);
	return ret != 0 ? ret : pool_choose(d, &pool, &drains, &d->answer->server);
}

/* Option 67: FARM/FILE from a boot server, FILE alone from the farm's own server. */
static void
name_file(struct boot_answer *answer)
{
	char *at = answer->file;
	if (answer->delivery == DB_DELIVERY_BOOT_SERVER) {
		size_t len = strlen(answer->farm);
		memcpy(at, answer->farm, len);
		at[len] = '/';
		at += len + 1;
	}
	memcpy(at, answer->bootstrap, strlen(answer->bootstrap) + 1);
}

/* Rule 4. */
int
decide_delivery(struct deciding *d)
{
	struct boot_answer *answer = d->answer;
	bool direct = d->farm.delivery == DB_DELIVERY_DIRECT;
	int ret = DECIDE_ON;
	answer->delivery = d->farm.delivery;
	reason_add(answer,
	    &(struct boot_reason){
		.kind = (uint8_t)(direct ? REASON_DIRECT : REASON_BY_BOOT_SERVER)});
	if (!direct) {
		ret = choose_boot_server(d);
	} else if (answer->has_farm_server) {
		answer->server = answer->farm_server;
	} else {
		ret = decide_not_ours(d, BOOT_NO_SERVER);
	}
	answer->has_server = ret == DECIDE_ON;
	if (answer->has_server) {
		name_file(answer);
	}
	return ret;
}
