/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/yaml_in.h"

#include "lib/base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

enum {
	DEPTH_MAX = 16,      /* the deepest key of ours lies at 6 */
	NODES_MAX = 1 << 20, /* a bound on memory: 100000 scopes need 200000 */
};

struct reader {
	yaml_parser_t parser;
	const struct config_source *source;
	struct mark start; /* the first character of the file */
	struct arena *arena;
	struct mistakes *mistakes;
	struct level {
		struct node *node;
		bool has_key;    /* of a map: the next node is the value of key */
		const char *key; /* NULL: of no use, and reported */
		struct mark key_at;
	} open[DEPTH_MAX]; /* the maps and lists we stand in */
	size_t depth;
	size_t nodes;
	struct node *newest;
	struct node *root;
	bool stop;
	bool cut; /* the rest of the file went unread */
};

static struct mark
mark_of(const struct reader *r, const yaml_mark_t *mark)
{
	struct mark at = r->start;
	at.line += (unsigned)mark->line;
	at.column += (unsigned)mark->column;
	return at;
}

/* The rest goes unread. The last value may have been cut, so nothing is said of it. */
static void
cut_here(struct reader *r)
{
	r->stop = r->cut = true;
	if (r->newest != NULL && r->newest->kind == NODE_TEXT) {
		r->newest->kind = NODE_BROKEN;
	}
}

/* What would be right, for the refusals of libyaml that people meet. */
static const struct {
	const char *problem;
	const char *right;
} hints[] = {
    {"found character that cannot start any token",
	"indent with blanks, not tabs, and quote a text that begins with @ ` or %"},
    {"found a tab character that violates indentation", "indent with blanks"},
    {"found a tab character where an indentation space is expected",
	"indent with blanks"},
    {"mapping values are not allowed in this context",
	"write one \"key: value\" per line, or quote a text that contains \": \""},
    {"could not find expected ':'", "write \"key: value\", with a blank"},
    {"did not find expected key", "give the keys of one mapping the same indent"},
    {"did not find expected '-' indicator",
	"give the entries of one list the same indent"},
    {"did not find expected ',' or ']'", "close the list with ]"},
    {"did not find expected ',' or '}'", "close the mapping with }"},
    {"found unexpected end of stream", "close the quote"},
    {"control characters are not allowed", "take the control character out"},
    {"found undefined tag handle", "take the tag out"},
};

static const char *
hint_for(const char *problem)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		if (strcmp(hints[i].problem, problem) == 0) {
			return hints[i].right;
		}
	}
	return "see pvsboot.yaml(5)";
}

/* The reader below libyaml's marks knows only how many bytes came before. */
static struct mark
mark_of_offset(const struct reader *r, size_t offset)
{
	const unsigned char *p = r->source->bytes;
	struct mark at = r->start;
	for (size_t i = 0; i < offset && i < r->source->len; i++) {
		if (p[i] == '\n') {
			at.line++;
			at.column = 1;
		} else if ((p[i] & 0xc0) != 0x80) {
			at.column++;
		}
	}
	return at;
}

/* The text that libyaml could not read into characters. */
static void
refuse_bytes(struct reader *r, const char *problem)
{
	char byte[16] = "";
	bool control = strncmp(problem, "control", 7) == 0;
	if (r->parser.problem_value >= 0) {
		(void)snprintf(
		    byte, sizeof(byte), " (0x%02x)", (unsigned)r->parser.problem_value);
	}
	mistakes_add(r->mistakes, mark_of_offset(r, r->parser.problem_offset),
	    "%s%s; %s", problem, byte,
	    control ? "take it out" : "save the file as UTF-8");
}

static void
refuse_syntax(struct reader *r)
{
	const yaml_parser_t *parser = &r->parser;
	const char *problem = parser->problem != NULL ? parser->problem : "unreadable";
	struct mark at = mark_of(r, &parser->problem_mark);
	struct mark context_at = mark_of(r, &parser->context_mark);
	if (parser->error == YAML_MEMORY_ERROR) {
		r->arena->err = -ENOMEM;
	} else if (parser->error == YAML_READER_ERROR) {
		refuse_bytes(r, problem);
	} else if (parser->context != NULL && mark_compare(&at, &context_at) != 0) {
		mistakes_add(r->mistakes, at, "YAML: %s, %s that begins at %u:%u; %s",
		    problem, parser->context, context_at.line, context_at.column,
		    hint_for(problem));
	} else {
		mistakes_add(
		    r->mistakes, at, "YAML: %s; %s", problem, hint_for(problem));
	}
	cut_here(r);
}

static void
refuse_adornment(
    struct reader *r, struct mark at, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	char shown[64];
	if (anchor != NULL) {
		mistakes_add(r->mistakes, at, "an anchor, \"&%s\"; write the value out",
		    text_escape(
			shown, sizeof(shown), anchor, strlen((const char *)anchor)));
	}
	if (tag != NULL) {
		mistakes_add(r->mistakes, at,
		    "a tag, \"%s\"; leave it out, every value has its type",
		    text_escape(shown, sizeof(shown), tag, strlen((const char *)tag)));
	}
}

/* Hangs node where the events stand: as the root, an entry, or the value of the last key. */
static void
place(struct reader *r, struct node *node)
{
	if (r->depth == 0) {
		r->root = node;
		return;
	}
	struct level *in = &r->open[r->depth - 1];
	if (in->node->kind != NODE_MAP) {
		node_append(in->node, node);
	} else if (!in->has_key) {
		in->has_key = true;
		in->key = node->kind == NODE_TEXT ? node->text : NULL;
		in->key_at = node->at;
		if (node->kind == NODE_LIST || node->kind == NODE_MAP) {
			mistakes_add(r->mistakes, node->at,
			    "a key that is no text; write \"key: value\"");
		}
	} else {
		in->has_key = false;
		if (in->key != NULL) {
			node->key = in->key;
			node->key_at = in->key_at;
			node_append(in->node, node);
		}
	}
}

static struct node *
node_new(struct reader *r, enum node_kind kind, struct mark at)
{
	struct node *node = arena_alloc(r->arena, 1, sizeof(*node));
	if (++r->nodes > NODES_MAX) {
		mistakes_add(r->mistakes, at,
		    "more than %d values in one file; split it into several",
		    NODES_MAX);
		cut_here(r);
	}
	if (node != NULL) {
		node->kind = kind;
		node->at = at;
		r->newest = node;
	}
	return node;
}

static void
take_scalar(struct reader *r, const yaml_event_t *event, struct mark at)
{
	const char *value = (const char *)event->data.scalar.value;
	size_t len = event->data.scalar.length;
	struct node *node = node_new(r, NODE_TEXT, at);
	char *text = arena_text(r->arena, value, len);
	if (node == NULL || text == NULL) {
		return;
	}
	refuse_adornment(r, at, event->data.scalar.anchor, event->data.scalar.tag);
	node->text = text;
	if (strlen(text) != len) {
		mistakes_add(r->mistakes, at, "a NUL in a text; take it out");
		node->kind = NODE_BROKEN;
	}
	place(r, node);
}

static void
take_alias(struct reader *r, const yaml_event_t *event, struct mark at)
{
	const char *name = (const char *)event->data.alias.anchor;
	char shown[64];
	struct node *node = node_new(r, NODE_BROKEN, at);
	mistakes_add(r->mistakes, at, "an alias, \"*%s\"; write the value out",
	    text_escape(shown, sizeof(shown), name, strlen(name)));
	if (node != NULL) {
		place(r, node);
	}
}

static void
enter(struct reader *r, enum node_kind kind, struct mark at, const yaml_char_t *anchor,
    const yaml_char_t *tag)
{
	struct node *node = node_new(r, kind, at);
	refuse_adornment(r, at, anchor, tag);
	if (r->depth == DEPTH_MAX) {
		mistakes_add(r->mistakes, at,
		    "nested more than %d deep; nothing of ours lies so deep",
		    DEPTH_MAX);
		cut_here(r);
	} else if (node != NULL) {
		place(r, node);
		r->open[r->depth++] = (struct level){.node = node};
	}
}

static void
take_document(struct reader *r, struct mark at)
{
	if (r->root != NULL) {
		mistakes_add(r->mistakes, at,
		    "a second document; keep one, without a line \"---\" between");
		r->stop = true;
	}
}

static void
take_event(struct reader *r, const yaml_event_t *event)
{
	struct mark at = mark_of(r, &event->start_mark);
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		take_document(r, at);
		break;
	case YAML_SCALAR_EVENT:
		take_scalar(r, event, at);
		break;
	case YAML_ALIAS_EVENT:
		take_alias(r, event, at);
		break;
	case YAML_SEQUENCE_START_EVENT:
		enter(r, NODE_LIST, at, event->data.sequence_start.anchor,
		    event->data.sequence_start.tag);
		break;
	case YAML_MAPPING_START_EVENT:
		enter(r, NODE_MAP, at, event->data.mapping_start.anchor,
		    event->data.mapping_start.tag);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		r->depth--;
		break;
	case YAML_STREAM_END_EVENT:
		r->stop = true;
		break;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
}

static void
read_events(struct reader *r)
{
	while (!r->stop && r->arena->err == 0) {
		yaml_event_t event;
		if (!yaml_parser_parse(&r->parser, &event)) {
			refuse_syntax(r);
		} else {
			take_event(r, &event);
			yaml_event_delete(&event);
		}
	}
}

/* The text behind a byte order mark, which editors on Windows write. libyaml counts it as a
 * column, so that the first line would seem to be indented. */
static struct config_source
without_bom(const struct config_source *source)
{
	static const char bom[] = {'\xef', '\xbb', '\xbf'};
	struct config_source text = *source;
	if (text.len >= sizeof(bom) && memcmp(text.bytes, bom, sizeof(bom)) == 0) {
		text.bytes = (const char *)text.bytes + sizeof(bom);
		text.len -= sizeof(bom);
	}
	return text;
}

int
yaml_in(const struct config_source *source, struct mark start, struct arena *arena,
    struct mistakes *mistakes, struct node **ret, bool *ret_cut)
{
	const struct config_source text = without_bom(source);
	struct reader r = {
	    .source = &text, .start = start, .arena = arena, .mistakes = mistakes};
	const void *bytes = text.len > 0 ? text.bytes : "";
	r.start.line = 1;
	r.start.column = 1;
	if (!yaml_parser_initialize(&r.parser)) {
		return -ENOMEM;
	}
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, bytes, text.len);
	read_events(&r);
	yaml_parser_delete(&r.parser);
	if (r.root == NULL && arena->err == 0) {
		r.root = node_new(&r, NODE_MAP, r.start);
	}
	if (arena->err == 0) {
		*ret = r.root;
		*ret_cut = r.cut;
	}
	return arena->err;
}
