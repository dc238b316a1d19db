/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/base/ip4.h"

#include "lib/base/err.h"

#include <stdio.h>
#include <string.h>

/* One decimal part, 0..max, without leading zeroes; steps *text over it. */
static int
part_parse(const char **text, unsigned max, unsigned *ret)
{
	const char *p = *text;
	unsigned value = 0;
	if (*p < '0' || *p > '9' || (p[0] == '0' && p[1] >= '0' && p[1] <= '9')) {
		return ERR_MALFORMED;
	}
	for (; *p >= '0' && *p <= '9'; p++) {
		value = value * 10 + (unsigned)(*p - '0');
		if (value > max) {
			return ERR_MALFORMED;
		}
	}
	*text = p;
	*ret = value;
	return 0;
}

static int
quad_parse(const char **text, uint32_t *ret)
{
	uint32_t addr = 0;
	for (unsigned i = 0; i < 4; i++) {
		unsigned part;
		if ((i > 0 && *(*text)++ != '.') || part_parse(text, 255, &part) != 0) {
			return ERR_MALFORMED;
		}
		addr = addr << 8 | part;
	}
	*ret = addr;
	return 0;
}

int
ip4_parse(const char *text, uint32_t *ret)
{
	uint32_t addr;
	if (quad_parse(&text, &addr) != 0 || *text != '\0') {
		return ERR_MALFORMED;
	}
	*ret = addr;
	return 0;
}

int
ip4_prefix_parse(const char *text, struct ip4_prefix *ret)
{
	uint32_t addr;
	unsigned len;
	if (quad_parse(&text, &addr) != 0 || *text++ != '/' ||
	    part_parse(&text, 32, &len) != 0 || *text != '\0') {
		return ERR_MALFORMED;
	}
	*ret = (struct ip4_prefix){addr & ip4_mask((uint8_t)len), (uint8_t)len};
	return addr == ret->addr ? 0 : ERR_RANGE;
}

/* Writes 0..255; returns what is behind it. By hand, since DHCP answers hold addresses as text
 * and printf costs as much as a look-up. */
static char *
octet_format(char *at, uint32_t octet)
{
	if (octet >= 100) {
		*at++ = (char)('0' + octet / 100);
	}
	if (octet >= 10) {
		*at++ = (char)('0' + octet / 10 % 10);
	}
	*at++ = (char)('0' + octet % 10);
	return at;
}

char *
ip4_format(uint32_t addr, char dst[static IP4_TEXT])
{
	char *at = dst;
	for (int shift = 24; shift >= 0; shift -= 8) {
		at = octet_format(at, addr >> shift & 0xff);
		*at++ = shift > 0 ? '.' : '\0';
	}
	return dst;
}

char *
ip4_prefix_format(const struct ip4_prefix *prefix, char dst[static IP4_PREFIX_TEXT])
{
	char quad[IP4_TEXT];
	(void)snprintf(dst, IP4_PREFIX_TEXT, "%s/%u", ip4_format(prefix->addr, quad),
	    prefix->len > 32 ? 32u : prefix->len);
	return dst;
}

uint32_t
ip4_mask(uint8_t len)
{
	return len == 0 ? 0 : UINT32_MAX << (32 - len);
}

uint32_t
ip4_prefix_last(const struct ip4_prefix *prefix)
{
	return prefix->addr | ~ip4_mask(prefix->len);
}

int
ip4_prefix_compare(const struct ip4_prefix *a, const struct ip4_prefix *b)
{
	return a->addr != b->addr ? (a->addr < b->addr ? -1 : 1) : a->len - b->len;
}

bool
ip4_is_unicast(uint32_t addr)
{
	return addr >> 24 != 0 && addr >> 24 < 224;
}

bool
ip4_is_loopback(uint32_t addr)
{
	return addr >> 24 == 127;
}
