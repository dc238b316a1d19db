/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tftp/serve.h"

#include "lib/base/ip4.h"
#include "lib/daemon/map.h"
#include "lib/daemon/service.h"
#include "lib/net/notify.h"
#include "tftp/server.h"
#include "tftp/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

enum {
	BATCHES = 4,   /* of one socket before the others have their turn */
	PARKED = 4096, /* requests that may wait for their files */
};
static const uint64_t images_budget = 1ull << 30;

struct serve {
	struct server server;
	const struct serve_options *options;
	struct service service;
	struct daemon_map map;
	struct loop_timer *tick;
	struct loop_timer *waiting; /* looks whether files came */
	struct udp_inbox *inbox;
	struct door *doors;
	int cache_err, bind_err[SERVE_LISTEN_MAX]; /* of the last try */
};

/* ---- packets and timeouts */

/* Timeouts are looked for only while there are transfers, files only while one is waited for. */
static void
keep_time(struct serve *serve)
{
	loop_timer_while(
	    serve->waiting, !park_is_empty(serve->server.park), PARK_LOOK_MS);
	loop_timer_while(
	    serve->tick, !table_is_empty(serve->server.table), WHEEL_SLOT_MS);
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

static void
on_waiting(void *ctx)
{
	struct serve *serve = ctx;
	session_parked(&serve->server, loop_now_ms());
	udp_outbox_flush(serve->server.outbox);
	keep_time(serve);
}

/* ---- doors */

static struct ports_config
wanted_ports(const struct serve *serve)
{
	return (struct ports_config){.single_port = serve->map.settings.single_port,
	    .first = serve->map.settings.port_first,
	    .last = serve->map.settings.port_last};
}

static unsigned
wanted_count(const struct serve *serve)
{
	unsigned given = serve->options->listen_count;
	return given > 0 ? given : serve->map.settings.listen_count;
}

static void
wanted_place(struct serve *serve, unsigned i, struct door_place *ret)
{
	bool given = serve->options->listen_count > 0;
	*ret = (struct door_place){.loop = serve->service.loop,
	    .addr = given ? serve->options->listen[i].addr
			  : serve->map.settings.listen[i].addr,
	    .number = given ? serve->options->listen[i].port
			    : serve->map.settings.listen[i].port,
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
		if (log_is_news(&serve->bind_err[i], err) && err != 0) {
			log_error("cannot listen on %s:%u: %s",
			    ip4_format(place.addr, addr), place.number, err_str(err));
		}
		failed = err != 0 ? err : failed;
	}
	return failed;
}

/* ---- once a second */

static void
tell_service(struct serve *serve)
{
	unsigned running = table_running(serve->server.table);
	if (service_ready(&serve->service)) {
		log_info("serving by map revision %" PRIu64, serve->map.revision);
	}
	notify_status("map revision %" PRIu64 ", %u transfers running",
	    serve->map.revision, running);
}

/* The folder may come late, or be another one now. */
static void
follow_cache(struct serve *serve)
{
	const char *dir = serve->options->dirs.cache;
	struct cache *cache;
	int err = cache_open(dir, &cache);
	if (err == 0) {
		cache_close(serve->server.cache);
		serve->server.cache = cache;
	}
	if (!log_is_news(&serve->cache_err, err)) {
		return;
	}
	if (err != 0) {
		log_warn("the cache in %s cannot be opened: %s", dir, err_str(err));
	} else {
		log_info("the cache in %s is open", dir);
	}
}

static void
look(void *ctx)
{
	struct serve *serve = ctx;
	struct server *server = &serve->server;
	uint64_t now_ms = loop_now_ms();
	daemon_map_look(&serve->map);
	server->tell.revision = serve->map.revision;
	follow_cache(serve);
	if (serve->map.revision != 0 && follow_doors(serve) == 0) {
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
	park_free(server->park);
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
	daemon_map_done(&serve->map);
	loop_timer_free(serve->tick);
	loop_timer_free(serve->waiting);
	service_done(&serve->service);
	free(serve);
}

static int
serve_init(struct serve *serve, const struct serve_options *options)
{
	struct server *server = &serve->server;
	serve->options = options;
	server->tell.counters.count = TELL_COUNTERS;
	int err = service_init(&serve->service, EVENT_TFTP, options->dirs.state,
	    &server->tell.counters, look, serve);
	err = err != 0
	    ? err
	    : loop_timer_new(serve->service.loop, on_tick, serve, &serve->tick);
	err = err != 0
	    ? err
	    : loop_timer_new(serve->service.loop, on_waiting, serve, &serve->waiting);
	err = err != 0
	    ? err
	    : daemon_map_init(&serve->map, options->dirs.map, options->dirs.state);
	err = err != 0 ? err : images_new(images_budget, &server->images);
	err = err != 0 ? err : sticky_new(&server->sticky);
	err =
	    err != 0 ? err : table_new(SERVE_TRANSFERS, loop_now_ms(), &server->table);
	err = err != 0 ? err : park_new(PARKED, &server->park);
	err = err != 0 ? err : udp_outbox_new(&server->outbox);
	err = err != 0 ? err : udp_inbox_new(&serve->inbox);
	server->follow = serve->map.follow;
	server->tell.events = serve->service.events;
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
		service_run(&serve->service);
	}
	serve_free(serve);
	return err;
}
