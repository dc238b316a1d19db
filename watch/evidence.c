/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/evidence.h"

#include "lib/base/siphash.h"
#include "lib/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { WAYS = 4, MACHINE_SETS = 2048, SERVER_SETS = 256 };

/* That a machine was sent to a server: in which exchange, and when. */
struct sending {
	uint64_t server; /* its key */
	uint64_t at_ms;
	uint32_t xid;
	uint16_t user_class;
	bool counts; /* it is one, and nothing became of it yet */
};

struct machine {
	struct mac mac;
	uint64_t used;        /* 0: free */
	uint32_t xid;         /* of the exchange that was heard of last */
	struct sending offer; /* of a proxy: a REQUEST makes a sending of it */
	struct sending last;
	struct sending failed; /* the last that did; counts once there is one */
};

/* A server of a farm, known by its key: two that meet share their evidence, once in 2^64
 * pairs. */
struct server {
	uint64_t key;
	uint64_t used; /* 0: free */
	char farm[EVENT_FARM_MAX + 1];
	uint32_t addr;
	bool is_told;
	uint64_t told_ms;
};

struct evidence {
	uint64_t uses; /* so that the longest unused is known, whatever the clocks */
	struct machine machines[MACHINE_SETS][WAYS];
	struct server servers[SERVER_SETS][WAYS];
};

int
evidence_new(struct evidence **ret)
{
	struct evidence *evidence = calloc(1, sizeof(*evidence));
	if (evidence == NULL) {
		return -ENOMEM;
	}
	*ret = evidence;
	return 0;
}

void
evidence_free(struct evidence *evidence)
{
	free(evidence);
}

/* ---- the tables */

static struct machine *
machine_set(struct evidence *evidence, const struct mac *mac)
{
	return evidence->machines[siphash24(mac->b, MAC_LEN) % MACHINE_SETS];
}

static struct machine *
find_machine(struct evidence *evidence, const struct mac *mac)
{
	struct machine *set = machine_set(evidence, mac);
	for (unsigned i = 0; i < WAYS; i++) {
		if (set[i].used != 0 && mac_equal(&set[i].mac, mac)) {
			return &set[i];
		}
	}
	return NULL;
}

/* The machine that an event is about. One that was never sent anywhere takes the place of
 * another once it is; NULL until then. */
static struct machine *
machine_of(struct evidence *evidence, const struct event *event)
{
	struct machine *machine = find_machine(evidence, &event->mac);
	if (machine == NULL && event->direct) {
		struct machine *set = machine_set(evidence, &event->mac);
		machine = &set[0];
		for (unsigned i = 1; i < WAYS; i++) {
			machine = set[i].used < machine->used ? &set[i] : machine;
		}
		*machine = (struct machine){.mac = event->mac};
	}
	if (machine != NULL) {
		machine->used = ++evidence->uses;
	}
	return machine;
}

static uint64_t
key_of(const char *farm, uint32_t addr)
{
	struct {
		uint32_t addr;
		char farm[EVENT_FARM_MAX + 1];
	} flat;
	memset(&flat, 0, sizeof(flat));
	flat.addr = addr;
	(void)text_lower(flat.farm, sizeof(flat.farm), farm);
	return siphash24(&flat, sizeof(flat));
}

static struct server *
find_server(struct evidence *evidence, uint64_t key)
{
	struct server *set = evidence->servers[key % SERVER_SETS];
	for (unsigned i = 0; i < WAYS; i++) {
		if (set[i].used != 0 && set[i].key == key) {
			return &set[i];
		}
	}
	return NULL;
}

/* Makes a server that an event names known, and returns its key. */
static uint64_t
note_server(struct evidence *evidence, const struct event *event)
{
	uint64_t key = key_of(event->farm, event->server);
	struct server *server = find_server(evidence, key);
	if (server == NULL) {
		struct server *set = evidence->servers[key % SERVER_SETS];
		server = &set[0];
		for (unsigned i = 1; i < WAYS; i++) {
			server = set[i].used < server->used ? &set[i] : server;
		}
		*server = (struct server){.key = key, .addr = event->server};
		(void)text_copy(server->farm, sizeof(server->farm), event->farm);
	}
	server->used = ++evidence->uses;
	return key;
}

/* ---- what counts */

static bool
is_within(uint64_t at_ms, uint64_t first_ms, uint64_t last_ms)
{
	return at_ms >= first_ms && at_ms <= last_ms;
}

/* True when a sending is of the window that ends with another of its server; of a later one the
 * difference is huge. */
static bool
is_of_window(const struct sending *sending, const struct sending *end)
{
	return sending->server == end->server &&
	    end->at_ms - sending->at_ms < EVIDENCE_WINDOW_MS;
}

/* True when those that failed, of all that were sent to the server in the window which ends
 * with this one, are enough. */
static bool
are_enough(const struct evidence *evidence, const struct sending *end)
{
	unsigned sent = 0;
	unsigned failed = 0;
	const struct machine *machines = &evidence->machines[0][0];
	for (unsigned i = 0; i < MACHINE_SETS * WAYS; i++) {
		const struct machine *machine = &machines[i];
		bool did_fail =
		    machine->failed.counts && is_of_window(&machine->failed, end);
		failed += did_fail ? 1 : 0;
		sent += did_fail || is_of_window(&machine->last, end) ? 1 : 0;
	}
	return failed >= EVIDENCE_MACHINES && 2 * failed >= sent;
}

/* The server of a sending that failed, if it is to be told now. */
static struct server *
judge(struct evidence *evidence, const struct sending *failed, uint64_t now_ms)
{
	struct server *server = find_server(evidence, failed->server);
	if (server == NULL ||
	    (server->is_told && now_ms >= server->told_ms &&
		now_ms - server->told_ms < EVIDENCE_WINDOW_MS) ||
	    !are_enough(evidence, failed)) {
		return NULL;
	}
	server->is_told = true;
	server->told_ms = now_ms;
	return server;
}

/* A machine is heard of in an exchange: true when that begins, and means that its last sending
 * failed. */
static bool
asks_anew(struct machine *machine, const struct event *event)
{
	struct sending *last = &machine->last;
	bool begins = event->xid != machine->xid && event->xid != last->xid;
	machine->xid = event->xid;
	if (!last->counts || event->xid == 0 || !begins ||
	    event->user_class != last->user_class ||
	    !is_within(event->time_ms, last->at_ms + EVIDENCE_FIRST_MS,
		last->at_ms + EVIDENCE_LAST_MS)) {
		return false;
	}
	last->counts = false;
	machine->failed = *last;
	machine->failed.counts = true;
	return true;
}

/* What an answer says: a sending, or none where it leads to a boot server. */
static struct sending
sending_of(struct evidence *evidence, const struct event *event)
{
	if (!event->direct || event->server == 0 || event->xid == 0) {
		return (struct sending){.counts = false};
	}
	return (struct sending){.server = note_server(evidence, event),
	    .at_ms = event->time_ms,
	    .xid = event->xid,
	    .user_class = event->user_class,
	    .counts = true};
}

/* The REQUEST that follows a proxy's OFFER: the ACK goes by without us. */
static void
take_offer(struct machine *machine, const struct event *event)
{
	if (machine->offer.counts && machine->offer.xid == event->xid) {
		machine->last = machine->offer;
		machine->last.at_ms = event->time_ms;
		machine->offer.counts = false;
	}
}

/* Takes a stage of a machine; true when a sending of it failed. */
static bool
take_stage(
    struct evidence *evidence, struct machine *machine, const struct event *event)
{
	bool failed = false;
	switch ((enum event_stage)event->what) {
	case EVENT_OFFERED:
		failed = asks_anew(machine, event);
		break;
	case EVENT_PROXY_OFFER:
		failed = asks_anew(machine, event);
		machine->offer = sending_of(evidence, event);
		break;
	case EVENT_ACKED:
		failed = asks_anew(machine, event);
		machine->last = sending_of(evidence, event);
		break;
	case EVENT_PROXY_ACK: /* goes on with what began on port 67, by another xid */
		machine->last = sending_of(evidence, event);
		break;
	case EVENT_LEARNT:
		take_offer(machine, event);
		break;
	case EVENT_BOOTED:
		machine->last.counts = false;
		break;
	case EVENT_NOT_OURS:
	case EVENT_REQUESTED:
		break;
	}
	return failed;
}

bool
evidence_take(struct evidence *evidence, const struct event *event,
    const char **ret_farm, uint32_t *ret_server)
{
	if (event->kind != EVENT_STAGE || !event->has_mac) {
		return false;
	}
	struct machine *machine = machine_of(evidence, event);
	if (machine == NULL || !take_stage(evidence, machine, event)) {
		return false;
	}
	struct server *server = judge(evidence, &machine->failed, event->time_ms);
	if (server == NULL) {
		return false;
	}
	*ret_farm = server->farm;
	*ret_server = server->addr;
	return true;
}
