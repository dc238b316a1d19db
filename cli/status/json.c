/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/status/status.h"

#include "cli/conf/config.h"
#include "lib/base/hex.h"
#include "lib/base/text.h"
#include "lib/report/object.h"

/* The fields of both, in that order. */
static json_t *
join(json_t *first, json_t *second)
{
	if (first == NULL || second == NULL || json_object_update(first, second) != 0) {
		json_decref(first);
		first = NULL;
	}
	json_decref(second);
	return first;
}

/* Appends; an array that was or becomes not whole is NULL. */
static json_t *
append(json_t *array, json_t *value)
{
	if (array == NULL) {
		json_decref(value);
		return NULL;
	}
	if (json_array_append_new(array, value) != 0) {
		json_decref(array);
		return NULL;
	}
	return array;
}

static json_t *
number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *
text_or_null(const char *text)
{
	return text[0] != '\0' ? json_string(text) : json_null();
}

static json_t *
address(uint32_t addr)
{
	char text[IP4_TEXT];
	return json_string(ip4_format(addr, text));
}

static json_t *
time_or_null(int64_t ms)
{
	char text[TEXT_TIME];
	return ms != 0 ? text_or_null(text_time_format(ms, text)) : json_null();
}

static json_t *
hash(const uint8_t sha256[static DB_DIGEST_LEN])
{
	char text[HEX_SHA256_TEXT];
	return json_string(hex_format(text, sha256, DB_DIGEST_LEN));
}

static json_t *
account_json(const struct status_account *account)
{
	const struct db_health *h = &account->health;
	bool known = account->known;
	return REPORT_OBJECT({"verdict", json_string(db_verdict_text(h->verdict))},
	    {"since", time_or_null(h->since_ms)},
	    {"probes", known ? number(h->probes) : json_null()},
	    {"failures", known ? number(h->failures) : json_null()},
	    {"consecutive", known ? number(h->consecutive) : json_null()},
	    {"last-good", time_or_null(h->last_good_ms)},
	    {"last-bad", time_or_null(h->last_bad_ms)},
	    {"last-probe", time_or_null(h->last_ms)},
	    {"latency-ms", h->last_good_ms != 0 ? number(h->latency_ms) : json_null()},
	    {"last-error", text_or_null(h->error)},
	    {"revision", known ? number(h->revision) : json_null()});
}

static json_t *
drift_json(const struct db_health *h)
{
	return h->drifts ? REPORT_OBJECT({"since", time_or_null(h->drifts_since_ms)},
			       {"expected", hash(h->expected)})
			 : json_null();
}

static json_t *
file_json(const struct status_account *account)
{
	const struct db_health *h = &account->health;
	json_t *file = REPORT_OBJECT({"file", json_string(account->file)});
	json_t *copy =
	    REPORT_OBJECT({"sha256", h->has_sha256 ? hash(h->sha256) : json_null()},
		{"size", h->has_sha256 ? number(h->size) : json_null()},
		{"drift", drift_json(h)});
	return join(join(file, account_json(account)), copy);
}

static json_t *
login_json(const struct status_account *account)
{
	return join(
	    REPORT_OBJECT({"address", address(account->addr)}), account_json(account));
}

static json_t *
advisory_json(const struct status_account *account)
{
	const char *probe = account->role == DB_ROLE_TSB ? "tsb" : "pxe";
	return join(
	    REPORT_OBJECT({"probe", json_string(probe)}), account_json(account));
}

static json_t *
drained_json(const struct status_server *server)
{
	const struct db_drain *drain = &server->drain;
	return server->drained
	    ? REPORT_OBJECT({"since", time_or_null(drain->time_s * 1000)},
		  {"user", text_or_null(drain->user)},
		  {"note", text_or_null(drain->note)})
	    : json_null();
}

static json_t *
roles_json(const struct status_server *server)
{
	json_t *roles = json_array();
	roles = server->tftp ? append(roles, json_string("tftp")) : roles;
	return server->login ? append(roles, json_string("login")) : roles;
}

static json_t *
server_json(const struct status_server *server)
{
	json_t *files = json_array();
	json_t *login = json_array();
	json_t *advisory = json_array();
	for (size_t i = 0; i < server->account_count; i++) {
		const struct status_account *account = &server->accounts[i];
		if (account->role == DB_ROLE_TFTP) {
			files = append(files, file_json(account));
		} else if (account->role == DB_ROLE_LOGIN) {
			login = append(login, login_json(account));
		} else {
			advisory = append(advisory, advisory_json(account));
		}
	}
	return REPORT_OBJECT({"address", address(server->addr)},
	    {"name", text_or_null(server->name)}, {"weight", number(server->weight)},
	    {"backup", json_boolean(server->backup)}, {"roles", roles_json(server)},
	    {"drained", drained_json(server)},
	    {"last-named", time_or_null(server->named_ms)}, {"files", files},
	    {"login", login}, {"advisory", advisory});
}

static json_t *
farm_json(const struct status_farm *farm)
{
	json_t *servers = json_array();
	for (size_t i = 0; i < farm->server_count; i++) {
		servers = append(servers, server_json(&farm->servers[i]));
	}
	return REPORT_OBJECT({"farm", json_string(farm->name)},
	    {"delivery", json_string(config_delivery_words[farm->delivery])},
	    {"balance", json_string(config_balance_words[farm->balance])},
	    {"probe", json_string(config_probe_words[farm->probe])},
	    {"servers", servers});
}

static json_t *
boot_server_json(const struct status_server *server)
{
	return join(login_json(server->accounts),
	    REPORT_OBJECT({"drained", drained_json(server)},
		{"last-named", time_or_null(server->named_ms)}));
}

json_t *
status_json(const struct status *status)
{
	json_t *farms = json_array();
	json_t *boot = json_array();
	for (size_t i = 0; i < status->farm_count; i++) {
		farms = append(farms, farm_json(&status->farms[i]));
	}
	for (size_t i = 0; i < status->boot.server_count; i++) {
		boot = append(boot, boot_server_json(&status->boot.servers[i]));
	}
	return REPORT_OBJECT({"revision", number(status->info.revision)},
	    {"digest", hash(status->info.digest)},
	    {"watcher", watcher_json(&status->watcher)}, {"farms", farms},
	    {"boot-servers", boot});
}
