/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/wire/tftp.h"

#include "lib/base/text.h"

#include <inttypes.h>
#include <stdio.h>

/* The options of ours, in the order in which a request or an OACK lists them. */
enum option {
	OPT_BLKSIZE,
	OPT_TSIZE,
	OPT_TIMEOUT,
	OPT_WINDOWSIZE,
	OPT_PROBE,
	OPT_COUNT,
};

static const struct {
	const char *name;
	uint64_t min, max;
} known[OPT_COUNT] = {
    [OPT_BLKSIZE] = {"blksize", TFTP_BLKSIZE_MIN, TFTP_BLKSIZE_MAX}, /* RFC 2348 */
    [OPT_TSIZE] = {"tsize", 0, INT64_MAX},                           /* RFC 2349 */
    [OPT_TIMEOUT] = {"timeout", 1, UINT8_MAX},                       /* RFC 2349 */
    [OPT_WINDOWSIZE] = {"windowsize", 1, UINT16_MAX},                /* RFC 7440 */
    [OPT_PROBE] = {"pvsboot-probe", 1, 1},
};

static const char *const modes[] = {
    [TFTP_OCTET] = "octet",
    [TFTP_NETASCII] = "netascii",
};

/* OPT_COUNT for an option that is not ours. Names are compared without case (RFC 2347). */
static enum option
option_find(const char *name)
{
	enum option option = OPT_BLKSIZE;
	while (option < OPT_COUNT && text_casecmp(known[option].name, name) != 0) {
		option++;
	}
	return option;
}

static void
option_set(struct tftp_options *options, enum option option, uint64_t value)
{
	switch (option) {
	case OPT_BLKSIZE:
		options->has_blksize = true;
		options->blksize = (uint16_t)value;
		break;
	case OPT_TSIZE:
		options->has_tsize = true;
		options->tsize = value;
		break;
	case OPT_TIMEOUT:
		options->has_timeout = true;
		options->timeout = (uint8_t)value;
		break;
	case OPT_WINDOWSIZE:
		options->has_windowsize = true;
		options->windowsize = (uint16_t)value;
		break;
	case OPT_PROBE:
		options->probe = true;
		break;
	case OPT_COUNT:
		break;
	}
}

/* Reads pairs of name and value until the first that does not end inside the packet: some
 * firmware leaves bytes of its buffer behind the last option. A number is plain decimal, as
 * every client known prints it; one with a sign, a blank or a leading zero (which a client
 * might mean as octal) is a bad value. Returns 0, or ERR_BADOPT when an option of ours was
 * left out for its value. */
static int
options_decode(struct rd *r, struct tftp_options *options)
{
	int ret = 0;
	bool seen[OPT_COUNT + 1] = {false};
	const char *name;
	const char *text;
	size_t len;
	while (rd_cstr(r, SIZE_MAX, &name, &len) == 0 &&
	    rd_cstr(r, SIZE_MAX, &text, &len) == 0) {
		uint64_t value;
		enum option option = option_find(name);
		bool first = option < OPT_COUNT && !seen[option];
		seen[option] = true;
		if (!first) {
			continue;
		}
		if (text_u64(text, known[option].min, known[option].max, &value) == 0) {
			option_set(options, option, value);
		} else {
			ret = ERR_BADOPT;
		}
	}
	return ret;
}

static void
option_encode(struct wr *w, enum option option, bool has, uint64_t value)
{
	char text[sizeof("18446744073709551615")];
	if (has) {
		(void)snprintf(text, sizeof(text), "%" PRIu64, value);
		wr_cstr(w, known[option].name);
		wr_cstr(w, text);
	}
}

static void
options_encode(struct wr *w, const struct tftp_options *options)
{
	option_encode(w, OPT_BLKSIZE, options->has_blksize, options->blksize);
	option_encode(w, OPT_TSIZE, options->has_tsize, options->tsize);
	option_encode(w, OPT_TIMEOUT, options->has_timeout, options->timeout);
	option_encode(w, OPT_WINDOWSIZE, options->has_windowsize, options->windowsize);
}

static int
mode_parse(const char *text, enum tftp_mode *ret)
{
	for (enum tftp_mode mode = TFTP_OCTET; mode <= TFTP_NETASCII; mode++) {
		if (text_casecmp(modes[mode], text) == 0) {
			*ret = mode;
			return 0;
		}
	}
	return ERR_BADOPT;
}

int
tftp_request_decode(const void *packet, size_t len, struct tftp_request *ret)
{
	struct rd r = rd_init(packet, len);
	struct tftp_request request = {.opcode = rd_be16(&r)};
	const char *mode;
	size_t mode_len;
	if (r.err == 0 && request.opcode != TFTP_RRQ && request.opcode != TFTP_WRQ) {
		return ERR_MALFORMED;
	}
	if (rd_text(&r, request.name, sizeof(request.name)) != 0 ||
	    rd_cstr(&r, SIZE_MAX, &mode, &mode_len) != 0) {
		return r.err == ERR_ROOM ? ERR_MALFORMED : r.err;
	}
	if (len > TFTP_REQUEST_MAX || request.name[0] == '\0') {
		return ERR_MALFORMED;
	}
	int err = mode_parse(mode, &request.mode);
	if (err != 0) {
		return err;
	}
	/* A bad option only means that it is not answered. */
	(void)options_decode(&r, &request.options);
	*ret = request;
	return 0;
}

/* The rest of an ERROR up to its NUL, or to its end where a client sends none. */
static void
error_text_decode(struct rd *r, char dst[static TFTP_ERROR_TEXT_MAX + 1])
{
	size_t len = 0;
	while (r->left > 0 && len < TFTP_ERROR_TEXT_MAX) {
		dst[len] = (char)rd_u8(r);
		if (dst[len] == '\0') {
			return;
		}
		len++;
	}
	dst[len] = '\0';
}

int
tftp_packet_decode(const void *packet, size_t len, struct tftp_packet *ret)
{
	struct rd r = rd_init(packet, len);
	struct tftp_packet decoded = {.opcode = rd_be16(&r)};
	switch (decoded.opcode) {
	case TFTP_DATA:
		decoded.block = rd_be16(&r);
		decoded.data_len = r.left;
		decoded.data = rd_take(&r, r.left);
		break;
	case TFTP_ACK:
		decoded.block = rd_be16(&r);
		break;
	case TFTP_ERROR:
		decoded.error = rd_be16(&r);
		error_text_decode(&r, decoded.text);
		break;
	case TFTP_OACK:
		if (options_decode(&r, &decoded.options) != 0) {
			return ERR_MALFORMED;
		}
		*ret = decoded;
		return 0;
	case TFTP_RRQ:
	case TFTP_WRQ:
	default:
		return r.err != 0 ? r.err : ERR_MALFORMED;
	}
	if (r.err == 0) {
		*ret = decoded;
	}
	return r.err;
}

/* Bytes that may end a name: printable ASCII. */
static bool
ends_a_name(char c)
{
	return c > ' ' && c < 0x7f;
}

void
tftp_name_clean(char *name)
{
	size_t len = 0;
	for (const char *p = name; *p != '\0'; p++) {
		char c = *p == '\\' ? '/' : *p;
		bool after_slash = len == 0 || name[len - 1] == '/';
		bool after_dot = len == 1 && name[0] == '.';
		if (c != '/' || !(after_slash || after_dot)) {
			name[len++] = c;
		} else if (after_dot) {
			len = 0;
		}
	}
	while (len > 0 && !ends_a_name(name[len - 1])) {
		len--;
	}
	name[len] = '\0';
}

void
tftp_request_encode(struct wr *w, const struct tftp_request *request)
{
	wr_be16(w, (uint16_t)request->opcode);
	wr_cstr(w, request->name);
	wr_cstr(w, modes[request->mode]);
	options_encode(w, &request->options);
	option_encode(w, OPT_PROBE, request->options.probe, 1);
}

void
tftp_data_encode(struct wr *w, uint16_t block, const void *data, size_t len)
{
	wr_be16(w, TFTP_DATA);
	wr_be16(w, block);
	wr_bytes(w, data, len);
}

void
tftp_ack_encode(struct wr *w, uint16_t block)
{
	wr_be16(w, TFTP_ACK);
	wr_be16(w, block);
}

void
tftp_error_encode(struct wr *w, enum tftp_error code, const char *text)
{
	wr_be16(w, TFTP_ERROR);
	wr_be16(w, (uint16_t)code);
	wr_cstr(w, text);
}

void
tftp_oack_encode(struct wr *w, const struct tftp_options *options)
{
	wr_be16(w, TFTP_OACK);
	options_encode(w, options);
}
