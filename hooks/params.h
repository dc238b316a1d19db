/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The parameters of the hook in Kea's configuration. */
enum hook_mode { HOOK_OVERRIDE, HOOK_FILL_ONLY };
enum { HOOK_DIR_MAX = 1024, HOOK_FAULT_MAX = 256 };

struct hook_params {
	char db[HOOK_DIR_MAX];
	char state[HOOK_DIR_MAX];
	enum hook_mode mode;
	bool all_clients;
	bool keep_option_60;
};

/* A value as Kea's configuration gave it. */
enum hook_type { HOOK_TEXT, HOOK_FLAG, HOOK_OTHER };
struct hook_value {
	enum hook_type type;
	const char *text; /* of HOOK_TEXT, terminated */
	bool flag;        /* of HOOK_FLAG */
};

void hook_params_default(struct hook_params *params);

/* Sets one parameter. Returns 0, or ERR_BADOPT with a sentence that names it in fault; params
 * is then untouched. */
int hook_params_set(struct hook_params *params, const char *key,
    const struct hook_value *value, char *fault, size_t fault_room)
    __attribute__((warn_unused_result));

const char *hook_mode_name(enum hook_mode mode);

#ifdef __cplusplus
}
#endif
