/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/base/list.h"
#include "lib/base/wheel.h"
#include "tftp/image.h"
#include "tftp/xfer.h"

/* The transfers of a process, by whom they serve. All memory is taken at the start; an ended
 * transfer lingers for a while, so that the client's last packets, when they come twice, find
 * their transfer and draw no error; it gives way as soon as its place is needed. */
enum {
	TABLE_LINGER_MS = 500,
	TABLE_NAME_MAX = CACHE_FARM_MAX + 1 + CACHE_FILE_MAX,
};

struct port; /* ports.h */

/* The two ends: a client's address and port, and the address of ours that it asked. There is
 * one transfer at a time between them. */
struct table_key {
	uint32_t peer;
	uint32_t local;
	uint16_t peer_port;
};
uint64_t table_key_hash(const struct table_key *key);
bool table_key_equal(const struct table_key *a, const struct table_key *b);

struct transfer {
	struct wheel_entry timer; /* for xfer_timeout(), or for the end of lingering */
	struct table_key key;
	struct port *port; /* the socket that the client talks to */
	struct xfer xfer;
	struct tftp_options asked;
	enum tftp_mode mode;
	char name[TABLE_NAME_MAX + 1]; /* as asked for, cleaned */
	char farm[CACHE_FARM_MAX + 1]; /* as resolved */
	char file[CACHE_FILE_MAX + 1];
	uint32_t server;       /* whose copy, or CACHE_MANUAL */
	uint64_t revision;     /* of the map that admitted it */
	uint64_t started_ms;   /* monotonic */
	struct image *image;   /* NULL once ended */
	struct transfer *next; /* in its bucket, or free */
	struct list lingering; /* among those that do, the longest first */
};

struct table;
int table_new(unsigned capacity, uint64_t now_ms, struct table **ret)
    __attribute__((warn_unused_result));
void table_free(struct table *table); /* lets go of images and ports; NULL is fine */

/* Transfers that have not ended; and whether there is none at all, lingering ones included. */
unsigned table_running(const struct table *table);
bool table_is_empty(const struct table *table);

/* The transfer of a key, lingering or not, or NULL. */
struct transfer *table_find(const struct table *table, const struct table_key *key);

/* A fresh transfer on port for a key that has none; its timer is not armed. NULL: running
 * transfers take all places. The pointer is good until table_remove(), table_end() and what
 * follows it, or table_due(). */
struct transfer *table_add(
    struct table *table, const struct table_key *key, struct port *port);

/* Arms the timer of a running transfer. */
void table_arm(struct table *table, struct transfer *transfer, uint64_t due_ms);

/* An ended transfer lets go of its image and lingers. */
void table_end(struct table *table, struct transfer *transfer, uint64_t now_ms);

/* Forgets a transfer. */
void table_remove(struct table *table, struct transfer *transfer);

/* Takes one running transfer whose timer is due, which must then be armed, ended or removed;
 * forgets those that lingered long enough. NULL when none is due. */
struct transfer *table_due(struct table *table, uint64_t now_ms);
