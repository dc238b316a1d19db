/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include "watch/target.h"

/* Whose probe begins next: targets wait until they are due, and then in three queues: those
 * that are hastened go first, then those that cost a packet or two, and last files, which wait
 * while many flow. A target waits or is queued, or its probe is on its way. Pure; times are
 * monotonic milliseconds. */
struct turns {
	uint64_t key[2], chances;
	struct wheel due;
	struct list hurried, light, files;
};

enum { TURNS_SPREAD_MS = 1000 }; /* over which first probes are spread */

/* key makes the jitter. */
void turns_init(struct turns *turns, const uint64_t key[static 2], uint64_t now_ms);

/* Takes on a target of the plan, or one whose monitor may have changed. One that is queued
 * keeps its place. */
void turns_take(struct turns *turns, struct target *target, uint64_t now_ms);

/* It is due at that time; after the probe that began at began_ms, as its monitor says; at
 * once. */
void turns_at(struct turns *turns, struct target *target, uint64_t due_ms);
void turns_after(struct turns *turns, struct target *target, uint64_t began_ms);
void turns_now(struct turns *turns, struct target *target);

/* Puts what has come due into the queues. */
void turns_tick(struct turns *turns, uint64_t now_ms);

/* Takes out the target whose probe begins now, or returns NULL; without files, but for those
 * that are hastened, where there is no room for more. */
struct target *turns_next(struct turns *turns, bool room_for_files);

/* Takes a target out, wherever it is. */
void turns_leave(struct target *target);

/* Any number, by the key. */
uint32_t turns_chance(struct turns *turns);
