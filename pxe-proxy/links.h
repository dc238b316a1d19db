/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/net/loop.h"
#include "lib/net/nics.h"
#include "lib/net/packet.h"

/* Which interfaces are heard. What is wanted is followed as interfaces come, go and get their
 * addresses; each change is said once. */

enum { LINKS_NAMES_MAX = 64 };

/* An interface that is heard, or all of them (ifindex 0). */
struct link {
	struct link *next;
	struct links *links;
	char name[NIC_NAME];
	unsigned ifindex;
	uint32_t addr;
	enum packet_filter filter;
	struct packet_port *port; /* NULL: it could not be opened, err says why */
	int err;
	struct loop_watch *watch;
	bool wanted;
};

/* relay_only: relayed requests alone, without names by one port for all interfaces. Else each
 * interface by its own: the named ones; without names every Ethernet interface that is up
 * and has an address. */
struct links_wanted {
	bool relay_only;
	unsigned count;
	char names[LINKS_NAMES_MAX][NIC_NAME];
};

struct links;

/* heard is called when something waits in a link's port. */
typedef void links_heard(void *ctx, struct link *link);
int links_new(struct loop *loop, links_heard *heard, void *ctx, struct links **ret)
    __attribute__((warn_unused_result));
void links_free(struct links *links); /* NULL is fine */

/* Opens what is wanted and there, and closes what is not; for once a second, outside heard().
 * Returns true when every named interface, or the one port for all, is heard. */
bool links_follow(
    struct links *links, const struct links_wanted *wanted, const struct nics *nics);

/* The port that is open on an interface, or on all; NULL when none is. */
struct packet_port *links_port(const struct links *links, unsigned ifindex);

/* How many are heard, and what their ports dropped so far, closed ones too. */
unsigned links_count(const struct links *links);
uint64_t links_dropped(const struct links *links);
