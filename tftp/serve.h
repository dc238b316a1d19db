/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/daemon/options.h"

#include <stdint.h>

/* The running responder: its sockets, its lifetime, and what it looks at once a second. */

enum { SERVE_LISTEN_MAX = 32, SERVE_TRANSFERS = 10000 };

/* What the command line says. Texts are borrowed as long as the responder runs. */
struct serve_options {
	struct daemon_dirs dirs;
	unsigned listen_count; /* 0: as the map says */
	struct {
		uint32_t addr;
		uint16_t port;
	} listen[SERVE_LISTEN_MAX];
};

/* Serves until SIGTERM or SIGINT. Returns 0, or a negated errno when it could not begin. */
int serve_run(const struct serve_options *options) __attribute__((warn_unused_result));
