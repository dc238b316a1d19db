/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "pxe-proxy/machines.h"

/* Which findings are told, and what helps. The same one (finding, machine, server) is told
 * once in FINDINGS_AGAIN_MS; of each kind FINDINGS_SAVED at once, and one more every
 * FINDINGS_EACH_MS. What is not told is counted. Times are monotonic milliseconds. */
enum {
	FINDINGS_AGAIN_MS = 600000,
	FINDINGS_SAVED = 10,
	FINDINGS_EACH_MS = 6000,
	FINDINGS_TOLD = 128, /* of one kind: more than FINDINGS_AGAIN_MS can hold */
};

struct findings_told {
	struct mac mac;
	uint32_t server;
	uint64_t until_ms; /* not again before */
};

/* Zeroed to start. */
struct findings {
	struct findings_kind {
		struct findings_told told[FINDINGS_TOLD]; /* a ring */
		unsigned next;
		uint64_t full_ms; /* when as many as can be are saved up again */
		uint64_t withheld;
	} kinds[EVENT_FINDINGS];
};

/* True when this one is to be told; *ret_withheld is then how many of its kind were not since
 * the last that was. */
bool findings_pass(struct findings *findings, const struct found *found,
    uint64_t now_ms, uint64_t *ret_withheld);

/* What helps against a finding: one clause of at most EVENT_TEXT_MAX bytes, for the log line
 * and for the event. event_finding_text() says what is wrong. */
const char *findings_remedy(enum event_finding finding);
