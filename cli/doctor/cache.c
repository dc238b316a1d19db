/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/cache/cache.h"

#include "cli/doctor/doctor.h"
#include "lib/base/err.h"
#include "lib/base/text.h"
#include "lib/wire/tftp.h"

/* ---- the farms whose machines fetch from this host; others' files lie elsewhere */

static bool
is_here(const struct doctor *d, const uint32_t *addrs, unsigned count)
{
	bool here = false;
	for (unsigned i = 0; i < count; i++) {
		here = here || nics_has(host_nics(d->host), addrs[i]);
	}
	return here;
}

/* A scope may name boot servers of its own. */
static bool
scopes_are_here(const struct doctor *d, const char *farm)
{
	const char *key;
	json_t *scope;
	json_object_foreach (json_object_get(d->config, "scopes"), key, scope) {
		const char *of = json_string_value(json_object_get(scope, "farm"));
		size_t i;
		json_t *text;
		if (of == NULL || text_casecmp(of, farm) != 0) {
			continue;
		}
		json_array_foreach (json_object_get(scope, "boot-servers"), i, text) {
			uint32_t addr;
			if (json_is_string(text) &&
			    ip4_parse(json_string_value(text), &addr) == 0 &&
			    is_here(d, &addr, 1)) {
				return true;
			}
		}
	}
	return false;
}

/* Where no boot server has an address of this host and yet a TFTP server runs here, targets
 * may reach it by another address. */
static bool
serves(const struct doctor *d, const struct db_farm *farm)
{
	const struct db_settings *settings = &d->settings;
	return farm->delivery == DB_DELIVERY_BOOT_SERVER &&
	    (is_here(d, farm->boot_servers, farm->boot_server_count) ||
		scopes_are_here(d, farm->name) ||
		(host_holds(d->host, 0, TFTP_PORT) &&
		    !is_here(d, settings->boot_servers, settings->boot_server_count)));
}

static int
mark_here(struct doctor *d, const struct db_farm *farm)
{
	if (!serves(d, farm)) {
		return 0;
	}
	for (size_t i = 0; i < d->wants.count; i++) {
		struct want *want = &d->wants.want[i];
		want->here = want->here || want->farm[0] == '\0' ||
		    text_casecmp(want->farm, farm->name) == 0;
	}
	return 0;
}

/* ---- what is published */

static int
mark_published(
    void *ctx, const struct cache_key *key, const struct cache_object *object)
{
	struct wants *wants = ctx;
	struct want *of_farm = wants_named(wants, key->farm, key->file);
	struct want *of_any = wants_named(wants, "", key->file);
	(void)object;
	if (of_farm != NULL) {
		of_farm->published = true;
	}
	if (of_any != NULL) {
		of_any->published = true;
	}
	return 0;
}

/* A cache that is not there yet holds nothing. */
static int
read_cache(struct doctor *d)
{
	struct cache *cache;
	int err = cache_open(d->folders.cache, &cache);
	if (err != 0) {
		return err == ERR_NOTFOUND ? 0 : err;
	}
	err = cache_list(cache, mark_published, &d->wants);
	cache_close(cache);
	return err;
}

static const char *
plural(unsigned count)
{
	return count == 1 ? "" : "s";
}

static void
say_missing(struct doctor *d, const struct want *want)
{
	char name[DB_FARM_NAME_MAX + 1 + DB_FILE_NAME_MAX + 1];
	if (want->farm[0] == '\0') {
		doctor_say(d, DOCTOR_WARNING, want->file,
		    json_sprintf("published for no farm; %u device%s with the farm of "
				 "the scope would fetch it",
			want->devices, plural(want->devices)),
		    json_sprintf("pvsboot bootstrap add FARM %s", want->file));
		return;
	}
	(void)snprintf(name, sizeof(name), "%s/%s", want->farm, want->file);
	doctor_say(d, DOCTOR_PROBLEM, name,
	    want->by_table ? json_string("not published")
			   : json_sprintf("not published; %u device%s would fetch it",
				 want->devices, plural(want->devices)),
	    json_sprintf("pvsboot bootstrap add %s %s%s", want->farm, want->file,
		want->by_table
		    ? "; or, if no such machine boots there, none for its architecture "
		      "in pvsboot.yaml"
		    : ""));
}

int
check_cache(struct doctor *d)
{
	unsigned here = 0;
	unsigned missing = 0;
	int err = doctor_farms(d, mark_here);
	if (err != 0) {
		return err;
	}
	err = read_cache(d);
	if (err != 0) {
		doctor_say(d, DOCTOR_PROBLEM, d->folders.cache,
		    json_string(err_str(err)), json_string(doctor_remedy(err)));
		return 0;
	}
	for (size_t i = 0; i < d->wants.count; i++) {
		const struct want *want = &d->wants.want[i];
		here += want->here ? 1 : 0;
		if (want->here && !want->published) {
			say_missing(d, want);
			missing++;
		}
	}
	if (here > 0 && missing == 0) {
		doctor_say(d, DOCTOR_OK, d->folders.cache,
		    json_sprintf(
			"all %u bootstraps that the map names are published", here),
		    json_null());
	}
	return 0;
}
