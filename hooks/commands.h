/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "hooks/core.h"

#include <hooks/hooks.h>

namespace pvsboot
{

/* Answer Kea's commands of these names; they throw nothing and only read. */
void explain(isc::hooks::CalloutHandle &handle, hook_core *core);
void status_get(isc::hooks::CalloutHandle &handle, hook_core *core);

} /* namespace pvsboot */
