/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/cache/cache.h"
#include "watch/target.h"
#include "watch/tell.h"

/* Which target is probed when, and what comes of it: due targets, the probes that run, their
 * results in the accounts and in the cache. It reads no clock and no socket. */

enum {
	/* Probes on their way. Most wait for an answer, or like those of logins for none: half
	 * of the servers of the largest site may be silent and all are probed in time. */
	RUNNER_RUNS = 1024,
	/* Those of them that are answered: no further files beside so many, but for those that
	 * are hastened, so that what is on its way to this host at once fits its buffers. After
	 * the time they no longer count. */
	RUNNER_FLOWING = 128,
	RUNNER_FLOWING_MS = 2000,
	RUNNER_TICK_MS = 50,
	/* A pause of this process's own is no time of a probe; after a long one servers have
	 * given up whom they waited for. */
	RUNNER_LATE_MS = 100,
	RUNNER_ASLEEP_MS = 2000,
	RUNNER_HASTE_MS = 1000, /* from one probe to one that is asked for, at least */
};

/* Now, by both clocks. */
struct moment {
	uint64_t ms; /* monotonic */
	int64_t unix_ms;
};

/* A probe on its way. */
struct run;

/* How probes reach the network. Functions return 0 or a negated errno. */
struct runner_net {
	void *ctx;
	/* Opens what the run sends and receives by, from local (0: the route's choice). */
	int (*open)(void *ctx, struct run *run, uint32_t local, void **ret_flow);
	int (*send)(void *flow, uint32_t peer, uint16_t peer_port, const void *bytes,
	    size_t len);
	void (*close)(void *flow);
	/* Our address towards a server. */
	int (*local_towards)(uint32_t peer, uint32_t *ret);
};

struct runner;

/* net is copied, tell borrowed; key makes the jitter. Returns 0 or -ENOMEM. */
int runner_new(const struct runner_net *net, struct tell *tell,
    const uint64_t key[static 2], uint64_t now_ms, struct runner **ret)
    __attribute__((warn_unused_result));

/* Ends what runs, without a result. NULL is fine. Targets are forgotten before. */
void runner_free(struct runner *runner);

/* What probes are made with from now on: the cache (NULL: none; what runs is begun anew), the
 * address that boot servers are asked from (0: the route's choice), the map's revision. */
void runner_set_cache(struct runner *runner, struct cache *cache, uint64_t now_ms);
void runner_set_local(struct runner *runner, uint32_t local);
void runner_set_revision(struct runner *runner, uint64_t revision);

/* Takes on a target of the plan, or one whose monitor may have changed. Its first probe is
 * within TURNS_SPREAD_MS, every other when its monitor says so. */
void runner_take(struct runner *runner, struct target *target, uint64_t now_ms);

/* Forgets a target, and ends its probe without a result. */
void runner_forget(struct runner *runner, struct target *target);

/* Asks for a probe of the whole file, before all that are due. Not RUNNER_HASTE_MS after the
 * last one, nor of a server that is down an interval after it. False when there will be none. */
bool runner_hasten(struct runner *runner, struct target *target, uint64_t now_ms);

/* What has come due begins, or ends. For each RUNNER_TICK_MS: where that was not kept for
 * RUNNER_ASLEEP_MS, the probes on their way say nothing of their servers and are begun anew. */
void runner_tick(struct runner *runner, const struct moment *now);

/* A packet came for a run; or word that what it sent to a port cannot get there, as
 * probe_unreachable() takes it. False when the run has ended, and is no more; it begins and ends no other. */
bool runner_packet(struct run *run, uint32_t peer, uint16_t peer_port,
    const void *bytes, size_t len, const struct moment *now);
bool runner_unreachable(
    struct run *run, uint16_t port, bool whole_server, const struct moment *now);

/* The server that a run asks. */
uint32_t runner_server(const struct run *run);

unsigned runner_running(const struct runner *runner);
