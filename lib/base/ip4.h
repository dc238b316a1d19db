/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { IP4_TEXT = 16 /* 255.255.255.255 and NUL */, IP4_PREFIX_TEXT = 19 };

#define IP4_EVERYBODY UINT32_C(0xffffffff) /* 255.255.255.255 */

/* A network: address without host bits, host order, and 0..32 leading one bits. */
struct ip4_prefix {
	uint32_t addr;
	uint8_t len;
};

/* Reads dotted-quad text (four decimal parts without leading zeroes) into host order.
 * Returns 0 or ERR_MALFORMED, *ret then untouched. */
int ip4_parse(const char *text, uint32_t *ret) __attribute__((warn_unused_result));

/* Reads ADDRESS/LEN. Returns 0, ERR_MALFORMED, or ERR_RANGE when host bits are set (*ret
 * then holds the network that was probably meant). */
int ip4_prefix_parse(const char *text, struct ip4_prefix *ret)
    __attribute__((warn_unused_result));

/* Writes the dotted quad of a host-order address into dst and returns dst. */
char *ip4_format(uint32_t addr, char dst[static IP4_TEXT]);

/* Writes ADDRESS/LEN into dst and returns dst. */
char *ip4_prefix_format(
    const struct ip4_prefix *prefix, char dst[static IP4_PREFIX_TEXT]);

/* The netmask of a prefix length 0..32, and the last address of a prefix. */
uint32_t ip4_mask(uint8_t len);
uint32_t ip4_prefix_last(const struct ip4_prefix *prefix);

/* Orders by address, then by length: a network comes before the networks inside it. */
int ip4_prefix_compare(const struct ip4_prefix *a, const struct ip4_prefix *b);

/* True for an address that a server may have: not 0.0.0.0/8, not multicast, not class E
 * and not the limited broadcast. Loopback is fine. */
bool ip4_is_unicast(uint32_t addr);
bool ip4_is_loopback(uint32_t addr);
