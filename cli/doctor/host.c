/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/doctor/host.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct bound {
	uint32_t addr; /* 0: every one */
	uint16_t port;
};

struct host {
	struct nics *nics;
	struct bound *bound;
	size_t count, room;
};

static int
add_bound(struct host *host, struct bound bound)
{
	if (host->count == host->room) {
		size_t room = host->room > 0 ? 2 * host->room : 64;
		void *grown = reallocarray(host->bound, room, sizeof(*host->bound));
		if (grown == NULL) {
			return -ENOMEM;
		}
		host->bound = grown;
		host->room = room;
	}
	host->bound[host->count++] = bound;
	return 0;
}

/* One socket a line: its number, then ADDRESS:PORT in hex, the address as the bytes of network
 * order make a number of this CPU's (proc(5)). The first line is a heading. */
static int
read_bound(struct host *host)
{
	char line[512];
	int err = 0;
	FILE *file = fopen("/proc/net/udp", "re");
	if (file == NULL) {
		return -errno;
	}
	while (err == 0 && fgets(line, sizeof(line), file) != NULL) {
		uint32_t addr_be;
		uint16_t port;
		if (sscanf(line, " %*[0-9]: %8" SCNx32 ":%4" SCNx16, &addr_be, &port) ==
		    2) {
			err = add_bound(host, (struct bound){be32toh(addr_be), port});
		}
	}
	if (err == 0 && ferror(file) != 0) {
		err = -EIO;
	}
	(void)fclose(file);
	return err;
}

int
host_read(struct host **ret)
{
	struct host *host = calloc(1, sizeof(*host));
	if (host == NULL) {
		return -ENOMEM;
	}
	int err = nics_new(&host->nics);
	if (err == 0) {
		err = nics_read(host->nics);
	}
	if (err == 0) {
		err = read_bound(host);
	}
	if (err != 0) {
		host_free(host);
		return err;
	}
	*ret = host;
	return 0;
}

void
host_free(struct host *host)
{
	if (host != NULL) {
		nics_free(host->nics);
		free(host->bound);
		free(host);
	}
}

const struct nics *
host_nics(const struct host *host)
{
	return host->nics;
}

bool
host_holds(const struct host *host, uint32_t addr, uint16_t port)
{
	for (size_t i = 0; i < host->count; i++) {
		const struct bound *bound = &host->bound[i];
		if (bound->port == port &&
		    (addr == 0 || bound->addr == 0 || bound->addr == addr)) {
			return true;
		}
	}
	return false;
}
