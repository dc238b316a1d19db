/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/value.h"

#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/wire/arch.h"

#include <jansson.h>
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

int
value_text(enum option_id option, const char *text, char *dst, size_t max)
{
	json_t *valid = json_string(text);
	bool control = false;
	for (const char *p = text; *p != '\0'; p++) {
		control = control || (unsigned char)*p < 0x20 || *p == 0x7f;
	}
	json_decref(valid);
	if (valid == NULL || control || strlen(text) > max) {
		log_error("--%s: must be one line of UTF-8 of at most %zu bytes",
		    option_infos[option].name, max);
		return CLI_USAGE;
	}
	(void)strcpy(dst, text);
	return CLI_DONE;
}
