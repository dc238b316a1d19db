/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/source.h"

const char *
source_name(const struct args *args)
{
	return args->word_count > 0 ? args->word[0] : PVSBOOT_CONF_DIR;
}

int
source_load(const struct args *args, struct mistakes *mistakes, struct config **ret)
{
	if (args->word_count == 0) {
		return config_load_default(PVSBOOT_CONF_DIR, mistakes, ret);
	}
	const char *path = args->word[0];
	return config_load(&path, 1, mistakes, ret);
}
