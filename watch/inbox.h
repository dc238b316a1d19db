/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "lib/wire/event.h"

#include <stdbool.h>
#include <stdint.h>

/* The receiving end of the event channel: the Unix datagram socket "events" in the state
 * folder. doc/EVENTS.md has the bytes. */
struct inbox;

/* Binds the socket, in place of one that a dead watcher left, writable for the folder's group.
 * Returns 0 or a negated errno (-ENAMETOOLONG: the path does not fit a socket's address). */
int inbox_open(const char *state_dir, struct inbox **ret)
    __attribute__((warn_unused_result));
void inbox_close(struct inbox *inbox); /* takes the socket's name away; NULL is fine */
int inbox_fd(const struct inbox *inbox);

/* True while the name in the folder still leads to this socket. */
bool inbox_is_there(const struct inbox *inbox);

/* Calls take for each record that is there, at most a few hundred; false when none is left.
 * What is no record is counted. */
typedef void inbox_take(void *ctx, const struct event *event);
bool inbox_read(struct inbox *inbox, inbox_take *take, void *ctx);
uint64_t inbox_malformed(const struct inbox *inbox);
