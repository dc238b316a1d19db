/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "hooks/core.h"
#include "tests/bench/bench.h"
#include "tests/bench/site.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/* What one reply costs in the hook's core, all look-ups included, events sent. Without Kea and
 * without the conversion of its packet. */

enum { EAST = 0x0a140001 };

static atomic_uint opened;

static void
say(enum hook_message message, const char *text)
{
	(void)text;
	if (message == HOOK_DB_OPENED) {
		atomic_fetch_add(&opened, 1);
	}
}

static bool
wants(enum hook_message message)
{
	(void)message;
	return false;
}

struct bench {
	struct hook_core *core;
	struct hook_packet packet;
	struct hook_edit edit;
};

static void
known_device(void *ctx, unsigned i)
{
	struct bench *bench = ctx;
	uint32_t number = i * 2654435761u % SITE_DEVICES;
	const uint8_t mac[] = {6, 0, (uint8_t)(number >> 24), (uint8_t)(number >> 16),
	    (uint8_t)(number >> 8), (uint8_t)number};
	memcpy(bench->packet.mac, mac, sizeof(mac));
	(void)hook_core_answer(bench->core, &bench->packet, &bench->edit);
}

static void
by_prefix(void *ctx, unsigned i)
{
	struct bench *bench = ctx;
	bench->packet.mac[0] = 2;
	bench->packet.addr = 0xac100000 + (i * 2654435761u % (SITE_PREFIXES << 8));
	(void)hook_core_answer(bench->core, &bench->packet, &bench->edit);
}

static void
not_ours(void *ctx, unsigned i)
{
	struct bench *bench = ctx;
	(void)i;
	bench->packet.mac[0] = 2;
	bench->packet.addr = 0x0a280001;
	(void)hook_core_answer(bench->core, &bench->packet, &bench->edit);
}

static void
phone(void *ctx, unsigned i)
{
	struct bench *bench = ctx;
	(void)i;
	bench->packet.class_id.len = 0;
	(void)hook_core_answer(bench->core, &bench->packet, &bench->edit);
}

static void
run(struct bench *bench)
{
	static const char class_id[] = "PXEClient:Arch:00007:UNDI:003000";
	static const uint8_t archs[] = {0, 7};
	bench->packet = (struct hook_packet){.has_mac = true,
	    .addr = EAST,
	    .has_subnet_id = true,
	    .subnet_id = 7,
	    .class_id = {(const uint8_t *)class_id, sizeof(class_id) - 1},
	    .archs = {archs, sizeof(archs)}};
	bench_run("hook core, device of its own", 2000, known_device, bench);
	bench_run("hook core, by prefix", 2000, by_prefix, bench);
	bench_run("hook core, known and not ours", 2000, not_ours, bench);
	bench_run("hook core, no PXE client", 2000, phone, bench);
}

int
main(void)
{
	static const struct hook_log hook_log = {say, wants};
	struct bench bench = {0};
	struct hook_params params;
	char root[] = "/tmp/pvsboot-bench.XXXXXX", command[64];
	if (mkdtemp(root) == NULL) {
		perror("bench_hook_core");
		return EXIT_FAILURE;
	}
	hook_params_default(&params);
	site_make(root, params.db, params.state);
	int ret = hook_core_new(&params, NULL, &hook_log, &bench.core);
	while (ret == 0 && atomic_load(&opened) < 2) {
		(void)usleep(1000);
	}
	if (ret == 0) {
		run(&bench);
	}
	hook_core_free(bench.core);
	(void)snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command) == 0 && ret == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
