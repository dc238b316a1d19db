/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/status/status.h"

#include "lib/base/text.h"
#include "tests/unit/applied.h"

#define CONFIG                                                                         \
	"boot-servers: [10.0.0.5, 10.0.0.6]\n"                                         \
	"farms:\n"                                                                     \
	"  East:\n"                                                                    \
	"    monitor: {advisory: [tsb]}\n"                                             \
	"    servers:\n"                                                               \
	"      - 10.1.0.11\n"                                                          \
	"      - {address: 10.1.0.12, name: PVSE2, weight: 2, backup: yes,\n"          \
	"         streaming: [10.1.1.12]}\n"                                           \
	"      - {address: 10.1.0.13, roles: [login]}\n"                               \
	"scopes: {10.20.0.0/16: east}\n"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };
static const int64_t now_ms = 1795341600250; /* 2026-11-22T10:00:00.250Z */

static struct db_state *state;

/* The watcher's writing, of one transaction. */
static void
watch_begin(void)
{
	ck_assert_int_eq(db_state_open(scratch.state, &state), 0);
	ck_assert_int_eq(db_state_begin(state), 0);
}

static void
watch_end(void)
{
	const struct db_heartbeat beat = {.boottime_ms = 1, .pid = 812, .revision = 17};
	ck_assert_int_eq(db_state_put_heartbeat(state, &beat), 0);
	ck_assert_int_eq(db_state_commit(state), 0);
	db_state_close(state);
}

/* An account of 720 probes that ended well. */
static struct db_health
up(void)
{
	return (struct db_health){.verdict = DB_VERDICT_UP,
	    .since_ms = now_ms - 2 * (int64_t)DAY,
	    .probes = 720,
	    .consecutive = 700,
	    .last_good = true,
	    .last_ms = now_ms - SECOND,
	    .last_good_ms = now_ms - SECOND,
	    .latency_ms = 2,
	    .revision = 16};
}

static struct db_health
down(const char *error)
{
	struct db_health health = up();
	health.verdict = DB_VERDICT_DOWN;
	health.since_ms = now_ms - 4 * MINUTE;
	health.failures = 12;
	health.consecutive = 3;
	health.last_good = false;
	health.last_good_ms = now_ms - 5 * MINUTE;
	health.last_bad_ms = now_ms - SECOND;
	text_copy(health.error, sizeof(health.error), error);
	return health;
}

static struct db_health
drifting(void)
{
	struct db_health health = up();
	health.has_sha256 = health.drifts = true;
	health.size = 12345;
	health.drifts_since_ms = now_ms - 3 * HOUR;
	for (unsigned i = 0; i < DB_DIGEST_LEN; i++) {
		health.sha256[i] = (uint8_t)i;
		health.expected[i] = (uint8_t)(255 - i);
	}
	return health;
}

static void
found(enum db_role role, const char *farm, uint32_t addr, const char *file,
    struct db_health health)
{
	const struct db_verdict_key key = {role, farm, addr, file};
	ck_assert_int_eq(db_state_put_health(state, &key, &health), 0);
}

/* Farm East with something wrong in every place. */
static void
watch_east(void)
{
	watch_begin();
	found(DB_ROLE_BOOT_SERVER, "", 0x0a000005, "", up());
	found(DB_ROLE_BOOT_SERVER, "", 0x0a000006, "", down("no answer in 2000 ms"));
	found(DB_ROLE_TFTP, "east", 0x0a01000b, "ardbp32.bin", up());
	found(DB_ROLE_TFTP, "east", 0x0a01000b, "pvsnbpx64.efi", up());
	found(DB_ROLE_LOGIN, "east", 0x0a01000b, "", up());
	found(DB_ROLE_TSB, "east", 0x0a01000b, "", up());
	found(DB_ROLE_TFTP, "east", 0x0a01000c, "ARDBP32.BIN", drifting());
	found(DB_ROLE_TFTP, "east", 0x0a01000c, "pvsnbpx64.efi",
	    down("ERROR 1: 'File not found'"));
	found(DB_ROLE_LOGIN, "east", 0x0a01010c, "", up());
	found(DB_ROLE_TFTP, "gone", 0x0a01000b, "ardbp32.bin", up());
	ck_assert_int_eq(
	    db_state_put_named(state, "east", 0x0a01000d, now_ms - 30 * SECOND), 0);
	watch_end();
}

static void
drain(const char *farm, uint32_t addr, const char *user, const char *note)
{
	struct db_drain drain = {.addr = addr, .time_s = (now_ms - DAY) / 1000};
	struct db_write *w = map_begin();
	text_copy(drain.user, sizeof(drain.user), user);
	text_copy(drain.note, sizeof(drain.note), note);
	ck_assert_int_eq(db_put_drain(w, farm, &drain), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
}

/* ---- what is told of it */

/* Reads all, a second after the watcher's last sign of life or so much later. */
static struct status *
read_later(uint64_t later_ms)
{
	struct status *status;
	const struct db_heartbeat now = {
	    .boottime_ms = SECOND + 1 + later_ms, .time_ms = now_ms};
	struct db_snapshot snap = applied_begin();
	ck_assert_int_eq(status_collect(&snap, &now, &status), 0);
	applied_end(&snap);
	for (unsigned i = 0; i < DB_DIGEST_LEN; i++) {
		status->info.digest[i] = (uint8_t)(i * 7);
	}
	return status;
}

static char *
text_of(const struct status *status, bool colour)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	ck_assert_ptr_nonnull(out);
	status_text(out, status, colour);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

static char *
told(void)
{
	struct status *status = read_later(0);
	char *text = text_of(status, false);
	status_free(status);
	return text;
}

static void
assert_told(const char *expected)
{
	char *text = told();
	ck_assert_str_eq(text, expected);
	free(text);
}

static void
assert_80_columns(const char *text)
{
	for (const char *line = text; *line != '\0'; line += *line == '\n' ? 1 : 0) {
		size_t len = strcspn(line, "\n");
		ck_assert_msg(len <= 80, "%.*s", (int)len, line);
		ck_assert_msg(
		    len == 0 || line[len - 1] != ' ', "%.*s|", (int)len, line);
		line += len;
	}
}

/* ---- as JSON */

#define DIGEST "00070e151c232a31383f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9"
#define NOTHING                                                                        \
	"\"since\":null,\"probes\":null,\"failures\":null,\"consecutive\":null,"       \
	"\"last-good\":null,\"last-bad\":null,\"last-probe\":null,"                    \
	"\"latency-ms\":null,\"last-error\":null,\"revision\":null"
#define UP                                                                             \
	"\"verdict\":\"up\",\"since\":\"2026-11-20T10:00:00.250Z\",\"probes\":720,"    \
	"\"failures\":0,\"consecutive\":700,"                                          \
	"\"last-good\":\"2026-11-22T09:59:59.250Z\",\"last-bad\":null,"                \
	"\"last-probe\":\"2026-11-22T09:59:59.250Z\",\"latency-ms\":2,"                \
	"\"last-error\":null,\"revision\":16"
#define DOWN(error)                                                                    \
	"\"verdict\":\"down\",\"since\":\"2026-11-22T09:56:00.250Z\",\"probes\":720,"  \
	"\"failures\":12,\"consecutive\":3,"                                           \
	"\"last-good\":\"2026-11-22T09:55:00.250Z\","                                  \
	"\"last-bad\":\"2026-11-22T09:59:59.250Z\","                                   \
	"\"last-probe\":\"2026-11-22T09:59:59.250Z\",\"latency-ms\":2,"                \
	"\"last-error\":\"" error "\",\"revision\":16"
#define NO_FILE "\"sha256\":null,\"size\":null,\"drift\":null}"

START_TEST(the_object_has_every_key_in_order)
{
	apply(CONFIG);
	watch_east();
	drain("east", 0x0a01000d, "ann", "new \"disk\"");
	struct status *status = read_later(0);
	json_t *object = status_json(status);
	char *text = json_dumps(object, JSON_COMPACT);
	ck_assert_str_eq(text,
	    "{\"revision\":2,\"digest\":\"" DIGEST "\","
	    "\"watcher\":{\"state\":\"running\",\"age-s\":1,\"pid\":812,"
	    "\"revision\":17},"
	    "\"farms\":[{\"farm\":\"East\",\"delivery\":\"boot-server\","
	    "\"balance\":\"hash\",\"probe\":\"bootstrap\",\"servers\":["
	    "{\"address\":\"10.1.0.11\",\"name\":null,\"weight\":1,\"backup\":false,"
	    "\"roles\":[\"tftp\",\"login\"],\"drained\":null,\"last-named\":null,"
	    "\"files\":[{\"file\":\"ARDBP32.BIN\"," UP "," NO_FILE ","
	    "{\"file\":\"pvsnbpx64.efi\"," UP "," NO_FILE "],"
	    "\"login\":[{\"address\":\"10.1.0.11\"," UP "}],"
	    "\"advisory\":[{\"probe\":\"tsb\"," UP "}]},"
	    "{\"address\":\"10.1.0.12\",\"name\":\"PVSE2\",\"weight\":2,"
	    "\"backup\":true,\"roles\":[\"tftp\",\"login\"],\"drained\":null,"
	    "\"last-named\":null,\"files\":[{\"file\":\"ARDBP32.BIN\"," UP ","
	    "\"sha256\":\"000102030405060708090a0b0c0d0e0f"
	    "101112131415161718191a1b1c1d1e1f\",\"size\":12345,"
	    "\"drift\":{\"since\":\"2026-11-22T07:00:00.250Z\",\"expected\":"
	    "\"fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0\"}},"
	    "{\"file\":\"pvsnbpx64.efi\"," DOWN(
		"ERROR 1: 'File not found'") "," NO_FILE "],\"login\":[{\"address\":"
					     "\"10.1.1.12\"," UP "}],"
					     "\"advisory\":[{\"probe\":\"tsb\","
					     "\"verdict\":\"unproven\"," NOTHING "}]},"
					     "{\"address\":\"10.1.0.13\",\"name\":null,"
					     "\"weight\":1,\"backup\":false,"
					     "\"roles\":[\"login\"],"
					     "\"drained\":{\"since\":\"2026-11-21T10:"
					     "00:00.000Z\",\"user\":\"ann\","
					     "\"note\":\"new \\\"disk\\\"\"},"
					     "\"last-named\":\"2026-11-22T09:59:30."
					     "250Z\",\"files\":[],"
					     "\"login\":[{\"address\":\"10.1.0.13\","
					     "\"verdict\":\"unproven\"," NOTHING
					     "}],\"advisory\":[{\"probe\":\"tsb\","
					     "\"verdict\":\"unproven\"," NOTHING
					     "}]}]}],"
					     "\"boot-servers\":[{\"address\":\"10.0.0."
					     "5\"," UP
					     ",\"drained\":null,\"last-named\":null},"
					     "{\"address\":\"10.0.0.6\"," DOWN(
						 "no answer in 2000 ms") ",\"drained\":"
									 "null,\"last-"
									 "named\":null}"
									 "]}");
	free(text);
	json_decref(object);
	status_free(status);
}
END_TEST

START_TEST(what_never_answered_has_no_response_time)
{
	struct db_health never = down("no answer");
	never.last_good_ms = never.latency_ms = 0;
	apply(CONFIG);
	watch_begin();
	found(DB_ROLE_BOOT_SERVER, "", 0x0a000005, "", never);
	watch_end();
	struct status *status = read_later(0);
	json_t *object = status_json(status);
	const json_t *server =
	    json_array_get(json_object_get(object, "boot-servers"), 0);
	ck_assert(json_is_null(json_object_get(server, "latency-ms")));
	ck_assert(json_is_null(json_object_get(server, "last-good")));
	ck_assert_int_eq(json_integer_value(json_object_get(server, "failures")), 12);
	json_decref(object);
	status_free(status);
}
END_TEST

/* ---- as text */

#define HEAD                                                                           \
	"  SERVER, FILE OR ROLE           VERDICT  SINCE  PROBES  FAILED CURRENT "     \
	"RESPONSE\n"

START_TEST(what_is_wrong_comes_first)
{
	apply(CONFIG);
	watch_east();
	drain("east", 0x0a01000d, "ann", "new disk");
	drain("", 0x0a000005, "", "");
	assert_told(
	    "map: revision 3, digest 00070e151c23\n"
	    "watcher: runs by map revision 17, pid 812\n"
	    "\n"
	    "boot servers: 1 of 2 servers up, 1 down; 1 drained\n" HEAD
	    "  10.0.0.6                       down        4m     720      12       3"
	    "     2 ms\n"
	    "      last failure 1s ago: no answer in 2000 ms\n"
	    "  10.0.0.5                       up          2d     720       0       0"
	    "     2 ms\n"
	    "      drained 1d ago; no answer named it so far\n"
	    "\n"
	    "farm East: 1 of 3 servers up, 1 down, 1 unproven; 1 drained; 1 drifting\n"
	    "  delivery boot-server, balance hash, probe bootstrap\n" HEAD
	    "  10.1.0.12 PVSE2, weight 2, backup\n"
	    "    ARDBP32.BIN                  up          2d     720       0       0"
	    "     2 ms\n"
	    "      differs for 3h: has 000102030405, expected fffefdfcfbfa\n"
	    "    pvsnbpx64.efi                down        4m     720      12       3"
	    "     2 ms\n"
	    "      last failure 1s ago: ERROR 1: 'File not found'\n"
	    "    login 10.1.1.12              up          2d     720       0       0"
	    "     2 ms\n"
	    "    tsb (advisory)               unproven\n"
	    "  10.1.0.13\n"
	    "    drained 1d ago by ann: new disk; last named 30s ago\n"
	    "    login 10.1.0.13              unproven\n"
	    "    tsb (advisory)               unproven\n"
	    "  10.1.0.11\n"
	    "    ARDBP32.BIN                  up          2d     720       0       0"
	    "     2 ms\n"
	    "    pvsnbpx64.efi                up          2d     720       0       0"
	    "     2 ms\n"
	    "    login 10.1.0.11              up          2d     720       0       0"
	    "     2 ms\n"
	    "    tsb (advisory)               up          2d     720       0       0"
	    "     2 ms\n");
}
END_TEST

START_TEST(without_a_watcher_everything_is_unproven)
{
	apply("boot-servers: [10.0.0.5]\n"
	      "farms: {a: {servers: [10.1.0.11], bootstrap: {uefi-x64: none}}}\n");
	assert_told("map: revision 1, digest 00070e151c23\n"
		    "watcher: none runs; servers without a verdict are unproven, and "
		    "used\n"
		    "\n"
		    "boot servers: 0 of 1 server up, 1 unproven\n" HEAD
		    "  10.0.0.5                       unproven\n"
		    "\n"
		    "farm a: 0 of 1 server up, 1 unproven\n"
		    "  delivery boot-server, balance hash, probe bootstrap\n" HEAD
		    "  10.1.0.11\n"
		    "    ARDBP32.BIN                  unproven\n"
		    "    login 10.1.0.11              unproven\n");
}
END_TEST

START_TEST(a_file_without_any_server_is_said)
{
	static const char direct[] =
	    "farms: {a: {servers: [10.1.0.11, 10.1.0.12], delivery: direct}}\n";
	apply(direct);
	watch_begin();
	found(DB_ROLE_TFTP, "a", 0x0a01000b, "ardbp32.bin", down("no answer"));
	found(DB_ROLE_TFTP, "a", 0x0a01000c, "ardbp32.bin", down("no answer"));
	found(DB_ROLE_TFTP, "a", 0x0a01000b, "pvsnbpx64.efi", down("no answer"));
	found(DB_ROLE_TFTP, "a", 0x0a01000c, "pvsnbpx64.efi", up());
	found(DB_ROLE_LOGIN, "a", 0x0a01000b, "", down("unreachable"));
	watch_end();
	char *text = told();
	ck_assert_ptr_nonnull(strstr(text, "  no server is up for ARDBP32.BIN\n"));
	ck_assert_ptr_null(strstr(text, "no server is up for pvsnbpx64.efi"));
	ck_assert_ptr_null(strstr(text, "no server is up for login"));
	ck_assert_ptr_null(strstr(text, "boot servers"));
	free(text);
}
END_TEST

START_TEST(a_frozen_watcher_is_said_and_changes_nothing_else)
{
	apply(CONFIG);
	watch_east();
	struct status *fresh = read_later(0);
	struct status *old = read_later(HOUR);
	char *texts[] = {text_of(fresh, false), text_of(old, false)};
	ck_assert_ptr_nonnull(strstr(texts[1],
	    "watcher: verdicts are frozen: the watcher was last heard of 3601 s "
	    "ago\n"));
	ck_assert_str_eq(strstr(texts[0], "\n\n"), strstr(texts[1], "\n\n"));
	json_t *objects[] = {status_json(fresh), status_json(old)};
	ck_assert(!json_equal(objects[0], objects[1]));
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(json_object_del(objects[i], "watcher"), 0);
	}
	ck_assert(json_equal(objects[0], objects[1]));
	for (size_t i = 0; i < 2; i++) {
		json_decref(objects[i]);
		free(texts[i]);
	}
	status_free(old);
	status_free(fresh);
}
END_TEST

/* Takes the colours out. */
static void
bleach(char *text)
{
	char *to = text;
	for (const char *from = text; *from != '\0';) {
		if (strncmp(from, "\033[", 2) == 0) {
			from += strcspn(from, "m") + 1;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
}

START_TEST(colour_adds_nothing_but_colour)
{
	apply(CONFIG);
	watch_east();
	struct status *status = read_later(0);
	char *plain = text_of(status, false);
	char *coloured = text_of(status, true);
	ck_assert_ptr_null(strchr(plain, '\033'));
	ck_assert_ptr_nonnull(strstr(coloured, "\033[31mdown"));
	ck_assert_ptr_nonnull(strstr(coloured, "\033[32mup"));
	bleach(coloured);
	ck_assert_str_eq(coloured, plain);
	free(coloured);
	free(plain);
	status_free(status);
}
END_TEST

START_TEST(a_file_of_devices_or_scopes_is_shown_where_it_was_probed)
{
	const struct db_device device = {.mac = {{0, 0, 0, 0, 0, 1}},
	    .files = {.count = 1, .file = {{7, "own.efi"}}}};
	apply("boot-servers: [10.0.0.5]\n"
	      "farms: {a: {servers: [10.1.0.11]}, b: {servers: [10.2.0.11]}}\n"
	      "scopes: {10.1.0.0/16: {farm: a, bootstrap: {uefi-x64: scope.efi}}}\n");
	struct db_write *w = map_begin();
	ck_assert_int_eq(db_put_device(w, &device), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
	watch_begin();
	found(DB_ROLE_TFTP, "b", 0x0a02000b, "own.efi", up());
	found(DB_ROLE_TFTP, "b", 0x0a02000b, "scope.efi", up());
	watch_end();
	struct status *status = read_later(0);
	ck_assert_uint_eq(status->farms[0].servers[0].account_count, 4);
	ck_assert_uint_eq(status->farms[1].servers[0].account_count, 5);
	ck_assert_str_eq(status->farms[1].servers[0].accounts[1].file, "own.efi");
	ck_assert_str_eq(status->farms[1].servers[0].accounts[3].file, "scope.efi");
	status_free(status);
}
END_TEST

START_TEST(a_verdict_without_account_is_what_the_decision_takes)
{
	const struct db_verdict_entry entry = {
	    {DB_ROLE_LOGIN, "east", 0x0a01000d, ""}, DB_VERDICT_DOWN};
	apply(CONFIG);
	ck_assert_int_eq(db_state_open(scratch.state, &state), 0);
	ck_assert_int_eq(db_state_put(state, &entry, 1), 0);
	db_state_close(state);
	struct status *status = read_later(0);
	const struct status_account *account = status->farms[0].servers[2].accounts;
	ck_assert_int_eq(account->health.verdict, DB_VERDICT_DOWN);
	ck_assert(!account->known);
	status_free(status);
}
END_TEST

/* ---- however long names are, and however many servers */

static void
write_large_farm(char **ret, unsigned servers)
{
	static const char name[] =
	    "a-name-of-the-most-bytes-that-a-name-may-have-which-"
	    "is-63--";
	size_t len;
	FILE *yaml = open_memstream(ret, &len);
	ck_assert_ptr_nonnull(yaml);
	(void)fprintf(yaml,
	    "boot-servers: [10.0.0.5]\nfarms:\n"
	    "  a-farm-name-of-thirty-two-bytes.:\n"
	    "    bootstrap: {bios: ARDBP32.BIN, uefi-x64: %s999.efi}\n"
	    "    servers:\n",
	    "a-file-name-of-the-most-bytes-that-it-may-have-which-is-");
	for (unsigned i = 0; i < servers; i++) {
		(void)fprintf(yaml,
		    "      - {address: 10.100.1%02u.1%02u, name: %s%04u, "
		    "weight: 100, backup: yes}\n",
		    i / 100, i % 100, name, i);
	}
	ck_assert_int_eq(fclose(yaml), 0);
}

START_TEST(no_line_is_wider_than_80_columns)
{
	enum { SERVERS = 500 };
	static const char farm[] = "a-farm-name-of-thirty-two-bytes.";
	char *yaml;
	write_large_farm(&yaml, SERVERS);
	apply(yaml);
	free(yaml);
	watch_begin();
	for (uint32_t i = 0; i < SERVERS; i++) {
		const uint32_t addr =
		    0x0a640000 + (100 + i / 100) * 256 + 100 + i % 100;
		struct db_health health = i % 10 == 0
		    ? down("an-answer-of-the-most-bytes-without-a-blank-in-"
			   "it-which-no-line-of-80-columns-can-hold-and-"
			   "which-is-cut-therefore-----------")
		    : up();
		health.probes = i % 3 == 0 ? UINT64_MAX / 2 : 999999;
		health.failures = i % 3 == 1 ? 1000000 : 12;
		health.latency_ms = i % 7 == 0 ? UINT32_MAX : 99999;
		health.since_ms = i % 5 == 0 ? 1 : now_ms - 999 * (int64_t)DAY;
		found(DB_ROLE_TFTP, farm, addr, "ardbp32.bin", health);
		found(DB_ROLE_TFTP, farm, addr,
		    "a-file-name-of-the-most-bytes-that-it-may-have-which-is-999.efi",
		    health);
		found(DB_ROLE_LOGIN, farm, addr, "", health);
	}
	watch_end();
	drain(farm, 0x0a646464, "somebody-with-a-name-of-32-bytes",
	    "a note with a-word-that-is-longer-than-a-line-of-eighty-columns-can-hold-"
	    "all-by-itself \001\002 and one with controls");
	char *text = told();
	assert_80_columns(text);
	ck_assert_ptr_nonnull(strstr(text, "450 of 500 servers up, 50 down;"));
	free(text);
}
END_TEST

START_TEST(a_server_that_is_well_has_one_line_in_a_large_farm)
{
	enum { SERVERS = 17 };
	char yaml[1024] = "boot-servers: [10.0.0.5]\nfarms: {a: {servers: [10.1.0.1";
	for (unsigned i = 2; i <= SERVERS; i++) {
		char more[16];
		(void)snprintf(more, sizeof(more), ", 10.1.0.%u", i);
		(void)strcat(yaml, more);
	}
	(void)strcat(yaml, "]}}\n");
	apply(yaml);
	watch_begin();
	for (uint32_t i = 1; i <= SERVERS; i++) {
		struct db_health slow = up();
		slow.latency_ms = 9;
		slow.since_ms = now_ms - HOUR;
		found(DB_ROLE_TFTP, "a", 0x0a010000 + i, "ardbp32.bin", up());
		found(DB_ROLE_TFTP, "a", 0x0a010000 + i, "pvsnbpx64.efi",
		    i == 17 ? down("no answer") : slow);
		found(DB_ROLE_LOGIN, "a", 0x0a010000 + i, "", up());
	}
	watch_end();
	char *text = told();
	const char *farm = strstr(text, "farm a");
	ck_assert_ptr_nonnull(farm);
	const char *first = strstr(farm, "  10.1.0.17\n");
	const char *folded = strstr(farm,
	    "\n  10.1.0.1                       up          1h    2160       0       0"
	    "     9 ms\n  10.1.0.2 ");
	ck_assert_ptr_nonnull(first);
	ck_assert_ptr_nonnull(folded);
	ck_assert(first < folded);
	free(text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("status");
	TCase *tc = tcase_create("status");
	tcase_add_checked_fixture(tc, scratch_setup, scratch_teardown);
	tcase_add_test(tc, the_object_has_every_key_in_order);
	tcase_add_test(tc, what_never_answered_has_no_response_time);
	tcase_add_test(tc, what_is_wrong_comes_first);
	tcase_add_test(tc, without_a_watcher_everything_is_unproven);
	tcase_add_test(tc, a_file_without_any_server_is_said);
	tcase_add_test(tc, a_frozen_watcher_is_said_and_changes_nothing_else);
	tcase_add_test(tc, colour_adds_nothing_but_colour);
	tcase_add_test(tc, a_file_of_devices_or_scopes_is_shown_where_it_was_probed);
	tcase_add_test(tc, a_verdict_without_account_is_what_the_decision_takes);
	tcase_add_test(tc, no_line_is_wider_than_80_columns);
	tcase_add_test(tc, a_server_that_is_well_has_one_line_in_a_large_farm);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
