/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/daemon/options.h"

#include <stdint.h>

/* The running watcher: its lifetime, and what it looks at once a second. */

/* Watches until SIGTERM or SIGINT. Returns 0, or a negated errno when it could not begin:
 * -EWOULDBLOCK when another watcher has the state, *ret_holder its process (0: not known). The
 * folders are borrowed as long as it runs. */
int serve_run(const struct daemon_dirs *dirs, uint32_t *ret_holder)
    __attribute__((warn_unused_result));
