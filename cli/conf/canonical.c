/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/canonical.h"

#include "cli/conf/keys.h"

#include <errno.h>

int
config_tree(const struct config *config, json_t **ret)
{
	json_t *tree = table_write(&table_top, config);
	if (tree == NULL) {
		return -ENOMEM;
	}
	*ret = tree;
	return 0;
}

int
config_canonical(const struct config *config, char **ret)
{
	json_t *tree;
	int err = config_tree(config, &tree);
	if (err != 0) {
		return err;
	}
	char *text = json_dumps(tree, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(tree);
	if (text == NULL) {
		return -ENOMEM;
	}
	*ret = text;
	return 0;
}
