/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/yaml_out.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct writer {
	yaml_emitter_t emitter;
	bool failed;
};

/* Emits an event that was made (or not, without memory), and gives it away. */
static void
emit(struct writer *w, yaml_event_t *event, int made)
{
	if (made && w->failed) {
		yaml_event_delete(event);
	} else if (!made || !yaml_emitter_emit(&w->emitter, event)) {
		w->failed = true;
	}
}

static void
put_text(struct writer *w, const char *text)
{
	yaml_event_t event;
	int made = yaml_scalar_event_initialize(&event, NULL, NULL,
	    (const yaml_char_t *)text, (int)strlen(text), 1, 1, YAML_ANY_SCALAR_STYLE);
	emit(w, &event, made);
}

static void
put_scalar(struct writer *w, const json_t *value)
{
	char number[24];
	if (json_is_string(value)) {
		put_text(w, json_string_value(value));
	} else if (json_is_integer(value)) {
		(void)snprintf(number, sizeof(number), "%lld",
		    (long long)json_integer_value(value));
		put_text(w, number);
	} else {
		put_text(w, json_is_true(value) ? "yes" : "no");
	}
}

static bool
is_container(const json_t *value)
{
	return json_is_array(value) || json_is_object(value);
}

/* Brackets for a list of scalars, and for a mapping of scalars and such lists. */
static bool
is_flat(json_t *value)
{
	const char *key;
	json_t *child;
	size_t i;
	json_array_foreach (value, i, child) {
		if (is_container(child)) {
			return false;
		}
	}
	json_object_foreach (value, key, child) {
		if (json_is_object(child) ||
		    (json_is_array(child) && !is_flat(child))) {
			return false;
		}
	}
	return true;
}

/* What is still to be written of one list or mapping. */
struct level {
	json_t *container;
	size_t next; /* of a list */
	void *iter;  /* of a mapping */
};

static void
put_begin(struct writer *w, json_t *value)
{
	yaml_event_t event;
	bool flow = is_flat(value);
	int made = json_is_array(value)
	    ? yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
		  flow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE)
	    : yaml_mapping_start_event_initialize(&event, NULL, NULL, 1,
		  flow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE);
	emit(w, &event, made);
}

static void
put_end(struct writer *w, const json_t *value)
{
	yaml_event_t event;
	int made = json_is_array(value) ? yaml_sequence_end_event_initialize(&event)
					: yaml_mapping_end_event_initialize(&event);
	emit(w, &event, made);
}

/* The next child of a level, its key written; NULL behind the last. */
static json_t *
take_child(struct writer *w, struct level *level)
{
	if (json_is_array(level->container)) {
		return json_array_get(level->container, level->next++);
	}
	level->iter = level->next++ == 0
	    ? json_object_iter(level->container)
	    : json_object_iter_next(level->container, level->iter);
	if (level->iter == NULL) {
		return NULL;
	}
	put_text(w, json_object_iter_key(level->iter));
	return json_object_iter_value(level->iter);
}

enum { DEPTH_MAX = 32 };

static void
put_tree(struct writer *w, json_t *tree)
{
	struct level levels[DEPTH_MAX] = {{.container = tree}};
	size_t depth = 1;
	put_begin(w, tree);
	while (depth > 0 && !w->failed) {
		json_t *child = take_child(w, &levels[depth - 1]);
		if (child == NULL) {
			put_end(w, levels[--depth].container);
		} else if (!is_container(child)) {
			put_scalar(w, child);
		} else if (depth == DEPTH_MAX) {
			w->failed = true;
		} else {
			put_begin(w, child);
			levels[depth++] = (struct level){.container = child};
		}
	}
}

static void
put_document(struct writer *w, json_t *tree)
{
	yaml_event_t event;
	emit(w, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
	emit(w, &event,
	    yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
	put_tree(w, tree);
	emit(w, &event, yaml_document_end_event_initialize(&event, 1));
	emit(w, &event, yaml_stream_end_event_initialize(&event));
}

int
yaml_out(json_t *tree, char **ret)
{
	struct writer w = {0};
	char *text = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&text, &len);
	if (file == NULL) {
		return -ENOMEM;
	}
	if (yaml_emitter_initialize(&w.emitter)) {
		yaml_emitter_set_output_file(&w.emitter, file);
		yaml_emitter_set_width(&w.emitter, -1);
		yaml_emitter_set_unicode(&w.emitter, 1);
		put_document(&w, tree);
		yaml_emitter_delete(&w.emitter);
	} else {
		w.failed = true;
	}
	w.failed = fclose(file) != 0 || w.failed;
	if (w.failed) {
		free(text);
		return -ENOMEM;
	}
	*ret = text;
	return 0;
}
