/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/keys.h"

#include "lib/base/text.h"

#include <stdio.h>
#include <string.h>

/* ---- where the TFTP responder listens ---- */

enum { TFTP_PORT = 69, PORT_TEXT = 6 };

static void
listens_init(const struct key *key, void *field)
{
	static const struct config_listen anywhere = {0, TFTP_PORT};
	(void)key;
	*(struct config_listens *)field = (struct config_listens){1, &anywhere};
}

/* ADDRESS or ADDRESS:PORT; the zero address means every interface. */
static bool
parse_listen(const char *text, struct config_listen *ret)
{
	char addr[IP4_TEXT];
	uint64_t port = TFTP_PORT;
	const char *colon = strchr(text, ':');
	size_t len = colon != NULL ? (size_t)(colon - text) : strlen(text);
	if (len >= sizeof(addr) ||
	    (colon != NULL && text_u64(colon + 1, 1, UINT16_MAX, &port) != 0)) {
		return false;
	}
	memcpy(addr, text, len);
	addr[len] = '\0';
	ret->port = (uint16_t)port;
	return ip4_parse(addr, &ret->addr) == 0 &&
	    (ret->addr == 0 || ip4_is_unicast(ret->addr));
}

static bool
have_listen(const struct config_listen *listens, size_t count, struct config_listen one)
{
	for (size_t i = 0; i < count; i++) {
		if (listens[i].addr == one.addr && listens[i].port == one.port) {
			return true;
		}
	}
	return false;
}

static void
listens_read(
    struct check *c, const struct key *key, const struct node *value, void *field)
{
	size_t count = 0;
	if (!check_want_entries(c, key, value, false, "a list, such as [0.0.0.0:69]")) {
		return;
	}
	struct config_listen *listens =
	    arena_alloc(&c->config->arena, value->count, sizeof(*listens));
	for (const struct node *entry = value->first; entry != NULL && listens != NULL;
	     entry = entry->next) {
		struct config_listen one;
		if (!check_want(
			c, entry, NODE_TEXT, "ADDRESS:PORT, such as 0.0.0.0:69")) {
			continue;
		}
		if (!parse_listen(entry->text, &one)) {
			check_wrong(c, entry->at,
			    "%s \"%s\" is malformed; write ADDRESS:PORT, such as "
			    "0.0.0.0:69",
			    key->name, check_shown(c, entry->text));
			continue;
		}
		if (have_listen(listens, count, one)) {
			check_wrong(c, entry->at, "\"%s\" stands twice in %s; keep one",
			    entry->text, key->name);
		}
		listens[count++] = one;
	}
	*(struct config_listens *)field = (struct config_listens){count, listens};
}

static json_t *
listens_write(const struct key *key, const void *field)
{
	const struct config_listens *listens = field;
	int err = 0;
	json_t *list = json_array();
	(void)key;
	for (size_t i = 0; i < listens->count; i++) {
		char addr[IP4_TEXT];
		char text[IP4_TEXT + PORT_TEXT];
		(void)snprintf(text, sizeof(text), "%s:%u",
		    ip4_format(listens->listen[i].addr, addr), listens->listen[i].port);
		write_add(list, json_string(text), &err);
	}
	return write_whole(list, err);
}

const struct key_type type_listens = {
    "listens", listens_init, listens_read, listens_write};

/* ---- ports of transfers ---- */

static bool
parse_ports(const struct key *key, const char *text, struct config_ports *ret)
{
	char first_text[PORT_TEXT];
	uint64_t first;
	uint64_t last;
	const char *dash = strchr(text, '-');
	size_t len = dash != NULL ? (size_t)(dash - text) : sizeof(first_text);
	if (len >= sizeof(first_text)) {
		return false;
	}
	memcpy(first_text, text, len);
	first_text[len] = '\0';
	if (text_u64(first_text, key->min, key->max, &first) != 0 ||
	    text_u64(dash + 1, first, key->max, &last) != 0) {
		return false;
	}
	*ret = (struct config_ports){(uint32_t)first, (uint32_t)last};
	return true;
}

static void
ports_read(
    struct check *c, const struct key *key, const struct node *value, void *field)
{
	if (check_want(c, value, NODE_TEXT, "FIRST-LAST, such as 20000-29999") &&
	    !parse_ports(key, value->text, field)) {
		check_wrong(c, value->at,
		    "%s \"%s\" is malformed; write FIRST-LAST, from %u to %u",
		    key->name, check_shown(c, value->text), key->min, key->max);
	}
}

static json_t *
ports_write(const struct key *key, const void *field)
{
	const struct config_ports *ports = field;
	char text[2 * PORT_TEXT];
	(void)key;
	if (ports->first == 0) {
		return json_null();
	}
	(void)snprintf(
	    text, sizeof(text), "%u-%u", (uint16_t)ports->first, (uint16_t)ports->last);
	return json_string(text);
}

const struct key_type type_ports = {"ports", NULL, ports_read, ports_write};

/* ---- interfaces of the proxy ---- */

/* What Linux takes for the name of an interface (dev_valid_name()), without what no terminal
 * shows. */
static bool
is_interface(const char *text)
{
	size_t len = strlen(text);
	if (len == 0 || len >= DB_INTERFACE_NAME || strcmp(text, ".") == 0 ||
	    strcmp(text, "..") == 0) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (text[i] <= ' ' || text[i] > '~' || text[i] == '/' ||
		    text[i] == ':') {
			return false;
		}
	}
	return true;
}

static bool
have_text(const struct config_texts *texts, const char *text)
{
	for (size_t i = 0; i < texts->count; i++) {
		if (strcmp(texts->text[i], text) == 0) {
			return true;
		}
	}
	return false;
}

static void
interfaces_read(
    struct check *c, const struct key *key, const struct node *value, void *field)
{
	struct config_texts *texts = field;
	if (!check_want_entries(c, key, value, true, "a list, such as [eth0]")) {
		return;
	}
	texts->text = arena_alloc(&c->config->arena, value->count, sizeof(char *));
	for (const struct node *entry = value->first;
	     entry != NULL && texts->text != NULL; entry = entry->next) {
		if (!check_want(c, entry, NODE_TEXT, "the name of an interface")) {
			continue;
		}
		if (!is_interface(entry->text)) {
			check_wrong(c, entry->at,
			    "\"%s\" names no interface; write a name of at most %d "
			    "bytes, "
			    "such as eth0",
			    check_shown(c, entry->text), DB_INTERFACE_NAME - 1);
			continue;
		}
		if (have_text(texts, entry->text)) {
			check_wrong(c, entry->at, "\"%s\" stands twice in %s; keep one",
			    entry->text, key->name);
		}
		const char *name =
		    arena_text(&c->config->arena, entry->text, strlen(entry->text));
		if (name != NULL) {
			texts->text[texts->count++] = name;
		}
	}
}

static json_t *
interfaces_write(const struct key *key, const void *field)
{
	const struct config_texts *texts = field;
	int err = 0;
	json_t *list = json_array();
	(void)key;
	for (size_t i = 0; i < texts->count; i++) {
		write_add(list, json_string(texts->text[i]), &err);
	}
	return write_whole(list, err);
}

const struct key_type type_interfaces = {
    "interfaces", NULL, interfaces_read, interfaces_write};
