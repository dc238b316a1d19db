/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "db/map.h"
#include "lib/boot/decide.h"
#include "lib/report/watcher.h"

#include <stdio.h>

/* Answers as JSON and as text: the one form that the explain command and Kea's pvs-explain
 * print. */

/* The object of "explain": action, farm, scope, device, arch, delivery, server, farm-server,
 * file, login, root-path, revision, digest, why; in this order, all always present, null where
 * without meaning. That verdicts are frozen is the last of why. Returns a new reference, or
 * NULL when memory is short. */
json_t *report_explain(const struct boot_facts *facts, const struct boot_answer *answer,
    const struct db_info *info, const struct watcher *watcher)
    __attribute__((warn_unused_result));

/* The same for a person: the outcome in the first line, then what is sent, then why. The
 * caller checks out for errors. */
void report_explain_text(FILE *out, const struct boot_facts *facts,
    const struct boot_answer *answer, const struct db_info *info,
    const struct watcher *watcher);
