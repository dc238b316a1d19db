/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "watch/probe.h"

/* What a kind of probe is made of. Deadlines, silence, ICMP and who may speak are probe.c's. */
struct probe_ops {
	uint16_t port; /* asked */
	bool silence_is_good;
	/* Says what is to be said now: first, and again when no answer comes. */
	void (*say)(struct probe *probe, struct probe_action *ret);
	/* Takes a packet of the server, from whatever port. */
	void (*packet)(struct probe *probe, uint16_t peer_port, const void *bytes,
	    size_t len, uint64_t now_ms, struct probe_action *ret);
	/* Tells the server that a probe which it answered gives up; NULL: there is no need. */
	void (*leave)(struct probe *probe, struct probe_action *ret);
};

extern const struct probe_ops probe_fetch, probe_login, probe_tsb, probe_pxe;

/* The server's answer has come on: its silence is counted anew. */
void probe_heard(struct probe *probe, uint64_t now_ms);

/* Gives a packet of len bytes, written into ret->send, to a port of the server. */
void probe_send(struct probe_action *ret, uint16_t port, size_t len);

/* Ends a probe that was answered against the protocol; why is static. */
void probe_break(struct probe *probe, const char *why);
