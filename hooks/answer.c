/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "hooks/inside.h"

#include "hooks/edit.h"
#include "lib/base/err.h"
#include "lib/boot/stage.h"
#include "lib/wire/arch.h"
#include "lib/wire/dhcp4.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LINE = 320, FAILED_PERIOD_MS = 60000 };

static uint64_t
monotonic_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void
count(hook_count *counter)
{
	(void)atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* Counts a failure; one line a minute and kind, whichever thread comes first. */
static void
failed(struct hook_core *core, enum hook_failure failure, const char *why)
{
	count(&core->counters.failed[failure]);
	uint64_t now_ms = monotonic_ms();
	uint64_t next_ms = core->next_failed_ms[failure];
	if ((next_ms == 0 || now_ms >= next_ms) &&
	    atomic_compare_exchange_strong(
		&core->next_failed_ms[failure], &next_ms, now_ms + FAILED_PERIOD_MS)) {
		core->log.say(HOOK_FAILED, why);
	}
}

/* That no map is open is said by the helper thread, with the reason: only counted here. */
static int
begin(struct hook_core *core, struct db_snapshot *ret)
{
	int err = snapshot_take(core->snapshots, ret);
	switch (err) {
	case 0:
		break;
	case ERR_NOTFOUND:
		count(&core->counters.failed[HOOK_FAIL_NO_MAP]);
		break;
	case ERR_FULL:
	case ERR_BUSY:
		failed(core, HOOK_FAIL_NO_READER, err_str(ERR_BUSY));
		break;
	default:
		failed(core, HOOK_FAIL_DATABASE, err_str(err));
		break;
	}
	return err;
}

int
core_decide(struct hook_core *core, const struct boot_facts *facts,
    struct boot_answer *ret, uint64_t *ret_revision, struct core_view *ret_view)
{
	struct db_snapshot snapshot;
	int err = begin(core, &snapshot);
	if (err != 0) {
		return err;
	}
	err = boot_decide(facts, &db_source, &snapshot, ret);
	if (err == 0) {
		err = db_map_revision(&snapshot, ret_revision);
	}
	if (err == 0 && ret_view != NULL) {
		err = core_view(&snapshot, ret_view);
	}
	snapshot_leave(core->snapshots, &snapshot);
	if (err != 0) {
		failed(core, HOOK_FAIL_DATABASE, err_str(err));
	}
	return err;
}

/* The machine's MAC; zeroes where it has none. */
static struct mac
mac_of(const struct hook_packet *packet)
{
	struct mac mac;
	_Static_assert(sizeof(mac.b) == sizeof(packet->mac), "the same bytes");
	memcpy(mac.b, packet->mac, sizeof(mac.b));
	return mac;
}

/* MAC, subnet id and address of a machine, as log lines begin. */
static void
machine_text(const struct hook_packet *packet, char *dst, size_t room)
{
	char mac[MAC_TEXT] = "(no MAC)", addr[IP4_TEXT];
	struct mac bytes = mac_of(packet);
	if (packet->has_mac) {
		(void)mac_format(&bytes, mac);
	}
	(void)snprintf(dst, room, "%s, subnet id %u, %s", mac,
	    packet->has_subnet_id ? packet->subnet_id : 0,
	    ip4_format(packet->addr, addr));
}

static void
say_not_ours(struct hook_core *core, const struct hook_packet *packet,
    const struct boot_answer *answer)
{
	bool no_file = answer->cause == BOOT_NO_FILE;
	struct mac mac = mac_of(packet);
	enum hook_message message = no_file && recent_is_news(&core->no_file, &mac, 0)
	    ? HOOK_NO_FILE
	    : HOOK_NOT_OURS;
	if (!core->log.wants(message)) {
		return;
	}
	char machine[LINE / 2], line[LINE], which[ARCH_TEXT + DB_FARM_NAME_MAX + 16];
	machine_text(packet, machine, sizeof(machine));
	which[0] = '\0';
	if (no_file) {
		char arch[ARCH_TEXT];
		(void)snprintf(which, sizeof(which), " %s in farm %s",
		    arch_name(answer->arch, arch), answer->farm);
	}
	(void)snprintf(line, sizeof(line), "%s: %s%s", machine,
	    boot_cause_text(answer->cause), which);
	core->log.say(message, line);
}

/* Sends an event with who the machine is, and in which exchange. */
static void
send_event(
    struct hook_core *core, const struct hook_packet *packet, struct event *event)
{
	event->has_mac = packet->has_mac;
	event->mac = mac_of(packet);
	event->client = packet->addr;
	event->xid = packet->xid;
	event->user_class =
	    boot_user_class(packet->user_class.p, packet->user_class.len);
	evsend_put(core->events, event);
}

static void
send_stage(struct hook_core *core, enum event_stage stage,
    const struct hook_packet *packet, const struct boot_answer *answer,
    uint64_t revision)
{
	struct event event;
	boot_stage(answer, stage, &event);
	event.revision = revision;
	send_event(core, packet, &event);
}

/* A machine that was sent to a PVS server, past our own TFTP, is next heard of when what it
 * booted asks for its address. Firmware that went on to the next way of booting did not boot;
 * nearly all that come here were never sent anywhere. */
static void
note_booted(struct hook_core *core, const struct hook_packet *packet)
{
	struct mac mac = mac_of(packet);
	if (packet->has_mac &&
	    !dhcp4_is_firmware(packet->class_id.p, packet->class_id.len) &&
	    recent_forget(&core->sent, &mac)) {
		struct event event = {.kind = EVENT_STAGE, .what = EVENT_BOOTED};
		send_event(core, packet, &event);
	}
}

/* A machine was answered, and is on its way. */
static void
note_sent(struct hook_core *core, const struct hook_packet *packet,
    const struct boot_answer *answer)
{
	struct mac mac = mac_of(packet);
	if (packet->has_mac && !packet->offer &&
	    answer->delivery == DB_DELIVERY_DIRECT) {
		(void)recent_is_news(&core->sent, &mac, 0);
	}
}

static void
say_answered(struct hook_core *core, const struct hook_packet *packet,
    const struct boot_answer *answer)
{
	if (core->log.wants(HOOK_ANSWERED)) {
		char machine[LINE / 2], line[LINE], server[IP4_TEXT];
		machine_text(packet, machine, sizeof(machine));
		(void)snprintf(line, sizeof(line), "%s: farm %s, %s from %s", machine,
		    answer->farm, answer->file, ip4_format(answer->server, server));
		core->log.say(HOOK_ANSWERED, line);
	}
}

bool
hook_core_answer(
    struct hook_core *core, const struct hook_packet *packet, struct hook_edit *ret)
{
	struct boot_facts facts;
	struct boot_answer answer;
	uint64_t revision;
	edit_facts(&core->params, packet, &facts);
	count(&core->counters.queries);
	if (facts.client == BOOT_CLIENT_OTHER) {
		note_booted(core, packet);
	}
	/* Rule 0 needs no map: a phone is left alone whatever state the map is in. */
	if (facts.client == BOOT_CLIENT_OTHER && !facts.all_clients) {
		count(&core->counters.not_ours[BOOT_NOT_PXE]);
		return false;
	}
	if (core_decide(core, &facts, &answer, &revision, NULL) != 0) {
		return false;
	}
	if (answer.action != BOOT_BOOT) {
		count(&core->counters.not_ours[answer.cause]);
		say_not_ours(core, packet, &answer);
		send_stage(core, EVENT_NOT_OURS, packet, &answer, revision);
		return false;
	}
	if (core->params.mode == HOOK_FILL_ONLY && edit_kea_answered(packet)) {
		count(&core->counters.kept);
		return false;
	}
	edit_make(&core->params, packet, &answer, ret);
	count(&core->counters.answered);
	if (facts.client != BOOT_CLIENT_OTHER) {
		note_sent(core, packet, &answer);
	}
	send_stage(core, packet->offer ? EVENT_OFFERED : EVENT_ACKED, packet, &answer,
	    revision);
	say_answered(core, packet, &answer);
	return true;
}

void
hook_core_skipped(struct hook_core *core)
{
	count(&core->counters.skipped);
}

void
hook_core_already_packed(struct hook_core *core)
{
	count(&core->counters.packed);
	if (!atomic_exchange(&core->said_packed, true)) {
		core->log.say(HOOK_ALREADY_PACKED, "");
	}
}

void
hook_core_exception(struct hook_core *core, const char *what)
{
	failed(core, HOOK_FAIL_EXCEPTION, what);
}
