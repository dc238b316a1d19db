/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Client architectures of DHCP option 93 (RFC 4578 section 2.1 and IANA's registry). */
enum {
	ARCH_BIOS = 0,
	ARCH_UEFI_IA32 = 6,
	ARCH_UEFI_X64 = 7,
	ARCH_UEFI_EBC = 9, /* sent by many x64 firmwares: the same name as 7 */
	ARCH_UEFI_ARM32 = 10,
	ARCH_UEFI_ARM64 = 11,
	ARCH_TEXT = 12, /* "uefi-arm64", "arch-65535" and NUL */
};

/* The number that stands for all numbers of one name: 9 becomes 7, all else itself. */
uint16_t arch_canonical(uint16_t arch);

/* The short name (bios, uefi-x64, ..., arch-N) of an option 93 value; returns dst. */
char *arch_name(uint16_t arch, char dst[static ARCH_TEXT]);

/* Reads a short name, without regard to case; arch-N only for numbers that have no name of
 * their own. Returns 0 or ERR_MALFORMED; *ret is then untouched. */
int arch_parse(const char *text, uint16_t *ret) __attribute__((warn_unused_result));

/* True for the HTTP boot types, which are never given a TFTP file. */
bool arch_is_http(uint16_t arch);

/* True for the UEFI names (not bios, not arch-N): what takes a login list. */
bool arch_is_uefi(uint16_t arch);
