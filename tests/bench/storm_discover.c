/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tests/bench/storm_discover.h"

#include "lib/wire/dhcp4.h"
#include "lib/wire/udp4.h"

enum { OPT_PARAMETERS = 55, OPT_CLIENT_ID = 61, OPT_CLIENT_NDI = 94 };
enum { ETHERTYPE_IPV4 = 0x0800, RELAY_CIRCUIT_ID = 1 };

struct mac
storm_mac(const struct storm_machine *machine)
{
	uint32_t n = machine->number;
	return (struct mac){{6, 0, (uint8_t)(n >> 24), (uint8_t)(n >> 16),
	    (uint8_t)(n >> 8), (uint8_t)n}};
}

uint32_t
storm_number(const uint8_t mac[static MAC_LEN])
{
	struct rd r = rd_init(mac, MAC_LEN);
	uint16_t ours = rd_be16(&r);
	return ours == 0x0600 ? rd_be32(&r) : UINT32_MAX;
}

static void
put_uuid(struct wr *w, const struct mac *mac)
{
	uint8_t uuid[17] = {
	    0, 0x00, 0x41, 0x4c, 0x4d, 0x56, 0x20, 0x42, 0x00, 0x40, 0x80};
	memcpy(uuid + sizeof(uuid) - MAC_LEN, mac->b, MAC_LEN);
	dhcp4_put_option(w, DHCP4_OPT_CLIENT_UUID, uuid, sizeof(uuid));
}

static void
put_ipxe(struct wr *w, const struct mac *mac)
{
	static const char class_id[] = "PXEClient:Arch:00000:UNDI:002001";
	static const uint8_t parameters[] = {1, 3, 6, 7, 12, 15, 17, 26, 43, 60, 66, 67,
	    119, 128, 129, 130, 131, 132, 133, 134, 135, 175, 203};
	uint8_t client_id[1 + MAC_LEN] = {DHCP4_HTYPE_ETHERNET};
	memcpy(client_id + 1, mac->b, MAC_LEN);
	dhcp4_put_option(w, DHCP4_OPT_MAX_MESSAGE, "\x05\xc0", 2);
	dhcp4_put_option(w, DHCP4_OPT_CLIENT_ARCH, "\0\0", 2);
	dhcp4_put_option(w, OPT_CLIENT_NDI, "\1\2\1", 3);
	dhcp4_put_option(w, DHCP4_OPT_CLASS_ID, class_id, sizeof(class_id) - 1);
	dhcp4_put_option(w, DHCP4_OPT_USER_CLASS, "iPXE", 4);
	dhcp4_put_option(w, OPT_PARAMETERS, parameters, sizeof(parameters));
	dhcp4_put_option(w, OPT_CLIENT_ID, client_id, sizeof(client_id));
	put_uuid(w, mac);
}

static void
put_edk2(struct wr *w, const struct mac *mac)
{
	static const char class_id[] = "PXEClient:Arch:00007:UNDI:003000";
	static const uint8_t parameters[] = {1, 2, 3, 4, 5, 6, 12, 13, 15, 17, 18, 22,
	    23, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59, 60, 66, 67, 97, 128, 129, 130,
	    131, 132, 133, 134, 135};
	dhcp4_put_option(w, DHCP4_OPT_MAX_MESSAGE, "\x05\xc0", 2);
	dhcp4_put_option(w, OPT_PARAMETERS, parameters, sizeof(parameters));
	put_uuid(w, mac);
	dhcp4_put_option(w, OPT_CLIENT_NDI, "\1\3\0", 3);
	dhcp4_put_option(w, DHCP4_OPT_CLIENT_ARCH, "\0\7", 2);
	dhcp4_put_option(w, DHCP4_OPT_CLASS_ID, class_id, sizeof(class_id) - 1);
}

static void
put_type(struct wr *w, const struct storm_machine *machine)
{
	bool requests = machine->server_id != 0;
	dhcp4_put_u8(
	    w, DHCP4_OPT_MESSAGE_TYPE, requests ? DHCP4_REQUEST : DHCP4_DISCOVER);
	if (requests) {
		dhcp4_put_be32(w, DHCP4_OPT_SERVER_ID, machine->server_id);
		dhcp4_put_be32(w, DHCP4_OPT_REQUESTED_ADDRESS, machine->requested);
	}
}

size_t
storm_message(const struct storm_machine *machine, uint8_t dst[static STORM_FRAME_MAX])
{
	static const uint8_t relay[] = {RELAY_CIRCUIT_ID, 4, 'g', 'e', '0', '7'};
	struct mac mac = storm_mac(machine);
	struct dhcp4_header header = {.op = DHCP4_BOOTREQUEST,
	    .htype = DHCP4_HTYPE_ETHERNET,
	    .hlen = MAC_LEN,
	    .hops = machine->giaddr != 0,
	    .xid = machine->xid,
	    .secs = 4,
	    .flags = machine->uefi ? DHCP4_FLAG_BROADCAST : 0,
	    .giaddr = machine->giaddr};
	memcpy(header.chaddr, mac.b, MAC_LEN);
	struct wr w = wr_init(dst, STORM_FRAME_MAX);
	dhcp4_put_header(&w, &header, NULL);
	put_type(&w, machine);
	(machine->uefi ? put_edk2 : put_ipxe)(&w, &mac);
	if (machine->giaddr != 0) {
		dhcp4_put_option(&w, DHCP4_OPT_RELAY_AGENT, relay, sizeof(relay));
	}
	dhcp4_put_end(&w, dst);
	return wr_len(&w, dst);
}

size_t
storm_frame(const struct storm_machine *machine, uint8_t dst[static STORM_FRAME_MAX])
{
	static const uint8_t everybody[MAC_LEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	uint8_t message[STORM_FRAME_MAX];
	struct mac mac = storm_mac(machine);
	const struct udp4 datagram = {.destination = UINT32_MAX,
	    .source_port = DHCP4_CLIENT_PORT,
	    .destination_port = DHCP4_SERVER_PORT,
	    .payload = message,
	    .len = storm_message(machine, message)};
	struct wr w = wr_init(dst, STORM_FRAME_MAX);
	wr_bytes(&w, everybody, sizeof(everybody));
	wr_bytes(&w, mac.b, sizeof(mac.b));
	wr_be16(&w, ETHERTYPE_IPV4);
	udp4_encode(&w, &datagram);
	return wr_len(&w, dst);
}
