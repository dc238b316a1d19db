/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/wire/event.h"

enum {
	MAGIC = 0x5056, /* "PV" */
	VERSION = 1,
	FLAG_MAC = 0x01,
	FLAG_DIRECT = 0x02,
	BODY_AT = 72,
};

_Static_assert(
    BODY_AT + EVENT_COUNTERS_MAX * 8 <= EVENT_LEN, "counters fit the record");
_Static_assert(
    BODY_AT + EVENT_FARM_MAX + EVENT_FILE_MAX + EVENT_TEXT_MAX + 3 <= EVENT_LEN,
    "texts fit the record");

/* What each kind may say. A finding that is new to the reader still brings its remedy. */
static const struct {
	uint8_t first, last;
} whats[] = {
    [EVENT_STAGE] = {EVENT_OFFERED, EVENT_BOOTED},
    [EVENT_TRANSFER] = {EVENT_DONE, EVENT_FAILED},
    [EVENT_FINDING] = {0, UINT8_MAX},
    [EVENT_COUNTERS] = {0, UINT8_MAX},
    [EVENT_WANT_FILE] = {0, UINT8_MAX},
};

static const char *const finding_texts[EVENT_FINDINGS] = {
    [EVENT_OTHER_PROXY] = "another ProxyDHCP or PXE service answers it",
    [EVENT_DHCP_OPTION_60] =
	"its DHCP server sends option 60 'PXEClient', which hides the proxy",
    [EVENT_DHCP_BOOT_FILE] = "its DHCP server names a boot file of its own",
    [EVENT_NO_LOGIN_LIST] =
	"its DHCP server sends UEFI machines neither option 11 nor 17",
    [EVENT_OFFER_REFUSED] =
	"asks again and again at growing gaps: it found no offers that it can use",
    [EVENT_NO_SHOW] = "took an address and came neither to port 4011 nor to TFTP",
};

const char *
event_finding_text(unsigned finding)
{
	return finding < EVENT_FINDINGS && finding_texts[finding] != NULL
	    ? finding_texts[finding]
	    : "a finding that this version cannot name";
}

/* A field of width bytes: the text and zeroes, of which at least one is there. */
static void
text_encode(struct wr *w, const char *text, size_t width)
{
	size_t len = strnlen(text, width - 1);
	wr_bytes(w, text, len);
	wr_zero(w, width - len);
}

static void
text_decode(struct rd *r, char *dst, size_t width)
{
	struct rd field = rd_sub(r, width);
	if (rd_text(&field, dst, width) != 0) {
		rd_fail(r, ERR_MALFORMED);
	}
}

static void
texts_encode(struct wr *w, const struct event *event)
{
	text_encode(w, event->farm, sizeof(event->farm));
	text_encode(w, event->file, sizeof(event->file));
	text_encode(w, event->text, sizeof(event->text));
}

static void
texts_decode(struct rd *r, struct event *event)
{
	text_decode(r, event->farm, sizeof(event->farm));
	text_decode(r, event->file, sizeof(event->file));
	text_decode(r, event->text, sizeof(event->text));
}

static void
counters_encode(struct wr *w, const struct event *event)
{
	for (unsigned i = 0; i < event->counter_count && i < EVENT_COUNTERS_MAX; i++) {
		wr_be64(w, event->counters[i]);
	}
}

static void
counters_decode(struct rd *r, struct event *event)
{
	if (event->counter_count > EVENT_COUNTERS_MAX) {
		rd_fail(r, ERR_MALFORMED);
		return;
	}
	for (unsigned i = 0; i < event->counter_count; i++) {
		event->counters[i] = rd_be64(r);
	}
}

static uint8_t
flags_of(const struct event *event)
{
	return (uint8_t)((event->has_mac ? FLAG_MAC : 0) |
	    (event->direct ? FLAG_DIRECT : 0));
}

void
event_encode(struct wr *w, const struct event *event)
{
	uint8_t *record = wr_take(w, EVENT_LEN);
	if (record == NULL) {
		return;
	}
	bool counts = event->kind == EVENT_COUNTERS;
	struct wr r = wr_init(record, EVENT_LEN);
	wr_be16(&r, MAGIC);
	wr_u8(&r, VERSION);
	wr_u8(&r, (uint8_t)event->kind);
	wr_u8(&r, (uint8_t)event->program);
	wr_u8(&r, event->what);
	wr_u8(&r, flags_of(event));
	wr_u8(&r, counts ? (uint8_t)event->counter_count : 0);
	wr_be64(&r, event->time_ms);
	wr_be32(&r, event->pid);
	wr_be32(&r, event->seq);
	wr_bytes(&r, event->mac.b, MAC_LEN);
	wr_be16(&r, event->arch);
	wr_be32(&r, event->client);
	wr_be32(&r, event->server);
	wr_be64(&r, event->revision);
	wr_be64(&r, event->bytes);
	wr_be32(&r, event->elapsed_ms);
	wr_be32(&r, event->resent);
	wr_be16(&r, event->code);
	wr_be32(&r, event->xid);
	wr_be16(&r, event->user_class);
	if (counts) {
		counters_encode(&r, event);
	} else {
		texts_encode(&r, event);
	}
	wr_zero(&r, r.left);
}

static bool
is_known(const struct event *event)
{
	return event->kind >= EVENT_STAGE && event->kind <= EVENT_WANT_FILE &&
	    event->program >= EVENT_HOOK && event->program <= EVENT_WATCH &&
	    event->what >= whats[event->kind].first &&
	    event->what <= whats[event->kind].last;
}

/* What stands before the body, from the kind on. */
static void
header_decode(struct rd *r, struct event *event)
{
	event->kind = rd_u8(r);
	event->program = rd_u8(r);
	event->what = rd_u8(r);
	uint8_t flags = rd_u8(r);
	event->has_mac = (flags & FLAG_MAC) != 0;
	event->direct = (flags & FLAG_DIRECT) != 0;
	event->counter_count = rd_u8(r);
	event->time_ms = rd_be64(r);
	event->pid = rd_be32(r);
	event->seq = rd_be32(r);
	rd_bytes(r, event->mac.b, MAC_LEN);
	event->arch = rd_be16(r);
	event->client = rd_be32(r);
	event->server = rd_be32(r);
	event->revision = rd_be64(r);
	event->bytes = rd_be64(r);
	event->elapsed_ms = rd_be32(r);
	event->resent = rd_be32(r);
	event->code = rd_be16(r);
	event->xid = rd_be32(r);
	event->user_class = rd_be16(r);
}

int
event_decode(struct rd *r, struct event *ret)
{
	struct rd record = rd_sub(r, EVENT_LEN);
	struct event event = {0};
	uint16_t magic = rd_be16(&record);
	uint8_t version = rd_u8(&record);
	if (record.err == 0 && magic != MAGIC) {
		return ERR_MALFORMED;
	}
	if (record.err == 0 && version != VERSION) {
		return ERR_FORMAT;
	}
	header_decode(&record, &event);
	if (record.err == 0 && !is_known(&event)) {
		return ERR_RANGE;
	}
	if (event.kind == EVENT_COUNTERS) {
		counters_decode(&record, &event);
	} else {
		event.counter_count = 0;
		texts_decode(&record, &event);
	}
	if (record.err == 0) {
		*ret = event;
	}
	return record.err;
}
