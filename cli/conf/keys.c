/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/keys.h"

#include <errno.h>
#include <string.h>

bool
check_want_entries(struct check *c, const struct key *key, const struct node *value,
    bool may_be_empty, const char *example)
{
	if (!check_want(c, value, NODE_LIST, example)) {
		return false;
	}
	if (value->count == 0 && !may_be_empty && !c->cut) {
		check_wrong(c, value->at,
		    "%s is an empty list; write %s, or leave it out", key->name,
		    example);
	}
	if (key->max != 0 && value->count > key->max) {
		check_wrong(c, value->at, "%s has %zu entries; write at most %u",
		    key->name, value->count, key->max);
	}
	return value->count > 0 && (key->max == 0 || value->count <= key->max);
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
			check_wrong(c, child->key_at, "unknown key \"%s\"; %s",
			    check_shown(c, child->key),
			    check_suggest(c, child->key, names, count));
		}
	}
}

void
table_read(
    struct check *c, const struct table *table, const struct node *map, void *base)
{
	if (!check_want(c, map, NODE_MAP, "\"key: value\", or leave the key out")) {
		return;
	}
	check_refuse_twice(c, map, false, "key");
	refuse_unknown(c, table, map);
	for (size_t i = 0; i < table->count; i++) {
		const struct key *key = &table->keys[i];
		const struct node *value = node_get(map, key->name);
		if (value != NULL) {
			key->type->read(c, key, value, field_of(key, base));
		} else if (key->required && !c->cut) {
			check_wrong(c, map->at, "no key \"%s\" in this %s; add it",
			    key->name, table->name);
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
		write_put(object, key->name, key->type->write(key, field), &err);
	}
	return write_whole(object, err);
}

void
write_put(json_t *object, const char *key, json_t *value, int *err)
{
	if (json_is_null(value)) {
		json_decref(value);
	} else if (json_object_set_new(object, key, value) != 0) {
		*err = -ENOMEM;
	}
}

void
write_add(json_t *list, json_t *value, int *err)
{
	if (json_array_append_new(list, value) != 0) {
		*err = -ENOMEM;
	}
}

json_t *
write_whole(json_t *tree, int err)
{
	if (err != 0) {
		json_decref(tree);
		return NULL;
	}
	return tree;
}
