/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/ip4.h"
#include "lib/base/mac.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The records of the map and the state as the rest of the house sees them. Addresses are in
 * host order. Texts are NUL-terminated. Counts say how much of an array is valid; what lies
 * behind is not initialised. FORMAT.md shows the stored bytes. */

enum {
	DB_FARM_NAME_MAX = 32,
	DB_FILE_NAME_MAX = 63,
	DB_SERVER_NAME_MAX = 63,
	DB_FILES_MAX = 16,     /* architectures named in one bootstrap table */
	DB_SERVERS_MAX = 512,  /* servers of one farm */
	DB_STREAMS_MAX = 1024, /* streaming addresses of one farm */
	DB_BOOT_SERVERS_MAX = 32,
	DB_ROOT_PATH_MAX = 255, /* one DHCP option */
	DB_SCOPE_TEXT = 24,     /* "subnet-id 4294967294" is the longest */
	DB_NOTE_MAX = 255,
	DB_DIGEST_LEN = 32,
};

/* Architecture -> file. An empty name says "none": no file, and none inherited. */
struct db_file {
	uint16_t arch; /* as arch_canonical() gives it */
	char name[DB_FILE_NAME_MAX + 1];
};
struct db_files {
	unsigned count;
	struct db_file file[DB_FILES_MAX];
};

enum db_delivery { DB_DELIVERY_BOOT_SERVER, DB_DELIVERY_DIRECT };
enum db_balance { DB_BALANCE_HASH, DB_BALANCE_ORDERED };
enum db_login { DB_LOGIN_NONE, DB_LOGIN_OPTION_11, DB_LOGIN_ROOT_PATH };
enum db_offer { DB_OFFER_DIRECT, DB_OFFER_REDIRECT };
enum db_probe { DB_PROBE_BOOTSTRAP, DB_PROBE_TFTP_REPLY, DB_PROBE_NONE };

/* One PVS server. Its streaming addresses are streams[first .. first + count - 1]. */
struct db_server {
	uint32_t addr;
	uint8_t weight; /* 1..100 */
	bool backup;
	bool tftp;  /* role */
	bool login; /* role */
	uint16_t stream_first;
	uint16_t stream_count;
};

struct db_monitor {
	enum db_probe probe;
	uint32_t interval_ms;
	uint32_t timeout_ms;
	uint32_t downtime_ms;
	uint8_t retries;         /* 1..20 */
	uint8_t success_retries; /* 1..20 */
	uint16_t full_every;     /* 1..1000 */
	bool tsb, pxe;           /* advisory probes, besides */
};

/* A farm with everything inherited already folded in. */
struct db_farm {
	char name[DB_FARM_NAME_MAX + 1]; /* as the administrator wrote it */
	enum db_delivery delivery;
	enum db_balance balance;
	enum db_login login;
	char root_path[DB_ROOT_PATH_MAX + 1]; /* "" but for DB_LOGIN_ROOT_PATH */
	struct db_files files;
	unsigned offer_count; /* pxe.offer: what differs from the default form */
	struct {
		uint16_t arch;
		enum db_offer form;
	} offer[DB_FILES_MAX];
	struct db_monitor monitor;
	unsigned boot_server_count;
	uint32_t boot_servers[DB_BOOT_SERVERS_MAX]; /* its own or the top level's */
	unsigned server_count;
	struct db_server servers[DB_SERVERS_MAX];
	unsigned stream_count;
	uint32_t streams[DB_STREAMS_MAX];
};

/* What a scope says: of a prefix, a Kea subnet id or the default. */
struct db_scope {
	char text[DB_SCOPE_TEXT];        /* the scope's key as written */
	char farm[DB_FARM_NAME_MAX + 1]; /* "" means none: known, and not ours */
	struct db_files files;           /* overrides */
	unsigned boot_server_count;      /* 0: the farm's */
	uint32_t boot_servers[DB_BOOT_SERVERS_MAX];
	uint32_t reply_delay_ms;
};

/* What TFTP knows a source address by. */
struct db_client {
	bool listed;           /* in the list of clients, or a boot server of the map */
	bool has_scope;        /* scope is valid */
	struct db_scope scope; /* longest match, prefixes of subnet ids included */
};

enum db_device_farm { DB_DEVICE_INHERITS, DB_DEVICE_FARM, DB_DEVICE_NONE };

/* A target, and what overrides the scope for it alone. */
struct db_device {
	struct mac mac;
	enum db_device_farm which;
	char farm[DB_FARM_NAME_MAX + 1]; /* when which is DB_DEVICE_FARM, else "" */
	struct db_files files;
	char name[DB_SERVER_NAME_MAX + 1];
	char note[DB_NOTE_MAX + 1];
};

/* Addresses taken out of answers: of one farm, or of the boot servers (farm ""). */
struct db_drains {
	unsigned count;
	uint32_t addr[DB_SERVERS_MAX];
};

/* Why and since when an address is drained; for people. */
struct db_drain {
	uint32_t addr;
	int64_t time_s; /* Unix time; 0: not known */
	char user[33];
	char note[DB_NOTE_MAX + 1];
};

enum db_verdict { DB_VERDICT_UNPROVEN, DB_VERDICT_UP, DB_VERDICT_DOWN };
enum db_role {
	DB_ROLE_TFTP = 1,
	DB_ROLE_LOGIN = 2,
	DB_ROLE_BOOT_SERVER = 3,
	DB_ROLE_TSB = 4, /* advisory: the decision asks for neither */
	DB_ROLE_PXE = 5,
};

/* What a verdict is about: never an index, so that a newer map cannot misread an older state.
 * LOGIN, TSB and PXE have no file; BOOT_SERVER has neither farm nor file: "" stands there,
 * never NULL. */
struct db_verdict_key {
	enum db_role role;
	const char *farm;
	uint32_t addr;
	const char *file;
};

/* What the decision may ask of a snapshot. Each returns 0, ERR_NOTFOUND, or a failure of the
 * store (which the decision passes on); *ret is valid only after 0. Farm and file names are
 * compared without regard to case. snap is one consistent snapshot. prefix() is the longest
 * match; fallback() the default scope. */
struct db_source {
	int (*device)(void *snap, const struct mac *mac, struct db_device *ret);
	int (*subnet)(void *snap, uint32_t subnet_id, struct db_scope *ret);
	int (*prefix)(void *snap, uint32_t addr, struct db_scope *ret);
	int (*fallback)(void *snap, struct db_scope *ret);
	int (*client)(void *snap, uint32_t addr, struct db_client *ret);
	int (*farm)(void *snap, const char *name, struct db_farm *ret);
	int (*drains)(void *snap, const char *farm, struct db_drains *ret);
	int (*verdict)(
	    void *snap, const struct db_verdict_key *key, enum db_verdict *ret);
};
