/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/follow.h"
#include "db/map.h"
#include "lib/net/udp.h"
#include "pxe-proxy/delay.h"
#include "pxe-proxy/limit.h"
#include "pxe-proxy/links.h"
#include "pxe-proxy/machines.h"
#include "pxe-proxy/tell.h"

/* From packets and passing time to replies. What came in together is answered by one snapshot
 * and sent together: session_begin(), the packets, session_end(). Whoever makes a session fills
 * it in up to "between begin and end", and keeps what its pointers lead to. */

struct session {
	struct db_follow *follow;
	const struct db_settings *settings; /* of the map */
	struct nics *nics;
	struct links *links;
	struct machines *machines;
	struct limit *limit;
	struct delay *delay;
	struct packet_outbox *packets;
	struct udp_outbox *datagrams;
	int relay_fd; /* what relays are answered by */
	int pxe_fd;   /* port 4011; -1: not open */
	bool relay_only;
	bool shadow;
	struct tell tell;

	/* between begin and end */
	uint64_t now_ms;
	struct db_snapshot *snap; /* NULL: none to be had, snap_err says why */
	int snap_err;
	unsigned reply_count;
	uint8_t replies[UDP_BATCH][ANSWER_MAX]; /* borrowed by datagrams */
};

void session_begin(struct session *session, uint64_t now_ms);
void session_end(struct session *session);

/* A packet that a link heard. */
void session_heard(
    struct session *session, const struct link *link, const struct packet *packet);

/* A packet that came to port 4011; at most UDP_BATCH between begin and end. */
void session_asked(struct session *session, const struct udp_packet *packet);

/* Sends the replies that were held back until now. */
void session_delayed(struct session *session);

/* Looks for machines that did not come; for once a second. */
void session_sweep(struct session *session, uint64_t now_ms);
