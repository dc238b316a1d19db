/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/runner.h"

#include "lib/base/err.h"
#include "lib/base/owner.h"
#include "watch/account.h"
#include "watch/keep.h"
#include "watch/turns.h"

#include <errno.h>
#include <stdlib.h>

enum { LOCAL_FAULT_MS = 1000 }; /* after a fault of this host's own */

struct run {
	struct runner *runner;
	struct target *target;
	struct list all;
	struct wheel_entry timer;
	struct probe probe;
	struct keep *keep; /* once bytes came */
	void *flow;
	bool flows; /* the server answered: it counts as flowing */
};

struct runner {
	struct runner_net net;
	struct tell *tell;
	struct cache *cache;
	uint32_t local;
	uint64_t revision;
	struct turns turns;
	struct wheel deadlines; /* of the runs */
	struct list runs;
	unsigned running, flowing;
	uint64_t awake_ms; /* when a tick or packet was last seen to */
	uint64_t lost_ms;  /* in pauses, for which the probes' clock stood still */
};

int
runner_new(const struct runner_net *net, struct tell *tell,
    const uint64_t key[static 2], uint64_t now_ms, struct runner **ret)
{
	struct runner *runner = calloc(1, sizeof(*runner));
	if (runner == NULL) {
		return -ENOMEM;
	}
	runner->net = *net;
	runner->tell = tell;
	runner->awake_ms = now_ms;
	turns_init(&runner->turns, key, now_ms);
	wheel_init(&runner->deadlines, now_ms);
	list_init(&runner->runs);
	*ret = runner;
	return 0;
}

/* ---- targets in their turn */

void
runner_take(struct runner *runner, struct target *target, uint64_t now_ms)
{
	if (target->run == NULL) {
		turns_take(&runner->turns, target, now_ms);
	}
}

bool
runner_hasten(struct runner *runner, struct target *target, uint64_t now_ms)
{
	uint64_t rest_ms = target->health.verdict == DB_VERDICT_DOWN
	    ? target->monitor.interval_ms
	    : RUNNER_HASTE_MS;
	if (target->hastened) {
		return true;
	}
	if (target->run != NULL) {
		target->hastened = !target->run->probe.ask.whole; /* once it ended */
		return true;
	}
	if (target->began_ms != 0 && now_ms < target->began_ms + rest_ms) {
		return false;
	}
	target->hastened = true;
	turns_now(&runner->turns, target);
	return true;
}

/* ---- one run */

static void
close_run(struct run *run)
{
	struct runner *runner = run->runner;
	if (run->flow != NULL) {
		runner->net.close(run->flow);
	}
	runner->running--;
	runner->flowing -= run->flows ? 1 : 0;
	wheel_remove(&run->timer);
	list_remove(&run->all);
	keep_free(run->keep);
	run->target->run = NULL;
	free(run);
}

/* The fault is ours: nothing is learnt of the server. */
static void
put_off(struct run *run, int err, uint64_t now_ms)
{
	struct runner *runner = run->runner;
	struct target *target = run->target;
	tell_local_fault(runner->tell, target, err, now_ms);
	close_run(run);
	if (!target->once) {
		turns_at(&runner->turns, target, now_ms + LOCAL_FAULT_MS);
	}
}

/* Nothing is learnt of the server, and it is asked anew. */
static void
begin_anew(struct run *run, uint64_t now_ms)
{
	struct runner *runner = run->runner;
	struct target *target = run->target;
	close_run(run);
	if (!target->once) {
		turns_at(&runner->turns, target, now_ms);
	}
}

/* This process stood still (it was stopped, or waited for a disk) for so long that servers may
 * have given it up, as it would have given them up. */
static bool
is_asleep(const struct runner *runner, uint64_t now_ms)
{
	return now_ms - runner->awake_ms > RUNNER_ASLEEP_MS;
}

/* A shorter pause is nobody's silence: what came meanwhile waits to be read. */
static void
keep_pace(struct runner *runner, uint64_t now_ms)
{
	uint64_t late_ms = now_ms - runner->awake_ms;
	runner->lost_ms += late_ms > RUNNER_LATE_MS ? late_ms : 0;
	runner->awake_ms = now_ms;
}

/* The time of probes and their deadlines. */
static uint64_t
probe_time(const struct runner *runner, uint64_t now_ms)
{
	return now_ms - runner->lost_ms;
}

static void
judge(struct run *run, struct kept *kept, struct outcome *ret)
{
	const struct probe *probe = &run->probe;
	*ret = (struct outcome){.good = target_is_good(run->target, probe),
	    .answered = probe->answered,
	    .latency_ms = probe->first_ms};
	if (!probe->was_whole) {
		return;
	}
	keep_end(run->keep, run->target, kept);
	run->keep = NULL;
	ret->whole = true;
	ret->size = kept->size;
	ret->sha256 = kept->sha256;
	if (!kept->good && run->target->kind != PROBE_TFTP_REPLY) {
		ret->good = false;
		ret->why = kept->why;
	}
}

/* A good file that the cache lacks, because it was not staged, is fetched once more. */
static void
next_turn(struct runner *runner, struct target *target, const struct kept *kept,
    uint64_t began_ms)
{
	target->stages = kept->again && !target->stages;
	target->hastened = target->hastened || target->stages;
	if (target->hastened) {
		turns_now(&runner->turns, target);
	} else if (!target->once) {
		turns_after(&runner->turns, target, began_ms);
	}
}

/* All are fetched whole at the start; what is thinned after that shall not be in step. */
static void
spread_whole(struct runner *runner, struct target *target)
{
	if (!target->fetched) {
		target->fetched = true;
		target->thin =
		    turns_chance(&runner->turns) % target->monitor.full_every;
	}
}

static void
finish(struct run *run, const struct moment *now)
{
	struct runner *runner = run->runner;
	struct target *target = run->target;
	struct kept kept = {.again = false};
	struct outcome outcome;
	char text[PROBE_TEXT];
	enum db_verdict before = target->health.verdict;
	int64_t since_ms = target->account.since_ms;
	judge(run, &kept, &outcome);
	if (outcome.why == NULL) {
		outcome.why = probe_text(&run->probe, text);
	}
	close_run(run);
	(void)account_take(target, &outcome, runner->revision, now->unix_ms);
	if (outcome.whole) {
		spread_whole(runner, target);
	}
	tell_outcome(runner->tell, target, &outcome, before, since_ms, now->ms);
	tell_kept(runner->tell, target, &kept, now->ms);
	next_turn(runner, target, &kept, target->began_ms);
}

/* Returns 0, or why this host could not send what a probe that goes on depends on. */
static int
send(struct run *run, const struct probe_action *action)
{
	if (action->send_port == 0) {
		return 0;
	}
	int err = run->runner->net.send(run->flow, run->probe.ask.server,
	    action->send_port, action->send, action->send_len);
	if (err == -ENETUNREACH || err == -EHOSTUNREACH) {
		probe_unreachable(&run->probe, 0, true);
	}
	return run->probe.result == PROBE_RUNS ? err : 0;
}

/* Returns 0 or -ENOMEM. */
static int
take_bytes(struct run *run, const void *bytes, size_t len)
{
	const struct target *target = run->target;
	if (run->keep == NULL) {
		int err =
		    keep_new(run->runner->cache, target, target->stages, &run->keep);
		if (err != 0) {
			return err;
		}
	}
	if (len > 0) {
		keep_bytes(run->keep, bytes, len);
	}
	return 0;
}

/* A server that drips shall not keep others from being probed: it is looked at again when it
 * no longer counts. */
static void
arm(struct run *run, uint64_t now_ms)
{
	struct runner *runner = run->runner;
	uint64_t time_ms = probe_time(runner, now_ms);
	uint64_t flows_until_ms = run->probe.started_ms + RUNNER_FLOWING_MS;
	uint64_t due_ms = run->probe.deadline_ms;
	bool flows = run->probe.answered && time_ms < flows_until_ms;
	if (flows != run->flows) {
		run->flows = flows;
		runner->flowing += flows ? 1u : -1u;
	}
	wheel_set(&runner->deadlines, &run->timer,
	    flows && flows_until_ms < due_ms ? flows_until_ms : due_ms);
}

/* Does what a step of the probe asked for. False when the run has ended. */
static bool
act(struct run *run, const struct probe_action *action, const struct moment *now)
{
	int err = send(run, action);
	if (err == 0 && (action->data_len > 0 || run->probe.was_whole)) {
		err = take_bytes(run, action->data, action->data_len);
	}
	if (err != 0) {
		put_off(run, err, now->ms);
		return false;
	}
	if (run->probe.result != PROBE_RUNS) {
		finish(run, now);
		return false;
	}
	arm(run, now->ms);
	return true;
}

/* What only this host knows of a question: our address (where no route leads there, sending
 * fails), and a locally administered MAC of our own. */
static void
complete_ask(struct runner *runner, struct probe_ask *ask)
{
	if (ask->kind != PROBE_PXE ||
	    runner->net.local_towards(ask->server, &ask->local) != 0) {
		return;
	}
	ask->mac = (struct mac){
	    {2, 0, (uint8_t)(ask->local >> 24), (uint8_t)(ask->local >> 16),
		(uint8_t)(ask->local >> 8), (uint8_t)ask->local}};
	ask->xid = turns_chance(&runner->turns);
}

static struct run *
new_run(struct runner *runner, struct target *target)
{
	struct run *run = calloc(1, sizeof(*run));
	if (run != NULL) {
		run->runner = runner;
		run->target = target;
		target->run = run;
		list_append(&runner->runs, &run->all);
		runner->running++;
	}
	return run;
}

static void
start(struct runner *runner, struct target *target, const struct moment *now)
{
	struct probe_ask ask;
	struct probe_action action;
	bool asks_boot_server = target->role == DB_ROLE_BOOT_SERVER;
	struct run *run = new_run(runner, target);
	if (run == NULL) {
		turns_at(&runner->turns, target, now->ms + LOCAL_FAULT_MS);
		return;
	}
	target_ask(target, target->hastened, &ask);
	target->hastened = false;
	target->began_ms = now->ms;
	complete_ask(runner, &ask);
	int err = runner->net.open(
	    runner->net.ctx, run, asks_boot_server ? runner->local : 0, &run->flow);
	if (err != 0) {
		put_off(run, err, now->ms);
		return;
	}
	probe_start(&run->probe, &ask, probe_time(runner, now->ms), &action);
	(void)act(run, &action, now);
}

/* ---- from outside */

static struct target *
next_target(struct runner *runner)
{
	return runner->running < RUNNER_RUNS
	    ? turns_next(&runner->turns, runner->flowing < RUNNER_FLOWING)
	    : NULL;
}

static struct run *
first_run(const struct runner *runner)
{
	return owner_of(list_first(&runner->runs), offsetof(struct run, all));
}

static void
wake(struct runner *runner, uint64_t now_ms)
{
	struct run *run;
	unsigned count = 0;
	while ((run = first_run(runner)) != NULL) {
		begin_anew(run, now_ms);
		count++;
	}
	if (count > 0) {
		tell_asleep(runner->tell, now_ms - runner->awake_ms, count, now_ms);
	}
}

static void
end_overdue(struct runner *runner, const struct moment *now)
{
	struct run *run;
	uint64_t time_ms = probe_time(runner, now->ms);
	while ((run = owner_of(wheel_pop(&runner->deadlines, time_ms),
		    offsetof(struct run, timer))) != NULL) {
		struct probe_action action;
		probe_timeout(&run->probe, time_ms, &action);
		(void)act(run, &action, now);
	}
}

void
runner_tick(struct runner *runner, const struct moment *now)
{
	struct target *target;
	if (is_asleep(runner, now->ms)) {
		wake(runner, now->ms);
	}
	keep_pace(runner, now->ms);
	end_overdue(runner, now);
	turns_tick(&runner->turns, now->ms);
	while ((target = next_target(runner)) != NULL) {
		start(runner, target, now);
	}
}

bool
runner_packet(struct run *run, uint32_t peer, uint16_t peer_port, const void *bytes,
    size_t len, const struct moment *now)
{
	struct probe_action action;
	struct runner *runner = run->runner;
	if (is_asleep(runner, now->ms)) {
		return true;
	}
	keep_pace(runner, now->ms);
	probe_packet(&run->probe, peer, peer_port, bytes, len,
	    probe_time(runner, now->ms), &action);
	return act(run, &action, now);
}

bool
runner_unreachable(
    struct run *run, uint16_t port, bool whole_server, const struct moment *now)
{
	static const struct probe_action nothing;
	struct runner *runner = run->runner;
	if (is_asleep(runner, now->ms)) {
		return true;
	}
	keep_pace(runner, now->ms);
	probe_unreachable(&run->probe, port, whole_server);
	return act(run, &nothing, now);
}

uint32_t
runner_server(const struct run *run)
{
	return run->target->addr;
}

unsigned
runner_running(const struct runner *runner)
{
	return runner->running;
}

void
runner_forget(struct runner *runner, struct target *target)
{
	(void)runner;
	if (target->run != NULL) {
		close_run(target->run);
	}
	turns_leave(target);
}

void
runner_set_cache(struct runner *runner, struct cache *cache, uint64_t now_ms)
{
	struct run *run;
	while ((run = first_run(runner)) != NULL) {
		begin_anew(run, now_ms);
	}
	runner->cache = cache;
}

void
runner_set_local(struct runner *runner, uint32_t local)
{
	runner->local = local;
}

void
runner_set_revision(struct runner *runner, uint64_t revision)
{
	runner->revision = revision;
}

void
runner_free(struct runner *runner)
{
	struct run *run;
	while (runner != NULL && (run = first_run(runner)) != NULL) {
		close_run(run);
	}
	free(runner);
}
