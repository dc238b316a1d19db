/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/doctor/host.h"
#include "cli/wants.h"
#include "db/map.h"

#include <jansson.h>

/* What would keep machines from booting, as far as this host, the map and the cache show it.
 * Nothing is sent, and nothing changed. */

/* ADVICE is nothing wrong; of a WARNING machines may suffer, of a PROBLEM they do. */
enum doctor_level { DOCTOR_OK, DOCTOR_ADVICE, DOCTOR_WARNING, DOCTOR_PROBLEM };

struct doctor_folders {
	const char *map;
	const char *state;
	const char *cache;
};

/* Looks at everything. Returns 0 with a new reference, all keys always there:
 *     {"problems": N, "results": [{"check", "level", "subject", "text", "remedy"}, ...]}
 * where N counts warnings too, and subject and remedy may be null; or why this host could not
 * be looked at. */
int doctor_report(const struct doctor_folders *folders, json_t **ret)
    __attribute__((warn_unused_result));

/* ---- for the checks */

struct doctor {
	struct doctor_folders folders;
	const struct host *host;
	int map_err, state_err; /* what opening them gave */
	struct db_snapshot snap;
	/* What the map says; there only when map_err is 0. */
	struct db_info info;
	struct db_settings settings;
	json_t *config;
	struct wants wants;

	const char *check; /* the one that runs */
	json_t *results;
	unsigned problems;
	bool failed; /* a result was lost: memory was short */
};

/* Adds a result. subject may be NULL; takes the references text and remedy, which may be
 * json_null(). */
void doctor_say(struct doctor *d, enum doctor_level level, const char *subject,
    json_t *text, json_t *remedy);

/* What to do about a database that cannot be used for that reason. */
const char *doctor_remedy(int err);

/* Calls visit for each farm of the map, in order of name, until it returns non-zero. Returns
 * that, or the map's failure. */
typedef int doctor_farm_visit(struct doctor *d, const struct db_farm *farm);
int doctor_farms(struct doctor *d, doctor_farm_visit *visit)
    __attribute__((warn_unused_result));

/* The checks. Each says what it finds and returns 0, or the failure of what it asked. Those
 * of the second group need the map. */
int check_map(struct doctor *d) __attribute__((warn_unused_result));
int check_state(struct doctor *d) __attribute__((warn_unused_result));

int check_cache(struct doctor *d) __attribute__((warn_unused_result));
int check_boot_servers(struct doctor *d) __attribute__((warn_unused_result));
int check_proxy(struct doctor *d) __attribute__((warn_unused_result));
int check_login(struct doctor *d) __attribute__((warn_unused_result));
int check_scopes(struct doctor *d) __attribute__((warn_unused_result));
int check_servers(struct doctor *d) __attribute__((warn_unused_result));
int check_verdicts(struct doctor *d) __attribute__((warn_unused_result));
