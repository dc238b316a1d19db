/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "tftp/table.h"

/* Requests that wait for a file which the cache lacks, while the watcher fetches it: one for
 * each client end. All that want the same file of a farm are one wish, of which the watcher is
 * told once in PARK_TELL_MS. All memory is taken at the start. Reads no clock, socket or file;
 * times are monotonic milliseconds. */
enum {
	PARK_MS = 4000, /* at most: firmware gives a server up after some more */
	PARK_TELL_MS = 1000,
	PARK_LOOK_MS = 50, /* how often the cache is looked at meanwhile */
	PARK_FILES = 64,   /* different ones that may be waited for */
};

/* A file that is waited for. */
struct park_file {
	char farm[CACHE_FARM_MAX + 1]; /* as resolved */
	char file[CACHE_FILE_MAX + 1]; /* as first asked for */
	struct list waiting;           /* for it, the longest first */
	bool is_told;
	uint64_t told_ms;
};

/* A request that waits. */
struct parked {
	struct table_key key;
	struct port *port;           /* its transfer's, or its refusal's */
	struct tftp_request request; /* its name cleaned */
	uint64_t until_ms;
	struct park_file *wish;
	struct list alike;   /* among those of its file */
	struct list all;     /* among all */
	struct parked *next; /* in its bucket, or free */
};

struct park;
int park_new(unsigned capacity, struct park **ret) __attribute__((warn_unused_result));
void park_free(struct park *park); /* lets go of the ports; NULL is fine */
bool park_is_empty(const struct park *park);

/* The parked request of a key, or NULL. */
struct parked *park_find(const struct park *park, const struct table_key *key);

/* Parks a request of a key that has none, which will go on by port. NULL: it is full. The
 * pointer is good until park_remove(). */
struct parked *park_add(struct park *park, const struct table_key *key,
    struct port *port, const struct tftp_request *request, const char *farm,
    const char *file, uint64_t now_ms);
void park_remove(struct park *park, struct parked *parked);

/* Files that are waited for, one after the other: the one behind file (NULL: the first), or
 * NULL. Requests may be removed meanwhile. */
struct park_file *park_next_file(struct park *park, const struct park_file *file);

/* Who waits longest for a file, or NULL. */
struct parked *park_first(const struct park_file *file);

/* True when the watcher is to be told of a file, and was not in the last PARK_TELL_MS. */
bool park_tells(struct park_file *file, uint64_t now_ms);

/* A request whose time is up, which must then be removed; NULL when there is none. */
struct parked *park_due(const struct park *park, uint64_t now_ms);
