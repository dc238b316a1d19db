/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "pxe-proxy/serve.h"

#include "lib/base/text.h"
#include "lib/daemon/map.h"
#include "lib/daemon/service.h"
#include "lib/net/notify.h"
#include "lib/net/privileges.h"
#include "pxe-proxy/hold.h"
#include "pxe-proxy/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	DELAY_STEP_MS = 10,
	/* of one door before the others have their turn */
	HEARD_MAX = 256,
	BATCHES = 4,
};

struct serve {
	struct session session;
	const struct serve_options *options;
	struct service service;
	struct daemon_map map;
	struct loop_timer *tick;
	struct loop_watch *pxe_watch;
	struct udp_inbox *inbox;
	int hold_fd;           /* -1: not held */
	int nics_err, pxe_err; /* of the last try */
	bool said_mode, said_shadow;
};

/* ---- packets and timeouts */

/* Time is kept only while something waits for it. */
static void
keep_time(struct serve *serve)
{
	loop_timer_while(
	    serve->tick, !delay_is_empty(serve->session.delay), DELAY_STEP_MS);
}

static void
on_heard(void *ctx, struct link *link)
{
	struct serve *serve = ctx;
	struct packet packet;
	session_begin(&serve->session, loop_now_ms());
	for (unsigned i = 0; i < HEARD_MAX && packet_next(link->port, &packet); i++) {
		session_heard(&serve->session, link, &packet);
		packet_done(link->port);
	}
	session_end(&serve->session);
	keep_time(serve);
}

static void
on_asked(void *ctx)
{
	struct serve *serve = ctx;
	const struct udp_packet *packets;
	unsigned count = UDP_BATCH;
	for (unsigned i = 0; i < BATCHES && count == UDP_BATCH; i++) {
		if (udp_receive(
			serve->inbox, serve->session.pxe_fd, &packets, &count) != 0) {
			break; /* a late error of something sent; it is gone now */
		}
		session_begin(&serve->session, loop_now_ms());
		for (unsigned k = 0; k < count; k++) {
			session_asked(&serve->session, &packets[k]);
		}
		session_end(&serve->session);
	}
}

static void
on_tick(void *ctx)
{
	struct serve *serve = ctx;
	session_begin(&serve->session, loop_now_ms());
	session_delayed(&serve->session);
	session_end(&serve->session);
	keep_time(serve);
}

/* ---- the map */

static void
follow_map(struct serve *serve)
{
	struct session *session = &serve->session;
	daemon_map_look(&serve->map);
	session->settings = &serve->map.settings;
	session->relay_only =
	    serve->options->relay_only || serve->map.settings.relay_only;
	session->shadow = session->tell.shadow = serve->map.settings.shadow;
}

/* ---- doors */

static void
wanted_links(const struct serve *serve, struct links_wanted *ret)
{
	_Static_assert((int)DB_INTERFACES_MAX <= (int)LINKS_NAMES_MAX &&
		(int)SERVE_INTERFACES_MAX <= (int)LINKS_NAMES_MAX,
	    "room for every name");
	unsigned given = serve->options->interface_count;
	ret->relay_only = serve->session.relay_only;
	ret->count = given > 0 ? given : serve->map.settings.interface_count;
	for (unsigned i = 0; i < ret->count; i++) {
		(void)text_copy(ret->names[i], sizeof(ret->names[i]),
		    given > 0 ? serve->options->interfaces[i]
			      : serve->map.settings.interfaces[i]);
	}
}

/* True when all that is to be heard is. */
static bool
follow_links(struct serve *serve)
{
	struct links_wanted wanted;
	int err = nics_read(serve->session.nics);
	if (log_is_news(&serve->nics_err, err) && err != 0) {
		log_error("cannot read the interfaces: %s", err_str(err));
	}
	wanted_links(serve, &wanted);
	return links_follow(serve->session.links, &wanted, serve->session.nics);
}

static void
close_pxe(struct serve *serve)
{
	loop_unwatch(serve->pxe_watch);
	serve->pxe_watch = NULL;
	if (serve->session.pxe_fd >= 0) {
		(void)close(serve->session.pxe_fd);
	}
	serve->session.pxe_fd = -1;
}

static int
open_pxe(struct serve *serve)
{
	int err = udp_open(0, DHCP4_PXE_PORT, &serve->session.pxe_fd);
	if (err == 0) {
		err = loop_watch(serve->service.loop, serve->session.pxe_fd, on_asked,
		    serve, &serve->pxe_watch);
	}
	if (err != 0) {
		close_pxe(serve);
	}
	return err;
}

/* Port 4011, which shadow mode leaves to others. True when it is as it is to be. */
static bool
follow_pxe(struct serve *serve)
{
	if (serve->map.settings.shadow) {
		close_pxe(serve);
		serve->pxe_err = 0;
		return true;
	}
	if (serve->session.pxe_fd < 0) {
		int err = open_pxe(serve);
		if (log_is_news(&serve->pxe_err, err) && err != 0) {
			log_error("cannot listen on UDP port %d: %s%s", DHCP4_PXE_PORT,
			    err_str(err),
			    err == -EADDRINUSE
				? "; another PXE service runs on this host"
				: "");
		}
	}
	return serve->session.pxe_fd >= 0;
}

/* ---- once a second */

static const char *
mode_of(const struct serve *serve)
{
	return serve->map.settings.shadow ? "watching (shadow)" : "answering";
}

/* For "systemctl status": what is done, and what is still waited for. */
static void
tell_status(const struct serve *serve, bool hears_all)
{
	unsigned heard = links_count(serve->session.links);
	char pxe[80] = "", map[80] = "";
	if (serve->map.revision == 0) {
		notify_status("waiting for the map in %s: %s", serve->map.dir,
		    err_str(serve->map.err));
		return;
	}
	if (serve->pxe_err != 0) {
		(void)snprintf(pxe, sizeof(pxe), "; not on UDP port %d: %s",
		    DHCP4_PXE_PORT, err_str(serve->pxe_err));
	}
	if (serve->map.err != 0) {
		(void)snprintf(map, sizeof(map), "; map not readable: %s",
		    err_str(serve->map.err));
	}
	notify_status("%s by map revision %" PRIu64 ", %u interface%s heard%s%s%s%s",
	    mode_of(serve), serve->map.revision, heard, heard == 1 ? "" : "s",
	    hears_all ? "" : ", others waited for",
	    serve->session.relay_only ? ", relays only" : "", pxe, map);
}

/* Once all is there. */
static void
tell_service(struct serve *serve)
{
	bool shadow = serve->map.settings.shadow;
	if (!serve->said_mode || shadow != serve->said_shadow) {
		log_info(
		    "%s by map revision %" PRIu64, mode_of(serve), serve->map.revision);
		serve->said_mode = true;
		serve->said_shadow = shadow;
	}
	(void)service_ready(&serve->service);
}

static void
look(void *ctx)
{
	struct serve *serve = ctx;
	struct session *session = &serve->session;
	follow_map(serve);
	bool hears_all = serve->map.revision != 0 && follow_links(serve);
	if (serve->map.revision != 0 && follow_pxe(serve) && hears_all) {
		tell_service(serve);
	}
	tell_status(serve, hears_all);
	session_sweep(session, loop_now_ms());
	counters_set(&session->tell.counters, TELL_LOST,
	    packet_lost(session->packets) + udp_outbox_lost(session->datagrams) +
		links_dropped(session->links));
}

/* ---- lifetime */

static void
serve_free(struct serve *serve)
{
	struct session *session = &serve->session;
	links_free(session->links);
	close_pxe(serve);
	if (session->relay_fd >= 0) {
		(void)close(session->relay_fd);
	}
	if (serve->hold_fd >= 0) {
		(void)close(serve->hold_fd);
	}
	packet_outbox_free(session->packets);
	udp_outbox_free(session->datagrams);
	udp_inbox_free(serve->inbox);
	delay_free(session->delay);
	limit_free(session->limit);
	machines_free(session->machines);
	nics_free(session->nics);
	daemon_map_done(&serve->map);
	loop_timer_free(serve->tick);
	service_done(&serve->service);
	free(serve);
}

/* A host where the port is taken needs no help of ours. */
static void
hold_port(struct serve *serve)
{
	int err = hold_open(&serve->hold_fd);
	if (err == 0) {
		log_info("holds UDP port %d, unread", DHCP4_SERVER_PORT);
	} else if (err == -EADDRINUSE) {
		log_info(
		    "a DHCP server holds UDP port %d; not needed", DHCP4_SERVER_PORT);
	} else {
		log_warn("cannot hold UDP port %d: %s%s", DHCP4_SERVER_PORT,
		    err_str(err),
		    err == -EACCES ? " (needs CAP_NET_BIND_SERVICE)" : "");
	}
}

static int
init_session(struct serve *serve)
{
	struct session *session = &serve->session;
	int err = nics_new(&session->nics);
	err = err != 0
	    ? err
	    : links_new(serve->service.loop, on_heard, serve, &session->links);
	err = err != 0 ? err : machines_new(&session->machines);
	err = err != 0 ? err : limit_new(&session->limit);
	err = err != 0 ? err : delay_new(loop_now_ms(), &session->delay);
	err = err != 0 ? err : packet_outbox_new(&session->packets);
	err = err != 0 ? err : udp_outbox_new(&session->datagrams);
	return err != 0 ? err : packet_route_open(&session->relay_fd);
}

/* Privileges go before databases and threads are there. */
static int
serve_init(struct serve *serve, const struct serve_options *options)
{
	struct tell *tell = &serve->session.tell;
	serve->options = options;
	tell->counters.count = TELL_COUNTERS;
	serve->hold_fd = serve->session.relay_fd = serve->session.pxe_fd = -1;
	if (options->hold_port) {
		hold_port(serve);
	}
	int err = privileges_keep_net_raw(options->dirs.map);
	err = err != 0 ? err
		       : service_init(&serve->service, EVENT_PROXY, options->dirs.state,
			     &tell->counters, look, serve);
	err = err != 0
	    ? err
	    : loop_timer_new(serve->service.loop, on_tick, serve, &serve->tick);
	err = err != 0 ? err : udp_inbox_new(&serve->inbox);
	err = err != 0 ? err : init_session(serve);
	err = err != 0
	    ? err
	    : daemon_map_init(&serve->map, options->dirs.map, options->dirs.state);
	serve->session.follow = serve->map.follow;
	tell->events = serve->service.events;
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
