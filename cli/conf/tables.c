/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/keys.h"

enum { SECOND_MS = 1000, HOUR_MS = 3600 * SECOND_MS };

#define AT(type, member) .offset = offsetof(struct type, member)
#define KEYS(list)       .keys = (list), .count = sizeof(list) / sizeof((list)[0])

const char *const config_delivery_words[] = {
    [DB_DELIVERY_BOOT_SERVER] = "boot-server", [DB_DELIVERY_DIRECT] = "direct", NULL};
const char *const config_balance_words[] = {
    [DB_BALANCE_HASH] = "hash", [DB_BALANCE_ORDERED] = "ordered", NULL};
const char *const config_probe_words[] = {[DB_PROBE_BOOTSTRAP] = "bootstrap",
    [DB_PROBE_TFTP_REPLY] = "tftp-reply",
    [DB_PROBE_NONE] = "none",
    NULL};
static const char *const mode_words[] = {
    [CONFIG_MODE_ANSWER] = "answer", [CONFIG_MODE_SHADOW] = "shadow", NULL};
static const char *const role_words[] = {"tftp", "login", NULL}; /* bits 0 and 1 */
_Static_assert(CONFIG_ROLE_TFTP == 1 << 0 && CONFIG_ROLE_LOGIN == 1 << 1, "role_words");
static const char *const advisory_words[] = {"tsb", "pxe", NULL}; /* the same */
_Static_assert(
    CONFIG_ADVISORY_TSB == 1 << 0 && CONFIG_ADVISORY_PXE == 1 << 1, "advisory_words");

static const struct key server_keys[] = {
    {"address", &type_address, AT(config_server, addr), .required = true},
    {"backup", &type_bool, AT(config_server, backup)},
    {"name", &type_name, AT(config_server, name), .max = DB_SERVER_NAME_MAX},
    {"roles", &type_words, AT(config_server, roles), .words = role_words,
	.fallback = CONFIG_ROLE_TFTP | CONFIG_ROLE_LOGIN},
    {"streaming", &type_addresses, AT(config_server, streaming), .max = DB_STREAMS_MAX},
    {"weight", &type_number, AT(config_server, weight), 1, 100, .fallback = 1},
};
const struct table table_server = {"server", KEYS(server_keys), farm_check_server};

static const struct key monitor_keys[] = {
    {"advisory", &type_words, AT(config_monitor, advisory), .words = advisory_words},
    {"downtime", &type_duration, AT(config_monitor, downtime_ms), 100, HOUR_MS,
	.fallback = 30 * SECOND_MS},
    {"full-every", &type_number, AT(config_monitor, full_every), 1, 1000,
	.fallback = 1},
    {"interval", &type_duration, AT(config_monitor, interval_ms), 100, HOUR_MS,
	.fallback = 5 * SECOND_MS},
    {"probe", &type_word, AT(config_monitor, probe), .words = config_probe_words,
	.fallback = DB_PROBE_BOOTSTRAP},
    {"retries", &type_number, AT(config_monitor, retries), 1, 20, .fallback = 3},
    {"sha256", &type_pins, AT(config_monitor, pins)},
    {"success-retries", &type_number, AT(config_monitor, success_retries), 1, 20,
	.fallback = 1},
    {"timeout", &type_duration, AT(config_monitor, timeout_ms), 100, HOUR_MS,
	.fallback = 2 * SECOND_MS},
};
static const struct table table_monitor = {
    "monitor", KEYS(monitor_keys), farm_check_monitor};

static const struct key pxe_keys[] = {
    {"offer", &type_offers, AT(config_farm, offers)},
};
static const struct table table_pxe = {"pxe", KEYS(pxe_keys), NULL};

static const struct key farm_keys[] = {
    {"balance", &type_word, AT(config_farm, balance), .words = config_balance_words,
	.fallback = DB_BALANCE_HASH},
    {"boot-servers", &type_addresses, AT(config_farm, boot_servers),
	.max = DB_BOOT_SERVERS_MAX},
    {"bootstrap", &type_files, AT(config_farm, files)},
    {"delivery", &type_word, AT(config_farm, delivery), .words = config_delivery_words,
	.fallback = DB_DELIVERY_BOOT_SERVER},
    {"login", &type_login, AT(config_farm, login)},
    {"monitor", &type_table, AT(config_farm, monitor), .table = &table_monitor},
    {"pxe", &type_table, .offset = 0, .table = &table_pxe},
    {"servers", &type_servers, AT(config_farm, servers), .max = DB_SERVERS_MAX,
	.required = true},
};
const struct table table_farm = {"farm", KEYS(farm_keys), farm_check};

static const struct key scope_keys[] = {
    {"boot-servers", &type_addresses, AT(config_scope, boot_servers),
	.max = DB_BOOT_SERVERS_MAX},
    {"bootstrap", &type_files, AT(config_scope, files)},
    {"farm", &type_farm_ref, AT(config_scope, farm), .required = true},
    {"prefix", &type_scope_prefix, .offset = 0},
    {"reply-delay", &type_duration, AT(config_scope, reply_delay_ms), 0,
	10 * SECOND_MS},
};
const struct table table_scope = {"scope", KEYS(scope_keys), NULL};

static const struct key tftp_keys[] = {
    {"listen", &type_listens, AT(config_tftp, listens), .max = DB_LISTEN_MAX},
    {"port-range", &type_ports, AT(config_tftp, ports), 1024, UINT16_MAX},
    {"single-port", &type_bool, AT(config_tftp, single_port)},
};
static const struct table table_tftp = {"tftp", KEYS(tftp_keys), NULL};

static const struct key proxy_keys[] = {
    {"interfaces", &type_interfaces, AT(config_proxy, interfaces),
	.max = DB_INTERFACES_MAX},
    {"mode", &type_word, AT(config_proxy, mode), .words = mode_words,
	.fallback = CONFIG_MODE_ANSWER},
    {"relay-only", &type_bool, AT(config_proxy, relay_only)},
};
static const struct table table_proxy = {"proxy", KEYS(proxy_keys), NULL};

/* Farms come before scopes, which name them. */
static const struct key top_keys[] = {
    {"boot-servers", &type_addresses, AT(config, boot_servers),
	.max = DB_BOOT_SERVERS_MAX},
    {"clients", &type_clients, AT(config, clients)},
    {"farms", &type_farms, AT(config, farms), .required = true},
    {"proxy", &type_table, AT(config, proxy), .table = &table_proxy},
    {"scopes", &type_scopes, AT(config, scopes)},
    {"tftp", &type_table, AT(config, tftp), .table = &table_tftp},
};
const struct table table_top = {"configuration", KEYS(top_keys), check_whole};

const struct table *const config_tables[] = {&table_top, &table_farm, &table_server,
    &table_monitor, &table_pxe, &table_scope, &table_tftp, &table_proxy};
const size_t config_table_count = sizeof(config_tables) / sizeof(config_tables[0]);
