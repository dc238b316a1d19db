/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/boot/decide.h"
#include "lib/wire/arch.h"
#include "tests/bench/bench.h"
#include "tests/unit/world.h"

/* The cost of the decision alone: a map in memory, no verdicts, another machine each time. */

struct asking {
	struct world *w;
	struct boot_facts facts;
	struct boot_answer answer;
};

static void
ask(void *ctx, unsigned i)
{
	struct asking *a = ctx;
	a->facts.mac.b[3] = (uint8_t)(i >> 16);
	a->facts.mac.b[4] = (uint8_t)(i >> 8);
	a->facts.mac.b[5] = (uint8_t)i;
	if (boot_decide(&a->facts, &world_source, a->w, &a->answer) != 0 ||
	    a->answer.action != BOOT_BOOT) {
		abort();
	}
}

/* What of it is the map in memory, not the decision: the same questions. */
static void
read_only(void *ctx, unsigned i)
{
	static union {
		struct db_device device;
		struct db_scope scope;
		struct db_farm farm;
		struct db_drains drains;
	} u;
	struct asking *a = ctx;
	const struct db_farm *farm = &a->w->farms[0];
	enum db_verdict verdict;
	struct db_verdict_key key = {DB_ROLE_TFTP, farm->name, i, "ARDBP32.BIN"};
	int found = world_source.device(a->w, &a->facts.mac, &u.device) == 0;
	found += world_source.prefix(a->w, a->facts.addr, &u.scope) == 0;
	found += world_source.farm(a->w, "east", &u.farm) == 0;
	found += world_source.drains(a->w, "east", &u.drains) == 0;
	for (unsigned k = 0; k < farm->server_count; k++) {
		found += world_source.verdict(a->w, &key, &verdict) == 0;
	}
	found += world_source.drains(a->w, "", &u.drains) == 0;
	found += world_source.verdict(a->w, &key, &verdict) == 0;
	key.role = DB_ROLE_LOGIN;
	for (unsigned k = 0; k < farm->server_count && a->facts.arch[0] != ARCH_BIOS;
	     k++) {
		found += world_source.verdict(a->w, &key, &verdict) == 0;
	}
	if (found != 2) {
		abort();
	}
}

static void
measure(struct asking *a, unsigned servers, uint16_t arch)
{
	*a->w = (struct world){0};
	struct db_farm *farm = world_farm(a->w, "east");
	farm->boot_servers[farm->boot_server_count++] = world_ip4("10.0.0.5");
	world_file(&farm->files, ARCH_BIOS, "ARDBP32.BIN");
	world_file(&farm->files, ARCH_UEFI_X64, "pvsnbpx64.efi");
	for (unsigned i = 0; i < servers; i++) {
		world_server(farm, "10.1.0.0")->addr += i;
		world_stream(farm, "10.1.0.0");
		farm->streams[i] += i;
	}
	world_prefix(a->w, "10.20.0.0/16", "east");
	a->facts = (struct boot_facts){.client = BOOT_CLIENT_PXE,
	    .has_mac = true,
	    .has_addr = true,
	    .addr = world_ip4("10.20.1.1"),
	    .arch_count = 1,
	    .arch = {arch}};
	char name[64];
	char arch_text[ARCH_TEXT];
	(void)snprintf(name, sizeof(name), "decide: %s, farm of %u servers",
	    arch_name(arch, arch_text), servers);
	bench_run(name, 5000, ask, a);
	bench_run("        of which reading the map in memory", 5000, read_only, a);
}

int
main(void)
{
	static const unsigned sizes[] = {1, 4, 32};
	static struct world w;
	static struct asking a;
	a.w = &w;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		measure(&a, sizes[i], ARCH_BIOS);
		measure(&a, sizes[i], ARCH_UEFI_X64);
	}
	return 0;
}
