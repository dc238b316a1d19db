/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "hooks/core.h"
#include "db/state.h"
#include "lib/wire/event.h"
#include "tests/unit/db_unit.h"
#include "tests/unit/hook_map.h"

#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static struct scratch scratch;
static struct hook_params params;
static struct hook_core *core;

/* What was said, by message; the lock also wakes who waits for a line. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static unsigned said[HOOK_MESSAGES];
static char last[HOOK_MESSAGES][512];

static void
say(enum hook_message message, const char *text)
{
	(void)pthread_mutex_lock(&lock);
	said[message]++;
	(void)snprintf(last[message], sizeof(last[message]), "%s", text);
	(void)pthread_cond_broadcast(&more);
	(void)pthread_mutex_unlock(&lock);
}

static bool
wants(enum hook_message message)
{
	(void)message;
	return true;
}

static const struct hook_log hook_log = {say, wants};

static void
wait_said(enum hook_message message, unsigned times)
{
	(void)pthread_mutex_lock(&lock);
	while (said[message] < times) {
		(void)pthread_cond_wait(&more, &lock);
	}
	(void)pthread_mutex_unlock(&lock);
}

static unsigned
times_said(enum hook_message message)
{
	(void)pthread_mutex_lock(&lock);
	unsigned times = said[message];
	(void)pthread_mutex_unlock(&lock);
	return times;
}

static void
setup(void)
{
	scratch_init(&scratch);
	memset(said, 0, sizeof(said));
	hook_params_default(&params);
	(void)snprintf(params.db, sizeof(params.db), "%s", scratch.map);
	(void)snprintf(params.state, sizeof(params.state), "%s", scratch.state);
	core = NULL;
}

static void
teardown(void)
{
	hook_core_free(core);
	scratch_done(&scratch);
}

static void
start(const char *fault)
{
	ck_assert_int_eq(hook_core_new(&params, fault, &hook_log, &core), 0);
}

/* Map and state are there, and the hook has opened both. */
static void
start_with_map(void)
{
	hook_map(scratch.map, "east");
	hook_map_state(scratch.state, 0);
	start(NULL);
	wait_said(HOOK_DB_OPENED, 2);
}

static const uint8_t x64[] = {0, 7};

static struct hook_packet
pxe_packet(uint32_t addr)
{
	static const char class_id[] = "PXEClient:Arch:00007:UNDI:003000";
	return (struct hook_packet){.offer = true,
	    .has_mac = true,
	    .mac = {2, 0, 0, 0, 0, 1},
	    .addr = addr,
	    .class_id = {(const uint8_t *)class_id, sizeof(class_id) - 1},
	    .archs = {x64, sizeof(x64)}};
}

enum { EAST = 0x0a140001, WEST = 0x0a144001, NONE = 0x0a280001, NOWHERE = 0x0a630001 };

static json_t *
status(void)
{
	char error[HOOK_ERROR_MAX] = "";
	char *text = hook_core_status(core, error);
	ck_assert_msg(text != NULL, "%s", error);
	json_t *json = json_loads(text, 0, NULL);
	free(text);
	ck_assert_ptr_nonnull(json);
	return json;
}

/* A counter by its path, "failed.no-map". */
static int
counter(const char *name)
{
	char first[32];
	json_t *json = status();
	json_t *at = json_object_get(json, "counters");
	const char *dot = strchr(name, '.');
	if (dot != NULL) {
		(void)snprintf(first, sizeof(first), "%.*s", (int)(dot - name), name);
		at = json_object_get(at, first);
		name = dot + 1;
	}
	at = json_object_get(at, name);
	ck_assert_msg(json_is_integer(at), "no counter %s", name);
	int value = (int)json_integer_value(at);
	json_decref(json);
	return value;
}

START_TEST(a_place_names_the_farm)
{
	struct hook_packet packet = pxe_packet(EAST);
	struct hook_edit edit;
	start_with_map();
	ck_assert(hook_core_answer(core, &packet, &edit));
	ck_assert_uint_eq(edit.siaddr, 0x0a000005);
	ck_assert_str_eq((const char *)edit.file, "east/pvsnbpx64.efi");
	packet.addr = WEST;
	ck_assert(hook_core_answer(core, &packet, &edit));
	ck_assert_str_eq((const char *)edit.file, "pvsnbpx64.efi");
	ck_assert_uint_eq(edit.siaddr >> 8, 0x0a0200);
	ck_assert_int_eq(counter("answered"), 2);
	ck_assert_int_eq(counter("queries"), 2);
}
END_TEST

START_TEST(device_over_subnet_id_over_prefix)
{
	struct hook_packet packet = pxe_packet(EAST);
	struct hook_edit edit;
	start_with_map();
	packet.has_subnet_id = true;
	packet.subnet_id = 42;
	ck_assert(hook_core_answer(core, &packet, &edit));
	ck_assert_str_eq((const char *)edit.file, "pvsnbpx64.efi");
	packet.subnet_id = 43;
	ck_assert(hook_core_answer(core, &packet, &edit));
	ck_assert_str_eq((const char *)edit.file, "east/pvsnbpx64.efi");
	packet.mac[5] = 0x99;
	ck_assert(hook_core_answer(core, &packet, &edit));
	ck_assert_str_eq((const char *)edit.file, "pvsnbpx64.efi");
	packet.has_mac = false;
	ck_assert(hook_core_answer(core, &packet, &edit));
	ck_assert_str_eq((const char *)edit.file, "east/pvsnbpx64.efi");
}
END_TEST

START_TEST(what_is_not_ours_is_counted_by_its_cause)
{
	struct hook_packet packet = pxe_packet(NONE);
	struct hook_edit edit;
	static const uint8_t http[] = {0, 16};
	start_with_map();
	ck_assert(!hook_core_answer(core, &packet, &edit));
	packet.addr = NOWHERE;
	ck_assert(!hook_core_answer(core, &packet, &edit));
	packet = pxe_packet(EAST);
	packet.archs = (struct hook_bytes){http, sizeof(http)};
	ck_assert(!hook_core_answer(core, &packet, &edit));
	packet.class_id = (struct hook_bytes){(const uint8_t *)"MSFT 5.0", 8};
	ck_assert(!hook_core_answer(core, &packet, &edit));
	ck_assert_int_eq(counter("not-ours.scope-none"), 1);
	ck_assert_int_eq(counter("not-ours.no-scope"), 1);
	ck_assert_int_eq(counter("not-ours.http"), 1);
	ck_assert_int_eq(counter("not-ours.not-pxe"), 1);
	ck_assert_int_eq(counter("queries"), 4);
}
END_TEST

START_TEST(a_farm_without_a_server_is_not_ours)
{
	struct hook_packet packet = pxe_packet(EAST);
	struct hook_edit edit;
	hook_map_without_server(scratch.map);
	start(NULL);
	wait_said(HOOK_DB_OPENED, 1);
	ck_assert(!hook_core_answer(core, &packet, &edit));
	ck_assert_int_eq(counter("not-ours.no-server"), 1);
	ck_assert_int_eq(counter("failed.no-map"), 0);
	ck_assert_str_eq(last[HOOK_NOT_OURS],
	    "02:00:00:00:00:01, subnet id 0, 10.20.0.1: no server to name");
}
END_TEST

START_TEST(all_clients_means_all)
{
	struct hook_packet packet = pxe_packet(EAST);
	struct hook_edit edit;
	packet.class_id = (struct hook_bytes){NULL, 0};
	params.all_clients = true;
	start_with_map();
	ck_assert(hook_core_answer(core, &packet, &edit));
}
END_TEST

START_TEST(a_device_without_a_file_is_named_once)
{
	struct hook_packet packet = pxe_packet(EAST);
	struct hook_edit edit;
	static const uint8_t arm64[] = {0, 11};
	packet.archs = (struct hook_bytes){arm64, sizeof(arm64)};
	start_with_map();
	for (unsigned i = 0; i < 3; i++) {
		ck_assert(!hook_core_answer(core, &packet, &edit));
	}
	ck_assert_uint_eq(times_said(HOOK_NO_FILE), 1);
	ck_assert_str_eq(last[HOOK_NO_FILE],
	    "02:00:00:00:00:01, subnet id 0, 10.20.0.1: no file for its architecture "
	    "uefi-arm64 in farm east");
	packet.mac[5] = 2;
	ck_assert(!hook_core_answer(core, &packet, &edit));
	ck_assert_uint_eq(times_said(HOOK_NO_FILE), 2);
	ck_assert_int_eq(counter("not-ours.no-file"), 4);
}
END_TEST

START_TEST(fill_only_leaves_what_kea_answered)
{
	struct hook_packet packet = pxe_packet(EAST);
	struct hook_edit edit;
	params.mode = HOOK_FILL_ONLY;
	start_with_map();
	ck_assert(hook_core_answer(core, &packet, &edit));
	packet.siaddr = 0x0a000001;
	ck_assert(!hook_core_answer(core, &packet, &edit));
	ck_assert_int_eq(counter("kept"), 1);
}
END_TEST

START_TEST(without_a_map_replies_stay_and_are_counted)
{
	struct hook_packet packet = pxe_packet(EAST);
	struct hook_edit edit;
	start(NULL);
	wait_said(HOOK_MAP_UNUSABLE, 1);
	for (unsigned i = 0; i < 1000; i++) {
		ck_assert(!hook_core_answer(core, &packet, &edit));
	}
	ck_assert_int_eq(counter("failed.no-map"), 1000);
	ck_assert_uint_eq(times_said(HOOK_MAP_UNUSABLE), 1);
	ck_assert_uint_eq(times_said(HOOK_FAILED), 0);
	/* A phone is none of our failures. */
	packet.class_id = (struct hook_bytes){NULL, 0};
	ck_assert(!hook_core_answer(core, &packet, &edit));
	ck_assert_int_eq(counter("failed.no-map"), 1000);
}
END_TEST

START_TEST(a_map_that_comes_later_is_taken_up)
{
	struct hook_packet packet = pxe_packet(EAST);
	struct hook_edit edit;
	start(NULL);
	wait_said(HOOK_MAP_UNUSABLE, 1);
	hook_map(scratch.map, "east");
	wait_said(HOOK_DB_OPENED, 1);
	ck_assert(hook_core_answer(core, &packet, &edit));
}
END_TEST

START_TEST(a_wrong_parameter_makes_it_inert)
{
	hook_map(scratch.map, "east");
	start("parameter \"x\" is not known");
	ck_assert(hook_core_is_inert(core));
	ck_assert_uint_eq(times_said(HOOK_INERT), 1);
	json_t *json = status();
	ck_assert_str_eq(json_string_value(json_object_get(json, "inert")),
	    "parameter \"x\" is not known");
	ck_assert_str_eq(json_string_value(json_object_get(
			     json_object_get(json, "map"), "condition")),
	    "absent");
	json_decref(json);
	char error[HOOK_ERROR_MAX];
	const struct hook_question question = {.hw_address = "02:00:00:00:00:01"};
	ck_assert_ptr_null(hook_core_explain(core, &question, error));
}
END_TEST

START_TEST(a_state_folder_that_refuses_us_only_costs_protection)
{
	struct hook_packet packet = pxe_packet(EAST);
	struct hook_edit edit;
	hook_map(scratch.map, "east");
	start(NULL);
	wait_said(HOOK_DB_OPENED, 1);
	ck_assert_uint_eq(times_said(HOOK_NO_MARKER), 1);
	ck_assert(!hook_core_is_inert(core));
	ck_assert(hook_core_answer(core, &packet, &edit));
}
END_TEST

START_TEST(what_the_shim_met_is_counted)
{
	start_with_map();
	hook_core_skipped(core);
	hook_core_already_packed(core);
	hook_core_already_packed(core);
	hook_core_exception(core, "bad any_cast");
	hook_core_exception(core, "bad any_cast");
	ck_assert_int_eq(counter("skipped"), 1);
	ck_assert_int_eq(counter("already-packed"), 2);
	ck_assert_int_eq(counter("failed.exception"), 2);
	ck_assert_uint_eq(times_said(HOOK_ALREADY_PACKED), 1);
	ck_assert_uint_eq(times_said(HOOK_FAILED), 1);
	ck_assert_str_eq(last[HOOK_FAILED], "bad any_cast");
}
END_TEST

START_TEST(status_says_what_is_in_force)
{
	start_with_map();
	json_t *json = status(), *map = json_object_get(json, "map");
	ck_assert(json_is_null(json_object_get(json, "inert")));
	ck_assert_str_eq(json_string_value(json_object_get(json, "mode")), "override");
	ck_assert(json_is_true(json_object_get(json, "crash-protection")));
	ck_assert_str_eq(
	    json_string_value(json_object_get(map, "directory")), scratch.map);
	ck_assert_str_eq(json_string_value(json_object_get(map, "condition")), "open");
	ck_assert_int_eq(json_integer_value(json_object_get(map, "revision")), 1);
	ck_assert_uint_eq(json_string_length(json_object_get(map, "digest")), 64);
	ck_assert_int_eq(json_integer_value(json_object_get(map, "devices")), 1);
	ck_assert(json_is_null(json_object_get(map, "error")));
	json_decref(json);
}
END_TEST

/* The watcher's last sign of life. */
static void
beat(uint64_t ago_ms)
{
	struct db_state *state;
	struct db_heartbeat heartbeat;
	ck_assert_int_eq(db_heartbeat_now(&heartbeat), 0);
	heartbeat.boottime_ms -= ago_ms;
	ck_assert_int_eq(db_state_open(scratch.state, &state), 0);
	ck_assert_int_eq(db_state_begin(state), 0);
	ck_assert_int_eq(db_state_put_heartbeat(state, &heartbeat), 0);
	ck_assert_int_eq(db_state_commit(state), 0);
	db_state_close(state);
}

static const struct {
	bool beats;
	uint64_t ago_ms;
	const char *state;
	const char *frozen; /* how the sentence begins; NULL: there is none */
} watchers[] = {
    {false, 0, "absent", NULL},
    {true, 0, "running", NULL},
    {true, 20000, "frozen", "verdicts are frozen: the watcher was last heard of 2"},
};

START_TEST(status_and_explain_say_when_verdicts_are_frozen)
{
	const struct hook_question question = {
	    .hw_address = "020000000001", .ip_address = "10.20.0.1"};
	const char *frozen = watchers[_i].frozen;
	char error[HOOK_ERROR_MAX] = "";
	if (watchers[_i].beats) {
		beat(watchers[_i].ago_ms);
	}
	start_with_map();
	json_t *json = status(), *watcher = json_object_get(json, "watcher");
	ck_assert_str_eq(
	    json_string_value(json_object_get(watcher, "state")), watchers[_i].state);
	char *text = hook_core_explain(core, &question, error);
	json_t *answer = json_loads(text, 0, NULL),
	       *why = json_object_get(answer, "why");
	const char *last_why =
	    json_string_value(json_array_get(why, json_array_size(why) - 1));
	const char *said_frozen = json_string_value(json_object_get(json, "frozen"));
	if (frozen != NULL) {
		ck_assert_ptr_nonnull(said_frozen);
		ck_assert_ptr_eq(strstr(said_frozen, frozen), said_frozen);
		ck_assert_ptr_eq(strstr(last_why, frozen), last_why);
	} else {
		ck_assert(json_is_null(json_object_get(json, "frozen")));
		ck_assert_ptr_null(strstr(last_why, "frozen"));
	}
	free(text);
	json_decref(answer);
	json_decref(json);
}
END_TEST

static const struct {
	struct hook_question question;
	const char *farm;  /* in the answer, or */
	const char *error; /* what is said instead */
} questions[] = {
    {{.hw_address = "02-00-00-00-00-01", .ip_address = "10.20.0.1"}, "east", NULL},
    {{.hw_address = "020000000001", .ip_address = "10.20.64.1"}, "west", NULL},
    {{.hw_address = "02:00:00:00:00:99"}, "west", NULL},
    {{.hw_address = "02:00:00:00:00:01", .has_subnet_id = true, .subnet_id = 42},
	"west", NULL},
    {{.hw_address = "nonsense"}, NULL, "hw-address must be a MAC address"},
    {{.hw_address = "02:00:00:00:00:01", .ip_address = "10.20.0"}, NULL,
	"ip-address must be an IPv4 address"},
    {{.hw_address = "02:00:00:00:00:01", .arch = "x64"}, NULL,
	"arch must be an architecture's name, such as uefi-x64"},
    {{.hw_address = "02:00:00:00:00:01", .has_subnet_id = true}, NULL,
	"subnet-id must be 1 to 4294967294"},
    {{.hw_address = "02:00:00:00:00:01", .has_subnet_id = true, .subnet_id = -1}, NULL,
	"subnet-id must be 1 to 4294967294"},
};

START_TEST(explain_answers_or_says_why_not)
{
	char error[HOOK_ERROR_MAX] = "";
	start_with_map();
	char *text = hook_core_explain(core, &questions[_i].question, error);
	if (questions[_i].farm == NULL) {
		ck_assert_ptr_null(text);
		ck_assert_str_eq(error, questions[_i].error);
		return;
	}
	json_t *json = json_loads(text, 0, NULL);
	free(text);
	ck_assert_str_eq(json_string_value(json_object_get(json, "action")), "boot");
	ck_assert_str_eq(
	    json_string_value(json_object_get(json, "farm")), questions[_i].farm);
	json_decref(json);
}
END_TEST

static int
listen_events(void)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	ck_assert(mkdir(scratch.state, 0770) == 0 || errno == EEXIST);
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%.90s/events", scratch.state);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

/* The next record of a kind; counters come in between. */
static struct event
next_event(int fd, enum event_kind kind)
{
	static uint8_t batch[EVENT_BATCH * EVENT_LEN];
	static struct rd r;
	struct event event = {0};
	do {
		if (r.left == 0) {
			ssize_t len = recv(fd, batch, sizeof(batch), 0);
			ck_assert_int_gt(len, 0);
			r = rd_init(batch, (size_t)len);
		}
		ck_assert_int_eq(event_decode(&r, &event), 0);
	} while (event.kind != kind);
	return event;
}

START_TEST(each_answer_is_an_event)
{
	struct hook_packet packet = pxe_packet(EAST);
	struct hook_edit edit;
	int fd = listen_events();
	start_with_map();
	ck_assert(hook_core_answer(core, &packet, &edit));
	struct event event = next_event(fd, EVENT_STAGE);
	ck_assert_int_eq(event.what, EVENT_OFFERED);
	ck_assert(event.has_mac);
	ck_assert_mem_eq(event.mac.b, packet.mac, MAC_LEN);
	ck_assert_uint_eq(event.client, EAST);
	ck_assert_uint_eq(event.server, 0x0a000005);
	ck_assert_uint_eq(event.arch, 7);
	ck_assert_uint_eq(event.revision, 1);
	ck_assert_str_eq(event.farm, "east");
	ck_assert_str_eq(event.file, "pvsnbpx64.efi");
	packet.offer = false;
	ck_assert(hook_core_answer(core, &packet, &edit));
	ck_assert_int_eq(next_event(fd, EVENT_STAGE).what, EVENT_ACKED);
	packet.addr = NONE;
	ck_assert(!hook_core_answer(core, &packet, &edit));
	event = next_event(fd, EVENT_STAGE);
	ck_assert_int_eq(event.what, EVENT_NOT_OURS);
	ck_assert_str_eq(event.text, "none");
	(void)close(fd);
}
END_TEST

static const uint8_t ipxe[] = {'i', 'P', 'X', 'E'};

START_TEST(an_event_tells_the_exchange)
{
	struct hook_packet packet = pxe_packet(WEST);
	struct hook_edit edit;
	int fd = listen_events();
	packet.xid = 0x3903f326;
	packet.user_class = (struct hook_bytes){ipxe, sizeof(ipxe)};
	start_with_map();
	ck_assert(hook_core_answer(core, &packet, &edit));
	struct event event = next_event(fd, EVENT_STAGE);
	ck_assert(event.direct);
	ck_assert_uint_eq(event.xid, 0x3903f326);
	ck_assert_uint_eq(event.user_class, 0x96bc);
	packet = pxe_packet(EAST);
	ck_assert(hook_core_answer(core, &packet, &edit));
	event = next_event(fd, EVENT_STAGE);
	ck_assert(!event.direct);
	ck_assert_uint_eq(event.user_class, 0);
	(void)close(fd);
}
END_TEST

static void
ask_as(const char *class_id, uint32_t addr, bool offer)
{
	struct hook_packet packet = pxe_packet(addr);
	struct hook_edit edit;
	packet.class_id =
	    (struct hook_bytes){(const uint8_t *)class_id, strlen(class_id)};
	packet.offer = offer;
	(void)hook_core_answer(core, &packet, &edit);
}

/* What was asked, in turn, and whether that makes known that the machine booted. The ACK that
 * ends each row shows that nothing else was told before it. */
static const struct {
	struct {
		const char *class_id;
		uint32_t addr;
		bool offer;
	} asked[4];
	bool booted;
} boots[] = {
    {{{"PXEClient", WEST, false}, {"MSFT 5.0", WEST, true}, {"MSFT 5.0", WEST, false}},
	true},
    {{{"PXEClient", WEST, false}, {"", WEST, false}}, true},
    {{{"PXEClient", WEST, true}, {"MSFT 5.0", WEST, true}}, false}, /* never ACKed */
    {{{"PXEClient", EAST, false}, {"MSFT 5.0", EAST, true}}, false},
    {{{"PXEClient", WEST, false}, {"HTTPClient:Arch:00016", WEST, true}}, false},
    {{{"MSFT 5.0", WEST, true}, {"MSFT 5.0", WEST, false}}, false},
};

START_TEST(a_machine_that_booted_is_told_once)
{
	int fd = listen_events();
	unsigned booted = 0;
	start_with_map();
	for (unsigned i = 0; i < 4 && boots[_i].asked[i].class_id != NULL; i++) {
		ask_as(boots[_i].asked[i].class_id, boots[_i].asked[i].addr,
		    boots[_i].asked[i].offer);
	}
	ask_as("PXEClient", NONE, false);
	struct event event = next_event(fd, EVENT_STAGE);
	while (event.what != EVENT_NOT_OURS) {
		booted += event.what == EVENT_BOOTED ? 1 : 0;
		ck_assert(event.has_mac);
		event = next_event(fd, EVENT_STAGE);
	}
	ck_assert_uint_eq(booted, boots[_i].booted ? 1 : 0);
	(void)close(fd);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *suite = suite_create("hook_core");
	TCase *tc = tcase_create("hook_core");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, a_place_names_the_farm);
	tcase_add_test(tc, device_over_subnet_id_over_prefix);
	tcase_add_test(tc, what_is_not_ours_is_counted_by_its_cause);
	tcase_add_test(tc, a_farm_without_a_server_is_not_ours);
	tcase_add_test(tc, all_clients_means_all);
	tcase_add_test(tc, a_device_without_a_file_is_named_once);
	tcase_add_test(tc, fill_only_leaves_what_kea_answered);
	tcase_add_test(tc, without_a_map_replies_stay_and_are_counted);
	tcase_add_test(tc, a_map_that_comes_later_is_taken_up);
	tcase_add_test(tc, a_wrong_parameter_makes_it_inert);
	tcase_add_test(tc, a_state_folder_that_refuses_us_only_costs_protection);
	tcase_add_test(tc, what_the_shim_met_is_counted);
	tcase_add_test(tc, status_says_what_is_in_force);
	tcase_add_loop_test(tc, status_and_explain_say_when_verdicts_are_frozen, 0,
	    UNIT_ROWS(watchers));
	tcase_add_loop_test(tc, explain_answers_or_says_why_not, 0, COUNT(questions));
	tcase_add_test(tc, each_answer_is_an_event);
	tcase_add_test(tc, an_event_tells_the_exchange);
	tcase_add_loop_test(tc, a_machine_that_booted_is_told_once, 0, COUNT(boots));
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
