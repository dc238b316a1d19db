/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/cmd.h"
#include "cli/map.h"
#include "cli/print.h"
#include "cli/status/screen.h"
#include "cli/status/status.h"

static int
print_once(const struct args *args, const struct map *map)
{
	struct db_heartbeat now;
	struct status *status;
	int err = db_heartbeat_now(&now);
	if (err == 0) {
		err = status_collect(&map->snap, &now, &status);
	}
	if (err != 0) {
		map_complain(args->option[OPTION_DB], err);
		return CLI_FAILED;
	}
	int ret = CLI_DONE;
	if (args->option[OPTION_JSON] != NULL) {
		ret = print_json(status_json(status));
	} else {
		status_text(stdout, status, screen_has_colour());
	}
	status_free(status);
	return ret;
}

int
cmd_status(const struct args *args)
{
	struct map map;
	if (args->option[OPTION_WATCH] != NULL) {
		return status_watch(args);
	}
	if (map_open(args, &map) != 0) {
		return CLI_FAILED;
	}
	int status = print_once(args, &map);
	map_close(&map);
	return status;
}
