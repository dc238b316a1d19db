/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tests/bench/boot_machine.h"

#include "lib/wire/tftp.h"

/* Firmware says a thing again after a second or more; here a storm shall be over soon. */
enum { RESEND_MS = 500, BLKSIZE = 1456 };

static bool
says(struct boot_machine *machine, uint64_t now_ms)
{
	machine->resend_ms = now_ms + RESEND_MS;
	return true;
}

/* The other side was heard. */
static void
heard(struct boot_machine *machine, uint64_t now_ms)
{
	machine->silent_ms = now_ms + machine->patience_ms;
}

static bool
ends(struct boot_machine *machine, enum boot_end end)
{
	machine->stage = BOOT_OFF;
	machine->end = end;
	return false;
}

static bool
say_dhcp(struct boot_machine *machine, enum boot_stage stage, uint64_t now_ms)
{
	machine->stage = stage;
	machine->to = machine->dhcp_server;
	machine->to_port = DHCP4_SERVER_PORT;
	machine->said_len = storm_message(&machine->who, machine->said);
	heard(machine, now_ms);
	return says(machine, now_ms);
}

bool
boot_start(struct boot_machine *machine, uint32_t xid, uint64_t now_ms)
{
	machine->end = BOOT_RUNS;
	machine->who.xid = xid;
	machine->who.server_id = 0;
	return say_dhcp(machine, BOOT_DISCOVERS, now_ms);
}

static bool
say_request(struct boot_machine *machine, uint64_t now_ms)
{
	struct tftp_request request = {.opcode = TFTP_RRQ,
	    .mode = TFTP_OCTET,
	    .options = {.has_blksize = true, .blksize = BLKSIZE, .has_tsize = true}};
	memcpy(request.name, machine->name, sizeof(machine->name));
	struct wr w = wr_init(machine->said, sizeof(machine->said));
	tftp_request_encode(&w, &request);
	machine->stage = BOOT_FETCHES;
	machine->to = machine->server;
	machine->to_port = TFTP_PORT;
	machine->said_len = wr_len(&w, machine->said);
	machine->tid = machine->block = 0;
	machine->blksize = TFTP_BLKSIZE;
	machine->got = 0;
	heard(machine, now_ms);
	return says(machine, now_ms);
}

/* The ACK: server and file as the header's fields say them, which is where ROMs look. */
static bool
take_ack(struct boot_machine *machine, const struct dhcp4 *ack, uint64_t now_ms)
{
	struct rd file = dhcp4_file(ack);
	machine->addr = ack->header.yiaddr;
	machine->server = ack->header.siaddr;
	if (machine->server == 0 || file.left == 0 ||
	    file.left >= sizeof(machine->name)) {
		return ends(machine, BOOT_NO_ANSWER);
	}
	memset(machine->name, 0, sizeof(machine->name));
	memcpy(machine->name, file.p, file.left);
	return say_request(machine, now_ms);
}

bool
boot_dhcp(struct boot_machine *machine, struct dhcp4 *reply, uint64_t now_ms)
{
	uint8_t type = 0;
	uint32_t server_id = 0;
	(void)dhcp4_option_u8(reply, DHCP4_OPT_MESSAGE_TYPE, &type);
	(void)dhcp4_option_be32(reply, DHCP4_OPT_SERVER_ID, &server_id);
	if (machine->stage == BOOT_DISCOVERS && type == DHCP4_OFFER) {
		machine->who.server_id = server_id;
		machine->who.requested = reply->header.yiaddr;
		return say_dhcp(machine, BOOT_REQUESTS, now_ms);
	}
	if (machine->stage == BOOT_REQUESTS && type == DHCP4_ACK) {
		return take_ack(machine, reply, now_ms);
	}
	return false;
}

static bool
say_ack(struct boot_machine *machine, uint64_t now_ms)
{
	struct wr w = wr_init(machine->said, sizeof(machine->said));
	tftp_ack_encode(&w, machine->block);
	machine->said_len = wr_len(&w, machine->said);
	return says(machine, now_ms);
}

static bool
take_data(
    struct boot_machine *machine, const struct tftp_packet *packet, uint64_t now_ms)
{
	const struct boot_file *file = machine->file;
	if (packet->block != (uint16_t)(machine->block + 1)) {
		return false;
	}
	if (packet->data_len > file->size - machine->got ||
	    memcmp(packet->data, file->bytes + machine->got, packet->data_len) != 0) {
		return ends(machine, BOOT_WRONG);
	}
	machine->block++;
	machine->got += packet->data_len;
	heard(machine, now_ms);
	(void)say_ack(machine, now_ms);
	if (packet->data_len < machine->blksize) {
		(void)ends(machine, machine->got == file->size ? BOOT_RAN : BOOT_WRONG);
	}
	return true;
}

bool
boot_tftp(struct boot_machine *machine, uint32_t peer, uint16_t peer_port,
    const void *bytes, size_t len, uint64_t now_ms)
{
	struct tftp_packet packet;
	if (machine->stage != BOOT_FETCHES || peer != machine->server ||
	    (machine->tid != 0 && peer_port != machine->tid) ||
	    tftp_packet_decode(bytes, len, &packet) != 0) {
		return false;
	}
	machine->tid = machine->to_port = peer_port;
	if (packet.opcode == TFTP_ERROR) {
		return ends(machine, BOOT_REFUSED);
	}
	if (packet.opcode == TFTP_OACK && machine->block == 0) {
		if (packet.options.has_blksize) {
			machine->blksize = packet.options.blksize;
		}
		heard(machine, now_ms);
		return say_ack(machine, now_ms);
	}
	return packet.opcode == TFTP_DATA && take_data(machine, &packet, now_ms);
}

bool
boot_timeout(struct boot_machine *machine, uint64_t now_ms)
{
	static const enum boot_end ends_of[] = {[BOOT_DISCOVERS] = BOOT_NO_OFFER,
	    [BOOT_REQUESTS] = BOOT_NO_ACK,
	    [BOOT_FETCHES] = BOOT_SILENT};
	if (machine->stage == BOOT_OFF || now_ms < machine->resend_ms) {
		return false;
	}
	return now_ms >= machine->silent_ms ? ends(machine, ends_of[machine->stage])
					    : says(machine, now_ms);
}

const char *
boot_end_text(enum boot_end end)
{
	static const char *const texts[BOOT_ENDS] = {[BOOT_RUNS] = "runs",
	    [BOOT_RAN] = "ran",
	    [BOOT_NO_OFFER] = "no offer",
	    [BOOT_NO_ACK] = "no ack",
	    [BOOT_NO_ANSWER] = "no answer",
	    [BOOT_SILENT] = "silent",
	    [BOOT_REFUSED] = "refused",
	    [BOOT_WRONG] = "wrong"};
	return texts[end];
}
