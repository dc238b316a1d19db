/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/wire/pxe.h"

enum { TLV_PAD = 0, TLV_END = 255 };

/* A list of {type, 16 bits; count; count times unit bytes}: servers' addresses by type, or the
 * menu's texts. The failure of a list that does not come out even sticks in list. */
static void
list_skip(struct rd *list, size_t unit)
{
	while (list->left > 0) {
		rd_skip(list, 2);
		rd_skip(list, rd_u8(list) * unit);
	}
}

static void
item_decode(struct rd *value, struct pxe_vendor *vendor)
{
	vendor->has_item = true;
	vendor->item_type = rd_be16(value);
	vendor->item_layer = rd_be16(value);
}

/* True when the value has a size that a TLV of that code can have. */
static bool
tlv_decode(uint8_t code, struct rd value, struct pxe_vendor *vendor)
{
	switch (code) {
	case PXE_DISCOVERY_CONTROL:
		vendor->has_discovery = true;
		vendor->discovery = rd_u8(&value);
		break;
	case PXE_BOOT_SERVERS:
		vendor->has_servers = true;
		list_skip(&value, 4);
		break;
	case PXE_BOOT_MENU:
		vendor->has_menu = true;
		list_skip(&value, 1);
		break;
	case PXE_MENU_PROMPT:
		vendor->has_prompt = true;
		rd_skip(&value, 1); /* seconds; text, which may be empty */
		rd_skip(&value, value.left);
		break;
	case PXE_BOOT_ITEM:
		item_decode(&value, vendor);
		break;
	default:
		return true;
	}
	return value.err == 0 && value.left == 0;
}

int
pxe_vendor_decode(const void *value, size_t len, struct pxe_vendor *ret)
{
	struct rd r = rd_init(value, len);
	struct pxe_vendor vendor = {0};
	while (r.left > 0) {
		uint8_t code = rd_u8(&r);
		if (code == TLV_END) {
			break;
		}
		if (code == TLV_PAD) {
			continue;
		}
		struct rd tlv = rd_sub(&r, rd_u8(&r));
		if (r.err == 0 && !tlv_decode(code, tlv, &vendor)) {
			rd_fail(&r, ERR_MALFORMED);
		}
	}
	if (r.err == 0) {
		*ret = vendor;
	}
	return r.err;
}

void
pxe_vendor_encode(struct wr *w, const struct pxe_vendor *vendor)
{
	if (vendor->has_discovery) {
		wr_u8(w, PXE_DISCOVERY_CONTROL);
		wr_u8(w, sizeof(vendor->discovery));
		wr_u8(w, vendor->discovery);
	}
	if (vendor->has_item) {
		wr_u8(w, PXE_BOOT_ITEM);
		wr_u8(w, sizeof(vendor->item_type) + sizeof(vendor->item_layer));
		wr_be16(w, vendor->item_type);
		wr_be16(w, vendor->item_layer);
	}
	wr_u8(w, TLV_END);
}
