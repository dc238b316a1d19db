/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tftp/session.h"

#include "lib/base/text.h"
#include "lib/boot/admit.h"

#include <string.h>
#include <unistd.h>

enum {
	MTU_DEFAULT = 1500,
	/* A second copy of a request may arrive after its transfer got under way. */
	LATE_COPY_MS = 1000,
};

/* One packet on its way through, or a request that waited for its file. */
struct arrival {
	struct server *server;
	struct port *port;                 /* where it came in, or is to go on */
	const struct udp_packet *packet;   /* NULL: it waited */
	const struct tftp_request *waited; /* NULL: it did not */
	struct table_key key;
	uint64_t now_ms;
};

/* ---- what goes out */

static void
send_head(const struct arrival *a, const uint8_t *head, size_t len)
{
	struct udp_message message = {.peer = a->key.peer,
	    .peer_port = a->key.peer_port,
	    .local = a->key.local,
	    .head = head,
	    .head_len = len};
	udp_outbox_put(a->server->outbox, a->port->fd, &message);
}

static void
send_error(const struct arrival *a, enum tftp_error code, const char *text)
{
	uint8_t head[UDP_HEAD_MAX];
	struct wr w = wr_init(head, sizeof(head));
	tftp_error_encode(&w, code, text);
	send_head(a, head, wr_len(&w, head));
}

static void
send_oack(struct server *server, const struct transfer *transfer)
{
	uint8_t head[UDP_HEAD_MAX];
	struct wr w = wr_init(head, sizeof(head));
	tftp_oack_encode(&w, &transfer->xfer.granted);
	struct udp_message message = {.peer = transfer->key.peer,
	    .peer_port = transfer->key.peer_port,
	    .local = transfer->key.local,
	    .head = head,
	    .head_len = wr_len(&w, head)};
	udp_outbox_put(server->outbox, transfer->port->fd, &message);
}

static void
send_block(struct server *server, const struct transfer *transfer, uint64_t block)
{
	struct xfer_span span = xfer_span(&transfer->xfer, block);
	uint8_t head[TFTP_HDR_LEN];
	struct wr w = wr_init(head, sizeof(head));
	tftp_data_encode(&w, (uint16_t)block, NULL, 0);
	struct udp_message message = {.peer = transfer->key.peer,
	    .peer_port = transfer->key.peer_port,
	    .local = transfer->key.local,
	    .head = head,
	    .head_len = sizeof(head),
	    .body = transfer->image->bytes + span.offset,
	    .body_len = span.len};
	udp_outbox_put(server->outbox, transfer->port->fd, &message);
}

static void
end(struct server *server, struct transfer *transfer, const char *text, uint64_t now_ms)
{
	tell_ended(&server->tell, transfer, text, now_ms);
	table_end(server->table, transfer, now_ms);
}

/* Does what the machine wants. text is what a client's ERROR said. */
static void
act(struct server *server, struct transfer *transfer, const struct xfer_action *action,
    const char *text, uint64_t now_ms)
{
	if (action->send == XFER_SEND_OACK) {
		send_oack(server, transfer);
	}
	for (uint64_t i = 0; action->send == XFER_SEND_DATA && i < action->count; i++) {
		send_block(server, transfer, action->first + i);
	}
	if (transfer->xfer.state == XFER_ENDED) {
		end(server, transfer, text, now_ms);
	} else {
		table_arm(server->table, transfer, transfer->xfer.deadline_ms);
	}
}

/* ---- requests */

/* True when it was said, false when too much was said lately. */
static bool
refuse(const struct arrival *a, const char *name, enum tftp_error code, const char *why)
{
	struct tell *tell = &a->server->tell;
	counters_add(&tell->counters, TELL_REFUSED, 1);
	bool may = tell_may_refuse(tell, a->now_ms);
	if (may) {
		send_error(a, code, why);
		tell_refused(tell, a->key.peer, name, code, why, a->now_ms);
	}
	return may;
}

static void
refuse_item(const struct arrival *a, const char *name, int err, bool lacking)
{
	struct tell *tell = &a->server->tell;
	const struct catalog_item *item = &a->server->item;
	if (err == ERR_REFUSED) {
		(void)refuse(a, name, TFTP_E_ACCESS, "no files outside a farm");
	} else if (err != ERR_NOTFOUND) {
		(void)refuse(a, name, TFTP_E_UNDEFINED, "cannot be read");
		tell_unreadable(tell, a->key.peer, name, err, a->now_ms);
	} else if (refuse(a, name, TFTP_E_NOTFOUND, "not found") && lacking) {
		tell_want_file(tell, a->key.peer, item->farm.name, item->file);
	}
}

/* The copy that the source keeps, or else the one that it is to have now. */
static int
find_copy(const struct arrival *a, enum tftp_mode mode, struct sticky_copy *ret)
{
	struct server *server = a->server;
	const struct catalog_item *item = &server->item;
	struct sticky_key key = {.source = a->key.peer,
	    .mode = mode,
	    .farm = item->farm.name,
	    .file = item->file};
	struct cache_object object;
	struct sticky_copy copy;
	int fd;
	if (sticky_get(server->sticky, &key, a->now_ms, ret)) {
		return 0;
	}
	if (server->cache == NULL) {
		return ERR_NOTFOUND;
	}
	int err =
	    catalog_open(server->cache, item, key.source, &copy.server, &fd, &object);
	if (err != 0) {
		return err;
	}
	err = images_get(server->images, fd, &object, mode, &copy.image);
	(void)close(fd);
	if (err == 0) {
		sticky_keep(server->sticky, &key, &copy, a->now_ms);
		*ret = copy;
	}
	return err;
}

static uint32_t
mtu_towards(uint32_t peer, const struct tftp_options *asked)
{
	uint32_t mtu;
	if (!asked->has_blksize || asked->blksize <= TFTP_BLKSIZE ||
	    udp_path_mtu(peer, &mtu) != 0) {
		return MTU_DEFAULT;
	}
	return mtu;
}

/* Begins a transfer of copy, whose image it takes over. */
static void
begin(const struct arrival *a, const struct tftp_request *request,
    const struct sticky_copy *copy)
{
	struct server *server = a->server;
	struct port *port = a->waited != NULL ? a->port : door_pick(a->port->door);
	struct transfer *transfer = table_add(server->table, &a->key, port);
	if (transfer == NULL) {
		tell_busy(&server->tell, a->key.peer, a->now_ms);
		image_put(copy->image);
		return;
	}
	transfer->asked = request->options;
	transfer->mode = request->mode;
	transfer->image = copy->image;
	transfer->server = copy->server;
	transfer->revision = server->tell.revision;
	transfer->started_ms = a->now_ms;
	(void)text_copy(transfer->name, sizeof(transfer->name), request->name);
	(void)strcpy(transfer->farm, server->item.farm.name);
	(void)strcpy(transfer->file, server->item.file);
	tell_started(&server->tell, transfer);
	struct xfer_action action;
	xfer_start(&transfer->xfer, &request->options, copy->image->size,
	    mtu_towards(a->key.peer, &request->options), a->now_ms, &action);
	act(server, transfer, &action, "", a->now_ms);
}

static bool
options_equal(const struct tftp_options *a, const struct tftp_options *b)
{
	return a->has_blksize == b->has_blksize && a->has_tsize == b->has_tsize &&
	    a->has_timeout == b->has_timeout &&
	    a->has_windowsize == b->has_windowsize && a->probe == b->probe &&
	    a->blksize == b->blksize && a->timeout == b->timeout &&
	    a->windowsize == b->windowsize;
}

/* A request of a client that has a transfer already: true when it is only a copy of the one
 * that began it. Another request, or one that comes when DATA has long been acknowledged,
 * begins anew in its place. */
static bool
is_copy(const struct arrival *a, struct transfer *transfer,
    const struct tftp_request *request)
{
	struct server *server = a->server;
	struct xfer *x = &transfer->xfer;
	bool same = x->state != XFER_ENDED && transfer->mode == request->mode &&
	    strcmp(transfer->name, request->name) == 0 &&
	    options_equal(&transfer->asked, &request->options);
	if (same && !x->proven) {
		struct xfer_action action;
		xfer_repeat(x, a->now_ms, &action);
		act(server, transfer, &action, "", a->now_ms);
		return true;
	}
	if (same && a->now_ms - transfer->started_ms < LATE_COPY_MS) {
		return true;
	}
	if (x->state != XFER_ENDED) {
		xfer_replace(x);
		end(server, transfer, "", a->now_ms);
	}
	table_remove(server->table, transfer);
	return false;
}

/* The same of a client whose request waits for its file: a copy waits with it, another takes
 * its place. */
static bool
waits_already(const struct arrival *a, const struct tftp_request *request)
{
	struct park *park = a->server->park;
	struct parked *parked = park_find(park, &a->key);
	if (parked == NULL) {
		return false;
	}
	bool same = parked->request.mode == request->mode &&
	    strcmp(parked->request.name, request->name) == 0 &&
	    options_equal(&parked->request.options, &request->options);
	if (!same) {
		park_remove(park, parked);
	}
	return same;
}

static void
tell_wish(struct server *server, struct park_file *wish, uint64_t now_ms)
{
	if (park_tells(wish, now_ms)) {
		tell_want_file(
		    &server->tell, park_first(wish)->key.peer, wish->farm, wish->file);
	}
}

/* Lets a request wait for the item at hand. False when it did already, when a watcher asks
 * whether the file is there, when nobody would fetch it, or when too many wait. */
static bool
wait_for_file(const struct arrival *a, const struct tftp_request *request)
{
	struct server *server = a->server;
	const struct catalog_item *item = &server->item;
	if (a->waited != NULL || request->options.probe ||
	    !evsend_is_heard(server->tell.events)) {
		return false;
	}
	struct parked *parked = park_add(server->park, &a->key,
	    door_pick(a->port->door), request, item->farm.name, item->file, a->now_ms);
	if (parked == NULL) {
		return false;
	}
	tell_parked(&server->tell, a->key.peer, request->name, a->now_ms);
	tell_wish(server, parked->wish, a->now_ms);
	return true;
}

static void
serve_request(const struct arrival *a, const struct tftp_request *request, void *snap)
{
	struct sticky_copy copy;
	int err = catalog_resolve(
	    request->name, a->key.peer, &db_source, snap, &a->server->item);
	bool resolved = err == 0;
	err = err != 0 ? err : find_copy(a, request->mode, &copy);
	if (err == 0) {
		begin(a, request, &copy);
	} else if (err != ERR_NOTFOUND || !resolved || !wait_for_file(a, request)) {
		refuse_item(a, request->name, err, resolved);
	}
}

static void
serve_waited(const struct arrival *a, void *snap)
{
	serve_request(a, a->waited, snap);
}

static void
read_request(const struct arrival *a, const struct tftp_request *request, void *snap)
{
	struct transfer *transfer = table_find(a->server->table, &a->key);
	bool is_known = (transfer != NULL && is_copy(a, transfer, request)) ||
	    waits_already(a, request);
	if (!is_known) {
		serve_request(a, request, snap);
	}
}

/* A request of an admitted source. */
static void
admitted_request(const struct arrival *a, void *snap)
{
	struct tftp_request request;
	int err = a->packet->cut
	    ? ERR_MALFORMED
	    : tftp_request_decode(a->packet->bytes, a->packet->len, &request);
	if (err != 0) {
		(void)refuse(a, "", TFTP_E_ILLEGAL, "not a request that can be served");
		return;
	}
	tftp_name_clean(request.name);
	if (request.opcode == TFTP_WRQ) {
		(void)refuse(a, request.name, TFTP_E_ACCESS, "nothing is written here");
	} else {
		read_request(a, &request, snap);
	}
}

/* Calls then with a snapshot if the source is admitted; else it hears nothing. */
static void
if_admitted(const struct arrival *a, void (*then)(const struct arrival *a, void *snap))
{
	struct server *server = a->server;
	struct db_snapshot *snap;
	bool admitted = false;
	if (db_follow_begin(server->follow, &snap) != 0) {
		counters_add(&server->tell.counters, TELL_NOT_ADMITTED, 1);
		return;
	}
	if (boot_admit(a->key.peer, &db_source, snap, &admitted) == 0 && admitted) {
		then(a, snap);
	} else {
		tell_not_admitted(&server->tell, a->key.peer, a->now_ms);
	}
	db_follow_end(server->follow);
}

/* ---- packets of transfers */

static void
transfer_packet(const struct arrival *a, struct transfer *transfer)
{
	struct tftp_packet packet;
	struct xfer_action action;
	if (transfer->xfer.state == XFER_ENDED || a->packet->cut ||
	    tftp_packet_decode(a->packet->bytes, a->packet->len, &packet) != 0) {
		return;
	}
	xfer_packet(&transfer->xfer, &packet, a->now_ms, &action);
	act(a->server, transfer, &action, packet.text, a->now_ms);
}

static void
stranger(const struct arrival *a, void *snap)
{
	(void)snap;
	if (tell_may_refuse(&a->server->tell, a->now_ms)) {
		send_error(a, TFTP_E_TID, "unknown transfer");
	}
}

/* ---- the door */

/* Ports of services that answer anything: an answer to one would be answered. */
static bool
reflects(uint16_t number)
{
	static const uint16_t reflectors[] = {0, 7, 13, 17, 19, 37, 53, TFTP_PORT, 111,
	    123, 137, 161, 389, 1900, 5353, 11211};
	for (size_t i = 0; i < sizeof(reflectors) / sizeof(reflectors[0]); i++) {
		if (number == reflectors[i]) {
			return true;
		}
	}
	return false;
}

static enum tftp_opcode
opcode_of(const struct udp_packet *packet)
{
	struct rd r = rd_init(packet->bytes, packet->len);
	return (enum tftp_opcode)rd_be16(&r);
}

void
session_packet(struct server *server, struct port *port,
    const struct udp_packet *packet, uint64_t now_ms)
{
	struct arrival a = {.server = server,
	    .port = port,
	    .packet = packet,
	    .key = {packet->peer, packet->local, packet->peer_port},
	    .now_ms = now_ms};
	enum tftp_opcode opcode = opcode_of(packet);
	bool answer = opcode >= TFTP_DATA && opcode <= TFTP_OACK;
	struct transfer *transfer = table_find(server->table, &a.key);
	if (packet->to_group || reflects(packet->peer_port)) {
		counters_add(&server->tell.counters, TELL_IGNORED, 1);
	} else if (port->listens && !answer && !port->door->retired) {
		counters_add(&server->tell.counters, TELL_REQUESTS, 1);
		if_admitted(&a, admitted_request);
	} else if (transfer != NULL && transfer->port == port) {
		transfer_packet(&a, transfer);
	} else if (!port->listens && transfer == NULL && answer &&
	    opcode != TFTP_ERROR) {
		if_admitted(&a, stranger);
	} else {
		counters_add(&server->tell.counters, TELL_IGNORED, 1);
	}
}

void
session_timeouts(struct server *server, uint64_t now_ms)
{
	for (struct transfer *transfer = table_due(server->table, now_ms);
	     transfer != NULL; transfer = table_due(server->table, now_ms)) {
		struct xfer_action action;
		xfer_timeout(&transfer->xfer, now_ms, &action);
		act(server, transfer, &action, "", now_ms);
	}
}

/* ---- requests that wait */

static struct arrival
arrival_of(struct server *server, const struct parked *parked, uint64_t now_ms)
{
	return (struct arrival){.server = server,
	    .port = parked->port,
	    .waited = &parked->request,
	    .key = parked->key,
	    .now_ms = now_ms};
}

/* The map and its admission are asked anew: they may have changed. */
static void
go_on(struct server *server, const struct park_file *wish, uint64_t now_ms)
{
	for (struct parked *parked = park_first(wish); parked != NULL;
	     parked = park_first(wish)) {
		struct arrival a = arrival_of(server, parked, now_ms);
		if_admitted(&a, serve_waited);
		park_remove(server->park, parked);
	}
}

static void
give_up(struct server *server, uint64_t now_ms)
{
	for (struct parked *parked = park_due(server->park, now_ms); parked != NULL;
	     parked = park_due(server->park, now_ms)) {
		struct arrival a = arrival_of(server, parked, now_ms);
		counters_add(&server->tell.counters, TELL_IN_VAIN, 1);
		(void)refuse(
		    &a, parked->request.name, TFTP_E_NOTFOUND, "not found in time");
		park_remove(server->park, parked);
	}
}

void
session_parked(struct server *server, uint64_t now_ms)
{
	struct park *park = server->park;
	for (struct park_file *wish = park_next_file(park, NULL); wish != NULL;
	     wish = park_next_file(park, wish)) {
		if (server->cache != NULL &&
		    catalog_holds(server->cache, wish->farm, wish->file)) {
			go_on(server, wish, now_ms);
		}
	}
	give_up(server, now_ms);
	for (struct park_file *wish = park_next_file(park, NULL); wish != NULL;
	     wish = park_next_file(park, wish)) {
		tell_wish(server, wish, now_ms);
	}
}
