/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/net/notify.h"

#include "pvsboot-config.h"

#include <stdarg.h>
#include <stdio.h>

#ifdef HAVE_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

static void
tell(const char *state)
{
#ifdef HAVE_SYSTEMD
	(void)sd_notify(0, state);
#else
	(void)state;
#endif
}

void
notify_ready(void)
{
	tell("READY=1");
}

void
notify_stopping(void)
{
	tell("STOPPING=1");
}

void
notify_status(const char *format, ...)
{
	char line[200];
	char state[sizeof("STATUS=") + sizeof(line)];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	(void)snprintf(state, sizeof(state), "STATUS=%s", line);
	tell(state);
}
