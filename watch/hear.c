/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/hear.h"

#include "lib/base/err.h"
#include "lib/base/text.h"
#include "watch/evidence.h"
#include "watch/flows.h"
#include "watch/inbox.h"
#include "watch/want.h"

#include <errno.h>
#include <stdlib.h>

struct hear {
	struct hear_from from;
	struct inbox *inbox; /* or NULL */
	struct loop_watch *watch;
	int inbox_err; /* of the last try */
	struct evidence *evidence;
	struct want *want;
	struct last_named named;
};

/* ---- events */

static void
take_evidence(struct hear *hear, const struct event *event, uint64_t now_ms)
{
	const struct plan *plan = hear->from.plan;
	const struct target *last = NULL;
	const char *farm;
	uint32_t server;
	unsigned hastened = 0;
	if (!evidence_take(hear->evidence, event, &farm, &server)) {
		return;
	}
	for (size_t i = 0; i < plan->count; i++) {
		struct target *target = plan->targets[i];
		if (target->role == DB_ROLE_TFTP && target->addr == server &&
		    text_casecmp(target->farm, farm) == 0 &&
		    runner_hasten(hear->from.runner, target, now_ms)) {
			hastened++;
			last = target;
		}
	}
	if (last != NULL) {
		tell_hastened(hear->from.tell, last, hastened,
		    "machines that were sent there ask anew", now_ms);
	}
}

static void
on_event(void *ctx, const struct event *event)
{
	struct hear *hear = ctx;
	uint64_t now_ms = loop_now_ms();
	counters_add(&hear->from.tell->counters, TELL_EVENTS, 1);
	last_named_take(&hear->named, event);
	take_evidence(hear, event, now_ms);
	if (event->kind == EVENT_WANT_FILE) {
		want_take(hear->want, event->farm, event->file, now_ms);
	}
}

/* A file that is wanted is not kept waiting for the next tick. */
static void
on_readable(void *ctx)
{
	struct hear *hear = ctx;
	(void)inbox_read(hear->inbox, on_event, hear);
	counters_set(
	    &hear->from.tell->counters, TELL_MALFORMED, inbox_malformed(hear->inbox));
	const struct moment now = flows_now();
	runner_tick(hear->from.runner, &now);
}

/* ---- the socket */

static void
close_inbox(struct hear *hear)
{
	loop_unwatch(hear->watch);
	hear->watch = NULL;
	inbox_close(hear->inbox);
	hear->inbox = NULL;
}

static int
open_inbox(struct hear *hear)
{
	int err = inbox_open(hear->from.state_dir, &hear->inbox);
	if (err == 0) {
		err = loop_watch(hear->from.loop, inbox_fd(hear->inbox), on_readable,
		    hear, &hear->watch);
	}
	if (err != 0) {
		close_inbox(hear);
	}
	return err;
}

void
hear_follow(struct hear *hear)
{
	if (hear->inbox != NULL && inbox_is_there(hear->inbox)) {
		return;
	}
	close_inbox(hear);
	int err = open_inbox(hear);
	if (!log_is_news(&hear->inbox_err, err)) {
		return;
	}
	if (err != 0) {
		log_error(
		    "cannot hear events in %s: %s", hear->from.state_dir, err_str(err));
	} else {
		log_info("events are heard in %s", hear->from.state_dir);
	}
}

bool
hear_is_open(const struct hear *hear)
{
	return hear->inbox != NULL;
}

/* ---- lifetime */

int
hear_new(const struct hear_from *from, struct hear **ret)
{
	struct hear *hear = calloc(1, sizeof(*hear));
	if (hear == NULL) {
		return -ENOMEM;
	}
	hear->from = *from;
	int err = evidence_new(&hear->evidence);
	if (err == 0) {
		err = want_new(
		    from->runner, from->tell, from->follow, from->plan, &hear->want);
	}
	if (err != 0) {
		hear_free(hear);
		return err;
	}
	*ret = hear;
	return 0;
}

void
hear_free(struct hear *hear)
{
	if (hear != NULL) {
		close_inbox(hear);
		want_free(hear->want);
		evidence_free(hear->evidence);
		free(hear);
	}
}

void
hear_plan_changed(struct hear *hear)
{
	want_plan_changed(hear->want);
}

struct last_named *
hear_last_named(struct hear *hear)
{
	return &hear->named;
}
