/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/net/loop.h"

#include <stdbool.h>

/* The sockets of the responder. A door is an address and port where requests arrive. Behind
 * it lies a pool of sockets that its transfers go on by: each a transfer identifier (TID, RFC
 * 1350) that many clients share. With a single port the door itself is used. Pools and doors
 * that a new configuration no longer wants stay until their last transfer is over. */
enum { PORTS_TIDS = 16 };

struct door;

struct port {
	int fd;         /* -1: closed */
	bool listens;   /* requests come here */
	unsigned users; /* transfers */
	struct door *door;
	struct loop_watch *watch;
};

struct ports_config {
	bool single_port;
	uint16_t first, last; /* for TIDs; 0: any */
};

/* Where a door stands, and who is called with the port that has packets. */
struct door_place {
	struct loop *loop;
	uint32_t addr; /* 0: every address */
	uint16_t number;
	loop_fn *readable;
	void *owner; /* for readable's use */
};

struct pool;

struct door {
	struct door_place place;
	struct ports_config config;
	bool retired; /* takes no more requests */
	struct port listener;
	struct pool *pools; /* the first is in use, but for a single port */
	struct door *next;  /* the owner's list */
};

/* Opens a door. Returns 0, or a negated errno when it cannot be bound, or no TID of the range
 * can. */
int door_open(const struct door_place *place, const struct ports_config *config,
    struct door **ret) __attribute__((warn_unused_result));
void door_close(struct door *door); /* NULL is fine */

/* Transfers begun from now on follow config. On failure, a negated errno, nothing changed. */
int door_configure(struct door *door, const struct ports_config *config)
    __attribute__((warn_unused_result));

/* Closes the sockets that are no longer wanted and have no users. Returns true when nothing is
 * left of a retired door but door_close(). */
bool door_sweep(struct door *door);

/* The port for a new transfer, by chance. */
struct port *door_pick(struct door *door);
