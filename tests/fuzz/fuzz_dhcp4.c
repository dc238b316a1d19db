/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* A whole DHCP message. Every option is looked up; written anew, the message reads the same,
 * but for the fields that its options overloaded and for what was too long to join. */
#include "lib/wire/dhcp4.h"
#include "tests/fuzz/fuzz.h"

enum {
	/* an Ethernet frame's; room for an option that does not join */
	INPUT_MAX = 1500,
	/* every option of its greatest size, in parts of 255 bytes */
	WRITTEN_MAX = DHCP4_PADDED_LEN + 256 * (DHCP4_JOINED_MAX + 5 * 2),
};

static void
require_numbers(struct dhcp4 *message, uint8_t code, size_t len)
{
	uint8_t u8;
	uint16_t be16;
	uint32_t be32;
	fuzz_require(dhcp4_option_u8(message, code, &u8) == (len == 1));
	fuzz_require(dhcp4_option_be16(message, code, &be16) == (len == 2));
	fuzz_require(dhcp4_option_be32(message, code, &be32) == (len == 4));
}

/* The codes that an option of these bytes can have. To look up all others too, in inputs that
 * are pads all over, is most of a run's time. */
static unsigned
codes_in(const uint8_t *data, size_t size, uint8_t ret[static 256])
{
	unsigned count = 0;
	for (unsigned code = 1; code < DHCP4_OPT_END; code++) {
		if (memchr(data, (int)code, size) != NULL) {
			ret[count++] = (uint8_t)code;
		}
	}
	return count;
}

static size_t
write_anew(struct dhcp4 *message, const uint8_t *codes, unsigned count,
    uint8_t dst[static WRITTEN_MAX])
{
	char file[DHCP4_FILE_LEN + 1] = {0};
	struct wr w = wr_init(dst, WRITTEN_MAX);
	struct rd name = message->file;
	rd_bytes(&name, file, name.left);
	dhcp4_put_header(&w, &message->header, file);
	for (unsigned i = 0; i < count; i++) {
		struct rd value;
		if (codes[i] != DHCP4_OPT_OVERLOAD &&
		    dhcp4_option(message, codes[i], &value)) {
			dhcp4_put_option(&w, codes[i], value.p, value.left);
		}
	}
	dhcp4_put_end(&w, dst);
	fuzz_require(w.err == 0);
	return wr_len(&w, dst);
}

static void
require_same_option(struct dhcp4 *a, struct dhcp4 *b, uint8_t code)
{
	struct rd of_a, of_b;
	bool has_a = dhcp4_option(a, code, &of_a);
	bool has_b = dhcp4_option(b, code, &of_b);
	if (code == DHCP4_OPT_OVERLOAD) {
		fuzz_require(!has_b);
		return;
	}
	fuzz_require(has_a == has_b && of_a.left == of_b.left);
	fuzz_require(of_a.left == 0 || memcmp(of_a.p, of_b.p, of_a.left) == 0);
	if (has_a) {
		require_numbers(a, code, of_a.left);
	}
}

static void
require_same_fields(const struct dhcp4 *a, const struct dhcp4 *b)
{
	/* 4 bytes, xid, secs and flags, 4 addresses, chaddr */
	_Static_assert(sizeof(a->header) == 4 + 4 + 4 + 16 + 16, "header has padding");
	fuzz_require(memcmp(&a->header, &b->header, sizeof(a->header)) == 0);
	fuzz_require(dhcp4_file(a).left == dhcp4_file(b).left);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t written[WRITTEN_MAX];
	static struct dhcp4 message, again;
	uint8_t codes[256];
	if (size > INPUT_MAX) {
		return 0;
	}
	int ret = dhcp4_decode(data, size, &message);
	fuzz_require(ret == 0 || ret == ERR_SHORT || ret == ERR_MALFORMED);
	if (ret != 0) {
		return 0;
	}
	unsigned count = codes_in(data, size, codes);
	size_t len = write_anew(&message, codes, count, written);
	fuzz_require(len >= DHCP4_PADDED_LEN);
	fuzz_require(dhcp4_decode(written, len, &again) == 0);
	require_same_fields(&message, &again);
	for (unsigned i = 0; i < count; i++) {
		require_same_option(&message, &again, codes[i]);
	}
	return 0;
}
