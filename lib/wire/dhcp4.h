/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/mac.h"
#include "lib/base/rd.h"
#include "lib/base/wr.h"
#include "lib/wire/arch.h"

/* DHCPv4 messages (RFC 2131) and the options that network boot needs (RFC 2132, 3046, 4578).
 * For the hook Kea parses whole messages; it uses the values' decoders alone. Addresses are in
 * host order. */
enum {
	DHCP4_SERVER_PORT = 67,
	DHCP4_CLIENT_PORT = 68,
	DHCP4_PXE_PORT = 4011,  /* ProxyDHCP, PXE 2.1 section 2.2.3 */
	DHCP4_HEADER_LEN = 236, /* up to the cookie */
	DHCP4_COOKIE = 0x63825363,
	DHCP4_PADDED_LEN = 300, /* what replies are padded to: RFC 1542 section 2.1 */
	DHCP4_FLAG_BROADCAST = 0x8000,
	DHCP4_HTYPE_ETHERNET = 1,
	DHCP4_SNAME_LEN = 64,
	DHCP4_FILE_LEN = 128,
	DHCP4_JOINED_MAX = 1024, /* the longest value of an option that is split */
};

enum dhcp4_op { DHCP4_BOOTREQUEST = 1, DHCP4_BOOTREPLY = 2 };

enum dhcp4_type {
	DHCP4_DISCOVER = 1,
	DHCP4_OFFER,
	DHCP4_REQUEST,
	DHCP4_DECLINE,
	DHCP4_ACK,
	DHCP4_NAK,
	DHCP4_RELEASE,
	DHCP4_INFORM,
};

enum {
	DHCP4_OPT_PAD = 0,
	DHCP4_OPT_RESOURCE_LOCATION = 11,
	DHCP4_OPT_ROOT_PATH = 17,
	DHCP4_OPT_VENDOR = 43,
	DHCP4_OPT_REQUESTED_ADDRESS = 50,
	DHCP4_OPT_OVERLOAD = 52,
	DHCP4_OPT_MESSAGE_TYPE = 53,
	DHCP4_OPT_SERVER_ID = 54,
	DHCP4_OPT_PARAMETERS = 55,
	DHCP4_OPT_MAX_MESSAGE = 57,
	DHCP4_OPT_CLASS_ID = 60,
	DHCP4_OPT_TFTP_SERVER = 66,
	DHCP4_OPT_BOOT_FILE = 67,
	DHCP4_OPT_USER_CLASS = 77,
	DHCP4_OPT_RELAY_AGENT = 82,
	DHCP4_OPT_CLIENT_ARCH = 93,
	DHCP4_OPT_CLIENT_NDI = 94,
	DHCP4_OPT_CLIENT_UUID = 97,
	DHCP4_OPT_TFTP_ADDRESS = 150,
	DHCP4_OPT_END = 255,
	DHCP4_RELAY_LINK_SELECTION = 5, /* sub-option of 82, RFC 3527 */
};

/* The fixed fields but sname and file. */
struct dhcp4_header {
	uint8_t op, htype, hlen, hops;
	uint32_t xid;
	uint16_t secs, flags;
	uint32_t ciaddr, yiaddr, siaddr, giaddr;
	uint8_t chaddr[16];
};

/* A message as it came. It borrows its bytes; fields but header are the codec's own. */
struct dhcp4 {
	struct dhcp4_header header;
	struct rd sname, file; /* the whole fields; empty where options stand in them */
	struct rd
	    areas[3]; /* options: behind the cookie, then overloaded file and sname */
	unsigned area_count;
	uint8_t parts[256]; /* by code: how often it stands; 2 is more than once */
	/* undefined where there is none: its value or the first part; bytes of all parts */
	struct rd first[256];
	size_t lens[256];
	uint8_t joined[DHCP4_JOINED_MAX];
};

/* Reads a message and looks at every option once. Returns 0; ERR_SHORT (ends before its
 * options do: a field of options without END, or an option beyond its field); or
 * ERR_MALFORMED: another cookie, hlen over 16, an option of a size that RFC 2132 or RFC 4578
 * rules out (the parts of a split one taken together), or option 52 with a value that it does
 * not have. What lies behind END is not looked at. *ret is undefined on failure. */
int dhcp4_decode(const void *bytes, size_t len, struct dhcp4 *ret)
    __attribute__((warn_unused_result));

/* The value of an option, also one of an overloaded field (RFC 2131 section 4.1): valid as long
 * as the bytes. The parts of a split one (RFC 3396) are joined in the message: valid until the
 * next call. False when it is absent or joins to more than DHCP4_JOINED_MAX; *ret is then
 * empty. */
bool dhcp4_option(struct dhcp4 *message, uint8_t code, struct rd *ret);

/* The same for values of one, two or four bytes; false, *ret untouched, for any other size. */
bool dhcp4_option_u8(struct dhcp4 *message, uint8_t code, uint8_t *ret);
bool dhcp4_option_be16(struct dhcp4 *message, uint8_t code, uint16_t *ret);
bool dhcp4_option_be32(struct dhcp4 *message, uint8_t code, uint32_t *ret);

/* What the file field names, without the NULs behind it; empty when options stand there. Valid
 * as long as the bytes. */
struct rd dhcp4_file(const struct dhcp4 *message);

/* Writing a message: header and cookie, the options one by one, the end. file (NULL for none)
 * stands in its field; one over DHCP4_FILE_LEN bytes leaves ERR_ROOM in w. sname is empty. */
void dhcp4_put_header(
    struct wr *w, const struct dhcp4_header *header, const char *file);
/* A value over 255 bytes is split (RFC 3396). */
void dhcp4_put_option(struct wr *w, uint8_t code, const void *value, size_t len);
void dhcp4_put_u8(struct wr *w, uint8_t code, uint8_t value);
void dhcp4_put_be32(struct wr *w, uint8_t code, uint32_t value);
/* END, and zeroes up to DHCP4_PADDED_LEN bytes since start. */
void dhcp4_put_end(struct wr *w, const void *start);

/* Option 60: true for "PXEClient" alone or as a prefix. */
bool dhcp4_is_pxe_client(const void *value, size_t len);

/* The same for what firmware says of itself in any way of booting from a network: "PXEClient" or
 * "HTTPClient". */
bool dhcp4_is_firmware(const void *value, size_t len);

/* Option 93: a list of 16-bit architectures (RFC 4578 section 2.1). Writes at most max, in
 * order, without repeats. Returns 0 and *ret_count (at least 1), ERR_SHORT when empty, or
 * ERR_MALFORMED for an odd length. */
int dhcp4_archs_decode(const void *value, size_t len, unsigned max, uint16_t *ret,
    unsigned *ret_count) __attribute__((warn_unused_result));

/* Option 97: type 0 and 16 bytes (RFC 4578 section 2.3). Returns 0 or ERR_MALFORMED. */
int dhcp4_uuid_decode(const void *value, size_t len, uint8_t ret[static 16])
    __attribute__((warn_unused_result));

/* Option 82: the link-selection address (RFC 3527), host order: the first, but
 * every sub-option is looked at. Returns 0, ERR_NOTFOUND when there is none, ERR_SHORT or
 * ERR_MALFORMED; *ret is untouched on failure. */
int dhcp4_link_selection_decode(const void *value, size_t len, uint32_t *ret)
    __attribute__((warn_unused_result));
