/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/session.h"

#include "lib/base/ip4.h"
#include "lib/wire/tftp.h"
#include "lib/wire/udp4.h"

#include <string.h>

_Static_assert((int)ANSWER_MAX + (int)UDP4_HEADERS_LEN <= (int)PACKET_SEND_MAX,
    "every answer fits a packet");

/* A request on its way through. */
struct arrival {
	struct request_in in;
	unsigned ifindex;
	const char *where; /* the interface's name */
	bool hears_tftp;   /* there */
};

void
session_begin(struct session *session, uint64_t now_ms)
{
	session->now_ms = now_ms;
	session->reply_count = 0;
	session->snap_err = db_follow_begin(session->follow, &session->snap);
	if (session->snap_err == 0) {
		session->snap_err =
		    db_map_revision(session->snap, &session->tell.revision);
	} else {
		session->snap = NULL;
	}
}

void
session_end(struct session *session)
{
	if (session->snap != NULL) {
		db_follow_end(session->follow);
		session->snap = NULL;
	}
	packet_flush(session->packets);
	udp_outbox_flush(session->datagrams);
}

/* ---- what goes out */

/* Behind IP and UDP headers of our own. Returns the packet's length. */
static size_t
wrap(uint8_t *room, const struct delayed *reply)
{
	const struct udp4 datagram = {.source = reply->source,
	    .source_port = DHCP4_SERVER_PORT,
	    .destination = reply->destination,
	    .destination_port = reply->destination_port,
	    .payload = reply->bytes,
	    .len = reply->len};
	struct wr w = wr_init(room, PACKET_SEND_MAX);
	udp4_encode(&w, &datagram);
	return wr_len(&w, room);
}

/* The interface may be gone since the request came. */
static void
send_to_link(struct session *session, const struct delayed *reply)
{
	struct packet_port *port = links_port(session->links, reply->ifindex);
	if (port != NULL) {
		size_t len = wrap(packet_room(session->packets), reply);
		packet_broadcast(session->packets, port, reply->ifindex, len);
	}
}

static void
send_to_relay(struct session *session, const struct delayed *reply)
{
	size_t len = wrap(packet_room(session->packets), reply);
	packet_route(session->packets, session->relay_fd, reply->destination, len);
}

static void
send_to_client(struct session *session, const struct delayed *reply)
{
	if (session->pxe_fd < 0 || session->reply_count == UDP_BATCH) {
		return;
	}
	uint8_t *bytes = session->replies[session->reply_count++];
	memcpy(bytes, reply->bytes, reply->len);
	const struct udp_message message = {.peer = reply->destination,
	    .peer_port = reply->destination_port,
	    .local = reply->source,
	    .body = bytes,
	    .body_len = reply->len};
	udp_outbox_put(session->datagrams, session->pxe_fd, &message);
}

static void
send_reply(struct session *session, const struct delayed *reply)
{
	switch (reply->to) {
	case EXCHANGE_TO_LINK:
		send_to_link(session, reply);
		break;
	case EXCHANGE_TO_RELAY:
		send_to_relay(session, reply);
		break;
	case EXCHANGE_TO_CLIENT:
		send_to_client(session, reply);
		break;
	}
}

static void
send_answer(
    struct session *session, const struct arrival *a, const struct exchange *exchange)
{
	struct delayed reply;
	reply.to = exchange->to;
	reply.mac = exchange->request.facts.mac;
	reply.ifindex = a->ifindex;
	reply.source = exchange->request.from;
	reply.destination = exchange->destination;
	reply.destination_port = exchange->destination_port;
	reply.len = exchange->len;
	memcpy(reply.bytes, exchange->reply, exchange->len);
	if (exchange->delay_ms > 0 &&
	    delay_put(session->delay, &reply, session->now_ms + exchange->delay_ms)) {
		return;
	}
	/* Better too early than never: a flood of forged machines may have filled the table. */
	if (exchange->delay_ms > 0) {
		counters_add(&session->tell.counters, TELL_DELAY_FULL, 1);
	}
	send_reply(session, &reply);
}

void
session_delayed(struct session *session)
{
	const struct delayed *reply = delay_pop(session->delay, session->now_ms);
	while (reply != NULL) {
		if (!session->shadow && nics_has(session->nics, reply->source)) {
			send_reply(session, reply);
		}
		reply = delay_pop(session->delay, session->now_ms);
	}
}

/* ---- requests */

/* An RRQ to an address of ours comes in by the interface that has it; where that is not heard,
 * as with a TFTP address on a network of servers, nothing tells that none came. */
static bool
hears_rrq(const struct session *session, const struct arrival *a, uint32_t server)
{
	unsigned ifindex = nics_holder(session->nics, server);
	return a->hears_tftp && ifindex != 0 &&
	    links_port(session->links, ifindex) != NULL;
}

static void
answer(struct session *session, const struct arrival *a, struct exchange *exchange)
{
	struct found found;
	bool sees_tftp = hears_rrq(session, a, exchange->answer.server);
	tell_answer(&session->tell, exchange, a->where, session->now_ms);
	if (machines_answered(session->machines, exchange, session->shadow, sees_tftp,
		session->now_ms, &found)) {
		tell_finding(&session->tell, &found, session->now_ms);
	}
	if (!session->shadow) {
		send_answer(session, a, exchange);
	}
}

static void
learn(struct session *session, const struct request *request)
{
	uint32_t addr;
	if (machines_request(session->machines, request, session->now_ms, &addr)) {
		tell_learnt(&session->tell, request, addr);
	}
}

static bool
may_answer(struct session *session, const struct request *request)
{
	const struct mac *mac = &request->facts.mac;
	if (request->door == REQUEST_PXE) {
		return limit_pass_source(
		    session->limit, mac, request->peer, session->now_ms);
	}
	return limit_pass(session->limit, mac,
	    request->relayed ? request->header.giaddr : 0, session->now_ms);
}

static void
take_request(struct session *session, const struct arrival *a)
{
	struct exchange exchange;
	if (session->snap != NULL) {
		exchange_answer(&a->in, &db_source, session->snap, &exchange);
	} else {
		exchange.why = SILENCE_FAILED;
		exchange.err = session->snap_err;
		exchange.is_read = false;
	}
	const struct request *request = &exchange.request;
	if (exchange.why == SILENCE_TYPE && exchange.is_read) {
		learn(session, request);
	}
	if (exchange.why == SILENCE_NONE && !may_answer(session, request)) {
		exchange.why = SILENCE_LIMITED;
	}
	if (exchange.why != SILENCE_NONE) {
		tell_silence(
		    &session->tell, &exchange, a->in.source, a->where, session->now_ms);
	} else {
		answer(session, a, &exchange);
	}
}

/* The address of ours that a packet was sent to alone; 0 for one that this host only routes. */
static uint32_t
local_address(const struct session *session, uint32_t destination)
{
	return nics_has(session->nics, destination) ? destination : 0;
}

static const char *
name_of(const struct nic *nic)
{
	return nic != NULL ? nic->name : "an interface now gone";
}

static void
take_dhcp(struct session *session, const struct link *link, unsigned ifindex,
    const struct udp4 *datagram)
{
	const struct nic *nic = nics_indexed(session->nics, ifindex);
	bool to_all = datagram->destination == IP4_EVERYBODY;
	uint32_t link_addr = to_all && nic != NULL ? nic->addr : 0;
	const struct arrival a = {
	    .in = {.door = REQUEST_DHCP,
		.relay_only = session->relay_only,
		.direct_only = session->pxe_fd < 0 && !session->shadow,
		.source = datagram->source,
		.source_port = datagram->source_port,
		.local =
		    to_all ? link_addr : local_address(session, datagram->destination),
		.link_addr = link_addr,
		.bytes = datagram->payload,
		.len = datagram->len},
	    .ifindex = ifindex,
	    .where = name_of(nic),
	    .hears_tftp = link->filter == PACKET_EVERYTHING,
	};
	counters_add(&session->tell.counters, TELL_DHCP, 1);
	take_request(session, &a);
}

void
session_asked(struct session *session, const struct udp_packet *packet)
{
	const struct nic *nic = nics_indexed(session->nics, packet->ifindex);
	const struct arrival a = {
	    .in = {.door = REQUEST_PXE,
		.relay_only = session->relay_only,
		.source = packet->peer,
		.source_port = packet->peer_port,
		.local = packet->local,
		.bytes = packet->bytes,
		.len = packet->len},
	    .ifindex = packet->ifindex,
	    .where = name_of(nic),
	    .hears_tftp = !session->relay_only &&
		links_port(session->links, packet->ifindex) != NULL,
	};
	struct exchange unread = {.why = SILENCE_NONE};
	counters_add(&session->tell.counters, TELL_PXE, 1);
	if (packet->to_group) {
		unread.why = SILENCE_ELSEWHERE;
	} else if (packet->cut) {
		unread.why = SILENCE_MALFORMED;
	} else {
		take_request(session, &a);
		return;
	}
	tell_silence(&session->tell, &unread, packet->peer, a.where, session->now_ms);
}

/* ---- what is only listened to */

static bool
is_boot_server(const struct session *session, uint32_t addr)
{
	const struct db_settings *settings = session->settings;
	for (unsigned i = 0; i < settings->boot_server_count; i++) {
		if (settings->boot_servers[i] == addr) {
			return true;
		}
	}
	return false;
}

/* An OFFER of ours, heard again by another interface on the same wire, or of a second boot
 * server's proxy. In shadow mode neither answers, and one from there is that of another
 * program. */
static bool
is_of_pvsboot(
    const struct session *session, struct dhcp4 *message, uint32_t source, bool own)
{
	if (session->shadow || message->header.yiaddr != 0) {
		return false;
	}
	return own ||
	    (is_boot_server(session, source) &&
		machines_shared(session->machines, message));
}

static void
overhear(struct session *session, const struct udp4 *datagram)
{
	struct dhcp4 message;
	struct found found[MACHINES_FOUND_MAX];
	bool own = nics_has(session->nics, datagram->source);
	if (dhcp4_decode(datagram->payload, datagram->len, &message) != 0 ||
	    is_of_pvsboot(session, &message, datagram->source, own)) {
		return;
	}
	unsigned count = machines_overheard(
	    session->machines, &message, datagram->source, own, session->now_ms, found);
	for (unsigned i = 0; i < count; i++) {
		tell_finding(&session->tell, &found[i], session->now_ms);
	}
}

void
session_heard(
    struct session *session, const struct link *link, const struct packet *packet)
{
	struct udp4 datagram;
	if (udp4_decode(packet->bytes, packet->len, packet->checksum_made, &datagram) !=
	    0) {
		counters_add(&session->tell.counters, TELL_MALFORMED, 1);
		return;
	}
	switch (datagram.destination_port) {
	case DHCP4_SERVER_PORT:
		take_dhcp(session, link, packet->ifindex, &datagram);
		break;
	case DHCP4_CLIENT_PORT:
		overhear(session, &datagram);
		break;
	case TFTP_PORT:
		machines_tftp(session->machines, datagram.source);
		break;
	default:
		break;
	}
}

void
session_sweep(struct session *session, uint64_t now_ms)
{
	struct found found;
	while (machines_sweep(session->machines, now_ms, &found)) {
		tell_finding(&session->tell, &found, now_ms);
	}
}
