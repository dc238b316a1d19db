/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/compile.h"

#include "cli/conf/interval.h"

#include <errno.h>
#include <string.h>

/* The check has seen to it that everything fits its record: what does not is our own bug, and
 * is cut. */
static void
copy_text(char *dst, size_t room, const char *src)
{
	size_t len = strnlen(src, room - 1);
	memcpy(dst, src, len);
	dst[len] = '\0';
}

static unsigned
copy_addrs(uint32_t *dst, size_t room, const struct config_addrs *src)
{
	size_t count = src->count < room ? src->count : room;
	if (count > 0) {
		memcpy(dst, src->addr, count * sizeof(*dst));
	}
	return (unsigned)count;
}

static void
copy_files(struct db_files *dst, const struct config_files *src)
{
	dst->count = 0;
	for (size_t i = 0; i < src->count && dst->count < DB_FILES_MAX; i++) {
		struct db_file *file = &dst->file[dst->count++];
		file->arch = src->file[i].arch;
		copy_text(file->name, sizeof(file->name), src->file[i].name);
	}
}

/* ---- farms ---- */

static void
compile_server(const struct config_server *server, struct db_farm *farm)
{
	struct db_server *ret = &farm->servers[farm->server_count++];
	unsigned first = farm->stream_count;
	unsigned count = copy_addrs(
	    farm->streams + first, DB_STREAMS_MAX - first, &server->streaming);
	*ret = (struct db_server){
	    .addr = server->addr,
	    .weight = (uint8_t)server->weight,
	    .backup = server->backup,
	    .tftp = (server->roles & CONFIG_ROLE_TFTP) != 0,
	    .login = (server->roles & CONFIG_ROLE_LOGIN) != 0,
	    .stream_first = (uint16_t)first,
	    .stream_count = (uint16_t)count,
	};
	farm->stream_count += count;
}

static void
compile_offers(const struct config_offers *offers, struct db_farm *farm)
{
	farm->offer_count = 0;
	for (size_t i = 0; i < offers->count && farm->offer_count < DB_FILES_MAX; i++) {
		const struct config_offer *offer = &offers->offer[i];
		if (offer->form != config_offer_default(offer->arch)) {
			farm->offer[farm->offer_count].arch = offer->arch;
			farm->offer[farm->offer_count++].form = offer->form;
		}
	}
}

static struct db_monitor
compile_monitor(const struct config_monitor *monitor)
{
	return (struct db_monitor){
	    .probe = (enum db_probe)monitor->probe,
	    .interval_ms = monitor->interval_ms,
	    .timeout_ms = monitor->timeout_ms,
	    .downtime_ms = monitor->downtime_ms,
	    .retries = (uint8_t)monitor->retries,
	    .success_retries = (uint8_t)monitor->success_retries,
	    .full_every = (uint16_t)monitor->full_every,
	    .tsb = (monitor->advisory & CONFIG_ADVISORY_TSB) != 0,
	    .pxe = (monitor->advisory & CONFIG_ADVISORY_PXE) != 0,
	};
}

void
config_compile_farm(
    const struct config *config, const struct config_farm *farm, struct db_farm *ret)
{
	const struct config_addrs *boot_servers =
	    farm->boot_servers.count > 0 ? &farm->boot_servers : &config->boot_servers;
	*ret = (struct db_farm){
	    .delivery = (enum db_delivery)farm->delivery,
	    .balance = (enum db_balance)farm->balance,
	    .login = farm->login.kind,
	    .monitor = compile_monitor(&farm->monitor),
	};
	copy_text(ret->name, sizeof(ret->name), farm->name);
	copy_text(ret->root_path, sizeof(ret->root_path),
	    farm->login.root_path != NULL ? farm->login.root_path : "");
	copy_files(&ret->files, &farm->files);
	compile_offers(&farm->offers, ret);
	ret->boot_server_count =
	    copy_addrs(ret->boot_servers, DB_BOOT_SERVERS_MAX, boot_servers);
	for (size_t i = 0; i < farm->servers.count && i < DB_SERVERS_MAX; i++) {
		compile_server(&farm->servers.server[i], ret);
	}
}

static int
put_farms(const struct config *config, struct db_write *w)
{
	for (size_t i = 0; i < config->farms.count; i++) {
		const struct config_farm *farm = &config->farms.farm[i];
		const struct config_pins *pins = &farm->monitor.pins;
		struct db_farm compiled;
		config_compile_farm(config, farm, &compiled);
		int err = db_put_farm(w, &compiled);
		for (size_t p = 0; p < pins->count && err == 0; p++) {
			err = db_put_pin(
			    w, farm->name, pins->pin[p].file, pins->pin[p].sha256);
		}
		if (err != 0) {
			return err;
		}
	}
	return 0;
}

/* ---- scopes ---- */

static void
compile_scope(const struct config_scope *scope, struct db_scope *ret)
{
	copy_text(ret->text, sizeof(ret->text), scope->text);
	copy_text(ret->farm, sizeof(ret->farm), scope->farm);
	copy_files(&ret->files, &scope->files);
	ret->boot_server_count =
	    copy_addrs(ret->boot_servers, DB_BOOT_SERVERS_MAX, &scope->boot_servers);
	ret->reply_delay_ms = scope->reply_delay_ms;
}

/* The scopes of one kind, or (CONFIG_DEFAULT) of every kind, that have a prefix. */
static int
flatten_scopes(const struct config_scopes *scopes, bool with_subnets,
    struct arena *arena, struct interval **ret, size_t *ret_count)
{
	size_t count = 0;
	struct interval_prefix *prefixes =
	    arena_alloc(arena, scopes->count, sizeof(*prefixes));
	struct interval *intervals =
	    arena_alloc(arena, interval_most(scopes->count), sizeof(*intervals));
	if (prefixes == NULL || intervals == NULL) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < scopes->count; i++) {
		const struct config_scope *scope = &scopes->scope[i];
		if (scope->has_prefix &&
		    (with_subnets || scope->kind == CONFIG_PREFIX)) {
			prefixes[count++] =
			    (struct interval_prefix){scope->prefix, scope, i};
		}
	}
	*ret_count = interval_flatten(prefixes, count, intervals);
	*ret = intervals;
	return 0;
}

static int
put_scopes(const struct config *config, struct arena *arena, struct db_write *w)
{
	struct interval *intervals;
	size_t count;
	struct db_scope compiled;
	int err = flatten_scopes(&config->scopes, false, arena, &intervals, &count);
	for (size_t i = 0; err == 0 && i < count; i++) {
		compile_scope(intervals[i].value, &compiled);
		err = db_put_interval(
		    w, intervals[i].first, intervals[i].last, &compiled);
	}
	for (size_t i = 0; err == 0 && i < config->scopes.count; i++) {
		const struct config_scope *scope = &config->scopes.scope[i];
		compile_scope(scope, &compiled);
		if (scope->kind == CONFIG_SUBNET_ID) {
			err = db_put_subnet(w, scope->subnet_id, &compiled);
		} else if (scope->kind == CONFIG_DEFAULT) {
			err = db_put_fallback(w, &compiled);
		}
	}
	return err;
}

/* ---- clients of TFTP ---- */

static int
flatten_listed(const struct config *config, struct arena *arena, struct interval **ret,
    size_t *ret_count)
{
	struct config_addrs boot_servers;
	int err = config_boot_servers(config, arena, &boot_servers);
	if (err != 0) {
		return err;
	}
	size_t count = config->clients.count + boot_servers.count;
	struct interval_prefix *prefixes = arena_alloc(arena, count, sizeof(*prefixes));
	struct interval *intervals =
	    arena_alloc(arena, interval_most(count), sizeof(*intervals));
	if (prefixes == NULL || intervals == NULL) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		size_t server = i - config->clients.count;
		prefixes[i].value = config; /* only "listed" */
		prefixes[i].prefix = i < config->clients.count
		    ? config->clients.prefix[i]
		    : (struct ip4_prefix){boot_servers.addr[server], 32};
	}
	*ret_count = interval_flatten(prefixes, count, intervals);
	*ret = intervals;
	return 0;
}

int
config_clients(const struct config *config, struct arena *arena,
    struct interval_pair **ret, size_t *ret_count)
{
	struct interval *scopes;
	struct interval *listed;
	size_t scopes_count;
	size_t listed_count;
	int err = flatten_scopes(&config->scopes, true, arena, &scopes, &scopes_count);
	if (err != 0) {
		return err;
	}
	err = flatten_listed(config, arena, &listed, &listed_count);
	if (err != 0) {
		return err;
	}
	struct interval_pair *pairs = arena_alloc(
	    arena, interval_most(scopes_count + listed_count), sizeof(*pairs));
	if (pairs == NULL) {
		return -ENOMEM;
	}
	*ret_count =
	    interval_overlay(scopes, scopes_count, listed, listed_count, pairs);
	*ret = pairs;
	return 0;
}

static int
put_clients(const struct config *config, struct arena *arena, struct db_write *w)
{
	struct interval_pair *pairs;
	size_t count;
	int err = config_clients(config, arena, &pairs, &count);
	for (size_t i = 0; err == 0 && i < count; i++) {
		struct db_client client;
		client.listed = pairs[i].b != NULL;
		client.has_scope = pairs[i].a != NULL;
		if (client.has_scope) {
			compile_scope(pairs[i].a, &client.scope);
		}
		err = db_put_client_interval(w, pairs[i].first, pairs[i].last, &client);
	}
	return err;
}

/* ---- settings ---- */

int
config_compile_settings(const struct config *config, struct db_settings *ret)
{
	const struct config_tftp *tftp = &config->tftp;
	const struct config_texts *interfaces = &config->proxy.interfaces;
	const size_t room = sizeof(ret->boot_servers) / sizeof(ret->boot_servers[0]);
	struct arena arena = {0};
	struct config_addrs boot_servers;
	int err = config_boot_servers(config, &arena, &boot_servers);
	if (err != 0) {
		goto out;
	}
	*ret = (struct db_settings){
	    .single_port = tftp->single_port,
	    .port_first = (uint16_t)tftp->ports.first,
	    .port_last = (uint16_t)tftp->ports.last,
	    .relay_only = config->proxy.relay_only,
	    .shadow = config->proxy.mode == CONFIG_MODE_SHADOW,
	};
	for (size_t i = 0; i < tftp->listens.count && i < DB_LISTEN_MAX; i++) {
		ret->listen[i].addr = tftp->listens.listen[i].addr;
		ret->listen[i].port = tftp->listens.listen[i].port;
		ret->listen_count++;
	}
	for (size_t i = 0; i < interfaces->count && i < DB_INTERFACES_MAX; i++) {
		copy_text(ret->interfaces[i], DB_INTERFACE_NAME, interfaces->text[i]);
		ret->interface_count++;
	}
	ret->boot_server_count = copy_addrs(ret->boot_servers, room, &boot_servers);
out:
	arena_done(&arena);
	return err;
}

static int
put_settings(const struct config *config, struct db_write *w)
{
	struct db_settings settings;
	int err = config_compile_settings(config, &settings);
	return err != 0 ? err : db_put_settings(w, &settings);
}

int
config_compile(const struct config *config, struct db_write *w)
{
	struct arena arena = {0};
	int err = db_write_clear(w);
	err = err != 0 ? err : put_farms(config, w);
	err = err != 0 ? err : put_scopes(config, &arena, w);
	err = err != 0 ? err : put_clients(config, &arena, w);
	err = err != 0 ? err : put_settings(config, w);
	arena_done(&arena);
	return err;
}
