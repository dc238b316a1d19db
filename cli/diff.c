/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/diff.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 16 };

struct walk {
	json_t *found;
	unsigned depth;
	const char *path[DEPTH_MAX];
	bool failed; /* memory was short */
};

static void
add(struct walk *walk, const json_t *before, const json_t *after)
{
	json_t *path = json_array();
	for (unsigned i = 0; i < walk->depth; i++) {
		if (json_array_append_new(path, json_string(walk->path[i])) != 0) {
			walk->failed = true;
		}
	}
	json_t *entry = json_pack("{s:o, s:O, s:O}", "path", path, "old",
	    before != NULL ? before : json_null(), "new",
	    after != NULL ? after : json_null());
	if (json_array_append_new(walk->found, entry) != 0) {
		walk->failed = true;
	}
}

static bool
has_item(const json_t *list, const json_t *wanted)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (json_equal(json_array_get(list, i), wanted)) {
			return true;
		}
	}
	return false;
}

static void
diff_lists(struct walk *walk, const json_t *before, const json_t *after)
{
	bool named = false;
	for (size_t i = 0; i < json_array_size(before); i++) {
		if (!has_item(after, json_array_get(before, i))) {
			add(walk, json_array_get(before, i), NULL);
			named = true;
		}
	}
	for (size_t i = 0; i < json_array_size(after); i++) {
		if (!has_item(before, json_array_get(after, i))) {
			add(walk, NULL, json_array_get(after, i));
			named = true;
		}
	}
	if (!named) {
		add(walk, before, after);
	}
}

static int
by_bytes(const void *a, const void *b)
{
	const char *const *left = a;
	const char *const *right = b;
	return strcmp(*left, *right);
}

static size_t
collect_keys(const json_t *object, const json_t *unless, const char **keys)
{
	size_t count = 0;
	const char *key;
	json_t *value;
	json_object_foreach ((json_t *)object, key, value) {
		if (json_object_get(unless, key) == NULL) {
			keys[count++] = key;
		}
	}
	return count;
}

static void diff_values(struct walk *walk, const json_t *before, const json_t *after);

/* Either may be NULL or no object: it then has no keys. */
static void
diff_objects(struct walk *walk, const json_t *before, const json_t *after)
{
	size_t room = json_object_size(before) + json_object_size(after) + 1;
	const char **keys = calloc(room, sizeof(*keys));
	if (keys == NULL || walk->depth == DEPTH_MAX) {
		walk->failed = true;
		free(keys);
		return;
	}
	size_t count = collect_keys(before, NULL, keys);
	count += collect_keys(after, before, keys + count);
	qsort(keys, count, sizeof(*keys), by_bytes);
	for (size_t i = 0; i < count; i++) {
		walk->path[walk->depth++] = keys[i];
		diff_values(walk, json_object_get(before, keys[i]),
		    json_object_get(after, keys[i]));
		walk->depth--;
	}
	free(keys);
}

static bool
has_keys(const json_t *value)
{
	return json_object_size(value) > 0;
}

/* True when side is a list, or absent beside a list of objects: those are named one by one. */
static bool
is_list(const json_t *side, const json_t *other)
{
	return json_is_array(side) ||
	    (side == NULL && json_is_object(json_array_get(other, 0)));
}

static void
diff_values(struct walk *walk, const json_t *before, const json_t *after)
{
	if (before != NULL && after != NULL && json_equal(before, after)) {
		return;
	}
	bool followed = (before == NULL || json_is_object(before)) &&
	    (after == NULL || json_is_object(after)) &&
	    (has_keys(before) || has_keys(after));
	if (followed) {
		diff_objects(walk, before, after);
	} else if (is_list(before, after) && is_list(after, before)) {
		diff_lists(walk, before, after);
	} else {
		add(walk, before, after);
	}
}

json_t *
diff_trees(const json_t *before, const json_t *after)
{
	struct walk walk = {.found = json_array()};
	if (walk.found == NULL) {
		return NULL;
	}
	diff_values(&walk, before, after);
	if (walk.failed) {
		json_decref(walk.found);
		return NULL;
	}
	return walk.found;
}

static void
print_side(FILE *to, char sign, const json_t *path, const json_t *value)
{
	size_t i;
	json_t *key;
	if (json_is_null(value)) {
		return;
	}
	(void)fputc(sign, to);
	json_array_foreach ((json_t *)path, i, key) {
		(void)fprintf(to, " %s:", json_string_value(key));
	}
	if (json_is_string(value)) {
		(void)fprintf(to, " %s\n", json_string_value(value));
		return;
	}
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_SORT_KEYS);
	(void)fprintf(to, " %s\n", text != NULL ? text : "");
	free(text);
}

void
diff_print(const json_t *diff, FILE *to)
{
	size_t i;
	json_t *entry;
	json_array_foreach ((json_t *)diff, i, entry) {
		const json_t *path = json_object_get(entry, "path");
		print_side(to, '-', path, json_object_get(entry, "old"));
		print_side(to, '+', path, json_object_get(entry, "new"));
	}
}
