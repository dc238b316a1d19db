/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/list.h"
#include "lib/boot/decide.h"

/* The machines that were heard of, by MAC and by address: what machines.h judges by. All
 * memory is taken at the start; where it is full, the one longest not heard of gives way. */

enum { ROSTER_MAX = 16384 };

struct machine {
	struct list silent;  /* the roster's, those longest not heard of first */
	struct list awaited; /* the roster's, those longest awaited first; or in none */
	struct machine *next_by_mac, *next_by_addr;
	struct mac mac;
	uint32_t addr; /* 0: not known. No two machines have one address */
	uint64_t heard_ms;
	uint32_t told_xid; /* of the exchange that told the address */
	bool is_ours;      /* the fields below are about machines of ours alone */
	struct {
		uint16_t arch;
		bool has_login; /* its farm has a login list */
		bool is_seen;   /* whether it comes would be noticed */
		uint32_t from;  /* the address of ours that answered */
		uint32_t meets; /* where it is to come */
		uint32_t server;
		char farm[DB_FARM_NAME_MAX + 1];
		char file[BOOT_FILE_TEXT];
	} answer;
	struct {
		bool has_begun;       /* a DISCOVER was answered */
		bool is_dhcp_offered; /* a DHCP server's OFFER to it was overheard */
		bool has_come;
		bool is_judged_refusing; /* told: once a boot */
		bool is_judged_missing;
		uint32_t xid;
		unsigned growing; /* how many of the last gaps were larger each time */
		uint64_t discover_ms, gap_ms;
		uint64_t awaited_ms; /* since when */
	} boot;
};

struct roster;
int roster_new(struct roster **ret) __attribute__((warn_unused_result));
void roster_free(struct roster *roster); /* NULL is fine */

/* The machine of a MAC, of an address, or NULL. Good until roster_make() or
 * roster_forget(). */
struct machine *roster_find(struct roster *roster, const struct mac *mac);
struct machine *roster_find_addr(struct roster *roster, uint32_t addr);

/* The machine of a MAC, a fresh one if there is none, as heard of now. */
struct machine *roster_make(
    struct roster *roster, const struct mac *mac, uint64_t now_ms);

void roster_heard(struct roster *roster, struct machine *machine, uint64_t now_ms);

/* The machine has this address from now on; who had it has none. */
void roster_set_addr(struct roster *roster, struct machine *machine, uint32_t addr);

/* Puts a machine last among the awaited; the first of them, or NULL. */
void roster_await(struct roster *roster, struct machine *machine);
struct machine *roster_awaited(const struct roster *roster);

/* Forgets at most max machines that were not heard of since before_ms. */
void roster_forget(struct roster *roster, uint64_t before_ms, unsigned max);
