/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/codec.h"
#include "db/store.h"
#include "tests/unit/db_unit.h"

/* One example of each kind of record; FORMAT.md shows the same ones. */

enum { EXAMPLE_ROOM = 1024 };

struct example {
	struct key key;
	size_t len;
	uint8_t value[EXAMPLE_ROOM];
};

static const struct db_scope scope = {.text = "10.20.0.0/16",
    .farm = "east",
    .files = {.count = 1, .file = {{7, "x.efi"}}},
    .boot_server_count = 1,
    .boot_servers = {0x0a000005},
    .reply_delay_ms = 1500};

static void
make_format(struct key *key, struct wr *w)
{
	codec_put_format(
	    w, &(struct codec_format){.kind = DB_MAP, .major = 1, .minor = 1});
	key_single(KEY_FORMAT, key);
}

static void
make_info(struct key *key, struct wr *w)
{
	struct db_info info = {.revision = 7, .devices = 100000};
	memset(info.digest, 0xd1, sizeof(info.digest));
	codec_put_info(w, &info);
	key_single(KEY_INFO, key);
}

static void
make_settings(struct key *key, struct wr *w)
{
	const struct db_settings settings = {.listen_count = 1,
	    .listen = {{0, 69}},
	    .single_port = true,
	    .port_first = 20000,
	    .port_last = 29999,
	    .interface_count = 1,
	    .interfaces = {"eth0"},
	    .boot_server_count = 1,
	    .boot_servers = {0x0a000005}};
	codec_put_settings(w, &settings);
	key_single(KEY_SETTINGS, key);
}

static void
make_fallback(struct key *key, struct wr *w)
{
	const struct db_scope none = {.text = "default"};
	codec_put_scope(w, &none);
	key_single(KEY_FALLBACK, key);
}

static void
make_subnet(struct key *key, struct wr *w)
{
	const struct db_scope subnet = {.text = "subnet-id 42", .farm = "west"};
	codec_put_scope(w, &subnet);
	key_subnet(42, key);
}

static void
make_interval(struct key *key, struct wr *w)
{
	const struct codec_span span = {.first = 0x0a140000, .has_scope = true};
	codec_put_span(w, &span, &scope);
	key_interval(KEY_SCOPES, 0x0a14ffff, key);
}

static void
make_client(struct key *key, struct wr *w)
{
	const struct codec_span span = {.first = 0xc0000201, .listed = true};
	codec_put_span(w, &span, &scope);
	key_interval(KEY_CLIENTS, 0xc0000201, key);
}

static void
make_farm(struct key *key, struct wr *w)
{
	static struct db_farm farm;
	sample_farm("East", &farm);
	farm.monitor.pxe = true;
	codec_put_farm(w, &farm);
	ck_assert_int_eq(key_farm("East", key), 0);
}

static void
make_pin(struct key *key, struct wr *w)
{
	uint8_t sha256[DB_DIGEST_LEN];
	memset(sha256, 0xd2, sizeof(sha256));
	codec_put_pin(w, sha256);
	ck_assert_int_eq(key_pin("East", "ARDBP32.BIN", key), 0);
}

static void
make_device(struct key *key, struct wr *w)
{
	const struct db_device device = sample_device(7);
	codec_put_device(w, &device);
	key_device(&device.mac, key);
}

static void
make_drains(struct key *key, struct wr *w)
{
	const struct db_drains drains = {.count = 2, .addr = {0x0a01000b, 0x0a01000c}};
	const struct db_drain detail = {.addr = 0x0a01000c,
	    .time_s = 1700000000,
	    .user = "admin",
	    .note = "new disks"};
	codec_put_drains(w, &drains);
	codec_put_drain(w, &detail);
	ck_assert_int_eq(key_drains("East", key), 0);
}

static void
make_history(struct key *key, struct wr *w)
{
	struct db_history history = {.time_s = 1700000000,
	    .user = "admin",
	    .config = "{\"farms\":{}}",
	    .config_len = 12};
	memset(history.file_digest, 0xd3, sizeof(history.file_digest));
	codec_put_history(w, &history);
	key_history(7, key);
}

static void
make_verdict(struct key *key, struct wr *w)
{
	const struct db_verdict_key verdict = {
	    DB_ROLE_TFTP, "East", 0x0a01000b, "ARDBP32.BIN"};
	codec_put_verdict(w, DB_VERDICT_UP);
	ck_assert_int_eq(key_verdict(&verdict, key), 0);
}

static void
make_health(struct key *key, struct wr *w)
{
	const struct db_verdict_key about = {
	    DB_ROLE_TFTP, "East", 0x0a01000b, "ARDBP32.BIN"};
	const struct db_health health = sample_health();
	codec_put_health(w, &health);
	ck_assert_int_eq(key_health(&about, key), 0);
}

static void
make_heartbeat(struct key *key, struct wr *w)
{
	const struct db_heartbeat heartbeat = sample_heartbeat();
	codec_put_heartbeat(w, &heartbeat);
	key_single(KEY_HEARTBEAT, key);
}

static void
make_named(struct key *key, struct wr *w)
{
	codec_put_named(w, 1700000000250);
	ck_assert_int_eq(key_last_named("East", 0x0a01000b, key), 0);
}

static const struct {
	uint8_t kind;
	void (*make)(struct key *key, struct wr *w);
} kinds[] = {
    {KEY_FORMAT, make_format},
    {KEY_INFO, make_info},
    {KEY_SETTINGS, make_settings},
    {KEY_FALLBACK, make_fallback},
    {KEY_SUBNET, make_subnet},
    {KEY_SCOPES, make_interval},
    {KEY_CLIENTS, make_client},
    {KEY_FARM, make_farm},
    {KEY_PIN, make_pin},
    {KEY_DEVICE, make_device},
    {KEY_DRAINS, make_drains},
    {KEY_HISTORY, make_history},
    {KEY_VERDICT, make_verdict},
    {KEY_HEALTH, make_health},
    {KEY_HEARTBEAT, make_heartbeat},
    {KEY_NAMED, make_named},
};
enum { KINDS = (int)(sizeof(kinds) / sizeof(kinds[0])) };

static void
make_example(int i, struct example *ret)
{
	struct wr w = value_begin(ret->value, sizeof(ret->value));
	kinds[i].make(&ret->key, &w);
	ck_assert_int_eq(w.err, 0);
	ret->len = wr_len(&w, ret->value);
	value_seal(&ret->key, ret->value, ret->len);
}

static struct rd
key_of(const struct example *e)
{
	return rd_init(e->key.b, e->key.len);
}

START_TEST(each_kind_opens_and_decodes)
{
	struct example e;
	struct rd fields;
	make_example(_i, &e);
	ck_assert_uint_eq(e.key.b[0], kinds[_i].kind);
	ck_assert_int_eq(value_open(key_of(&e), rd_init(e.value, e.len), &fields), 0);
	ck_assert_int_eq(codec_check(kinds[_i].kind, fields), 0);
}
END_TEST

/* Decoding must keep inside the bytes (ASan sees) and give one of the two answers. */
static void
decode_fields(const uint8_t *bytes, size_t len, void *ctx)
{
	const uint8_t *kind = ctx;
	int ret = codec_check(*kind, rd_init(bytes, len));
	ck_assert(ret == 0 || ret == ERR_MALFORMED);
}

START_TEST(each_decoder_passes_the_three_sweeps)
{
	struct example e;
	uint8_t kind = kinds[_i].kind;
	make_example(_i, &e);
	unit_sweep(decode_fields, e.value + VALUE_HEAD, e.len - VALUE_HEAD, &kind);
}
END_TEST

static void
open_changed(const uint8_t *bytes, size_t len, void *ctx)
{
	const struct example *e = ctx;
	struct rd fields;
	bool same = len == e->len && memcmp(bytes, e->value, len) == 0;
	int ret = value_open(key_of(e), rd_init(bytes, len), &fields);
	ck_assert(same ? ret == 0 : ret == ERR_CHECKSUM || ret == ERR_MALFORMED);
}

START_TEST(no_changed_value_opens)
{
	struct example e;
	make_example(_i, &e);
	unit_sweep(open_changed, e.value, e.len, &e);
}
END_TEST

START_TEST(a_value_under_another_key_does_not_open)
{
	struct example e;
	struct rd fields;
	make_example(_i, &e);
	e.key.b[e.key.len - 1] ^= 1;
	ck_assert_int_eq(
	    value_open(key_of(&e), rd_init(e.value, e.len), &fields), ERR_CHECKSUM);
}
END_TEST

START_TEST(a_value_of_another_version_is_of_another_format)
{
	struct example e;
	struct rd fields;
	make_example(_i, &e);
	e.value[4] = VALUE_VERSION + 1;
	value_seal(&e.key, e.value, e.len);
	ck_assert_int_eq(
	    value_open(key_of(&e), rd_init(e.value, e.len), &fields), ERR_FORMAT);
}
END_TEST

/* A field of a newer MINOR, before all others and behind them. */
START_TEST(an_unknown_field_is_skipped)
{
	struct example e;
	uint8_t bytes[EXAMPLE_ROOM + 64];
	make_example(_i, &e);
	struct wr w = wr_init(bytes, sizeof(bytes));
	field_put_be32(&w, 200, 0xffffffff);
	wr_bytes(&w, e.value + VALUE_HEAD, e.len - VALUE_HEAD);
	field_put_bytes(&w, 201, "", 0);
	ck_assert_int_eq(
	    codec_check(kinds[_i].kind, rd_init(bytes, wr_len(&w, bytes))), 0);
}
END_TEST

START_TEST(what_an_unknown_field_adds_changes_nothing)
{
	struct db_device got;
	uint8_t bytes[EXAMPLE_ROOM];
	struct wr w = wr_init(bytes, sizeof(bytes));
	const struct db_device device = sample_device(7);
	field_put_text(&w, 77, "from the future");
	codec_put_device(&w, &device);
	ck_assert_int_eq(codec_get_device(rd_init(bytes, wr_len(&w, bytes)), &got), 0);
	ck_assert_str_eq(got.name, device.name);
	ck_assert_str_eq(got.note, device.note);
	ck_assert_str_eq(got.farm, device.farm);
	ck_assert_uint_eq(got.files.count, device.files.count);
}
END_TEST

/* Fields that no decoder may take: kind, bytes, and what is wrong with them. */
static const struct {
	uint8_t kind;
	uint8_t len;
	const char *bytes;
} malformed[] = {
    {KEY_DEVICE, 6, "\1\0\0\0\1\3"},                         /* which: out of range */
    {KEY_DEVICE, 7, "\1\0\0\0\2\0\0"},                       /* which: too long */
    {KEY_DEVICE, 8, "\4\0\0\0\3a\0b"},                       /* name: NUL inside */
    {KEY_DEVICE, 6, "\1\0\0\0\1\1"},                         /* says farm, names none */
    {KEY_DEVICE, 9, "\3\0\0\0\4\0\7/x"},                     /* file: a path */
    {KEY_SCOPES, 6, "\41\0\0\0\1\2"},                        /* no first address */
    {KEY_FARM, 6, "\2\0\0\0\1\0"},                           /* no name */
    {KEY_FARM, 8, "\1\0\0\0\3a/b"},                          /* name: a path */
    {KEY_FARM, 17, "\1\0\0\0\1a\12\0\0\0\6\1\2\3\4\0\2"},    /* weight 0 */
    {KEY_FARM, 17, "\1\0\0\0\1a\12\0\0\0\6\1\2\3\4\145\2"},  /* weight 101 */
    {KEY_FARM, 12, "\1\0\0\0\1a\4\0\0\0\1\3"},               /* login: out of range */
    {KEY_DRAINS, 8, "\1\0\0\0\3\1\2\3"},                     /* half an address */
    {KEY_DRAINS, 17, "\2\0\0\0\14\0\0\0\1\0\0\0\0\0\0\0\0"}, /* no user's length */
    {KEY_DRAINS, 19, "\2\0\0\0\16\0\0\0\1\0\0\0\0\0\0\0\0\2a"}, /* half a user */
    {KEY_SETTINGS, 6, "\2\0\0\0\1\2"},                          /* a bool of 2 */
    {KEY_INFO, 13, "\1\0\0\0\10\0\0\0\0\0\0\0\0"},              /* revision 0 */
    {KEY_HISTORY, 13, "\1\0\0\0\10\0\0\0\0\0\0\0\0"},           /* no configuration */
    {KEY_VERDICT, 6, "\1\0\0\0\1\3"},                           /* out of range */
    {KEY_HEALTH, 14, "\1\0\0\0\11\3\0\0\0\0\0\0\0\0"}, /* verdict: out of range */
    {KEY_HEALTH, 6, "\1\0\0\0\1\1"},                   /* no time of it */
    {KEY_HEALTH, 8, "\5\0\0\0\3a\0b"},                 /* error: NUL inside */
    {KEY_HEARTBEAT, 9, "\1\0\0\0\4\0\0\0\1"},          /* a boot id of 4 */
    {KEY_NAMED, 9, "\1\0\0\0\4\0\0\0\1"},              /* half a time */
    {KEY_VERDICT, 4, "\1\0\0\0"},                      /* half a head */
    {KEY_VERDICT, 5, "\144\377\377\377\377"},          /* longer than there is */
};

START_TEST(malformed_fields_are_reported)
{
	ck_assert_int_eq(codec_check(malformed[_i].kind,
			     rd_init(malformed[_i].bytes, malformed[_i].len)),
	    ERR_MALFORMED);
}
END_TEST

START_TEST(lists_longer_than_their_room_are_malformed)
{
	static uint8_t bytes[65536];
	static struct db_farm farm;
	struct db_drains drains;
	const struct db_files one = {.count = 1, .file = {{7, "x.efi"}}};
	struct wr w = wr_init(bytes, sizeof(bytes));
	field_put_text(&w, 1, "east");
	for (unsigned i = 0; i < DB_FILES_MAX + 1; i++) {
		field_put_files(&w, 6, &one);
	}
	ck_assert_int_eq(
	    codec_get_farm(rd_init(bytes, wr_len(&w, bytes)), &farm), ERR_MALFORMED);
	w = wr_init(bytes, sizeof(bytes));
	field_head(&w, 1, 4 * (DB_SERVERS_MAX + 1));
	wr_zero(&w, 4 * (DB_SERVERS_MAX + 1));
	ck_assert_int_eq(codec_get_drains(rd_init(bytes, wr_len(&w, bytes)), &drains),
	    ERR_MALFORMED);
}
END_TEST

START_TEST(keys_sort_as_numbers_do)
{
	struct key low;
	struct key high;
	key_interval(KEY_SCOPES, 0x0a0000ff, &low);
	key_interval(KEY_SCOPES, 0x0a000100, &high);
	ck_assert_int_lt(memcmp(low.b, high.b, low.len), 0);
	key_history(255, &low);
	key_history(256, &high);
	ck_assert_int_lt(memcmp(low.b, high.b, low.len), 0);
}
END_TEST

START_TEST(the_longest_names_fit_a_key_and_longer_ones_do_not)
{
	char farm[DB_FARM_NAME_MAX + 2];
	char file[DB_FILE_NAME_MAX + 2];
	struct key key;
	memset(farm, 'F', sizeof(farm));
	memset(file, 'f', sizeof(file));
	farm[DB_FARM_NAME_MAX] = '\0';
	file[DB_FILE_NAME_MAX] = '\0';
	struct db_verdict_key verdict = {DB_ROLE_TFTP, farm, 1, file};
	ck_assert_int_eq(key_verdict(&verdict, &key), 0);
	ck_assert_uint_eq(key.len, 1 + 1 + DB_FARM_NAME_MAX + 1 + 4 + DB_FILE_NAME_MAX);
	file[DB_FILE_NAME_MAX] = 'f';
	file[DB_FILE_NAME_MAX + 1] = '\0';
	ck_assert_int_eq(key_verdict(&verdict, &key), ERR_RANGE);
	farm[DB_FARM_NAME_MAX] = 'F';
	farm[DB_FARM_NAME_MAX + 1] = '\0';
	ck_assert_int_eq(key_farm(farm, &key), ERR_RANGE);
}
END_TEST

/* Bytes as FORMAT.md shows them: sixteen a line behind a word and two blanks. */
static size_t
hex_lines(char *dst, size_t room, const char *word, const uint8_t *bytes, size_t len)
{
	size_t at = 0;
	for (size_t i = 0; i < len; i++) {
		const char *before = i == 0 ? word : i % 16 == 0 ? "     " : "";
		const char *after = i % 16 == 15 || i + 1 == len ? "\n" : "";
		at += (size_t)snprintf(dst + at, room - at, "%s%s%s%02x%s",
		    i % 16 == 0 ? "    " : "", before, i % 16 == 0 ? "  " : " ",
		    bytes[i], after);
	}
	return at;
}

static char *
read_page(const char *name)
{
	char path[512];
	const char *srcdir = getenv("srcdir") != NULL ? getenv("srcdir") : ".";
	char *page = calloc(1, 65536);
	(void)snprintf(path, sizeof(path), "%s/%s", srcdir, name);
	FILE *file = fopen(path, "r");
	ck_assert_msg(file != NULL && page != NULL, "cannot read %s", path);
	ck_assert_uint_lt(fread(page, 1, 65535, file), 65535);
	(void)fclose(file);
	return page;
}

START_TEST(the_page_shows_these_bytes)
{
	struct example e;
	char block[8192];
	make_example(_i, &e);
	size_t len = hex_lines(block, sizeof(block), "key  ", e.key.b, e.key.len);
	(void)hex_lines(block + len, sizeof(block) - len, "value", e.value, e.len);
	char *page = read_page("db/FORMAT.md");
	ck_assert_msg(strstr(page, block) != NULL, "db/FORMAT.md lacks\n%s", block);
	free(page);
}
END_TEST

START_TEST(the_page_shows_no_other_bytes)
{
	int count = 0;
	char *page = read_page("db/FORMAT.md");
	for (const char *p = page; (p = strstr(p, "    key    ")) != NULL; p++) {
		count++;
	}
	ck_assert_int_eq(count, KINDS);
	free(page);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("db_record");
	TCase *tc = tcase_create("record");
	tcase_add_loop_test(tc, each_kind_opens_and_decodes, 0, KINDS);
	tcase_add_loop_test(tc, each_decoder_passes_the_three_sweeps, 0, KINDS);
	tcase_add_loop_test(tc, no_changed_value_opens, 0, KINDS);
	tcase_add_loop_test(tc, a_value_under_another_key_does_not_open, 0, KINDS);
	tcase_add_loop_test(
	    tc, a_value_of_another_version_is_of_another_format, 0, KINDS);
	tcase_add_loop_test(tc, an_unknown_field_is_skipped, 0, KINDS);
	tcase_add_test(tc, what_an_unknown_field_adds_changes_nothing);
	tcase_add_loop_test(tc, malformed_fields_are_reported, 0,
	    (int)(sizeof(malformed) / sizeof(malformed[0])));
	tcase_add_test(tc, lists_longer_than_their_room_are_malformed);
	tcase_add_test(tc, keys_sort_as_numbers_do);
	tcase_add_test(tc, the_longest_names_fit_a_key_and_longer_ones_do_not);
	tcase_add_loop_test(tc, the_page_shows_these_bytes, 0, KINDS);
	tcase_add_test(tc, the_page_shows_no_other_bytes);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
