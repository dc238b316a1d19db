/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/tell.h"

#include "lib/base/err.h"
#include "lib/base/ip4.h"
#include "lib/base/text.h"
#include "lib/boot/stage.h"

#include <inttypes.h>
#include <stdio.h>

/* A site that boots at once is told of whole, a storm in part. */
enum { LINES_PER_S = 100, WARNINGS_PER_S = 1 };

static void
put(struct tell *tell, struct event *event)
{
	event->revision = tell->revision;
	evsend_put(tell->events, event);
}

/* A stage of the machine that sent a request. */
static void
put_about(struct tell *tell, const struct request *request, struct event *event)
{
	event->has_mac = true;
	event->mac = request->facts.mac;
	event->xid = request->header.xid;
	event->user_class = request->user_class;
	put(tell, event);
}

/* Of one boot, as far as sixteen bits can tell them apart: firmware repeats its DISCOVER with
 * the same transaction id. */
static uint16_t
transaction(const struct request *request)
{
	uint32_t xid = request->header.xid;
	return (uint16_t)((xid ^ xid >> 16) & RECENT_WHAT_MAX);
}

static void
put_stage(struct tell *tell, const struct exchange *exchange, enum event_stage stage)
{
	struct event event;
	boot_stage(&exchange->answer, stage, &event);
	event.client = exchange->request.client;
	put_about(tell, &exchange->request, &event);
}

/* ---- nothing is sent */

static enum tell_counter
counter_of(enum silence why)
{
	static const enum tell_counter counters[SILENCE_COUNT] = {
	    [SILENCE_NONE] = TELL_LOST,
	    [SILENCE_MALFORMED] = TELL_MALFORMED,
	    [SILENCE_SERVER] = TELL_NOT_FOR_US,
	    [SILENCE_NOT_PXE] = TELL_NOT_PXE,
	    [SILENCE_TYPE] = TELL_NOT_FOR_US,
	    [SILENCE_DIRECT] = TELL_ELSEWHERE,
	    [SILENCE_ELSEWHERE] = TELL_ELSEWHERE,
	    [SILENCE_NOT_OURS] = TELL_NOT_OURS,
	    [SILENCE_FAILED] = TELL_FAILED,
	    [SILENCE_LIMITED] = TELL_LIMITED,
	};
	return counters[why];
}

static void
say_not_ours(struct tell *tell, const struct exchange *exchange, const char *where,
    uint64_t now_ms)
{
	const struct boot_answer *answer = &exchange->answer;
	const struct request *request = &exchange->request;
	char mac[MAC_TEXT], addr[IP4_TEXT], arch[ARCH_TEXT];
	(void)mac_format(&request->facts.mac, mac);
	if (exchange->cause == BOOT_NO_FILE &&
	    recent_is_news(&tell->no_file, &request->facts.mac, 0)) {
		log_limited(&tell->missing, now_ms, LINES_PER_S, LOG_LEVEL_WARN,
		    "%s: not ours: farm %s has no file for %s", mac, answer->farm,
		    arch_name(answer->arch, arch));
		return;
	}
	log_limited(&tell->details, now_ms, LINES_PER_S, LOG_LEVEL_DEBUG,
	    "%s: not ours: %s, asked for %s on %s", mac,
	    boot_cause_text(exchange->cause), ip4_format(request->facts.addr, addr),
	    where);
}

static void
say_silence(struct tell *tell, const struct exchange *exchange, uint32_t peer,
    const char *where, uint64_t now_ms)
{
	char addr[IP4_TEXT];
	if (exchange->why == SILENCE_FAILED) {
		log_limited(&tell->failures, now_ms, WARNINGS_PER_S, LOG_LEVEL_ERROR,
		    "cannot answer %s on %s: %s", ip4_format(peer, addr), where,
		    err_str(exchange->err));
	} else {
		log_limited(&tell->silences, now_ms, LINES_PER_S, LOG_LEVEL_DEBUG,
		    "nothing for %s on %s: %s", ip4_format(peer, addr), where,
		    silence_text(exchange->why));
	}
}

void
tell_silence(struct tell *tell, const struct exchange *exchange, uint32_t peer,
    const char *where, uint64_t now_ms)
{
	counters_add(&tell->counters, counter_of(exchange->why), 1);
	if (exchange->why != SILENCE_NOT_OURS) {
		say_silence(tell, exchange, peer, where, now_ms);
		return;
	}
	say_not_ours(tell, exchange, where, now_ms);
	if (recent_is_news(&tell->not_ours, &exchange->request.facts.mac,
		transaction(&exchange->request))) {
		put_stage(tell, exchange, EVENT_NOT_OURS);
	}
}

/* ---- something is */

static void
say_answer(struct tell *tell, const struct exchange *exchange, const char *where,
    uint64_t now_ms)
{
	const struct boot_answer *answer = &exchange->answer;
	const struct request *request = &exchange->request;
	bool offer = request->door == REQUEST_DHCP;
	bool first = offer &&
	    recent_is_news(&tell->boots, &request->facts.mac, transaction(request));
	char mac[MAC_TEXT], server[IP4_TEXT], by[IP4_TEXT];
	log_limited(first ? &tell->offers : &tell->details, now_ms, LINES_PER_S,
	    first ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG,
	    "%s: %s%s by %s on %s: farm %s, %s from %s%s",
	    mac_format(&request->facts.mac, mac), tell->shadow ? "would get " : "",
	    offer ? "OFFER" : "ACK", ip4_format(request->from, by), where, answer->farm,
	    answer->file, ip4_format(answer->server, server),
	    !offer                                 ? ""
		: answer->offer == DB_OFFER_DIRECT ? ", direct"
						   : ", redirect");
}

void
tell_answer(struct tell *tell, const struct exchange *exchange, const char *where,
    uint64_t now_ms)
{
	bool offer = exchange->request.door == REQUEST_DHCP;
	if (tell->shadow) {
		counters_add(&tell->counters, TELL_KEPT, 1);
	} else {
		counters_add(&tell->counters, offer ? TELL_OFFERS : TELL_ACKS, 1);
		put_stage(tell, exchange, offer ? EVENT_PROXY_OFFER : EVENT_PROXY_ACK);
	}
	say_answer(tell, exchange, where, now_ms);
}

/* ---- what was overheard */

void
tell_learnt(struct tell *tell, const struct request *request, uint32_t addr)
{
	struct event event = {
	    .kind = EVENT_STAGE, .what = EVENT_LEARNT, .client = addr};
	if (request->facts.arch_count > 0) {
		event.arch = request->facts.arch[0];
	}
	put_about(tell, request, &event);
}

void
tell_finding(struct tell *tell, const struct found *found, uint64_t now_ms)
{
	struct event event = {.kind = EVENT_FINDING,
	    .what = (uint8_t)found->finding,
	    .has_mac = true,
	    .mac = found->mac,
	    .client = found->client,
	    .server = found->server,
	    .arch = found->arch};
	char mac[MAC_TEXT], server[IP4_TEXT], more[40] = "";
	uint64_t withheld;
	counters_add(&tell->counters, TELL_FINDINGS, 1);
	if (!findings_pass(&tell->findings, found, now_ms, &withheld)) {
		return;
	}
	if (withheld > 0) {
		(void)snprintf(more, sizeof(more), " (%" PRIu64 " more)", withheld);
	}
	log_warn("%s (farm %s): %s (%s); %s%s", mac_format(&found->mac, mac),
	    found->farm, event_finding_text(found->finding),
	    ip4_format(found->server, server), findings_remedy(found->finding), more);
	(void)text_copy(event.farm, sizeof(event.farm), found->farm);
	(void)text_copy(
	    event.text, sizeof(event.text), findings_remedy(found->finding));
	put(tell, &event);
}
