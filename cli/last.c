/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/last.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/boot/choose.h"

#include <string.h>

struct look {
	struct db_snapshot snap;
	const struct servers *servers;
	struct db_drains boot_drains;
	char scope[DB_SCOPE_TEXT]; /* the last one refused for: it may come again */
	bool refused;
};

static int
read_drains(struct look *look, const char *farm, struct db_drains *ret)
{
	int err = db_source.drains(&look->snap, farm, ret);
	if (err == ERR_NOTFOUND) {
		ret->count = 0;
		err = 0;
	}
	return err;
}

/* True for a server that this drain takes out: it was not drained before. */
static bool
is_taken(const struct look *look, const char *farm, uint32_t addr)
{
	for (size_t i = 0; i < look->servers->count; i++) {
		const struct server *server = &look->servers->server[i];
		if (!server->drained && server->addr == addr &&
		    text_casecmp(server->farm, farm) == 0) {
			return true;
		}
	}
	return false;
}

static void
refuse(struct look *look, const char *what, const char *name, const char *whose)
{
	look->refused = true;
	log_error(
	    "%s %s: every %s would be drained, and then all of them are used again; "
	    "--force drains it all the same",
	    what, name, whose);
}

/* ---- the roles of a farm's servers */

static bool
has_tftp(const struct db_server *server)
{
	return server->tftp;
}

static bool
has_login(const struct db_server *server)
{
	return server->login;
}

/* True when the drain takes the last server with a role. */
static bool
takes_last(const struct look *look, const struct db_farm *farm,
    const struct db_drains *drains, bool (*has_role)(const struct db_server *server))
{
	bool taken = false;
	for (unsigned i = 0; i < farm->server_count; i++) {
		const struct db_server *server = &farm->servers[i];
		if (!has_role(server)) {
			continue;
		}
		if (!choose_is_drained(drains, server->addr)) {
			return false;
		}
		taken = taken || is_taken(look, farm->name, server->addr);
	}
	return taken;
}

/* ---- lists of boot servers */

static bool
takes_last_boot_server(const struct look *look, const uint32_t *addr, unsigned count)
{
	bool taken = false;
	for (unsigned i = 0; i < count; i++) {
		if (!choose_is_drained(&look->boot_drains, addr[i])) {
			return false;
		}
		taken = taken || is_taken(look, "", addr[i]);
	}
	return taken;
}

static int
look_at_farm(void *ctx, const struct db_farm *farm)
{
	struct look *look = ctx;
	struct db_drains drains;
	int err = read_drains(look, farm->name, &drains);
	if (err != 0) {
		return err;
	}
	if (takes_last(look, farm, &drains, has_tftp)) {
		refuse(look, "farm", farm->name, "server with the role tftp");
	}
	if (takes_last(look, farm, &drains, has_login)) {
		refuse(look, "farm", farm->name, "server with the role login");
	}
	if (farm->delivery == DB_DELIVERY_BOOT_SERVER &&
	    takes_last_boot_server(look, farm->boot_servers, farm->boot_server_count)) {
		refuse(look, "farm", farm->name, "boot server");
	}
	return 0;
}

static int
look_at_scope(void *ctx, const struct db_scope *scope)
{
	struct look *look = ctx;
	struct db_farm farm;
	if (!takes_last_boot_server(
		look, scope->boot_servers, scope->boot_server_count) ||
	    strcmp(look->scope, scope->text) == 0) {
		return 0;
	}
	int err = scope->farm[0] != '\0'
	    ? db_source.farm(&look->snap, scope->farm, &farm)
	    : ERR_NOTFOUND;
	if (err == 0 && farm.delivery == DB_DELIVERY_BOOT_SERVER) {
		memcpy(look->scope, scope->text, sizeof(look->scope));
		refuse(look, "scope", scope->text, "boot server");
	}
	return err == ERR_NOTFOUND ? 0 : err;
}

int
last_check(const struct db_snapshot *snap, const struct servers *servers)
{
	struct db_farm room;
	struct look look = {.snap = *snap, .servers = servers};
	int err = read_drains(&look, "", &look.boot_drains);
	if (err == 0) {
		err = db_map_farms(snap, &room, look_at_farm, &look);
	}
	if (err == 0) {
		err = db_map_scopes(snap, look_at_scope, &look);
	}
	if (err != 0) {
		log_error("the map: %s", err_str(err));
	}
	return err == 0 && !look.refused ? CLI_DONE : CLI_FAILED;
}
