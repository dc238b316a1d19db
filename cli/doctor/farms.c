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

/* ---- servers that the bootstraps come from */

static int
check_farm(struct doctor *d, const struct db_farm *farm)
{
	struct db_drains drains = {.count = 0};
	unsigned tftp = 0;
	unsigned drained = 0;
	char last[IP4_TEXT] = ""; /* of the drained */
	int err = db_source.drains(&d->snap, farm->name, &drains);
	if (err != 0 && err != ERR_NOTFOUND) {
		return err;
	}
	for (unsigned i = 0; i < farm->server_count; i++) {
		const struct db_server *server = &farm->servers[i];
		tftp += server->tftp ? 1 : 0;
		if (server->tftp && choose_is_drained(&drains, server->addr)) {
			ip4_format(server->addr, last);
			drained++;
		}
	}
	if (tftp == 0) {
		doctor_say(d, DOCTOR_ADVICE, farm->name,
		    json_string("no server has the role tftp: its bootstraps are those "
				"that are published by hand"),
		    json_null());
	} else if (drained == tftp) {
		doctor_say(d, DOCTOR_WARNING, farm->name,
		    json_string("every server with the role tftp is drained: they are "
				"used all the same"),
		    json_sprintf("put one back into service: pvsboot undrain %s/%s",
			farm->name, last));
	} else {
		doctor_say(d, DOCTOR_OK, farm->name,
		    json_sprintf("%u of %u servers with the role tftp in service",
			tftp - drained, tftp),
		    json_null());
	}
	return 0;
}

int
check_servers(struct doctor *d)
{
	return doctor_farms(d, check_farm);
}
