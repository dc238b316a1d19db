/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tests/bench/site.h"

#include "tests/unit/hook_map.h"

#include <stdio.h>

void
site_make(
    const char *root, char ret_map[static SITE_DIR], char ret_state[static SITE_DIR])
{
	(void)snprintf(ret_map, SITE_DIR, "%s/map", root);
	(void)snprintf(ret_state, SITE_DIR, "%s/state", root);
	hook_map(ret_map, "east");
	hook_map_fill(ret_map, SITE_DEVICES, SITE_PREFIXES);
	hook_map_state(ret_state, 0);
}
