/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/boot/decide.h"
#include "lib/wire/dhcp4.h"
#include "lib/wire/pxe.h"

/* What a PXE client asks of a ProxyDHCP, read from one datagram. */

enum request_door {
	REQUEST_DHCP, /* port 67, heard beside the DHCP server */
	REQUEST_PXE,  /* port 4011, sent to us */
};

/* A datagram and how it came. Addresses are in host order. */
struct request_in {
	enum request_door door;
	bool relay_only;
	bool direct_only; /* port 4011 is not ours: nobody may be sent there */
	uint32_t source;
	/* The address of ours that it was sent to, link_addr for a broadcast; 0: it was sent to
	 * another host, or no address of ours is known. */
	uint32_t local;
	/* Of a broadcast on port 67: the first address of the interface it came in by; 0:
	 * none, or no broadcast. */
	uint32_t link_addr;
	uint16_t source_port;
	const uint8_t *bytes; /* the UDP payload */
	size_t len;
};

/* Why nothing is sent. In the order of doc/EVENTS.md's counters. */
enum silence {
	SILENCE_NONE,      /* something is */
	SILENCE_MALFORMED, /* no DHCP message, or one that contradicts itself */
	SILENCE_SERVER,    /* a server's message, op 2 */
	SILENCE_NOT_PXE, /* option 60 does not begin with PXEClient; BOOTP; not Ethernet */
	SILENCE_TYPE, /* not for a proxy: REQUEST on 67 and all that is not DISCOVER */
	SILENCE_DIRECT, /* not relayed, with relay-only */
	SILENCE_ELSEWHERE, /* unicast to another host that this one routes for, or to us without
			    * a relay; or we have no address to answer from */
	SILENCE_NOT_OURS, /* the decision's "not ours" */
	SILENCE_FAILED,   /* the map could not be asked */
	SILENCE_LIMITED,  /* too many of this machine, relay or source */
	SILENCE_COUNT,
};

struct request {
	enum request_door door;
	enum dhcp4_type type;
	struct boot_facts facts; /* MAC, architectures and the address to look up */
	struct dhcp4_header header;
	bool relayed;  /* on 67: giaddr is set */
	uint32_t from; /* the address of ours that answers */
	uint32_t
	    client;    /* its own address, as far as it says: ciaddr, else option 50 */
	uint32_t peer; /* source of the datagram */
	uint16_t peer_port;
	bool has_max_message;
	uint16_t max_message; /* option 57 */
	uint16_t user_class;  /* option 77, as events tell it */
	bool has_uuid;
	uint8_t uuid[17]; /* option 97, type and all */
	bool has_item;    /* option 43.71 */
	uint16_t item_type, item_layer;
	unsigned relay_info_len; /* option 82, as it came */
	uint8_t relay_info[255];
};

/* Reads a datagram. SILENCE_NONE: *ret is a question to answer, if the decision calls the
 * machine ours. Everything else: why it is none. Also with SILENCE_TYPE the message was a
 * well-formed one of a PXE client and *ret is filled, so that an address can be learnt from a
 * REQUEST on port 67; otherwise *ret is undefined. */
enum silence request_read(const struct request_in *in, struct request *ret);

/* A short name of a reason, for logs: "malformed", ... */
const char *silence_text(enum silence why);
