/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/wire/dhcp4.h"
#include "pxe-proxy/exchange.h"
#include "tests/unit/unit.h"
#include "tests/unit/world.h"

/* What PXE firmware sends, and the ways by which it reaches the proxy. */

/* Option 97: the UUID 564d4c41-4220-4000-8000-00000000abcd, as iPXE and EDK2 send it. */
#define PXE_UUID                                                                       \
	"\x61\x11\x00\x41\x4c\x4d\x56\x20\x42\x00\x40"                                 \
	"\x80\x00\x00\x00\x00\x00\xab\xcd"
#define PXE_MAC "\x52\x54\x00\xaa\x00\x01"
/* iPXE's parameter list and its own option 175, shortened to one of its sub-options */
#define PXE_IPXE_REST                                                                  \
	"\x4d\x04iPXE"                                                                 \
	"\x37\x17\x01\x03\x06\x07\x0c\x0f\x11\x1a\x2b\x3c\x42\x43\x77\x80\x81\x82\x83" \
	"\x84\x85\x86\x87\xaf\xcb"                                                     \
	"\xaf\x03\x13\x01\x01"                                                         \
	"\x3d\x07\x01" PXE_MAC
#define PXE_EDK2_LIST                                                                  \
	"\x37\x23\x01\x02\x03\x04\x05\x06\x0c\x0d\x0f\x11\x12\x16\x17\x1c\x28\x29"     \
	"\x2a\x2b\x32\x33\x36\x3a\x3b\x3c\x42\x43\x61\x80\x81\x82\x83\x84\x85\x86\x87"

/* What stands behind option 53 in all of a firmware's messages. */
struct pxe_firmware {
	const char *name;
	const char *options;
	size_t len;
	uint16_t flags;
	bool has_uuid;
	uint16_t arch; /* that the answer is for */
};

static const struct pxe_firmware pxe_firmwares[] = {
    {"iPXE, BIOS",
	UNIT_BYTES("\x39\x02\x05\xc0"
		   "\x5d\x02\x00\x00"
		   "\x5e\x03\x01\x02\x01"
		   "\x3c\x20PXEClient:Arch:00000:UNDI:002001" PXE_IPXE_REST PXE_UUID),
	0, true, ARCH_BIOS},
    {"iPXE, UEFI",
	UNIT_BYTES("\x39\x02\x05\xc0"
		   "\x5d\x02\x00\x07"
		   "\x5e\x03\x01\x03\x0a"
		   "\x3c\x20PXEClient:Arch:00007:UNDI:003010" PXE_IPXE_REST PXE_UUID),
	0, true, ARCH_UEFI_X64},
    {"EDK2",
	UNIT_BYTES("\x39\x02\x05\xc0" PXE_EDK2_LIST PXE_UUID "\x5e\x03\x01\x03\x00"
		   "\x5d\x02\x00\x07"
		   "\x3c\x20PXEClient:Arch:00007:UNDI:003000"),
	DHCP4_FLAG_BROADCAST, true, ARCH_UEFI_X64},
    {"EDK2 as VMware and Lenovo have it, architecture 9",
	UNIT_BYTES("\x39\x02\x05\xc0" PXE_EDK2_LIST PXE_UUID "\x5e\x03\x01\x03\x00"
		   "\x5d\x02\x00\x09"
		   "\x3c\x20PXEClient:Arch:00009:UNDI:003000"),
	DHCP4_FLAG_BROADCAST, true, ARCH_UEFI_X64},
    {"an old card without option 97",
	UNIT_BYTES("\x5d\x02\x00\x00"
		   "\x5e\x03\x01\x02\x01"
		   "\x3c\x20PXEClient:Arch:00000:UNDI:002001"),
	0, false, ARCH_BIOS},
    {"an older one without option 93 as well",
	UNIT_BYTES("\x3c\x20PXEClient:Arch:00000:UNDI:001000"), 0, false, ARCH_BIOS},
    {"no architecture in option 60", /* iPXE chainloaded */
	UNIT_BYTES("\x5d\x02\x00\x07"
		   "\x3c\x09PXEClient" PXE_UUID),
	0, true, ARCH_UEFI_X64},
    {"HTTP boot first, then x64", /* one firmware that can do both */
	UNIT_BYTES("\x5d\x04\x00\x10\x00\x07"
		   "\x3c\x09PXEClient" PXE_UUID),
	0, true, ARCH_UEFI_X64},
};

/* Option 82: circuit "eth0", link selection 10.20.0.0. */
#define PXE_RELAY_INFO "\x01\x04\x65\x74\x68\x30\x05\x04\x0a\x14\x00\x00"
#define PXE_ITEM       "\x47\x04\x80\x01\x00\x00\xff"

struct pxe_path {
	const char *name;
	enum request_door door;
	enum dhcp4_type type;
	const char *ciaddr, *giaddr, *source, *link;
	uint16_t source_port;
	const char *options; /* behind the firmware's own */
	size_t len;
	const char *farm; /* that its address leads to */
};

static const struct pxe_path pxe_paths[] = {
    {"link", REQUEST_DHCP, DHCP4_DISCOVER, "0.0.0.0", "0.0.0.0", "0.0.0.0", "10.20.0.2",
	DHCP4_CLIENT_PORT, UNIT_BYTES(""), "east"},
    {"relay", REQUEST_DHCP, DHCP4_DISCOVER, "0.0.0.0", "10.20.65.1", "10.20.65.1",
	"10.20.0.2", DHCP4_SERVER_PORT, UNIT_BYTES(""), "west"},
    {"relay with link selection", REQUEST_DHCP, DHCP4_DISCOVER, "0.0.0.0", "10.40.0.1",
	"10.40.0.1", "10.20.65.2", DHCP4_SERVER_PORT,
	UNIT_BYTES("\x52\x0c" PXE_RELAY_INFO), "east"},
    {"REQUEST on 4011", REQUEST_PXE, DHCP4_REQUEST, "10.20.65.9", "0.0.0.0",
	"10.20.0.9", "10.20.0.2", DHCP4_PXE_PORT, UNIT_BYTES(""), "west"},
    {"INFORM on 4011", REQUEST_PXE, DHCP4_INFORM, "10.20.0.9", "0.0.0.0", "10.20.0.9",
	"10.20.65.2", DHCP4_CLIENT_PORT, UNIT_BYTES(""), "east"},
    {"boot item on 4011", REQUEST_PXE, DHCP4_REQUEST, "0.0.0.0", "0.0.0.0",
	"10.20.65.9", "10.20.0.2", DHCP4_CLIENT_PORT, UNIT_BYTES("\x2b\x07" PXE_ITEM),
	"west"},
};

/* The proxy's address, whatever the path. */
#define PXE_OWN "10.20.0.2"

/* A datagram on its way to the proxy. */
struct pxe_ask {
	struct request_in in;
	size_t len; /* of bytes; END is the last */
	uint8_t bytes[2048];
};

static inline void
pxe_ask_make(struct pxe_ask *ask, const struct pxe_firmware *firmware,
    const struct pxe_path *path)
{
	struct wr w = wr_init(ask->bytes, sizeof(ask->bytes));
	struct dhcp4_header header = {.op = DHCP4_BOOTREQUEST,
	    .htype = DHCP4_HTYPE_ETHERNET,
	    .hlen = MAC_LEN,
	    .hops = world_ip4(path->giaddr) != 0,
	    .xid = 0x11223344,
	    .secs = 4,
	    .flags = firmware->flags,
	    .ciaddr = world_ip4(path->ciaddr),
	    .giaddr = world_ip4(path->giaddr)};
	memcpy(header.chaddr, PXE_MAC, MAC_LEN);
	dhcp4_put_header(&w, &header, NULL);
	dhcp4_put_u8(&w, DHCP4_OPT_MESSAGE_TYPE, (uint8_t)path->type);
	wr_bytes(&w, firmware->options, firmware->len);
	wr_bytes(&w, path->options, path->len);
	wr_u8(&w, DHCP4_OPT_END);
	ck_assert_int_eq(w.err, 0);
	ask->len = wr_len(&w, ask->bytes);
	ask->in = (struct request_in){.door = path->door,
	    .source = world_ip4(path->source),
	    .source_port = path->source_port,
	    .local = world_ip4(PXE_OWN),
	    .link_addr = world_ip4(path->link)};
}

/* Answers a copy of exactly len bytes, so that ASan sees one byte too far; the answer is its
 * caller's until the next. */
static inline const struct exchange *
pxe_answer(const struct request_in *in, const uint8_t *bytes, size_t len, void *snap)
{
	static struct exchange exchange;
	struct request_in exact = *in;
	uint8_t *copy = malloc(len > 0 ? len : 1);
	ck_assert_ptr_nonnull(copy);
	if (len > 0) {
		memcpy(copy, bytes, len);
	}
	exact.bytes = len > 0 ? copy : copy + 1;
	exact.len = len;
	memset(&exchange, 0xa5, sizeof(exchange));
	exchange_answer(&exact, &world_source, snap, &exchange);
	free(copy);
	return &exchange;
}

static inline const struct exchange *
pxe_answer_ask(const struct pxe_ask *ask, void *snap)
{
	return pxe_answer(&ask->in, ask->bytes, ask->len, snap);
}

/* What a farm says in pxe.offer. */
static inline void
pxe_offer(struct db_farm *farm, uint16_t arch, enum db_offer form)
{
	farm->offer[farm->offer_count].arch = arch;
	farm->offer[farm->offer_count].form = form;
	farm->offer_count++;
}
