/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/command.h"
#include "db/map.h"

/* The servers that a word of the command line means: ADDRESS, in every farm that has it and as
 * a boot server; NAME, in every farm that calls one so; FARM/ADDRESS and FARM/NAME, in that
 * farm. Names are the same in any letter case. */

struct server {
	char farm[DB_FARM_NAME_MAX + 1]; /* as the map writes it; "": a boot server */
	uint32_t addr;
	char name[DB_SERVER_NAME_MAX + 1]; /* "": none */
	bool drained;
	struct db_drain drain; /* while drained */
};

struct servers {
	size_t count;
	struct server *server;
};

/* Finds them in the map and, which only an address can name, among what is still drained of
 * servers that left it. Returns CLI_DONE with at least one, for servers_done(); CLI_NOTFOUND,
 * said on stderr with what was probably meant; CLI_USAGE or CLI_FAILED, said too. */
int servers_find(const struct db_snapshot *snap, const char *word, struct servers *ret)
    __attribute__((warn_unused_result));
void servers_done(struct servers *servers);

enum { SERVER_TEXT = DB_FARM_NAME_MAX + 1 + IP4_TEXT + DB_SERVER_NAME_MAX + 16 };
/* "east/10.1.0.12 (PVSE2)" or "boot server 10.0.0.5". Returns dst. */
char *server_text(const struct server *server, char dst[static SERVER_TEXT]);
