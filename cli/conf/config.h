/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/conf/mistakes.h"
#include "db/map.h"

/* The configuration as pvsboot.yaml says it: checked, with every default filled in. All that
 * a struct config points to belongs to it, until config_free(). */

struct config_addrs {
	size_t count;
	const uint32_t *addr; /* host order */
};

struct config_prefixes {
	size_t count;
	struct ip4_prefix *prefix;
};

struct config_files { /* in order of architecture */
	size_t count;
	struct config_file {
		uint16_t arch;    /* as arch_canonical() gives it */
		const char *name; /* "" says none */
		struct mark at;
	} * file;
};

struct config_offers {
	size_t count;
	struct config_offer {
		uint16_t arch;
		enum db_offer form;
	} * offer;
};

struct config_pins { /* hashes that files of a farm must have */
	size_t count;
	struct config_pin {
		const char *file;
		uint8_t sha256[DB_DIGEST_LEN];
		struct mark at;
	} * pin;
};

struct config_listens {
	size_t count;
	struct config_listen {
		uint32_t addr;
		uint16_t port;
	} const *listen;
};

struct config_texts {
	size_t count;
	const char **text;
};

enum { CONFIG_ROLE_TFTP = 1, CONFIG_ROLE_LOGIN = 2 };

struct config_server {
	uint32_t addr;
	const char *name; /* or NULL */
	uint32_t weight;  /* 1..100 */
	bool backup;
	uint32_t roles; /* CONFIG_ROLE_* */
	struct config_addrs streaming;
};

struct config_servers {
	size_t count;
	struct config_server *server;
};

enum { CONFIG_ADVISORY_TSB = 1, CONFIG_ADVISORY_PXE = 2 };

struct config_monitor {
	uint32_t probe; /* enum db_probe */
	uint32_t interval_ms;
	uint32_t timeout_ms;
	uint32_t downtime_ms;
	uint32_t retries;
	uint32_t success_retries;
	uint32_t full_every;
	uint32_t advisory; /* CONFIG_ADVISORY_* */
	struct config_pins pins;
};

struct config_login {
	enum db_login kind;
	const char *root_path; /* or NULL */
};

struct config_farm {
	const char *name;
	struct mark at; /* where its name stands */
	struct config_servers servers;
	struct config_files files; /* the built-in ones folded in */
	uint32_t delivery;         /* enum db_delivery */
	uint32_t balance;          /* enum db_balance */
	struct config_login login;
	struct config_monitor monitor;
	struct config_offers offers;      /* the default forms folded in */
	struct config_addrs boot_servers; /* its own; none: the top level's */
};

struct config_farms { /* in order of name, without regard to case */
	size_t count;
	struct config_farm *farm;
};

enum config_scope_kind { CONFIG_PREFIX, CONFIG_SUBNET_ID, CONFIG_DEFAULT };

struct config_scope {
	enum config_scope_kind kind;
	const char *text; /* as written */
	struct mark at;   /* where its key stands */
	const char *farm; /* as the farm is written; "" for none */
	bool has_prefix;
	struct ip4_prefix prefix; /* the scope's, or what TFTP admits a subnet id by */
	uint32_t subnet_id;
	struct config_files files;        /* overrides */
	struct config_addrs boot_servers; /* none: the farm's */
	uint32_t reply_delay_ms;
};

struct
    config_scopes { /* prefixes in order, then subnet ids in order, then the default */
	size_t count;
	struct config_scope *scope;
};

struct config_tftp {
	struct config_listens listens;
	bool single_port;
	struct config_ports {
		uint32_t first, last; /* 0: any */
	} ports;
};

struct config_proxy {
	struct config_texts interfaces;
	bool relay_only;
	uint32_t mode; /* enum config_mode */
};
enum config_mode { CONFIG_MODE_ANSWER, CONFIG_MODE_SHADOW };

struct config {
	struct arena arena;
	struct config_addrs boot_servers;
	struct config_farms farms;
	struct config_scopes scopes; /* the default is always there */
	struct config_prefixes clients;
	struct config_tftp tftp;
	struct config_proxy proxy;
	uint8_t digest
	    [DB_DIGEST_LEN]; /* SHA-256 of the files' bytes, one after the other */
};

enum { CONFIG_FILE_MAX = 16 << 20 /* bytes of one file */ };

/* Reads and checks the files ("-": standard input), merged in the order given. Returns 0 with a configuration for
 * config_free(); ERR_MALFORMED when mistakes has mistakes, in order, none of them missing;
 * a negated errno (with a mistake that says it) when a file cannot be read. The caller calls
 * mistakes_done() in any case. */
int config_load(const char *const *paths, size_t count, struct mistakes *mistakes,
    struct config **ret) __attribute__((warn_unused_result));

/* The same for DIR/pvsboot.yaml and DIR/pvsboot.d/[name].yaml in byte order. */
int config_load_default(const char *dir, struct mistakes *mistakes, struct config **ret)
    __attribute__((warn_unused_result));

/* The same for bytes in memory. */
struct config_source {
	const char *name; /* what mistakes call it */
	const void *bytes;
	size_t len;
};
int config_parse(const struct config_source *sources, size_t count,
    struct mistakes *mistakes, struct config **ret) __attribute__((warn_unused_result));

void config_free(struct config *config); /* NULL is fine */

/* The words for enum db_delivery, db_balance and db_probe. */
extern const char *const config_delivery_words[];
extern const char *const config_balance_words[];
extern const char *const config_probe_words[];

/* The ProxyDHCP form of an architecture that pxe.offer does not name. */
enum db_offer config_offer_default(uint16_t arch);

/* Every boot server named anywhere, each once, in order; lives in arena. 0 or -ENOMEM. */
int config_boot_servers(const struct config *config, struct arena *arena,
    struct config_addrs *ret) __attribute__((warn_unused_result));

/* The farm of that name, without regard to case; NULL when there is none. */
const struct config_farm *config_farm_find(
    const struct config *config, const char *name);
