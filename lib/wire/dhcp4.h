/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/mac.h"
#include "lib/base/rd.h"
#include "lib/base/wr.h"
#include "lib/wire/arch.h"

/* The DHCPv4 options that the decision needs (RFC 2132, 3046, 4578). The codec of whole
 * messages is not here: Kea parses them for the hook. */
enum {
	DHCP4_OPT_ROOT_PATH = 17,
	DHCP4_OPT_RESOURCE_LOCATION = 11,
	DHCP4_OPT_VENDOR = 43,
	DHCP4_OPT_MESSAGE_TYPE = 53,
	DHCP4_OPT_MAX_MESSAGE = 57,
	DHCP4_OPT_CLASS_ID = 60,
	DHCP4_OPT_TFTP_SERVER = 66,
	DHCP4_OPT_BOOT_FILE = 67,
	DHCP4_OPT_RELAY_AGENT = 82,
	DHCP4_OPT_CLIENT_ARCH = 93,
	DHCP4_OPT_CLIENT_UUID = 97,
	DHCP4_OPT_TFTP_ADDRESS = 150,
	DHCP4_RELAY_LINK_SELECTION = 5, /* sub-option of 82, RFC 3527 */
};

/* Option 60: true for "PXEClient" alone or as a prefix. */
bool dhcp4_is_pxe_client(const void *value, size_t len);

/* Option 93: a list of 16-bit architectures (RFC 4578 section 2.1). Writes at most max, in
 * order, without repeats. Returns 0 and *ret_count (at least 1), ERR_SHORT when empty, or
 * ERR_MALFORMED for an odd length. */
int dhcp4_archs_decode(const void *value, size_t len, unsigned max, uint16_t *ret,
    unsigned *ret_count) __attribute__((warn_unused_result));

/* Option 97: type 0 and 16 bytes (RFC 4578 section 2.3). Returns 0 or ERR_MALFORMED. */
int dhcp4_uuid_decode(const void *value, size_t len, uint8_t ret[static 16])
    __attribute__((warn_unused_result));

/* Option 82: the link-selection address (RFC 3527), host order. Returns 0, ERR_NOTFOUND when
 * there is none, ERR_SHORT or ERR_MALFORMED. */
int dhcp4_link_selection_decode(const void *value, size_t len, uint32_t *ret)
    __attribute__((warn_unused_result));
