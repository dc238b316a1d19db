/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tests/unit/db_unit.h"

#include <signal.h>
#include <sys/wait.h>

/* Several processes on one database. Children are forked before the test opens it, for an LMDB
 * environment does not outlive fork(); each tells through a pipe how far it has come. */

struct child {
	pid_t pid;
	int from; /* what the child says */
	int to;   /* what it waits for */
};

/* The child's ends of the pipes. */
struct parent {
	int from;
	int to;
};

static void
child_start(struct child *ret, void (*body)(const struct parent *parent))
{
	int up[2];
	int down[2];
	ck_assert_int_eq(pipe(up), 0);
	ck_assert_int_eq(pipe(down), 0);
	ret->pid = fork();
	ck_assert_int_ge(ret->pid, 0);
	if (ret->pid == 0) {
		const struct parent parent = {.from = down[0], .to = up[1]};
		(void)close(up[0]);
		(void)close(down[1]);
		body(&parent);
		_exit(0);
	}
	(void)close(up[1]);
	(void)close(down[0]);
	ret->from = up[0];
	ret->to = down[1];
}

/* In the child: a failure is an exit status that the test sees. */
static void
must(bool holds)
{
	if (!holds) {
		_exit(1);
	}
}

static void
say(const struct parent *parent)
{
	must(write(parent->to, "x", 1) == 1);
}

static void
wait_for_word(const struct parent *parent)
{
	char c;
	must(read(parent->from, &c, 1) == 1);
}

/* In the test: waits until the child has said count words; false when it ended before. */
static bool
child_heard(const struct child *child, unsigned count)
{
	char c;
	for (unsigned i = 0; i < count; i++) {
		if (read(child->from, &c, 1) != 1) {
			return false;
		}
	}
	return true;
}

static void
child_tell(const struct child *child)
{
	ck_assert_int_eq(write(child->to, "x", 1), 1);
}

static int
child_end(struct child *child)
{
	int status;
	(void)close(child->to);
	ck_assert_int_eq(waitpid(child->pid, &status, 0), child->pid);
	(void)close(child->from);
	return status;
}

static void
child_kill(struct child *child)
{
	ck_assert_int_eq(kill(child->pid, SIGKILL), 0);
	ck_assert(WIFSIGNALED(child_end(child)));
}

/* Devices 0..count - 1, each with the same note. */
static int
put_generation(struct db_write *w, unsigned count, unsigned generation)
{
	int ret = 0;
	for (unsigned i = 0; i < count && ret == 0; i++) {
		struct db_device device = sample_device(i);
		(void)snprintf(device.note, sizeof(device.note), "%u", generation);
		ret = db_put_device(w, &device);
	}
	return ret;
}

static void
write_generation(unsigned count, unsigned generation)
{
	struct db_write *w;
	ck_assert_int_eq(db_write_begin(scratch.map, &w), 0);
	ck_assert_int_eq(put_generation(w, count, generation), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
}

static const char *
note_of(struct db_snapshot *snap, unsigned number)
{
	static struct db_device got;
	const struct db_device device = sample_device(number);
	ck_assert_int_eq(db_source.device(snap, &device.mac, &got), 0);
	return got.note;
}

static void
write_when_told(const struct parent *parent)
{
	struct db_write *w;
	wait_for_word(parent);
	must(db_write_begin(scratch.map, &w) == 0);
	must(put_generation(w, 10, 2) == 0);
	say(parent);
	wait_for_word(parent);
	must(db_write_commit(w) == 0);
	say(parent);
}

START_TEST(a_reader_keeps_its_snapshot_while_another_process_writes)
{
	struct child child;
	child_start(&child, write_when_told);
	write_generation(10, 1);
	struct db_snapshot snap = snapshot_begin(scratch.map);
	child_tell(&child);
	ck_assert(child_heard(&child, 1));
	ck_assert_str_eq(note_of(&snap, 3), "1");
	child_tell(&child);
	ck_assert(child_heard(&child, 1));
	ck_assert_str_eq(note_of(&snap, 3), "1");
	db_reader_end(snap.map, 0);
	ck_assert_int_eq(db_reader_begin(snap.map, 0), 0);
	ck_assert_str_eq(note_of(&snap, 3), "2");
	snapshot_end(&snap);
	ck_assert_int_eq(child_end(&child), 0);
}
END_TEST

enum { KILLED_DEVICES = 20 };

/* Writes generation after generation, saying a word after each step, commits included. */
static void
write_for_ever(const struct parent *parent)
{
	for (unsigned generation = 2;; generation++) {
		struct db_write *w;
		must(db_write_begin(scratch.map, &w) == 0);
		say(parent);
		for (unsigned count = 1; count <= KILLED_DEVICES; count++) {
			must(put_generation(w, count, generation) == 0);
			say(parent);
		}
		must(db_write_commit(w) == 0);
		say(parent);
	}
}

static int
no_bad_record(void *ctx, const uint8_t *key, size_t key_len, int err)
{
	(void)ctx;
	(void)key_len;
	ck_abort_msg("record of kind %02x: %s", key[0], err_str(err));
}

/* That the map is of one generation, whole, and has the digest that it says. */
static void
assert_sound(void)
{
	struct db_info info;
	uint8_t digest[DB_DIGEST_LEN];
	uint64_t devices;
	uint64_t records;
	char note[DB_NOTE_MAX + 1];
	struct db_snapshot snap = snapshot_begin(scratch.map);
	(void)snprintf(note, sizeof(note), "%s", note_of(&snap, 0));
	for (unsigned i = 1; i < KILLED_DEVICES; i++) {
		ck_assert_str_eq(note_of(&snap, i), note);
	}
	ck_assert_int_eq(db_map_info(&snap, &info), 0);
	ck_assert_int_eq(db_export_digest(&snap, digest, &devices), 0);
	ck_assert_mem_eq(digest, info.digest, sizeof(digest));
	ck_assert_uint_eq(devices, KILLED_DEVICES);
	ck_assert_int_eq(db_verify(snap.map, 0, no_bad_record, NULL, &records), 0);
	snapshot_end(&snap);
}

START_TEST(a_killed_writer_leaves_the_old_map_and_no_lock)
{
	/* 22 words a generation: each kill falls behind another word, the commit among them. */
	for (unsigned words = 1; words <= 44; words++) {
		struct child child;
		write_generation(KILLED_DEVICES, 1);
		child_start(&child, write_for_ever);
		ck_assert(child_heard(&child, words));
		child_kill(&child);
		assert_sound();
	}
	write_generation(KILLED_DEVICES, 0);
	assert_sound();
}
END_TEST

static void
create_for_ever(const struct parent *parent)
{
	for (;;) {
		struct db_write *w;
		say(parent);
		must(db_write_begin(scratch.map, &w) == 0);
		must(put_generation(w, KILLED_DEVICES, 1) == 0);
		must(db_write_commit(w) == 0);
		scratch_remove(scratch.map);
	}
}

START_TEST(a_writer_killed_while_it_creates_leaves_what_the_next_can_use)
{
	for (unsigned words = 1; words <= 30; words++) {
		struct child child;
		child_start(&child, create_for_ever);
		ck_assert(child_heard(&child, words));
		child_kill(&child);
		write_generation(KILLED_DEVICES, 1);
		assert_sound();
		scratch_remove(scratch.map);
	}
}
END_TEST

static void
stop_inside(const struct parent *parent)
{
	struct db_write *w;
	wait_for_word(parent);
	must(db_write_begin(scratch.map, &w) == 0);
	must(put_generation(w, 10, 2) == 0);
	must(raise(SIGSTOP) == 0);
	must(db_write_commit(w) == 0);
}

/* Blocking would show as the test's own time limit. */
START_TEST(a_writer_stopped_inside_its_transaction_stops_no_reader)
{
	struct child child;
	struct db_env *late;
	int status;
	child_start(&child, stop_inside);
	write_generation(10, 1);
	struct db_snapshot snap = snapshot_begin(scratch.map);
	child_tell(&child);
	ck_assert_int_eq(waitpid(child.pid, &status, WUNTRACED), child.pid);
	ck_assert(WIFSTOPPED(status));
	for (unsigned i = 0; i < 1000; i++) {
		ck_assert_str_eq(note_of(&snap, i % 10), "1");
		db_reader_end(snap.map, 0);
		ck_assert_int_eq(db_reader_begin(snap.map, 0), 0);
	}
	snapshot_end(&snap);
	ck_assert_int_eq(db_env_open(DB_MAP, scratch.map, 1, &late), 0);
	db_env_close(late);
	ck_assert_int_eq(kill(child.pid, SIGCONT), 0);
	ck_assert_int_eq(child_end(&child), 0);
	snap = snapshot_begin(scratch.map);
	ck_assert_str_eq(note_of(&snap, 3), "2");
	snapshot_end(&snap);
}
END_TEST

static void
take_slots(const struct parent *parent)
{
	struct db_env *env;
	must(db_env_open(DB_MAP, scratch.map, 256, &env) == 0);
	say(parent);
	wait_for_word(parent);
}

START_TEST(slots_of_a_killed_reader_are_taken_back)
{
	struct child first;
	struct child second;
	struct db_env *env = NULL;
	write_generation(1, 1);
	child_start(&first, take_slots);
	child_start(&second, take_slots);
	ck_assert(child_heard(&first, 1));
	ck_assert(child_heard(&second, 1));
	ck_assert_int_eq(db_env_open(DB_MAP, scratch.map, 1, &env), ERR_BUSY);
	child_kill(&first);
	ck_assert_int_eq(db_env_open(DB_MAP, scratch.map, 1, &env), 0);
	db_env_close(env);
	child_tell(&second);
	ck_assert_int_eq(child_end(&second), 0);
}
END_TEST

enum { KILLED_ACCOUNTS = 20 };

static struct db_verdict_key
account_key(unsigned i)
{
	return (struct db_verdict_key){DB_ROLE_TFTP, "east", i, "ARDBP32.BIN"};
}

/* A commit a generation: every account, and the heartbeat. A word behind each step. */
static void
watch_for_ever(const struct parent *parent)
{
	struct db_state *state;
	must(db_state_open(scratch.state, &state) == 0);
	for (uint64_t generation = 1;; generation++) {
		const struct db_health health = {
		    .verdict = generation % 2 == 0 ? DB_VERDICT_UP : DB_VERDICT_DOWN,
		    .probes = generation};
		const struct db_heartbeat heartbeat = {.revision = generation};
		must(db_state_begin(state) == 0);
		for (unsigned i = 0; i < KILLED_ACCOUNTS; i++) {
			const struct db_verdict_key key = account_key(i);
			must(db_state_put_health(state, &key, &health) == 0);
			say(parent);
		}
		must(db_state_put_heartbeat(state, &heartbeat) == 0);
		must(db_state_commit(state) == 0);
		say(parent);
	}
}

/* That the state is of one generation, whole; returns it. */
static uint64_t
state_generation(void)
{
	struct db_snapshot snap = {0};
	struct db_heartbeat heartbeat;
	uint64_t records;
	ck_assert_int_eq(db_env_open(DB_STATE, scratch.state, 1, &snap.state), 0);
	ck_assert_int_eq(db_reader_begin(snap.state, 0), 0);
	ck_assert_int_eq(db_state_heartbeat(&snap, &heartbeat), 0);
	for (unsigned i = 0; i < KILLED_ACCOUNTS; i++) {
		const struct db_verdict_key key = account_key(i);
		struct db_health health;
		enum db_verdict verdict;
		ck_assert_int_eq(db_state_health(&snap, &key, &health), 0);
		ck_assert_uint_eq(health.probes, heartbeat.revision);
		ck_assert_int_eq(db_source.verdict(&snap, &key, &verdict), 0);
		ck_assert_int_eq(verdict, health.verdict);
	}
	ck_assert_int_eq(db_verify(snap.state, 0, no_bad_record, NULL, &records), 0);
	ck_assert_uint_eq(records, 2 * KILLED_ACCOUNTS + 2);
	db_reader_end(snap.state, 0);
	db_env_close(snap.state);
	return heartbeat.revision;
}

START_TEST(a_reader_of_the_state_sees_whole_commits_only)
{
	enum { LOOKS = 500 };
	uint64_t seen = 0;
	struct child child;
	child_start(&child, watch_for_ever);
	ck_assert(child_heard(&child, KILLED_ACCOUNTS + 1));
	for (unsigned look = 0; look < LOOKS; look++) {
		uint64_t generation = state_generation();
		ck_assert_uint_ge(generation, seen);
		seen = generation;
		ck_assert(child_heard(&child, 5));
	}
	ck_assert_uint_gt(seen, LOOKS * 5 / (KILLED_ACCOUNTS + 1) / 2);
	child_kill(&child);
}
END_TEST

START_TEST(a_killed_watcher_leaves_its_last_commit)
{
	enum { WORDS = KILLED_ACCOUNTS + 1 };
	for (unsigned words = WORDS; words <= 3 * WORDS; words++) {
		struct child child;
		child_start(&child, watch_for_ever);
		ck_assert(child_heard(&child, words));
		child_kill(&child);
		ck_assert_uint_ge(state_generation(), words / WORDS);
	}
}
END_TEST

START_TEST(a_full_state_keeps_what_it_had)
{
	struct db_state *state;
	struct db_env *env;
	enum { ENTRIES = 50000 };
	static struct db_verdict_entry entries[ENTRIES];
	const struct db_verdict_entry one = {
	    {DB_ROLE_TFTP, "east", 1, "ARDBP32.BIN"}, DB_VERDICT_UP};
	int ret = 0;
	ck_assert_int_eq(db_state_open(scratch.state, &state), 0);
	ck_assert_int_eq(db_state_put(state, &one, 1), 0);
	for (unsigned batch = 0; batch < 100 && ret == 0; batch++) {
		for (unsigned i = 0; i < ENTRIES; i++) {
			entries[i] = one;
			entries[i].key.addr = 2 + batch * ENTRIES + i;
		}
		ret = db_state_put(state, entries, ENTRIES);
	}
	ck_assert_int_eq(ret, ERR_FULL);
	const struct db_verdict_entry down = {
	    {DB_ROLE_TFTP, "east", 1, "ARDBP32.BIN"}, DB_VERDICT_DOWN};
	ck_assert_int_eq(db_state_put(state, &down, 1), 0);
	db_state_close(state);

	enum db_verdict got;
	ck_assert_int_eq(db_env_open(DB_STATE, scratch.state, 1, &env), 0);
	ck_assert_int_eq(db_reader_begin(env, 0), 0);
	struct db_snapshot snap = {.map = env, .state = env};
	ck_assert_int_eq(db_source.verdict(&snap, &down.key, &got), 0);
	ck_assert_int_eq(got, DB_VERDICT_DOWN);
	const struct db_verdict_key kept = {DB_ROLE_TFTP, "east", 2, "ARDBP32.BIN"};
	ck_assert_int_eq(db_source.verdict(&snap, &kept, &got), 0);
	db_reader_end(env, 0);
	db_env_close(env);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("db_process");
	TCase *tc = tcase_create("process");
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, scratch_setup, scratch_teardown);
	tcase_add_test(tc, a_reader_keeps_its_snapshot_while_another_process_writes);
	tcase_add_test(tc, a_killed_writer_leaves_the_old_map_and_no_lock);
	tcase_add_test(
	    tc, a_writer_killed_while_it_creates_leaves_what_the_next_can_use);
	tcase_add_test(tc, a_writer_stopped_inside_its_transaction_stops_no_reader);
	tcase_add_test(tc, slots_of_a_killed_reader_are_taken_back);
	tcase_add_test(tc, a_reader_of_the_state_sees_whole_commits_only);
	tcase_add_test(tc, a_killed_watcher_leaves_its_last_commit);
	tcase_add_test(tc, a_full_state_keeps_what_it_had);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
