/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tests/unit/db_unit.h"

#include <nettle/sha2.h>

/* Whole writes: what they keep, count, export and forget. */

static void
put_config(struct db_write *w, const char *config)
{
	struct db_history history = {.time_s = 1700000000,
	    .user = "admin",
	    .file_digest = {0xab},
	    .config = config,
	    .config_len = strlen(config)};
	ck_assert_int_eq(db_put_config(w, &history), 0);
}

START_TEST(clearing_forgets_the_configuration_alone)
{
	struct db_scope scope = sample_scope("default", "east");
	struct db_drains drains = {.count = 1, .addr = {9}};
	struct db_farm farm;
	struct db_settings settings = sample_settings();
	const struct db_device device = sample_device(1);
	struct db_device got;
	struct db_info info;
	struct db_write *w = map_begin();
	ck_assert(db_write_is_new(w));
	sample_farm("east", &farm);
	ck_assert_int_eq(db_put_interval(w, 0x0a140000, 0x0a14ffff, &scope), 0);
	put_config(w, "{\"n\":1}");
	ck_assert_int_eq(db_put_fallback(w, &scope), 0);
	ck_assert_int_eq(db_put_subnet(w, 1, &scope), 0);
	ck_assert_int_eq(db_put_farm(w, &farm), 0);
	ck_assert_int_eq(db_put_settings(w, &settings), 0);
	ck_assert_int_eq(db_put_device(w, &device), 0);
	ck_assert_int_eq(db_put_drains(w, "east", &drains), 0);
	ck_assert_int_eq(db_write_commit(w), 0);

	w = map_begin();
	ck_assert(!db_write_is_new(w));
	ck_assert_int_eq(db_write_clear(w), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_source.prefix(&snap, 0x0a140000, &scope), ERR_NOTFOUND);
	ck_assert_int_eq(db_source.subnet(&snap, 1, &scope), ERR_NOTFOUND);
	ck_assert_int_eq(db_source.fallback(&snap, &scope), ERR_NOTFOUND);
	ck_assert_int_eq(db_source.farm(&snap, "east", &farm), ERR_NOTFOUND);
	ck_assert_int_eq(db_map_settings(&snap, &settings), ERR_NOTFOUND);
	ck_assert_int_eq(db_source.device(&snap, &device.mac, &got), 0);
	ck_assert_int_eq(db_source.drains(&snap, "east", &drains), 0);
	ck_assert_int_eq(db_map_info(&snap, &info), 0);
	ck_assert_uint_eq(info.revision, 2);
	ck_assert_uint_eq(info.devices, 1);
	ck_assert_uint_eq(info.format_major, 1);
	snapshot_end(&snap);
}
END_TEST

struct seen {
	unsigned count;
	uint64_t revision[32];
	char config[32];
};

static int
see(void *ctx, const struct db_history *history)
{
	struct seen *seen = ctx;
	if (seen->count == 0) {
		(void)snprintf(seen->config, sizeof(seen->config), "%.*s",
		    (int)history->config_len, history->config);
		ck_assert_str_eq(history->user, "admin");
		ck_assert_int_eq(history->time_s, 1700000000);
		ck_assert_uint_eq(history->file_digest[0], 0xab);
	}
	seen->revision[seen->count++] = history->revision;
	return 0;
}

START_TEST(history_keeps_the_last_twenty_newest_first)
{
	struct seen seen = {0};
	const char *config;
	size_t len;
	for (unsigned i = 1; i <= 25; i++) {
		char text[32];
		(void)snprintf(text, sizeof(text), "{\"n\":%u}", i);
		struct db_write *w = map_begin();
		put_config(w, text);
		ck_assert_int_eq(db_write_commit(w), 0);
	}
	struct db_write *w = map_begin();
	const struct db_device device = sample_device(1);
	ck_assert_int_eq(db_put_device(w, &device), 0);
	ck_assert_int_eq(db_write_commit(w), 0);

	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_map_history(&snap, see, &seen), 0);
	ck_assert_uint_eq(seen.count, 20);
	ck_assert_uint_eq(seen.revision[0], 25);
	ck_assert_uint_eq(seen.revision[19], 6);
	ck_assert_str_eq(seen.config, "{\"n\":25}");
	ck_assert_int_eq(db_map_config(&snap, &config, &len), 0);
	ck_assert_uint_eq(len, 8);
	ck_assert_mem_eq(config, "{\"n\":25}", len);
	snapshot_end(&snap);
}
END_TEST

struct text {
	size_t len;
	char text[4096];
};

static int
collect(void *ctx, const void *bytes, size_t len)
{
	struct text *text = ctx;
	ck_assert_uint_lt(text->len + len, sizeof(text->text));
	memcpy(text->text + text->len, bytes, len);
	text->len += len;
	text->text[text->len] = '\0';
	return 0;
}

START_TEST(the_export_is_canonical_and_the_digest_is_its_hash)
{
	struct text text = {0};
	struct db_info info;
	struct sha256_ctx sha256;
	uint8_t digest[DB_DIGEST_LEN];
	const struct db_drains drains = {.count = 2, .addr = {0x0a01000c, 0x0a01000b}};
	struct db_device device = sample_device(0x01020304);
	struct db_write *w = map_begin();
	put_config(w, "{\"farms\":{}}");
	ck_assert_int_eq(db_put_drains(w, "East", &drains), 0);
	ck_assert_int_eq(db_put_device(w, &device), 0);
	device = (struct db_device){.which = DB_DEVICE_NONE};
	ck_assert_int_eq(db_put_device(w, &device), 0);
	device = (struct db_device){.mac = {{0, 0, 0, 0, 0, 1}}};
	ck_assert_int_eq(db_put_device(w, &device), 0);
	ck_assert_int_eq(db_write_commit(w), 0);

	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_export(&snap, collect, &text), 0);
	ck_assert_str_eq(text.text,
	    "{\"config\":{\"farms\":{}},\"devices\":["
	    "{\"farm\":\"none\",\"files\":{},\"mac\":\"00:00:00:00:00:00\","
	    "\"name\":\"\",\"note\":\"\"},"
	    "{\"farm\":null,\"files\":{},\"mac\":\"00:00:00:00:00:01\","
	    "\"name\":\"\",\"note\":\"\"},"
	    "{\"farm\":\"East\",\"files\":{\"bios\":\"ARDBP32.BIN\","
	    "\"uefi-arm64\":\"none\",\"uefi-x64\":\"pvsnbpx64.efi\"},"
	    "\"mac\":\"02:00:01:02:03:04\",\"name\":\"lab \\\"7\\\"\","
	    "\"note\":\"3. Stock, T\xc3\xbcr links\"}],"
	    "\"drains\":[{\"addresses\":[\"10.1.0.11\",\"10.1.0.12\"],"
	    "\"farm\":\"east\"}],\"format\":1}\n");
	sha256_init(&sha256);
	sha256_update(&sha256, text.len, (const uint8_t *)text.text);
	sha256_digest(&sha256, sizeof(digest), digest);
	ck_assert_int_eq(db_map_info(&snap, &info), 0);
	ck_assert_mem_eq(info.digest, digest, sizeof(digest));
	ck_assert_uint_eq(info.devices, 3);
	snapshot_end(&snap);
}
END_TEST

START_TEST(an_export_of_any_length_is_its_digest)
{
	struct db_info info[2];
	for (unsigned i = 0; i < 2; i++) {
		/* A configuration larger than the piece that the export collects. */
		static char large[40000];
		memset(large, ' ', sizeof(large));
		large[0] = '{';
		large[sizeof(large) - 2] = i == 0 ? ' ' : '\t';
		large[sizeof(large) - 1] = '}';
		struct db_history history = {
		    .config = large, .config_len = sizeof(large)};
		struct db_write *w = map_begin();
		ck_assert_int_eq(db_put_config(w, &history), 0);
		ck_assert_int_eq(db_write_commit(w), 0);
		struct db_snapshot snap = snapshot_begin(scratch.map);
		ck_assert_int_eq(db_map_info(&snap, &info[i]), 0);
		snapshot_end(&snap);
	}
	ck_assert_mem_ne(info[0].digest, info[1].digest, DB_DIGEST_LEN);
}
END_TEST

START_TEST(equal_maps_have_equal_digests_whatever_their_history)
{
	struct db_info first;
	struct db_info again;
	const struct db_device device = sample_device(1);
	struct db_write *w = map_begin();
	put_config(w, "{}");
	ck_assert_int_eq(db_write_commit(w), 0);
	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_map_info(&snap, &first), 0);
	snapshot_end(&snap);

	w = map_begin();
	ck_assert_int_eq(db_put_device(w, &device), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
	w = map_begin();
	ck_assert_int_eq(db_del_device(w, &device.mac), 0);
	ck_assert_int_eq(db_del_device(w, &device.mac), ERR_NOTFOUND);
	ck_assert_int_eq(db_write_commit(w), 0);
	snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_map_info(&snap, &again), 0);
	ck_assert_uint_eq(again.revision, 3);
	ck_assert_mem_eq(first.digest, again.digest, DB_DIGEST_LEN);
	snapshot_end(&snap);
}
END_TEST

START_TEST(the_note_of_a_drain_is_not_in_the_digest)
{
	struct db_info info[2];
	for (unsigned i = 0; i < 2; i++) {
		struct db_drain drain = {.addr = 1, .time_s = i};
		drain.note[0] = (char)('a' + i);
		struct db_write *w = map_begin();
		int ret = db_del_drain(w, "east", 1);
		ck_assert_int_eq(ret, i == 0 ? ERR_NOTFOUND : 0);
		ck_assert_int_eq(db_put_drain(w, "east", &drain), 0);
		ck_assert_int_eq(db_write_commit(w), 0);
		struct db_snapshot snap = snapshot_begin(scratch.map);
		ck_assert_int_eq(db_map_info(&snap, &info[i]), 0);
		snapshot_end(&snap);
	}
	ck_assert_uint_eq(info[1].revision, 2);
	ck_assert_mem_eq(info[0].digest, info[1].digest, DB_DIGEST_LEN);
}
END_TEST

START_TEST(an_aborted_write_leaves_nothing)
{
	const struct db_device device = sample_device(1);
	struct db_device got;
	struct db_info info;
	struct db_write *w = map_begin();
	put_config(w, "{}");
	ck_assert_int_eq(db_write_commit(w), 0);
	w = map_begin();
	ck_assert_int_eq(db_put_device(w, &device), 0);
	ck_assert_int_eq(db_source.device(db_write_snapshot(w), &device.mac, &got), 0);
	db_write_abort(w);
	db_write_abort(NULL);
	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_source.device(&snap, &device.mac, &got), ERR_NOTFOUND);
	ck_assert_int_eq(db_map_info(&snap, &info), 0);
	ck_assert_uint_eq(info.revision, 1);
	snapshot_end(&snap);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("db_write");
	TCase *tc = tcase_create("write");
	tcase_add_checked_fixture(tc, scratch_setup, scratch_teardown);
	tcase_add_test(tc, clearing_forgets_the_configuration_alone);
	tcase_add_test(tc, history_keeps_the_last_twenty_newest_first);
	tcase_add_test(tc, the_export_is_canonical_and_the_digest_is_its_hash);
	tcase_add_test(tc, an_export_of_any_length_is_its_digest);
	tcase_add_test(tc, equal_maps_have_equal_digests_whatever_their_history);
	tcase_add_test(tc, the_note_of_a_drain_is_not_in_the_digest);
	tcase_add_test(tc, an_aborted_write_leaves_nothing);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
