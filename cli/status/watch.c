/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "cli/status/status.h"

#include "cli/map.h"
#include "cli/status/screen.h"
#include "db/follow.h"
#include "lib/base/err.h"
#include "lib/base/text.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct watch {
	struct db_follow *follow;
	bool json;
	bool screen; /* drawn in place */
	bool colour;
	json_t *last; /* what was printed last, without what passes; NULL: nothing */
};

/* ---- what changed */

/* What changes without anything having happened: in a line of JSON, which is for programs,
 * hardly anything; in a block of text, all that every probe changes. */
static const char *const ages[] = {"age-s", NULL};
static const char *const counts[] = {"age-s", "probes", "failures", "consecutive",
    "last-good", "last-bad", "last-probe", "last-named", "latency-ms", "revision",
    NULL};

static void
strip(json_t *value, const char *const *keys)
{
	size_t i;
	const char *key;
	json_t *item;
	for (i = 0; json_is_object(value) && keys[i] != NULL; i++) {
		(void)json_object_del(value, keys[i]);
	}
	json_object_foreach (value, key, item) {
		strip(item, keys);
	}
	json_array_foreach (value, i, item) {
		strip(item, keys);
	}
}

/* True when the object is news; memory that is short makes everything news. */
static bool
is_news(struct watch *w, const json_t *object)
{
	json_t *now = json_deep_copy(object);
	strip(now, w->json ? ages : counts);
	bool news = now == NULL || !json_equal(w->last, now);
	json_decref(w->last);
	w->last = now;
	return news;
}

/* ---- printing */

static void
print_line(json_t *object)
{
	char *line = json_dumps(object, JSON_COMPACT);
	if (line != NULL) {
		(void)puts(line);
	}
	free(line);
}

static void
print_block(const struct status *status)
{
	char when[TEXT_TIME];
	(void)printf("at %s\n", text_time_format(status->now_ms, when));
	status_text(stdout, status, false);
	(void)putchar('\n');
}

static int
draw(const struct status *status, bool colour)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	if (out == NULL) {
		return -errno;
	}
	status_text(out, status, colour);
	int err = fclose(out) == 0 ? 0 : -ENOMEM;
	if (err == 0) {
		screen_draw(text, len);
	}
	free(text);
	return err;
}

static int
show(struct watch *w, const struct status *status)
{
	if (w->screen) {
		return draw(status, w->colour);
	}
	json_t *object = status_json(status);
	if (object == NULL) {
		return -ENOMEM;
	}
	if (is_news(w, object)) {
		if (w->json) {
			print_line(object);
		} else {
			print_block(status);
		}
	}
	json_decref(object);
	return fflush(stdout) == 0 ? 0 : -errno;
}

/* ---- reading */

static int
read_status(struct watch *w, struct status **ret)
{
	struct db_snapshot *snap;
	struct db_heartbeat now;
	int err = db_follow_poll(w->follow);
	if (err == 0) {
		err = db_follow_begin(w->follow, &snap);
	}
	if (err != 0) {
		return err;
	}
	err = db_heartbeat_now(&now);
	if (err == 0) {
		err = status_collect(snap, &now, ret);
	}
	db_follow_end(w->follow);
	return err;
}

/* A map that is being opened by another, or has just grown, is there the next time. */
static int
look(struct watch *w)
{
	struct status *status;
	int err = read_status(w, &status);
	if (err != 0) {
		return err == ERR_BUSY ? 0 : err;
	}
	err = show(w, status);
	status_free(status);
	return err;
}

/* ---- waiting */

static sigset_t
heard_signals(void)
{
	static const int heard[] = {
	    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP};
	sigset_t set;
	(void)sigemptyset(&set);
	for (size_t i = 0; i < sizeof(heard) / sizeof(heard[0]); i++) {
		(void)sigaddset(&set, heard[i]);
	}
	return set;
}

/* Stops as Ctrl-Z asks, with the terminal as it was; comes back when it is continued. */
static void
stop(const struct watch *w)
{
	if (w->screen) {
		screen_leave();
	}
	(void)raise(SIGSTOP);
	if (w->screen) {
		screen_enter();
	}
}

/* Waits a second, or less where the window changes; false when it is time to end. */
static bool
wait_next(const struct watch *w, const sigset_t *set)
{
	static const struct timespec second = {.tv_sec = 1};
	switch (sigtimedwait(set, NULL, &second)) {
	case SIGTSTP:
		stop(w);
		return true;
	case SIGINT:
	case SIGTERM:
	case SIGHUP:
	case SIGQUIT:
		return false;
	default:
		return true;
	}
}

static int
go_on(struct watch *w)
{
	const sigset_t set = heard_signals();
	int err;
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	if (w->screen) {
		screen_enter();
	}
	do {
		err = look(w);
	} while (err == 0 && wait_next(w, &set));
	if (w->screen) {
		screen_leave();
	}
	return err;
}

int
status_watch(const struct args *args)
{
	bool json = args->option[OPTION_JSON] != NULL;
	struct watch w = {.json = json,
	    .screen = !json && screen_is_there(),
	    .colour = !json && screen_has_colour()};
	const char *dir = args->option[OPTION_DB];
	int err = db_follow_new(dir, args->option[OPTION_STATE], &w.follow);
	if (err == 0) {
		err = go_on(&w);
	}
	db_follow_free(w.follow);
	json_decref(w.last);
	if (err != 0) {
		map_complain(dir, err);
		return CLI_FAILED;
	}
	return CLI_DONE;
}
