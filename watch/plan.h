/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/cache/cache.h"
#include "watch/names.h"
#include "watch/target.h"

/* Everything that a map asks to be probed:
 *
 *     TFTP         each server of a farm with that role, for each file that the farm's machines
 *                  may be sent: its own table, those of the scopes that lead there, those of
 *                  devices with that farm; and of the loose files those that the cache holds
 *     LOGIN        each streaming address of each server with that role
 *     TSB, PXE     each server's address, where the farm's monitor asks for it: told, never
 *                  used by the decision
 *     BOOT_SERVER  each boot server of the map, with each of these files that the cache holds of
 *                  the farms that it serves, so that what is asked for is there; with the first
 *                  file of those farms, or of the map, where the cache holds none
 *
 * Loose are files of which the map does not say whose they are: those of devices whose farm
 * their scope decides, and of scopes for devices with a farm of their own. A farm with "probe:
 * none" has no targets of its own; on boot servers its files are asked for as any others. */
struct plan {
	struct target **targets; /* in order of role, farm, address and file */
	size_t count;
	struct target **copies; /* those of TFTP, in order of farm, file and address */
	size_t copy_count;
	uint64_t revision;  /* of the map */
	struct names loose; /* of farm "" */
};

void plan_done(struct plan *plan); /* zeroed is fine */

/* Reads what the map asks for. Targets that old holds too (the same role, farm, address and
 * file, without regard to case) move over with all that was found; their pointers stay good.
 * What is left in old afterwards is no longer wanted. cache may be NULL. Returns 0, -ENOMEM or
 * the snapshot's failure; then nothing has changed. */
int plan_read(struct db_snapshot *snap, const struct cache *cache, struct plan *old,
    struct plan *ret) __attribute__((warn_unused_result));

/* The target of a key, or NULL. */
struct target *plan_find(const struct plan *plan, const struct db_verdict_key *key);

/* The targets that hold a farm's file: *ret_count neighbours among the copies, from the one that
 * is returned on. NULL where there are none. */
struct target **plan_copies(
    const struct plan *plan, const char *farm, const char *file, size_t *ret_count);

/* A boot server's verdict: down when one of its files is, else up when one is. Returns what is
 * to be written for its address: the account of the target that decides (that is down for
 * longest, or came up last), its counts those of all. False when the plan has no such boot
 * server. */
bool plan_boot_server(const struct plan *plan, uint32_t addr, struct db_health *ret);
