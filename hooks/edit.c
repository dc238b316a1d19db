/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "hooks/edit.h"

#include "lib/boot/reply.h"
#include "lib/wire/dhcp4.h"

/* Header, magic cookie and END: what a DHCP message has besides its options. */
enum { MESSAGE_FIXED_LEN = 236 + 4 + 1, OPTION_HEADER_LEN = 2 };

void
edit_facts(const struct hook_params *params, const struct hook_packet *packet,
    struct boot_facts *ret)
{
	struct boot_facts facts = {
	    .client = BOOT_CLIENT_OTHER,
	    .all_clients = params->all_clients,
	    .has_mac = packet->has_mac,
	    .has_subnet_id = packet->has_subnet_id,
	    .has_addr = packet->addr != 0,
	    .subnet_id = packet->subnet_id,
	    .addr = packet->addr,
	};
	memcpy(facts.mac.b, packet->mac, MAC_LEN);
	if (dhcp4_is_pxe_client(packet->class_id.p, packet->class_id.len)) {
		facts.client = BOOT_CLIENT_PXE;
	} else if (packet->bootp) {
		facts.client = BOOT_CLIENT_BOOTP;
	}
	/* An option 93 that makes no sense says no more than one that is absent: bios. */
	if (dhcp4_archs_decode(packet->archs.p, packet->archs.len, BOOT_ARCHS_MAX,
		facts.arch, &facts.arch_count) != 0) {
		facts.arch_count = 0;
	}
	*ret = facts;
}

bool
edit_kea_answered(const struct hook_packet *packet)
{
	return packet->siaddr != 0 || packet->has_file ||
	    packet->option_len[DHCP4_OPT_TFTP_SERVER] > 0 ||
	    packet->option_len[DHCP4_OPT_BOOT_FILE] > 0;
}

static void
remove_option(struct hook_edit *edit, uint8_t code)
{
	edit->remove[edit->remove_count++] = code;
}

static void
add_option(struct hook_edit *edit, uint8_t code, const void *data, uint8_t len)
{
	if (len > 0) {
		struct hook_option *option = &edit->add[edit->add_count++];
		option->code = code;
		option->len = len;
		memcpy(option->data, data, len);
	}
}

/* Names what must go. 11 and 17 both go when we send either: clients that find both disagree
 * about which counts. When we send neither, what Kea says of them contradicts nothing. */
static void
remove_contradictions(const struct hook_params *params,
    const struct hook_packet *packet, const struct boot_answer *answer,
    struct hook_edit *edit)
{
	remove_option(edit, DHCP4_OPT_TFTP_SERVER);
	remove_option(edit, DHCP4_OPT_BOOT_FILE);
	if (answer->login_count > 0 || answer->root_path[0] != '\0') {
		remove_option(edit, DHCP4_OPT_RESOURCE_LOCATION);
		remove_option(edit, DHCP4_OPT_ROOT_PATH);
	}
	remove_option(edit, DHCP4_OPT_VENDOR);
	remove_option(edit, DHCP4_OPT_TFTP_ADDRESS);
	if (!params->keep_option_60 &&
	    dhcp4_is_pxe_client(packet->reply_class_id.p, packet->reply_class_id.len)) {
		remove_option(edit, DHCP4_OPT_CLASS_ID);
	}
}

/* Bytes of the DHCP message once everything named has gone. */
static size_t
base_len(const struct hook_packet *packet, const struct hook_edit *edit)
{
	size_t len = MESSAGE_FIXED_LEN;
	for (unsigned code = 0; code < 256; code++) {
		len += packet->option_len[code];
	}
	for (unsigned i = 0; i < edit->remove_count; i++) {
		len -= packet->option_len[edit->remove[i]];
	}
	return len;
}

static size_t
client_room(const struct hook_packet *packet)
{
	struct rd r = rd_init(packet->max_message.p, packet->max_message.len);
	uint16_t max = rd_be16(&r);
	return boot_reply_room(r.err == 0, max);
}

static void
add_login(struct hook_edit *edit, const struct boot_reply *reply)
{
	uint8_t addresses[BOOT_LOGIN_MAX * 4];
	struct wr w = wr_init(addresses, sizeof(addresses));
	for (unsigned i = 0; i < reply->login_count; i++) {
		wr_be32(&w, reply->login[i]);
	}
	add_option(edit, DHCP4_OPT_RESOURCE_LOCATION, addresses,
	    (uint8_t)wr_len(&w, addresses));
}

void
edit_make(const struct hook_params *params, const struct hook_packet *packet,
    const struct boot_answer *answer, struct hook_edit *ret)
{
	struct boot_reply reply;
	ret->remove_count = 0;
	ret->add_count = 0;
	remove_contradictions(params, packet, answer, ret);
	boot_reply_make(answer, base_len(packet, ret), client_room(packet), &reply);
	ret->siaddr = reply.siaddr;
	memcpy(ret->file, reply.file, HOOK_FILE_LEN);
	add_option(
	    ret, DHCP4_OPT_TFTP_SERVER, reply.tftp_server, reply.tftp_server_len);
	add_option(ret, DHCP4_OPT_BOOT_FILE, reply.boot_file, reply.boot_file_len);
	add_login(ret, &reply);
	add_option(ret, DHCP4_OPT_ROOT_PATH, reply.root_path, reply.root_path_len);
}
