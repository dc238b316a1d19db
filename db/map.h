/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/env.h"

#include <time.h>

/* The map beyond what the decision asks: revision, settings, walks; and its one writer. */

struct db_info {
	uint16_t format_major, format_minor;
	uint64_t revision;             /* counts commits; 0 never stands in a map */
	uint8_t digest[DB_DIGEST_LEN]; /* SHA-256 of the canonical export */
	uint64_t devices;
};
int db_map_info(const struct db_snapshot *snap, struct db_info *ret)
    __attribute__((warn_unused_result));

/* The revision alone, for who asks with every packet: a reader looks it up once a commit. */
int db_map_revision(const struct db_snapshot *snap, uint64_t *ret)
    __attribute__((warn_unused_result));

/* Where daemons listen; compiled from the top level's tftp: and proxy:. */
enum { DB_LISTEN_MAX = 32, DB_INTERFACES_MAX = 64, DB_INTERFACE_NAME = 16 };
struct db_settings {
	unsigned listen_count;
	struct {
		uint32_t addr;
		uint16_t port;
	} listen[DB_LISTEN_MAX];
	bool single_port;
	uint16_t port_first, port_last; /* 0: any */
	unsigned interface_count;
	char interfaces[DB_INTERFACES_MAX][DB_INTERFACE_NAME];
	bool relay_only;
	bool shadow;
	unsigned boot_server_count; /* every boot server that the map names, anywhere */
	uint32_t boot_servers[DB_BOOT_SERVERS_MAX * 4];
};
int db_map_settings(const struct db_snapshot *snap, struct db_settings *ret)
    __attribute__((warn_unused_result));

/* The canonical JSON of the configuration (not of the devices), as apply stored it. Borrowed:
 * valid until db_reader_end(). */
int db_map_config(const struct db_snapshot *snap, const char **ret, size_t *ret_len)
    __attribute__((warn_unused_result));

/* Calls visit for each device in order of MAC until it returns non-zero, which is then
 * returned. */
typedef int db_device_visit(void *ctx, const struct db_device *device);
int db_map_devices(const struct db_snapshot *snap, db_device_visit *visit, void *ctx)
    __attribute__((warn_unused_result));

/* The same for each list of drained addresses: farm "" for boot servers. */
typedef int db_drains_visit(
    void *ctx, const char *farm, const struct db_drains *drains);
int db_map_drains(const struct db_snapshot *snap, db_drains_visit *visit, void *ctx)
    __attribute__((warn_unused_result));

/* Calls visit for each drained address of a farm ("": boot servers) in order of address, until
 * it returns non-zero, which is then returned. */
typedef int db_drain_visit(void *ctx, const struct db_drain *drain);
int db_map_drain_notes(const struct db_snapshot *snap, const char *farm,
    db_drain_visit *visit, void *ctx) __attribute__((warn_unused_result));

/* Calls visit for each farm in order of name. ret lies with the caller of the walk: a farm has
 * some 20 KB. */
typedef int db_farm_visit(void *ctx, const struct db_farm *farm);
int db_map_farms(const struct db_snapshot *snap, struct db_farm *room,
    db_farm_visit *visit, void *ctx) __attribute__((warn_unused_result));

/* The same for each scope that is stored: the default, those of subnet ids and of intervals
 * (one scope may come several times). */
typedef int db_scope_visit(void *ctx, const struct db_scope *scope);
int db_map_scopes(const struct db_snapshot *snap, db_scope_visit *visit, void *ctx)
    __attribute__((warn_unused_result));

/* The hash that FILE of a farm must have; or ERR_NOTFOUND. */
int db_map_pin(const struct db_snapshot *snap, const char *farm, const char *file,
    uint8_t ret[static DB_DIGEST_LEN]) __attribute__((warn_unused_result));

/* History: what apply wrote, newest first, at most the last 20. */
struct db_history {
	uint64_t revision;
	int64_t time_s; /* Unix time */
	char user[33];
	uint8_t file_digest[DB_DIGEST_LEN]; /* SHA-256 of the file's bytes */
	const char *config;                 /* canonical JSON, borrowed */
	size_t config_len;
};
typedef int db_history_visit(void *ctx, const struct db_history *history);
int db_map_history(const struct db_snapshot *snap, db_history_visit *visit, void *ctx)
    __attribute__((warn_unused_result));
