/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/wire/event.h"
#include "pxe-proxy/exchange.h"

/* The machines of ours that are booting: what each was offered and how far it came, as the
 * wire shows it. A table of fixed size (roster.h); where a storm overfills it, the one longest
 * not heard of gives way. Pure but for its memory; times are monotonic milliseconds.
 *
 * A client that finds no offers to go by sends its DISCOVER again, with the same xid and at
 * gaps that double: 4, 8, 16 s by PXE 2.1. That is a refusal of ours (5) only if DHCP did offer
 * an address: where such an OFFER was overheard, two growing gaps of three seconds or more
 * tell; where none was, as behind a relay or a switch, it takes three: half a minute, in which
 * a slow DHCP server or a port in spanning tree has long answered. iPXE never repeats itself
 * for want of a proxy, and its first gaps of 1 and 2 s tell nothing. A REQUEST begins the count
 * anew. */

enum {
	MACHINES_FORGET_MS = 120000, /* after the last that was heard of it */
	MACHINES_NO_SHOW_MS = 30000, /* from its DHCP REQUEST to port 4011 or TFTP */
};

/* Something wrong on the wire about one machine. */
struct found {
	enum event_finding finding;
	struct mac mac;
	uint32_t server; /* who is the cause: the other server, or our own address */
	uint32_t client; /* the machine's address, or 0 */
	uint16_t arch;
	char farm[DB_FARM_NAME_MAX + 1];
};

struct machines;
int machines_new(struct machines **ret) __attribute__((warn_unused_result));
void machines_free(struct machines *machines); /* NULL is fine */

/* A reply was (or in shadow mode, would have been) sent to a machine of ours. sees_tftp is true
 * where an RRQ to the server that it names would be heard here. True with *ret when that
 * tells something: a DISCOVER that repeats (5), once per xid and never in shadow mode. */
bool machines_answered(struct machines *machines, const struct exchange *exchange,
    bool shadow, bool sees_tftp, uint64_t now_ms, struct found *ret);

/* A REQUEST of a PXE client was heard on port 67. True when it tells the machine's address, the
 * first time in an exchange, or another one than before: *ret_addr. Whether the machine is ours
 * or not. */
bool machines_request(struct machines *machines, const struct request *request,
    uint64_t now_ms, uint32_t *ret_addr);

/* A server's message to a client was heard, sent from source; own: source is an address of
 * this host, so that its option 60 leads to our port 4011. Writes the findings about a machine
 * of ours and returns their number, at most MACHINES_FOUND_MAX. */
enum { MACHINES_FOUND_MAX = 4 };
unsigned machines_overheard(struct machines *machines, struct dhcp4 *message,
    uint32_t source, bool own, uint64_t now_ms,
    struct found ret[static MACHINES_FOUND_MAX]);

/* A message of another boot server of the map was heard that a pvsboot-pxe there may have sent:
 * its machine is served by both and comes to either (no finding 6). False for one that it
 * cannot have sent, which is then for machines_overheard(). */
bool machines_shared(struct machines *machines, struct dhcp4 *message);

/* An RRQ from a machine's address was heard. */
void machines_tftp(struct machines *machines, uint32_t client);

/* For once a second. Forgets who was not heard of; true with *ret for a machine that did not
 * come (6), once a boot and never in shadow mode; to be called until it returns false. */
bool machines_sweep(struct machines *machines, uint64_t now_ms, struct found *ret);
