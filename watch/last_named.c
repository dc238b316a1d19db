/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/last_named.h"

#include "lib/base/text.h"

static bool
names_one(const struct event *event)
{
	if (event->kind == EVENT_TRANSFER) {
		return true;
	}
	return event->kind == EVENT_STAGE &&
	    (event->what == EVENT_OFFERED || event->what == EVENT_ACKED ||
		event->what == EVENT_PROXY_OFFER || event->what == EVENT_PROXY_ACK);
}

/* A stage that is not direct names a boot server. */
static const char *
farm_of(const struct event *event)
{
	bool is_farms = event->kind == EVENT_TRANSFER || event->direct;
	return is_farms ? event->farm : "";
}

static struct last_named_server *
find(struct last_named *named, const char *farm, uint32_t addr)
{
	for (unsigned i = 0; i < named->count; i++) {
		struct last_named_server *server = &named->servers[i];
		if (server->addr == addr && text_casecmp(server->farm, farm) == 0) {
			return server;
		}
	}
	if (named->count == LAST_NAMED_MAX) {
		return NULL;
	}
	struct last_named_server *server = &named->servers[named->count++];
	*server = (struct last_named_server){.addr = addr};
	(void)text_copy(server->farm, sizeof(server->farm), farm);
	return server;
}

void
last_named_take(struct last_named *named, const struct event *event)
{
	if (event->server == 0 || !names_one(event)) {
		return;
	}
	struct last_named_server *server = find(named, farm_of(event), event->server);
	int64_t time_ms = (int64_t)event->time_ms;
	if (server != NULL && server->time_ms < time_ms) {
		server->time_ms = time_ms;
	}
}

int
last_named_put(const struct last_named *named, struct db_state *state)
{
	int err = 0;
	for (unsigned i = 0; err == 0 && i < named->count; i++) {
		const struct last_named_server *server = &named->servers[i];
		err = db_state_put_named(
		    state, server->farm, server->addr, server->time_ms);
	}
	return err;
}

void
last_named_done(struct last_named *named)
{
	named->count = 0;
}
