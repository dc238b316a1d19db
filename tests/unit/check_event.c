/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/wire/event.h"
#include "tests/unit/unit.h"

#include <stdio.h>

enum { STAGE, TRANSFER, COUNTERS, DIRECT, EXAMPLES };

/* The examples of doc/EVENTS.md, in its order. */
static const struct event examples[EXAMPLES] = {
    [STAGE] =
	{
	    .kind = EVENT_STAGE,
	    .program = EVENT_HOOK,
	    .time_ms = 1767225600250,
	    .pid = 812,
	    .seq = 259,
	    .what = EVENT_ACKED,
	    .has_mac = true,
	    .mac = {{0x00, 0x50, 0x56, 0x01, 0x02, 0x03}},
	    .client = 0x0a140105,
	    .server = 0x0a000005,
	    .arch = 7,
	    .revision = 17,
	    .farm = "east",
	    .file = "pvsnbpx64.efi",
	},
    [TRANSFER] =
	{
	    .kind = EVENT_TRANSFER,
	    .program = EVENT_TFTP,
	    .time_ms = 1767225601542,
	    .pid = 4711,
	    .seq = 260,
	    .what = EVENT_CLIENT_ERROR,
	    .client = 0x0a140105,
	    .server = 0x0a01000c,
	    .code = 3,
	    .bytes = 312456,
	    .elapsed_ms = 1042,
	    .resent = 2,
	    .revision = 17,
	    .farm = "east",
	    .file = "pvsnbpx64.efi",
	    .text = "disk full",
	},
    [COUNTERS] =
	{
	    .kind = EVENT_COUNTERS,
	    .program = EVENT_HOOK,
	    .time_ms = 1767225602000,
	    .pid = 812,
	    .seq = 261,
	    .counter_count = 3,
	    .counters = {0, 70000, UINT64_MAX},
	},
    [DIRECT] =
	{
	    .kind = EVENT_STAGE,
	    .program = EVENT_HOOK,
	    .time_ms = 1767225603000,
	    .pid = 812,
	    .seq = 262,
	    .what = EVENT_OFFERED,
	    .has_mac = true,
	    .mac = {{0x00, 0x50, 0x56, 0x01, 0x02, 0x03}},
	    .client = 0x0a140105,
	    .server = 0x0a01000c,
	    .direct = true,
	    .xid = 0x3903f326,
	    .user_class = 0x96bc,
	    .revision = 18,
	    .farm = "east",
	    .file = "ARDBP32.BIN",
	},
};

static void
assert_events_equal(const struct event *a, const struct event *b)
{
	ck_assert_int_eq(a->kind, b->kind);
	ck_assert_int_eq(a->program, b->program);
	ck_assert_uint_eq(a->time_ms, b->time_ms);
	ck_assert_uint_eq(a->pid, b->pid);
	ck_assert_uint_eq(a->seq, b->seq);
	ck_assert_uint_eq(a->what, b->what);
	ck_assert_int_eq(a->has_mac, b->has_mac);
	ck_assert(mac_equal(&a->mac, &b->mac));
	ck_assert_uint_eq(a->client, b->client);
	ck_assert_uint_eq(a->server, b->server);
	ck_assert_uint_eq(a->arch, b->arch);
	ck_assert_uint_eq(a->code, b->code);
	ck_assert_uint_eq(a->bytes, b->bytes);
	ck_assert_uint_eq(a->elapsed_ms, b->elapsed_ms);
	ck_assert_uint_eq(a->resent, b->resent);
	ck_assert_uint_eq(a->revision, b->revision);
	ck_assert_int_eq(a->direct, b->direct);
	ck_assert_uint_eq(a->xid, b->xid);
	ck_assert_uint_eq(a->user_class, b->user_class);
	ck_assert_str_eq(a->farm, b->farm);
	ck_assert_str_eq(a->file, b->file);
	ck_assert_str_eq(a->text, b->text);
	ck_assert_uint_eq(a->counter_count, b->counter_count);
	ck_assert_mem_eq(a->counters, b->counters, sizeof(a->counters));
}

static void
encode(const struct event *event, uint8_t ret[static EVENT_LEN])
{
	struct wr w = wr_init(ret, EVENT_LEN);
	event_encode(&w, event);
	ck_assert_int_eq(w.err, 0);
	ck_assert_uint_eq(w.left, 0);
}

/* Reads the next line of hex, "0010  00 01 ...", of the page; false at its end. */
static bool
next_hex_line(FILE *page, uint8_t ret[static 16])
{
	char line[256];
	while (fgets(line, sizeof(line), page) != NULL) {
		unsigned b[16];
		int count = sscanf(line,
		    "%*4x  %2x %2x %2x %2x %2x %2x %2x %2x %2x %2x %2x %2x %2x %2x %2x "
		    "%2x",
		    &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &b[6], &b[7], &b[8],
		    &b[9], &b[10], &b[11], &b[12], &b[13], &b[14], &b[15]);
		for (int i = 0; count == 16 && i < 16; i++) {
			ret[i] = (uint8_t)b[i];
		}
		if (count == 16) {
			return true;
		}
	}
	return false;
}

START_TEST(the_page_shows_the_bytes)
{
	char path[512];
	uint8_t shown[16];
	uint8_t record[EVENT_LEN];
	const char *srcdir = getenv("srcdir") != NULL ? getenv("srcdir") : ".";
	(void)snprintf(path, sizeof(path), "%s/doc/EVENTS.md", srcdir);
	FILE *page = fopen(path, "r");
	ck_assert_msg(page != NULL, "%s", path);
	for (unsigned e = 0; e < EXAMPLES; e++) {
		encode(&examples[e], record);
		for (size_t at = 0; at < EVENT_LEN; at += sizeof(shown)) {
			ck_assert(next_hex_line(page, shown));
			ck_assert_mem_eq(shown, record + at, sizeof(shown));
		}
	}
	ck_assert(!next_hex_line(page, shown));
	(void)fclose(page);
}
END_TEST

START_TEST(an_event_survives_the_round_trip)
{
	uint8_t record[EVENT_LEN];
	struct event event;
	encode(&examples[_i], record);
	struct rd r = rd_init(record, sizeof(record));
	ck_assert_int_eq(event_decode(&r, &event), 0);
	ck_assert_uint_eq(r.left, 0);
	assert_events_equal(&event, &examples[_i]);
}
END_TEST

static void
fill(char *text, size_t room)
{
	memset(text, 'x', room - 1);
	text[room - 1] = '\0';
}

START_TEST(the_longest_texts_fit)
{
	uint8_t record[EVENT_LEN];
	struct event event = examples[TRANSFER];
	struct event read;
	fill(event.farm, sizeof(event.farm));
	fill(event.file, sizeof(event.file));
	fill(event.text, sizeof(event.text));
	encode(&event, record);
	struct rd r = rd_init(record, sizeof(record));
	ck_assert_int_eq(event_decode(&r, &read), 0);
	assert_events_equal(&read, &event);
}
END_TEST

START_TEST(all_sixteen_counters_fit_and_seventeen_are_refused)
{
	uint8_t record[EVENT_LEN];
	struct event event = examples[COUNTERS];
	struct event read;
	event.counter_count = EVENT_COUNTERS_MAX;
	event.counters[EVENT_COUNTERS_MAX - 1] = 99;
	encode(&event, record);
	struct rd r = rd_init(record, sizeof(record));
	ck_assert_int_eq(event_decode(&r, &read), 0);
	assert_events_equal(&read, &event);
	record[7] = EVENT_COUNTERS_MAX + 1;
	r = rd_init(record, sizeof(record));
	ck_assert_int_eq(event_decode(&r, &read), ERR_MALFORMED);
}
END_TEST

START_TEST(a_record_is_written_whole_or_not_at_all)
{
	uint8_t room[EVENT_LEN] = {77};
	struct wr w = wr_init(room, EVENT_LEN - 1);
	event_encode(&w, &examples[TRANSFER]);
	ck_assert_int_eq(w.err, ERR_ROOM);
	ck_assert_uint_eq(wr_len(&w, room), 0);
	ck_assert_uint_eq(room[0], 77);
}
END_TEST

/* One byte of a transfer changed, and what that makes of the record. */
static const struct {
	size_t at;
	uint8_t value;
	int ret;
} changes[] = {
    {0, 'p', ERR_MALFORMED}, {1, 'v', ERR_MALFORMED}, {2, 0, ERR_FORMAT},
    {2, 2, ERR_FORMAT}, {3, 0, ERR_RANGE}, /* kind */
    {3, EVENT_WANT_FILE + 1, ERR_RANGE}, {3, 0xff, ERR_RANGE},
    {4, 0, ERR_RANGE},                                  /* program */
    {4, EVENT_WATCH + 1, ERR_RANGE}, {5, 0, ERR_RANGE}, /* result */
    {5, EVENT_FAILED + 1, ERR_RANGE}, {6, 0xff, 0},     /* flags unknown to us */
    {7, 0xff, 0},                 /* a counter count where none counts */
    {66, 0xff, 0},                /* a transaction id */
    {72 + 32, 'x', 0},            /* behind the farm's NUL */
    {72 + 33 + 64 + 63, 'x', 0},  /* behind the text's NUL */
    {72 + 33 + 64 + 64, 0xff, 0}, /* reserved */
    {EVENT_LEN - 1, 0xff, 0},     /* reserved */
    {72 + 33, '\0', 0},           /* an empty file */
    {72 + 33, 0xff, 0},           /* a byte that no name has */
};

START_TEST(what_a_newer_sender_says_is_skipped)
{
	uint8_t records[2 * EVENT_LEN];
	struct event event = {.pid = 77};
	encode(&examples[TRANSFER], records);
	encode(&examples[COUNTERS], records + EVENT_LEN);
	records[changes[_i].at] = changes[_i].value;
	struct rd r = rd_init(records, sizeof(records));
	int ret = event_decode(&r, &event);
	ck_assert_int_eq(ret, changes[_i].ret);
	ck_assert_uint_eq(event.pid, ret == 0 ? examples[TRANSFER].pid : 77);
	ck_assert_int_eq(event_decode(&r, &event), 0);
	assert_events_equal(&event, &examples[COUNTERS]);
}
END_TEST

START_TEST(a_text_ends_inside_its_field)
{
	static const struct {
		size_t at, width;
	} fields[] = {{72, 33}, {72 + 33, 64}, {72 + 33 + 64, 64}};
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		uint8_t record[EVENT_LEN];
		struct event event;
		encode(&examples[TRANSFER], record);
		memset(record + fields[i].at, 'x', fields[i].width);
		struct rd r = rd_init(record, sizeof(record));
		ck_assert_int_eq(event_decode(&r, &event), ERR_MALFORMED);
		ck_assert_int_eq(r.err, 0);
	}
}
END_TEST

START_TEST(a_stage_has_its_own_range)
{
	uint8_t record[EVENT_LEN];
	struct event event = examples[TRANSFER];
	event.kind = EVENT_STAGE;
	for (unsigned what = 0; what <= UINT8_MAX; what++) {
		event.what = (uint8_t)what;
		encode(&event, record);
		struct event read;
		struct rd r = rd_init(record, sizeof(record));
		bool is_stage = what >= EVENT_OFFERED && what <= EVENT_BOOTED;
		ck_assert_int_eq(event_decode(&r, &read), is_stage ? 0 : ERR_RANGE);
	}
}
END_TEST

START_TEST(every_finding_has_a_text_of_its_own)
{
	const char *unnamed = event_finding_text(0);
	for (unsigned a = 1; a < EVENT_FINDINGS; a++) {
		ck_assert_str_ne(event_finding_text(a), unnamed);
		ck_assert_uint_le(strlen(event_finding_text(a)), 120);
		for (unsigned b = 1; b < a; b++) {
			ck_assert_str_ne(event_finding_text(a), event_finding_text(b));
		}
	}
	ck_assert_str_eq(event_finding_text(EVENT_FINDINGS), unnamed);
	ck_assert_str_eq(event_finding_text(UINT8_MAX), unnamed);
}
END_TEST

START_TEST(a_finding_of_any_number_is_read)
{
	uint8_t record[EVENT_LEN];
	struct event event = {
	    .kind = EVENT_FINDING, .program = EVENT_PROXY, .text = "remove option 60"};
	for (unsigned what = 0; what <= UINT8_MAX; what++) {
		event.what = (uint8_t)what;
		encode(&event, record);
		struct event read;
		struct rd r = rd_init(record, sizeof(record));
		ck_assert_int_eq(event_decode(&r, &read), 0);
		assert_events_equal(&read, &event);
	}
}
END_TEST

static void
decode(const uint8_t *bytes, size_t len, void *ctx)
{
	struct event event = {.kind = EVENT_STAGE, .seq = 77};
	struct rd r = rd_init(bytes, len);
	(void)ctx;
	int ret = event_decode(&r, &event);
	ck_assert_int_eq(r.err, len < EVENT_LEN ? ERR_SHORT : 0);
	ck_assert(len >= EVENT_LEN || ret == ERR_SHORT);
	ck_assert_uint_eq(event.seq == 77, ret != 0);
	ck_assert_uint_le(event.counter_count, EVENT_COUNTERS_MAX);
}

START_TEST(mutilated_records_stay_inside_their_bytes)
{
	for (unsigned e = 0; e < EXAMPLES; e++) {
		uint8_t record[EVENT_LEN];
		encode(&examples[e], record);
		unit_sweep(decode, record, sizeof(record), NULL);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("event");
	TCase *tc = tcase_create("records");
	tcase_add_test(tc, the_page_shows_the_bytes);
	tcase_add_loop_test(tc, an_event_survives_the_round_trip, 0, EXAMPLES);
	tcase_add_test(tc, the_longest_texts_fit);
	tcase_add_test(tc, all_sixteen_counters_fit_and_seventeen_are_refused);
	tcase_add_test(tc, a_record_is_written_whole_or_not_at_all);
	tcase_add_loop_test(
	    tc, what_a_newer_sender_says_is_skipped, 0, UNIT_ROWS(changes));
	tcase_add_test(tc, a_text_ends_inside_its_field);
	tcase_add_test(tc, a_stage_has_its_own_range);
	tcase_add_test(tc, every_finding_has_a_text_of_its_own);
	tcase_add_test(tc, a_finding_of_any_number_is_read);
	tcase_add_test(tc, mutilated_records_stay_inside_their_bytes);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
