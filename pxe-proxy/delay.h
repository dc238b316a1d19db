/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "pxe-proxy/exchange.h"

/* Replies that their scope wants held back. A table of fixed size; what does not fit is
 * for the caller to send at once. A later reply to the same machine takes the
 * place of the earlier, and its time: a client that asks again sooner than the delay is long
 * must not wait for ever. Times are monotonic milliseconds. */
enum { DELAY_MAX = 4096 };

/* A reply and where it goes. */
struct delayed {
	enum exchange_to to;
	struct mac mac;
	unsigned ifindex;
	uint32_t source; /* address */
	uint32_t destination;
	uint16_t destination_port;
	size_t len;
	uint8_t bytes[ANSWER_MAX];
};

struct delay;
int delay_new(uint64_t now_ms, struct delay **ret) __attribute__((warn_unused_result));
void delay_free(struct delay *delay); /* NULL is fine */

/* Keeps a copy until due_ms, or until what it replaces was due. False when it does not fit. */
bool delay_put(struct delay *delay, const struct delayed *reply, uint64_t due_ms);
bool delay_is_empty(const struct delay *delay);

/* The next that is due, valid until delay_put() or delay_pop() is called again; NULL when none
 * is. */
const struct delayed *delay_pop(struct delay *delay, uint64_t now_ms);
