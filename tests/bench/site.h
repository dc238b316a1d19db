/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

/* The site that is measured: hook_map() with 100,000 devices, 1,000 prefixes more, and verdicts
 * for every server. */
enum { SITE_DEVICES = 100000, SITE_PREFIXES = 1000, SITE_DIR = 64 };

/* Makes map and state in folders of their own below root, and tells which. */
void site_make(
    const char *root, char ret_map[static SITE_DIR], char ret_state[static SITE_DIR]);
