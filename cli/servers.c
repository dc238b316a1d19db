/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/servers.h"

#include "cli/map.h"
#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/text.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A word taken apart. */
struct wanted {
	const char *word;
	char farm[DB_FARM_NAME_MAX + 1]; /* "": any, and the boot servers */
	const char *server;
	bool has_addr; /* else server is a name */
	uint32_t addr;
};

struct search {
	const struct db_snapshot *snap;
	struct wanted wanted;
	struct servers found;
	json_t *config;
};

static int
found(struct search *search, const char *farm, uint32_t addr, const char *name)
{
	struct servers *servers = &search->found;
	for (size_t i = 0; i < servers->count; i++) {
		if (servers->server[i].addr == addr &&
		    text_casecmp(servers->server[i].farm, farm) == 0) {
			return 0;
		}
	}
	struct server *grown =
	    reallocarray(servers->server, servers->count + 1, sizeof(*servers->server));
	if (grown == NULL) {
		return -ENOMEM;
	}
	servers->server = grown;
	struct server *server = &grown[servers->count++];
	*server = (struct server){.addr = addr};
	text_copy(server->farm, sizeof(server->farm), farm);
	text_copy(server->name, sizeof(server->name), name != NULL ? name : "");
	return 0;
}

static bool
wants_farm(const struct wanted *wanted, const char *farm)
{
	return wanted->farm[0] == '\0' || text_casecmp(wanted->farm, farm) == 0;
}

/* The servers of the configuration: the decision, and so the compiled map, does without
 * their names. */
static int
search_farm(struct search *search, const char *farm, const json_t *servers)
{
	const struct wanted *wanted = &search->wanted;
	size_t i;
	json_t *server;
	json_array_foreach (servers, i, server) {
		const char *text =
		    json_string_value(json_object_get(server, "address"));
		const char *name = json_string_value(json_object_get(server, "name"));
		uint32_t addr;
		if (text == NULL || ip4_parse(text, &addr) != 0) {
			return ERR_MALFORMED;
		}
		bool meant = wanted->has_addr
		    ? addr == wanted->addr
		    : name != NULL && text_casecmp(name, wanted->server) == 0;
		int err = meant ? found(search, farm, addr, name) : 0;
		if (err != 0) {
			return err;
		}
	}
	return 0;
}

static int
search_farms(struct search *search)
{
	const char *farm;
	json_t *value;
	json_object_foreach (json_object_get(search->config, "farms"), farm, value) {
		int err = wants_farm(&search->wanted, farm)
		    ? search_farm(search, farm, json_object_get(value, "servers"))
		    : 0;
		if (err != 0) {
			return err;
		}
	}
	return 0;
}

static int
search_boot_servers(struct search *search)
{
	const struct wanted *wanted = &search->wanted;
	struct db_settings settings;
	if (!wanted->has_addr || wanted->farm[0] != '\0') {
		return 0;
	}
	int err = db_map_settings(search->snap, &settings);
	for (unsigned i = 0; err == 0 && i < settings.boot_server_count; i++) {
		if (settings.boot_servers[i] == wanted->addr) {
			err = found(search, "", wanted->addr, NULL);
		}
	}
	return err;
}

/* What is drained of servers that are no longer in the map. */
static int
visit_drains(void *ctx, const char *farm, const struct db_drains *drains)
{
	struct search *search = ctx;
	const struct wanted *wanted = &search->wanted;
	int err = 0;
	for (unsigned i = 0; err == 0 && i < drains->count; i++) {
		if (wants_farm(wanted, farm) && drains->addr[i] == wanted->addr) {
			err = found(search, farm, wanted->addr, NULL);
		}
	}
	return err;
}

static int
visit_note(void *ctx, const struct db_drain *drain)
{
	struct server *server = ctx;
	if (drain->addr == server->addr) {
		server->drained = true;
		server->drain = *drain;
	}
	return 0;
}

static int
search_all(struct search *search)
{
	struct servers *servers = &search->found;
	int err = search_farms(search);
	if (err == 0) {
		err = search_boot_servers(search);
	}
	if (err == 0 && search->wanted.has_addr) {
		err = db_map_drains(search->snap, visit_drains, search);
	}
	for (size_t i = 0; err == 0 && i < servers->count; i++) {
		err = db_map_drain_notes(search->snap, servers->server[i].farm,
		    visit_note, &servers->server[i]);
	}
	return err;
}

/* ---- words that mean no server */

struct names {
	size_t count;
	char (*name)[SERVER_TEXT];
	const char **list;
};

static int
add_name(struct names *names, const char *farm, const char *text)
{
	enum { STEP = 256 };
	if (names->count % STEP == 0) {
		void *grown = reallocarray(
		    names->name, names->count + STEP, sizeof(names->name[0]));
		if (grown == NULL) {
			return -ENOMEM;
		}
		names->name = grown;
	}
	(void)snprintf(names->name[names->count++], sizeof(names->name[0]), "%s%s%s",
	    farm, farm[0] != '\0' ? "/" : "", text);
	return 0;
}

/* What one farm's servers are called, with the farm's name before it where the word has one. */
static int
add_servers(struct names *names, const char *farm, const json_t *servers)
{
	static const char *const keys[] = {"address", "name"};
	size_t i;
	json_t *server;
	int err = 0;
	json_array_foreach (servers, i, server) {
		for (size_t k = 0; k < 2 && err == 0; k++) {
			const char *text =
			    json_string_value(json_object_get(server, keys[k]));
			err = text != NULL ? add_name(names, farm, text) : 0;
		}
	}
	return err;
}

static int
add_boot_servers(const struct search *search, struct names *names)
{
	struct db_settings settings;
	int err = db_map_settings(search->snap, &settings);
	for (unsigned i = 0; err == 0 && i < settings.boot_server_count; i++) {
		char addr[IP4_TEXT];
		err = add_name(names, "", ip4_format(settings.boot_servers[i], addr));
	}
	return err;
}

static int
collect_names(const struct search *search, struct names *names)
{
	bool with_farm = search->wanted.farm[0] != '\0';
	const char *farm;
	json_t *value;
	int err = with_farm ? 0 : add_boot_servers(search, names);
	json_object_foreach (json_object_get(search->config, "farms"), farm, value) {
		err = err != 0 ? err
			       : add_servers(names, with_farm ? farm : "",
				     json_object_get(value, "servers"));
	}
	names->list = calloc(names->count + 1, sizeof(*names->list));
	for (size_t i = 0; names->list != NULL && i < names->count; i++) {
		names->list[i] = names->name[i];
	}
	return names->list != NULL ? err : -ENOMEM;
}

/* Says the word, and what it is near to; a failure here costs the hint alone. */
static int
complain(const struct search *search)
{
	struct names names = {0};
	char shown[4 * SERVER_TEXT];
	const char *word = search->wanted.word;
	text_escape(shown, sizeof(shown), word, strlen(word));
	const char *near = collect_names(search, &names) == 0
	    ? text_nearest(word, names.list, names.count)
	    : NULL;
	log_error("no server '%s'%s%s%s", shown, near != NULL ? "; did you mean '" : "",
	    near != NULL ? near : "",
	    near != NULL ? "'?" : "; write its address, its name, or FARM/ and either");
	free(names.list);
	free(names.name);
	return CLI_NOTFOUND;
}

/* ---- */

/* A farm's name too long for one is none, which "/" stands for: no farm is called so. */
static void
take_apart(const char *word, struct wanted *ret)
{
	const char *slash = strchr(word, '/');
	*ret = (struct wanted){.word = word};
	ret->server = slash != NULL ? slash + 1 : word;
	if (slash != NULL) {
		size_t len = (size_t)(slash - word);
		bool fits = len > 0 && len < sizeof(ret->farm);
		memcpy(ret->farm, fits ? word : "/", fits ? len : 1);
	}
	ret->has_addr = ip4_parse(ret->server, &ret->addr) == 0;
}

int
servers_find(const struct db_snapshot *snap, const char *word, struct servers *ret)
{
	struct search search = {.snap = snap};
	take_apart(word, &search.wanted);
	int status = CLI_DONE;
	int err = map_config(snap, &search.config);
	if (err == 0) {
		err = search_all(&search);
	}
	if (err != 0) {
		log_error("the map: %s", err_str(err));
		status = CLI_FAILED;
	} else if (search.found.count == 0) {
		status = complain(&search);
	}
	json_decref(search.config);
	if (status != CLI_DONE) {
		servers_done(&search.found);
		return status;
	}
	*ret = search.found;
	return CLI_DONE;
}

void
servers_done(struct servers *servers)
{
	free(servers->server);
	*servers = (struct servers){0};
}

char *
server_text(const struct server *server, char dst[static SERVER_TEXT])
{
	char addr[IP4_TEXT];
	bool named = server->name[0] != '\0';
	(void)snprintf(dst, SERVER_TEXT, "%s%s%s%s%s%s",
	    server->farm[0] != '\0' ? server->farm : "boot server ",
	    server->farm[0] != '\0' ? "/" : "", ip4_format(server->addr, addr),
	    named ? " (" : "", server->name, named ? ")" : "");
	return dst;
}
