/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/wire/arch.h"

#include "lib/base/err.h"
#include "lib/base/text.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct {
	uint16_t arch;
	const char *name;
} names[] = {
    {ARCH_BIOS, "bios"},
    {ARCH_UEFI_IA32, "uefi-ia32"},
    {ARCH_UEFI_X64, "uefi-x64"},
    {ARCH_UEFI_ARM32, "uefi-arm32"},
    {ARCH_UEFI_ARM64, "uefi-arm64"},
};

uint16_t
arch_canonical(uint16_t arch)
{
	return arch == ARCH_UEFI_EBC ? ARCH_UEFI_X64 : arch;
}

static const char *
own_name(uint16_t arch)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].arch == arch_canonical(arch)) {
			return names[i].name;
		}
	}
	return NULL;
}

char *
arch_name(uint16_t arch, char dst[static ARCH_TEXT])
{
	const char *name = own_name(arch);
	if (name != NULL) {
		(void)snprintf(dst, ARCH_TEXT, "%s", name);
	} else {
		(void)snprintf(dst, ARCH_TEXT, "arch-%u", arch);
	}
	return dst;
}

int
arch_parse(const char *text, uint16_t *ret)
{
	uint64_t number;
	char start[6];
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (text_casecmp(names[i].name, text) == 0) {
			*ret = names[i].arch;
			return 0;
		}
	}
	text_lower(start, sizeof(start), text);
	if (strcmp(start, "arch-") != 0 ||
	    text_u64(text + 5, 0, UINT16_MAX, &number) != 0 ||
	    own_name((uint16_t)number) != NULL) {
		return ERR_MALFORMED;
	}
	*ret = (uint16_t)number;
	return 0;
}

bool
arch_is_http(uint16_t arch)
{
	static const uint16_t http[] = {
	    15, 16, 17, 18, 19, 20, 22, 24, 26, 28, 30, 38, 40};
	for (size_t i = 0; i < sizeof(http) / sizeof(http[0]); i++) {
		if (http[i] == arch) {
			return true;
		}
	}
	return false;
}

bool
arch_is_uefi(uint16_t arch)
{
	return arch != ARCH_BIOS && own_name(arch) != NULL;
}
