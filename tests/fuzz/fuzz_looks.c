/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* A file from some server. Byte 0 says whose name it has, byte 1 how long the first piece is,
 * and each further one is longer by one; then comes the file. Cut anywhere it looks the same,
 * and the text is seen exactly where it is. */
#include "lib/cache/looks.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static const char *
look(const char *name, const uint8_t *bytes, size_t len, size_t piece)
{
	struct looks looks;
	looks_begin(&looks, name);
	while (len > 0) {
		size_t taken = piece < len ? piece : len;
		looks_bytes(&looks, bytes, taken);
		bytes += taken;
		len -= taken;
		piece++;
	}
	return looks_wrong(&looks);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"ARDBP32.BIN", "pvsnbpx64.efi", "other"};
	static const char mark[] = "Provisioning Services bootstrap";
	if (size < 2) {
		return 0;
	}
	unsigned which = data[0] % 3u;
	const uint8_t *bytes = data + 2;
	size_t len = size - 2;
	const char *wrong = look(names[which], bytes, len, len);
	fuzz_require(look(names[which], bytes, len, data[1] + 1u) == wrong);
	fuzz_require(len > 0 || wrong != NULL);
	if (which == 0) {
		bool marked = memmem(bytes, len, mark, sizeof(mark) - 1) != NULL;
		fuzz_require((wrong == NULL) == marked);
	}
	fuzz_require(which != 2 || len == 0 || wrong == NULL);
	return 0;
}
