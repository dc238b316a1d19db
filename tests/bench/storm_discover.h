/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/mac.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The DISCOVERs of a storm, and the REQUESTs that follow: those of iPXE (BIOS) and EDK2 (UEFI),
 * option by option. */

enum storm_arch { STORM_BIOS = 1, STORM_UEFI = 2, STORM_BOTH = 3 };

struct storm_machine {
	uint32_t number; /* makes the MAC, 06:00 and these four bytes, and the UUID */
	bool uefi;
	uint32_t xid;
	uint32_t giaddr;    /* 0: not relayed */
	uint32_t server_id; /* whose offer it requests; 0: it discovers */
	uint32_t requested; /* the address offered */
};

enum { STORM_FRAME_MAX = 600 };

/* A machine's MAC, and the number of such a MAC's machine; UINT32_MAX for another MAC. */
struct mac storm_mac(const struct storm_machine *machine);
uint32_t storm_number(const uint8_t mac[static MAC_LEN]);

/* The message alone, as a relay sends it on. Returns its length. */
size_t storm_message(
    const struct storm_machine *machine, uint8_t dst[static STORM_FRAME_MAX]);

/* The whole Ethernet frame, broadcast by the machine itself. Returns its length. */
size_t storm_frame(
    const struct storm_machine *machine, uint8_t dst[static STORM_FRAME_MAX]);
