/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/doctor/doctor.h"

#include "cli/map.h"
#include "lib/base/err.h"

#include <errno.h>

static const char *const level_names[] = {
    [DOCTOR_OK] = "ok",
    [DOCTOR_ADVICE] = "advice",
    [DOCTOR_WARNING] = "warning",
    [DOCTOR_PROBLEM] = "problem",
};

static const struct {
	const char *name;
	bool needs_map;
	int (*run)(struct doctor *d);
} checks[] = {
    {"map", false, check_map},
    {"state", false, check_state},
    {"cache", true, check_cache},
    {"boot-servers", true, check_boot_servers},
    {"proxy", true, check_proxy},
    {"login", true, check_login},
    {"scopes", true, check_scopes},
    {"servers", true, check_servers},
    {"verdicts", true, check_verdicts},
};

void
doctor_say(struct doctor *d, enum doctor_level level, const char *subject, json_t *text,
    json_t *remedy)
{
	json_t *result =
	    json_pack("{s:s, s:s, s:s?, s:o, s:o}", "check", d->check, "level",
		level_names[level], "subject", subject, "text", text, "remedy", remedy);
	d->problems += level >= DOCTOR_WARNING ? 1 : 0;
	if (json_array_append_new(d->results, result) != 0) {
		d->failed = true;
	}
}

const char *
doctor_remedy(int err)
{
	switch (err) {
	case ERR_ACCESS:
		return "be root or a member of the group pvsboot";
	case ERR_READONLY:
		return "readers too write lock.mdb: mount it writable, or name another "
		       "folder with --db or --state";
	case ERR_FORMAT:
		return "another version of pvsboot wrote it: install that one";
	case ERR_BUSY:
		return "try again; see which processes keep the folder's lock.mdb open";
	case ERR_NOTDB:
	case ERR_CHECKSUM:
	case ERR_MALFORMED:
		return "it is damaged: move the folder away, then: pvsboot apply, and "
		       "add the devices again";
	default:
		return "see that the disk works and has room";
	}
}

struct farms_walk {
	struct doctor *d;
	doctor_farm_visit *visit;
};

static int
visit_farm(void *ctx, const struct db_farm *farm)
{
	const struct farms_walk *walk = ctx;
	return walk->visit(walk->d, farm);
}

int
doctor_farms(struct doctor *d, doctor_farm_visit *visit)
{
	struct db_farm farm;
	struct farms_walk walk = {d, visit};
	return db_map_farms(&d->snap, &farm, visit_farm, &walk);
}

/* What the checks ask the map; the first failure stands for the whole map. */
static void
read_map(struct doctor *d)
{
	d->map_err = map_env_open(DB_MAP, d->folders.map, &d->snap.map);
	d->state_err = map_env_open(DB_STATE, d->folders.state, &d->snap.state);
	if (d->map_err == 0) {
		d->map_err = db_map_info(&d->snap, &d->info);
	}
	if (d->map_err == 0) {
		d->map_err = db_map_settings(&d->snap, &d->settings);
	}
	if (d->map_err == 0) {
		d->map_err = map_config(&d->snap, &d->config);
	}
	if (d->map_err == 0) {
		d->map_err = wants_find(&d->snap, d->config, &d->wants);
	}
}

static void
run_checks(struct doctor *d)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		d->check = checks[i].name;
		if (checks[i].needs_map && d->map_err != 0) {
			continue;
		}
		int err = checks[i].run(d);
		if (err != 0) {
			doctor_say(d, DOCTOR_PROBLEM, d->folders.map,
			    json_string(map_reason(d->folders.map, err)),
			    json_string(doctor_remedy(err)));
		}
	}
}

int
doctor_report(const struct doctor_folders *folders, json_t **ret)
{
	struct host *host;
	int err = host_read(&host);
	if (err != 0) {
		return err;
	}
	struct doctor d = {.folders = *folders, .host = host, .results = json_array()};
	read_map(&d);
	run_checks(&d);
	json_t *report = d.failed ? NULL
				  : json_pack("{s:i, s:O}", "problems", (int)d.problems,
					"results", d.results);
	json_decref(d.results);
	json_decref(d.config);
	wants_done(&d.wants);
	map_env_close(d.snap.state);
	map_env_close(d.snap.map);
	host_free(host);
	if (report == NULL) {
		return -ENOMEM;
	}
	*ret = report;
	return 0;
}
