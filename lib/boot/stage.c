/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/boot/stage.h"

#include "lib/base/siphash.h"
#include "lib/base/text.h"

_Static_assert((int)EVENT_FARM_MAX >= (int)DB_FARM_NAME_MAX, "an event holds any farm");
_Static_assert((int)EVENT_FILE_MAX >= (int)DB_FILE_NAME_MAX, "an event holds any file");

const char *
boot_cause_text(enum boot_cause cause)
{
	static const char *const texts[BOOT_CAUSES] = {
	    [BOOT_OURS] = "ours",
	    [BOOT_NOT_PXE] = "no PXE client",
	    [BOOT_NO_SCOPE] = "no scope",
	    [BOOT_SCOPE_NONE] = "none",
	    [BOOT_NO_FILE] = "no file for its architecture",
	    [BOOT_HTTP] = "HTTP boot",
	    [BOOT_NO_SERVER] = "no server to name",
	};
	return texts[cause];
}

uint16_t
boot_user_class(const void *value, size_t len)
{
	uint64_t hash = len > 0 ? siphash24(value, len) : 0;
	return (uint16_t)(len > 0 && (hash & UINT16_MAX) == 0 ? 1 : hash & UINT16_MAX);
}

void
boot_stage(const struct boot_answer *answer, enum event_stage stage, struct event *ret)
{
	*ret = (struct event){.kind = EVENT_STAGE, .arch = answer->arch};
	if (answer->action == BOOT_BOOT) {
		ret->what = (uint8_t)stage;
		ret->server = answer->server;
		ret->direct = answer->delivery == DB_DELIVERY_DIRECT;
		(void)text_copy(ret->farm, sizeof(ret->farm), answer->farm);
		(void)text_copy(ret->file, sizeof(ret->file), answer->bootstrap);
	} else {
		ret->what = EVENT_NOT_OURS;
		(void)text_copy(
		    ret->text, sizeof(ret->text), boot_cause_text(answer->cause));
	}
}
