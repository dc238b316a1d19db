/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "tftp/server.h"

/* From packets and passing time to transfers. What is to be sent lies in the server's outbox
 * afterwards; images stay until the caller has flushed it. */

/* Takes a packet that came in on port. */
void session_packet(struct server *server, struct port *port,
    const struct udp_packet *packet, uint64_t now_ms);

/* Sees to every transfer whose time is up. */
void session_timeouts(struct server *server, uint64_t now_ms);

/* Sees to the requests that wait for files: whether those are there now, whether the time is
 * up, whether the watcher is to be told again. Due every PARK_LOOK_MS while there are any. */
void session_parked(struct server *server, uint64_t now_ms);
