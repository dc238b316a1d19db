/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/serve.h"

#include "lib/base/err.h"
#include "lib/cache/publish.h"
#include "lib/daemon/map.h"
#include "lib/daemon/service.h"
#include "lib/net/nics.h"
#include "lib/net/notify.h"
#include "watch/drift.h"
#include "watch/flows.h"
#include "watch/hear.h"
#include "watch/ledger.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* The plan is read anew at least so often, should a change of the cache go unseen. */
enum { PLAN_MS = 60000 };

struct serve {
	const struct daemon_dirs *dirs;
	struct service service;
	struct loop_timer *tick;
	struct tell tell;

	struct daemon_map map;
	struct nics *nics;
	struct cache *cache;
	struct plan plan;
	/* What the plan was read from. */
	uint8_t planned_digest[DB_DIGEST_LEN];
	uint64_t planned_stamp;
	uint64_t planned_ms;

	struct flows *flows;
	struct runner *runner;
	struct hear *hear;

	struct ledger *ledger;
	bool has_state, had_state; /* now; at any time */
	bool unsettled,
	    is_anew; /* plan and state are to be made one; see ledger_settle() */
	int cache_err, plan_err, nics_err, state_err, write_err;
	int result; /* of serve_run() */
};

/* ---- probes */

static void
on_tick(void *ctx)
{
	struct serve *serve = ctx;
	const struct moment now = flows_now();
	runner_tick(serve->runner, &now);
}

/* ---- the cache */

static void
use_cache(struct serve *serve, struct cache *cache)
{
	runner_set_cache(serve->runner, cache, loop_now_ms());
	cache_close(serve->cache);
	serve->cache = cache;
}

/* Opens the cache, made where it can be: else what is there is still compared with. */
static int
open_cache(struct serve *serve)
{
	const char *dir = serve->dirs->cache;
	struct cache *cache;
	int err = cache_create(dir, &cache);
	if (err == 0) {
		use_cache(serve, cache);
	} else if (serve->cache == NULL || !cache_is_at(serve->cache, dir)) {
		use_cache(serve, cache_open(dir, &cache) == 0 ? cache : NULL);
	}
	return err;
}

/* The folder may come late, or be another one now. */
static void
follow_cache(struct serve *serve)
{
	const char *dir = serve->dirs->cache;
	if (serve->cache != NULL && cache_is_at(serve->cache, dir) &&
	    cache_is_made(serve->cache)) {
		return;
	}
	int err = open_cache(serve);
	if (!log_is_news(&serve->cache_err, err)) {
		return;
	}
	if (err != 0) {
		log_warn("the cache in %s cannot be made: %s; verdicts go on", dir,
		    err_str(err));
	} else {
		log_info("the cache in %s is made", dir);
	}
}

/* ---- the plan */

/* Boot servers answer boot servers: they are asked from the address by which this host is one,
 * where it is. */
static void
follow_local(struct serve *serve)
{
	const struct db_settings *settings = &serve->map.settings;
	uint32_t local = 0;
	int err = nics_read(serve->nics);
	if (log_is_news(&serve->nics_err, err) && err != 0) {
		log_error("cannot read the interfaces: %s", err_str(err));
	}
	for (unsigned i = 0; local == 0 && i < settings->boot_server_count; i++) {
		if (nics_has(serve->nics, settings->boot_servers[i])) {
			local = settings->boot_servers[i];
		}
	}
	runner_set_local(serve->runner, local);
}

static int
read_plan(struct serve *serve, struct plan *ret)
{
	struct db_snapshot *snap;
	int err = db_follow_begin(serve->map.follow, &snap);
	if (err == 0) {
		err = plan_read(snap, serve->cache, &serve->plan, ret);
		db_follow_end(serve->map.follow);
	}
	return err;
}

/* What the old plan still has, the new one does not. */
static void
take_plan(struct serve *serve, const struct plan *fresh)
{
	for (size_t i = 0; i < serve->plan.count; i++) {
		runner_forget(serve->runner, serve->plan.targets[i]);
	}
	plan_done(&serve->plan);
	serve->plan = *fresh;
	serve->planned_ms = loop_now_ms();
	runner_set_revision(serve->runner, fresh->revision);
	hear_plan_changed(serve->hear);
}

static bool
plan_is_old(const struct serve *serve, uint64_t stamp)
{
	return serve->plan.revision != serve->map.revision ||
	    memcmp(serve->planned_digest, serve->map.digest, DB_DIGEST_LEN) != 0 ||
	    stamp != serve->planned_stamp ||
	    loop_now_ms() - serve->planned_ms >= PLAN_MS;
}

/* True when the plan is another than before. */
static bool
follow_plan(struct serve *serve)
{
	struct plan fresh = {0};
	uint64_t stamp = serve->cache != NULL ? cache_stamp(serve->cache) : 0;
	if (serve->map.revision == 0 || !plan_is_old(serve, stamp)) {
		return false;
	}
	int err = read_plan(serve, &fresh);
	if (log_is_news(&serve->plan_err, err)) {
		if (err != 0) {
			log_error("the map in %s cannot be planned by: %s",
			    serve->map.dir, err_str(err));
		} else {
			log_info("the map in %s is planned by again", serve->map.dir);
		}
	}
	if (err == 0) {
		take_plan(serve, &fresh);
		serve->planned_stamp = stamp;
		memcpy(serve->planned_digest, serve->map.digest, DB_DIGEST_LEN);
	}
	return err == 0;
}

/* What a boot server could not serve may be there now: files come at a watcher's first start
 * while it asks for them already. */
static bool
may_be_well(const struct target *target)
{
	return target->role == DB_ROLE_BOOT_SERVER && target->began_ms != 0 &&
	    !target->health.last_good;
}

/* Only when what an earlier watcher found is in it. */
static void
run_plan(struct serve *serve)
{
	uint64_t now_ms = loop_now_ms();
	for (size_t i = 0; i < serve->plan.count; i++) {
		struct target *target = serve->plan.targets[i];
		runner_take(serve->runner, target, now_ms);
		if (may_be_well(target)) {
			(void)runner_hasten(serve->runner, target, now_ms);
		}
	}
}

/* ---- the state */

static void
tell_state(struct serve *serve, int err)
{
	if (!log_is_news(&serve->state_err, err)) {
		return;
	}
	if (err == -EWOULDBLOCK) {
		log_error("another pvsboot-watch (pid %" PRIu32
			  ") keeps the state in %s",
		    ledger_holder(serve->ledger), serve->dirs->state);
	} else if (err != 0) {
		log_error("the state in %s cannot be opened: %s; %s",
		    serve->dirs->state, err_str(err),
		    serve->had_state ? "verdicts wait for it" : "waiting for it");
	} else {
		log_info("the state in %s is open", serve->dirs->state);
	}
}

/* True when the state was opened just now. A second watcher ends where it begins; one whose
 * folder was made anew under a rival waits. */
static bool
follow_state(struct serve *serve)
{
	bool opened;
	int err = ledger_follow(serve->ledger, &opened);
	serve->has_state = err == 0;
	if (err == -EWOULDBLOCK && !serve->had_state) {
		serve->result = err;
		loop_stop(serve->service.loop);
		return false;
	}
	tell_state(serve, err);
	serve->had_state = serve->had_state || err == 0;
	if (serve->has_state) {
		hear_follow(serve->hear);
	}
	return opened;
}

static void
settle(struct serve *serve)
{
	int err = ledger_settle(serve->ledger, &serve->plan, serve->is_anew);
	if (err != 0) {
		tell_state(serve, err);
		serve->has_state = false;
	} else {
		serve->unsettled = serve->is_anew = false;
	}
}

static void
write_state(struct serve *serve)
{
	struct db_heartbeat heartbeat;
	int err = db_heartbeat_now(&heartbeat);
	if (err == 0) {
		heartbeat.revision = serve->map.revision;
		err = ledger_write(serve->ledger, &serve->plan,
		    hear_last_named(serve->hear), &heartbeat);
	}
	if (err != 0) {
		counters_add(&serve->tell.counters, TELL_UNWRITTEN, 1);
	}
	if (log_is_news(&serve->write_err, err)) {
		if (err != 0) {
			log_error("the state in %s cannot be written: %s",
			    serve->dirs->state, err_str(err));
		} else {
			log_info(
			    "the state in %s is written again", serve->dirs->state);
		}
	}
}

/* ---- once a second */

static void
look_for_drift(struct serve *serve)
{
	const struct moment now = flows_now();
	drift_look(&serve->plan, now.unix_ms);
	for (size_t i = 0; i < serve->plan.count; i++) {
		tell_drift(&serve->tell, serve->plan.targets[i], now.ms);
	}
}

/* For "systemctl status": what is done, and what is still waited for. */
static void
tell_status(const struct serve *serve)
{
	if (serve->map.revision == 0) {
		notify_status("waiting for the map in %s: %s", serve->map.dir,
		    err_str(serve->map.err));
	} else if (!serve->has_state) {
		notify_status("waiting for the state in %s: %s", serve->dirs->state,
		    err_str(serve->state_err));
	} else {
		notify_status("watching by map revision %" PRIu64
			      ", %zu targets, %u probes running",
		    serve->map.revision, serve->plan.count,
		    runner_running(serve->runner));
	}
}

static void
tell_service(struct serve *serve)
{
	bool all =
	    serve->plan.revision != 0 && serve->has_state && hear_is_open(serve->hear);
	if (all && service_ready(&serve->service)) {
		log_info("watching by map revision %" PRIu64, serve->map.revision);
	}
	tell_status(serve);
}

static void
look(void *ctx)
{
	struct serve *serve = ctx;
	daemon_map_look(&serve->map);
	follow_cache(serve);
	follow_local(serve);
	bool planned = follow_plan(serve);
	bool opened = follow_state(serve);
	serve->unsettled = serve->unsettled || planned || opened;
	serve->is_anew = serve->is_anew || opened;
	if (serve->has_state && serve->unsettled) {
		settle(serve);
	}
	if (serve->had_state && (planned || opened)) {
		run_plan(serve);
	}
	look_for_drift(serve);
	if (serve->has_state) {
		write_state(serve);
	}
	tell_service(serve);
}

/* ---- lifetime */

static void
serve_free(struct serve *serve)
{
	hear_free(serve->hear);
	for (size_t i = 0; i < serve->plan.count; i++) {
		runner_forget(serve->runner, serve->plan.targets[i]);
	}
	plan_done(&serve->plan);
	runner_free(serve->runner);
	flows_free(serve->flows);
	ledger_free(serve->ledger);
	cache_close(serve->cache);
	nics_free(serve->nics);
	daemon_map_done(&serve->map);
	loop_timer_free(serve->tick);
	service_done(&serve->service);
	free(serve);
}

static int
init_runner(struct serve *serve)
{
	uint64_t key[2];
	if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key)) {
		return -errno;
	}
	int err = flows_new(serve->service.loop, &serve->flows);
	if (err != 0) {
		return err;
	}
	const struct runner_net net = flows_net(serve->flows);
	return runner_new(&net, &serve->tell, key, loop_now_ms(), &serve->runner);
}

static int
serve_init(struct serve *serve, const struct daemon_dirs *dirs)
{
	serve->dirs = dirs;
	serve->tell.counters.count = TELL_COUNTERS;
	flows_make_room();
	int err = service_init(&serve->service, EVENT_WATCH, dirs->state,
	    &serve->tell.counters, look, serve);
	err = err != 0
	    ? err
	    : loop_timer_new(serve->service.loop, on_tick, serve, &serve->tick);
	err = err != 0 ? err : daemon_map_init(&serve->map, dirs->map, NULL);
	err = err != 0 ? err : nics_new(&serve->nics);
	err = err != 0 ? err : init_runner(serve);
	err = err != 0 ? err : ledger_new(dirs->state, &serve->ledger);
	const struct hear_from from = {.loop = serve->service.loop,
	    .state_dir = dirs->state,
	    .follow = serve->map.follow,
	    .plan = &serve->plan,
	    .runner = serve->runner,
	    .tell = &serve->tell};
	return err != 0 ? err : hear_new(&from, &serve->hear);
}

int
serve_run(const struct daemon_dirs *dirs, uint32_t *ret_holder)
{
	struct serve *serve = calloc(1, sizeof(*serve));
	if (serve == NULL) {
		return -ENOMEM;
	}
	int err = serve_init(serve, dirs);
	if (err == 0) {
		loop_timer_every(serve->tick, RUNNER_TICK_MS);
		service_run(&serve->service);
		err = serve->result;
	}
	if (err == -EWOULDBLOCK) {
		*ret_holder = ledger_holder(serve->ledger);
	} else if (serve->has_state) {
		write_state(serve); /* the last second's results */
	}
	serve_free(serve);
	return err;
}
