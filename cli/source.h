/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/args.h"
#include "cli/conf/config.h"

/* Loads the configuration that the command line names: FILE, "-" for standard input, or
 * /etc/pvsboot. As config_load(). */
int source_load(const struct args *args, struct mistakes *mistakes, struct config **ret)
    __attribute__((warn_unused_result));

/* What the command line names, for a message. */
const char *source_name(const struct args *args);
