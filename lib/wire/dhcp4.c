/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/wire/dhcp4.h"

enum { UUID_TYPE_GUID = 0, UUID_LEN = 16 };

static bool
begins_with(const void *value, size_t len, const char *prefix)
{
	size_t prefix_len = strlen(prefix);
	return len >= prefix_len && memcmp(value, prefix, prefix_len) == 0;
}

bool
dhcp4_is_pxe_client(const void *value, size_t len)
{
	return begins_with(value, len, "PXEClient");
}

bool
dhcp4_is_firmware(const void *value, size_t len)
{
	return dhcp4_is_pxe_client(value, len) || begins_with(value, len, "HTTPClient");
}

static bool
has_arch(const uint16_t *archs, unsigned count, uint16_t arch)
{
	for (unsigned i = 0; i < count; i++) {
		if (archs[i] == arch) {
			return true;
		}
	}
	return false;
}

int
dhcp4_archs_decode(
    const void *value, size_t len, unsigned max, uint16_t *ret, unsigned *ret_count)
{
	struct rd r = rd_init(value, len);
	unsigned count = 0;
	if (len == 0) {
		return ERR_SHORT;
	}
	if (len % 2 != 0) {
		return ERR_MALFORMED;
	}
	while (r.left > 0 && count < max) {
		uint16_t arch = rd_be16(&r);
		if (!has_arch(ret, count, arch)) {
			ret[count++] = arch;
		}
	}
	*ret_count = count;
	return 0;
}

int
dhcp4_uuid_decode(const void *value, size_t len, uint8_t ret[static 16])
{
	struct rd r = rd_init(value, len);
	if (len != 1 + UUID_LEN || rd_u8(&r) != UUID_TYPE_GUID) {
		return ERR_MALFORMED;
	}
	rd_bytes(&r, ret, UUID_LEN);
	return 0;
}

int
dhcp4_link_selection_decode(const void *value, size_t len, uint32_t *ret)
{
	struct rd r = rd_init(value, len);
	bool found = false;
	uint32_t link = 0;
	while (r.left > 0) {
		uint8_t code = rd_u8(&r);
		struct rd sub = rd_sub(&r, rd_u8(&r));
		if (code != DHCP4_RELAY_LINK_SELECTION || found || r.err != 0) {
			continue;
		}
		if (sub.left != sizeof(link)) {
			rd_fail(&r, ERR_MALFORMED);
		}
		link = rd_be32(&sub);
		found = true;
	}
	if (r.err != 0) {
		return r.err;
	}
	if (!found) {
		return ERR_NOTFOUND;
	}
	*ret = link;
	return 0;
}
