/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/map.h"
#include "lib/report/watcher.h"

#include <stdio.h>

/* Everything that is known of the servers: what should be there, by the map, and what the
 * watcher found, by the state. Read once, told as JSON or as text. Times are milliseconds of
 * Unix time, 0 for never. */

/* One thing that is probed: a file of a server, one of its streaming addresses, an advisory
 * port, or a boot server. */
struct status_account {
	enum db_role role;
	uint32_t addr; /* of LOGIN the streaming address */
	char file[DB_FILE_NAME_MAX + 1];
	bool
	    known; /* else health has no more than what the decision takes the verdict for */
	struct db_health health;
};

/* True while the probes fail, whatever the verdict. */
bool status_fails(const struct status_account *account);

struct status_server {
	uint32_t addr;
	char name[DB_SERVER_NAME_MAX + 1]; /* "": none */
	uint8_t weight;
	bool backup, tftp, login;
	bool drained;
	struct db_drain drain;
	int64_t named_ms; /* by an answer or a transfer, the last time */
	size_t account_count;
	struct status_account
	    *accounts; /* files, streaming addresses, advisory ones; each in order */
};

/* A farm; or the boot servers, which are one without name and settings. */
struct status_farm {
	char name[DB_FARM_NAME_MAX + 1];
	enum db_delivery delivery;
	enum db_balance balance;
	enum db_probe probe;
	size_t file_count;
	char (*files)[DB_FILE_NAME_MAX + 1]; /* that its machines may be sent */
	size_t server_count;
	struct status_server *servers; /* in the map's order */
};

struct status {
	int64_t now_ms;
	struct db_info info;
	struct watcher watcher;
	size_t farm_count;
	struct status_farm *farms; /* in order of name */
	struct status_farm boot;
};

/* Reads all of a snapshot; now must not be from before it was begun. Returns 0 with what
 * status_free() takes, ERR_MALFORMED, -ENOMEM or the store's failure. */
int status_collect(const struct db_snapshot *snap, const struct db_heartbeat *now,
    struct status **ret) __attribute__((warn_unused_result));
void status_free(struct status *status); /* NULL is fine */

/* How the servers of a farm that are not drained stand, for one role and file. */
struct status_tally {
	size_t up, unproven, down;
	const struct status_account *first_down; /* or NULL */
};
void status_tally(const struct status_farm *farm, enum db_role role, const char *file,
    struct status_tally *ret);

/* The object of "status --json"; all keys always present, null where without meaning. Returns
 * a new reference, or NULL when memory is short. */
json_t *status_json(const struct status *status) __attribute__((warn_unused_result));

/* The same for a person, in at most 80 columns: what is wrong first. In large farms a server
 * that is well has one line. The caller checks out for errors. */
void status_text(FILE *out, const struct status *status, bool colour);

/* Reads and prints anew once a second, until a signal ends it: in place on a terminal, else
 * what changed, below what was. Returns the exit status. */
struct args;
int status_watch(const struct args *args);
