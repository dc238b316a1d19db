/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* The question to the PXE service as firmware puts it to a ProxyDHCP whose offer names neither
 * file nor menu: a REQUEST to port 4011 (PXE 2.1 section 2.2.3) without a boot item, which
 * iPXE and EDK2 send alike. An item of a menu that was never offered would have no answer of
 * some services. */
#include "watch/probe_ops.h"

#include "lib/wire/dhcp4.h"

#include <string.h>

static const uint8_t parameters[] = {1, 3, DHCP4_OPT_VENDOR, DHCP4_OPT_SERVER_ID,
    DHCP4_OPT_CLASS_ID, DHCP4_OPT_TFTP_SERVER, DHCP4_OPT_BOOT_FILE};
static const char class_id[] = "PXEClient:Arch:00000:UNDI:002001";
static const uint8_t undi[] = {1, 2, 1}; /* option 94: UNDI 2.1 */

static void
put_be16(struct wr *w, uint8_t code, uint16_t value)
{
	uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};
	dhcp4_put_option(w, code, bytes, sizeof(bytes));
}

/* Option 97 of a machine whose firmware has no UUID: type 0, and the MAC at its end. */
static void
put_uuid(struct wr *w, const struct mac *mac)
{
	uint8_t uuid[1 + 16] = {0};
	memcpy(uuid + sizeof(uuid) - MAC_LEN, mac->b, MAC_LEN);
	dhcp4_put_option(w, DHCP4_OPT_CLIENT_UUID, uuid, sizeof(uuid));
}

static void
say(struct probe *probe, struct probe_action *ret)
{
	const struct probe_ask *ask = &probe->ask;
	struct wr w = wr_init(ret->send, sizeof(ret->send));
	struct dhcp4_header header = {.op = DHCP4_BOOTREQUEST,
	    .htype = DHCP4_HTYPE_ETHERNET,
	    .hlen = MAC_LEN,
	    .xid = ask->xid,
	    .ciaddr = ask->local};
	memcpy(header.chaddr, ask->mac.b, MAC_LEN);
	dhcp4_put_header(&w, &header, NULL);
	dhcp4_put_u8(&w, DHCP4_OPT_MESSAGE_TYPE, DHCP4_REQUEST);
	dhcp4_put_option(&w, DHCP4_OPT_PARAMETERS, parameters, sizeof(parameters));
	put_be16(&w, DHCP4_OPT_MAX_MESSAGE, 1472);
	dhcp4_put_option(&w, DHCP4_OPT_CLASS_ID, class_id, sizeof(class_id) - 1);
	put_be16(&w, DHCP4_OPT_CLIENT_ARCH, ARCH_BIOS);
	dhcp4_put_option(&w, DHCP4_OPT_CLIENT_NDI, undi, sizeof(undi));
	put_uuid(&w, &ask->mac);
	dhcp4_put_end(&w, ret->send);
	probe_send(ret, probe->port, wr_len(&w, ret->send));
}

static bool
is_mine(const struct probe *probe, const struct dhcp4_header *header)
{
	return header->op == DHCP4_BOOTREPLY && header->xid == probe->ask.xid &&
	    memcmp(header->chaddr, probe->ask.mac.b, MAC_LEN) == 0;
}

/* What is wrong with a reply to us; NULL when nothing is. */
static const char *
fault(struct dhcp4 *message)
{
	uint8_t type;
	struct rd value;
	if (!dhcp4_option_u8(message, DHCP4_OPT_MESSAGE_TYPE, &type) ||
	    type != DHCP4_ACK) {
		return "a reply that is no ACK";
	}
	if (!dhcp4_option(message, DHCP4_OPT_CLASS_ID, &value) ||
	    !dhcp4_is_pxe_client(value.p, value.left)) {
		return "an ACK without option 60 PXEClient";
	}
	return NULL;
}

/* The port it comes from is not looked at: EDK2 takes any, and some services answer from a
 * port of their own. */
static void
packet(struct probe *probe, uint16_t peer_port, const void *bytes, size_t len,
    uint64_t now_ms, struct probe_action *ret)
{
	struct dhcp4 message;
	(void)peer_port;
	(void)ret;
	int err = dhcp4_decode(bytes, len, &message);
	if (err == 0 && !is_mine(probe, &message.header)) {
		return;
	}
	probe_heard(probe, now_ms);
	const char *why = err != 0 ? "no DHCP message" : fault(&message);
	if (why != NULL) {
		probe_break(probe, why);
	} else {
		probe->result = PROBE_ANSWERED;
	}
}

const struct probe_ops probe_pxe = {
    .port = DHCP4_PXE_PORT, .say = say, .packet = packet};
