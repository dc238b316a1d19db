/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/rd.h"
#include "lib/base/wr.h"

/* DHCP option 43 as PXE fills it (PXE 2.1 section 2.4, table 2-1): TLVs of their own, ended
 * by 255 or by the option's end. */

enum {
	PXE_DISCOVERY_CONTROL = 6,
	PXE_BOOT_SERVERS = 8,
	PXE_BOOT_MENU = 9,
	PXE_MENU_PROMPT = 10,
	PXE_BOOT_ITEM = 71,
	/* bit 3 of discovery control: fetch the file that this packet names, ask nobody */
	PXE_USE_FILE = 0x08,
};

struct pxe_vendor {
	bool has_discovery;
	uint8_t discovery;
	bool
	    has_servers; /* PXE_BOOT_SERVERS, PXE_BOOT_MENU, PXE_MENU_PROMPT were there */
	bool has_menu;
	bool has_prompt;
	bool has_item;
	uint16_t item_type;  /* of PXE_BOOT_ITEM */
	uint16_t item_layer; /* its top bit asks for a signed list (BIS) */
};

/* Reads to 255 or the option's end; of a repeated TLV the last counts. Returns 0, ERR_SHORT (a
 * TLV reaches beyond the option) or ERR_MALFORMED (one of the above has a size that it cannot
 * have). *ret is untouched on failure. */
int pxe_vendor_decode(const void *value, size_t len, struct pxe_vendor *ret)
    __attribute__((warn_unused_result));

/* Writes discovery control and boot item, where there are such, and the 255 that ends them. */
void pxe_vendor_encode(struct wr *w, const struct pxe_vendor *vendor);
