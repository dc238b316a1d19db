/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/rd.h"
#include "lib/base/wr.h"

/* TFTP packets: RFC 1350, options of RFC 2347 to 2349 and RFC 7440. */
enum {
	TFTP_PORT = 69,
	TFTP_REQUEST_MAX = 512, /* bytes of a request packet (RFC 2347) */
	TFTP_BLKSIZE = 512,
	TFTP_BLKSIZE_MIN = 8,
	TFTP_BLKSIZE_MAX = 65464,
	TFTP_HDR_LEN = 4,
	TFTP_NAME_MAX = 255,
	TFTP_OACK_MAX = 128, /* bytes; our four options take at most 72 */
	TFTP_ERROR_TEXT_MAX = 127,
};

enum tftp_opcode {
	TFTP_RRQ = 1,
	TFTP_WRQ = 2,
	TFTP_DATA = 3,
	TFTP_ACK = 4,
	TFTP_ERROR = 5,
	TFTP_OACK = 6,
};

enum tftp_error {
	TFTP_E_UNDEFINED = 0,
	TFTP_E_NOTFOUND = 1,
	TFTP_E_ACCESS = 2,
	TFTP_E_FULL = 3,
	TFTP_E_ILLEGAL = 4,
	TFTP_E_TID = 5,
	TFTP_E_EXISTS = 6,
	TFTP_E_USER = 7,
	TFTP_E_OPTION = 8,
};

enum tftp_mode { TFTP_OCTET, TFTP_NETASCII };

/* Options of a request or an OACK; a value counts where its has_ is true. */
struct tftp_options {
	bool has_blksize, has_tsize, has_timeout, has_windowsize;
	uint16_t blksize;    /* 8..65464 data bytes */
	uint64_t tsize;      /* bytes; 0 in an RRQ */
	uint8_t timeout;     /* 1..255 s */
	uint16_t windowsize; /* 1..65535 blocks */
	bool probe; /* ours alone, "pvsboot-probe": a watcher asks, and boots nothing */
};

struct tftp_request {
	enum tftp_opcode opcode; /* RRQ or WRQ */
	enum tftp_mode mode;
	char name[TFTP_NAME_MAX + 1]; /* as sent, see tftp_name_clean() */
	struct tftp_options options;
};

/* Any packet after the request. Borrowed pointers are valid as long as the packet. */
struct tftp_packet {
	enum tftp_opcode opcode; /* DATA, ACK, ERROR or OACK */
	uint16_t block;          /* DATA, ACK */
	const uint8_t *data;     /* DATA */
	size_t data_len;
	uint16_t error; /* ERROR */
	char text[TFTP_ERROR_TEXT_MAX +
	    1];                      /* ERROR: cut, as sent; escape before printing */
	struct tftp_options options; /* OACK */
};

/* Decodes a request. Unknown options and options with a bad value are left out (RFC 2347),
 * bytes after the last whole option are ignored; of a repeated option the first counts, good
 * or bad. The mode is read without regard to case. Returns 0, ERR_SHORT (it ends before its
 * mode does), ERR_MALFORMED (another opcode, no name, a name over TFTP_NAME_MAX, a packet
 * over TFTP_REQUEST_MAX) or ERR_BADOPT (a mode that is neither octet nor netascii); *ret is
 * untouched on failure. */
int tftp_request_decode(const void *packet, size_t len, struct tftp_request *ret)
    __attribute__((warn_unused_result));

/* Decodes what is not a request. Returns 0, ERR_SHORT or ERR_MALFORMED (a request's or no
 * opcode, an OACK with an impossible value for an option of ours); *ret is untouched on
 * failure. An ERROR whose text lacks its NUL is taken (real clients send it). */
int tftp_packet_decode(const void *packet, size_t len, struct tftp_packet *ret)
    __attribute__((warn_unused_result));

/* Makes a name as clients send it comparable: '\\' becomes '/', runs of slashes become one,
 * leading slashes and "./" go, and so do trailing bytes outside printable ASCII (the 0xff of
 * a ROM that reads past an unterminated option 67) and blanks. ".." stays. In place; the
 * result may be empty. */
void tftp_name_clean(char *name);

/* Encoders write one whole packet or leave ERR_ROOM in w. Options stand in one fixed order
 * (blksize, tsize, timeout, windowsize, pvsboot-probe), only those whose has_ is true; an OACK
 * has no pvsboot-probe. */
void tftp_request_encode(struct wr *w, const struct tftp_request *request);
void tftp_data_encode(struct wr *w, uint16_t block, const void *data, size_t len);
void tftp_ack_encode(struct wr *w, uint16_t block);
void tftp_error_encode(struct wr *w, enum tftp_error code, const char *text);
void tftp_oack_encode(struct wr *w, const struct tftp_options *options);
