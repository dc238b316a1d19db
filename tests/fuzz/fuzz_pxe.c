/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* Option 43 of a PXE client or server; what we would write of it reads back the same. */
#include "lib/wire/pxe.h"
#include "tests/fuzz/fuzz.h"

static void
require_reads_back(const struct pxe_vendor *vendor)
{
	uint8_t bytes[16];
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct pxe_vendor again;
	pxe_vendor_encode(&w, vendor);
	fuzz_require(w.err == 0);
	fuzz_require(pxe_vendor_decode(bytes, wr_len(&w, bytes), &again) == 0);
	fuzz_require(again.has_discovery == vendor->has_discovery);
	fuzz_require(again.discovery == vendor->discovery);
	fuzz_require(again.has_item == vendor->has_item);
	fuzz_require(again.item_type == vendor->item_type);
	fuzz_require(again.item_layer == vendor->item_layer);
	fuzz_require(!again.has_servers && !again.has_menu && !again.has_prompt);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pxe_vendor vendor;
	int ret = pxe_vendor_decode(data, size, &vendor);
	fuzz_require(ret == 0 || ret == ERR_SHORT || ret == ERR_MALFORMED);
	if (ret == 0) {
		require_reads_back(&vendor);
	}
	return 0;
}
