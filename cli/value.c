/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/value.h"

#include "cli/command.h"
#include "lib/base/log.h"
#include "lib/wire/arch.h"

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
	if (arch_parse(text, &arch) != 0) {
		log_error("%s: '%s' is no architecture; such are bios, uefi-x64, "
			  "uefi-ia32, uefi-arm64, arch-N",
		    where, text);
		return CLI_USAGE;
	}
	*ret = arch;
	return CLI_DONE;
}
