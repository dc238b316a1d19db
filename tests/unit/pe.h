/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdint.h>
#include <string.h>

/* A PE32+ program with what looks_wrong() reads: two sections that end with the file, the
 * second without bytes in it, and a signature behind them. */
enum {
	PE_HEADER = 128,
	PE_OPTIONAL = PE_HEADER + 24,
	PE_SIGNATURE = PE_OPTIONAL + 144, /* its directory entry */
	PE_SECTIONS = PE_OPTIONAL + 240,
	PE_SIGNED_AT = 1024,
	PE_LEN = 1152,
};

static inline void
pe_le16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

static inline void
pe_le32(uint8_t *at, uint32_t value)
{
	pe_le16(at, value & 0xffff);
	pe_le16(at + 2, value >> 16);
}

/* Fills bytes[0 .. PE_LEN - 1]. */
static inline void
pe_program(uint8_t bytes[static PE_LEN])
{
	memset(bytes, 0, PE_LEN);
	memcpy(bytes, "MZ", 2);
	pe_le32(bytes + 60, PE_HEADER);
	memcpy(bytes + PE_HEADER, "PE", 2);
	pe_le16(bytes + PE_HEADER + 6, 2);    /* sections */
	pe_le16(bytes + PE_HEADER + 20, 240); /* of the optional header */
	pe_le16(bytes + PE_OPTIONAL, 0x20b);
	pe_le32(bytes + PE_OPTIONAL + 108, 16); /* directories */
	pe_le32(bytes + PE_SIGNATURE, PE_SIGNED_AT);
	pe_le32(bytes + PE_SIGNATURE + 4, PE_LEN - PE_SIGNED_AT);
	pe_le32(bytes + PE_SECTIONS + 16, PE_SIGNED_AT - 512);
	pe_le32(bytes + PE_SECTIONS + 20, 512);
	pe_le32(bytes + PE_SECTIONS + 40 + 20, 0xffffffff); /* of none */
}
