/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/record.h"

/* The one decision (doc: README, "How an answer is made"): which farm a machine belongs to,
 * which file it fetches, and from which server. Pure: no I/O, allocation, clock or global;
 * equal facts and snapshots give equal answers on every host. */

enum {
	BOOT_ARCHS_MAX = 8,
	BOOT_LOGIN_MAX = 32,
	BOOT_REASONS_MAX = 32,
	BOOT_FILE_TEXT = DB_FARM_NAME_MAX + 1 + DB_FILE_NAME_MAX + 1, /* FARM/FILE */
};

enum boot_client {
	BOOT_CLIENT_PXE,   /* option 60 begins with PXEClient */
	BOOT_CLIENT_BOOTP, /* no option 53 */
	BOOT_CLIENT_OTHER, /* asked about only where "clients" is "all" */
};

/* What is known of the machine that asks. */
struct boot_facts {
	enum boot_client client;
	bool all_clients; /* answer BOOT_CLIENT_OTHER as well */
	bool has_mac;
	bool has_subnet_id;
	bool has_addr;
	struct mac mac;
	uint32_t subnet_id;
	uint32_t addr;       /* host order; looked up among the prefixes */
	unsigned arch_count; /* 0: none said, which means bios */
	uint16_t arch[BOOT_ARCHS_MAX];
};

enum boot_action { BOOT_NOT_OURS, BOOT_BOOT };

/* Why a machine is not ours; BOOT_OURS with BOOT_BOOT. */
enum boot_cause {
	BOOT_OURS,
	BOOT_NOT_PXE,
	BOOT_NO_SCOPE,   /* nothing matched, or the default is none */
	BOOT_SCOPE_NONE, /* a scope or device record says none */
	BOOT_NO_FILE,    /* the one that callers log, once per device */
	BOOT_HTTP,       /* every architecture named is an HTTP boot type */
	BOOT_NO_SERVER,  /* nothing to choose from; apply refuses such a map */
	BOOT_CAUSES,
};

/* One step of the deciding, without its words; boot_reason_text() makes a sentence of it. */
struct boot_reason {
	uint8_t kind; /* enum reason_kind, reason_who and reason_how of reason.h */
	uint8_t who;
	uint8_t how;
	uint16_t arch;
	uint16_t count; /* count of total */
	uint16_t total;
	uint32_t server;
};

/* What lies behind counts and NULs is not initialised. With BOOT_NOT_OURS: action, cause,
 * scope, device_decided, arch and the reasons are valid, and farm where one was named. */
struct boot_answer {
	enum boot_action action;
	enum boot_cause cause;
	bool has_scope;       /* scope names what matched, whoever decided the farm */
	bool device_decided;  /* the device record gave farm or file */
	bool has_server;      /* true with BOOT_BOOT */
	bool has_farm_server; /* false for a farm without a TFTP server of its own */
	char farm[DB_FARM_NAME_MAX + 1];
	char scope[DB_SCOPE_TEXT];
	uint16_t arch; /* canonical; the one that a file was found for */
	enum db_delivery delivery;
	enum db_offer offer;     /* the ProxyDHCP form for this architecture */
	uint32_t reply_delay_ms; /* of the scope */
	uint32_t server;         /* siaddr */
	uint32_t farm_server;
	char file[BOOT_FILE_TEXT]; /* option 67: FARM/FILE, or FILE with direct */
	char bootstrap[DB_FILE_NAME_MAX + 1]; /* FILE alone */
	unsigned login_count;
	uint32_t login[BOOT_LOGIN_MAX];       /* option 11, in order */
	char root_path[DB_ROOT_PATH_MAX + 1]; /* option 17, or "" */
	unsigned reason_count;
	struct boot_reason reasons[BOOT_REASONS_MAX];
};

/* Decides for facts by the snapshot. Returns 0 with *ret filled (also for "not ours"), or
 * the snapshot's failure (never ERR_NOTFOUND; ERR_MALFORMED when the map names a farm that it
 * does not hold), *ret then undefined and not to be used. Takes about 25 KB of stack. */
int boot_decide(const struct boot_facts *facts, const struct db_source *source,
    void *snap, struct boot_answer *ret) __attribute__((warn_unused_result));

enum { BOOT_REASON_TEXT = 160 };
/* Sentence i (below reason_count) of the answer to facts; returns dst. */
char *boot_reason_text(const struct boot_facts *facts, const struct boot_answer *answer,
    unsigned i, char dst[static BOOT_REASON_TEXT]);
