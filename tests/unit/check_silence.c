/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/exchange.h"

#include "tests/unit/pxe_client.h"

#include <stdio.h>

/* What the proxy must leave alone. Each row is a question that is answered, EDK2's unless it
 * says otherwise, changed in the one thing that its name says. */

enum at {
	OP = 0,
	HTYPE = 1,
	HLEN = 2,
	CIADDR = 12,
	GIADDR = 24,
	CHADDR = 28,
	COOKIE = 236
};

/* Rows of pxe_paths. */
enum path { LINK, RELAY, RELAY_LINK, REQUEST, INFORM, ITEM, PATHS };
enum { EDK2 = 2, FIRMWARES = UNIT_ROWS(pxe_firmwares) };

#define BYTES(text)   .bytes = (text), .len = sizeof(text) - 1
#define OPTIONS(text) .options = (text), .options_len = sizeof(text) - 1

struct row {
	const char *name;
	enum silence why;
	enum path path;
	enum at at; /* bytes of the header from there become these */
	const char *bytes;
	size_t len;
	uint8_t drop;        /* this option is left out */
	const char *options; /* these come behind the others */
	size_t options_len;
	bool no_end;
	bool relay_only;
	bool local_none; /* sent to another host */
	bool link_none;
	const char *source, *link;
	uint16_t source_port; /* with source */
};

static const struct row rows[] = {
    /* where it comes from */
    {"link in no scope", SILENCE_NOT_OURS, .link = "192.168.1.1"},
    {"link in scope none", SILENCE_NOT_OURS, .link = "10.40.0.1"},
    {"relay in no scope", SILENCE_NOT_OURS, RELAY, GIADDR, BYTES("\xc0\xa8\x01\x01")},
    {"relay in scope none", SILENCE_NOT_OURS, RELAY, GIADDR, BYTES("\x0a\x28\x00\x01")},
    {"relay of ours, link selection in no scope", SILENCE_NOT_OURS, RELAY,
	OPTIONS("\x52\x06\x05\x04\xc0\xa8\x01\x00")},
    {"relay of ours, link selection in scope none", SILENCE_NOT_OURS, RELAY,
	OPTIONS("\x52\x06\x05\x04\x0a\x28\x00\x00")},
    {"4011 from no scope", SILENCE_NOT_OURS, ITEM, .source = "192.168.1.9",
	.source_port = 68},
    {"4011 with ciaddr in no scope", SILENCE_NOT_OURS, REQUEST, CIADDR,
	BYTES("\xc0\xa8\x01\x09")},
    {"4011 with ciaddr in scope none", SILENCE_NOT_OURS, REQUEST, CIADDR,
	BYTES("\x0a\x28\x00\x09")},
    {"direct, with relay-only", SILENCE_DIRECT, .relay_only = true},
    {"direct on an interface without address", SILENCE_ELSEWHERE, .link_none = true},
    {"direct to another host", SILENCE_ELSEWHERE, .local_none = true},
    {"relayed to another host", SILENCE_ELSEWHERE, RELAY, .local_none = true},
    {"4011 of another host", SILENCE_ELSEWHERE, REQUEST, .local_none = true},

    /* who asks */
    {"device record none", SILENCE_NOT_OURS, .at = CHADDR,
	BYTES("\x52\x54\x00\xaa\x00\x99")},
    {"device record none, 4011", SILENCE_NOT_OURS, REQUEST, CHADDR,
	BYTES("\x52\x54\x00\xaa\x00\x99")},
    {"MAC of zeroes", SILENCE_NOT_PXE, .at = CHADDR, BYTES("\0\0\0\0\0\0")},
    {"multicast MAC", SILENCE_NOT_PXE, .at = CHADDR, BYTES("\x01\x00\x5e\x00\x00\x01")},
    {"broadcast MAC", SILENCE_NOT_PXE, .at = CHADDR, BYTES("\xff\xff\xff\xff\xff\xff")},
    {"htype 0", SILENCE_NOT_PXE, .at = HTYPE, BYTES("\0")},
    {"htype 6, IEEE 802", SILENCE_NOT_PXE, .at = HTYPE, BYTES("\6")},
    {"htype 32, InfiniBand", SILENCE_NOT_PXE, .at = HTYPE, BYTES("\x20")},
    {"hlen 0", SILENCE_NOT_PXE, .at = HLEN, BYTES("\0")},
    {"hlen 5", SILENCE_NOT_PXE, .at = HLEN, BYTES("\5")},
    {"hlen 7", SILENCE_NOT_PXE, .at = HLEN, BYTES("\7")},
    {"hlen 16", SILENCE_NOT_PXE, .at = HLEN, BYTES("\x10")},
    {"hlen 17", SILENCE_MALFORMED, .at = HLEN, BYTES("\x11")},
    {"hlen 255", SILENCE_MALFORMED, .at = HLEN, BYTES("\xff")},

    /* what it says that it is */
    {"BOOTP, no option 53", SILENCE_NOT_PXE, .drop = 53},
    {"BOOTP on 4011", SILENCE_NOT_PXE, REQUEST, .drop = 53},
    {"no option 60", SILENCE_NOT_PXE, .drop = 60},
    {"no option 60 on 4011", SILENCE_NOT_PXE, REQUEST, .drop = 60},
    {"empty option 60", SILENCE_MALFORMED, .drop = 60, OPTIONS("\x3c\x00")},
    {"PXEClien", SILENCE_NOT_PXE, .drop = 60, OPTIONS("\x3c\x08PXEClien")},
    {"pxeclient", SILENCE_NOT_PXE, .drop = 60, OPTIONS("\x3c\x09pxeclient")},
    {"MSFT 5.0", SILENCE_NOT_PXE, .drop = 60, OPTIONS("\x3c\x08MSFT 5.0")},
    {"PXEClient in option 77 only", SILENCE_NOT_PXE, .drop = 60,
	OPTIONS("\x4d\x09PXEClient")},
    {"HTTPClient, architecture 16", SILENCE_NOT_PXE, .drop = 60,
	OPTIONS("\x3c\x21HTTPClient:Arch:00016:UNDI:003000")},
    {"HTTPClient on 4011", SILENCE_NOT_PXE, REQUEST, .drop = 60,
	OPTIONS("\x3c\x21HTTPClient:Arch:00016:UNDI:003000")},
    {"PXEClient, architecture 16", SILENCE_NOT_OURS, .drop = 93,
	OPTIONS("\x5d\x02\x00\x10")},
    {"architectures of HTTP boot only", SILENCE_NOT_OURS, .drop = 93,
	OPTIONS("\x5d\x04\x00\x10\x00\x0f")},
    {"architecture without a file", SILENCE_NOT_OURS, .drop = 93,
	OPTIONS("\x5d\x02\x00\x0b")},
    {"architecture without a file, 4011", SILENCE_NOT_OURS, REQUEST, .drop = 93,
	OPTIONS("\x5d\x02\x00\x0b")},
    {"architecture whose file is none in the farm", SILENCE_NOT_OURS, .drop = 93,
	OPTIONS("\x5d\x02\x00\x06")},
    {"architecture 65535", SILENCE_NOT_OURS, .drop = 93, OPTIONS("\x5d\x02\xff\xff")},

    /* the message's kind, on 67 */
    {"op 0", SILENCE_MALFORMED, .at = OP, BYTES("\0")},
    {"op 2", SILENCE_SERVER, .at = OP, BYTES("\2")},
    {"op 3", SILENCE_MALFORMED, .at = OP, BYTES("\3")},
    {"op 255", SILENCE_MALFORMED, .at = OP, BYTES("\xff")},
    {"type 0", SILENCE_TYPE, .drop = 53, OPTIONS("\x35\x01\x00")},
    {"OFFER", SILENCE_TYPE, .drop = 53, OPTIONS("\x35\x01\x02")},
    {"REQUEST", SILENCE_TYPE, .drop = 53, OPTIONS("\x35\x01\x03")},
    {"relayed REQUEST", SILENCE_TYPE, RELAY, .drop = 53, OPTIONS("\x35\x01\x03")},
    {"DECLINE", SILENCE_TYPE, .drop = 53, OPTIONS("\x35\x01\x04")},
    {"ACK", SILENCE_TYPE, .drop = 53, OPTIONS("\x35\x01\x05")},
    {"NAK", SILENCE_TYPE, .drop = 53, OPTIONS("\x35\x01\x06")},
    {"RELEASE", SILENCE_TYPE, .drop = 53, OPTIONS("\x35\x01\x07")},
    {"INFORM", SILENCE_TYPE, .drop = 53, OPTIONS("\x35\x01\x08")},
    {"type 9, FORCERENEW", SILENCE_TYPE, .drop = 53, OPTIONS("\x35\x01\x09")},
    {"type 255", SILENCE_TYPE, .drop = 53, OPTIONS("\x35\x01\xff")},
    {"OFFER with op 2", SILENCE_SERVER, .at = OP, BYTES("\2"), .drop = 53,
	OPTIONS("\x35\x01\x02")},
    {"ACK with op 2", SILENCE_SERVER, .at = OP, BYTES("\2"), .drop = 53,
	OPTIONS("\x35\x01\x05")},
    {"NAK with op 2", SILENCE_SERVER, .at = OP, BYTES("\2"), .drop = 53,
	OPTIONS("\x35\x01\x06")},
    {"BOOTP reply", SILENCE_SERVER, .at = OP, BYTES("\2"), .drop = 53},

    /* and on 4011 */
    {"op 2 on 4011", SILENCE_SERVER, REQUEST, OP, BYTES("\2")},
    {"OFFER with op 2 on 4011", SILENCE_SERVER, REQUEST, OP, BYTES("\2"), .drop = 53,
	OPTIONS("\x35\x01\x02")},
    {"ACK of another proxy on 4011", SILENCE_SERVER, REQUEST, OP, BYTES("\2"),
	.drop = 53, OPTIONS("\x35\x01\x05")},
    {"DISCOVER on 4011", SILENCE_TYPE, REQUEST, .drop = 53, OPTIONS("\x35\x01\x01")},
    {"OFFER on 4011", SILENCE_TYPE, REQUEST, .drop = 53, OPTIONS("\x35\x01\x02")},
    {"DECLINE on 4011", SILENCE_TYPE, REQUEST, .drop = 53, OPTIONS("\x35\x01\x04")},
    {"ACK on 4011", SILENCE_TYPE, REQUEST, .drop = 53, OPTIONS("\x35\x01\x05")},
    {"NAK on 4011", SILENCE_TYPE, REQUEST, .drop = 53, OPTIONS("\x35\x01\x06")},
    {"RELEASE on 4011", SILENCE_TYPE, REQUEST, .drop = 53, OPTIONS("\x35\x01\x07")},

    /* addresses that no answer may go to */
    {"giaddr broadcast", SILENCE_MALFORMED, RELAY, GIADDR, BYTES("\xff\xff\xff\xff")},
    {"giaddr multicast", SILENCE_MALFORMED, RELAY, GIADDR, BYTES("\xe0\x00\x00\x01")},
    {"giaddr loopback", SILENCE_MALFORMED, RELAY, GIADDR, BYTES("\x7f\x00\x00\x01")},
    {"giaddr 0.0.0.1", SILENCE_MALFORMED, RELAY, GIADDR, BYTES("\x00\x00\x00\x01")},
    {"giaddr of class E", SILENCE_MALFORMED, RELAY, GIADDR, BYTES("\xf0\x00\x00\x01")},
    {"giaddr multicast on 4011", SILENCE_MALFORMED, REQUEST, GIADDR,
	BYTES("\xe0\x00\x00\x01")},
    {"ciaddr broadcast", SILENCE_MALFORMED, REQUEST, CIADDR, BYTES("\xff\xff\xff\xff")},
    {"ciaddr multicast", SILENCE_MALFORMED, REQUEST, CIADDR, BYTES("\xe0\x00\x00\x01")},
    {"ciaddr 0.0.0.1", SILENCE_MALFORMED, REQUEST, CIADDR, BYTES("\x00\x00\x00\x01")},
    {"ciaddr multicast in a DISCOVER", SILENCE_MALFORMED, .at = CIADDR,
	BYTES("\xe0\x00\x00\x01")},
    {"4011 from 0.0.0.0", SILENCE_MALFORMED, REQUEST, .source = "0.0.0.0",
	.source_port = 68},
    {"4011 from broadcast", SILENCE_MALFORMED, REQUEST, .source = "255.255.255.255",
	.source_port = 68},
    {"4011 from multicast", SILENCE_MALFORMED, REQUEST, .source = "224.0.0.1",
	.source_port = 68},
    {"4011 from port 0", SILENCE_MALFORMED, REQUEST, .source = "10.20.0.9",
	.source_port = 0},
    {"4011 from our own 4011", SILENCE_ELSEWHERE, REQUEST, .source = PXE_OWN,
	.source_port = 4011},
    {"4011 from our own 67", SILENCE_ELSEWHERE, REQUEST, .source = PXE_OWN,
	.source_port = 67},

    /* what contradicts itself */
    {"wrong cookie", SILENCE_MALFORMED, .at = COOKIE, BYTES("\x63\x82\x53\x62")},
    {"cookie of zeroes", SILENCE_MALFORMED, .at = COOKIE, BYTES("\0\0\0\0")},
    {"no END", SILENCE_MALFORMED, .no_end = true},
    {"zeroes for END", SILENCE_MALFORMED, .no_end = true, OPTIONS("\0\0\0\0")},
    {"a code without length", SILENCE_MALFORMED, .no_end = true, OPTIONS("\x0c")},
    {"an empty value at the very end", SILENCE_MALFORMED, .no_end = true,
	OPTIONS("\x0c\x00")},
    {"option 53 empty", SILENCE_MALFORMED, .drop = 53, OPTIONS("\x35\x00")},
    {"option 53 of two bytes", SILENCE_MALFORMED, .drop = 53,
	OPTIONS("\x35\x02\x01\x01")},
    {"option 53 twice", SILENCE_MALFORMED, OPTIONS("\x35\x01\x01")},
    {"option 53 twice, the server's later", SILENCE_MALFORMED, OPTIONS("\x35\x01\x02")},
    {"option 93 empty", SILENCE_MALFORMED, .drop = 93, OPTIONS("\x5d\x00")},
    {"option 93 of one byte", SILENCE_MALFORMED, .drop = 93, OPTIONS("\x5d\x01\x07")},
    {"option 93 of three bytes", SILENCE_MALFORMED, .drop = 93,
	OPTIONS("\x5d\x03\x00\x07\x00")},
    {"option 97 empty", SILENCE_MALFORMED, .drop = 97, OPTIONS("\x61\x00")},
    {"option 97 of 16 bytes", SILENCE_MALFORMED, .drop = 97,
	OPTIONS("\x61\x10\0\1\2\3\4\5\6\7\1\2\3\4\5\6\7\1")},
    {"option 97 of 18 bytes", SILENCE_MALFORMED, .drop = 97,
	OPTIONS("\x61\x12\0\1\2\3\4\5\6\7\1\2\3\4\5\6\7\1\2\3")},
    {"option 97 twice", SILENCE_MALFORMED, OPTIONS(PXE_UUID)},
    {"option 97 of type 1", SILENCE_MALFORMED, .drop = 97,
	OPTIONS("\x61\x11\1\1\2\3\4\5\6\7\1\2\3\4\5\6\7\1\2")},
    {"option 43, sub-option cut", SILENCE_MALFORMED, REQUEST,
	OPTIONS("\x2b\x05\x47\x04\x80\x00\x00")},
    {"option 43, code without length", SILENCE_MALFORMED, REQUEST,
	OPTIONS("\x2b\x01\x47")},
    {"option 43, boot item of three bytes", SILENCE_MALFORMED, REQUEST,
	OPTIONS("\x2b\x05\x47\x03\x80\x00\x00")},
    {"option 43, boot item of five bytes", SILENCE_MALFORMED, REQUEST,
	OPTIONS("\x2b\x07\x47\x05\x80\x00\x00\x00\x00")},
    {"option 43 cut in a DISCOVER", SILENCE_MALFORMED, OPTIONS("\x2b\x02\x06\x01")},
    {"option 82 empty", SILENCE_MALFORMED, RELAY, OPTIONS("\x52\x00")},
    {"option 82, sub-option cut", SILENCE_MALFORMED, RELAY,
	OPTIONS("\x52\x05\x01\x04\x65\x74\x68")},
    {"option 82, cut behind its link selection", SILENCE_MALFORMED, RELAY,
	OPTIONS("\x52\x08\x05\x04\x0a\x14\x00\x00\x01\x04")},
    {"option 82, link selection of three bytes", SILENCE_MALFORMED, RELAY,
	OPTIONS("\x52\x05\x05\x03\x0a\x14\x00")},
    {"option 82, link selection 0.0.0.0", SILENCE_MALFORMED, RELAY,
	OPTIONS("\x52\x06\x05\x04\x00\x00\x00\x00")},
    {"option 82, link selection multicast", SILENCE_MALFORMED, RELAY,
	OPTIONS("\x52\x06\x05\x04\xe0\x00\x00\x01")},
    {"option 82 of 256 bytes in two parts", SILENCE_MALFORMED, RELAY,
	OPTIONS("\x52\x82\x01\x80"
		"0123456789012345678901234567890123456789012345678901234567890123"
		"0123456789012345678901234567890123456789012345678901234567890123"
		"\x52\x7e\x01\x7c"
		"0123456789012345678901234567890123456789012345678901234567890123"
		"012345678901234567890123456789012345678901234567890123456789")},
    {"option 57 of one byte", SILENCE_MALFORMED, .drop = 57, OPTIONS("\x39\x01\x05")},
    {"option 50 of three bytes", SILENCE_MALFORMED, OPTIONS("\x32\x03\x0a\x14\x00")},
    {"option 54 of five bytes", SILENCE_MALFORMED,
	OPTIONS("\x36\x05\x0a\x14\x00\x02\x00")},
    {"overload 0", SILENCE_MALFORMED, OPTIONS("\x34\x01\x00")},
    {"overload 4", SILENCE_MALFORMED, OPTIONS("\x34\x01\x04")},
    {"overload empty", SILENCE_MALFORMED, OPTIONS("\x34\x00")},
    {"overload 1 and no END in file", SILENCE_MALFORMED, OPTIONS("\x34\x01\x01")},
    {"overload 3 and no END in sname", SILENCE_MALFORMED, OPTIONS("\x34\x01\x03")},
};

static struct world *w;

static void
setup(void)
{
	w = calloc(1, sizeof(*w));
	ck_assert_ptr_nonnull(w);
	world_example(w);
	for (unsigned i = 0; i < w->farm_count; i++) {
		world_file(&w->farms[i].files, ARCH_UEFI_IA32, "");
	}
	world_device(w, "52:54:00:aa:00:99")->which = DB_DEVICE_NONE;
}

static void
teardown(void)
{
	free(w);
}

static void
change_way(struct request_in *in, const struct row *row)
{
	in->relay_only = row->relay_only;
	in->local = row->local_none ? 0 : in->local;
	in->link_addr = row->link_none ? 0 : in->link_addr;
	in->link_addr = row->link != NULL ? world_ip4(row->link) : in->link_addr;
	if (row->source != NULL) {
		in->source = world_ip4(row->source);
		in->source_port = row->source_port;
	}
}

/* Where an option begins: its code; or where END stands. */
static size_t
option_at(const struct pxe_ask *ask, uint8_t code)
{
	size_t at = DHCP4_HEADER_LEN + 4;
	while (at < ask->len - 1 && ask->bytes[at] != code) {
		at += 2 + ask->bytes[at + 1];
	}
	return at;
}

static void
change_bytes(struct pxe_ask *ask, const struct row *row)
{
	size_t drop = option_at(ask, row->drop);
	size_t behind = drop;
	if (row->drop != 0) {
		ck_assert_uint_lt(drop, ask->len - 1);
		behind += 2 + ask->bytes[drop + 1];
	}
	struct wr w_rest = wr_init(ask->bytes + drop, sizeof(ask->bytes) - drop);
	uint8_t rest[1024];
	size_t rest_len = ask->len - 1 - behind;
	memcpy(rest, ask->bytes + behind, rest_len);
	wr_bytes(&w_rest, rest, rest_len);
	wr_bytes(&w_rest, row->options, row->options_len);
	if (!row->no_end) {
		wr_u8(&w_rest, DHCP4_OPT_END);
	}
	ask->len = wr_len(&w_rest, ask->bytes);
	if (row->len > 0) {
		memcpy(ask->bytes + row->at, row->bytes, row->len);
	}
}

/* The rows that come near those above and are answered all the same. */
static const struct row spoken_to[] = {
    {"zeroes behind END", SILENCE_NONE, OPTIONS("\xff\0\0\0\0\0\0")},
    {"garbage behind END", SILENCE_NONE, OPTIONS("\xff\x35\x09\x01")},
    {"pads between options", SILENCE_NONE, OPTIONS("\0\0\0")},
    {"PXEClient and a NUL", SILENCE_NONE, .drop = 60, OPTIONS("\x3c\x0aPXEClient\0")},
    {"option 60 in two parts", SILENCE_NONE, .drop = 60,
	OPTIONS("\x3c\x03PXE\x3c\x06"
		"Client")},
    {"an option that nobody knows, empty", SILENCE_NONE, OPTIONS("\xe0\x00")},
    {"option 43 empty", SILENCE_NONE, OPTIONS("\x2b\x00")},
    {"option 43 without 255", SILENCE_NONE, REQUEST,
	OPTIONS("\x2b\x06\x47\x04\x80\x00\x00\x00")},
    {"more architectures than are looked at", SILENCE_NONE, .drop = 93,
	OPTIONS("\x5d\x14\0\7\0\1\0\2\0\3\0\4\0\5\0\6\0\x8\0\x9\0\xa")},
    {"ciaddr in a DISCOVER", SILENCE_NONE, .at = CIADDR, BYTES("\x0a\x14\x00\x09")},
    {"4011 from any port", SILENCE_NONE, REQUEST, .source = "10.20.0.9",
	.source_port = 49152},
    {"4011 from our own address, as a client of this host", SILENCE_NONE, REQUEST,
	.source = PXE_OWN, .source_port = 68},
    {"option 82 of 255 bytes", SILENCE_NONE, RELAY,
	OPTIONS("\x52\xff\x01\x7f"
		"0123456789012345678901234567890123456789012345678901234567890123"
		"012345678901234567890123456789012345678901234567890123456789012"
		"\x02\x7c"
		"0123456789012345678901234567890123456789012345678901234567890123"
		"012345678901234567890123456789012345678901234567890123456789")},
};

static void
assert_outcome(const struct row *row)
{
	struct pxe_ask ask;
	pxe_ask_make(&ask, &pxe_firmwares[EDK2], &pxe_paths[row->path]);
	change_way(&ask.in, row);
	change_bytes(&ask, row);
	const struct exchange *exchange = pxe_answer_ask(&ask, w);
	ck_assert_msg(exchange->why == row->why, "%s: %s, not %s", row->name,
	    silence_text(exchange->why), silence_text(row->why));
	ck_assert_int_eq(exchange->len > 0, row->why == SILENCE_NONE);
}

START_TEST(it_is_left_alone)
{
	assert_outcome(&rows[_i]);
}
END_TEST

START_TEST(it_is_answered_all_the_same)
{
	assert_outcome(&spoken_to[_i]);
}
END_TEST

/* A datagram cut anywhere before the byte that is END. */
START_TEST(what_is_cut_is_left_alone)
{
	struct pxe_ask ask;
	pxe_ask_make(&ask, &pxe_firmwares[_i % FIRMWARES], &pxe_paths[_i / FIRMWARES]);
	for (size_t cut = 0; cut < ask.len; cut++) {
		const struct exchange *exchange =
		    pxe_answer(&ask.in, ask.bytes, cut, w);
		ck_assert_int_eq(exchange->why, SILENCE_MALFORMED);
		ck_assert_uint_eq(exchange->len, 0);
	}
	ck_assert_int_eq(pxe_answer_ask(&ask, w)->why, SILENCE_NONE);
}
END_TEST

/* An option whose length is too great takes in what follows it. These are all that then still
 * make a well-formed question. Text and lists of any length take in whole neighbours that may be
 * absent, up to the end of one. Twice the cut falls inside a neighbour whose rest happens to
 * read on: the last byte of EDK2's 94 (01 03 00) is a pad, and the value of iPXE's 175 (13 01
 * 01) an option 19. */
enum { IPXE_BIOS = 0 };
static const struct {
	int firmware;
	uint8_t code, more;
} well_formed[] = {
    {EDK2, 55, 19},       /* 97 */
    {EDK2, 55, 23},       /* 97 and 94 but its last byte */
    {EDK2, 55, 24},       /* 97, 94 */
    {EDK2, 55, 28},       /* 97, 94, 93: a BIOS */
    {IPXE_BIOS, 60, 6},   /* 77 */
    {IPXE_BIOS, 60, 31},  /* 77, 55 */
    {IPXE_BIOS, 60, 33},  /* and the head of 175 */
    {IPXE_BIOS, 60, 36},  /* 77, 55, 175 */
    {IPXE_BIOS, 60, 45},  /* 77, 55, 175, 61 */
    {IPXE_BIOS, 60, 64},  /* 77, 55, 175, 61, 97 */
    {IPXE_BIOS, 77, 25},  /* 55 */
    {IPXE_BIOS, 77, 27},  /* and the head of 175 */
    {IPXE_BIOS, 77, 30},  /* 55, 175 */
    {IPXE_BIOS, 77, 39},  /* 55, 175, 61 */
    {IPXE_BIOS, 77, 58},  /* 55, 175, 61, 97 */
    {IPXE_BIOS, 55, 2},   /* the head of 175 */
    {IPXE_BIOS, 55, 5},   /* 175 */
    {IPXE_BIOS, 55, 14},  /* 175, 61 */
    {IPXE_BIOS, 55, 33},  /* 175, 61, 97 */
    {IPXE_BIOS, 175, 9},  /* 61 */
    {IPXE_BIOS, 175, 28}, /* 61, 97 */
    {IPXE_BIOS, 61, 19},  /* 97 */
};

static bool
is_well_formed(int firmware, uint8_t code, unsigned more)
{
	for (size_t i = 0; i < sizeof(well_formed) / sizeof(well_formed[0]); i++) {
		if (well_formed[i].firmware == firmware &&
		    well_formed[i].code == code && well_formed[i].more == more) {
			return true;
		}
	}
	return false;
}

/* All lengths that the option's byte can say beyond its own. */
static unsigned
enlarge(struct pxe_ask *ask, int firmware, size_t at)
{
	uint8_t len = ask->bytes[at + 1];
	unsigned answered = 0;
	for (unsigned more = 1; len + more <= UINT8_MAX; more++) {
		ask->bytes[at + 1] = (uint8_t)(len + more);
		const struct exchange *exchange = pxe_answer_ask(ask, w);
		bool expected = is_well_formed(firmware, ask->bytes[at], more);
		ck_assert_msg((exchange->why == SILENCE_NONE) == expected,
		    "option %u, %u more: %s", ask->bytes[at], more,
		    silence_text(exchange->why));
		answered += expected ? 1 : 0;
	}
	ask->bytes[at + 1] = len;
	return answered;
}

static const struct {
	int firmware;
	enum path path;
	unsigned answered; /* of all enlarged lengths */
} enlarged[] = {
    {EDK2, LINK, 4},
    {EDK2, RELAY_LINK, 4},
    {EDK2, REQUEST, 4},
    {IPXE_BIOS, LINK, 18},
    {IPXE_BIOS, RELAY, 18},
    {IPXE_BIOS, INFORM, 18},
};

START_TEST(an_enlarged_length_is_left_alone_but_where_all_stays_well_formed)
{
	struct pxe_ask ask;
	int firmware = enlarged[_i].firmware;
	unsigned answered = 0;
	pxe_ask_make(&ask, &pxe_firmwares[firmware], &pxe_paths[enlarged[_i].path]);
	for (size_t at = DHCP4_HEADER_LEN + 4; at < ask.len - 1;
	     at += 2 + ask.bytes[at + 1]) {
		answered += enlarge(&ask, firmware, at);
	}
	ck_assert_uint_eq(answered, enlarged[_i].answered);
}
END_TEST

/* Whatever comes, a reply is a whole message of a server to the client. */
static void
answer_mutilated(const uint8_t *bytes, size_t len, void *ctx)
{
	const struct pxe_ask *ask = ctx;
	struct dhcp4 reply;
	const struct exchange *exchange = pxe_answer(&ask->in, bytes, len, w);
	ck_assert_int_eq(exchange->why == SILENCE_NONE, exchange->len > 0);
	if (exchange->len > 0) {
		ck_assert_int_eq(
		    dhcp4_decode(exchange->reply, exchange->len, &reply), 0);
		ck_assert_uint_eq(reply.header.op, DHCP4_BOOTREPLY);
		ck_assert_uint_le(exchange->len, 548);
	}
}

START_TEST(no_mutilation_crashes)
{
	struct pxe_ask ask;
	pxe_ask_make(&ask, &pxe_firmwares[_i % FIRMWARES], &pxe_paths[_i / FIRMWARES]);
	unit_sweep(answer_mutilated, ask.bytes, ask.len, &ask);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("silence");
	TCase *tc = tcase_create("silence");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, it_is_left_alone, 0, UNIT_ROWS(rows));
	tcase_add_loop_test(tc, it_is_answered_all_the_same, 0, UNIT_ROWS(spoken_to));
	tcase_add_loop_test(tc, what_is_cut_is_left_alone, 0, FIRMWARES * PATHS);
	tcase_add_loop_test(tc,
	    an_enlarged_length_is_left_alone_but_where_all_stays_well_formed, 0,
	    UNIT_ROWS(enlarged));
	tcase_add_loop_test(tc, no_mutilation_crashes, 0, FIRMWARES * PATHS);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
