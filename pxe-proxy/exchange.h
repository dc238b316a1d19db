/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "pxe-proxy/answer.h"

/* The ProxyDHCP exchange as one function: a datagram and a snapshot in, a reply out. Pure: no
 * I/O, allocation, clock or global. */

enum exchange_to {
	EXCHANGE_TO_LINK, /* 255.255.255.255:68, broadcast on the interface it came by */
	EXCHANGE_TO_RELAY,  /* giaddr:67, routed */
	EXCHANGE_TO_CLIENT, /* the source of the request, from port 4011 */
};

struct exchange {
	enum silence why;      /* SILENCE_NONE: reply holds len bytes to send */
	enum boot_cause cause; /* with SILENCE_NOT_OURS */
	int err;               /* with SILENCE_FAILED: what the snapshot said */
	bool is_read; /* request is valid: also with NOT_OURS, FAILED, and a REQUEST
				* on port 67 */
	struct request request;
	struct boot_answer answer; /* with SILENCE_NONE and NOT_OURS */
	enum exchange_to to;
	uint32_t destination;
	uint16_t destination_port;
	uint32_t delay_ms; /* how long the scope wants it held back; 0 on 4011 */
	size_t len;
	uint8_t reply[ANSWER_MAX];
};

/* Answers one datagram, if it is to be answered. */
void exchange_answer(const struct request_in *in, const struct db_source *source,
    void *snap, struct exchange *ret);
