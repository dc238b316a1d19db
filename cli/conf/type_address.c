/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/keys.h"

#include "lib/base/ip4.h"

#include <stdlib.h>
#include <string.h>

static const char a_host[] = "the address of one host, such as 10.0.0.5";

/* ---- address ---- */

static void
address_read(
    struct check *c, const struct key *key, const struct node *value, void *field)
{
	(void)key;
	(void)check_unicast(c, value, a_host, field);
}

static json_t *
address_write(const struct key *key, const void *field)
{
	char text[IP4_TEXT];
	(void)key;
	return json_string(ip4_format(*(const uint32_t *)field, text));
}

const struct key_type type_address = {"address", NULL, address_read, address_write};

/* ---- addresses ---- */

/* Stands for what was written and could not be read: not the same as nothing written. */
static const uint32_t unread[] = {0};

static bool
has(const struct config_addrs *addrs, uint32_t addr)
{
	for (size_t i = 0; i < addrs->count; i++) {
		if (addrs->addr[i] == addr) {
			return true;
		}
	}
	return false;
}

static void
addresses_read(
    struct check *c, const struct key *key, const struct node *value, void *field)
{
	struct config_addrs *addrs = field;
	*addrs = (struct config_addrs){1, unread};
	if (!check_want_entries(c, key, value, false, "a list, such as [10.0.0.5]")) {
		return;
	}
	uint32_t *addr = arena_alloc(&c->config->arena, value->count, sizeof(*addr));
	if (addr == NULL) {
		return;
	}
	*addrs = (struct config_addrs){0, addr};
	for (const struct node *entry = value->first; entry != NULL;
	     entry = entry->next) {
		uint32_t *one = &addr[addrs->count];
		if (check_unicast(c, entry, a_host, one) && has(addrs, *one)) {
			check_wrong(c, entry->at,
			    "address %s stands twice in %s; keep one", entry->text,
			    key->name);
		}
		addrs->count++;
	}
}

static json_t *
addresses_write(const struct key *key, const void *field)
{
	const struct config_addrs *addrs = field;
	int err = 0;
	if (addrs->count == 0) {
		return json_null();
	}
	json_t *list = json_array();
	for (size_t i = 0; i < addrs->count; i++) {
		write_add(list, address_write(key, &addrs->addr[i]), &err);
	}
	return write_whole(list, err);
}

const struct key_type type_addresses = {
    "addresses", NULL, addresses_read, addresses_write};

/* ---- clients ---- */

static bool
read_client(struct check *c, const struct node *entry, struct ip4_prefix *ret)
{
	const char *right = "an address or a prefix, such as 10.20.0.0/16";
	if (!check_want(c, entry, NODE_TEXT, right)) {
		return false;
	}
	if (strchr(entry->text, '/') != NULL) {
		return check_prefix(c, entry->at, entry->text, ret);
	}
	ret->len = 32;
	return check_unicast(c, entry, right, &ret->addr);
}

struct client {
	struct ip4_prefix prefix;
	const struct node *node;
};

static int
compare_clients(const void *a, const void *b)
{
	const struct client *x = a;
	const struct client *y = b;
	int by_prefix = ip4_prefix_compare(&x->prefix, &y->prefix);
	return by_prefix != 0 ? by_prefix : mark_compare(&x->node->at, &y->node->at);
}

/* Puts what was read into the configuration: a set, so in order of address. */
static void
keep_clients(struct check *c, const struct client *clients, size_t count,
    struct config_prefixes *ret)
{
	ret->prefix = arena_alloc(&c->config->arena, count, sizeof(ret->prefix[0]));
	for (size_t i = 0; i < count && ret->prefix != NULL; i++) {
		if (i > 0 &&
		    ip4_prefix_compare(&clients[i - 1].prefix, &clients[i].prefix) ==
			0) {
			check_wrong_twice(c, clients[i].node->at, "client",
			    clients[i].node->text, clients[i - 1].node->at);
		}
		ret->prefix[ret->count++] = clients[i].prefix;
	}
}

static void
clients_read(
    struct check *c, const struct key *key, const struct node *value, void *field)
{
	size_t count = 0;
	if (!check_want_entries(
		c, key, value, true, "a list, such as [10.20.0.0/16]")) {
		return;
	}
	struct client *clients =
	    arena_alloc(c->scratch, value->count, sizeof(*clients));
	for (const struct node *entry = value->first; entry != NULL && clients != NULL;
	     entry = entry->next) {
		clients[count].node = entry;
		if (read_client(c, entry, &clients[count].prefix)) {
			count++;
		}
	}
	if (clients != NULL) {
		qsort(clients, count, sizeof(*clients), compare_clients);
		keep_clients(c, clients, count, field);
	}
}

static json_t *
clients_write(const struct key *key, const void *field)
{
	const struct config_prefixes *clients = field;
	int err = 0;
	json_t *list = json_array();
	(void)key;
	for (size_t i = 0; i < clients->count; i++) {
		char text[IP4_PREFIX_TEXT];
		write_add(list,
		    json_string(ip4_prefix_format(&clients->prefix[i], text)), &err);
	}
	return write_whole(list, err);
}

const struct key_type type_clients = {"clients", NULL, clients_read, clients_write};
