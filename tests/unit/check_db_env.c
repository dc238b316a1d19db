/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/codec.h"
#include "db/store.h"
#include "tests/unit/db_unit.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct scratch scratch;

static void
setup(void)
{
	scratch_init(&scratch);
	/* A child of these tests is nobody, and must get as far as the map. */
	ck_assert_int_eq(chmod(scratch.root, 0755), 0);
}

static void
teardown(void)
{
	scratch_done(&scratch);
}

static const char *
map_file(const char *name)
{
	static char path[UNIT_PATH + 16];
	(void)snprintf(path, sizeof(path), "%s/%s", scratch.map, name);
	return path;
}

static void
write_devices(unsigned count)
{
	struct db_write *w;
	ck_assert_int_eq(db_write_begin(scratch.map, &w), 0);
	for (unsigned i = 0; i < count; i++) {
		const struct db_device device = sample_device(i);
		ck_assert_int_eq(db_put_device(w, &device), 0);
	}
	ck_assert_int_eq(db_write_commit(w), 0);
}

/* What opening the map gives; what opens is closed again. */
static int
try_open(void)
{
	struct db_env *env = NULL;
	int ret = db_env_open(DB_MAP, scratch.map, 1, &env);
	ck_assert((ret == 0) == (env != NULL));
	db_env_close(env);
	return ret;
}

static unsigned
files_in_map(void)
{
	unsigned count = 0;
	DIR *d = opendir(scratch.map);
	ck_assert_ptr_nonnull(d);
	for (const struct dirent *e; (e = readdir(d)) != NULL;) {
		count += e->d_name[0] != '.';
	}
	(void)closedir(d);
	return count;
}

START_TEST(a_reader_creates_nothing)
{
	ck_assert_int_eq(try_open(), ERR_NOTFOUND);
	ck_assert_int_eq(access(scratch.map, F_OK), -1);
	ck_assert_int_eq(mkdir(scratch.map, 0770), 0);
	ck_assert_int_eq(try_open(), ERR_NOTFOUND);
	ck_assert_uint_eq(files_in_map(), 0);
	write_devices(1);
	ck_assert_int_eq(unlink(map_file("lock.mdb")), 0);
	ck_assert_int_eq(try_open(), ERR_NOTFOUND);
	ck_assert_uint_eq(files_in_map(), 1);
}
END_TEST

START_TEST(a_parent_that_is_missing_is_not_found)
{
	struct db_write *w;
	char dir[UNIT_PATH + 16];
	(void)snprintf(dir, sizeof(dir), "%s/no/map", scratch.root);
	ck_assert_int_eq(db_write_begin(dir, &w), ERR_NOTFOUND);
	ck_assert_int_eq(db_write_begin("/dev/null", &w), ERR_NOTFOUND);
}
END_TEST

static void
put_file(const char *name, const void *bytes, size_t len)
{
	FILE *file = fopen(map_file(name), "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
}

START_TEST(an_empty_file_is_no_database_and_becomes_one)
{
	ck_assert_int_eq(mkdir(scratch.map, 0770), 0);
	put_file("data.mdb", "", 0);
	put_file("lock.mdb", "", 0);
	ck_assert_int_eq(try_open(), ERR_NOTDB);
	write_devices(1);
	ck_assert_int_eq(try_open(), 0);
}
END_TEST

START_TEST(garbage_is_no_database_and_no_writer_touches_it)
{
	static char garbage[65536];
	static char after[sizeof(garbage)];
	struct db_write *w;
	memset(garbage, 0xa5, sizeof(garbage));
	ck_assert_int_eq(mkdir(scratch.map, 0770), 0);
	put_file("data.mdb", garbage, sizeof(garbage));
	put_file("lock.mdb", "", 0);
	ck_assert_int_eq(try_open(), ERR_NOTDB);
	ck_assert_int_eq(db_write_begin(scratch.map, &w), ERR_NOTDB);
	FILE *file = fopen(map_file("data.mdb"), "r");
	ck_assert_uint_eq(fread(after, 1, sizeof(after), file), sizeof(after));
	ck_assert_int_eq(fgetc(file), EOF);
	(void)fclose(file);
	ck_assert_mem_eq(after, garbage, sizeof(garbage));
}
END_TEST

START_TEST(what_is_no_file_is_no_database)
{
	ck_assert_int_eq(mkdir(scratch.map, 0770), 0);
	put_file("lock.mdb", "", 0);
	ck_assert_int_eq(mkfifo(map_file("data.mdb"), 0660), 0);
	ck_assert_int_eq(try_open(), ERR_NOTDB);
	ck_assert_int_eq(unlink(map_file("data.mdb")), 0);
	ck_assert_int_eq(symlink("/etc/passwd", map_file("data.mdb")), 0);
	ck_assert_int_eq(try_open(), ERR_NOTDB);
}
END_TEST

enum { PAGE = 4096 };

static void
poke(off_t offset, const void *bytes, size_t len)
{
	int fd = open(map_file("data.mdb"), O_WRONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, bytes, len, offset), (ssize_t)len);
	(void)close(fd);
}

START_TEST(either_meta_page_gone_is_no_database)
{
	static const uint8_t zeroes[PAGE];
	write_devices(1);
	poke(_i * PAGE, zeroes, PAGE);
	ck_assert_int_eq(try_open(), ERR_NOTDB);
}
END_TEST

START_TEST(a_page_size_that_cannot_be_is_no_database)
{
	static const uint32_t sizes[] = {0, 1, 0xffffffff};
	write_devices(1);
	poke(40, &sizes[_i], sizeof(sizes[0]));
	ck_assert_int_eq(try_open(), ERR_NOTDB);
}
END_TEST

START_TEST(another_file_version_of_lmdb_is_another_format)
{
	static const uint32_t version = 2;
	write_devices(1);
	poke(20, &version, sizeof(version));
	ck_assert_int_eq(try_open(), ERR_FORMAT);
}
END_TEST

/* The last page that the newer meta page knows of. */
static uint64_t
last_page(void)
{
	uint64_t last[2];
	uint64_t txn[2];
	int fd = open(map_file("data.mdb"), O_RDONLY);
	ck_assert_int_ge(fd, 0);
	for (unsigned i = 0; i < 2; i++) {
		ck_assert_int_eq(pread(fd, &last[i], 8, i * PAGE + 136), 8);
		ck_assert_int_eq(pread(fd, &txn[i], 8, i * PAGE + 144), 8);
	}
	(void)close(fd);
	return txn[1] > txn[0] ? last[1] : last[0];
}

static int
open_cut_to(off_t size)
{
	ck_assert_int_eq(truncate(map_file("data.mdb"), size), 0);
	return try_open();
}

START_TEST(a_file_that_was_cut_off_is_refused_before_it_is_mapped)
{
	write_devices(1000);
	off_t used = ((off_t)last_page() + 1) * PAGE;
	ck_assert_int_gt(used, 10 * PAGE);
	ck_assert_int_eq(open_cut_to(used), 0);
	ck_assert_int_eq(open_cut_to(used - 1), ERR_NOTDB);
	ck_assert_int_eq(open_cut_to(used - PAGE), ERR_NOTDB);
	ck_assert_int_eq(open_cut_to(2 * PAGE), ERR_NOTDB);
	ck_assert_int_eq(open_cut_to(2 * PAGE - 1), ERR_NOTDB);
	ck_assert_int_eq(open_cut_to(PAGE), ERR_NOTDB);
	ck_assert_int_eq(open_cut_to(100), ERR_NOTDB);
	ck_assert_int_eq(open_cut_to(1), ERR_NOTDB);
}
END_TEST

/* LMDB leaves pages unwritten that a transaction takes and gives up again; without the
 * extension such a file would be shorter than its own last page. */
START_TEST(a_transaction_that_shrinks_leaves_a_sound_file)
{
	struct db_write *w;
	ck_assert_int_eq(db_write_begin(scratch.map, &w), 0);
	for (unsigned i = 0; i < 2000; i++) {
		const struct db_device device = sample_device(i);
		ck_assert_int_eq(db_put_device(w, &device), 0);
	}
	for (unsigned i = 1; i < 2000; i++) {
		const struct db_device device = sample_device(i);
		ck_assert_int_eq(db_del_device(w, &device.mac), 0);
	}
	ck_assert_int_eq(db_write_commit(w), 0);
	ck_assert_int_eq(try_open(), 0);
}
END_TEST

START_TEST(nothing_committed_is_empty)
{
	struct db_write *w;
	ck_assert_int_eq(db_write_begin(scratch.map, &w), 0);
	ck_assert(db_write_is_new(w));
	db_write_abort(w);
	ck_assert_int_eq(try_open(), ERR_EMPTY);
	ck_assert_int_eq(db_write_begin(scratch.map, &w), 0);
	ck_assert(db_write_is_new(w));
	db_write_abort(w);
}
END_TEST

/* Puts a record as it could come from another version of ours. */
static void
put_raw(enum key_kind kind, const uint8_t *fields, size_t len)
{
	struct db_env *env;
	struct key key;
	uint8_t bytes[256];
	bool is_new;
	struct wr w = value_begin(bytes, sizeof(bytes));
	wr_bytes(&w, fields, len);
	ck_assert_int_eq(env_open_writer(DB_MAP, scratch.map, &env), 0);
	ck_assert_int_eq(env_write_begin(env, &is_new), 0);
	key_single(kind, &key);
	ck_assert_int_eq(store_put(&env->reader[0], &key, bytes, &w), 0);
	ck_assert_int_eq(env_write_commit(env), 0);
	db_env_close(env);
}

static void
put_format(uint8_t kind, uint16_t major, uint16_t minor)
{
	uint8_t fields[64];
	struct wr w = wr_init(fields, sizeof(fields));
	const struct codec_format format = {kind, major, minor};
	codec_put_format(&w, &format);
	field_put_be32(&w, 99, 1);
	put_raw(KEY_FORMAT, fields, wr_len(&w, fields));
}

START_TEST(another_major_is_refused_by_readers_and_writers)
{
	struct db_write *w;
	write_devices(1);
	put_format(DB_MAP, DB_FORMAT_MAJOR + 1, 0);
	ck_assert_int_eq(try_open(), ERR_FORMAT);
	ck_assert_int_eq(db_write_begin(scratch.map, &w), ERR_FORMAT);
}
END_TEST

START_TEST(a_newer_minor_with_fields_unknown_to_us_is_taken)
{
	struct db_info info;
	uint8_t fields[128];
	struct db_info newer = {.revision = 9, .devices = 1};
	write_devices(1);
	put_format(DB_MAP, DB_FORMAT_MAJOR, DB_FORMAT_MINOR + 7);
	struct wr w = wr_init(fields, sizeof(fields));
	field_put_text(&w, 120, "unknown to us");
	codec_put_info(&w, &newer);
	put_raw(KEY_INFO, fields, wr_len(&w, fields));
	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_map_info(&snap, &info), 0);
	ck_assert_uint_eq(info.format_minor, DB_FORMAT_MINOR + 7);
	ck_assert_uint_eq(info.revision, 9);
	snapshot_end(&snap);
	write_devices(2);
	snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_map_info(&snap, &info), 0);
	ck_assert_uint_eq(info.format_minor, DB_FORMAT_MINOR + 7);
	ck_assert_uint_eq(info.revision, 10);
	snapshot_end(&snap);
}
END_TEST

START_TEST(a_state_is_not_a_map)
{
	struct db_state *state;
	struct db_env *env;
	struct db_write *w;
	ck_assert_int_eq(db_state_open(scratch.state, &state), 0);
	db_state_close(state);
	ck_assert_int_eq(db_env_open(DB_MAP, scratch.state, 1, &env), ERR_FORMAT);
	ck_assert_int_eq(db_write_begin(scratch.state, &w), ERR_FORMAT);
	ck_assert_int_eq(db_env_open(DB_STATE, scratch.state, 1, &env), 0);
	db_env_close(env);
}
END_TEST

START_TEST(a_database_of_another_program_is_refused)
{
	struct db_env *env;
	struct db_write *w;
	struct key key;
	bool is_new;
	write_devices(1);
	ck_assert_int_eq(env_open_writer(DB_MAP, scratch.map, &env), 0);
	ck_assert_int_eq(env_write_begin(env, &is_new), 0);
	key_single(KEY_FORMAT, &key);
	ck_assert_int_eq(store_del(&env->reader[0], &key), 0);
	ck_assert_int_eq(env_write_commit(env), 0);
	db_env_close(env);
	ck_assert_int_eq(try_open(), ERR_NOTDB);
	ck_assert_int_eq(db_write_begin(scratch.map, &w), ERR_NOTDB);
}
END_TEST

/* Where text stands in data.mdb last. */
static off_t
find_in_data(const char *text)
{
	static char bytes[256 * PAGE];
	FILE *file = fopen(map_file("data.mdb"), "r");
	size_t len = fread(bytes, 1, sizeof(bytes), file);
	off_t found = -1;
	(void)fclose(file);
	for (size_t i = 0; i + strlen(text) <= len; i++) {
		if (memcmp(bytes + i, text, strlen(text)) == 0) {
			found = (off_t)i;
		}
	}
	ck_assert_int_ge(found, 0);
	return found;
}

struct bad {
	unsigned count;
	uint8_t kind;
	int err;
};

static int
note_bad(void *ctx, const uint8_t *key, size_t key_len, int err)
{
	struct bad *bad = ctx;
	ck_assert_uint_gt(key_len, 0);
	bad->count++;
	bad->kind = key[0];
	bad->err = err;
	return 0;
}

START_TEST(a_damaged_value_is_reported_and_harms_no_other)
{
	struct db_device device = sample_device(1);
	struct db_device got;
	struct bad bad = {0};
	uint64_t records;
	struct db_write *w;
	(void)snprintf(device.note, sizeof(device.note), "to be damaged");
	ck_assert_int_eq(db_write_begin(scratch.map, &w), 0);
	ck_assert_int_eq(db_put_device(w, &device), 0);
	const struct db_device other = sample_device(2);
	ck_assert_int_eq(db_put_device(w, &other), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
	poke(find_in_data("to be damaged"), "T", 1);

	struct db_snapshot snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_source.device(&snap, &device.mac, &got), ERR_CHECKSUM);
	ck_assert_int_eq(db_source.device(&snap, &other.mac, &got), 0);
	ck_assert_int_eq(db_verify(snap.map, 0, note_bad, &bad, &records), 0);
	ck_assert_uint_eq(bad.count, 1);
	ck_assert_uint_eq(bad.kind, KEY_DEVICE);
	ck_assert_int_eq(bad.err, ERR_CHECKSUM);
	ck_assert_uint_eq(records, 4);
	snapshot_end(&snap);

	/* Deleting or replacing it heals the map. */
	ck_assert_int_eq(db_write_begin(scratch.map, &w), 0);
	ck_assert_int_eq(db_put_device(w, &device), 0);
	ck_assert_int_eq(db_write_commit(w), 0);
	snap = snapshot_begin(scratch.map);
	ck_assert_int_eq(db_source.device(&snap, &device.mac, &got), 0);
	snapshot_end(&snap);
}
END_TEST

START_TEST(one_database_is_open_once_in_a_process)
{
	struct db_env *env;
	struct db_env *again;
	struct db_write *w;
	char alias[UNIT_PATH];
	write_devices(1);
	(void)snprintf(alias, sizeof(alias), "%s/alias", scratch.root);
	ck_assert_int_eq(symlink(scratch.map, alias), 0);
	ck_assert_int_eq(db_env_open(DB_MAP, scratch.map, 1, &env), 0);
	ck_assert_int_eq(db_env_open(DB_MAP, scratch.map, 1, &again), ERR_EXISTS);
	ck_assert_int_eq(db_env_open(DB_MAP, alias, 1, &again), ERR_EXISTS);
	ck_assert_int_eq(db_write_begin(scratch.map, &w), ERR_EXISTS);
	ck_assert_int_eq(db_reader_begin(env, 0), 0);
	db_reader_end(env, 0);
	db_env_close(env);
	ck_assert_int_eq(try_open(), 0);
	ck_assert_int_eq(unlink(alias), 0);
}
END_TEST

START_TEST(each_reader_has_its_own_snapshot)
{
	struct db_env *env;
	write_devices(1);
	ck_assert_int_eq(db_env_open(DB_MAP, scratch.map, 0, &env), ERR_RANGE);
	ck_assert_int_eq(db_env_open(DB_MAP, scratch.map, 257, &env), ERR_RANGE);
	ck_assert_int_eq(db_env_open(DB_MAP, scratch.map, 256, &env), 0);
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 256; i++) {
			ck_assert_int_eq(db_reader_begin(env, i), 0);
		}
		for (unsigned i = 0; i < 256; i++) {
			struct db_info info;
			const struct db_snapshot snap = {.map = env, .i = i};
			ck_assert_int_eq(db_map_info(&snap, &info), 0);
			db_reader_end(env, i);
		}
	}
	db_env_close(env);
}
END_TEST

START_TEST(a_removed_folder_is_orphaned_and_still_read)
{
	struct db_env *env;
	struct db_device got;
	const struct db_device device = sample_device(0);
	char moved[UNIT_PATH];
	write_devices(1);
	(void)snprintf(moved, sizeof(moved), "%s/moved", scratch.root);
	ck_assert_int_eq(db_env_open(DB_MAP, scratch.map, 1, &env), 0);
	struct db_snapshot snap = {.map = env};
	ck_assert_int_eq(db_env_check(env), DB_ENV_SAME);
	ck_assert_int_eq(rename(scratch.map, moved), 0);
	ck_assert_int_eq(db_env_check(env), DB_ENV_ORPHANED);
	ck_assert_int_eq(mkdir(scratch.map, 0770), 0);
	ck_assert_int_eq(db_env_check(env), DB_ENV_ORPHANED);
	scratch_remove(moved);
	ck_assert_int_eq(db_reader_begin(env, 0), 0);
	ck_assert_int_eq(db_source.device(&snap, &device.mac, &got), 0);
	db_reader_end(env, 0);

	write_devices(2);
	ck_assert_int_eq(db_env_check(env), DB_ENV_REPLACED);
	struct db_env *fresh;
	ck_assert_int_eq(db_env_open(DB_MAP, scratch.map, 1, &fresh), 0);
	ck_assert_int_eq(db_env_check(fresh), DB_ENV_SAME);
	db_env_close(env);
	db_env_close(fresh);
}
END_TEST

static mode_t
mode_of(const char *path)
{
	struct stat st;
	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_mode & 07777;
}

START_TEST(modes_do_not_depend_on_the_umask)
{
	static const mode_t umasks[] = {077, 022, 0};
	mode_t before = umask(umasks[_i]);
	write_devices(1);
	(void)umask(before);
	ck_assert_int_eq(mode_of(scratch.map), 02770);
	ck_assert_int_eq(mode_of(map_file("data.mdb")), 0660);
	ck_assert_int_eq(mode_of(map_file("lock.mdb")), 0660);
}
END_TEST

START_TEST(a_file_with_content_keeps_its_mode)
{
	write_devices(1);
	ck_assert_int_eq(chmod(map_file("data.mdb"), 0600), 0);
	write_devices(1);
	ck_assert_int_eq(mode_of(map_file("data.mdb")), 0600);
}
END_TEST

/* Runs body in a child that may change itself, and gives what it returns. An error code of ours
 * fits no exit status: the child tells whether it met the one wanted. */
static bool
child_opens_with(void (*become)(void), int want)
{
	pid_t pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		struct db_env *env;
		become();
		_exit(db_env_open(DB_MAP, scratch.map, 1, &env) == want ? 0 : 1);
	}
	int status;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) <= 1,
	    "the child could not become what the test needs: %d", status);
	return WEXITSTATUS(status) == 0;
}

/* Ends the child with a status that fails the test, unless it holds. */
static void
child_needs(bool holds)
{
	if (!holds) {
		_exit(2);
	}
}

static void
become_nobody(void)
{
	if (geteuid() == 0) {
		child_needs(setgroups(0, NULL) == 0);
		child_needs(setresgid(65534, 65534, 65534) == 0);
		child_needs(setresuid(65534, 65534, 65534) == 0);
	}
	child_needs(geteuid() != 0);
}

START_TEST(modes_that_refuse_us_are_told_from_an_absent_map)
{
	write_devices(1);
	ck_assert_int_eq(chmod(scratch.map, 0755), 0);
	ck_assert_int_eq(chmod(map_file("data.mdb"), 0444), 0);
	ck_assert_int_eq(chmod(map_file("lock.mdb"), 0666), 0);
	ck_assert(child_opens_with(become_nobody, 0));
	ck_assert_int_eq(chmod(map_file("lock.mdb"), 0444), 0);
	ck_assert(child_opens_with(become_nobody, ERR_ACCESS));
	ck_assert_int_eq(chmod(map_file("lock.mdb"), 0666), 0);
	ck_assert_int_eq(chmod(map_file("data.mdb"), 0), 0);
	ck_assert(child_opens_with(become_nobody, ERR_ACCESS));
	ck_assert_int_eq(chmod(map_file("data.mdb"), 0444), 0);
	ck_assert_int_eq(chmod(scratch.map, 0), 0);
	ck_assert(child_opens_with(become_nobody, ERR_ACCESS));
	ck_assert_int_eq(chmod(scratch.map, 0700), 0);
}
END_TEST

/* LMDB alone would open such a mount without locks, and read what a writer is reusing. */
static void
become_read_only(void)
{
	int flags = CLONE_NEWNS | (geteuid() == 0 ? 0 : CLONE_NEWUSER);
	child_needs(unshare(flags) == 0);
	child_needs(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	child_needs(mount(scratch.map, scratch.map, NULL, MS_BIND, NULL) == 0);
	child_needs(
	    mount(NULL, scratch.map, NULL,
		MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) == 0);
}

START_TEST(a_read_only_mount_is_refused)
{
	write_devices(1);
	ck_assert(child_opens_with(become_read_only, ERR_READONLY));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("db_env");
	TCase *tc = tcase_create("env");
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_reader_creates_nothing);
	tcase_add_test(tc, a_parent_that_is_missing_is_not_found);
	tcase_add_test(tc, an_empty_file_is_no_database_and_becomes_one);
	tcase_add_test(tc, garbage_is_no_database_and_no_writer_touches_it);
	tcase_add_test(tc, what_is_no_file_is_no_database);
	tcase_add_loop_test(tc, either_meta_page_gone_is_no_database, 0, 2);
	tcase_add_loop_test(tc, a_page_size_that_cannot_be_is_no_database, 0, 3);
	tcase_add_test(tc, another_file_version_of_lmdb_is_another_format);
	tcase_add_test(tc, a_file_that_was_cut_off_is_refused_before_it_is_mapped);
	tcase_add_test(tc, a_transaction_that_shrinks_leaves_a_sound_file);
	tcase_add_test(tc, nothing_committed_is_empty);
	tcase_add_test(tc, another_major_is_refused_by_readers_and_writers);
	tcase_add_test(tc, a_newer_minor_with_fields_unknown_to_us_is_taken);
	tcase_add_test(tc, a_state_is_not_a_map);
	tcase_add_test(tc, a_database_of_another_program_is_refused);
	tcase_add_test(tc, a_damaged_value_is_reported_and_harms_no_other);
	tcase_add_test(tc, one_database_is_open_once_in_a_process);
	tcase_add_test(tc, each_reader_has_its_own_snapshot);
	tcase_add_test(tc, a_removed_folder_is_orphaned_and_still_read);
	tcase_add_loop_test(tc, modes_do_not_depend_on_the_umask, 0, 3);
	tcase_add_test(tc, a_file_with_content_keeps_its_mode);
	tcase_add_test(tc, modes_that_refuse_us_are_told_from_an_absent_map);
	tcase_add_test(tc, a_read_only_mount_is_refused);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
