/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/keyed.h"

#include "lib/base/siphash.h"

#include <errno.h>
#include <sys/random.h>

int
keyed_draw(struct keyed *ret)
{
	struct keyed drawn;
	/* So few bytes come whole (getrandom(2)). */
	if (getrandom(&drawn, sizeof(drawn), 0) != (ssize_t)sizeof(drawn)) {
		return -errno;
	}
	*ret = drawn;
	return 0;
}

uint64_t
keyed_mac(const struct keyed *keyed, const struct mac *mac)
{
	return siphash24_keyed(keyed->key, mac->b, sizeof(mac->b));
}

uint64_t
keyed_addr(const struct keyed *keyed, uint32_t addr)
{
	return siphash24_keyed(keyed->key, &addr, sizeof(addr));
}
