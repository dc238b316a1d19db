/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/base/err.h"
#include "lib/boot/deciding.h"
#include "lib/wire/arch.h"

#include <string.h>

/* Rule 5: where a UEFI bootstrap finds the servers to log in at. A BIOS bootstrap carries its
 * own list. */

/* *ret is false when a streaming address is left out: its server is drained, or its verdict is
 * down. Returns 0 or the snapshot's failure. */
static int
is_fit(struct deciding *d, uint32_t server, uint32_t stream, bool *ret)
{
	enum db_verdict verdict = DB_VERDICT_UNPROVEN;
	const struct db_verdict_key key = {DB_ROLE_LOGIN, d->farm.name, stream, ""};
	if (choose_is_drained(&d->drains, server)) {
		*ret = false;
		return 0;
	}
	int err = d->source->verdict(d->snap, &key, &verdict);
	if (err != 0 && err != ERR_NOTFOUND) {
		return err;
	}
	*ret = err == ERR_NOTFOUND || verdict != DB_VERDICT_DOWN;
	return 0;
}

/* Ranks a server's streaming addresses, each among the fit or among the others. */
static int
rank_streams(struct deciding *d, const struct db_server *server, struct ranking *fit,
    struct ranking *others)
{
	const struct db_farm *farm = &d->farm;
	if (server->stream_first > farm->stream_count ||
	    server->stream_count > farm->stream_count - server->stream_first) {
		return ERR_MALFORMED;
	}
	const uint32_t *streams = &farm->streams[server->stream_first];
	for (unsigned i = 0; i < server->stream_count; i++) {
		bool is = false;
		int ret = is_fit(d, server->addr, streams[i], &is);
		if (ret != 0) {
			return ret;
		}
		ranking_offer(
		    is ? fit : others, rival_mac(&d->mac, streams[i], server->weight));
	}
	return 0;
}

static void
note_login(struct deciding *d, enum reason_kind kind, unsigned total)
{
	reason_add(d->answer,
	    &(struct boot_reason){.kind = (uint8_t)kind,
		.arch = d->answer->arch,
		.count = (uint16_t)d->answer->login_count,
		.total = (uint16_t)total});
}

static void
name_addresses(struct boot_answer *answer, const struct ranking *ranking)
{
	answer->login_count = ranking->count;
	for (unsigned i = 0; i < ranking->count; i++) {
		answer->login[i] = ranking->rivals[i].addr;
	}
}

/* Option 11. The order is a hint only: the bootstrap takes the addresses in turn. */
static int
list_addresses(struct deciding *d)
{
	struct rival fit_rivals[BOOT_LOGIN_MAX];
	struct rival other_rivals[BOOT_LOGIN_MAX];
	struct ranking fit = {BOOT_LOGIN_MAX, 0, fit_rivals};
	struct ranking others = {BOOT_LOGIN_MAX, 0, other_rivals};
	unsigned total = 0;
	for (unsigned i = 0; i < d->farm.server_count; i++) {
		const struct db_server *server = &d->farm.servers[i];
		if (server->login) {
			int ret = rank_streams(d, server, &fit, &others);
			if (ret != 0) {
				return ret;
			}
			total += server->stream_count;
		}
	}
	name_addresses(d->answer, fit.count > 0 ? &fit : &others);
	note_login(d,
	    total == 0           ? REASON_LOGIN_ABSENT
		: fit.count == 0 ? REASON_LOGIN_ALL
				 : REASON_LOGIN,
	    total);
	return DECIDE_ON;
}

int
decide_login(struct deciding *d)
{
	if (!arch_is_uefi(d->answer->arch)) {
		note_login(d, REASON_LOGIN_EMBEDDED, 0);
		return DECIDE_ON;
	}
	switch (d->farm.login) {
	case DB_LOGIN_OPTION_11:
		return list_addresses(d);
	case DB_LOGIN_ROOT_PATH:
		memcpy(d->answer->root_path, d->farm.root_path,
		    strlen(d->farm.root_path) + 1);
		note_login(d, REASON_LOGIN_ROOT_PATH, 0);
		return DECIDE_ON;
	case DB_LOGIN_NONE:
		break;
	}
	note_login(d, REASON_LOGIN_NONE, 0);
	return DECIDE_ON;
}
