/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/boot/decide.h"
#include "lib/wire/event.h"

/* How an answer is told to the watcher: as stage, or as EVENT_NOT_OURS with the cause. Who the
 * machine is, in which exchange, and which revision decided, the caller adds. */
void boot_stage(
    const struct boot_answer *answer, enum event_stage stage, struct event *ret);

/* Option 77 as an event tells it: the same for the same bytes, 0 without it. A program that
 * firmware started, such as iPXE, is told from the firmware by it. */
uint16_t boot_user_class(const void *value, size_t len);

/* A few words for a cause, for events and log lines. */
const char *boot_cause_text(enum boot_cause cause);
