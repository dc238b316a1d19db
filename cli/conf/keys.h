/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/conf/check.h"

#include <jansson.h>

/* The keys of the configuration. One table per mapping says for each key its type, range,
 * default and place in struct config; reading, checking, defaults and the canonical form all
 * come from it, and a test holds the schema for editors against it. */

struct key;

struct key_type {
	const char *name;
	/* Puts the default into field; NULL: all zeroes is it. */
	void (*init)(const struct key *key, void *field);
	/* Reads and checks a value. After a mistake the field keeps its default, but a duration
	 * is 0 and addresses are the zero address: not the same as left out. */
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
	uint32_t min, max; /* of a number; of a duration in ms; max bytes or entries */
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
/* A list of words: bits, by place. Empty only where that is the default, and then left out
 * of the canonical form. */
extern const struct key_type type_words;
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

/* Hangs value into object or list; a NULL value makes *err stick. */
void write_put(json_t *object, const char *key, json_t *value, int *err);
void write_add(json_t *list, json_t *value, int *err);
/* The tree, or NULL (and it is freed) when err is set. */
json_t *write_whole(json_t *tree, int err);

/* check_want() for a list of 1 (or 0 where it may be empty) to key->max entries (0: any number);
 * true when there is an entry to read. */
bool check_want_entries(struct check *c, const struct key *key,
    const struct node *value, bool may_be_empty, const char *example);

/* Adds the built-in files for the architectures that a farm does not name. */
void files_fold(struct check *c, struct mark at, struct config_files *files);

/* What holds between the keys of one mapping, and (whole) between farms, scopes and the top. */
void farm_check_server(struct check *c, const struct node *map, void *server);
void farm_check_monitor(struct check *c, const struct node *map, void *monitor);
void farm_check(struct check *c, const struct node *map, void *farm);
void check_whole(struct check *c, const struct node *map, void *config);
