/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The host's interfaces and IPv4 addresses, as they are at one moment. */

enum { NIC_NAME = 16 };

struct nic {
	char name[NIC_NAME];
	unsigned ifindex;
	bool up; /* and running */
	bool
	    ethernet; /* can broadcast and has an Ethernet address; VLANs and bridges too */
	bool loopback;
	uint32_t addr; /* its first address, host order; 0: none */
};

struct nics;
int nics_new(struct nics **ret) __attribute__((warn_unused_result));
void nics_free(struct nics *nics); /* NULL is fine */

/* Reads them anew. Returns 0 or a negated errno; what was read before then stays. */
int nics_read(struct nics *nics) __attribute__((warn_unused_result));

unsigned nics_count(const struct nics *nics);
const struct nic *nics_at(const struct nics *nics, unsigned i); /* until nics_read() */

/* NULL when there is none. */
const struct nic *nics_named(const struct nics *nics, const char *name);
const struct nic *nics_indexed(const struct nics *nics, unsigned ifindex);

/* True for an address of any of the interfaces. */
bool nics_has(const struct nics *nics, uint32_t addr);

/* The index of the interface that has an address; 0 when none has. */
unsigned nics_holder(const struct nics *nics, uint32_t addr);
