/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "hooks/core.h"
#include "lib/boot/decide.h"

/* From Kea's packet to the facts of the decision, and from its answer to the edit. Pure. */
void edit_facts(const struct hook_params *params, const struct hook_packet *packet,
    struct boot_facts *ret);

/* True when Kea has set any of siaddr, file, 66 and 67 for this reply. */
bool edit_kea_answered(const struct hook_packet *packet);

/* What makes the reply say the answer (whose action is BOOT_BOOT), and nothing against it. */
void edit_make(const struct hook_params *params, const struct hook_packet *packet,
    const struct boot_answer *answer, struct hook_edit *ret);
