/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/conf/config.h"
#include "db/map.h"

/* The devices whose farm a configuration no longer has. */
struct orphans {
	size_t count;
	struct orphan { /* in order of MAC; NULL when there are none */
		struct mac mac;
		char farm[DB_FARM_NAME_MAX + 1];
	} * device;
};

/* Returns 0, -ENOMEM, or the snapshot's failure; orphans_done() frees what *ret holds. */
int orphans_find(const struct db_snapshot *snap, const struct config *config,
    struct orphans *ret) __attribute__((warn_unused_result));
void orphans_done(struct orphans *orphans);

/* Says on stderr how many there are, names the first ten, and what to do. */
void orphans_complain(const struct orphans *orphans);
