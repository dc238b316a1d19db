/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tests/unit/world.h"

#include "lib/base/err.h"
#include "lib/base/text.h"
#include "lib/wire/arch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Counts a call; true when it is the one to fail. */
static bool
fails(struct world *w)
{
	w->calls++;
	return w->calls == w->fail_at;
}

static int
device(void *snap, const struct mac *mac, struct db_device *ret)
{
	struct world *w = snap;
	if (fails(w)) {
		return -EIO;
	}
	for (unsigned i = 0; i < w->device_count; i++) {
		if (mac_equal(&w->devices[i].mac, mac)) {
			*ret = w->devices[i];
			return 0;
		}
	}
	return ERR_NOTFOUND;
}

/* The used part of a record only, as a decoder would write it. */
static void
scope_copy(struct db_scope *dst, const struct db_scope *src)
{
	memcpy(dst->text, src->text, sizeof(dst->text));
	memcpy(dst->farm, src->farm, sizeof(dst->farm));
	dst->files.count = src->files.count;
	memcpy(dst->files.file, src->files.file,
	    src->files.count * sizeof(src->files.file[0]));
	dst->boot_server_count = src->boot_server_count;
	memcpy(dst->boot_servers, src->boot_servers,
	    src->boot_server_count * sizeof(src->boot_servers[0]));
	dst->reply_delay_ms = src->reply_delay_ms;
}

static int
subnet(void *snap, uint32_t subnet_id, struct db_scope *ret)
{
	struct world *w = snap;
	if (fails(w)) {
		return -EIO;
	}
	for (unsigned i = 0; i < w->subnet_count; i++) {
		if (w->subnet_ids[i] == subnet_id) {
			scope_copy(ret, &w->subnets[i]);
			return 0;
		}
	}
	return ERR_NOTFOUND;
}

static const struct db_scope *
longest(const struct world *w, uint32_t addr)
{
	const struct db_scope *found = NULL;
	uint8_t len = 0;
	for (unsigned i = 0; i < w->prefix_count; i++) {
		const struct ip4_prefix *p = &w->prefixes[i];
		if ((addr & ip4_mask(p->len)) == p->addr &&
		    (found == NULL || p->len > len)) {
			found = &w->prefix_scopes[i];
			len = p->len;
		}
	}
	return found;
}

static int
prefix(void *snap, uint32_t addr, struct db_scope *ret)
{
	struct world *w = snap;
	if (fails(w)) {
		return -EIO;
	}
	const struct db_scope *found = longest(w, addr);
	if (found == NULL) {
		return ERR_NOTFOUND;
	}
	scope_copy(ret, found);
	return 0;
}

static int
fallback(void *snap, struct db_scope *ret)
{
	struct world *w = snap;
	if (fails(w)) {
		return -EIO;
	}
	if (!w->has_fallback) {
		return ERR_NOTFOUND;
	}
	scope_copy(ret, &w->fallback);
	return 0;
}

static int
client(void *snap, uint32_t addr, struct db_client *ret)
{
	struct world *w = snap;
	if (fails(w)) {
		return -EIO;
	}
	const struct db_scope *found = longest(w, addr);
	bool listed = false;
	for (unsigned i = 0; i < w->listed_count; i++) {
		listed = listed || w->listed[i] == addr;
	}
	if (found == NULL && !listed) {
		return ERR_NOTFOUND;
	}
	ret->listed = listed;
	ret->has_scope = found != NULL;
	if (found != NULL) {
		scope_copy(&ret->scope, found);
	}
	return 0;
}

static int
farm(void *snap, const char *name, struct db_farm *ret)
{
	struct world *w = snap;
	if (fails(w)) {
		return -EIO;
	}
	for (unsigned i = 0; i < w->farm_count; i++) {
		const struct db_farm *f = &w->farms[i];
		if (text_casecmp(f->name, name) == 0) {
			memcpy(ret, f, offsetof(struct db_farm, servers));
			memcpy(ret->servers, f->servers,
			    f->server_count * sizeof(f->servers[0]));
			ret->stream_count = f->stream_count;
			memcpy(ret->streams, f->streams,
			    f->stream_count * sizeof(f->streams[0]));
			return 0;
		}
	}
	return ERR_NOTFOUND;
}

static int
drains(void *snap, const char *farm_name, struct db_drains *ret)
{
	struct world *w = snap;
	if (fails(w)) {
		return -EIO;
	}
	for (unsigned i = 0; i < w->drain_count; i++) {
		if (text_casecmp(w->drain_farms[i], farm_name) == 0) {
			*ret = w->drains[i];
			return 0;
		}
	}
	return ERR_NOTFOUND;
}

static int
verdict(void *snap, const struct db_verdict_key *key, enum db_verdict *ret)
{
	struct world *w = snap;
	if (fails(w)) {
		return -EIO;
	}
	if (key->role == DB_ROLE_TFTP) {
		memcpy(w->asked_farm, key->farm, strlen(key->farm) + 1);
		memcpy(w->asked_file, key->file, strlen(key->file) + 1);
	}
	for (unsigned i = 0; i < w->verdict_count; i++) {
		if (w->verdicts[i].role == key->role &&
		    w->verdicts[i].addr == key->addr) {
			*ret = w->verdicts[i].verdict;
			return 0;
		}
	}
	return ERR_NOTFOUND;
}

const struct db_source world_source = {
    device, subnet, prefix, fallback, client, farm, drains, verdict};

uint32_t
world_ip4(const char *text)
{
	uint32_t addr;
	return ip4_parse(text, &addr) == 0 ? addr : 0;
}

struct mac
world_mac(const char *text)
{
	struct mac mac;
	return mac_parse(text, &mac) == 0 ? mac : (struct mac){{0}};
}

struct db_farm *
world_farm(struct world *w, const char *name)
{
	struct db_farm *f = &w->farms[w->farm_count++];
	(void)snprintf(f->name, sizeof(f->name), "%s", name);
	f->login = DB_LOGIN_OPTION_11;
	return f;
}

struct db_server *
world_server(struct db_farm *f, const char *addr)
{
	struct db_server *s = &f->servers[f->server_count++];
	*s = (struct db_server){.addr = world_ip4(addr),
	    .weight = 1,
	    .tftp = true,
	    .login = true,
	    .stream_first = (uint16_t)f->stream_count};
	return s;
}

void
world_stream(struct db_farm *f, const char *addr)
{
	f->streams[f->stream_count++] = world_ip4(addr);
	f->servers[f->server_count - 1].stream_count++;
}

static struct db_scope *
scope_init(struct db_scope *scope, const char *text, const char *farm_name)
{
	(void)snprintf(scope->text, sizeof(scope->text), "%s", text);
	(void)snprintf(scope->farm, sizeof(scope->farm), "%s", farm_name);
	return scope;
}

struct db_scope *
world_prefix(struct world *w, const char *text, const char *farm_name)
{
	unsigned i = w->prefix_count++;
	if (ip4_prefix_parse(text, &w->prefixes[i]) != 0) {
		return NULL;
	}
	return scope_init(&w->prefix_scopes[i], text, farm_name);
}

struct db_scope *
world_subnet(struct world *w, uint32_t subnet_id, const char *farm_name)
{
	unsigned i = w->subnet_count++;
	char text[DB_SCOPE_TEXT];
	(void)snprintf(text, sizeof(text), "subnet-id %u", subnet_id);
	w->subnet_ids[i] = subnet_id;
	return scope_init(&w->subnets[i], text, farm_name);
}

struct db_scope *
world_default(struct world *w, const char *farm_name)
{
	w->has_fallback = true;
	return scope_init(&w->fallback, "default", farm_name);
}

struct db_device *
world_device(struct world *w, const char *mac)
{
	struct db_device *d = &w->devices[w->device_count++];
	d->mac = world_mac(mac);
	return d;
}

void
world_file(struct db_files *files, uint16_t arch, const char *name)
{
	struct db_file *f = &files->file[files->count++];
	f->arch = arch;
	(void)snprintf(f->name, sizeof(f->name), "%s", name);
}

void
world_verdict(
    struct world *w, enum db_role role, const char *addr, enum db_verdict what)
{
	unsigned i = w->verdict_count++;
	w->verdicts[i].role = role;
	w->verdicts[i].addr = world_ip4(addr);
	w->verdicts[i].verdict = what;
}

void
world_drain(struct world *w, const char *farm_name, const char *addr)
{
	unsigned i = 0;
	while (i < w->drain_count && strcmp(w->drain_farms[i], farm_name) != 0) {
		i++;
	}
	if (i == w->drain_count) {
		w->drain_count++;
		(void)snprintf(
		    w->drain_farms[i], sizeof(w->drain_farms[i]), "%s", farm_name);
	}
	w->drains[i].addr[w->drains[i].count++] = world_ip4(addr);
}

static struct db_farm *
example_farm(struct world *w, const char *name)
{
	struct db_farm *f = world_farm(w, name);
	world_file(&f->files, ARCH_BIOS, "ARDBP32.BIN");
	world_file(&f->files, ARCH_UEFI_X64, "pvsnbpx64.efi");
	f->boot_servers[f->boot_server_count++] = world_ip4("10.0.0.5");
	return f;
}

void
world_example(struct world *w)
{
	struct db_farm *east = example_farm(w, "east");
	world_server(east, "10.1.0.11");
	world_stream(east, "10.1.0.11");
	world_server(east, "10.1.0.12")->weight = 2;
	world_stream(east, "10.1.1.12");
	world_stream(east, "10.1.2.12");
	world_server(east, "10.1.0.13")->backup = true;
	world_stream(east, "10.1.0.13");
	world_server(east, "10.1.0.14")->tftp = false;
	world_stream(east, "10.1.0.14");
	struct db_farm *west = example_farm(w, "west");
	world_server(west, "10.2.0.11");
	world_stream(west, "10.2.0.11");
	world_server(west, "10.2.0.12");
	world_stream(west, "10.2.0.12");
	world_prefix(w, "10.20.0.0/16", "east");
	world_prefix(w, "10.20.64.0/18", "west");
	world_prefix(w, "10.40.0.0/16", "");
	world_subnet(w, 42, "west");
	world_default(w, "");
}
