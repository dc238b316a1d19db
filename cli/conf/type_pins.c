/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/keys.h"

#include "lib/base/text.h"

#include <stdio.h>
#include <string.h>

/* The value of a hexadecimal digit; -1 for another character. */
static int
hex_digit(char digit)
{
	const char *digits = "0123456789abcdef";
	char small[2] = {digit, '\0'};
	text_lower(small, sizeof(small), small);
	const char *at = small[0] != '\0' ? strchr(digits, small[0]) : NULL;
	return at != NULL ? (int)(at - digits) : -1;
}

static bool
parse_hash(const char *text, uint8_t ret[static DB_DIGEST_LEN])
{
	if (strlen(text) != (size_t)2 * DB_DIGEST_LEN) {
		return false;
	}
	for (size_t i = 0; i < DB_DIGEST_LEN; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);
		if (high < 0 || low < 0) {
			return false;
		}
		ret[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool
read_pin(struct check *c, const struct node *child, struct config_pin *ret)
{
	if (!check_file_name(c, child->key_at, child->key) ||
	    !check_want(c, child, NODE_TEXT, "the file's SHA-256")) {
		return false;
	}
	if (!parse_hash(child->text, ret->sha256)) {
		check_wrong(c, child->at,
		    "\"%s\" is no SHA-256; write its 64 hexadecimal digits",
		    check_shown(c, child->text));
		return false;
	}
	ret->file = arena_text(&c->config->arena, child->key, strlen(child->key));
	ret->at = child->key_at;
	return ret->file != NULL;
}

static void
pins_read(struct check *c, const struct key *key, const struct node *value, void *field)
{
	struct config_pins *pins = field;
	(void)key;
	if (!check_want(c, value, NODE_MAP, "{ARDBP32.BIN: its SHA-256}")) {
		return;
	}
	check_refuse_twice(c, value, true, "file");
	pins->pin =
	    arena_alloc(&c->config->arena, value->count, sizeof(struct config_pin));
	for (const struct node *child = value->first;
	     child != NULL && pins->pin != NULL; child = child->next) {
		if (read_pin(c, child, &pins->pin[pins->count])) {
			pins->count++;
		}
	}
}

static json_t *
pins_write(const struct key *key, const void *field)
{
	const struct config_pins *pins = field;
	int err = 0;
	(void)key;
	if (pins->count == 0) {
		return json_null();
	}
	json_t *object = json_object();
	for (size_t i = 0; i < pins->count; i++) {
		char text[2 * DB_DIGEST_LEN + 1];
		for (size_t at = 0; at < DB_DIGEST_LEN; at++) {
			(void)snprintf(
			    text + 2 * at, 3, "%02x", pins->pin[i].sha256[at]);
		}
		write_put(object, pins->pin[i].file, json_string(text), &err);
	}
	return write_whole(object, err);
}

const struct key_type type_pins = {"pins", NULL, pins_read, pins_write};
