/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* One DHCP option's value, read as each of those that the decision needs: 60, 93, 97, 82. */
#include "lib/wire/dhcp4.h"
#include "tests/fuzz/fuzz.h"

static void
require_distinct(const uint16_t *archs, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		for (unsigned j = 0; j < i; j++) {
			fuzz_require(archs[i] != archs[j]);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint16_t archs[8];
	unsigned count;
	uint8_t uuid[16];
	uint32_t link;
	fuzz_require(!dhcp4_is_pxe_client(data, size) || size >= 9);
	if (dhcp4_archs_decode(data, size, 8, archs, &count) == 0) {
		fuzz_require(size % 2 == 0 && count >= 1 && count <= 8);
		require_distinct(archs, count);
	}
	if (dhcp4_uuid_decode(data, size, uuid) == 0) {
		fuzz_require(size == 17 && memcmp(uuid, data + 1, sizeof(uuid)) == 0);
	}
	if (dhcp4_link_selection_decode(data, size, &link) == 0) {
		fuzz_require(size >= 6);
	}
	return 0;
}
