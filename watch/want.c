/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/want.h"

#include "lib/base/text.h"

#include <errno.h>
#include <stdlib.h>

enum {
	GUESTS_MAX = 48,   /* targets without a plan at one time */
	SERVERS_ASKED = 3, /* of a farm, for a file without a plan */
};

struct want {
	struct runner *runner;
	struct tell *tell;
	struct db_follow *follow;
	const struct plan *plan;
	unsigned guest_count;
	struct target *guests[GUESTS_MAX];
	struct db_farm farm; /* room: a farm has some 20 KB */
};

int
want_new(struct runner *runner, struct tell *tell, struct db_follow *follow,
    const struct plan *plan, struct want **ret)
{
	struct want *want = calloc(1, sizeof(*want));
	if (want == NULL) {
		return -ENOMEM;
	}
	want->runner = runner;
	want->tell = tell;
	want->follow = follow;
	want->plan = plan;
	*ret = want;
	return 0;
}

static bool
is_planned(const struct want *want, const struct target *guest)
{
	const struct db_verdict_key key = target_key(guest);
	return plan_find(want->plan, &key) != NULL;
}

void
want_plan_changed(struct want *want)
{
	unsigned kept = 0;
	for (unsigned i = 0; i < want->guest_count; i++) {
		struct target *guest = want->guests[i];
		if (guest->run != NULL && !is_planned(want, guest)) {
			want->guests[kept++] = guest;
		} else {
			runner_forget(want->runner, guest);
			free(guest);
		}
	}
	want->guest_count = kept;
}

void
want_free(struct want *want)
{
	if (want == NULL) {
		return;
	}
	for (unsigned i = 0; i < want->guest_count; i++) {
		runner_forget(want->runner, want->guests[i]);
		free(want->guests[i]);
	}
	free(want);
}

/* ---- files of the plan */

/* Those that are down come last. Returns how many targets the plan has. */
static unsigned
hasten_planned(struct want *want, const char *farm, const char *file, uint64_t now_ms)
{
	size_t count;
	struct target **copies = plan_copies(want->plan, farm, file, &count);
	struct target *last = NULL;
	unsigned hastened = 0;
	for (size_t i = 0; i < 2 * count; i++) {
		bool down = i >= count;
		struct target *target = copies[i % count];
		if ((target->health.verdict == DB_VERDICT_DOWN) == down &&
		    !target->hastened && target->run == NULL &&
		    runner_hasten(want->runner, target, now_ms)) {
			hastened++;
			last = target;
		}
	}
	if (last != NULL) {
		tell_hastened(
		    want->tell, last, hastened, "a machine asks for the file", now_ms);
	}
	return (unsigned)count;
}

/* ---- files of no farm's plan */

static bool
is_of(const struct target *target, const char *farm, const char *file)
{
	return text_casecmp(target->file, file) == 0 &&
	    text_casecmp(target->farm, farm) == 0;
}

/* What is known of a server by other files: 2 up, 1 nothing, 0 down. */
static unsigned
standing(const struct plan *plan, const char *farm, uint32_t addr)
{
	unsigned best = 0;
	bool known = false;
	for (size_t i = 0; i < plan->count; i++) {
		const struct target *target = plan->targets[i];
		if (target->role != DB_ROLE_TFTP || target->addr != addr ||
		    text_casecmp(target->farm, farm) != 0) {
			continue;
		}
		unsigned class = target->health.verdict == DB_VERDICT_UP ? 2
		    : target->health.verdict == DB_VERDICT_DOWN          ? 0
									 : 1;
		best = class > best ? class : best;
		known = true;
	}
	return known ? best : 1;
}

static struct target *
new_guest(const struct db_farm *farm, uint32_t addr, const char *file)
{
	struct target *guest = calloc(1, sizeof(*guest));
	if (guest == NULL) {
		return NULL;
	}
	guest->role = DB_ROLE_TFTP;
	guest->kind = PROBE_BOOTSTRAP;
	guest->addr = addr;
	guest->monitor = farm->monitor;
	guest->publishes = true;
	guest->once = true;
	(void)text_copy(guest->farm, sizeof(guest->farm), farm->name);
	(void)text_copy(guest->file, sizeof(guest->file), file);
	(void)text_copy(guest->name, sizeof(guest->name), file);
	return guest;
}

static struct target *
find_guest(const struct want *want, const struct db_farm *farm, uint32_t addr,
    const char *file)
{
	for (unsigned i = 0; i < want->guest_count; i++) {
		struct target *guest = want->guests[i];
		if (guest->addr == addr && is_of(guest, farm->name, file)) {
			return guest;
		}
	}
	return NULL;
}

/* The guest for a server's file, made where there is none yet; NULL when there is no room. */
static struct target *
guest_for(struct want *want, struct db_snapshot *snap, const struct db_farm *farm,
    uint32_t addr, const char *file)
{
	struct target *guest = find_guest(want, farm, addr, file);
	if (guest != NULL || want->guest_count == GUESTS_MAX) {
		return guest;
	}
	guest = new_guest(farm, addr, file);
	if (guest != NULL) {
		guest->has_pin = db_map_pin(snap, farm->name, file, guest->pin) == 0;
		want->guests[want->guest_count++] = guest;
	}
	return guest;
}

static void
ask_guest(struct want *want, struct target *guest, uint64_t now_ms)
{
	if (guest->run == NULL && !guest->hastened &&
	    runner_hasten(want->runner, guest, now_ms)) {
		tell_hastened(
		    want->tell, guest, 1, "a machine asks for its own file", now_ms);
	}
}

/* The first so many of the farm's servers that stand best. */
static void
ask_best(struct want *want, struct db_snapshot *snap, const char *file, uint64_t now_ms)
{
	const struct db_farm *farm = &want->farm;
	unsigned asked = 0;
	for (unsigned class = 3; class -- > 0 && asked == 0;) {
		for (unsigned i = 0; i < farm->server_count && asked < SERVERS_ASKED;
		     i++) {
			const struct db_server *server = &farm->servers[i];
			if (!server->tftp ||
			    standing(want->plan, farm->name, server->addr) != class) {
				continue;
			}
			struct target *guest =
			    guest_for(want, snap, farm, server->addr, file);
			if (guest != NULL) {
				ask_guest(want, guest, now_ms);
			}
			asked++;
		}
	}
}

static void
ask_unplanned(struct want *want, struct db_snapshot *snap, const char *farm,
    const char *file, uint64_t now_ms)
{
	const struct name *name = names_find(&want->plan->loose, "", 0, file);
	if (name != NULL && db_source.farm(snap, farm, &want->farm) == 0 &&
	    want->farm.monitor.probe != DB_PROBE_NONE) {
		ask_best(want, snap, name->file, now_ms);
	}
}

void
want_take(struct want *want, const char *farm, const char *file, uint64_t now_ms)
{
	struct db_snapshot *snap;
	if (hasten_planned(want, farm, file, now_ms) == 0 &&
	    db_follow_begin(want->follow, &snap) == 0) {
		ask_unplanned(want, snap, farm, file, now_ms);
		db_follow_end(want->follow);
	}
}
