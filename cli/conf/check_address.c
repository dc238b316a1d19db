/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/conf/check.h"

#include "lib/base/err.h"
#include "lib/base/ip4.h"

static const char *
why_not_unicast(uint32_t addr)
{
	return addr == 0            ? "the zero address"
	    : addr == UINT32_MAX    ? "the broadcast address"
	    : addr >> 28 == 0xe     ? "a multicast address"
	    : !ip4_is_unicast(addr) ? "a reserved address"
				    : NULL;
}

bool
check_unicast(
    struct check *c, const struct node *node, const char *right, uint32_t *ret)
{
	uint32_t addr;
	if (!check_want(c, node, NODE_TEXT, right)) {
		return false;
	}
	if (ip4_parse(node->text, &addr) != 0) {
		check_wrong(c, node->at, "\"%s\" is not an IPv4 address; write %s",
		    check_shown(c, node->text), right);
		return false;
	}
	if (why_not_unicast(addr) != NULL) {
		check_wrong(c, node->at, "\"%s\" is %s; write %s",
		    check_shown(c, node->text), why_not_unicast(addr), right);
		return false;
	}
	*ret = addr;
	return true;
}

bool
check_prefix(struct check *c, struct mark at, const char *text, struct ip4_prefix *ret)
{
	char meant[IP4_PREFIX_TEXT];
	int err = ip4_prefix_parse(text, ret);
	if (err == ERR_RANGE) {
		check_wrong(c, at,
		    "prefix \"%s\" has host bits set; write %s for the network",
		    check_shown(c, text), ip4_prefix_format(ret, meant));
	} else if (err != 0) {
		check_wrong(c, at,
		    "\"%s\" is not a prefix; write one such as 10.20.0.0/16",
		    check_shown(c, text));
	}
	return err == 0;
}
