/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/conf/config.h"
#include "cli/conf/node.h"

#include <jansson.h>

/* The keys of the configuration. One table per mapping says for each key its type, range,
 * default and place in struct config; reading, checking, defaults and the canonical form all
 * come from it, and a test holds the schema for editors against it. */

/* What a check carries about. */
struct check {
	struct config *config; /* being filled; all it needs comes from its arena */
	struct mistakes *mistakes;
	struct arena *scratch; /* freed when the check is over */
	bool cut;              /* a file was read in part: nothing is "missing" */
};

struct key;

struct key_type {
	const char *name;
	/* Puts the default into field; NULL: all zeroes is it. */
	void (*init)(const struct key *key, void *field);
	/* Reads and checks a value; after a mistake the field keeps its default
	 * (but a duration is 0, and addresses are the zero address: not the same as not said). */
	void (*read)(struct check *c, const struct key *key, const struct node *value,
	    void *field);
	/* The canonical form: a new reference, NULL without memory, json_null() to leave the
	 * key out. */
	json_t *(*write)(const struct key *key, const void *field);
};

struct key {
	const char *name;
	const struct key_type *type;
	size_t offset;     /* of the field in the table's struct */
	uint32_t min, max; /* number: its range; duration: in ms; text and list: the
	                             most bytes or entries */
	uint32_t fallback; /* the default of bool, number, duration, word, words */
	const char *const *words;  /* of word and words, NULL behind the last */
	const struct table *table; /* of table: the keys inside */
	bool required;
};

struct table {
	const char *name; /* also of its definition in the schema */
	const struct key *keys;
	size_t count;
	/* What holds between the keys of one mapping, once all are read; may be NULL. */
	void (*check)(struct check *c, const struct node *map, void *base);
};

/* Every table, for the test that holds the schema against them. */
extern const struct table *const config_tables[];
extern const size_t config_table_count;
extern const struct table table_top, table_farm, table_server, table_scope;

void table_init(const struct table *table, void *base);
void table_read(
    struct check *c, const struct table *table, const struct node *map, void *base);
json_t *table_write(const struct table *table, const void *base);

/* Scalars, of fields uint32_t but for bool: */
extern const struct key_type type_bool, type_number, type_duration, type_word;
extern const struct key_type type_words; /* a list of words: bits, by place */
extern const struct key_type type_name;  /* const char *, NULL for none */
extern const struct key_type type_table; /* the struct of key->table, in place */
/* Addresses: */
extern const struct key_type type_address;   /* uint32_t */
extern const struct key_type type_addresses; /* struct config_addrs */
extern const struct key_type type_clients;   /* struct config_prefixes */
/* What hangs on an architecture or a file: */
extern const struct key_type type_files;  /* struct config_files */
extern const struct key_type type_offers; /* struct config_offers */
extern const struct key_type type_pins;   /* struct config_pins */
/* Farms and scopes: */
extern const struct key_type type_login;        /* struct config_login */
extern const struct key_type type_servers;      /* struct config_servers */
extern const struct key_type type_farms;        /* struct config_farms */
extern const struct key_type type_farm_ref;     /* const char *, "" for none */
extern const struct key_type type_scope_prefix; /* struct config_scope, prefix in it */
extern const struct key_type type_scopes;       /* struct config_scopes */
/* Where daemons listen: */
extern const struct key_type type_listens;    /* struct config_listens */
extern const struct key_type type_ports;      /* struct config_ports */
extern const struct key_type type_interfaces; /* struct config_texts */

/* ---- what the types are made of ---- */

/* Adds a mistake: "what is wrong; what would be right". */
#define wrong(c, at, ...) mistakes_add((c)->mistakes, (at), __VA_ARGS__)

/* A text of the file, fit for a message and not long; never NULL. */
const char *shown(struct check *c, const char *text);

/* A text in scratch; never NULL. */
const char *format_text(struct check *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* True when the node is of that kind; else says what would be right ("write EXAMPLE"), unless
 * the node is broken, which was reported. */
bool want(
    struct check *c, const struct node *node, enum node_kind kind, const char *example);
/* The same for a list of 1 (or 0 where it may be empty) to key->max entries (0: any number);
 * true when there is an entry to read. */
bool want_entries(struct check *c, const struct key *key, const struct node *value,
    bool may_be_empty, const char *example);

/* Says that child's key stands twice, and where first. */
void wrong_twice(struct check *c, struct mark at, const char *what, const char *text,
    struct mark first);
/* Finds keys that stand twice in a map whose keys are names of the administrator's. */
void refuse_twice(struct check *c, const struct node *map, bool fold, const char *what);

/* Reads one unicast address; a mistake tells why another is none. */
bool read_unicast(struct check *c, const struct node *node, uint32_t *ret);

/* Reads the text of a prefix that has no host bits; where it has some, *ret is the network. */
bool parse_prefix(
    struct check *c, struct mark at, const char *text, struct ip4_prefix *ret);

/* True for the name of a file, without a path. */
bool is_file_name(struct check *c, struct mark at, const char *text);
/* Adds the built-in files for the architectures that a farm does not name. */
void fold_files(struct check *c, struct mark at, struct config_files *files);

/* JSON: hangs value into object or list; a NULL value makes *err stick. */
void json_put(json_t *object, const char *key, json_t *value, int *err);
void json_add(json_t *list, json_t *value, int *err);
/* The tree, or NULL (and it is freed) when err is set. */
json_t *json_whole(json_t *tree, int err);

/* "did you mean X?" or "there is A, B, C". */
const char *suggestion(
    struct check *c, const char *text, const char *const *names, size_t count);

/* What holds between the keys of one mapping, and (whole) between farms, scopes and the top. */
void check_server(struct check *c, const struct node *map, void *server);
void check_monitor(struct check *c, const struct node *map, void *monitor);
void check_farm(struct check *c, const struct node *map, void *farm);
void check_whole(struct check *c, const struct node *map, void *config);
