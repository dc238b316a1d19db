/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/cmd.h"
#include "cli/conf/yaml_out.h"
#include "cli/map.h"
#include "db/export.h"
#include "lib/base/err.h"

#include <errno.h>
#include <stdlib.h>

static int
to_stdout(void *ctx, const void *bytes, size_t len)
{
	(void)ctx;
	return fwrite(bytes, 1, len, stdout) == len ? 0 : -EIO;
}

static int
export_yaml(const struct db_snapshot *snap)
{
	json_t *config;
	char *text = NULL;
	int err = map_config(snap, &config);
	if (err != 0) {
		return err;
	}
	err = yaml_out(config, &text);
	json_decref(config);
	if (err == 0) {
		(void)fputs(text, stdout);
		free(text);
	}
	return err;
}

int
cmd_export(const struct args *args)
{
	struct map map;
	if (map_open(args, &map) != 0) {
		return CLI_FAILED;
	}
	int err = args->option[OPTION_JSON] != NULL
	    ? db_export(&map.snap, to_stdout, NULL)
	    : export_yaml(&map.snap);
	map_close(&map);
	if (err != 0) {
		map_complain(args->option[OPTION_DB], err);
		return CLI_FAILED;
	}
	return CLI_DONE;
}
