/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/keys.h"

#include "lib/base/err.h"
#include "lib/base/text.h"

#include <stdio.h>
#include <string.h>

static void
number_init(const struct key *key, void *field)
{
	*(uint32_t *)field = key->fallback;
}

/* ---- bool ---- */

static void
bool_init(const struct key *key, void *field)
{
	*(bool *)field = key->fallback != 0;
}

static void
bool_read(struct check *c, const struct key *key, const struct node *value, void *field)
{
	static const struct {
		const char *text;
		bool meaning;
	} words[] = {{"yes", true}, {"no", false}, {"true", true}, {"false", false}};
	if (!check_want(c, value, NODE_TEXT, "yes or no")) {
		return;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (text_casecmp(words[i].text, value->text) == 0) {
			*(bool *)field = words[i].meaning;
			return;
		}
	}
	check_wrong(c, value->at, "%s \"%s\" is neither yes nor no; write yes or no",
	    key->name, check_shown(c, value->text));
}

static json_t *
bool_write(const struct key *key, const void *field)
{
	(void)key;
	return json_boolean(*(const bool *)field);
}

const struct key_type type_bool = {"boolean", bool_init, bool_read, bool_write};

/* ---- number ---- */

static void
number_read(
    struct check *c, const struct key *key, const struct node *value, void *field)
{
	uint64_t number;
	if (!check_want(c, value, NODE_TEXT, "a number")) {
		return;
	}
	int ret = text_u64(value->text, key->min, key->max, &number);
	if (ret == 0) {
		*(uint32_t *)field = (uint32_t)number;
	} else {
		check_wrong(c, value->at,
		    "%s \"%s\" is %s; write a number from %u to %u", key->name,
		    check_shown(c, value->text),
		    ret == ERR_RANGE ? "out of range" : "not a number", key->min,
		    key->max);
	}
}

static json_t *
number_write(const struct key *key, const void *field)
{
	(void)key;
	return json_integer(*(const uint32_t *)field);
}

const struct key_type type_number = {"integer", number_init, number_read, number_write};

/* ---- duration ---- */

static void
duration_read(
    struct check *c, const struct key *key, const struct node *value, void *field)
{
	char least[TEXT_DURATION];
	char most[TEXT_DURATION];
	uint32_t ms;
	if (!check_want(c, value, NODE_TEXT, "a duration such as 5s")) {
		return;
	}
	int ret = text_duration(value->text, &ms);
	if (ret == 0 && ms >= key->min && ms <= key->max) {
		*(uint32_t *)field = ms;
		return;
	}
	*(uint32_t *)field = 0;
	check_wrong(c, value->at,
	    "%s \"%s\" is %s; write a number and ms, s or m, from %s to %s", key->name,
	    check_shown(c, value->text),
	    ret == ERR_MALFORMED ? "not a duration" : "out of range",
	    text_duration_format(key->min, least),
	    text_duration_format(key->max, most));
}

static json_t *
duration_write(const struct key *key, const void *field)
{
	char text[TEXT_DURATION];
	(void)key;
	return json_string(text_duration_format(*(const uint32_t *)field, text));
}

const struct key_type type_duration = {
    "duration", number_init, duration_read, duration_write};

/* ---- word, words ---- */

static size_t
count_words(const struct key *key)
{
	size_t count = 0;
	while (key->words[count] != NULL) {
		count++;
	}
	return count;
}

/* The place of a word among the key's; -1 after a mistake. */
static int
find_word(struct check *c, const struct key *key, const struct node *value)
{
	size_t count = count_words(key);
	if (!check_want(c, value, NODE_TEXT, key->words[0])) {
		return -1;
	}
	for (size_t i = 0; i < count; i++) {
		if (strcmp(key->words[i], value->text) == 0) {
			return (int)i;
		}
	}
	check_wrong(c, value->at, "%s \"%s\" is unknown; %s", key->name,
	    check_shown(c, value->text),
	    check_suggest(c, value->text, key->words, count));
	return -1;
}

static void
word_read(struct check *c, const struct key *key, const struct node *value, void *field)
{
	int place = find_word(c, key, value);
	if (place >= 0) {
		*(uint32_t *)field = (uint32_t)place;
	}
}

static json_t *
word_write(const struct key *key, const void *field)
{
	return json_string(key->words[*(const uint32_t *)field]);
}

const struct key_type type_word = {"word", number_init, word_read, word_write};

static void
words_read(
    struct check *c, const struct key *key, const struct node *value, void *field)
{
	uint32_t bits = 0;
	char example[64];
	(void)snprintf(example, sizeof(example), "a list, such as [%s, %s]",
	    key->words[0], key->words[1]);
	if (!check_want(c, value, NODE_LIST, example)) {
		return;
	}
	if (value->count == 0 && key->fallback != 0) {
		check_wrong(c, value->at,
		    "%s is an empty list; name at least one, or leave "
		    "the key out",
		    key->name);
	}
	for (const struct node *entry = value->first; entry != NULL;
	     entry = entry->next) {
		int place = find_word(c, key, entry);
		uint32_t bit = place >= 0 ? (uint32_t)1 << place : 0;
		if ((bits & bit) != 0) {
			check_wrong(c, entry->at, "\"%s\" stands twice in %s; keep one",
			    entry->text, key->name);
		}
		bits |= bit;
	}
	*(uint32_t *)field = bits;
}

static json_t *
words_write(const struct key *key, const void *field)
{
	int err = 0;
	if (*(const uint32_t *)field == 0) {
		return json_null();
	}
	json_t *list = json_array();
	for (size_t i = 0; key->words[i] != NULL; i++) {
		if ((*(const uint32_t *)field & (uint32_t)1 << i) != 0) {
			write_add(list, json_string(key->words[i]), &err);
		}
	}
	return write_whole(list, err);
}

const struct key_type type_words = {"words", number_init, words_read, words_write};

/* ---- name ---- */

static void
name_read(struct check *c, const struct key *key, const struct node *value, void *field)
{
	if (!check_want(c, value, NODE_TEXT, "a name")) {
		return;
	}
	if (text_is_name(value->text, key->max)) {
		*(const char **)field =
		    arena_text(&c->config->arena, value->text, strlen(value->text));
	} else {
		check_wrong(c, value->at,
		    "%s \"%s\" is not a name; write at most %u letters, digits, '.', "
		    "'_' "
		    "or '-', beginning with a letter or digit",
		    key->name, check_shown(c, value->text), key->max);
	}
}

static json_t *
name_write(const struct key *key, const void *field)
{
	const char *const *name = field;
	(void)key;
	return *name == NULL ? json_null() : json_string(*name);
}

const struct key_type type_name = {"name", NULL, name_read, name_write};

/* ---- table ---- */

static void
sub_init(const struct key *key, void *field)
{
	table_init(key->table, field);
}

static void
sub_read(struct check *c, const struct key *key, const struct node *value, void *field)
{
	table_read(c, key->table, value, field);
}

static json_t *
sub_write(const struct key *key, const void *field)
{
	return table_write(key->table, field);
}

const struct key_type type_table = {"table", sub_init, sub_read, sub_write};
