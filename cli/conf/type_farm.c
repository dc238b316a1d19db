/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/keys.h"

#include "lib/base/text.h"

#include <stdlib.h>
#include <string.h>

/* ---- login ---- */

enum { PORT_MIN = 1025, PORT_MAX = 65535 }; /* what a PVS login port may be */

static void
login_init(const struct key *key, void *field)
{
	(void)key;
	*(struct config_login *)field = (struct config_login){DB_LOGIN_OPTION_11, NULL};
}

static bool
is_host_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '.' || c == '-';
}

/* pvs:[NAME]:17:PORT, where 17 is UDP's protocol number. */
static bool
is_root_path(const char *text)
{
	static const char before[] = "pvs:[";
	static const char after[] = "]:17:";
	uint64_t port;
	if (strlen(text) > DB_ROOT_PATH_MAX ||
	    strncmp(text, before, sizeof(before) - 1) != 0) {
		return false;
	}
	const char *name = text + sizeof(before) - 1;
	const char *end = name;
	while (is_host_char(*end)) {
		end++;
	}
	return end > name && strncmp(end, after, sizeof(after) - 1) == 0 &&
	    text_u64(end + sizeof(after) - 1, PORT_MIN, PORT_MAX, &port) == 0;
}

static void
login_read(
    struct check *c, const struct key *key, const struct node *value, void *field)
{
	struct config_login *login = field;
	const char *right = "option-11, none or \"pvs:[NAME]:17:PORT\"";
	if (!check_want(c, value, NODE_TEXT, right)) {
		return;
	}
	if (strcmp(value->text, "option-11") == 0) {
		login->kind = DB_LOGIN_OPTION_11;
	} else if (strcmp(value->text, "none") == 0) {
		login->kind = DB_LOGIN_NONE;
	} else if (is_root_path(value->text)) {
		login->kind = DB_LOGIN_ROOT_PATH;
		login->root_path =
		    arena_text(&c->config->arena, value->text, strlen(value->text));
	} else {
		check_wrong(c, value->at,
		    "%s \"%s\" is malformed; write %s, PORT from %d to %d", key->name,
		    check_shown(c, value->text), right, PORT_MIN, PORT_MAX);
	}
}

static json_t *
login_write(const struct key *key, const void *field)
{
	const struct config_login *login = field;
	(void)key;
	return json_string(login->kind == DB_LOGIN_NONE ? "none"
		: login->kind == DB_LOGIN_OPTION_11     ? "option-11"
							: login->root_path);
}

const struct key_type type_login = {"login", login_init, login_read, login_write};

/* ---- servers ---- */

/* A server streams on its own address when no other is named. */
static void
finish_server(struct check *c, struct config_server *server)
{
	if (server->streaming.count == 0) {
		uint32_t *addr = arena_alloc(&c->config->arena, 1, sizeof(*addr));
		if (addr != NULL) {
			*addr = server->addr;
			server->streaming = (struct config_addrs){1, addr};
		}
	}
}

void
farm_check_server(struct check *c, const struct node *map, void *server)
{
	(void)map;
	finish_server(c, server);
}

static void
read_server(struct check *c, const struct node *entry, struct config_server *server)
{
	table_init(&table_server, server);
	if (entry->kind == NODE_TEXT) {
		if (check_unicast(c, entry,
			"the address of one server, such as 10.1.0.11",
			&server->addr)) {
			finish_server(c, server);
		}
	} else if (entry->kind == NODE_MAP) {
		table_read(c, &table_server, entry, server);
	} else {
		(void)check_want(
		    c, entry, NODE_TEXT, "an address or {address: 10.1.0.11}");
	}
}

struct seen_server {
	const struct config_server *server;
	const struct node *node;
};

static int
compare_seen(const struct seen_server *x, const struct seen_server *y)
{
	return mark_compare(&x->node->at, &y->node->at);
}

static int
compare_server_addr(const void *a, const void *b)
{
	const struct seen_server *x = a;
	const struct seen_server *y = b;
	return x->server->addr != y->server->addr
	    ? (x->server->addr < y->server->addr ? -1 : 1)
	    : compare_seen(x, y);
}

static int
compare_server_name(const void *a, const void *b)
{
	const struct seen_server *x = a;
	const struct seen_server *y = b;
	const char *x_name = x->server->name != NULL ? x->server->name : "";
	const char *y_name = y->server->name != NULL ? y->server->name : "";
	int by_name = text_casecmp(x_name, y_name);
	return by_name != 0 ? by_name : compare_seen(x, y);
}

static const struct node *
part_of(const struct node *entry, const char *key)
{
	const struct node *part = entry->kind == NODE_MAP ? node_get(entry, key) : NULL;
	return part != NULL ? part : entry;
}

static void
refuse_equal_servers(struct check *c, struct seen_server *seen, size_t count)
{
	qsort(seen, count, sizeof(*seen), compare_server_addr);
	for (size_t i = 1; i < count; i++) {
		const struct node *before = part_of(seen[i - 1].node, "address");
		const struct node *node = part_of(seen[i].node, "address");
		if (seen[i].server->addr != 0 &&
		    seen[i].server->addr == seen[i - 1].server->addr) {
			check_wrong_twice(
			    c, node->at, "server", node->text, before->at);
		}
	}
	qsort(seen, count, sizeof(*seen), compare_server_name);
	for (size_t i = 1; i < count; i++) {
		const char *name = seen[i].server->name;
		const char *before = seen[i - 1].server->name;
		if (name != NULL && before != NULL && text_casecmp(name, before) == 0) {
			check_wrong_twice(c, part_of(seen[i].node, "name")->at,
			    "server name", name, part_of(seen[i - 1].node, "name")->at);
		}
	}
}

static void
servers_read(
    struct check *c, const struct key *key, const struct node *value, void *field)
{
	struct config_servers *servers = field;
	size_t count = value->count;
	if (!check_want_entries(c, key, value, false, "a list, such as [10.1.0.11]")) {
		return;
	}
	struct seen_server *seen = arena_alloc(c->scratch, count, sizeof(*seen));
	servers->server =
	    arena_alloc(&c->config->arena, count, sizeof(struct config_server));
	if (seen == NULL || servers->server == NULL) {
		return;
	}
	for (const struct node *entry = value->first; entry != NULL;
	     entry = entry->next) {
		struct config_server *server = &servers->server[servers->count];
		read_server(c, entry, server);
		seen[servers->count++] = (struct seen_server){server, entry};
	}
	refuse_equal_servers(c, seen, count);
}

static json_t *
servers_write(const struct key *key, const void *field)
{
	const struct config_servers *servers = field;
	int err = 0;
	json_t *list = json_array();
	(void)key;
	for (size_t i = 0; i < servers->count; i++) {
		write_add(list, table_write(&table_server, &servers->server[i]), &err);
	}
	return write_whole(list, err);
}

const struct key_type type_servers = {"servers", NULL, servers_read, servers_write};

/* ---- farms ---- */

static void
check_name(struct check *c, const struct node *child)
{
	const char *name = child->key;
	if (text_casecmp(name, "none") == 0 || text_casecmp(name, "default") == 0) {
		check_wrong(c, child->key_at,
		    "a farm cannot be called \"%s\"; choose a name that is no keyword",
		    name);
	} else if (strlen(name) > DB_FARM_NAME_MAX) {
		check_wrong(c, child->key_at,
		    "farm name \"%s\" has %zu bytes; write at most %d",
		    check_shown(c, name), strlen(name), DB_FARM_NAME_MAX);
	} else if (!text_is_name(name, DB_FARM_NAME_MAX)) {
		check_wrong(c, child->key_at,
		    "farm name \"%s\" is malformed; write letters, digits, '.', '_' or "
		    "'-', beginning with a letter or digit",
		    check_shown(c, name));
	}
}

static int
compare_farms(const void *a, const void *b)
{
	return text_casecmp(((const struct config_farm *)a)->name,
	    ((const struct config_farm *)b)->name);
}

static void
farms_read(
    struct check *c, const struct key *key, const struct node *value, void *field)
{
	struct config_farms *farms = field;
	(void)key;
	if (!check_want(c, value, NODE_MAP, "at least one farm: {servers: [...]}")) {
		return;
	}
	if (value->count == 0 && !c->cut) {
		check_wrong(c, value->at,
		    "no farm at all; name at least one, with its servers");
	}
	check_refuse_twice(c, value, true, "farm");
	farms->farm =
	    arena_alloc(&c->config->arena, value->count, sizeof(struct config_farm));
	for (const struct node *child = value->first;
	     child != NULL && farms->farm != NULL; child = child->next) {
		struct config_farm *farm = &farms->farm[farms->count++];
		check_name(c, child);
		farm->name =
		    arena_text(&c->config->arena, child->key, strlen(child->key));
		farm->at = child->key_at;
		table_init(&table_farm, farm);
		table_read(c, &table_farm, child, farm);
	}
	if (farms->count > 0 && c->config->arena.err == 0) {
		qsort(farms->farm, farms->count, sizeof(struct config_farm),
		    compare_farms);
	}
}

static json_t *
farms_write(const struct key *key, const void *field)
{
	const struct config_farms *farms = field;
	int err = 0;
	json_t *object = json_object();
	(void)key;
	for (size_t i = 0; i < farms->count; i++) {
		write_put(object, farms->farm[i].name,
		    table_write(&table_farm, &farms->farm[i]), &err);
	}
	return write_whole(object, err);
}

const struct key_type type_farms = {"farms", NULL, farms_read, farms_write};

const struct config_farm *
config_farm_find(const struct config *config, const char *name)
{
	const struct config_farm wanted = {.name = name};
	return config->farms.count == 0
	    ? NULL
	    : bsearch(&wanted, config->farms.farm, config->farms.count,
		  sizeof(struct config_farm), compare_farms);
}

/* ---- what holds inside a farm ---- */

void
farm_check_monitor(struct check *c, const struct node *map, void *base)
{
	const struct config_monitor *monitor = base;
	char timeout[TEXT_DURATION];
	char interval[TEXT_DURATION];
	if (monitor->timeout_ms < monitor->interval_ms || monitor->interval_ms == 0) {
		return; /* right, or not read */
	}
	const struct node *at = node_get(map, "timeout");
	at = at != NULL ? at : node_get(map, "interval");
	if (at != NULL) {
		check_wrong(c, at->at,
		    "timeout %s is not shorter than interval %s; shorten the timeout "
		    "or "
		    "lengthen the interval",
		    text_duration_format(monitor->timeout_ms, timeout),
		    text_duration_format(monitor->interval_ms, interval));
	}
}

static void
check_streams(struct check *c, const struct node *map, const struct config_farm *farm)
{
	size_t streams = 0;
	for (size_t i = 0; i < farm->servers.count; i++) {
		streams += farm->servers.server[i].streaming.count;
	}
	if (streams > DB_STREAMS_MAX) {
		check_wrong(c, node_get(map, "servers")->at,
		    "the servers have %zu streaming addresses; write at most %d in all",
		    streams, DB_STREAMS_MAX);
	}
}

static void
check_direct(struct check *c, const struct node *map, const struct config_farm *farm)
{
	bool tftp = farm->servers.count == 0; /* a mistake of its own */
	for (size_t i = 0; i < farm->servers.count; i++) {
		tftp = tftp || (farm->servers.server[i].roles & CONFIG_ROLE_TFTP) != 0;
	}
	if (farm->delivery == DB_DELIVERY_DIRECT && !tftp) {
		check_wrong(c, node_get(map, "servers")->at,
		    "delivery is direct, but no server has the role tftp; give it to "
		    "one, "
		    "or deliver by boot-server");
	}
}

void
farm_check(struct check *c, const struct node *map, void *base)
{
	struct config_farm *farm = base;
	const struct node *files = node_get(map, "bootstrap");
	check_streams(c, map, farm);
	check_direct(c, map, farm);
	files_fold(c, files != NULL ? files->at : map->at, &farm->files);
}
