/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/daemon/options.h"
#include "lib/net/nics.h"

/* The running proxy: its sockets, its lifetime, and what it looks at once a second. */

enum { SERVE_INTERFACES_MAX = 64 };

/* What the command line says. Texts are borrowed as long as the proxy runs. */
struct serve_options {
	struct daemon_dirs dirs;
	bool relay_only; /* true: whatever the map says */
	bool hold_port;
	unsigned
	    interface_count; /* 0: as the map says; and if that names none, every Ethernet
				   * interface that has an address */
	const char *interfaces[SERVE_INTERFACES_MAX];
};

/* Serves until SIGTERM or SIGINT. Returns 0, or a negated errno when it could not begin. */
int serve_run(const struct serve_options *options) __attribute__((warn_unused_result));
