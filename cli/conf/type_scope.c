/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/keys.h"

#include "lib/base/err.h"
#include "lib/base/text.h"

#include <stdlib.h>
#include <string.h>

enum { SUBNET_ID_MAX = 4294967294 }; /* Kea keeps the largest number for itself */

/* ---- the farm that a scope names ---- */

static const char *
farm_suggestion(struct check *c, const char *text)
{
	const struct config_farms *farms = &c->config->farms;
	const char **names = arena_alloc(c->scratch, farms->count + 1, sizeof(char *));
	if (names == NULL) {
		return "";
	}
	for (size_t i = 0; i < farms->count; i++) {
		names[i] = check_shown(c, farms->farm[i].name);
	}
	names[farms->count] = "none";
	return check_suggest(c, text, names, farms->count + 1);
}

static void
farm_ref_read(
    struct check *c, const struct key *key, const struct node *value, void *field)
{
	(void)key;
	if (!check_want(c, value, NODE_TEXT, "a farm's name, or none")) {
		return;
	}
	const struct config_farm *farm = config_farm_find(c->config, value->text);
	if (farm != NULL) {
		*(const char **)field = farm->name;
	} else if (text_casecmp(value->text, "none") != 0 && !c->cut) {
		check_wrong(c, value->at, "unknown farm \"%s\"; %s",
		    check_shown(c, value->text), farm_suggestion(c, value->text));
	}
}

static void
farm_ref_init(const struct key *key, void *field)
{
	(void)key;
	*(const char **)field = "";
}

static json_t *
farm_ref_write(const struct key *key, const void *field)
{
	const char *const *farm = field;
	(void)key;
	return json_string((*farm)[0] != '\0' ? *farm : "none");
}

const struct key_type type_farm_ref = {
    "farm", farm_ref_init, farm_ref_read, farm_ref_write};

/* ---- the prefix that a subnet id is admitted by ---- */

static void
scope_prefix_read(
    struct check *c, const struct key *key, const struct node *value, void *field)
{
	struct config_scope *scope = field;
	(void)key;
	if (scope->kind != CONFIG_SUBNET_ID) {
		check_wrong(c, value->key_at,
		    "\"prefix\" belongs to a subnet-id; take it out of scope \"%s\"",
		    check_shown(c, scope->text));
	} else if (check_want(c, value, NODE_TEXT, "a prefix such as 10.20.0.0/16")) {
		scope->has_prefix =
		    check_prefix(c, value->at, value->text, &scope->prefix);
	}
}

static json_t *
scope_prefix_write(const struct key *key, const void *field)
{
	const struct config_scope *scope = field;
	char text[IP4_PREFIX_TEXT];
	(void)key;
	return scope->kind == CONFIG_SUBNET_ID && scope->has_prefix
	    ? json_string(ip4_prefix_format(&scope->prefix, text))
	    : json_null();
}

const struct key_type type_scope_prefix = {
    "prefix", NULL, scope_prefix_read, scope_prefix_write};

/* ---- scopes ---- */

/* Reads what a scope is of. False when its key says nothing; a prefix with host bits stays,
 * reported, as the network it lies in. */
static bool
read_scope_key(struct check *c, const struct node *child, struct config_scope *scope)
{
	static const char subnet_id[] = "subnet-id ";
	const char *text = child->key;
	uint64_t id;
	if (strcmp(text, "default") == 0) {
		scope->kind = CONFIG_DEFAULT;
		return true;
	}
	if (strncmp(text, subnet_id, strlen("subnet-id")) == 0) {
		scope->kind = CONFIG_SUBNET_ID;
		if (strncmp(text, subnet_id, sizeof(subnet_id) - 1) == 0 &&
		    text_u64(text + sizeof(subnet_id) - 1, 1, SUBNET_ID_MAX, &id) ==
			0) {
			scope->subnet_id = (uint32_t)id;
			return true;
		}
		check_wrong(c, child->key_at,
		    "\"%s\" names no subnet id; write \"subnet-id N\", N from 1 to %u",
		    check_shown(c, text), SUBNET_ID_MAX);
		return false;
	}
	scope->kind = CONFIG_PREFIX;
	scope->has_prefix = true;
	if (strchr(text, '/') == NULL) {
		check_wrong(c, child->key_at,
		    "scope \"%s\" is unknown; write a prefix such as 10.20.0.0/16, "
		    "\"subnet-id N\" or default",
		    check_shown(c, text));
		return false;
	}
	return check_prefix(c, child->key_at, text, &scope->prefix) ||
	    ip4_prefix_parse(text, &scope->prefix) == ERR_RANGE;
}

static void
read_scope(struct check *c, const struct node *child, struct config_scope *scope)
{
	if (child->kind == NODE_TEXT) {
		farm_ref_read(c, NULL, child, &scope->farm);
	} else if (child->kind == NODE_MAP) {
		table_read(c, &table_scope, child, scope);
	} else {
		(void)check_want(
		    c, child, NODE_TEXT, "a farm's name, none or {farm: NAME}");
	}
}

static int
compare_identity(const struct config_scope *x, const struct config_scope *y)
{
	if (x->kind != y->kind) {
		return x->kind < y->kind ? -1 : 1;
	}
	switch (x->kind) {
	case CONFIG_PREFIX:
		return ip4_prefix_compare(&x->prefix, &y->prefix);
	case CONFIG_SUBNET_ID:
		return x->subnet_id < y->subnet_id ? -1
		    : x->subnet_id > y->subnet_id  ? 1
						   : 0;
	case CONFIG_DEFAULT:
		break;
	}
	return 0;
}

static int
compare_scopes(const void *a, const void *b)
{
	const struct config_scope *x = a;
	const struct config_scope *y = b;
	int by_identity = compare_identity(x, y);
	return by_identity != 0 ? by_identity : mark_compare(&x->at, &y->at);
}

static void
refuse_equal_scopes(struct check *c, const struct config_scopes *scopes)
{
	const struct config_scope *scope = scopes->scope;
	for (size_t i = 1; i < scopes->count; i++) {
		if (compare_identity(&scope[i - 1], &scope[i]) == 0) {
			check_wrong_twice(
			    c, scope[i].at, "scope", scope[i].text, scope[i - 1].at);
		}
	}
}

static void
scopes_read(
    struct check *c, const struct key *key, const struct node *value, void *field)
{
	struct config_scopes *scopes = field;
	(void)key;
	if (!check_want(
		c, value, NODE_MAP, "10.20.0.0/16: FARM, or leave the key out")) {
		return;
	}
	scopes->scope =
	    arena_alloc(&c->config->arena, value->count, sizeof(struct config_scope));
	for (const struct node *child = value->first;
	     child != NULL && scopes->scope != NULL; child = child->next) {
		struct config_scope *scope = &scopes->scope[scopes->count];
		*scope = (struct config_scope){0};
		table_init(&table_scope, scope);
		scope->at = child->key_at;
		scope->text =
		    arena_text(&c->config->arena, child->key, strlen(child->key));
		bool known = read_scope_key(c, child, scope);
		read_scope(c, child, scope);
		scopes->count += known ? 1 : 0;
	}
	if (scopes->scope != NULL && c->config->arena.err == 0) {
		qsort(scopes->scope, scopes->count, sizeof(struct config_scope),
		    compare_scopes);
		refuse_equal_scopes(c, scopes);
	}
}

static json_t *
scopes_write(const struct key *key, const void *field)
{
	const struct config_scopes *scopes = field;
	int err = 0;
	json_t *object = json_object();
	(void)key;
	for (size_t i = 0; i < scopes->count; i++) {
		write_put(object, scopes->scope[i].text,
		    table_write(&table_scope, &scopes->scope[i]), &err);
	}
	return write_whole(object, err);
}

const struct key_type type_scopes = {"scopes", NULL, scopes_read, scopes_write};
