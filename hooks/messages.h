/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "hooks/message.h"

namespace pvsboot
{

/* Says one of the hook's messages through Kea's logger "pvsboot-hooks"; never throws. */
void say(hook_message message, const char *text);

/* True when Kea's configuration lets the message through. */
bool wants(hook_message message);

} /* namespace pvsboot */
