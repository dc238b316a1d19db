/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/probe.h"

#include "lib/base/text.h"
#include "watch/probe_ops.h"

#include <inttypes.h>
#include <stdio.h>

static const struct probe_ops *const kinds[PROBE_KINDS] = {
    [PROBE_BOOTSTRAP] = &probe_fetch,
    [PROBE_TFTP_REPLY] = &probe_fetch,
    [PROBE_LOGIN] = &probe_login,
    [PROBE_TSB] = &probe_tsb,
    [PROBE_PXE] = &probe_pxe,
};

static const struct probe_ops *
ops_of(const struct probe *probe)
{
	return kinds[probe->ask.kind];
}

static uint64_t
min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* A silence that is allowed to be longer than a whole transfer lengthens that. */
static uint64_t
whole_ms(const struct probe *probe)
{
	uint32_t timeout_ms = probe->ask.timeout_ms;
	return probe->started_ms +
	    (timeout_ms > PROBE_WHOLE_MS ? timeout_ms : PROBE_WHOLE_MS);
}

static void
arm(struct probe *probe)
{
	probe->deadline_ms =
	    min_u64(min_u64(probe->resend_ms, probe->silent_ms), whole_ms(probe));
}

static void
hush(struct probe *probe, uint64_t now_ms)
{
	probe->resend_ms = now_ms + probe->ask.timeout_ms / 2;
	probe->silent_ms = now_ms + probe->ask.timeout_ms;
	arm(probe);
}

void
probe_heard(struct probe *probe, uint64_t now_ms)
{
	if (!probe->answered) {
		probe->answered = true;
		probe->first_ms = (uint32_t)(now_ms - probe->started_ms);
	}
	hush(probe, now_ms);
}

void
probe_send(struct probe_action *ret, uint16_t port, size_t len)
{
	ret->send_port = port;
	ret->send_len = len;
}

void
probe_break(struct probe *probe, const char *why)
{
	probe->result = PROBE_BROKEN;
	probe->why = why;
}

static void
do_nothing(struct probe_action *ret)
{
	ret->send_port = 0;
	ret->send_len = 0;
	ret->data = NULL;
	ret->data_len = 0;
}

void
probe_start(struct probe *probe, const struct probe_ask *ask, uint64_t now_ms,
    struct probe_action *ret)
{
	*probe = (struct probe){.ask = *ask, .started_ms = now_ms};
	probe->port = ask->port != 0 ? ask->port : ops_of(probe)->port;
	hush(probe, now_ms);
	do_nothing(ret);
	ops_of(probe)->say(probe, ret);
}

/* From port 0 comes what wants no answer (RFC 768); a server's always could have one. */
void
probe_packet(struct probe *probe, uint32_t peer, uint16_t peer_port, const void *bytes,
    size_t len, uint64_t now_ms, struct probe_action *ret)
{
	do_nothing(ret);
	bool is_servers = peer == probe->ask.server && peer_port != 0;
	if (probe->result == PROBE_RUNS && is_servers) {
		ops_of(probe)->packet(probe, peer_port, bytes, len, now_ms, ret);
	}
}

void
probe_unreachable(struct probe *probe, uint16_t port, bool whole_server)
{
	if (probe->result != PROBE_RUNS || (port != 0 && port != probe->port)) {
		return;
	}
	probe->result = PROBE_UNREACHABLE;
	probe->code = whole_server ? 0 : port;
}

static void
give_up(struct probe *probe, enum probe_result result, struct probe_action *ret)
{
	probe->result = result;
	if (probe->answered && ops_of(probe)->leave != NULL) {
		ops_of(probe)->leave(probe, ret);
	}
}

void
probe_timeout(struct probe *probe, uint64_t now_ms, struct probe_action *ret)
{
	do_nothing(ret);
	if (probe->result != PROBE_RUNS) {
		return;
	}
	if (now_ms >= probe->silent_ms) {
		give_up(probe, PROBE_SILENT, ret);
	} else if (now_ms >= whole_ms(probe)) {
		give_up(probe, PROBE_TOO_SLOW, ret);
	} else if (now_ms >= probe->resend_ms) {
		ops_of(probe)->say(probe, ret);
		probe->resend_ms = probe->silent_ms;
		arm(probe);
	}
}

bool
probe_is_good(const struct probe *probe)
{
	return probe->result == PROBE_ANSWERED ||
	    (probe->result == PROBE_SILENT && ops_of(probe)->silence_is_good);
}

static void
text_silent(const struct probe *probe, char dst[static PROBE_TEXT])
{
	if (probe->answered) {
		(void)snprintf(dst, PROBE_TEXT,
		    "silent for %" PRIu32 " ms after %" PRIu64 " bytes",
		    probe->ask.timeout_ms, probe->fetch.got);
	} else {
		(void)snprintf(dst, PROBE_TEXT, "no answer in %" PRIu32 " ms",
		    probe->ask.timeout_ms);
	}
}

static void
text_unreachable(const struct probe *probe, char dst[static PROBE_TEXT])
{
	if (probe->code != 0) {
		(void)snprintf(
		    dst, PROBE_TEXT, "UDP port %u is unreachable", probe->code);
	} else {
		(void)snprintf(dst, PROBE_TEXT, "the server is unreachable");
	}
}

static void
text_refused(const struct probe *probe, char dst[static PROBE_TEXT])
{
	char text[PROBE_TEXT - sizeof("ERROR 65535: ''") + 1];
	(void)snprintf(dst, PROBE_TEXT, "ERROR %u: '%s'", probe->code,
	    text_escape(text, sizeof(text), probe->text, strlen(probe->text)));
}

static void
text_too_slow(const struct probe *probe, char dst[static PROBE_TEXT])
{
	(void)snprintf(dst, PROBE_TEXT,
	    "not whole after %" PRIu64 " s: %" PRIu64 " bytes",
	    (whole_ms(probe) - probe->started_ms) / 1000, probe->fetch.got);
}

char *
probe_text(const struct probe *probe, char dst[static PROBE_TEXT])
{
	switch (probe->result) {
	case PROBE_RUNS:
		(void)snprintf(dst, PROBE_TEXT, "under way");
		break;
	case PROBE_ANSWERED:
		(void)snprintf(
		    dst, PROBE_TEXT, "answered in %" PRIu32 " ms", probe->first_ms);
		break;
	case PROBE_SILENT:
		text_silent(probe, dst);
		break;
	case PROBE_UNREACHABLE:
		text_unreachable(probe, dst);
		break;
	case PROBE_REFUSED:
		text_refused(probe, dst);
		break;
	case PROBE_BROKEN:
		(void)snprintf(dst, PROBE_TEXT, "%s", probe->why);
		break;
	case PROBE_TOO_SLOW:
		text_too_slow(probe, dst);
		break;
	case PROBE_TOO_LARGE:
		(void)snprintf(dst, PROBE_TEXT, "over %d bytes", PROBE_SIZE_MAX);
		break;
	}
	return dst;
}
