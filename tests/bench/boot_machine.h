/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/wire/dhcp4.h"
#include "tests/bench/storm_discover.h"

/* One machine of a storm, from DISCOVER to the last block of the file that it was answered: a
 * function of (state, time, bytes). A try ends when a server said nothing for the machine's
 * patience, refused, or sent what the file is not. Times are monotonic milliseconds, addresses
 * in host order. */

enum boot_stage { BOOT_OFF, BOOT_DISCOVERS, BOOT_REQUESTS, BOOT_FETCHES };
enum boot_end {
	BOOT_RUNS,
	BOOT_RAN, /* it has the whole file */
	BOOT_NO_OFFER,
	BOOT_NO_ACK,
	BOOT_NO_ANSWER, /* the ACK names no server or file */
	BOOT_SILENT,    /* no TFTP packet in time */
	BOOT_REFUSED,   /* a TFTP ERROR */
	BOOT_WRONG,     /* other bytes than the file's */
	BOOT_ENDS,
};

/* What a machine must get. */
struct boot_file {
	uint8_t *bytes;
	size_t size;
};

struct boot_machine {
	/* Who it is; the owner fills it in. */
	struct storm_machine who;
	const struct boot_file *file;
	uint32_t dhcp_server;
	uint32_t patience_ms;

	enum boot_stage stage;
	enum boot_end end;
	uint64_t silent_ms; /* when its patience ends */
	uint64_t resend_ms; /* when it says again what it said last */
	uint32_t addr;      /* its lease */
	uint32_t server;    /* whom the ACK names */
	char name[DHCP4_FILE_LEN + 1];
	uint16_t tid; /* the server's port once it answered, else 0 */
	uint16_t blksize;
	uint16_t block; /* the last one taken */
	size_t got;     /* bytes */

	/* What it said last, and to whom: to send when a step says so. DHCP goes by the
	 * relay's socket, TFTP from the lease's address. */
	uint32_t to;
	uint16_t to_port;
	size_t said_len;
	uint8_t said[STORM_FRAME_MAX];
};

/* The steps return true when what was said is to be sent. Where end is no longer BOOT_RUNS, the
 * machine is off. */
bool boot_start(struct boot_machine *machine, uint32_t xid, uint64_t now_ms);
bool boot_dhcp(struct boot_machine *machine, struct dhcp4 *reply, uint64_t now_ms);
bool boot_tftp(struct boot_machine *machine, uint32_t peer, uint16_t peer_port,
    const void *bytes, size_t len, uint64_t now_ms);
bool boot_timeout(struct boot_machine *machine, uint64_t now_ms);

/* How a try ended, in a few words. */
const char *boot_end_text(enum boot_end end);
