/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "pxe-proxy/request.h"

/* The bytes of a ProxyDHCP's OFFER and ACK. */

enum { ANSWER_MAX = 1472 };

/* Writes the reply to a request that the decision calls ours: on port 67 an OFFER in the
 * direct or the redirect form, as answer->offer says, on 4011 an ACK. Options 11 and 17 are
 * what gives way to option 57 (548 bytes when absent): 11 is shortened, or left out like 17.
 * The rest fits what every client takes, and stays whatever option 57 says. Returns the
 * length. */
size_t answer_write(const struct request *request, const struct boot_answer *answer,
    uint8_t dst[static ANSWER_MAX]);
