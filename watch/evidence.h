/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/wire/event.h"

#include <stdbool.h>
#include <stdint.h>

/* Passive evidence, for delivery "direct" alone: a machine that was sent to a server, did not
 * boot and asks anew. A sending is an ACK that named the server, or a ProxyDHCP OFFER that did
 * and the machine's REQUEST behind it. It failed when an exchange with another xid and the same
 * option 77 begins 20 to 180 s after it, and nothing told meanwhile that the machine booted.
 * When at least 5 machines failed, and half of those that were sent to the server in the 60 s
 * up to a sending that failed, a probe of it is hastened; its verdict is the probe's alone.
 *
 * Tables of fixed size, in which the longest unused entry of a set gives way. Times are the
 * senders', in milliseconds. Pure but for making and freeing the tables. */
enum {
	EVIDENCE_FIRST_MS = 20000,
	EVIDENCE_LAST_MS = 180000,
	EVIDENCE_WINDOW_MS = 60000,
	EVIDENCE_MACHINES = 5,
};
struct evidence;
int evidence_new(struct evidence **ret) __attribute__((warn_unused_result));
void evidence_free(struct evidence *evidence); /* NULL is fine */

/* Takes what a program told. True when it made the evidence against *ret_server (host order)
 * of the farm *ret_farm (borrowed until the next call) enough: at most once in
 * EVIDENCE_WINDOW_MS for a server. */
bool evidence_take(struct evidence *evidence, const struct event *event,
    const char **ret_farm, uint32_t *ret_server);
