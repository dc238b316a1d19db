/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/check.h"

#include "lib/base/text.h"

#include <stdarg.h>
#include <string.h>

enum { SHOWN_ROOM = 80, NAMES_SHOWN = 12 };

/* A text in scratch; never NULL. */
static const char *text_new(struct check *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *
text_new(struct check *c, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	const char *text = arena_vformat(c->scratch, format, args);
	va_end(args);
	return text != NULL ? text : "";
}

const char *
check_shown(struct check *c, const char *text)
{
	char room[SHOWN_ROOM];
	text_escape(room, sizeof(room), text, strlen(text));
	return text_new(c, "%s", room);
}

bool
check_want(
    struct check *c, const struct node *node, enum node_kind kind, const char *example)
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
	check_wrong(c, node->at, "%s where %s is wanted; write %s",
	    nothing ? "nothing" : names[node->kind], names[kind], example);
	return false;
}

const char *
check_suggest(struct check *c, const char *text, const char *const *names, size_t count)
{
	const char *nearest = text_nearest(text, names, count);
	const char *all = "";
	if (nearest != NULL) {
		return text_new(c, "did you mean \"%s\"?", nearest);
	}
	for (size_t i = 0; i < count && i < NAMES_SHOWN; i++) {
		all = text_new(c, "%s%s%s", all, i > 0 ? ", " : "", names[i]);
	}
	return text_new(
	    c, "there is %s%s", all, count > NAMES_SHOWN ? ", and more" : "");
}

void
check_wrong_twice(struct check *c, struct mark at, const char *what, const char *text,
    struct mark first)
{
	check_wrong(c, at, "%s \"%s\" stands twice (first at %s:%u); keep one", what,
	    check_shown(c, text), first.file, first.line);
}

struct twice {
	struct check *c;
	const char *what;
};

static void
twice_found(void *ctx, const struct node *before, const struct node *child)
{
	const struct twice *twice = ctx;
	check_wrong_twice(
	    twice->c, child->key_at, twice->what, child->key, before->key_at);
}

void
check_refuse_twice(struct check *c, const struct node *map, bool fold, const char *what)
{
	struct twice twice = {c, what};
	node_find_twice(map, fold, c->scratch, twice_found, &twice);
}

bool
check_file_name(struct check *c, struct mark at, const char *text)
{
	if (text_is_name(text, DB_FILE_NAME_MAX)) {
		return true;
	}
	if (strpbrk(text, "/\\") != NULL) {
		check_wrong(c, at,
		    "file \"%s\" has a path; write the file's name alone",
		    check_shown(c, text));
	} else if (strlen(text) > DB_FILE_NAME_MAX) {
		check_wrong(c, at,
		    "file \"%s\" has %zu bytes; write a name of at most %d",
		    check_shown(c, text), strlen(text), DB_FILE_NAME_MAX);
	} else {
		check_wrong(c, at,
		    "\"%s\" is not a file name; write letters, digits, '.', '_' or "
		    "'-', "
		    "beginning with a letter or digit",
		    check_shown(c, text));
	}
	return false;
}
