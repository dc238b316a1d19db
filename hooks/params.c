/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "hooks/params.h"

#include "lib/base/err.h"
#include "lib/base/text.h"

#include <stdio.h>
#include <string.h>

static const char *const keys[] = {"db", "state", "mode", "clients", "keep-option-60"};
enum key { KEY_DB, KEY_STATE, KEY_MODE, KEY_CLIENTS, KEY_KEEP_OPTION_60, KEY_COUNT };

static const char *const modes[] = {
    [HOOK_OVERRIDE] = "override", [HOOK_FILL_ONLY] = "fill-only"};
static const char *const clients[] = {"pxe", "all"};

void
hook_params_default(struct hook_params *params)
{
	*params = (struct hook_params){
	    .db = PVSBOOT_MAP_DIR, .state = PVSBOOT_STATE_DIR, .mode = HOOK_OVERRIDE};
}

const char *
hook_mode_name(enum hook_mode mode)
{
	return modes[mode];
}

static int
unknown_key(const char *key, char *fault, size_t room)
{
	char shown[64];
	const char *near = text_nearest(key, keys, KEY_COUNT);
	(void)text_escape(shown, sizeof(shown), key, strlen(key));
	(void)snprintf(fault, room, "parameter \"%s\" is not known%s%s%s", shown,
	    near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
	return ERR_BADOPT;
}

static int
wrong(enum key key, const char *should, char *fault, size_t room)
{
	(void)snprintf(fault, room, "parameter \"%s\" must be %s", keys[key], should);
	return ERR_BADOPT;
}

/* An absolute path: Kea's working folder is not ours to know. */
static int
set_dir(char dst[static HOOK_DIR_MAX], const struct hook_value *value)
{
	if (value->type != HOOK_TEXT || value->text[0] != '/' ||
	    strlen(value->text) >= HOOK_DIR_MAX) {
		return ERR_BADOPT;
	}
	memcpy(dst, value->text, strlen(value->text) + 1);
	return 0;
}

/* Which of two names the value is: 0, 1 or ERR_BADOPT. */
static int
choose(const char *const names[static 2], const struct hook_value *value)
{
	for (int i = 0; i < 2 && value->type == HOOK_TEXT; i++) {
		if (strcmp(value->text, names[i]) == 0) {
			return i;
		}
	}
	return ERR_BADOPT;
}

int
hook_params_set(struct hook_params *params, const char *key,
    const struct hook_value *value, char *fault, size_t room)
{
	unsigned which = 0;
	while (which < KEY_COUNT && strcmp(key, keys[which]) != 0) {
		which++;
	}
	int choice;
	switch (which) {
	case KEY_DB:
	case KEY_STATE:
		if (set_dir(which == KEY_DB ? params->db : params->state, value) != 0) {
			return wrong(which, "an absolute path", fault, room);
		}
		return 0;
	case KEY_MODE:
		choice = choose(modes, value);
		if (choice < 0) {
			return wrong(
			    which, "\"override\" or \"fill-only\"", fault, room);
		}
		params->mode = (enum hook_mode)choice;
		return 0;
	case KEY_CLIENTS:
		choice = choose(clients, value);
		if (choice < 0) {
			return wrong(which, "\"pxe\" or \"all\"", fault, room);
		}
		params->all_clients = choice == 1;
		return 0;
	case KEY_KEEP_OPTION_60:
		if (value->type != HOOK_FLAG) {
			return wrong(which, "true or false", fault, room);
		}
		params->keep_option_60 = value->flag;
		return 0;
	default:
		return unknown_key(key, fault, room);
	}
}
