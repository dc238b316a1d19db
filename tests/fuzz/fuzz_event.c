/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* One datagram on the watcher's socket, read record by record. What was taken is written
 * again, and must then say the same: the second writing gives the bytes of the first. */
#include "lib/wire/event.h"
#include "tests/fuzz/fuzz.h"

static void
encode(const struct event *event, uint8_t ret[static EVENT_LEN])
{
	struct wr w = wr_init(ret, EVENT_LEN);
	event_encode(&w, event);
	fuzz_require(w.err == 0 && w.left == 0);
}

static void
event_again(const struct event *event)
{
	uint8_t once[EVENT_LEN];
	uint8_t twice[EVENT_LEN];
	struct event again;
	encode(event, once);
	struct rd r = rd_init(once, sizeof(once));
	fuzz_require(event_decode(&r, &again) == 0);
	encode(&again, twice);
	fuzz_require(memcmp(once, twice, sizeof(once)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(data, size);
	while (r.left >= EVENT_LEN) {
		struct event event;
		size_t left = r.left;
		if (event_decode(&r, &event) == 0) {
			event_again(&event);
		}
		fuzz_require(r.err == 0 && r.left == left - EVENT_LEN);
	}
	return 0;
}
