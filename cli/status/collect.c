/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/status/status.h"

#include "cli/map.h"
#include "cli/wants.h"
#include "lib/base/err.h"
#include "lib/base/text.h"

#include <errno.h>
#include <stdlib.h>

/* What reading goes by. */
struct collect {
	const struct db_snapshot *snap;
	json_t *config;
	struct wants wants;
	struct db_farm farm; /* the one that is read */
	size_t file_count;
	const struct want **files; /* what its machines may be sent */
	size_t farm_room;
	struct status *status;
};

/* ---- accounts */

/* Without an account there may yet be a verdict, which the decision then goes by. */
static int
read_account(const struct db_snapshot *snap, const struct db_verdict_key *key,
    struct status_account *ret)
{
	struct db_snapshot copy = *snap;
	*ret = (struct status_account){.role = key->role, .addr = key->addr};
	text_copy(ret->file, sizeof(ret->file), key->file);
	int err = db_state_health(snap, key, &ret->health);
	ret->known = err == 0;
	if (err == ERR_NOTFOUND) {
		ret->health = (struct db_health){.verdict = DB_VERDICT_UNPROVEN};
		err = db_source.verdict(&copy, key, &ret->health.verdict);
	}
	return err == ERR_NOTFOUND ? 0 : err;
}

static int
add_account(struct collect *c, struct status_server *server, enum db_role role,
    uint32_t addr, const char *file)
{
	const struct db_verdict_key key = {role, c->farm.name, addr, file};
	int err = read_account(c->snap, &key, &server->accounts[server->account_count]);
	server->account_count += err == 0 ? 1 : 0;
	return err;
}

static int
by_file(const void *a, const void *b)
{
	const struct want *const *first = a;
	const struct want *const *second = b;
	return text_casecmp((*first)->file, (*second)->file);
}

static bool
is_own(const struct collect *c, const struct want *want)
{
	return text_casecmp(want->farm, c->farm.name) == 0;
}

/* The files of the farm that is read, and those that the map names elsewhere: a device's may
 * be of the farm that its scope says, a scope's of the farm that a device says. Each name
 * once. */
static int
find_files(struct collect *c)
{
	size_t count = 0;
	if (c->files == NULL) {
		c->files = calloc(c->wants.count + 1, sizeof(struct want *));
	}
	if (c->files == NULL) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < c->wants.count; i++) {
		const struct want *want = &c->wants.want[i];
		if (is_own(c, want) ||
		    wants_named(&c->wants, c->farm.name, want->file) == NULL) {
			c->files[count++] = want;
		}
	}
	qsort(c->files, count, sizeof(struct want *), by_file);
	c->file_count = 0;
	for (size_t i = 0; i < count; i++) {
		if (i == 0 ||
		    by_file(&c->files[i], &c->files[c->file_count - 1]) != 0) {
			c->files[c->file_count++] = c->files[i];
		}
	}
	return 0;
}

static int
copy_files(const struct collect *c, struct status_farm *farm)
{
	farm->files = calloc(c->file_count + 1, sizeof(*farm->files));
	if (farm->files == NULL) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < c->file_count; i++) {
		text_copy(farm->files[i], sizeof(farm->files[i]), c->files[i]->file);
	}
	farm->file_count = c->file_count;
	return 0;
}

/* What is named elsewhere is this farm's where the watcher, which knows the cache, probed it. */
static int
add_files(struct collect *c, struct status_server *server)
{
	int err = 0;
	for (size_t i = 0; err == 0 && i < c->file_count; i++) {
		const struct want *want = c->files[i];
		err = add_account(c, server, DB_ROLE_TFTP, server->addr, want->file);
		if (err == 0 && !is_own(c, want) &&
		    !server->accounts[server->account_count - 1].known) {
			server->account_count--;
		}
	}
	return err;
}

static int
add_accounts(
    struct collect *c, const struct db_server *from, struct status_server *server)
{
	const struct db_monitor *monitor = &c->farm.monitor;
	const uint32_t *streams = &c->farm.streams[from->stream_first];
	size_t room = c->file_count + from->stream_count + 2;
	server->accounts = calloc(room, sizeof(*server->accounts));
	if (server->accounts == NULL) {
		return -ENOMEM;
	}
	int err = from->tftp ? add_files(c, server) : 0;
	for (unsigned i = 0; err == 0 && from->login && i < from->stream_count; i++) {
		err = add_account(c, server, DB_ROLE_LOGIN, streams[i], "");
	}
	if (err == 0 && monitor->tsb) {
		err = add_account(c, server, DB_ROLE_TSB, from->addr, "");
	}
	if (err == 0 && monitor->pxe) {
		err = add_account(c, server, DB_ROLE_PXE, from->addr, "");
	}
	return err;
}

/* ---- servers */

/* The decision does without names: the configuration alone has them, in the map's order. */
static const char *
server_name(const struct collect *c, unsigned i)
{
	const json_t *farms = json_object_get(c->config, "farms");
	const json_t *servers =
	    json_object_get(json_object_get(farms, c->farm.name), "servers");
	const char *name =
	    json_string_value(json_object_get(json_array_get(servers, i), "name"));
	return name != NULL ? name : "";
}

static int
read_named(const struct collect *c, const char *farm, struct status_server *server)
{
	int err = db_state_named(c->snap, farm, server->addr, &server->named_ms);
	return err == ERR_NOTFOUND ? 0 : err;
}

static int
mark_drain(void *ctx, const struct db_drain *drain)
{
	struct status_farm *farm = ctx;
	for (size_t i = 0; i < farm->server_count; i++) {
		struct status_server *server = &farm->servers[i];
		if (server->addr == drain->addr) {
			server->drained = true;
			server->drain = *drain;
		}
	}
	return 0;
}

static int
read_server(struct collect *c, unsigned i, struct status_server *ret)
{
	const struct db_server *from = &c->farm.servers[i];
	*ret = (struct status_server){.addr = from->addr,
	    .weight = from->weight,
	    .backup = from->backup,
	    .tftp = from->tftp,
	    .login = from->login};
	text_copy(ret->name, sizeof(ret->name), server_name(c, i));
	int err = add_accounts(c, from, ret);
	return err == 0 ? read_named(c, c->farm.name, ret) : err;
}

static int
visit_farm(void *ctx, const struct db_farm *from)
{
	struct collect *c = ctx;
	struct status *status = c->status;
	if (status->farm_count == c->farm_room) {
		size_t room = c->farm_room > 0 ? 2 * c->farm_room : 8;
		void *grown = reallocarray(status->farms, room, sizeof(*status->farms));
		if (grown == NULL) {
			return -ENOMEM;
		}
		status->farms = grown;
		c->farm_room = room;
	}
	struct status_farm *farm = &status->farms[status->farm_count++];
	*farm = (struct status_farm){.delivery = from->delivery,
	    .balance = from->balance,
	    .probe = from->monitor.probe,
	    .servers = calloc(from->server_count + 1, sizeof(*farm->servers))};
	text_copy(farm->name, sizeof(farm->name), from->name);
	int err = farm->servers != NULL ? find_files(c) : -ENOMEM;
	if (err == 0) {
		err = copy_files(c, farm);
	}
	for (unsigned i = 0; err == 0 && i < from->server_count; i++) {
		err = read_server(c, i, &farm->servers[farm->server_count++]);
	}
	return err == 0 ? db_map_drain_notes(c->snap, farm->name, mark_drain, farm)
			: err;
}

static int
read_boot_server(const struct collect *c, uint32_t addr, struct status_server *ret)
{
	const struct db_verdict_key key = {DB_ROLE_BOOT_SERVER, "", addr, ""};
	*ret = (struct status_server){
	    .addr = addr, .accounts = calloc(1, sizeof(*ret->accounts))};
	if (ret->accounts == NULL) {
		return -ENOMEM;
	}
	ret->account_count = 1;
	int err = read_account(c->snap, &key, ret->accounts);
	return err == 0 ? read_named(c, "", ret) : err;
}

static int
read_boot_servers(struct collect *c)
{
	struct db_settings settings;
	struct status_farm *boot = &c->status->boot;
	int err = db_map_settings(c->snap, &settings);
	if (err != 0) {
		return err;
	}
	boot->servers = calloc(settings.boot_server_count + 1, sizeof(*boot->servers));
	if (boot->servers == NULL) {
		return -ENOMEM;
	}
	for (unsigned i = 0; err == 0 && i < settings.boot_server_count; i++) {
		err = read_boot_server(
		    c, settings.boot_servers[i], &boot->servers[boot->server_count++]);
	}
	return err == 0 ? db_map_drain_notes(c->snap, "", mark_drain, boot) : err;
}

/* ---- the whole */

static int
read_all(struct collect *c)
{
	int err = db_map_info(c->snap, &c->status->info);
	if (err == 0) {
		err = map_config(c->snap, &c->config);
	}
	if (err == 0) {
		err = wants_find(c->snap, c->config, &c->wants);
	}
	if (err == 0) {
		err = db_map_farms(c->snap, &c->farm, visit_farm, c);
	}
	return err == 0 ? read_boot_servers(c) : err;
}

int
status_collect(
    const struct db_snapshot *snap, const struct db_heartbeat *now, struct status **ret)
{
	struct status *status = calloc(1, sizeof(*status));
	struct collect *c = calloc(1, sizeof(*c));
	int err = -ENOMEM;
	if (status == NULL || c == NULL) {
		goto out;
	}
	c->snap = snap;
	c->status = status;
	status->now_ms = now->time_ms;
	watcher_at(snap, now, &status->watcher);
	err = read_all(c);
	json_decref(c->config);
	wants_done(&c->wants);
	free(c->files);
out:
	free(c);
	if (err != 0) {
		status_free(status);
		return err;
	}
	*ret = status;
	return 0;
}

static void
farm_done(struct status_farm *farm)
{
	for (size_t i = 0; i < farm->server_count; i++) {
		free(farm->servers[i].accounts);
	}
	free(farm->servers);
	free(farm->files);
}

void
status_free(struct status *status)
{
	if (status == NULL) {
		return;
	}
	for (size_t i = 0; i < status->farm_count; i++) {
		farm_done(&status->farms[i]);
	}
	farm_done(&status->boot);
	free(status->farms);
	free(status);
}

void
status_tally(const struct status_farm *farm, enum db_role role, const char *file,
    struct status_tally *ret)
{
	struct status_tally tally = {.up = 0};
	for (size_t i = 0; i < farm->server_count; i++) {
		const struct status_server *server = &farm->servers[i];
		for (size_t k = 0; !server->drained && k < server->account_count; k++) {
			const struct status_account *account = &server->accounts[k];
			bool is = account->role == role &&
			    text_casecmp(account->file, file) == 0;
			enum db_verdict verdict = account->health.verdict;
			tally.up += is && verdict == DB_VERDICT_UP ? 1 : 0;
			tally.unproven += is && verdict == DB_VERDICT_UNPROVEN ? 1 : 0;
			tally.down += is && verdict == DB_VERDICT_DOWN ? 1 : 0;
			if (is && verdict == DB_VERDICT_DOWN && tally.down == 1) {
				tally.first_down = account;
			}
		}
	}
	*ret = tally;
}

bool
status_fails(const struct status_account *account)
{
	const struct db_health *health = &account->health;
	return account->known && health->probes > 0 && !health->last_good;
}
