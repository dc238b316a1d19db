/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/boot/admit.h"

#include "lib/base/err.h"

#include <string.h>

static bool
is_farm(const struct db_scope *scope)
{
	return scope->farm[0] != '\0';
}

/* What the map knows a source by: 0, also when it knows nothing, or a failure. */
static int
read_client(
    uint32_t source, const struct db_source *from, void *snap, struct db_client *ret)
{
	int err = from->client(snap, source, ret);
	if (err == ERR_NOTFOUND) {
		ret->listed = false;
		ret->has_scope = false;
		return 0;
	}
	return err;
}

int
boot_admit(uint32_t source, const struct db_source *from, void *snap, bool *ret)
{
	if (ip4_is_loopback(source)) {
		*ret = true;
		return 0;
	}
	struct db_client client;
	int err = read_client(source, from, snap, &client);
	if (err != 0) {
		return err;
	}
	if (client.listed || (client.has_scope && is_farm(&client.scope))) {
		*ret = true;
		return 0;
	}
	struct db_scope fallback;
	err = from->fallback(snap, &fallback);
	if (err != 0 && err != ERR_NOTFOUND) {
		return err;
	}
	*ret = err == 0 && is_farm(&fallback);
	return 0;
}

int
boot_plain_farm(uint32_t source, const struct db_source *from, void *snap,
    char ret_farm[static DB_FARM_NAME_MAX + 1])
{
	struct db_client client;
	struct db_scope fallback;
	const struct db_scope *scope = &client.scope;
	int err = read_client(source, from, snap, &client);
	if (err == 0 && !client.has_scope) {
		scope = &fallback;
		err = from->fallback(snap, &fallback);
	}
	if (err != 0) {
		return err;
	}
	if (!is_farm(scope)) {
		return ERR_NOTFOUND;
	}
	memcpy(ret_farm, scope->farm, strlen(scope->farm) + 1);
	return 0;
}
