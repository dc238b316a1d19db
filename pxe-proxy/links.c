/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/links.h"

#include "lib/base/err.h"
#include "lib/base/ip4.h"
#include "lib/base/log.h"
#include "lib/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Why an interface cannot be heard. */
enum trouble {
	TROUBLE_NONE,
	TROUBLE_ABSENT,
	TROUBLE_OTHER, /* another one has the name now */
	TROUBLE_DOWN,
	TROUBLE_NO_ADDR,
	TROUBLE_UNWANTED, /* the configuration does not ask for it */
};

static const char *const trouble_texts[] = {
    [TROUBLE_NONE] = "nothing",
    [TROUBLE_ABSENT] = "it is not there",
    [TROUBLE_OTHER] = "it was made anew",
    [TROUBLE_DOWN] = "it is down",
    [TROUBLE_NO_ADDR] = "it has no IPv4 address",
    [TROUBLE_UNWANTED] = "it is not asked for",
};

/* A name that is asked for, and what was said of it last. */
struct named {
	char name[NIC_NAME];
	enum trouble said;
};

struct links {
	struct loop *loop;
	links_heard *heard;
	void *ctx;
	struct link *first;
	unsigned named_count;
	struct named named[LINKS_NAMES_MAX];
	uint64_t dropped; /* by ports that are closed now */
	bool said_none;
};

int
links_new(struct loop *loop, links_heard *heard, void *ctx, struct links **ret)
{
	struct links *links = calloc(1, sizeof(*links));
	if (links == NULL) {
		return -ENOMEM;
	}
	links->loop = loop;
	links->heard = heard;
	links->ctx = ctx;
	*ret = links;
	return 0;
}

/* ---- one link */

static void
on_readable(void *ctx)
{
	struct link *link = ctx;
	link->links->heard(link->links->ctx, link);
}

static void
link_close(struct link *link)
{
	loop_unwatch(link->watch);
	link->watch = NULL;
	if (link->port != NULL) {
		link->links->dropped += packet_dropped(link->port);
	}
	packet_close(link->port);
	link->port = NULL;
}

static int
link_open(struct link *link)
{
	int err = packet_open(link->ifindex, link->filter, &link->port);
	if (err != 0) {
		link->port = NULL;
		return err;
	}
	err = loop_watch(
	    link->links->loop, packet_fd(link->port), on_readable, link, &link->watch);
	if (err != 0) {
		link_close(link);
	}
	return err;
}

/* Opens it if it is not, or is deaf; says what is new about it. */
static void
link_keep(struct link *link, uint32_t addr)
{
	char text[IP4_TEXT];
	if (link->port != NULL && packet_is_gone(link->port)) {
		link_close(link);
	}
	bool moved = link->port != NULL && link->addr != addr;
	link->addr = addr;
	if (link->port == NULL) {
		int err = link_open(link);
		if (log_is_news(&link->err, err) && err != 0) {
			log_error("cannot hear %s: %s", link->name, err_str(err));
		}
		moved = err == 0;
	}
	if (moved && link->ifindex == 0) {
		log_info("hears relays on every interface");
	} else if (moved) {
		log_info("hears %s, %s", link->name, ip4_format(addr, text));
	}
}

void
links_free(struct links *links)
{
	while (links != NULL && links->first != NULL) {
		struct link *link = links->first;
		links->first = link->next;
		link_close(link);
		free(link);
	}
	free(links);
}

/* ---- all of them */

static struct link *
find(struct links *links, unsigned ifindex, enum packet_filter filter)
{
	struct link *link = links->first;
	while (link != NULL && (link->ifindex != ifindex || link->filter != filter)) {
		link = link->next;
	}
	return link;
}

static void
keep(struct links *links, const struct nic *nic, enum packet_filter filter)
{
	struct link *link = find(links, nic->ifindex, filter);
	if (link == NULL) {
		link = calloc(1, sizeof(*link));
		if (link == NULL) {
			return; /* tried again in a second */
		}
		*link = (struct link){.next = links->first,
		    .links = links,
		    .ifindex = nic->ifindex,
		    .filter = filter};
		links->first = link;
	}
	(void)text_copy(link->name, sizeof(link->name), nic->name);
	link->wanted = true;
	link_keep(link, nic->addr);
}

static enum trouble
trouble_of(const struct nic *nic)
{
	if (nic == NULL) {
		return TROUBLE_ABSENT;
	}
	if (!nic->up) {
		return TROUBLE_DOWN;
	}
	return nic->addr == 0 ? TROUBLE_NO_ADDR : TROUBLE_NONE;
}

static enum trouble
trouble_of_link(const struct link *link, const struct nics *nics)
{
	const struct nic *nic = nics_named(nics, link->name);
	if (nic != NULL && nic->ifindex != link->ifindex) {
		return TROUBLE_OTHER;
	}
	enum trouble trouble = link->ifindex == 0 ? TROUBLE_NONE : trouble_of(nic);
	return trouble == TROUBLE_NONE ? TROUBLE_UNWANTED : trouble;
}

static void
close_unwanted(struct links *links, const struct nics *nics)
{
	struct link **at = &links->first;
	while (*at != NULL) {
		struct link *link = *at;
		if (link->wanted) {
			at = &link->next;
			continue;
		}
		if (link->port != NULL) {
			log_info("hears %s no longer: %s", link->name,
			    trouble_texts[trouble_of_link(link, nics)]);
		}
		*at = link->next;
		link_close(link);
		free(link);
	}
}

/* ---- those asked for by name */

/* Forgets what was said where the names are others now. */
static void
take_names(struct links *links, const struct links_wanted *wanted)
{
	links->named_count = wanted->count;
	for (unsigned i = 0; i < wanted->count; i++) {
		struct named *named = &links->named[i];
		if (strcmp(named->name, wanted->names[i]) != 0) {
			(void)text_copy(
			    named->name, sizeof(named->name), wanted->names[i]);
			named->said = TROUBLE_NONE;
		}
	}
}

static bool
follow_named(struct links *links, enum packet_filter filter, const struct nics *nics)
{
	bool whole = true;
	for (unsigned i = 0; i < links->named_count; i++) {
		struct named *named = &links->named[i];
		const struct nic *nic = nics_named(nics, named->name);
		enum trouble trouble = trouble_of(nic);
		if (trouble != TROUBLE_NONE && trouble != named->said) {
			log_warn("waits for interface %s: %s", named->name,
			    trouble_texts[trouble]);
		}
		named->said = trouble;
		if (trouble == TROUBLE_NONE) {
			keep(links, nic, filter);
		}
		whole = whole && trouble == TROUBLE_NONE &&
		    links_port(links, nic->ifindex) != NULL;
	}
	return whole;
}

static void
follow_all(struct links *links, const struct nics *nics)
{
	bool none = true;
	for (unsigned i = 0; i < nics_count(nics); i++) {
		const struct nic *nic = nics_at(nics, i);
		if (nic->ethernet && !nic->loopback &&
		    trouble_of(nic) == TROUBLE_NONE) {
			keep(links, nic, PACKET_EVERYTHING);
			none = false;
		}
	}
	if (none && !links->said_none) {
		log_warn("waits for an interface: no Ethernet is up and has an "
			 "IPv4 address");
	}
	links->said_none = none;
}

bool
links_follow(
    struct links *links, const struct links_wanted *wanted, const struct nics *nics)
{
	static const struct nic every = {.name = "every interface"};
	bool whole = true;
	for (struct link *link = links->first; link != NULL; link = link->next) {
		link->wanted = false;
	}
	take_names(links, wanted);
	if (wanted->count > 0) {
		whole = follow_named(links,
		    wanted->relay_only ? PACKET_REQUESTS : PACKET_EVERYTHING, nics);
	} else if (wanted->relay_only) {
		keep(links, &every, PACKET_REQUESTS);
		whole = links_port(links, 0) != NULL;
	} else {
		follow_all(links, nics);
	}
	close_unwanted(links, nics);
	return whole;
}

struct packet_port *
links_port(const struct links *links, unsigned ifindex)
{
	for (const struct link *link = links->first; link != NULL; link = link->next) {
		if (link->port != NULL &&
		    (link->ifindex == ifindex || link->ifindex == 0)) {
			return link->port;
		}
	}
	return NULL;
}

unsigned
links_count(const struct links *links)
{
	unsigned count = 0;
	for (const struct link *link = links->first; link != NULL; link = link->next) {
		count += link->port != NULL ? 1 : 0;
	}
	return count;
}

uint64_t
links_dropped(const struct links *links)
{
	uint64_t dropped = links->dropped;
	for (const struct link *link = links->first; link != NULL; link = link->next) {
		dropped += link->port != NULL ? packet_dropped(link->port) : 0;
	}
	return dropped;
}
