/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/net/nics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

_Static_assert(NIC_NAME == IF_NAMESIZE, "a name and its NUL");

struct held {
	uint32_t addr;
	unsigned ifindex; /* 0: of an interface that the kernel did not list */
};

struct nics {
	struct nic *list; /* by ifindex */
	unsigned count;
	struct held *addrs; /* ascending */
	unsigned addr_count;
};

int
nics_new(struct nics **ret)
{
	struct nics *nics = calloc(1, sizeof(*nics));
	if (nics == NULL) {
		return -ENOMEM;
	}
	*ret = nics;
	return 0;
}

void
nics_free(struct nics *nics)
{
	if (nics != NULL) {
		free(nics->list);
		free(nics->addrs);
		free(nics);
	}
}

/* ---- reading: an entry for each interface's link, then one for each of its addresses, in the
 * kernel's order, which has primary addresses before secondary ones. */

static bool
is_of(const struct ifaddrs *entry, sa_family_t family)
{
	return entry->ifa_addr != NULL && entry->ifa_addr->sa_family == family;
}

static unsigned
count_of(const struct ifaddrs *entries, sa_family_t family)
{
	unsigned count = 0;
	for (; entries != NULL; entries = entries->ifa_next) {
		count += is_of(entries, family) ? 1 : 0;
	}
	return count;
}

static struct nic
nic_of(const struct ifaddrs *entry)
{
	struct sockaddr_ll link;
	struct nic nic = {
	    .up = (entry->ifa_flags & IFF_UP) != 0 &&
		(entry->ifa_flags & IFF_RUNNING) != 0,
	    .loopback = (entry->ifa_flags & IFF_LOOPBACK) != 0,
	};
	memcpy(&link, entry->ifa_addr, sizeof(link));
	nic.ifindex = (unsigned)link.sll_ifindex;
	nic.ethernet =
	    link.sll_hatype == ARPHRD_ETHER && (entry->ifa_flags & IFF_BROADCAST) != 0;
	(void)strncpy(nic.name, entry->ifa_name, sizeof(nic.name) - 1);
	return nic;
}

static uint32_t
addr_of(const struct ifaddrs *entry)
{
	struct sockaddr_in name;
	memcpy(&name, entry->ifa_addr, sizeof(name));
	return ntohl(name.sin_addr.s_addr);
}

/* An address may have a label in place of its interface's name: that name, a colon and
 * more. */
static struct nic *
nic_labelled(const struct nics *nics, const char *label)
{
	size_t len = strcspn(label, ":");
	for (unsigned i = 0; i < nics->count; i++) {
		const char *name = nics->list[i].name;
		if (strncmp(name, label, len) == 0 && name[len] == '\0') {
			return &nics->list[i];
		}
	}
	return NULL;
}

static void
fill(struct nics *nics, const struct ifaddrs *entries)
{
	for (const struct ifaddrs *e = entries; e != NULL; e = e->ifa_next) {
		if (is_of(e, AF_PACKET)) {
			nics->list[nics->count++] = nic_of(e);
		}
	}
	for (const struct ifaddrs *e = entries; e != NULL; e = e->ifa_next) {
		if (is_of(e, AF_INET)) {
			struct nic *nic = nic_labelled(nics, e->ifa_name);
			uint32_t addr = addr_of(e);
			nics->addrs[nics->addr_count++] = (struct held){
			    .addr = addr, .ifindex = nic != NULL ? nic->ifindex : 0};
			if (nic != NULL && nic->addr == 0) {
				nic->addr = addr;
			}
		}
	}
}

/* ---- looking up */

static int
compare_u32(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int
compare_ifindex(const void *a, const void *b)
{
	const struct nic *first = a;
	const struct nic *second = b;
	return compare_u32(first->ifindex, second->ifindex);
}

static int
compare_addr(const void *a, const void *b)
{
	const struct held *first = a;
	const struct held *second = b;
	return compare_u32(first->addr, second->addr);
}

int
nics_read(struct nics *nics)
{
	struct ifaddrs *entries;
	if (getifaddrs(&entries) != 0) {
		return -errno;
	}
	int err = 0;
	/* One more than there are, so that none is not NULL. */
	struct nics now = {
	    .list = calloc(1 + count_of(entries, AF_PACKET), sizeof(*now.list)),
	    .addrs = calloc(1 + count_of(entries, AF_INET), sizeof(*now.addrs))};
	if (now.list == NULL || now.addrs == NULL) {
		err = -ENOMEM;
		goto out;
	}
	fill(&now, entries);
	qsort(now.list, now.count, sizeof(*now.list), compare_ifindex);
	qsort(now.addrs, now.addr_count, sizeof(*now.addrs), compare_addr);
	struct nics before = *nics;
	*nics = now;
	now = before;
out:
	free(now.list);
	free(now.addrs);
	freeifaddrs(entries);
	return err;
}

unsigned
nics_count(const struct nics *nics)
{
	return nics->count;
}

const struct nic *
nics_at(const struct nics *nics, unsigned i)
{
	return &nics->list[i];
}

const struct nic *
nics_named(const struct nics *nics, const char *name)
{
	for (unsigned i = 0; i < nics->count; i++) {
		if (strcmp(nics->list[i].name, name) == 0) {
			return &nics->list[i];
		}
	}
	return NULL;
}

const struct nic *
nics_indexed(const struct nics *nics, unsigned ifindex)
{
	struct nic wanted = {.ifindex = ifindex};
	return nics->count == 0 ? NULL
				: bsearch(&wanted, nics->list, nics->count,
				      sizeof(wanted), compare_ifindex);
}

static const struct held *
find_addr(const struct nics *nics, uint32_t addr)
{
	struct held wanted = {.addr = addr};
	return nics->addr_count == 0 ? NULL
				     : bsearch(&wanted, nics->addrs, nics->addr_count,
					   sizeof(wanted), compare_addr);
}

bool
nics_has(const struct nics *nics, uint32_t addr)
{
	return find_addr(nics, addr) != NULL;
}

unsigned
nics_holder(const struct nics *nics, uint32_t addr)
{
	const struct held *held = find_addr(nics, addr);
	return held != NULL ? held->ifindex : 0;
}
