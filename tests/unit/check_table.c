/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tests/unit/unit.h"

#include "tftp/ports.h"
#include "tftp/table.h"

static struct table *table;
static struct port port;

static void
setup(void)
{
	port = (struct port){.fd = -1};
	ck_assert_int_eq(table_new(4, 0, &table), 0);
}

static void
teardown(void)
{
	table_free(table);
	ck_assert_uint_eq(port.users, 0);
}

static struct table_key
key(unsigned i)
{
	return (struct table_key){
	    .peer = 0x0a000001 + i, .local = 0x0a0000fe, .peer_port = 2070};
}

/* A transfer that runs until deadline_ms. */
static struct transfer *
add(unsigned i, uint64_t deadline_ms)
{
	struct table_key at = key(i);
	struct transfer *transfer = table_add(table, &at, &port);
	if (transfer != NULL) {
		transfer->xfer.state = XFER_SENDING;
		transfer->xfer.deadline_ms = deadline_ms;
		table_arm(table, transfer, deadline_ms);
	}
	return transfer;
}

static struct transfer *
find(unsigned i)
{
	struct table_key at = key(i);
	return table_find(table, &at);
}

START_TEST(a_transfer_is_found_by_both_its_ends)
{
	struct transfer *transfer = add(0, 100);
	ck_assert_ptr_eq(find(0), transfer);
	struct table_key other = key(0);
	other.peer_port++;
	ck_assert_ptr_null(table_find(table, &other));
	other = key(0);
	other.local++;
	ck_assert_ptr_null(table_find(table, &other));
	table_remove(table, transfer);
	ck_assert_ptr_null(find(0));
	ck_assert(table_is_empty(table));
}
END_TEST

START_TEST(running_transfers_fill_it_and_ended_ones_give_way)
{
	struct transfer *transfers[4];
	for (unsigned i = 0; i < 4; i++) {
		transfers[i] = add(i, 100);
		ck_assert_ptr_nonnull(transfers[i]);
	}
	ck_assert_ptr_null(add(4, 100));
	table_end(table, transfers[2], 10);
	table_end(table, transfers[1], 20);
	ck_assert_uint_eq(table_running(table), 2);
	ck_assert_ptr_nonnull(find(2));
	ck_assert_ptr_nonnull(add(4, 100));
	ck_assert_ptr_null(find(2));
	ck_assert_ptr_nonnull(find(1));
	ck_assert_ptr_nonnull(add(5, 100));
	ck_assert_ptr_null(find(1));
	ck_assert_ptr_null(add(6, 100));
}
END_TEST

START_TEST(an_ended_transfer_lingers_and_goes)
{
	table_end(table, add(0, 100), 1000);
	ck_assert_ptr_null(table_due(table, 1000 + TABLE_LINGER_MS - 1));
	ck_assert_ptr_nonnull(find(0));
	ck_assert_ptr_null(table_due(table, 1000 + TABLE_LINGER_MS));
	ck_assert_ptr_null(find(0));
	ck_assert(table_is_empty(table));
}
END_TEST

START_TEST(a_deadline_that_moved_away_is_kept)
{
	struct transfer *transfer = add(0, 100);
	transfer->xfer.deadline_ms = 300;
	table_arm(table, transfer, 300);
	ck_assert_ptr_null(table_due(table, 299));
	ck_assert_ptr_eq(table_due(table, 300), transfer);
	ck_assert_ptr_null(table_due(table, 400));
}
END_TEST

START_TEST(a_deadline_that_came_nearer_is_kept)
{
	struct transfer *transfer = add(0, 1000);
	transfer->xfer.deadline_ms = 50;
	table_arm(table, transfer, 50);
	ck_assert_ptr_eq(table_due(table, 50), transfer);
}
END_TEST

START_TEST(ports_know_their_users)
{
	struct transfer *transfer = add(0, 100);
	(void)add(1, 100);
	ck_assert_uint_eq(port.users, 2);
	table_end(table, transfer, 10);
	ck_assert_uint_eq(port.users, 2);
	ck_assert_ptr_eq(table_due(table, 10000), find(1));
	ck_assert_ptr_null(table_due(table, 10000));
	ck_assert_uint_eq(port.users, 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("table");
	TCase *all = tcase_create("table");
	tcase_add_checked_fixture(all, setup, teardown);
	tcase_add_test(all, a_transfer_is_found_by_both_its_ends);
	tcase_add_test(all, running_transfers_fill_it_and_ended_ones_give_way);
	tcase_add_test(all, an_ended_transfer_lingers_and_goes);
	tcase_add_test(all, a_deadline_that_moved_away_is_kept);
	tcase_add_test(all, a_deadline_that_came_nearer_is_kept);
	tcase_add_test(all, ports_know_their_users);
	suite_add_tcase(suite, all);
	return unit_run(suite);
}
