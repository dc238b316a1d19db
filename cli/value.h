/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "cli/command.h"
#include "lib/base/mac.h"

/* Values of the command line that several commands take. Each returns CLI_DONE, or CLI_USAGE
 * with what would be right said on stderr; *ret is then untouched. where names the value. */
int value_mac(const char *text, struct mac *ret) __attribute__((warn_unused_result));
int value_arch(const char *where, const char *text, uint16_t *ret)
    __attribute__((warn_unused_result));

/* A remark of an option, copied to dst: one line of UTF-8 of at most max bytes. */
int value_text(enum option_id option, const char *text, char *dst, size_t max)
    __attribute__((warn_unused_result));
