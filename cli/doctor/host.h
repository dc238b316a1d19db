/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/net/nics.h"

/* This host, as it is at one moment: interfaces, and the UDP sockets that are bound. */
struct host;

/* Returns 0 with a host for host_free(), or a negated errno. */
int host_read(struct host **ret) __attribute__((warn_unused_result));
void host_free(struct host *host); /* NULL is fine */

const struct nics *host_nics(const struct host *host);

/* True when an IPv4 socket is bound to the UDP port at addr, or at every address; with addr 0:
 * at any. */
bool host_holds(const struct host *host, uint32_t addr, uint16_t port);
