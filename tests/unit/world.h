/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/record.h"

/* A map and a state in memory: what the decision's tests and benchmark ask instead of LMDB.
 * It is zeroed storage of the caller's, filled by the functions below. */
enum { WORLD_FARMS = 4, WORLD_SCOPES = 8, WORLD_DEVICES = 8, WORLD_VERDICTS = 128 };

struct world {
	unsigned farm_count;
	struct db_farm farms[WORLD_FARMS];
	unsigned subnet_count;
	uint32_t subnet_ids[WORLD_SCOPES];
	struct db_scope subnets[WORLD_SCOPES];
	unsigned prefix_count;
	struct ip4_prefix prefixes[WORLD_SCOPES];
	struct db_scope prefix_scopes[WORLD_SCOPES];
	bool has_fallback;
	struct db_scope fallback;
	unsigned listed_count;
	uint32_t listed[WORLD_SCOPES]; /* sources that TFTP admits by name */
	unsigned device_count;
	struct db_device devices[WORLD_DEVICES];
	unsigned verdict_count;
	struct {
		enum db_role role;
		uint32_t addr;
		enum db_verdict verdict;
	} verdicts[WORLD_VERDICTS];
	char drain_farms[WORLD_FARMS][DB_FARM_NAME_MAX + 1];
	struct db_drains drains[WORLD_FARMS];
	unsigned drain_count;
	/* what the last verdict about a farm's TFTP was asked by */
	char asked_farm[DB_FARM_NAME_MAX + 1];
	char asked_file[DB_FILE_NAME_MAX + 1];
	unsigned calls;   /* made so far */
	unsigned fail_at; /* this call fails with -EIO; 0: none */
};

/* Its snap is the struct world *. */
extern const struct db_source world_source;

/* The example of the contract: farms east and west, scopes 10.20.0.0/16 east, 10.20.64.0/18
 * west, subnet id 42 west, 10.40.0.0/16 none, default none; boot server 10.0.0.5. */
void world_example(struct world *w);

/* Each returns what it added; addresses in text. */
struct db_farm *world_farm(struct world *w, const char *name);
struct db_server *world_server(struct db_farm *farm, const char *addr);
void world_stream(struct db_farm *farm, const char *addr); /* of the last server */
struct db_scope *world_prefix(struct world *w, const char *prefix, const char *farm);
struct db_scope *world_subnet(struct world *w, uint32_t subnet_id, const char *farm);
struct db_scope *world_default(struct world *w, const char *farm);
struct db_device *world_device(struct world *w, const char *mac);
void world_file(struct db_files *files, uint16_t arch, const char *name);
void world_verdict(
    struct world *w, enum db_role role, const char *addr, enum db_verdict verdict);
void world_drain(struct world *w, const char *farm, const char *addr);

/* The address or MAC that a text names; 0 for none. */
uint32_t world_ip4(const char *text);
struct mac world_mac(const char *text);
