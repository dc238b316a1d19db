/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */

/* The socket "events" as the watcher has it. */
#include "tests/unit/db_unit.h"

#include "lib/base/text.h"
#include "lib/net/evsend.h"
#include "watch/inbox.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { TAKEN_MAX = 512 };

static struct inbox *inbox;
static struct event taken[TAKEN_MAX];
static unsigned taken_count;

static void
take(void *ctx, const struct event *event)
{
	ck_assert_ptr_eq(ctx, taken);
	ck_assert_uint_lt(taken_count, TAKEN_MAX);
	taken[taken_count++] = *event;
}

static const char *
path(void)
{
	static char text[UNIT_PATH + 16];
	(void)snprintf(text, sizeof(text), "%s/events", scratch.state);
	return text;
}

static void
setup(void)
{
	scratch_setup();
	ck_assert_int_eq(mkdir(scratch.state, 0770), 0);
	ck_assert_int_eq(inbox_open(scratch.state, &inbox), 0);
}

static void
teardown(void)
{
	inbox_close(inbox);
	scratch_teardown();
}

/* One datagram, from a socket of no name. */
static void
send_bytes(const void *bytes, size_t len)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	(void)text_copy(to.sun_path, sizeof(to.sun_path), path());
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(
	    sendto(fd, bytes, len, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)),
	    (ssize_t)len);
	(void)close(fd);
}

static void
put_events(struct wr *w, unsigned count)
{
	struct event event = {.kind = EVENT_WANT_FILE, .program = EVENT_TFTP};
	(void)strcpy(event.farm, "east");
	for (unsigned i = 0; i < count; i++) {
		event.seq = i;
		event_encode(w, &event);
	}
	ck_assert_int_eq(w->err, 0);
}

static void
send_events(unsigned count)
{
	uint8_t bytes[EVENT_BATCH * EVENT_LEN];
	struct wr w = wr_init(bytes, sizeof(bytes));
	put_events(&w, count);
	send_bytes(bytes, wr_len(&w, bytes));
}

START_TEST(every_record_of_every_datagram_is_taken_in_order)
{
	send_events(3);
	send_events(EVENT_BATCH);
	ck_assert(!inbox_read(inbox, take, taken));
	ck_assert_uint_eq(taken_count, 3 + EVENT_BATCH);
	for (unsigned i = 0; i < taken_count; i++) {
		ck_assert_uint_eq(taken[i].seq, i < 3 ? i : i - 3);
		ck_assert_str_eq(taken[i].farm, "east");
	}
	ck_assert(!inbox_read(inbox, take, taken));
	ck_assert_uint_eq(inbox_malformed(inbox), 0);
}
END_TEST

START_TEST(others_have_their_turn_after_some_hundred_records)
{
	for (unsigned i = 0; i < 9; i++) {
		send_events(EVENT_BATCH);
	}
	ck_assert(inbox_read(inbox, take, taken));
	ck_assert_uint_eq(taken_count, 8 * EVENT_BATCH);
	ck_assert(!inbox_read(inbox, take, taken));
	ck_assert_uint_eq(taken_count, 9 * EVENT_BATCH);
}
END_TEST

START_TEST(a_bad_record_spoils_no_other)
{
	uint8_t bytes[3 * EVENT_LEN + 10];
	struct wr w = wr_init(bytes, sizeof(bytes));
	put_events(&w, 3);
	memset(bytes + EVENT_LEN, 0xff, EVENT_LEN);
	memset(bytes + 3 * EVENT_LEN, 0, 10);
	send_bytes(bytes, sizeof(bytes));
	ck_assert(!inbox_read(inbox, take, taken));
	ck_assert_uint_eq(taken_count, 2);
	ck_assert_uint_eq(taken[1].seq, 2);
	ck_assert_uint_eq(inbox_malformed(inbox), 2);
}
END_TEST

START_TEST(what_is_no_record_is_counted)
{
	static const uint8_t large[EVENT_BATCH * EVENT_LEN + 1];
	send_bytes("x", 1);
	send_bytes("", 0);
	send_bytes(large, sizeof(large));
	ck_assert(!inbox_read(inbox, take, taken));
	ck_assert_uint_eq(taken_count, 0);
	ck_assert_uint_eq(inbox_malformed(inbox), 1 + 1 + 1 + EVENT_BATCH);
}
END_TEST

static void
decode_datagram(const uint8_t *bytes, size_t len, void *ctx)
{
	(void)ctx;
	taken_count = 0;
	send_bytes(bytes, len);
	ck_assert(!inbox_read(inbox, take, taken));
}

START_TEST(no_datagram_harms)
{
	uint8_t bytes[EVENT_LEN];
	struct wr w = wr_init(bytes, sizeof(bytes));
	put_events(&w, 1);
	unit_sweep(decode_datagram, bytes, sizeof(bytes), NULL);
}
END_TEST

START_TEST(the_group_may_write_whatever_the_umask)
{
	struct stat st;
	inbox_close(inbox);
	(void)umask(077);
	ck_assert_int_eq(inbox_open(scratch.state, &inbox), 0);
	ck_assert_int_eq(stat(path(), &st), 0);
	ck_assert(S_ISSOCK(st.st_mode));
	ck_assert_uint_eq(st.st_mode & 07777, 0660);
}
END_TEST

START_TEST(the_socket_of_a_dead_watcher_gives_way)
{
	struct inbox *fresh;
	ck_assert(inbox_is_there(inbox));
	ck_assert_int_eq(inbox_open(scratch.state, &fresh), 0);
	ck_assert(!inbox_is_there(inbox));
	ck_assert(inbox_is_there(fresh));
	inbox_close(inbox); /* and leaves the other's name alone */
	inbox = fresh;
	ck_assert(inbox_is_there(inbox));
	send_events(1);
	ck_assert(!inbox_read(inbox, take, taken));
	ck_assert_uint_eq(taken_count, 1);
}
END_TEST

START_TEST(a_removed_name_is_noticed_and_a_closed_one_is_gone)
{
	struct stat st;
	ck_assert_int_eq(unlink(path()), 0);
	ck_assert(!inbox_is_there(inbox));
	inbox_close(inbox);
	ck_assert_int_eq(inbox_open(scratch.state, &inbox), 0);
	inbox_close(inbox);
	inbox = NULL;
	ck_assert_int_ne(stat(path(), &st), 0);
}
END_TEST

START_TEST(what_cannot_be_bound_is_told)
{
	struct inbox *other = NULL;
	char dir[200];
	memset(dir, 'x', sizeof(dir) - 1);
	dir[sizeof(dir) - 1] = '\0';
	ck_assert_int_eq(inbox_open(dir, &other), -ENAMETOOLONG);
	ck_assert_int_eq(inbox_open("/nonexistent", &other), -ENOENT);
	ck_assert_ptr_null(other);
}
END_TEST

START_TEST(senders_of_this_house_are_heard)
{
	struct evsend *sender;
	const struct event event = {.kind = EVENT_STAGE, .what = EVENT_ACKED};
	ck_assert_int_eq(evsend_new(scratch.state, EVENT_HOOK, &sender), 0);
	evsend_put(sender, &event);
	struct pollfd there = {.fd = inbox_fd(inbox), .events = POLLIN};
	ck_assert_int_eq(poll(&there, 1, 10000), 1);
	evsend_free(sender);
	ck_assert(!inbox_read(inbox, take, taken));
	ck_assert_uint_ge(taken_count, 1);
	ck_assert_int_eq(taken[0].kind, EVENT_STAGE);
	ck_assert_int_eq(taken[0].program, EVENT_HOOK);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("inbox");
	TCase *tc = tcase_create("inbox");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, every_record_of_every_datagram_is_taken_in_order);
	tcase_add_test(tc, others_have_their_turn_after_some_hundred_records);
	tcase_add_test(tc, a_bad_record_spoils_no_other);
	tcase_add_test(tc, what_is_no_record_is_counted);
	tcase_add_test(tc, no_datagram_harms);
	tcase_add_test(tc, the_group_may_write_whatever_the_umask);
	tcase_add_test(tc, the_socket_of_a_dead_watcher_gives_way);
	tcase_add_test(tc, a_removed_name_is_noticed_and_a_closed_one_is_gone);
	tcase_add_test(tc, what_cannot_be_bound_is_told);
	tcase_add_test(tc, senders_of_this_house_are_heard);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
