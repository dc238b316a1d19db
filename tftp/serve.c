/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tftp/serve.h"

#include "db/map.h"
#include "lib/base/ip4.h"
#include "lib/net/notify.h"
#include "tftp/server.h"
#include "tftp/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

enum {
	SECOND_MS = 1000,
	BATCHES = 4, /* of one socket before the others have their turn */
};
static const uint64_t images_budget = 1ull << 30;

struct serve {
	struct server server;
	const struct serve_options *options;
	struct loop *loop;
	struct loop_timer *second, *tick;
	struct udp_inbox *inbox;
	struct evsend *events;
	struct door *doors;
	struct db_settings settings;
	uint64_t revision; /* 0: no map was read yet */
	/* what was said last, so that it is said once */
	int map_err, cache_err;
	int bind_err[SERVE_LISTEN_MAX];
	bool ready;
	bool ticking;
};

/* ---- packets and timeouts */

/* Timeouts are looked for only while there are transfers. */
static void
keep_time(struct serve *serve)
{
	bool wanted = !table_is_empty(serve->server.table);
	if (wanted && !serve->ticking) {
		loop_timer_every(serve->tick, WHEEL_SLOT_MS);
	} else if (!wanted && serve->ticking) {
		loop_timer_stop(serve->tick);
	}
	serve->ticking = wanted;
}

static void
on_readable(void *ctx)
{
	struct port *port = ctx;
	struct serve *serve = port->door->place.owner;
	const struct udp_packet *packets;
	unsigned count = UDP_BATCH;
	for (unsigned i = 0; i < BATCHES && count == UDP_BATCH; i++) {
		if (udp_receive(serve->inbox, port->fd, &packets, &count) != 0) {
			break; /* a late error of something sent; it is gone now */
		}
		uint64_t now_ms = loop_now_ms();
		for (unsigned k = 0; k < count; k++) {
			session_packet(&serve->server, port, &packets[k], now_ms);
		}
		udp_outbox_flush(serve->server.outbox);
	}
	keep_time(serve);
}

static void
on_tick(void *ctx)
{
	struct serve *serve = ctx;
	session_timeouts(&serve->server, loop_now_ms());
	udp_outbox_flush(serve->server.outbox);
	keep_time(serve);
}

/* ---- the map */

static int
read_map(struct serve *serve)
{
	struct db_snapshot *snap;
	struct db_info info;
	int err = db_follow_poll(serve->server.follow);
	if (err == 0) {
		err = db_follow_begin(serve->server.follow, &snap);
	}
	if (err != 0) {
		return err;
	}
	err = db_map_info(snap, &info);
	/* Another map put in place of this one may have the same revision. */
	if (err == 0) {
		err = db_map_settings(snap, &serve->settings);
	}
	if (err == 0) {
		serve->revision = info.revision;
		serve->server.tell.revision = info.revision;
	}
	db_follow_end(serve->server.follow);
	return err;
}

/* Says once what is wrong, and once that it no longer is. */
static void
follow_map(struct serve *serve)
{
	int err = read_map(serve);
	if (err != serve->map_err && err != 0) {
		log_warn("the map in %s cannot be read: %s; %s",
		    serve->options->map_dir, err_str(err),
		    serve->revision != 0 ? "the last one stays" : "waiting for one");
	} else if (err != serve->map_err) {
		log_info("the map in %s is read", serve->options->map_dir);
	}
	serve->map_err = err;
}

/* ---- doors */

static struct ports_config
wanted_ports(const struct serve *serve)
{
	return (struct ports_config){.single_port = serve->settings.single_port,
	    .first = serve->settings.port_first,
	    .last = serve->settings.port_last};
}

static unsigned
wanted_count(const struct serve *serve)
{
	unsigned given = serve->options->listen_count;
	return given > 0 ? given : serve->settings.listen_count;
}

static void
wanted_place(struct serve *serve, unsigned i, struct door_place *ret)
{
	bool given = serve->options->listen_count > 0;
	*ret = (struct door_place){.loop = serve->loop,
	    .addr =
		given ? serve->options->listen[i].addr : serve->settings.listen[i].addr,
	    .number =
		given ? serve->options->listen[i].port : serve->settings.listen[i].port,
	    .readable = on_readable,
	    .owner = serve};
}

static bool
is_at(const struct door *door, const struct door_place *place)
{
	return door->place.addr == place->addr && door->place.number == place->number;
}

static struct door *
find_door(struct serve *serve, const struct door_place *place)
{
	struct door *door = serve->doors;
	while (door != NULL && (!is_at(door, place) || door->listener.fd < 0)) {
		door = door->next;
	}
	return door;
}

/* Makes the door at a place as the configuration wants it. */
static int
keep_door(struct serve *serve, const struct door_place *place)
{
	struct ports_config config = wanted_ports(serve);
	struct door *door = find_door(serve, place);
	if (door == NULL) {
		int err = door_open(place, &config, &door);
		if (err == 0) {
			door->next = serve->doors;
			serve->doors = door;
		}
		return err;
	}
	/* A retired door may have lost its pool already. */
	bool fits = !door->retired && door->config.single_port == config.single_port &&
	    door->config.first == config.first && door->config.last == config.last;
	int err = fits ? 0 : door_configure(door, &config);
	door->retired = err == 0 ? false : door->retired;
	return err;
}

static void
retire_doors(struct serve *serve)
{
	for (struct door *door = serve->doors; door != NULL; door = door->next) {
		bool wanted = false;
		for (unsigned i = 0; i < wanted_count(serve); i++) {
			struct door_place place;
			wanted_place(serve, i, &place);
			wanted = wanted || is_at(door, &place);
		}
		door->retired = door->retired || !wanted;
	}
}

static void
sweep_doors(struct serve *serve)
{
	struct door **link = &serve->doors;
	while (*link != NULL) {
		struct door *door = *link;
		if (door_sweep(door)) {
			*link = door->next;
			door_close(door);
		} else {
			link = &door->next;
		}
	}
}

/* Opens what is wanted and closes what is not, leaving running transfers alone. Returns the
 * last failure; every other door stands all the same. */
static int
follow_doors(struct serve *serve)
{
	_Static_assert(
	    (int)DB_LISTEN_MAX <= (int)SERVE_LISTEN_MAX, "one line for each");
	char addr[IP4_TEXT];
	int failed = 0;
	retire_doors(serve);
	sweep_doors(serve);
	for (unsigned i = 0; i < wanted_count(serve); i++) {
		struct door_place place;
		wanted_place(serve, i, &place);
		int err = keep_door(serve, &place);
		if (err != 0 && err != serve->bind_err[i]) {
			log_error("cannot listen on %s:%u: %s",
			    ip4_format(place.addr, addr), place.number, err_str(err));
		}
		serve->bind_err[i] = err;
		failed = err != 0 ? err : failed;
	}
	return failed;
}

/* ---- once a second */

static void
tell_service(struct serve *serve)
{
	unsigned running = table_running(serve->server.table);
	if (!serve->ready) {
		serve->ready = true;
		log_info("serving by map revision %" PRIu64, serve->revision);
		notify_ready();
	}
	notify_status(
	    "map revision %" PRIu64 ", %u transfers running", serve->revision, running);
}

/* The folder may come late, or be another one now. */
static void
follow_cache(struct serve *serve)
{
	const char *dir = serve->options->cache_dir;
	struct cache *cache;
	int err = cache_open(dir, &cache);
	if (err == 0) {
		cache_close(serve->server.cache);
		serve->server.cache = cache;
	}
	if (err != serve->cache_err && err != 0) {
		log_warn("the cache in %s cannot be opened: %s", dir, err_str(err));
	} else if (err != serve->cache_err) {
		log_info("the cache in %s is open", dir);
	}
	serve->cache_err = err;
}

static void
on_second(void *ctx)
{
	struct serve *serve = ctx;
	struct server *server = &serve->server;
	uint64_t now_ms = loop_now_ms();
	follow_map(serve);
	follow_cache(serve);
	if (serve->revision != 0 && follow_doors(serve) == 0) {
		tell_service(serve);
	}
	sticky_sweep(server->sticky, now_ms);
	images_sweep(server->images);
	counters_set(
	    &server->tell.counters, TELL_LOST, udp_outbox_lost(server->outbox));
}

/* ---- lifetime */

static void
serve_free(struct serve *serve)
{
	struct server *server = &serve->server;
	table_free(server->table);
	sticky_free(server->sticky);
	images_free(server->images);
	while (serve->doors != NULL) {
		struct door *door = serve->doors;
		serve->doors = door->next;
		door_close(door);
	}
	udp_inbox_free(serve->inbox);
	udp_outbox_free(server->outbox);
	cache_close(server->cache);
	db_follow_free(server->follow);
	evsend_free(serve->events);
	loop_timer_free(serve->second);
	loop_timer_free(serve->tick);
	loop_free(serve->loop);
	free(serve);
}

static int
serve_init(struct serve *serve, const struct serve_options *options)
{
	struct server *server = &serve->server;
	serve->options = options;
	int err = loop_new(&serve->loop);
	err = err != 0 ? err
		       : loop_timer_new(serve->loop, on_second, serve, &serve->second);
	err =
	    err != 0 ? err : loop_timer_new(serve->loop, on_tick, serve, &serve->tick);
	err =
	    err != 0 ? err : evsend_new(options->state_dir, EVENT_TFTP, &serve->events);
	err = err != 0
	    ? err
	    : db_follow_new(options->map_dir, options->state_dir, &server->follow);
	err = err != 0 ? err : images_new(images_budget, &server->images);
	err = err != 0 ? err : sticky_new(&server->sticky);
	err =
	    err != 0 ? err : table_new(SERVE_TRANSFERS, loop_now_ms(), &server->table);
	err = err != 0 ? err : udp_outbox_new(&server->outbox);
	err = err != 0 ? err : udp_inbox_new(&serve->inbox);
	if (err == 0) {
		server->tell.events = serve->events;
		server->tell.counters.count = TELL_COUNTERS;
		evsend_set_counters(
		    serve->events, counters_fill, &server->tell.counters);
	}
	return err;
}

int
serve_run(const struct serve_options *options)
{
	struct serve *serve = calloc(1, sizeof(*serve));
	if (serve == NULL) {
		return -ENOMEM;
	}
	int err = serve_init(serve, options);
	if (err == 0) {
		on_second(serve);
		loop_timer_every(serve->second, SECOND_MS);
		loop_run(serve->loop);
		notify_stopping();
	}
	serve_free(serve);
	return err;
}
