/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* A whole packet, as an interface hears it. What was taken is written again, and must then say
 * the same. */
#include "lib/wire/udp4.h"
#include "tests/fuzz/fuzz.h"

static uint8_t packet[UINT16_MAX];

static void
require_same(const struct udp4 *a, const struct udp4 *b)
{
	fuzz_require(a->source == b->source && a->destination == b->destination);
	fuzz_require(a->source_port == b->source_port);
	fuzz_require(a->destination_port == b->destination_port);
	fuzz_require(a->len == b->len);
	fuzz_require(a->len == 0 || memcmp(a->payload, b->payload, a->len) == 0);
}

static void
write_again(const struct udp4 *datagram)
{
	struct udp4 again;
	struct wr w = wr_init(packet, sizeof(packet));
	udp4_encode(&w, datagram);
	fuzz_require(w.err == 0);
	fuzz_require(udp4_decode(packet, wr_len(&w, packet), true, &again) == 0);
	require_same(datagram, &again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct udp4 made;
	struct udp4 half;
	bool is_whole = udp4_decode(data, size, true, &made) == 0;
	if (udp4_decode(data, size, false, &half) == 0) {
		fuzz_require(half.len + UDP4_HEADERS_LEN <= size);
		write_again(&half);
	} else {
		fuzz_require(!is_whole);
	}
	return 0;
}
