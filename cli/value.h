/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/mac.h"

/* Values of the command line that several commands take. Each returns CLI_DONE, or CLI_USAGE
 * with what would be right said on stderr; *ret is then untouched. where names the value. */
int value_mac(const char *text, struct mac *ret) __attribute__((warn_unused_result));
int value_arch(const char *where, const char *text, uint16_t *ret)
    __attribute__((warn_unused_result));
