/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/orphans.h"

#include "lib/base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 10 };

struct search {
	const struct config *config;
	struct orphans found;
};

static int
visit(void *ctx, const struct db_device *device)
{
	struct search *search = ctx;
	struct orphans *found = &search->found;
	if (device->which != DB_DEVICE_FARM ||
	    config_farm_find(search->config, device->farm) != NULL) {
		return 0;
	}
	if ((found->count & (found->count - 1)) == 0) { /* full at each power of two */
		size_t room = found->count == 0 ? 1 : 2 * found->count;
		void *grown = reallocarray(found->device, room, sizeof(*found->device));
		if (grown == NULL) {
			return -ENOMEM;
		}
		found->device = grown;
	}
	struct orphan *orphan = &found->device[found->count++];
	orphan->mac = device->mac;
	(void)strcpy(orphan->farm, device->farm);
	return 0;
}

int
orphans_find(
    const struct db_snapshot *snap, const struct config *config, struct orphans *ret)
{
	struct search search = {.config = config};
	int err = db_map_devices(snap, visit, &search);
	if (err != 0) {
		orphans_done(&search.found);
		return err;
	}
	*ret = search.found;
	return 0;
}

void
orphans_done(struct orphans *orphans)
{
	free(orphans->device);
	*orphans = (struct orphans){0};
}

void
orphans_complain(const struct orphans *orphans)
{
	log_error(
	    "%zu device%s a farm that would vanish; move them, or delete them with "
	    "--drop-devices:",
	    orphans->count, orphans->count == 1 ? " names" : "s name");
	for (size_t i = 0; i < orphans->count && i < SHOWN; i++) {
		char mac[MAC_TEXT];
		(void)fprintf(stderr, "  %s  %s\n",
		    mac_format(&orphans->device[i].mac, mac), orphans->device[i].farm);
	}
	if (orphans->count > SHOWN) {
		(void)fprintf(stderr, "  and %zu more\n", orphans->count - SHOWN);
	}
}
