/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/ledger.h"

#include "lib/base/err.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/own/own.h"
#include "watch/account.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_NAME "watch.lock"
enum { PID_TEXT = 16 };

struct ledger {
	const char *dir;
	struct db_state *state; /* or NULL */
	int lock_fd;            /* locked, or -1 */
	uint32_t holder;        /* who else has the lock */
};

int
ledger_new(const char *dir, struct ledger **ret)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));
	if (ledger == NULL) {
		return -ENOMEM;
	}
	ledger->dir = dir;
	ledger->lock_fd = -1;
	*ret = ledger;
	return 0;
}

static void
close_state(struct ledger *ledger)
{
	db_state_close(ledger->state);
	ledger->state = NULL;
	if (ledger->lock_fd >= 0) {
		(void)close(ledger->lock_fd);
		ledger->lock_fd = -1;
	}
}

void
ledger_free(struct ledger *ledger)
{
	if (ledger != NULL) {
		close_state(ledger);
		free(ledger);
	}
}

/* ---- the lock */

/* The file tells a second watcher who the first is, if it can. */
static void
write_pid(int fd)
{
	char text[PID_TEXT];
	int len = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	ssize_t put = ftruncate(fd, 0) == 0 ? pwrite(fd, text, (size_t)len, 0) : 0;
	(void)put;
}

static uint32_t
read_pid(int fd)
{
	char text[PID_TEXT] = "";
	uint64_t pid = 0;
	ssize_t got = pread(fd, text, sizeof(text) - 1, 0);
	if (got > 0 && text[got - 1] == '\n') {
		text[got - 1] = '\0';
	}
	return got > 0 && text_u64(text, 1, INT32_MAX, &pid) == 0 ? (uint32_t)pid : 0;
}

static int
open_lock(int folder_fd, int *ret_fd)
{
	int err = own_file(folder_fd, LOCK_NAME);
	if (err != 0) {
		return err;
	}
	int fd = openat(folder_fd, LOCK_NAME, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		return err_of_errno(errno);
	}
	*ret_fd = fd;
	return 0;
}

static int
take_lock(struct ledger *ledger)
{
	int fd = -1;
	int folder_fd = open(ledger->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder_fd < 0) {
		return err_of_errno(errno);
	}
	int err = open_lock(folder_fd, &fd);
	(void)close(folder_fd);
	if (err != 0) {
		return err;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		err = -errno;
		ledger->holder = read_pid(fd);
		(void)close(fd);
		return err;
	}
	write_pid(fd);
	ledger->lock_fd = fd;
	return 0;
}

/* True while whoever opens the lock in the folder meets ours. */
static bool
has_lock(const struct ledger *ledger)
{
	char path[4096];
	struct stat own, there;
	(void)snprintf(path, sizeof(path), "%s/%s", ledger->dir, LOCK_NAME);
	return fstat(ledger->lock_fd, &own) == 0 && lstat(path, &there) == 0 &&
	    own.st_dev == there.st_dev && own.st_ino == there.st_ino;
}

uint32_t
ledger_holder(const struct ledger *ledger)
{
	return ledger->holder;
}

/* ---- the database */

/* What no waiting heals; the state holds nothing that may not be lost. */
static bool
is_spoiled(int err)
{
	return err == ERR_NOTDB || err == ERR_FORMAT || err == ERR_CHECKSUM ||
	    err == ERR_MALFORMED || err == ERR_FULL;
}

static int
renew_state(struct ledger *ledger, int why)
{
	log_warn("the state in %s cannot be used: %s; it is made anew", ledger->dir,
	    err_str(why));
	int err = db_state_discard(ledger->dir);
	return err != 0 ? err : db_state_open(ledger->dir, &ledger->state);
}

static int
open_state(struct ledger *ledger)
{
	int err = own_folder(ledger->dir);
	err = err != 0 ? err : take_lock(ledger);
	if (err != 0) {
		return err;
	}
	err = db_state_open(ledger->dir, &ledger->state);
	if (is_spoiled(err)) {
		err = renew_state(ledger, err);
	}
	if (err != 0) {
		close_state(ledger);
	}
	return err;
}

int
ledger_follow(struct ledger *ledger, bool *ret_opened)
{
	*ret_opened = false;
	if (ledger->state != NULL && db_state_is_there(ledger->state) &&
	    has_lock(ledger)) {
		return 0;
	}
	close_state(ledger);
	int err = open_state(ledger);
	*ret_opened = err == 0;
	return err;
}

/* After a failure in a transaction: a database that is spoiled goes, to be made anew by the
 * next look. */
static int
give_up(struct ledger *ledger, int err)
{
	db_state_abort(ledger->state);
	if (is_spoiled(err)) {
		log_warn("the state in %s cannot be used: %s; it is made anew",
		    ledger->dir, err_str(err));
		int discarded = db_state_discard(ledger->dir);
		close_state(ledger);
		err = discarded != 0 ? discarded : err;
	}
	return err;
}

/* ---- accounts */

/* Keys of records that no target has, with their texts. */
struct stale {
	struct stale_key {
		struct db_verdict_key key;
		char farm[DB_FARM_NAME_MAX + 1];
		char file[DB_FILE_NAME_MAX + 1];
	} * keys;
	size_t count, room;
};

struct settling {
	struct plan *plan;
	struct stale stale;
};

static int
add_stale(struct stale *stale, const struct db_verdict_key *key)
{
	if (stale->count == stale->room) {
		size_t room = stale->room * 2 + 16;
		struct stale_key *more =
		    realloc(stale->keys, room * sizeof(*stale->keys));
		if (more == NULL) {
			return -ENOMEM;
		}
		stale->keys = more;
		stale->room = room;
	}
	struct stale_key *entry = &stale->keys[stale->count++];
	entry->key = *key;
	(void)text_copy(entry->farm, sizeof(entry->farm), key->farm);
	(void)text_copy(entry->file, sizeof(entry->file), key->file);
	return 0;
}

/* A boot server's targets share one record: each takes its verdict and times over, and the first
 * the counts. True when there are any. */
static bool
adopt_boot_server(struct plan *plan, uint32_t addr, const struct db_health *stored)
{
	struct db_health account = *stored;
	bool found = false;
	for (size_t i = 0; i < plan->count; i++) {
		struct target *target = plan->targets[i];
		if (target->role != DB_ROLE_BOOT_SERVER || target->addr != addr) {
			continue;
		}
		found = true;
		if (account_is_fresh(target)) {
			account_adopt(target, &account);
			account.probes = account.failures = 0;
		}
	}
	return found;
}

static int
settle_record(
    void *ctx, const struct db_verdict_key *key, const struct db_health *stored)
{
	struct settling *settling = ctx;
	if (key->role == DB_ROLE_BOOT_SERVER) {
		return adopt_boot_server(settling->plan, key->addr, stored)
		    ? 0
		    : add_stale(&settling->stale, key);
	}
	struct target *target = plan_find(settling->plan, key);
	if (target == NULL) {
		return add_stale(&settling->stale, key);
	}
	if (account_is_fresh(target)) {
		account_adopt(target, stored);
	}
	return 0;
}

static int
delete_stale(struct db_state *state, const struct stale *stale)
{
	int err = 0;
	for (size_t i = 0; err == 0 && i < stale->count; i++) {
		struct db_verdict_key key = stale->keys[i].key;
		key.farm = stale->keys[i].farm;
		key.file = stale->keys[i].file;
		err = db_state_del(state, &key);
	}
	return err;
}

int
ledger_settle(struct ledger *ledger, struct plan *plan, bool anew)
{
	struct settling settling = {.plan = plan};
	if (ledger->state == NULL) {
		return ERR_NOTFOUND;
	}
	for (size_t i = 0; i < plan->count; i++) {
		struct target *target = plan->targets[i];
		target->dirty = target->dirty || (anew && !account_is_fresh(target));
	}
	int err = db_state_begin(ledger->state);
	err = err != 0
	    ? err
	    : db_state_walk(db_state_snapshot(ledger->state), settle_record, &settling);
	err = err != 0 ? err : delete_stale(ledger->state, &settling.stale);
	err = err != 0 ? err : db_state_commit(ledger->state);
	free(settling.stale.keys);
	return err != 0 ? give_up(ledger, err) : 0;
}

/* Boot servers of which a target changed. */
struct changed {
	uint32_t addr[DB_BOOT_SERVERS_MAX];
	unsigned count;
};

static void
note_changed(struct changed *changed, uint32_t addr)
{
	for (unsigned i = 0; i < changed->count; i++) {
		if (changed->addr[i] == addr) {
			return;
		}
	}
	if (changed->count < DB_BOOT_SERVERS_MAX) {
		changed->addr[changed->count++] = addr;
	}
}

static int
put_boot_server(struct db_state *state, const struct plan *plan, uint32_t addr)
{
	struct db_health whole;
	const struct db_verdict_key key = {DB_ROLE_BOOT_SERVER, "", addr, ""};
	return plan_boot_server(plan, addr, &whole)
	    ? db_state_put_health(state, &key, &whole)
	    : 0;
}

/* A boot server's record is made of all its targets: once, however many changed. */
static int
put_targets(struct db_state *state, const struct plan *plan)
{
	struct changed changed = {.count = 0};
	int err = 0;
	for (size_t i = 0; err == 0 && i < plan->count; i++) {
		const struct target *target = plan->targets[i];
		if (target->dirty && target->role == DB_ROLE_BOOT_SERVER) {
			note_changed(&changed, target->addr);
		} else if (target->dirty) {
			const struct db_verdict_key key = target_key(target);
			err = db_state_put_health(state, &key, &target->account);
		}
	}
	for (unsigned i = 0; err == 0 && i < changed.count; i++) {
		err = put_boot_server(state, plan, changed.addr[i]);
	}
	return err;
}

int
ledger_write(struct ledger *ledger, struct plan *plan, struct last_named *named,
    const struct db_heartbeat *heartbeat)
{
	struct db_state *state = ledger->state;
	if (state == NULL) {
		return ERR_NOTFOUND;
	}
	int err = db_state_begin(state);
	err = err != 0 ? err : put_targets(state, plan);
	err = err != 0 ? err : db_state_put_heartbeat(state, heartbeat);
	err = err != 0 ? err : last_named_put(named, state);
	err = err != 0 ? err : db_state_commit(state);
	if (err != 0) {
		return give_up(ledger, err);
	}
	for (size_t i = 0; i < plan->count; i++) {
		plan->targets[i]->dirty = false;
	}
	last_named_done(named);
	return 0;
}
