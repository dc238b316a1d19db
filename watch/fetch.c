/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* The TFTP client of the probes: RFC 1350 with the options of RFC 2347 to 2349 and RFC 7440,
 * asked for as firmware asks. */
#include "watch/probe_ops.h"

#include <string.h>

static void
send_written(struct probe_action *ret, uint16_t port, const struct wr *w)
{
	probe_send(ret, port, wr_len(w, ret->send));
}

static void
send_error(
    struct probe_action *ret, uint16_t port, enum tftp_error code, const char *text)
{
	struct wr w = wr_init(ret->send, sizeof(ret->send));
	tftp_error_encode(&w, code, text);
	send_written(ret, port, &w);
}

static void
send_request(const struct probe *probe, struct probe_action *ret)
{
	struct wr w = wr_init(ret->send, sizeof(ret->send));
	struct tftp_request request = {.opcode = TFTP_RRQ,
	    .mode = TFTP_OCTET,
	    .options = {.has_blksize = true,
		.blksize = PROBE_BLKSIZE,
		.has_tsize = true,
		.has_windowsize = true,
		.windowsize = PROBE_WINDOWSIZE,
		.probe = probe->ask.says_probe}};
	_Static_assert(sizeof(probe->ask.name) <= sizeof(request.name), "a name fits");
	memcpy(request.name, probe->ask.name, sizeof(probe->ask.name));
	tftp_request_encode(&w, &request);
	send_written(ret, probe->port, &w);
}

/* Of the last block in order; 0 is the OACK's. */
static void
send_ack(struct probe *probe, struct probe_action *ret)
{
	struct wr w = wr_init(ret->send, sizeof(ret->send));
	tftp_ack_encode(&w, (uint16_t)probe->fetch.block);
	send_written(ret, probe->port, &w);
	probe->fetch.since_ack = 0;
}

/* The ACK that is said again begins a new window, and so a new gap. */
static void
say(struct probe *probe, struct probe_action *ret)
{
	if (!probe->answered) {
		send_request(probe, ret);
		return;
	}
	probe->fetch.gap_told = false;
	send_ack(probe, ret);
}

static void
leave(struct probe *probe, struct probe_action *ret)
{
	send_error(ret, probe->port, TFTP_E_UNDEFINED, "given up");
}

/* Enough is known: the server is told, so that it does not wait for an ACK. */
static void
end_early(struct probe *probe, struct probe_action *ret)
{
	probe->result = PROBE_ANSWERED;
	send_error(ret, probe->port, TFTP_E_UNDEFINED, "probed");
}

static void
end_broken(struct probe *probe, enum tftp_error code, const char *why,
    struct probe_action *ret)
{
	probe_break(probe, why);
	send_error(ret, probe->port, code, why);
}

static void
end_too_large(struct probe *probe, struct probe_action *ret)
{
	probe->result = PROBE_TOO_LARGE;
	send_error(ret, probe->port, TFTP_E_FULL, "too large");
}

/* What firmware would stumble over: more than was asked, or what was not asked at all. NULL
 * when there is nothing. */
static const char *
oack_fault(const struct tftp_options *options)
{
	if (options->has_blksize && options->blksize > PROBE_BLKSIZE) {
		return "OACK with a larger blksize than asked";
	}
	if (options->has_windowsize && options->windowsize > PROBE_WINDOWSIZE) {
		return "OACK with a larger windowsize than asked";
	}
	if (options->has_timeout) {
		return "OACK with a timeout that was not asked";
	}
	return NULL;
}

static void
begin(struct probe *probe, const struct tftp_options *granted)
{
	struct fetch *fetch = &probe->fetch;
	fetch->blksize = granted->has_blksize ? granted->blksize : TFTP_BLKSIZE;
	fetch->windowsize = granted->has_windowsize ? granted->windowsize : 1;
	/* 0 is what was asked with: a server that gives it back says nothing. */
	fetch->has_size = granted->has_tsize && granted->tsize > 0;
	fetch->size = fetch->has_size ? granted->tsize : 0;
	fetch->goes_on = probe->ask.whole ||
	    (fetch->has_size && fetch->size != probe->ask.known_size);
}

/* As an answer to what came: the next is due a quarter of the silence later at the earliest. */
static void
answer(struct probe *probe, uint64_t now_ms, struct probe_action *ret)
{
	probe->fetch.repair_ms = now_ms + probe->ask.timeout_ms / 4;
	send_ack(probe, ret);
}

/* What was acknowledged comes once more. Where that is a double of the network, an answer to
 * each would double every packet to the end of the file (RFC 1123 section 4.2.3.1); after a
 * while it means that the ACK was lost. */
static void
repair(struct probe *probe, uint64_t now_ms, struct probe_action *ret)
{
	if (probe->fetch.since_ack == 0 && now_ms >= probe->fetch.repair_ms) {
		answer(probe, now_ms, ret);
	}
}

static void
take_oack(struct probe *probe, const struct tftp_options *options, uint64_t now_ms,
    struct probe_action *ret)
{
	struct fetch *fetch = &probe->fetch;
	const char *fault = oack_fault(options);
	if (fault != NULL) {
		end_broken(probe, TFTP_E_OPTION, fault, ret);
		return;
	}
	begin(probe, options);
	if (fetch->size > PROBE_SIZE_MAX) {
		end_too_large(probe, ret);
	} else if (fetch->has_size && !fetch->goes_on) {
		end_early(probe, ret);
	} else {
		answer(probe, now_ms, ret);
		probe_heard(probe, now_ms);
	}
}

/* Ends a probe that wants no more than the sign of life, or whose file, with the next block
 * got bytes long, is too long or not as long as was said. False when it goes on. */
static bool
end_at(struct probe *probe, uint64_t got, bool is_last, struct probe_action *ret)
{
	const struct fetch *fetch = &probe->fetch;
	if (!fetch->goes_on && !is_last) {
		end_early(probe, ret);
	} else if (got > PROBE_SIZE_MAX) {
		end_too_large(probe, ret);
	} else if (fetch->has_size &&
	    (got > fetch->size || (is_last && got != fetch->size))) {
		end_broken(
		    probe, TFTP_E_UNDEFINED, "another size than the OACK said", ret);
	}
	return probe->result != PROBE_RUNS;
}

/* A file fills its blocks up to the last one, which may be empty. */
static void
take_block(struct probe *probe, const struct tftp_packet *packet, uint64_t now_ms,
    struct probe_action *ret)
{
	struct fetch *fetch = &probe->fetch;
	bool is_last = packet->data_len < fetch->blksize;
	uint64_t got = fetch->got + packet->data_len;
	if (end_at(probe, got, is_last, ret)) {
		return;
	}
	fetch->got = got;
	fetch->block++;
	fetch->since_ack++;
	fetch->gap_told = false;
	probe_heard(probe, now_ms);
	ret->data = packet->data;
	ret->data_len = packet->data_len;
	if (is_last) {
		probe->result = PROBE_ANSWERED;
		probe->was_whole = true;
		fetch->size = got;
	}
	if (is_last || fetch->since_ack == fetch->windowsize) {
		answer(probe, now_ms, ret);
	}
}

/* Blocks are counted on in 64 bits and compared modulo 65536. A gap in a window is told once
 * (RFC 7440 section 4). */
static void
take_data(struct probe *probe, const struct tftp_packet *packet, uint64_t now_ms,
    struct probe_action *ret)
{
	struct fetch *fetch = &probe->fetch;
	if (fetch->blksize == 0) {
		begin(probe, &(struct tftp_options){.has_blksize = false});
	}
	uint16_t ahead = (uint16_t)(packet->block - (uint16_t)fetch->block);
	if (packet->data_len > fetch->blksize) {
		end_broken(probe, TFTP_E_ILLEGAL, "DATA over its blksize", ret);
	} else if (ahead == 1) {
		take_block(probe, packet, now_ms, ret);
	} else if (ahead > 1 && ahead <= fetch->windowsize && !fetch->gap_told) {
		fetch->gap_told = true;
		answer(probe, now_ms, ret);
	} else if (ahead == 0) {
		repair(probe, now_ms, ret);
	}
}

static void
take_error(struct probe *probe, const struct tftp_packet *packet)
{
	probe->result = PROBE_REFUSED;
	probe->code = packet->error;
	memcpy(probe->text, packet->text, sizeof(probe->text));
}

static void
take_malformed(
    struct probe *probe, const void *bytes, size_t len, struct probe_action *ret)
{
	struct rd r = rd_init(bytes, len);
	if (rd_be16(&r) == TFTP_OACK) {
		end_broken(probe, TFTP_E_OPTION, "OACK with an impossible value", ret);
	} else {
		end_broken(probe, TFTP_E_ILLEGAL, "no packet of a TFTP server", ret);
	}
}

static void
take(struct probe *probe, const struct tftp_packet *packet, uint64_t now_ms,
    struct probe_action *ret)
{
	if (packet->opcode == TFTP_ERROR) {
		take_error(probe, packet);
	} else if (packet->opcode == TFTP_OACK && probe->fetch.blksize == 0) {
		take_oack(probe, &packet->options, now_ms, ret);
	} else if (packet->opcode == TFTP_OACK && probe->fetch.block == 0) {
		repair(probe, now_ms, ret);
	} else if (packet->opcode == TFTP_DATA) {
		take_data(probe, packet, now_ms, ret);
	}
}

/* Any packet of the protocol will do, an ERROR too. */
static void
take_any(
    struct probe *probe, const struct tftp_packet *packet, struct probe_action *ret)
{
	probe->result = PROBE_ANSWERED;
	if (packet->opcode != TFTP_ERROR) {
		end_early(probe, ret);
	}
}

/* A request that was said twice may be answered twice, from two ports (RFC 1350 section 4);
 * no ERROR is answered by an ERROR. */
static void
turn_away(
    uint16_t peer_port, const struct tftp_packet *packet, struct probe_action *ret)
{
	if (packet->opcode != TFTP_ERROR) {
		send_error(ret, peer_port, TFTP_E_TID, "unknown transfer ID");
	}
}

/* What cannot be the first answer is meant for whoever had our port before. */
static bool
is_late(const struct probe *probe, const struct tftp_packet *packet)
{
	return !probe->answered &&
	    (packet->opcode == TFTP_ACK ||
		(packet->opcode == TFTP_DATA && packet->block != 1));
}

static void
take_packet(struct probe *probe, uint16_t peer_port, const void *bytes, size_t len,
    uint64_t now_ms, struct probe_action *ret)
{
	struct tftp_packet packet;
	int err = tftp_packet_decode(bytes, len, &packet);
	bool foreign = probe->answered && peer_port != probe->port;
	if (foreign && err == 0) {
		turn_away(peer_port, &packet, ret);
	}
	if (foreign || (err == 0 && is_late(probe, &packet))) {
		return;
	}
	if (!probe->answered) {
		probe->port = peer_port;
		probe_heard(probe, now_ms);
	}
	if (err != 0) {
		take_malformed(probe, bytes, len, ret);
	} else if (probe->ask.kind == PROBE_TFTP_REPLY) {
		take_any(probe, &packet, ret);
	} else {
		take(probe, &packet, now_ms, ret);
	}
}

const struct probe_ops probe_fetch = {
    .port = TFTP_PORT, .say = say, .packet = take_packet, .leave = leave};
