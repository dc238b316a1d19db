/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/wire/dhcp4.h"

enum { OPTION_VALUE_MAX = 255 };

/* Text in a field of fixed length, zeroes behind it. */
static void
put_field(struct wr *w, const char *text, size_t field_len)
{
	size_t len = text != NULL ? strlen(text) : 0;
	if (len > field_len) {
		w->err = ERR_ROOM;
		return;
	}
	wr_bytes(w, text, len);
	wr_zero(w, field_len - len);
}

void
dhcp4_put_header(struct wr *w, const struct dhcp4_header *header, const char *file)
{
	wr_u8(w, header->op);
	wr_u8(w, header->htype);
	wr_u8(w, header->hlen);
	wr_u8(w, header->hops);
	wr_be32(w, header->xid);
	wr_be16(w, header->secs);
	wr_be16(w, header->flags);
	wr_be32(w, header->ciaddr);
	wr_be32(w, header->yiaddr);
	wr_be32(w, header->siaddr);
	wr_be32(w, header->giaddr);
	wr_bytes(w, header->chaddr, sizeof(header->chaddr));
	put_field(w, NULL, DHCP4_SNAME_LEN);
	put_field(w, file, DHCP4_FILE_LEN);
	wr_be32(w, DHCP4_COOKIE);
}

void
dhcp4_put_option(struct wr *w, uint8_t code, const void *value, size_t len)
{
	struct rd rest = rd_init(value, len);
	do {
		size_t part =
		    rest.left < OPTION_VALUE_MAX ? rest.left : OPTION_VALUE_MAX;
		wr_u8(w, code);
		wr_u8(w, (uint8_t)part);
		wr_bytes(w, rd_take(&rest, part), part);
	} while (rest.left > 0);
}

void
dhcp4_put_u8(struct wr *w, uint8_t code, uint8_t value)
{
	dhcp4_put_option(w, code, &value, sizeof(value));
}

void
dhcp4_put_be32(struct wr *w, uint8_t code, uint32_t value)
{
	wr_u8(w, code);
	wr_u8(w, sizeof(value));
	wr_be32(w, value);
}

void
dhcp4_put_end(struct wr *w, const void *start)
{
	wr_u8(w, DHCP4_OPT_END);
	size_t len = wr_len(w, start);
	if (len < DHCP4_PADDED_LEN) {
		wr_zero(w, DHCP4_PADDED_LEN - len);
	}
}
