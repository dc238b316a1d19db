/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/report/report.h"

#include "lib/base/hex.h"
#include "lib/report/object.h"
#include "lib/wire/arch.h"

#include <inttypes.h>

static const char *const deliveries[] = {
    [DB_DELIVERY_BOOT_SERVER] = "boot-server",
    [DB_DELIVERY_DIRECT] = "direct",
};

/* An answer's values as text, NULL where without meaning. */
struct telling {
	bool boots;
	const char *farm;
	const char *scope;
	const char *device;
	const char *arch;
	const char *delivery;
	const char *server;
	const char *farm_server;
	const char *file;
	const char *root_path;
	/* room for what is made */
	char digest[HEX_SHA256_TEXT];
	char mac_text[MAC_TEXT];
	char arch_text[ARCH_TEXT];
	char server_text[IP4_TEXT];
	char farm_server_text[IP4_TEXT];
};

static void
tell(struct telling *t, const struct boot_facts *facts,
    const struct boot_answer *answer, const struct db_info *info)
{
	bool boots = answer->action == BOOT_BOOT;
	*t = (struct telling){.boots = boots};
	t->scope = answer->has_scope ? answer->scope : NULL;
	t->device =
	    answer->device_decided ? mac_format(&facts->mac, t->mac_text) : NULL;
	t->arch = arch_name(answer->arch, t->arch_text);
	hex_format(t->digest, info->digest, DB_DIGEST_LEN);
	if (!boots) {
		return;
	}
	t->farm = answer->farm;
	t->delivery = deliveries[answer->delivery];
	t->server = ip4_format(answer->server, t->server_text);
	t->farm_server = answer->has_farm_server
	    ? ip4_format(answer->farm_server, t->farm_server_text)
	    : NULL;
	t->file = answer->file;
	t->root_path = answer->root_path[0] != '\0' ? answer->root_path : NULL;
}

static json_t *
login_array(const struct boot_answer *answer, bool boots)
{
	char text[IP4_TEXT];
	json_t *array = json_array();
	for (unsigned i = 0; boots && i < answer->login_count; i++) {
		if (json_array_append_new(
			array, json_string(ip4_format(answer->login[i], text))) != 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *
why_array(const struct boot_facts *facts, const struct boot_answer *answer,
    const struct watcher *watcher)
{
	char text[BOOT_REASON_TEXT];
	char frozen_text[WATCHER_TEXT];
	const char *frozen = watcher_frozen(watcher, frozen_text);
	json_t *array = json_array();
	int err = 0;
	for (unsigned i = 0; err == 0 && i < answer->reason_count; i++) {
		err = json_array_append_new(
		    array, json_string(boot_reason_text(facts, answer, i, text)));
	}
	if (err == 0 && frozen != NULL) {
		err = json_array_append_new(array, json_string(frozen));
	}
	if (err != 0) {
		json_decref(array);
		return NULL;
	}
	return array;
}

static json_t *
text_or_null(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

json_t *
report_explain(const struct boot_facts *facts, const struct boot_answer *answer,
    const struct db_info *info, const struct watcher *watcher)
{
	struct telling t;
	tell(&t, facts, answer, info);
	return REPORT_OBJECT({"action", json_string(t.boots ? "boot" : "not-ours")},
	    {"farm", text_or_null(t.farm)}, {"scope", text_or_null(t.scope)},
	    {"device", text_or_null(t.device)}, {"arch", json_string(t.arch)},
	    {"delivery", text_or_null(t.delivery)}, {"server", text_or_null(t.server)},
	    {"farm-server", text_or_null(t.farm_server)},
	    {"file", text_or_null(t.file)}, {"login", login_array(answer, t.boots)},
	    {"root-path", text_or_null(t.root_path)},
	    {"revision", json_integer((json_int_t)info->revision)},
	    {"digest", json_string(t.digest)},
	    {"why", why_array(facts, answer, watcher)});
}

/* What a person reads first when a machine is not ours. */
static const char *const causes[BOOT_CAUSES] = {
    [BOOT_OURS] = "",
    [BOOT_NOT_PXE] = "it is no PXE client",
    [BOOT_NO_SCOPE] = "nothing names a farm for it",
    [BOOT_SCOPE_NONE] = "its scope or device record says none",
    [BOOT_NO_FILE] = "there is no bootstrap for its architecture",
    [BOOT_HTTP] = "it asks for HTTP boot only",
    [BOOT_NO_SERVER] = "there is no server to name",
};

static void
line(FILE *out, const char *name, const char *value)
{
	if (value != NULL) {
		(void)fprintf(out, "  %-14s %s\n", name, value);
	}
}

static void
sent_lines(FILE *out, const struct telling *t, const struct boot_answer *answer)
{
	char text[IP4_TEXT];
	line(out, "farm", t->farm);
	line(out, "server", t->server);
	line(out, "file", t->file);
	line(out, "delivery", t->delivery);
	line(out, "farm server", t->farm_server);
	for (unsigned i = 0; i < answer->login_count; i++) {
		line(out, i == 0 ? "login" : "", ip4_format(answer->login[i], text));
	}
	line(out, "root path", t->root_path);
}

void
report_explain_text(FILE *out, const struct boot_facts *facts,
    const struct boot_answer *answer, const struct db_info *info,
    const struct watcher *watcher)
{
	struct telling t;
	char text[BOOT_REASON_TEXT];
	char frozen[WATCHER_TEXT];
	tell(&t, facts, answer, info);
	(void)fprintf(out, "%s (%s) ",
	    facts->has_mac ? mac_format(&facts->mac, text) : "The machine", t.arch);
	if (t.boots) {
		(void)fprintf(out, "boots from farm %s\n", t.farm);
		sent_lines(out, &t, answer);
	} else {
		(void)fprintf(out, "is not ours: %s\n", causes[answer->cause]);
	}
	line(out, "scope", t.scope);
	line(out, "device record", t.device);
	(void)fprintf(out, "  %-14s revision %" PRIu64 ", digest %.12s\n", "map",
	    info->revision, t.digest);
	for (unsigned i = 0; i < answer->reason_count; i++) {
		line(out, i == 0 ? "because" : "",
		    boot_reason_text(facts, answer, i, text));
	}
	line(out, "", watcher_frozen(watcher, frozen));
}
