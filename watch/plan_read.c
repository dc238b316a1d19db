/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/base/err.h"
#include "lib/base/text.h"
#include "watch/plan.h"
#include "watch/plan_order.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* What is remembered of a farm until its files on the boot servers are known. */
struct reading_farm {
	char name[DB_FARM_NAME_MAX + 1];
	struct db_monitor monitor;
	bool by_boot_server;
};

/* A map on its way to a plan. */
struct reading {
	struct db_snapshot *snap;
	struct names held;    /* by the cache */
	struct names wanted;  /* by machines of a farm */
	struct names serving; /* boot servers, with the farms that they serve */
	struct names scoped;  /* files that scopes name */
	bool own_farms;       /* a device has one */
	struct reading_farm *farms;
	size_t farm_count;
	struct plan plan;
	size_t room; /* for targets */
	struct db_settings settings;
	struct db_farm farm; /* room of the walk */
};

/* ---- what is named */

static int
note_held(void *ctx, const struct cache_key *key, const struct cache_object *object)
{
	struct reading *r = ctx;
	(void)object;
	return names_add(&r->held, key->farm, 0, key->file, NAMES_OF_FARM);
}

/* What of a cache cannot be read holds nothing. */
static int
read_cache(struct reading *r, const struct cache *cache)
{
	int err = cache != NULL ? cache_list(cache, note_held, r) : 0;
	return err == -ENOMEM ? err : 0;
}

static int
note_serving(struct reading *r, const char *farm, const uint32_t *addrs, unsigned count)
{
	int err = 0;
	for (unsigned i = 0; i < count && err == 0; i++) {
		err = names_add(&r->serving, farm, addrs[i], "", NAMES_OF_FARM);
	}
	return err;
}

static int
read_scope(void *ctx, const struct db_scope *scope)
{
	struct reading *r = ctx;
	if (scope->farm[0] == '\0') {
		return 0;
	}
	int err =
	    names_add_files(&r->wanted, scope->farm, &scope->files, NAMES_OF_SCOPE);
	if (err == 0) {
		err = names_add_files(&r->scoped, "", &scope->files, NAMES_OF_SCOPE);
	}
	return err != 0 ? err
			: note_serving(r, scope->farm, scope->boot_servers,
			      scope->boot_server_count);
}

static int
read_device(void *ctx, const struct db_device *device)
{
	struct reading *r = ctx;
	switch (device->which) {
	case DB_DEVICE_FARM:
		r->own_farms = true;
		return names_add_files(
		    &r->wanted, device->farm, &device->files, NAMES_OF_DEVICE);
	case DB_DEVICE_INHERITS:
		return names_add_files(
		    &r->plan.loose, "", &device->files, NAMES_OF_DEVICE);
	case DB_DEVICE_NONE:
		break;
	}
	return 0;
}

static int
read_names(struct reading *r)
{
	int err = db_map_scopes(r->snap, read_scope, r);
	if (err == 0) {
		err = db_map_devices(r->snap, read_device, r);
	}
	if (err == 0 && r->own_farms) {
		err = names_add_all(&r->plan.loose, &r->scoped);
	}
	return err;
}

/* ---- targets */

static int
make_room(struct reading *r)
{
	size_t room = 2 * r->room + 64;
	if (r->plan.count < r->room) {
		return 0;
	}
	void *more = realloc(r->plan.targets, room * sizeof(*r->plan.targets));
	if (more == NULL) {
		return -ENOMEM;
	}
	r->plan.targets = more;
	r->room = room;
	return 0;
}

static enum probe_kind
kind_of(enum db_role role, enum db_probe probe)
{
	switch (role) {
	case DB_ROLE_TFTP:
		return probe == DB_PROBE_TFTP_REPLY ? PROBE_TFTP_REPLY
						    : PROBE_BOOTSTRAP;
	case DB_ROLE_LOGIN:
		return PROBE_LOGIN;
	case DB_ROLE_TSB:
		return PROBE_TSB;
	case DB_ROLE_PXE:
		return PROBE_PXE;
	case DB_ROLE_BOOT_SERVER:
		break;
	}
	return PROBE_BOOTSTRAP;
}

static void
name_on_wire(struct target *target)
{
	bool of_farm = target->role == DB_ROLE_BOOT_SERVER;
	(void)snprintf(target->name, sizeof(target->name), "%s%s%s",
	    of_farm ? target->farm : "", of_farm ? "/" : "", target->file);
}

static int
find_pin(struct reading *r, struct target *target)
{
	int err = target->file[0] != '\0'
	    ? db_map_pin(r->snap, target->farm, target->file, target->pin)
	    : ERR_NOTFOUND;
	target->has_pin = err == 0;
	return err == ERR_NOTFOUND ? 0 : err;
}

static int
add_target(struct reading *r, const struct db_verdict_key *key,
    const struct db_monitor *monitor)
{
	if (make_room(r) != 0) {
		return -ENOMEM;
	}
	struct target *target = calloc(1, sizeof(*target));
	if (target == NULL) {
		return -ENOMEM;
	}
	r->plan.targets[r->plan.count++] = target;
	target->role = key->role;
	target->addr = key->addr;
	target->kind = kind_of(key->role, monitor->probe);
	target->monitor = *monitor;
	target->publishes = key->role == DB_ROLE_TFTP;
	(void)text_copy(target->farm, sizeof(target->farm), key->farm);
	(void)text_copy(target->file, sizeof(target->file), key->file);
	name_on_wire(target);
	return find_pin(r, target);
}

static int
add_files(struct reading *r, uint32_t addr)
{
	struct names_span wanted = names_of(&r->wanted, r->farm.name);
	int err = 0;
	for (size_t i = 0; i < wanted.count && err == 0; i++) {
		const struct db_verdict_key key = {
		    DB_ROLE_TFTP, r->farm.name, addr, wanted.name[i].file};
		err = add_target(r, &key, &r->farm.monitor);
	}
	return err;
}

static int
add_logins(struct reading *r, const struct db_server *server)
{
	int err = 0;
	for (unsigned i = 0; i < server->stream_count && err == 0; i++) {
		const struct db_verdict_key key = {DB_ROLE_LOGIN, r->farm.name,
		    r->farm.streams[server->stream_first + i], ""};
		err = add_target(r, &key, &r->farm.monitor);
	}
	return err;
}

static int
add_advisory(struct reading *r, enum db_role role, uint32_t addr)
{
	const struct db_verdict_key key = {role, r->farm.name, addr, ""};
	return add_target(r, &key, &r->farm.monitor);
}

static int
add_server(struct reading *r, const struct db_server *server)
{
	int err = 0;
	if (server->tftp) {
		err = add_files(r, server->addr);
	}
	if (err == 0 && server->login) {
		err = add_logins(r, server);
	}
	if (err == 0 && r->farm.monitor.tsb) {
		err = add_advisory(r, DB_ROLE_TSB, server->addr);
	}
	if (err == 0 && r->farm.monitor.pxe) {
		err = add_advisory(r, DB_ROLE_PXE, server->addr);
	}
	return err;
}

/* ---- farms */

static int
want_files(struct reading *r)
{
	const struct names *loose = &r->plan.loose;
	const char *farm = r->farm.name;
	int err = names_add_files(&r->wanted, farm, &r->farm.files, NAMES_OF_FARM);
	for (size_t i = 0; i < loose->count && err == 0; i++) {
		const char *file = loose->name[i].file;
		if (names_find(&r->held, farm, 0, file) != NULL) {
			err = names_add(&r->wanted, farm, 0, file, NAMES_OF_DEVICE);
		}
	}
	return err;
}

static int
note_farm(struct reading *r)
{
	const struct db_farm *farm = &r->farm;
	void *more = realloc(r->farms, (r->farm_count + 1) * sizeof(*r->farms));
	if (more == NULL) {
		return -ENOMEM;
	}
	r->farms = more;
	struct reading_farm *noted = &r->farms[r->farm_count++];
	*noted = (struct reading_farm){.monitor = farm->monitor,
	    .by_boot_server = farm->delivery == DB_DELIVERY_BOOT_SERVER};
	(void)text_copy(noted->name, sizeof(noted->name), farm->name);
	return note_serving(r, farm->name, farm->boot_servers, farm->boot_server_count);
}

static int
read_farm(void *ctx, const struct db_farm *farm)
{
	struct reading *r = ctx;
	int err = note_farm(r);
	if (err == 0) {
		err = want_files(r);
	}
	if (farm->monitor.probe == DB_PROBE_NONE) {
		return err;
	}
	for (unsigned i = 0; i < farm->server_count && err == 0; i++) {
		err = add_server(r, &farm->servers[i]);
	}
	return err;
}

/* ---- boot servers */

/* The port to ask a boot server at; 0: that of TFTP. Where its responder listens at others
 * alone, the network leads machines from that of TFTP to one of them, but hardly what this host
 * sends to itself. */
static uint16_t
served_port(const struct db_settings *settings, uint32_t addr)
{
	uint16_t port = 0;
	for (unsigned i = 0; i < settings->listen_count; i++) {
		uint32_t at = settings->listen[i].addr;
		if (at != 0 && at != addr) {
			continue;
		}
		if (settings->listen[i].port == TFTP_PORT) {
			return 0;
		}
		port = port != 0 ? port : settings->listen[i].port;
	}
	return port;
}

static int
add_served(struct reading *r, uint32_t addr, const struct reading_farm *farm,
    const struct name *wanted)
{
	const struct db_verdict_key key = {
	    DB_ROLE_BOOT_SERVER, farm->name, addr, wanted->file};
	int err = add_target(r, &key, &farm->monitor);
	if (err == 0) {
		r->plan.targets[r->plan.count - 1]->port =
		    served_port(&r->settings, addr);
	}
	return err;
}

static bool
serves(const struct reading *r, uint32_t addr, const struct reading_farm *farm)
{
	return farm->by_boot_server &&
	    names_find(&r->serving, farm->name, addr, "") != NULL;
}

static int
add_held(struct reading *r, uint32_t addr, const struct reading_farm *farm)
{
	struct names_span wanted = names_of(&r->wanted, farm->name);
	int err = 0;
	for (size_t i = 0; i < wanted.count && err == 0; i++) {
		if (names_find(&r->held, farm->name, 0, wanted.name[i].file) != NULL) {
			err = add_served(r, addr, farm, &wanted.name[i]);
		}
	}
	return err;
}

/* The first file of a farm that it serves, else of any. */
static int
add_first(struct reading *r, uint32_t addr)
{
	const struct reading_farm *first = NULL;
	for (size_t i = 0; i < r->farm_count; i++) {
		const struct reading_farm *farm = &r->farms[i];
		bool has_files = names_of(&r->wanted, farm->name).count > 0;
		if (has_files && serves(r, addr, farm)) {
			first = farm;
			break;
		}
		if (has_files && first == NULL) {
			first = farm;
		}
	}
	return first == NULL
	    ? 0
	    : add_served(r, addr, first, names_of(&r->wanted, first->name).name);
}

static int
add_boot_server(struct reading *r, uint32_t addr)
{
	size_t before = r->plan.count;
	int err = 0;
	for (size_t i = 0; i < r->farm_count && err == 0; i++) {
		if (serves(r, addr, &r->farms[i])) {
			err = add_held(r, addr, &r->farms[i]);
		}
	}
	return err != 0 || r->plan.count > before ? err : add_first(r, addr);
}

static int
read_boot_servers(struct reading *r)
{
	int err = db_map_settings(r->snap, &r->settings);
	if (err == ERR_NOTFOUND) {
		return 0;
	}
	for (unsigned i = 0; err == 0 && i < r->settings.boot_server_count; i++) {
		err = add_boot_server(r, r->settings.boot_servers[i]);
	}
	return err;
}

/* ---- the whole */

static int
read_all(struct reading *r, const struct cache *cache)
{
	int err = db_map_revision(r->snap, &r->plan.revision);
	if (err == 0) {
		err = read_cache(r, cache);
	}
	if (err == 0) {
		err = read_names(r);
	}
	if (err == 0) {
		err = db_map_farms(r->snap, &r->farm, read_farm, r);
	}
	if (err == 0) {
		err = read_boot_servers(r);
	}
	plan_sort(&r->plan);
	return err;
}

int
plan_read(struct db_snapshot *snap, const struct cache *cache, struct plan *old,
    struct plan *ret)
{
	struct reading *r = calloc(1, sizeof(*r));
	if (r == NULL) {
		return -ENOMEM;
	}
	r->snap = snap;
	int err = read_all(r, cache);
	if (err == 0) {
		r->plan.copies = calloc(r->plan.count + 1, sizeof(*r->plan.copies));
		err = r->plan.copies == NULL ? -ENOMEM : 0;
	}
	if (err == 0) {
		plan_inherit(old, &r->plan);
		plan_sort_copies(&r->plan);
		*ret = r->plan;
	} else {
		plan_done(&r->plan);
	}
	names_done(&r->held);
	names_done(&r->wanted);
	names_done(&r->serving);
	names_done(&r->scoped);
	free(r->farms);
	free(r);
	return err;
}
