/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tftp/tell.h"

#include "lib/base/err.h"
#include "lib/base/ip4.h"
#include "lib/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LINES_PER_S = 1, NAME_TEXT = 4 * TABLE_NAME_MAX + 1, ERROR_TEXT = 80 };

static void
put(struct tell *tell, struct event *event)
{
	if (event->revision == 0) {
		event->revision = tell->revision;
	}
	evsend_put(tell->events, event);
}

static void
limited(struct log_limit *limit, enum log_level level, uint64_t now_ms, uint32_t peer,
    const char *what)
{
	char addr[IP4_TEXT];
	log_limited(limit, now_ms, LINES_PER_S, level, "tftp %s: %s",
	    ip4_format(peer, addr), what);
}

/* One refusal costs a second divided by their number. */
bool
tell_may_refuse(struct tell *tell, uint64_t now_ms)
{
	const uint64_t cost_ms = 1000 / TELL_REFUSALS;
	tell->tokens_ms += now_ms - tell->refilled_ms;
	tell->refilled_ms = now_ms;
	if (tell->tokens_ms > 1000) {
		tell->tokens_ms = 1000;
	}
	if (tell->tokens_ms < cost_ms) {
		return false;
	}
	tell->tokens_ms -= cost_ms;
	return true;
}

void
tell_not_admitted(struct tell *tell, uint32_t peer, uint64_t now_ms)
{
	counters_add(&tell->counters, TELL_NOT_ADMITTED, 1);
	limited(&tell->not_admitted, LOG_LEVEL_INFO, now_ms, peer, "not admitted");
}

void
tell_busy(struct tell *tell, uint32_t peer, uint64_t now_ms)
{
	counters_add(&tell->counters, TELL_BUSY, 1);
	limited(&tell->busy, LOG_LEVEL_WARN, now_ms, peer,
	    "left waiting: as many transfers run as there may be");
}

/* The log line of a request that failed. */
static void
limited_request(struct log_limit *limit, enum log_level level, uint64_t now_ms,
    uint32_t peer, const char *name, const char *why)
{
	char text[NAME_TEXT];
	char what[NAME_TEXT + 80];
	(void)text_escape(text, sizeof(text), name, strlen(name));
	(void)snprintf(what, sizeof(what), "RRQ '%s': %s", text, why);
	limited(limit, level, now_ms, peer, what);
}

void
tell_refused(struct tell *tell, uint32_t peer, const char *name, enum tftp_error code,
    const char *why, uint64_t now_ms)
{
	struct event event = {.kind = EVENT_TRANSFER,
	    .what = EVENT_REFUSED,
	    .client = peer,
	    .code = (uint16_t)code};
	limited_request(&tell->refused, LOG_LEVEL_INFO, now_ms, peer, name, why);
	(void)text_copy(event.file, sizeof(event.file), name);
	(void)text_copy(event.text, sizeof(event.text), why);
	put(tell, &event);
}

void
tell_unreadable(
    struct tell *tell, uint32_t peer, const char *name, int err, uint64_t now_ms)
{
	limited_request(
	    &tell->unreadable, LOG_LEVEL_ERROR, now_ms, peer, name, err_str(err));
}

void
tell_parked(struct tell *tell, uint32_t peer, const char *name, uint64_t now_ms)
{
	counters_add(&tell->counters, TELL_PARKED, 1);
	limited_request(&tell->parked, LOG_LEVEL_INFO, now_ms, peer, name,
	    "not in the cache, waits for the watcher to fetch it");
}

void
tell_want_file(struct tell *tell, uint32_t peer, const char *farm, const char *file)
{
	struct event event = {.kind = EVENT_WANT_FILE, .client = peer};
	(void)text_copy(event.farm, sizeof(event.farm), farm);
	(void)text_copy(event.file, sizeof(event.file), file);
	put(tell, &event);
}

static struct event
about(const struct transfer *transfer)
{
	struct event event = {.client = transfer->key.peer,
	    .server = transfer->server,
	    .revision = transfer->revision};
	(void)text_copy(event.farm, sizeof(event.farm), transfer->farm);
	(void)text_copy(event.file, sizeof(event.file), transfer->file);
	return event;
}

void
tell_started(struct tell *tell, const struct transfer *transfer)
{
	struct event event = about(transfer);
	event.kind = EVENT_STAGE;
	event.what = EVENT_REQUESTED;
	counters_add(&tell->counters, TELL_STARTED, 1);
	if (!transfer->asked.probe) {
		put(tell, &event);
	}
}

static const struct {
	enum event_result result;
	enum tell_counter counter;
	enum log_level level;
} ends[] = {
    [XFER_RUNNING] = {EVENT_FAILED, TELL_TIMEOUTS, LOG_LEVEL_ERROR},
    [XFER_DONE] = {EVENT_DONE, TELL_DONE, LOG_LEVEL_INFO},
    [XFER_DONE_UNACKED] = {EVENT_DONE, TELL_DONE, LOG_LEVEL_INFO},
    [XFER_SIZE_PROBE] = {EVENT_SIZE_PROBE, TELL_SIZE_PROBES, LOG_LEVEL_DEBUG},
    [XFER_CLIENT_ERROR] = {EVENT_CLIENT_ERROR, TELL_CLIENT_ERRORS, LOG_LEVEL_INFO},
    [XFER_TIMEOUT] = {EVENT_TIMEOUT, TELL_TIMEOUTS, LOG_LEVEL_INFO},
    [XFER_REPLACED] = {EVENT_CLIENT_ERROR, TELL_CLIENT_ERRORS, LOG_LEVEL_DEBUG},
};

static void
log_end(struct tell *tell, const struct transfer *transfer, const char *text,
    uint64_t elapsed_ms)
{
	const struct xfer *x = &transfer->xfer;
	enum log_level level =
	    transfer->asked.probe && ends[x->end].level != LOG_LEVEL_ERROR
	    ? LOG_LEVEL_DEBUG
	    : ends[x->end].level;
	char addr[IP4_TEXT];
	char name[NAME_TEXT];
	char error[ERROR_TEXT + 16] = "";
	char quoted[ERROR_TEXT];
	uint64_t withheld;
	if (!log_wants(level)) {
		return;
	}
	/* A client that never acknowledged anything may be a forged address. */
	if (!x->proven && x->end != XFER_SIZE_PROBE &&
	    !log_limit_pass(&tell->unproven, transfer->started_ms + elapsed_ms,
		LINES_PER_S, &withheld)) {
		return;
	}
	if (x->end == XFER_CLIENT_ERROR) {
		(void)snprintf(error, sizeof(error), " (%u, '%s')", x->error,
		    text_escape(quoted, sizeof(quoted), text, strlen(text)));
	}
	log_line(level,
	    "tftp %s: RRQ '%s': %s%s, %" PRIu64 " bytes in %" PRIu64 ".%02u s, %" PRIu32
	    " resent",
	    ip4_format(transfer->key.peer, addr),
	    text_escape(name, sizeof(name), transfer->name, strlen(transfer->name)),
	    xfer_end_text(x->end), error, xfer_bytes(x), elapsed_ms / 1000,
	    (unsigned)(elapsed_ms % 1000 / 10), x->resent);
}

void
tell_ended(struct tell *tell, const struct transfer *transfer, const char *text,
    uint64_t now_ms)
{
	const struct xfer *x = &transfer->xfer;
	uint64_t elapsed_ms = now_ms - transfer->started_ms;
	struct event event = about(transfer);
	event.kind = EVENT_TRANSFER;
	event.what = (uint8_t)ends[x->end].result;
	event.code = x->error;
	event.bytes = xfer_bytes(x);
	event.elapsed_ms = (uint32_t)elapsed_ms;
	event.resent = x->resent;
	(void)text_copy(event.text, sizeof(event.text), text);
	counters_add(&tell->counters, ends[x->end].counter, 1);
	counters_add(&tell->counters, TELL_RESENT, x->resent);
	counters_add(&tell->counters, TELL_BYTES, event.bytes);
	log_end(tell, transfer, text, elapsed_ms);
	if (!transfer->asked.probe) {
		put(tell, &event);
	}
}
