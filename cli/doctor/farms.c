/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/doctor/doctor.h"
#include "lib/base/err.h"
#include "lib/boot/choose.h"

#include <string.h>

/* ---- scopes whose machines TFTP cannot know */

/* True when TFTP admits sources that no scope's prefix has. */
static int
admits_others(struct doctor *d, bool *ret)
{
	struct db_scope fallback;
	int err = db_source.fallback(&d->snap, &fallback);
	if (err != 0 && err != ERR_NOTFOUND) {
		return err;
	}
	*ret = (err == 0 && fallback.farm[0] != '\0') ||
	    json_array_size(json_object_get(d->config, "clients")) > 0;
	return 0;
}

static int
check_scope(struct doctor *d, const char *key, const json_t *scope)
{
	const char *name = json_string_value(json_object_get(scope, "farm"));
	struct db_farm farm;
	if (strncmp(key, "subnet-id ", strlen("subnet-id ")) != 0 || name == NULL ||
	    strcmp(name, "none") == 0 || json_object_get(scope, "prefix") != NULL) {
		return 0;
	}
	int err = db_source.farm(&d->snap, name, &farm);
	if (err == 0 && farm.delivery == DB_DELIVERY_BOOT_SERVER) {
		doctor_say(d, DOCTOR_WARNING, key,
		    json_string(
			"without a prefix: TFTP does not know its addresses, and "
			"admits only those that another scope has"),
		    json_sprintf(
			"%s: {farm: %s, prefix: ADDRESS/LENGTH}", key, farm.name));
	}
	return err;
}

int
check_scopes(struct doctor *d)
{
	const char *key;
	json_t *scope;
	bool others = false;
	int err = admits_others(d, &others);
	if (err != 0 || others) {
		return err;
	}
	json_object_foreach (json_object_get(d->config, "scopes"), key, scope) {
		err = err != 0 ? err : check_scope(d, key, scope);
	}
	return err;
}

/* ---- servers in service */

/* How many of a farm's servers have a role, and of those are drained. */
struct service {
	unsigned count;
	unsigned drained;
	uint32_t last_drained;
};

static void
serve(struct service *service, uint32_t addr, bool drained)
{
	service->count++;
	if (drained) {
		service->drained++;
		service->last_drained = addr;
	}
}

static void
say_all_drained(
    struct doctor *d, const char *farm, const char *role, const struct service *service)
{
	char addr[IP4_TEXT];
	if (service->count > 0 && service->drained == service->count) {
		doctor_say(d, DOCTOR_WARNING, farm,
		    json_sprintf("every server with the role %s is drained: they are "
				 "used all the same",
			role),
		    json_sprintf("put one back into service: pvsboot undrain %s/%s",
			farm, ip4_format(service->last_drained, addr)));
	}
}

static void
say_service(struct doctor *d, const char *farm, const struct service *tftp)
{
	if (tftp->count == 0) {
		doctor_say(d, DOCTOR_ADVICE, farm,
		    json_string("no server has the role tftp: its bootstraps are those "
				"that are published by hand"),
		    json_null());
	} else if (tftp->drained < tftp->count) {
		doctor_say(d, DOCTOR_OK, farm,
		    json_sprintf("%u of %u servers with the role tftp in service",
			tftp->count - tftp->drained, tftp->count),
		    json_null());
	}
}

static int
check_farm(struct doctor *d, const struct db_farm *farm)
{
	struct db_drains drains = {.count = 0};
	struct service tftp = {0};
	struct service login = {0};
	int err = db_source.drains(&d->snap, farm->name, &drains);
	if (err != 0 && err != ERR_NOTFOUND) {
		return err;
	}
	for (unsigned i = 0; i < farm->server_count; i++) {
		const struct db_server *server = &farm->servers[i];
		bool drained = choose_is_drained(&drains, server->addr);
		if (server->tftp) {
			serve(&tftp, server->addr, drained);
		}
		if (server->login) {
			serve(&login, server->addr, drained);
		}
	}
	say_service(d, farm->name, &tftp);
	say_all_drained(d, farm->name, "tftp", &tftp);
	say_all_drained(d, farm->name, "login", &login);
	return 0;
}

/* ---- drains that outlived their server */

static bool
has_server(const struct db_farm *farm, uint32_t addr)
{
	for (unsigned i = 0; i < farm->server_count; i++) {
		if (farm->servers[i].addr == addr) {
			return true;
		}
	}
	return false;
}

static bool
has_boot_server(const struct db_settings *settings, uint32_t addr)
{
	for (unsigned i = 0; i < settings->boot_server_count; i++) {
		if (settings->boot_servers[i] == addr) {
			return true;
		}
	}
	return false;
}

static void
say_outlived(struct doctor *d, const char *farm, uint32_t addr)
{
	char text[IP4_TEXT];
	bool boot = farm[0] == '\0';
	ip4_format(addr, text);
	doctor_say(d, DOCTOR_ADVICE, boot ? NULL : farm,
	    json_sprintf("%s is drained, and no %s any more", text,
		boot ? "boot server" : "server of the farm"),
	    json_sprintf("unless it comes back: pvsboot undrain %s%s%s", farm,
		boot ? "" : "/", text));
}

static int
check_drains(void *ctx, const char *name, const struct db_drains *drains)
{
	struct doctor *d = ctx;
	struct db_farm farm;
	farm.server_count = 0;
	int err = name[0] != '\0' ? db_source.farm(&d->snap, name, &farm) : 0;
	if (err != 0 && err != ERR_NOTFOUND) {
		return err;
	}
	for (unsigned i = 0; i < drains->count; i++) {
		bool there = name[0] != '\0'
		    ? has_server(&farm, drains->addr[i])
		    : has_boot_server(&d->settings, drains->addr[i]);
		if (!there) {
			say_outlived(d, name, drains->addr[i]);
		}
	}
	return 0;
}

int
check_servers(struct doctor *d)
{
	int err = doctor_farms(d, check_farm);
	return err == 0 ? db_map_drains(&d->snap, check_drains, d) : err;
}
