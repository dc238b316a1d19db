/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/named.h"

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

static struct named_server *
find(struct named *named, const char *farm, uint32_t addr)
{
	for (unsigned i = 0; i < named->count; i++) {
		struct named_server *server = &named->servers[i];
		if (server->addr == addr && text_casecmp(server->farm, farm) == 0) {
			return server;
		}
	}
	if (named->count == NAMED_MAX) {
		return NULL;
	}
	struct named_server *server = &named->servers[named->count++];
	*server = (struct named_server){.addr = addr};
	(void)text_copy(server->farm, sizeof(server->farm), farm);
	return server;
}

void
named_take(struct named *named, const struct event *event)
{
	if (event->server == 0 || !names_one(event)) {
		return;
	}
	struct named_server *server = find(named, farm_of(event), event->server);
	int64_t time_ms = (int64_t)event->time_ms;
	if (server != NULL && server->time_ms < time_ms) {
		server->time_ms = time_ms;
	}
}

int
named_put(const struct named *named, struct db_state *state)
{
	int err = 0;
	for (unsigned i = 0; err == 0 && i < named->count; i++) {
		const struct named_server *server = &named->servers[i];
		err = db_state_put_named(
		    state, server->farm, server->addr, server->time_ms);
	}
	return err;
}

void
named_done(struct named *named)
{
	named->count = 0;
}
