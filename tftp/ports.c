/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tftp/ports.h"

#include "lib/net/udp.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

struct pool {
	unsigned count;
	struct port tids[PORTS_TIDS];
	struct pool *next;
};

static void
port_close(struct port *port)
{
	if (port->fd >= 0) {
		loop_unwatch(port->watch);
		(void)close(port->fd);
	}
	port->watch = NULL;
	port->fd = -1;
}

static int
port_open(struct port *port, struct door *door, uint16_t number)
{
	const struct door_place *place = &door->place;
	*port = (struct port){.fd = -1, .door = door};
	int fd;
	int err = udp_open(place->addr, number, &fd);
	if (err != 0) {
		return err;
	}
	err = loop_watch(place->loop, fd, place->readable, port, &port->watch);
	if (err != 0) {
		(void)close(fd);
		return err;
	}
	port->fd = fd;
	return 0;
}

static void
pool_close(struct pool *pool)
{
	for (unsigned i = 0; i < pool->count; i++) {
		port_close(&pool->tids[i]);
	}
	free(pool);
}

/* Any numbers: the kernel picks them at random. */
static int
fill_any(struct pool *pool, struct door *door)
{
	int err = 0;
	while (err == 0 && pool->count < PORTS_TIDS) {
		err = port_open(&pool->tids[pool->count], door, 0);
		pool->count += err == 0 ? 1 : 0;
	}
	return err;
}

/* Numbers of the range, those in use passed over: one that is free will do. */
static int
fill_range(struct pool *pool, struct door *door, const struct ports_config *config)
{
	int err = -EADDRINUSE;
	for (uint32_t number = config->first;
	     number <= config->last && pool->count < PORTS_TIDS; number++) {
		err = port_open(&pool->tids[pool->count], door, (uint16_t)number);
		if (err != 0 && err != -EADDRINUSE) {
			return err;
		}
		pool->count += err == 0 ? 1 : 0;
	}
	return pool->count > 0 ? 0 : err;
}

int
door_configure(struct door *door, const struct ports_config *config)
{
	struct pool *pool = NULL;
	if (!config->single_port) {
		pool = calloc(1, sizeof(*pool));
		if (pool == NULL) {
			return -ENOMEM;
		}
		int err = config->first == 0 ? fill_any(pool, door)
					     : fill_range(pool, door, config);
		if (err != 0) {
			pool_close(pool);
			return err;
		}
		pool->next = door->pools;
		door->pools = pool;
	}
	door->config = *config;
	return 0;
}

int
door_open(const struct door_place *place, const struct ports_config *config,
    struct door **ret)
{
	struct door *door = calloc(1, sizeof(*door));
	if (door == NULL) {
		return -ENOMEM;
	}
	door->place = *place;
	int err = port_open(&door->listener, door, place->number);
	door->listener.listens = true;
	if (err == 0) {
		err = door_configure(door, config);
	}
	if (err != 0) {
		door_close(door);
		return err;
	}
	*ret = door;
	return 0;
}

void
door_close(struct door *door)
{
	if (door == NULL) {
		return;
	}
	port_close(&door->listener);
	while (door->pools != NULL) {
		struct pool *pool = door->pools;
		door->pools = pool->next;
		pool_close(pool);
	}
	free(door);
}

static bool
pool_is_used(const struct pool *pool)
{
	unsigned users = 0;
	for (unsigned i = 0; i < pool->count; i++) {
		users += pool->tids[i].users;
	}
	return users > 0;
}

bool
door_sweep(struct door *door)
{
	bool keeps_first = !door->retired && !door->config.single_port;
	struct pool **link = &door->pools;
	while (*link != NULL) {
		struct pool *pool = *link;
		if ((keeps_first && pool == door->pools) || pool_is_used(pool)) {
			link = &pool->next;
		} else {
			*link = pool->next;
			pool_close(pool);
		}
	}
	if (door->retired && door->listener.users == 0) {
		port_close(&door->listener);
	}
	return door->pools == NULL && door->listener.fd < 0;
}

struct port *
door_pick(struct door *door)
{
	if (door->config.single_port) {
		return &door->listener;
	}
	uint16_t chance;
	if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) != sizeof(chance)) {
		chance = 0;
	}
	return &door->pools->tids[chance % door->pools->count];
}
