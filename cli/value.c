/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/value.h"

#include "cli/command.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/wire/arch.h"

#include <string.h>

int
value_mac(const char *text, struct mac *ret)
{
	if (mac_parse(text, ret) != 0) {
		log_error("'%s' is no MAC; such are aa:bb:cc:dd:ee:ff, "
			  "AA-BB-CC-DD-EE-FF, aabb.ccdd.eeff, aabbccddeeff",
		    text);
		return CLI_USAGE;
	}
	return CLI_DONE;
}

int
value_arch(const char *where, const char *text, uint16_t *ret)
{
	uint16_t arch;
	uint64_t number;
	char name[ARCH_TEXT];
	if (arch_parse(text, &arch) == 0) {
		*ret = arch;
		return CLI_DONE;
	}
	const char *digits = strncmp(text, "arch-", 5) == 0 ? text + 5 : text;
	if (text_u64(digits, 0, UINT16_MAX, &number) == 0) {
		log_error("%s: '%s' is no architecture; write %s", where, text,
		    arch_name((uint16_t)number, name));
	} else {
		log_error("%s: '%s' is no architecture; such are bios, uefi-x64, "
			  "uefi-ia32, uefi-arm64, uefi-arm32, arch-N",
		    where, text);
	}
	return CLI_USAGE;
}
