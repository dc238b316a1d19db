/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/request.h"

#include "lib/base/ip4.h"
#include "lib/boot/stage.h"

#include <string.h>

static const uint8_t no_mac[MAC_LEN];

/* An address field that says something says it of one host. */
static bool
is_none_or_unicast(uint32_t addr)
{
	return addr == 0 || ip4_is_unicast(addr);
}

/* A relay on this very host speaks from an address of its network too: a giaddr in 127/8 came
 * from nowhere, and a reply to it would go to our own host. */
static bool
are_addresses_sound(const struct dhcp4_header *header)
{
	return is_none_or_unicast(header->ciaddr) &&
	    is_none_or_unicast(header->giaddr) && !ip4_is_loopback(header->giaddr);
}

static bool
is_ethernet(const struct dhcp4_header *header)
{
	return header->htype == DHCP4_HTYPE_ETHERNET && header->hlen == MAC_LEN &&
	    (header->chaddr[0] & 1) == 0 &&
	    memcmp(header->chaddr, no_mac, MAC_LEN) != 0;
}

/* DHCP's own (BOOTP has no option 53) and of a PXE client. An HTTP client takes offers whose
 * file is a URL, and would be held up by ours. */
static bool
is_pxe_client(struct dhcp4 *message, uint8_t *ret_type)
{
	struct rd class_id;
	return dhcp4_option_u8(message, DHCP4_OPT_MESSAGE_TYPE, ret_type) &&
	    dhcp4_option(message, DHCP4_OPT_CLASS_ID, &class_id) &&
	    dhcp4_is_pxe_client(class_id.p, class_id.left);
}

/* Absent is fine: old cards send no option 93, and are BIOS ones (RFC 4578 came later). */
static bool
read_archs(struct dhcp4 *message, struct request *ret)
{
	struct rd value;
	struct boot_facts *facts = &ret->facts;
	facts->arch_count = 0;
	return !dhcp4_option(message, DHCP4_OPT_CLIENT_ARCH, &value) ||
	    dhcp4_archs_decode(value.p, value.left, BOOT_ARCHS_MAX, facts->arch,
		&facts->arch_count) == 0;
}

/* Absent is fine: old cards have none. */
static bool
read_uuid(struct dhcp4 *message, struct request *ret)
{
	struct rd value;
	uint8_t bare[sizeof(ret->uuid) - 1];
	ret->has_uuid = dhcp4_option(message, DHCP4_OPT_CLIENT_UUID, &value);
	if (!ret->has_uuid) {
		return true;
	}
	if (dhcp4_uuid_decode(value.p, value.left, bare) != 0) {
		return false;
	}
	rd_bytes(&value, ret->uuid, sizeof(ret->uuid));
	return true;
}

static uint16_t
read_user_class(struct dhcp4 *message)
{
	struct rd value;
	return dhcp4_option(message, DHCP4_OPT_USER_CLASS, &value)
	    ? boot_user_class(value.p, value.left)
	    : 0;
}

static bool
read_item(struct dhcp4 *message, struct request *ret)
{
	struct rd value;
	struct pxe_vendor vendor = {.has_item = false};
	if (dhcp4_option(message, DHCP4_OPT_VENDOR, &value) &&
	    pxe_vendor_decode(value.p, value.left, &vendor) != 0) {
		return false;
	}
	ret->has_item = vendor.has_item;
	ret->item_type = vendor.item_type;
	ret->item_layer = vendor.item_layer;
	return true;
}

/* Option 82 has at least one sub-option (RFC 3046 section 2.0). *ret_link is 0 without link
 * selection. */
static bool
read_relay_info(struct dhcp4 *message, struct request *ret, uint32_t *ret_link)
{
	struct rd value;
	ret->relay_info_len = 0;
	*ret_link = 0;
	if (!dhcp4_option(message, DHCP4_OPT_RELAY_AGENT, &value)) {
		return true;
	}
	if (value.left == 0 || value.left > sizeof(ret->relay_info)) {
		return false;
	}
	int err = dhcp4_link_selection_decode(value.p, value.left, ret_link);
	if (err != ERR_NOTFOUND && (err != 0 || !ip4_is_unicast(*ret_link))) {
		return false;
	}
	ret->relay_info_len = (unsigned)value.left;
	rd_bytes(&value, ret->relay_info, value.left);
	return true;
}

static uint32_t
first_of(uint32_t a, uint32_t b, uint32_t c)
{
	return a != 0 ? a : b != 0 ? b : c;
}

/* Who asks and from where. On port 67 a machine has no address yet: its network is its relay's
 * or the interface's; on 4011 it speaks from its own, through whatever router. */
static void
note_facts(const struct request_in *in, uint32_t link, struct request *ret)
{
	const struct dhcp4_header *header = &ret->header;
	struct boot_facts *facts = &ret->facts;
	facts->client = BOOT_CLIENT_PXE;
	facts->all_clients = false;
	facts->has_mac = true;
	memcpy(facts->mac.b, header->chaddr, MAC_LEN);
	facts->has_subnet_id = false;
	facts->addr = in->door == REQUEST_DHCP
	    ? first_of(link, header->giaddr, in->link_addr)
	    : first_of(header->ciaddr, in->source, 0);
	facts->has_addr = facts->addr != 0;
}

static void
note_addresses(const struct request_in *in, struct dhcp4 *message, struct request *ret)
{
	uint32_t asked;
	if (!dhcp4_option_be32(message, DHCP4_OPT_REQUESTED_ADDRESS, &asked) ||
	    !ip4_is_unicast(asked)) {
		asked = 0;
	}
	ret->relayed = in->door == REQUEST_DHCP && message->header.giaddr != 0;
	ret->from = in->local;
	ret->client = first_of(message->header.ciaddr, asked, 0);
	ret->peer = in->source;
	ret->peer_port = in->source_port;
	ret->has_max_message =
	    dhcp4_option_be16(message, DHCP4_OPT_MAX_MESSAGE, &ret->max_message);
}

/* Fills *ret; false when one of its parts contradicts itself. */
static bool
read_parts(const struct request_in *in, struct dhcp4 *message, struct request *ret)
{
	uint32_t link;
	ret->header = message->header;
	if (!are_addresses_sound(&message->header) || !read_archs(message, ret) ||
	    !read_uuid(message, ret) || !read_item(message, ret) ||
	    !read_relay_info(message, ret, &link)) {
		return false;
	}
	ret->user_class = read_user_class(message);
	note_facts(in, link, ret);
	note_addresses(in, message, ret);
	return true;
}

/* Port 67 is shared with the DHCP server, whose answers the others want. What is not relayed
 * is answered by a broadcast on the link that it came by, so the link must be ours, and the
 * question a broadcast too: no host from beyond a router shall make us call out to all of it. */
static enum silence
judge_dhcp(const struct request_in *in, const struct request *request)
{
	if (request->type != DHCP4_DISCOVER) {
		return SILENCE_TYPE;
	}
	if (!request->relayed && in->relay_only) {
		return SILENCE_DIRECT;
	}
	if (in->local == 0 || (!request->relayed && in->link_addr == 0)) {
		return SILENCE_ELSEWHERE;
	}
	return SILENCE_NONE;
}

/* The answer goes to where the question came from, so that must be one host and a port; and
 * not ourselves: our own answers would come in as questions. (Another proxy's answer is no
 * question either: its op is 2.) */
static enum silence
judge_pxe(const struct request_in *in, const struct request *request)
{
	if (request->type != DHCP4_REQUEST && request->type != DHCP4_INFORM) {
		return SILENCE_TYPE;
	}
	if (in->source_port == 0 || !ip4_is_unicast(in->source)) {
		return SILENCE_MALFORMED;
	}
	bool from_server_port =
	    in->source_port == DHCP4_PXE_PORT || in->source_port == DHCP4_SERVER_PORT;
	if (in->local == 0 || (in->source == in->local && from_server_port)) {
		return SILENCE_ELSEWHERE;
	}
	return SILENCE_NONE;
}

enum silence
request_read(const struct request_in *in, struct request *ret)
{
	struct dhcp4 message;
	uint8_t type;
	if (dhcp4_decode(in->bytes, in->len, &message) != 0) {
		return SILENCE_MALFORMED;
	}
	if (message.header.op != DHCP4_BOOTREQUEST) {
		return message.header.op == DHCP4_BOOTREPLY ? SILENCE_SERVER
							    : SILENCE_MALFORMED;
	}
	if (!is_ethernet(&message.header) || !is_pxe_client(&message, &type)) {
		return SILENCE_NOT_PXE;
	}
	ret->door = in->door;
	ret->type = (enum dhcp4_type)type;
	if (!read_parts(in, &message, ret)) {
		return SILENCE_MALFORMED;
	}
	return in->door == REQUEST_DHCP ? judge_dhcp(in, ret) : judge_pxe(in, ret);
}

const char *
silence_text(enum silence why)
{
	static const char *const texts[SILENCE_COUNT] = {
	    [SILENCE_NONE] = "answered",
	    [SILENCE_MALFORMED] = "malformed",
	    [SILENCE_SERVER] = "from a server",
	    [SILENCE_NOT_PXE] = "not PXE",
	    [SILENCE_TYPE] = "not for a proxy",
	    [SILENCE_DIRECT] = "not relayed",
	    [SILENCE_ELSEWHERE] = "not to us",
	    [SILENCE_NOT_OURS] = "not ours",
	    [SILENCE_FAILED] = "map not readable",
	    [SILENCE_LIMITED] = "too many",
	};
	return texts[why];
}
