/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "hooks/inside.h"

#include "lib/base/err.h"
#include "lib/base/text.h"
#include "lib/base/hex.h"
#include "lib/report/report.h"
#include "lib/wire/arch.h"
#include "pvsboot-config.h"

#include <stdio.h>
#include <string.h>

/* The two commands, as JSON. */

static bool
refuse(char *error, const char *what, const char *should)
{
	(void)snprintf(error, HOOK_ERROR_MAX, "%s must be %s", what, should);
	return false;
}

/* The question as facts; false with a sentence in error. */
static bool
question_facts(
    const struct hook_question *question, struct boot_facts *ret, char *error)
{
	struct boot_facts facts = {
	    .client = BOOT_CLIENT_PXE,
	    .has_mac = true,
	    .has_subnet_id = question->has_subnet_id,
	    .has_addr = question->ip_address != NULL,
	    .arch_count = question->arch != NULL ? 1 : 0,
	};
	if (mac_parse(question->hw_address, &facts.mac) != 0) {
		return refuse(error, "hw-address", "a MAC address");
	}
	if (facts.has_addr && ip4_parse(question->ip_address, &facts.addr) != 0) {
		return refuse(error, "ip-address", "an IPv4 address");
	}
	if (question->arch != NULL && arch_parse(question->arch, &facts.arch[0]) != 0) {
		return refuse(
		    error, "arch", "an architecture's name, such as uefi-x64");
	}
	if (facts.has_subnet_id &&
	    (question->subnet_id < 1 || question->subnet_id > UINT32_MAX - 1)) {
		return refuse(error, "subnet-id", "1 to 4294967294");
	}
	facts.subnet_id = facts.has_subnet_id ? (uint32_t)question->subnet_id : 0;
	*ret = facts;
	return true;
}

static char *
to_text(json_t *json, char *error)
{
	char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	if (text == NULL) {
		(void)snprintf(error, HOOK_ERROR_MAX, "out of memory");
	}
	return text;
}

/* No answer: the map cannot be asked. */
static char *
refused(char *error, const char *why)
{
	(void)snprintf(error, HOOK_ERROR_MAX, "the map cannot be asked: %.200s", why);
	return NULL;
}

char *
hook_core_explain(
    struct hook_core *core, const struct hook_question *question, char *error)
{
	struct boot_facts facts;
	struct boot_answer answer;
	struct core_view view;
	uint64_t revision;
	if (!question_facts(question, &facts, error)) {
		return NULL;
	}
	if (hook_core_is_inert(core)) {
		return refused(error, core->inert);
	}
	int err = core_decide(core, &facts, &answer, &revision, &view);
	if (err != 0) {
		return refused(error, err_str(err));
	}
	return to_text(
	    report_explain(&facts, &answer, &view.info, &view.watcher), error);
}

static json_t *
number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *
text_or_null(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

int
core_view(const struct db_snapshot *snapshot, struct core_view *ret)
{
	watcher_look(snapshot, &ret->watcher);
	return db_map_info(snapshot, &ret->info);
}

/* What is in force; false where nothing is. */
static bool
view(struct hook_core *core, struct core_view *ret)
{
	struct db_snapshot snapshot;
	if (core->snapshots == NULL || snapshot_take(core->snapshots, &snapshot) != 0) {
		return false;
	}
	int err = core_view(&snapshot, ret);
	snapshot_leave(core->snapshots, &snapshot);
	return err == 0;
}

static json_t *
part_json(struct hook_core *core, enum snapshot_part part, const char *dir)
{
	static const char *const conditions[] = {"absent", "open", "orphaned"};
	struct snapshot_status status = {.condition = SNAPSHOT_ABSENT};
	if (core->snapshots != NULL) {
		status = snapshot_status(core->snapshots, part);
	}
	return json_pack("{s:s, s:s, s:o}", "directory", dir, "condition",
	    conditions[status.condition], "error",
	    text_or_null(status.err != 0 ? err_str(status.err) : NULL));
}

/* Without info every value is null. */
static json_t *
map_json(struct hook_core *core, const struct db_info *info)
{
	char digest[HEX_SHA256_TEXT], format[16];
	json_t *map = part_json(core, SNAPSHOT_MAP, core->params.db);
	bool known = info != NULL;
	if (known) {
		(void)hex_format(digest, info->digest, DB_DIGEST_LEN);
		(void)snprintf(format, sizeof(format), "%u.%u", info->format_major,
		    info->format_minor);
	}
	json_t *more = json_pack("{s:o, s:o, s:o, s:o}", "revision",
	    known ? number(info->revision) : json_null(), "digest",
	    text_or_null(known ? digest : NULL), "format",
	    text_or_null(known ? format : NULL), "devices",
	    known ? number(info->devices) : json_null());
	(void)json_object_update(map, more);
	json_decref(more);
	return map;
}

static json_t *
counts_json(
    const hook_count *counts, const char *const *names, unsigned first, unsigned count)
{
	json_t *object = json_object();
	for (unsigned i = first; i < count; i++) {
		(void)json_object_set_new(object, names[i], number(counts[i]));
	}
	return object;
}

static json_t *
counters_json(const struct hook_counters *c)
{
	static const char *const causes[BOOT_CAUSES] = {
	    [BOOT_NOT_PXE] = "not-pxe",
	    [BOOT_NO_SCOPE] = "no-scope",
	    [BOOT_SCOPE_NONE] = "scope-none",
	    [BOOT_NO_FILE] = "no-file",
	    [BOOT_HTTP] = "http",
	    [BOOT_NO_SERVER] = "no-server",
	};
	static const char *const failures[HOOK_FAILURES] = {
	    [HOOK_FAIL_NO_MAP] = "no-map",
	    [HOOK_FAIL_NO_READER] = "no-reader",
	    [HOOK_FAIL_DATABASE] = "database",
	    [HOOK_FAIL_EXCEPTION] = "exception",
	};
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "queries",
	    number(c->queries), "answered", number(c->answered), "kept",
	    number(c->kept), "skipped", number(c->skipped), "already-packed",
	    number(c->packed), "not-ours",
	    counts_json(c->not_ours, causes, BOOT_NOT_PXE, BOOT_CAUSES), "failed",
	    counts_json(c->failed, failures, 0, HOOK_FAILURES));
}

char *
hook_core_status(struct hook_core *core, char *error)
{
	const struct hook_params *params = &core->params;
	struct core_view now;
	char frozen[WATCHER_TEXT];
	bool known = view(core, &now);
	uint64_t dropped = core->events != NULL ? evsend_dropped(core->events) : 0;
	json_t *status =
	    json_pack("{s:s, s:o, s:s, s:s, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o}",
		"version", PACKAGE_VERSION, "inert",
		text_or_null(hook_core_is_inert(core) ? core->inert : NULL), "mode",
		hook_mode_name(params->mode), "clients",
		params->all_clients ? "all" : "pxe", "keep-option-60",
		params->keep_option_60, "crash-protection", core->marker.fd >= 0, "map",
		map_json(core, known ? &now.info : NULL), "state",
		part_json(core, SNAPSHOT_STATE, params->state), "watcher",
		known ? watcher_json(&now.watcher) : json_null(), "frozen",
		text_or_null(known ? watcher_frozen(&now.watcher, frozen) : NULL),
		"counters", counters_json(&core->counters), "events-dropped",
		number(dropped));
	return to_text(status, error);
}
