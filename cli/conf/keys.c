/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/keys.h"

#include "lib/base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

enum { SHOWN_ROOM = 80, NAMES_SHOWN = 12 };

const char *
format_text(struct check *c, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *text = arena_vformat(c->scratch, format, args);
	va_end(args);
	return text != NULL ? text : "";
}

const char *
shown(struct check *c, const char *text)
{
	char room[SHOWN_ROOM];
	text_escape(room, sizeof(room), text, strlen(text));
	return format_text(c, "%s", room);
}

bool
want(struct check *c, const struct node *node, enum node_kind kind, const char *example)
{
	static const char *const names[] = {
	    [NODE_TEXT] = "a single value",
	    [NODE_LIST] = "a list",
	    [NODE_MAP] = "a mapping",
	};
	if (node->kind == kind || node->kind == NODE_BROKEN) {
		return node->kind == kind;
	}
	bool nothing = node->kind == NODE_TEXT && node->text[0] == '\0';
	wrong(c, node->at, "%s where %s is wanted; write %s",
	    nothing ? "nothing" : names[node->kind], names[kind], example);
	return false;
}

bool
want_entries(struct check *c, const struct key *key, const struct node *value,
    bool may_be_empty, const char *example)
{
	if (!want(c, value, NODE_LIST, example)) {
		return false;
	}
	if (value->count == 0 && !may_be_empty && !c->cut) {
		wrong(c, value->at, "%s is an empty list; write %s, or leave it out",
		    key->name, example);
	}
	if (key->max != 0 && value->count > key->max) {
		wrong(c, value->at, "%s has %zu entries; write at most %u", key->name,
		    value->count, key->max);
	}
	return value->count > 0 && (key->max == 0 || value->count <= key->max);
}

const char *
suggestion(struct check *c, const char *text, const char *const *names, size_t count)
{
	const char *nearest = text_nearest(text, names, count);
	const char *all = "";
	if (nearest != NULL) {
		return format_text(c, "did you mean \"%s\"?", nearest);
	}
	for (size_t i = 0; i < count && i < NAMES_SHOWN; i++) {
		all = format_text(c, "%s%s%s", all, i > 0 ? ", " : "", names[i]);
	}
	return format_text(
	    c, "there is %s%s", all, count > NAMES_SHOWN ? ", and more" : "");
}

void
wrong_twice(struct check *c, struct mark at, const char *what, const char *text,
    struct mark first)
{
	wrong(c, at, "%s \"%s\" stands twice (first at %s:%u); keep one", what,
	    shown(c, text), first.file, first.line);
}

struct twice {
	struct check *c;
	const char *what;
};

static void
twice_found(void *ctx, const struct node *before, const struct node *child)
{
	const struct twice *twice = ctx;
	wrong_twice(twice->c, child->key_at, twice->what, child->key, before->key_at);
}

void
refuse_twice(struct check *c, const struct node *map, bool fold, const char *what)
{
	struct twice twice = {c, what};
	node_find_twice(map, fold, c->scratch, twice_found, &twice);
}

static void *
field_of(const struct key *key, void *base)
{
	return (char *)base + key->offset;
}

void
table_init(const struct table *table, void *base)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct key *key = &table->keys[i];
		if (key->type->init != NULL) {
			key->type->init(key, field_of(key, base));
		}
	}
}

static void
refuse_unknown(struct check *c, const struct table *table, const struct node *map)
{
	const char *names[16];
	size_t count = 0;
	for (; count < table->count; count++) {
		names[count] = table->keys[count].name;
	}
	for (const struct node *child = map->first; child != NULL;
	     child = child->next) {
		size_t i = 0;
		while (i < count && strcmp(names[i], child->key) != 0) {
			i++;
		}
		if (i == count) {
			wrong(c, child->key_at, "unknown key \"%s\"; %s",
			    shown(c, child->key),
			    suggestion(c, child->key, names, count));
		}
	}
}

void
table_read(
    struct check *c, const struct table *table, const struct node *map, void *base)
{
	if (!want(c, map, NODE_MAP, "\"key: value\", or leave the key out")) {
		return;
	}
	refuse_twice(c, map, false, "key");
	refuse_unknown(c, table, map);
	for (size_t i = 0; i < table->count; i++) {
		const struct key *key = &table->keys[i];
		const struct node *value = node_get(map, key->name);
		if (value != NULL) {
			key->type->read(c, key, value, field_of(key, base));
		} else if (key->required && !c->cut) {
			wrong(c, map->at, "no key \"%s\" in this %s; add it", key->name,
			    table->name);
		}
	}
	if (table->check != NULL) {
		table->check(c, map, base);
	}
}

json_t *
table_write(const struct table *table, const void *base)
{
	int err = 0;
	json_t *object = json_object();
	for (size_t i = 0; i < table->count; i++) {
		const struct key *key = &table->keys[i];
		const void *field = (const char *)base + key->offset;
		json_put(object, key->name, key->type->write(key, field), &err);
	}
	return json_whole(object, err);
}

void
json_put(json_t *object, const char *key, json_t *value, int *err)
{
	if (json_is_null(value)) {
		json_decref(value);
	} else if (json_object_set_new(object, key, value) != 0) {
		*err = -ENOMEM;
	}
}

void
json_add(json_t *list, json_t *value, int *err)
{
	if (json_array_append_new(list, value) != 0) {
		*err = -ENOMEM;
	}
}

json_t *
json_whole(json_t *tree, int err)
{
	if (err != 0) {
		json_decref(tree);
		return NULL;
	}
	return tree;
}
