/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* A script of packets, passing time and ICMP against one probe. Byte 0 says the kind and how it
 * asks, the next four the size that is known; each step is a byte that says what happens and
 * two that it needs: a packet that comes as it stands in the script, or DATA as it is due, or
 * an answer of the PXE service. Whatever comes: bytes are handed out in order and once, what is
 * sent has room and is for the server, an ended probe says nothing, and silence ends each. */
#include "lib/base/rd.h"
#include "lib/wire/dhcp4.h"
#include "tests/fuzz/fuzz.h"
#include "watch/probe.h"

enum { SERVER = 0x0a01000b, STEP_LEN = 3, PACKET_MAX = 4 + 1500, XID = 0x11223344 };

struct run {
	struct probe probe;
	struct probe_action action;
	uint64_t now_ms;
	uint64_t got;
	uint64_t block; /* the last one handed out */
	bool was_running;
};

static struct probe_ask
read_ask(struct rd *r)
{
	uint8_t flags = rd_u8(r);
	return (struct probe_ask){.kind = (enum probe_kind)(flags % PROBE_KINDS),
	    .server = SERVER,
	    .port = (flags & 0x40) != 0 ? 7000 : 0,
	    .timeout_ms = (flags & 0x20) != 0 ? 3600000 : 2000,
	    .name = "east/ARDBP32.BIN",
	    .whole = (flags & 0x80) == 0,
	    .known_size = rd_be32(r),
	    .local = 0x0a010063,
	    .mac = {{2, 0, 0, 0, 0, 1}},
	    .xid = XID};
}

static void
check_fetch(const struct run *run)
{
	const struct probe *probe = &run->probe;
	const struct fetch *fetch = &probe->fetch;
	fuzz_require(fetch->got == run->got && run->got <= PROBE_SIZE_MAX);
	fuzz_require(fetch->blksize <= PROBE_BLKSIZE);
	fuzz_require(fetch->windowsize <= PROBE_WINDOWSIZE);
	fuzz_require(fetch->since_ack <= fetch->windowsize);
	fuzz_require(run->action.data_len <= fetch->blksize);
	fuzz_require(fetch->got <= fetch->block * fetch->blksize);
	fuzz_require(!probe->was_whole ||
	    (probe->result == PROBE_ANSWERED && fetch->size == run->got &&
		fetch->got / fetch->blksize + 1 == fetch->block));
}

/* A step takes the next block or none, and hands out what is taken; it lies in the packet. */
static void
check_order(struct run *run, const uint8_t *packet, size_t len)
{
	const struct probe_action *action = &run->action;
	uint64_t block = run->probe.fetch.block;
	if (block == run->block) {
		fuzz_require(action->data_len == 0);
		return;
	}
	struct rd r = rd_init(packet, len);
	fuzz_require(block == ++run->block);
	fuzz_require(rd_be16(&r) == TFTP_DATA && rd_be16(&r) == (uint16_t)block);
	fuzz_require(action->data == r.p && action->data_len == r.left);
	run->got += action->data_len;
}

/* What holds after each step. */
static void
check(struct run *run, const uint8_t *packet, size_t len)
{
	const struct probe *probe = &run->probe;
	const struct probe_action *action = &run->action;
	char text[PROBE_TEXT];
	fuzz_require(action->send_len <= PROBE_SEND_MAX);
	fuzz_require(action->send_port != 0 || action->send_len == 0);
	fuzz_require(
	    run->was_running || (action->send_port == 0 && action->data_len == 0));
	fuzz_require(probe->result != PROBE_RUNS ||
	    probe->deadline_ms <= probe->started_ms +
		    (probe->ask.timeout_ms > PROBE_WHOLE_MS ? probe->ask.timeout_ms
							    : PROBE_WHOLE_MS));
	fuzz_require((probe->result == PROBE_BROKEN) == (probe->why != NULL));
	fuzz_require(!probe_is_good(probe) || probe->result != PROBE_RUNS);
	fuzz_require(probe_text(probe, text) == text && text[0] != '\0');
	for (const char *c = text; *c != '\0'; c++) {
		fuzz_require(*c >= ' ' && *c <= '~');
	}
	check_order(run, packet, len);
	check_fetch(run);
	run->was_running = probe->result == PROBE_RUNS;
}

static void
give(struct run *run, uint32_t peer, uint16_t port, const uint8_t *bytes, size_t len)
{
	/* Of exactly its size, so that ASan sees one byte too far. */
	uint8_t *copy = malloc(len > 0 ? len : 1);
	fuzz_require(copy != NULL);
	struct rd r = rd_init(bytes, len);
	rd_bytes(&r, copy, len);
	probe_packet(&run->probe, peer, port, copy, len, run->now_ms, &run->action);
	check(run, copy, len);
	free(copy);
}

/* The block that is due and those about it: low bits say which, the rest how long it is. */
static void
give_data(struct run *run, uint16_t value)
{
	uint8_t packet[PACKET_MAX] = {0};
	uint16_t blksize =
	    run->probe.fetch.blksize != 0 ? run->probe.fetch.blksize : 512;
	size_t lens[] = {
	    blksize, blksize, blksize, blksize - 1u, blksize + 1u, 0, 1, 7};
	uint16_t block = (uint16_t)(run->probe.fetch.block + value % 8);
	struct wr w = wr_init(packet, sizeof(packet));
	wr_be16(&w, TFTP_DATA);
	wr_be16(&w, (value & 0x40) != 0 ? value : block);
	give(run, SERVER, (value & 0x80) != 0 ? 40001 : 40000, packet,
	    TFTP_HDR_LEN + lens[value >> 8 & 7]);
}

/* A reply that the PXE service might give, with what stands in the script behind it. */
static void
give_reply(struct run *run, uint16_t value, struct rd *r)
{
	uint8_t packet[PACKET_MAX];
	struct dhcp4_header header = {.op = (value & 1) != 0 ? 1 : DHCP4_BOOTREPLY,
	    .htype = DHCP4_HTYPE_ETHERNET,
	    .hlen = MAC_LEN,
	    .xid = (value & 2) != 0 ? value : XID,
	    .chaddr = {2, 0, 0, 0, 0, (value & 4) != 0 ? 2 : 1}};
	struct rd options = rd_sub(r, r->left < value >> 8 ? r->left : value >> 8);
	struct wr w = wr_init(packet, sizeof(packet));
	dhcp4_put_header(&w, &header, NULL);
	wr_bytes(&w, options.p, options.left);
	wr_u8(&w, DHCP4_OPT_END);
	give(run, SERVER, DHCP4_PXE_PORT, packet, wr_len(&w, packet));
}

static void
pass(struct run *run, uint64_t to_ms)
{
	run->now_ms = to_ms > run->now_ms ? to_ms : run->now_ms;
	probe_timeout(&run->probe, run->now_ms, &run->action);
	check(run, NULL, 0);
}

static void
step(struct run *run, struct rd *r)
{
	uint8_t what = rd_u8(r);
	uint16_t value = rd_be16(r);
	struct rd bytes;
	switch (what % 8) {
	case 0:
	case 1: /* a packet as it stands here, from the first port or any other */
		bytes = rd_sub(r, r->left < value % 256 ? r->left : value % 256);
		give(run, SERVER, what % 8 == 0 ? 40000 : value, bytes.p, bytes.left);
		break;
	case 2: /* from another host */
		bytes = rd_sub(r, r->left < value % 256 ? r->left : value % 256);
		give(run, SERVER + 1, 40000, bytes.p, bytes.left);
		break;
	case 3:
		give_data(run, value);
		break;
	case 4:
		give_reply(run, value, r);
		break;
	case 5:
		pass(run, run->now_ms + value);
		break;
	case 6:
		pass(run, run->probe.deadline_ms);
		break;
	default:
		run->action.send_port = 0;
		run->action.send_len = run->action.data_len = 0;
		probe_unreachable(&run->probe,
		    (value & 1) != 0 ? value : run->probe.port, (value & 2) != 0);
		check(run, NULL, 0);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	struct probe_ask ask = read_ask(&r);
	struct run run = {.now_ms = 1000, .was_running = true};
	probe_start(&run.probe, &ask, run.now_ms, &run.action);
	fuzz_require(run.probe.result == PROBE_RUNS && run.action.send_port != 0);
	check(&run, NULL, 0);
	while (r.left >= STEP_LEN) {
		step(&run, &r);
	}
	for (unsigned i = 0; run.probe.result == PROBE_RUNS; i++) {
		fuzz_require(i < 3);
		pass(&run, run.probe.deadline_ms);
	}
	pass(&run, run.now_ms + PROBE_WHOLE_MS);
	return 0;
}
