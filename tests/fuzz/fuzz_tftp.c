/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* Whatever comes to the TFTP port or a transfer's. A request that was taken is written again,
 * and must then say the same; a clean name must stay as it is when cleaned again. */
#include "lib/wire/tftp.h"
#include "tests/fuzz/fuzz.h"

static void
require_same_options(const struct tftp_options *a, const struct tftp_options *b)
{
	fuzz_require(a->has_blksize == b->has_blksize && a->blksize == b->blksize);
	fuzz_require(a->has_tsize == b->has_tsize && a->tsize == b->tsize);
	fuzz_require(a->has_timeout == b->has_timeout && a->timeout == b->timeout);
	fuzz_require(
	    a->has_windowsize == b->has_windowsize && a->windowsize == b->windowsize);
}

static void
request_again(const struct tftp_request *request)
{
	uint8_t packet[TFTP_REQUEST_MAX];
	struct tftp_request again;
	struct wr w = wr_init(packet, sizeof(packet));
	tftp_request_encode(&w, request);
	fuzz_require(w.err == 0);
	fuzz_require(tftp_request_decode(packet, wr_len(&w, packet), &again) == 0);
	fuzz_require(again.opcode == request->opcode && again.mode == request->mode);
	fuzz_require(strcmp(again.name, request->name) == 0);
	fuzz_require(again.options.probe == request->options.probe);
	require_same_options(&again.options, &request->options);
}

static void
name_again(char *name)
{
	char again[TFTP_NAME_MAX + 1];
	tftp_name_clean(name);
	memcpy(again, name, strlen(name) + 1);
	tftp_name_clean(again);
	fuzz_require(strcmp(again, name) == 0);
	fuzz_require(name[0] != '/' && strchr(name, '\\') == NULL);
}

static void
oack_again(const struct tftp_options *options)
{
	uint8_t bytes[TFTP_OACK_MAX];
	struct tftp_packet again;
	struct wr w = wr_init(bytes, sizeof(bytes));
	tftp_oack_encode(&w, options);
	fuzz_require(w.err == 0);
	fuzz_require(tftp_packet_decode(bytes, wr_len(&w, bytes), &again) == 0);
	require_same_options(&again.options, options);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tftp_request request;
	struct tftp_packet packet;
	if (tftp_request_decode(data, size, &request) == 0) {
		request_again(&request);
		name_again(request.name);
	}
	if (tftp_packet_decode(data, size, &packet) == 0) {
		fuzz_require(packet.data_len <= size);
		oack_again(&packet.options);
	}
	return 0;
}
