/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/map.h"

/* The map's writer: the CLI, one process at a time. A db_write is one open transaction: all
 * its puts become visible together at commit, or not at all. */
struct db_write;

/* Opens or creates DIR's map and begins. A new folder gets mode 2770, data.mdb and lock.mdb
 * 0660 whatever the umask; as root, owner and group become pvsboot where that user exists.
 * Waits for another writer. Returns 0, or what db_env_open() may, but for ERR_EMPTY. */
int db_write_begin(const char *dir, struct db_write **ret)
    __attribute__((warn_unused_result));

/* Gives up (NULL is fine), or commits: the revision goes up by one and the digest is made
 * anew. Both end the transaction, close the environment and free w. */
void db_write_abort(struct db_write *w);
int db_write_commit(struct db_write *w) __attribute__((warn_unused_result));

/* What the transaction sees, its own puts included; valid until it ends. */
struct db_snapshot *db_write_snapshot(struct db_write *w);

/* True when the map was empty: nothing was ever applied. */
bool db_write_is_new(const struct db_write *w);

/* Forgets the compiled configuration (scopes, farms, settings), keeping devices, drains and
 * history; apply calls it and then puts everything again. */
int db_write_clear(struct db_write *w) __attribute__((warn_unused_result));

/* One compiled interval of addresses, first..last inclusive; intervals put are disjoint. */
int db_put_interval(struct db_write *w, uint32_t first, uint32_t last,
    const struct db_scope *scope) __attribute__((warn_unused_result));
int db_put_client_interval(struct db_write *w, uint32_t first, uint32_t last,
    const struct db_client *client) __attribute__((warn_unused_result));
int db_put_subnet(struct db_write *w, uint32_t subnet_id, const struct db_scope *scope)
    __attribute__((warn_unused_result));
int db_put_fallback(struct db_write *w, const struct db_scope *scope)
    __attribute__((warn_unused_result));
int db_put_farm(struct db_write *w, const struct db_farm *farm)
    __attribute__((warn_unused_result));
/* A pinned hash: FILE of a farm must have this SHA-256. */
int db_put_pin(struct db_write *w, const char *farm, const char *file,
    const uint8_t sha256[static DB_DIGEST_LEN]) __attribute__((warn_unused_result));
int db_put_settings(struct db_write *w, const struct db_settings *settings)
    __attribute__((warn_unused_result));
/* The canonical configuration, and a history entry for it (revision is filled in). */
int db_put_config(struct db_write *w, const struct db_history *history)
    __attribute__((warn_unused_result));

int db_put_device(struct db_write *w, const struct db_device *device)
    __attribute__((warn_unused_result));
int db_del_device(struct db_write *w, const struct mac *mac) /* or ERR_NOTFOUND */
    __attribute__((warn_unused_result));
/* Drains an address of a farm ("": a boot server), or undrains it; other drains stay. Returns
 * 0, ERR_EXISTS (drained already), ERR_NOTFOUND (it was not), ERR_FULL (DB_SERVERS_MAX). */
int db_put_drain(struct db_write *w, const char *farm, const struct db_drain *drain)
    __attribute__((warn_unused_result));
int db_del_drain(struct db_write *w, const char *farm, uint32_t addr)
    __attribute__((warn_unused_result));
int db_put_drains(struct db_write *w, const char *farm, const struct db_drains *drains)
    __attribute__((warn_unused_result)); /* none left: forgets the record */
