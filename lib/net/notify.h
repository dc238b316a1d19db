/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

/* What a daemon tells the service manager. Without one, or built without systemd, nothing
 * happens. */
void notify_ready(void);
void notify_stopping(void);

/* One line for "systemctl status", at most 200 bytes. */
void notify_status(const char *format, ...) __attribute__((format(printf, 1, 2)));
