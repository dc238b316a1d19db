/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* Option 82 of a relay: the link selection is found where it is written, whatever stands before
 * it. */
#include "lib/wire/dhcp4.h"
#include "tests/fuzz/fuzz.h"

enum { LINK = 0x0a144000 };

/* Bytes that hold whole sub-options, none of them a link selection, and then one. */
static void
require_found_behind(const uint8_t *data, size_t size)
{
	uint8_t bytes[4096 + 6];
	struct wr w = wr_init(bytes, sizeof(bytes));
	uint32_t link;
	wr_bytes(&w, data, size);
	wr_u8(&w, DHCP4_RELAY_LINK_SELECTION);
	wr_u8(&w, sizeof(link));
	wr_be32(&w, LINK);
	if (w.err != 0) {
		return;
	}
	fuzz_require(dhcp4_link_selection_decode(bytes, wr_len(&w, bytes), &link) == 0);
	fuzz_require(link == LINK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t link = LINK;
	int ret = dhcp4_link_selection_decode(data, size, &link);
	fuzz_require(ret == 0 || ret == ERR_NOTFOUND || ret == ERR_SHORT ||
	    ret == ERR_MALFORMED);
	fuzz_require(ret == 0 ? size >= 6 : link == LINK);
	if (ret == ERR_NOTFOUND) {
		require_found_behind(data, size);
	}
	return 0;
}
