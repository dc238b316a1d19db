/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/state.h"
#include "db/write.h"
#include "lib/base/err.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What tests and benchmarks of the database share: a scratch folder, and records with every field filled in. */

enum { UNIT_PATH = 256 };

struct scratch {
	char root[64];         /* made by mkdtemp() */
	char map[UNIT_PATH];   /* root/map, not created */
	char state[UNIT_PATH]; /* root/state, not created */
};

static inline void
scratch_init(struct scratch *s)
{
	(void)snprintf(s->root, sizeof(s->root), "/tmp/pvsboot-check.XXXXXX");
	/* Some tests go there as nobody. */
	if (mkdtemp(s->root) == NULL || chmod(s->root, 0755) != 0) {
		abort();
	}
	(void)snprintf(s->map, sizeof(s->map), "%s/map", s->root);
	(void)snprintf(s->state, sizeof(s->state), "%s/state", s->root);
}

/* Removes a folder of files; one that is not there is fine. */
static inline void
scratch_remove(const char *dir)
{
	DIR *d = opendir(dir);
	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		(void)unlinkat(dirfd(d), e->d_name, 0);
	}
	if (d != NULL) {
		(void)closedir(d);
	}
	(void)rmdir(dir);
}

static inline void
scratch_done(struct scratch *s)
{
	scratch_remove(s->map);
	scratch_remove(s->state);
	scratch_remove(s->root);
}

static inline struct db_files
sample_files(void)
{
	return (struct db_files){
	    .count = 3, .file = {{7, "pvsnbpx64.efi"}, {0, "ARDBP32.BIN"}, {11, ""}}};
}

static inline struct db_scope
sample_scope(const char *text, const char *farm)
{
	struct db_scope scope = {.files = sample_files(),
	    .boot_server_count = 2,
	    .boot_servers = {0x0a000005, 0x0a000006},
	    .reply_delay_ms = 1500};
	(void)snprintf(scope.text, sizeof(scope.text), "%s", text);
	(void)snprintf(scope.farm, sizeof(scope.farm), "%s", farm);
	return scope;
}

static inline void
sample_farm(const char *name, struct db_farm *ret)
{
	*ret = (struct db_farm){.delivery = DB_DELIVERY_DIRECT,
	    .balance = DB_BALANCE_ORDERED,
	    .login = DB_LOGIN_ROOT_PATH,
	    .root_path = "pvs:[farm-east.example.org]:17:6910",
	    .files = sample_files(),
	    .offer_count = 1,
	    .offer = {{7, DB_OFFER_DIRECT}},
	    .monitor = {.probe = DB_PROBE_TFTP_REPLY,
		.interval_ms = 5000,
		.timeout_ms = 2000,
		.downtime_ms = 30000,
		.retries = 3,
		.success_retries = 2,
		.full_every = 1000},
	    .boot_server_count = 1,
	    .boot_servers = {0x0a000005},
	    .server_count = 2,
	    .servers = {{.addr = 0x0a01000b,
			    .weight = 1,
			    .tftp = true,
			    .login = true,
			    .stream_first = 0,
			    .stream_count = 1},
		{.addr = 0x0a01000c,
		    .weight = 100,
		    .backup = true,
		    .login = true,
		    .stream_first = 1,
		    .stream_count = 2}},
	    .stream_count = 3,
	    .streams = {0x0a01000b, 0x0a01010c, 0x0a01020c}};
	(void)snprintf(ret->name, sizeof(ret->name), "%s", name);
}

static inline struct db_device
sample_device(uint32_t number)
{
	struct db_device device = {.which = DB_DEVICE_FARM,
	    .farm = "East",
	    .files = sample_files(),
	    .name = "lab \"7\"",
	    .note = "3. Stock, T\xc3\xbcr links"};
	device.mac = (struct mac){{0x02, 0x00, (uint8_t)(number >> 24),
	    (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number}};
	return device;
}

static inline struct db_settings
sample_settings(void)
{
	return (struct db_settings){.listen_count = 2,
	    .listen = {{0, 69}, {0x0a000005, 6900}},
	    .single_port = true,
	    .port_first = 20000,
	    .port_last = 29999,
	    .interface_count = 2,
	    .interfaces = {"eth0", "fifteen-letters"},
	    .relay_only = true,
	    .shadow = true,
	    .boot_server_count = 1,
	    .boot_servers = {0x0a000005}};
}

static inline struct db_health
sample_health(void)
{
	struct db_health health = {.verdict = DB_VERDICT_DOWN,
	    .since_ms = 1700000000250,
	    .probes = 100000,
	    .failures = 7,
	    .consecutive = 3,
	    .last_good = false,
	    .last_ms = 1700000010500,
	    .last_good_ms = 1699999990125,
	    .last_bad_ms = 1700000010500,
	    .latency_ms = 12,
	    .error = "no answer in 2000 ms",
	    .has_sha256 = true,
	    .size = 14999,
	    .sha256_since_ms = 1690000000000,
	    .drifts = true,
	    .drifts_since_ms = 1695000000000,
	    .revision = 7};
	memset(health.sha256, 0xd4, sizeof(health.sha256));
	memset(health.expected, 0xd5, sizeof(health.expected));
	return health;
}

static inline struct db_heartbeat
sample_heartbeat(void)
{
	struct db_heartbeat heartbeat = {.boottime_ms = 86400250,
	    .time_ms = 1700000010500,
	    .pid = 4711,
	    .revision = 7};
	memset(heartbeat.boot_id, 0xd6, sizeof(heartbeat.boot_id));
	return heartbeat;
}
