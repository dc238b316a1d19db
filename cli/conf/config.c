/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/config.h"

#include "cli/conf/keys.h"
#include "cli/conf/yaml_in.h"
#include "lib/base/err.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

/* Moves more's children behind into's. */
static void
splice(struct node *into, struct node *more)
{
	if (more->first == NULL) {
		return;
	}
	if (into->last != NULL) {
		into->last->next = more->first;
	} else {
		into->first = more->first;
	}
	into->last = more->last;
	into->count += more->count;
}

static struct node *
find(struct node *map, const char *key)
{
	for (struct node *child = map->first; child != NULL; child = child->next) {
		if (strcmp(child->key, key) == 0) {
			return child;
		}
	}
	return NULL;
}

/* Takes the child of that key out of a map. */
static void
take_out(struct node *map, const struct node *gone)
{
	struct node *before = NULL;
	for (struct node *child = map->first; child != gone; child = child->next) {
		before = child;
	}
	if (before != NULL) {
		before->next = gone->next;
	} else {
		map->first = gone->next;
	}
	if (map->last == gone) {
		map->last = before;
	}
	map->count--;
}

/* Another file's keys join the first file's; what stands in both is found as a duplicate, but
 * farms and scopes may be spread over files. */
static void
merge(struct node *whole, struct node *more)
{
	static const char *const spread[] = {"farms", "scopes"};
	for (size_t i = 0; i < sizeof(spread) / sizeof(spread[0]); i++) {
		struct node *into = find(whole, spread[i]);
		struct node *part = find(more, spread[i]);
		if (into != NULL && part != NULL && into->kind == NODE_MAP &&
		    part->kind == NODE_MAP) {
			take_out(more, part);
			splice(into, part);
		}
	}
	splice(whole, more);
}

static int
read_sources(struct check *c, const struct config_source *sources, size_t count,
    struct node **ret)
{
	struct node *whole = NULL;
	for (size_t i = 0; i < count; i++) {
		struct node *root;
		bool cut;
		struct mark start = {.order = (unsigned)i};
		start.file = arena_text(
		    &c->config->arena, sources[i].name, strlen(sources[i].name));
		if (start.file == NULL) {
			return -ENOMEM;
		}
		int err =
		    yaml_in(&sources[i], start, c->scratch, c->mistakes, &root, &cut);
		if (err != 0) {
			return err;
		}
		c->cut = c->cut || cut;
		if (whole == NULL) {
			whole = root;
		} else if (check_want(c, root, NODE_MAP, "\"key: value\"") &&
		    whole->kind == NODE_MAP) {
			merge(whole, root);
		}
	}
	*ret = whole;
	return 0;
}

static void
digest(const struct config_source *sources, size_t count,
    uint8_t ret[static DB_DIGEST_LEN])
{
	struct sha256_ctx sha;
	sha256_init(&sha);
	for (size_t i = 0; i < count; i++) {
		sha256_update(&sha, sources[i].len, sources[i].bytes);
	}
	sha256_digest(&sha, DB_DIGEST_LEN, ret);
}

static int
finish_default(struct config *config)
{
	struct config_scopes *scopes = &config->scopes;
	size_t count = scopes->count;
	if (count > 0 && scopes->scope[count - 1].kind == CONFIG_DEFAULT) {
		return 0;
	}
	struct config_scope *scope =
	    arena_alloc(&config->arena, count + 1, sizeof(*scope));
	if (scope == NULL) {
		return config->arena.err;
	}
	for (size_t i = 0; i < count; i++) {
		scope[i] = scopes->scope[i];
	}
	scope[count] = (struct config_scope){
	    .kind = CONFIG_DEFAULT, .text = "default", .farm = ""};
	*scopes = (struct config_scopes){count + 1, scope};
	return 0;
}

static int
run_check(struct check *c, const struct config_source *sources, size_t count)
{
	struct node *root;
	int err = read_sources(c, sources, count, &root);
	if (err != 0) {
		return err;
	}
	table_init(&table_top, c->config);
	table_read(c, &table_top, root, c->config);
	mistakes_sort(c->mistakes);
	if (c->scratch->err != 0 || c->config->arena.err != 0 ||
	    c->mistakes->arena.err != 0) {
		return -ENOMEM;
	}
	return c->mistakes->count > 0 ? ERR_MALFORMED : 0;
}

int
config_parse(const struct config_source *sources, size_t count,
    struct mistakes *mistakes, struct config **ret)
{
	struct arena scratch = {0};
	struct config *config = calloc(1, sizeof(*config));
	if (config == NULL) {
		return -ENOMEM;
	}
	struct check check = {
	    .config = config, .mistakes = mistakes, .scratch = &scratch};
	int err = run_check(&check, sources, count);
	if (err == 0) {
		err = finish_default(config);
	}
	arena_done(&scratch);
	if (err != 0) {
		config_free(config);
		return err;
	}
	digest(sources, count, config->digest);
	*ret = config;
	return 0;
}

void
config_free(struct config *config)
{
	if (config != NULL) {
		arena_done(&config->arena);
		free(config);
	}
}
