/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/roster.h"

#include "lib/base/owner.h"
#include "pxe-proxy/keyed.h"

#include <errno.h>
#include <stdlib.h>

struct roster {
	struct keyed keyed;
	struct list silent, awaited; /* heads */
	struct machine *free;        /* by next_by_mac */
	struct machine *by_mac[ROSTER_MAX];
	struct machine *by_addr[ROSTER_MAX];
	struct machine places[ROSTER_MAX];
};

int
roster_new(struct roster **ret)
{
	struct keyed keyed;
	int err = keyed_draw(&keyed);
	if (err != 0) {
		return err;
	}
	struct roster *roster = calloc(1, sizeof(*roster));
	if (roster == NULL) {
		return -ENOMEM;
	}
	roster->keyed = keyed;
	list_init(&roster->silent);
	list_init(&roster->awaited);
	for (unsigned i = ROSTER_MAX; i > 0; i--) {
		roster->places[i - 1].next_by_mac = roster->free;
		roster->free = &roster->places[i - 1];
	}
	*ret = roster;
	return 0;
}

void
roster_free(struct roster *roster)
{
	free(roster);
}

/* What points to the machine of a MAC or address, or to the NULL at the end of its bucket. */
static struct machine **
link_by_mac(struct roster *roster, const struct mac *mac)
{
	struct machine **link =
	    &roster->by_mac[keyed_mac(&roster->keyed, mac) % ROSTER_MAX];
	while (*link != NULL && !mac_equal(&(*link)->mac, mac)) {
		link = &(*link)->next_by_mac;
	}
	return link;
}

static struct machine **
link_by_addr(struct roster *roster, uint32_t addr)
{
	struct machine **link =
	    &roster->by_addr[keyed_addr(&roster->keyed, addr) % ROSTER_MAX];
	while (*link != NULL && (*link)->addr != addr) {
		link = &(*link)->next_by_addr;
	}
	return link;
}

struct machine *
roster_find(struct roster *roster, const struct mac *mac)
{
	return *link_by_mac(roster, mac);
}

struct machine *
roster_find_addr(struct roster *roster, uint32_t addr)
{
	return *link_by_addr(roster, addr);
}

static void
drop_addr(struct roster *roster, struct machine *machine)
{
	if (machine->addr != 0) {
		*link_by_addr(roster, machine->addr) = machine->next_by_addr;
		machine->addr = 0;
	}
}

void
roster_set_addr(struct roster *roster, struct machine *machine, uint32_t addr)
{
	struct machine *holder = roster_find_addr(roster, addr);
	if (holder != NULL) {
		drop_addr(roster, holder);
	}
	drop_addr(roster, machine);
	struct machine **link = link_by_addr(roster, addr);
	machine->addr = addr;
	machine->next_by_addr = NULL;
	*link = machine;
}

static void
forget(struct roster *roster, struct machine *machine)
{
	drop_addr(roster, machine);
	list_remove(&machine->silent);
	list_remove(&machine->awaited);
	*link_by_mac(roster, &machine->mac) = machine->next_by_mac;
	machine->next_by_mac = roster->free;
	roster->free = machine;
}

static struct machine *
longest_silent(const struct roster *roster)
{
	return owner_of(list_first(&roster->silent), offsetof(struct machine, silent));
}

struct machine *
roster_awaited(const struct roster *roster)
{
	return owner_of(
	    list_first(&roster->awaited), offsetof(struct machine, awaited));
}

void
roster_await(struct roster *roster, struct machine *machine)
{
	list_append(&roster->awaited, &machine->awaited);
}

void
roster_heard(struct roster *roster, struct machine *machine, uint64_t now_ms)
{
	machine->heard_ms = now_ms;
	list_append(&roster->silent, &machine->silent);
}

struct machine *
roster_make(struct roster *roster, const struct mac *mac, uint64_t now_ms)
{
	struct machine *machine = roster_find(roster, mac);
	if (machine == NULL) {
		if (roster->free == NULL) {
			forget(roster, longest_silent(roster));
		}
		machine = roster->free;
		roster->free = machine->next_by_mac;
		*machine = (struct machine){.mac = *mac};
		*link_by_mac(roster, mac) = machine;
	}
	roster_heard(roster, machine, now_ms);
	return machine;
}

void
roster_forget(struct roster *roster, uint64_t before_ms, unsigned max)
{
	struct machine *machine;
	while (max-- > 0 && (machine = longest_silent(roster)) != NULL &&
	    machine->heard_ms < before_ms) {
		forget(roster, machine);
	}
}
