/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The crash marker: a small file hook.PID.marker in the state folder, written when the hook
 * is loaded, refreshed each second and removed when it is unloaded. One that its process left
 * behind tells that the process died with the hook in it, and when. A damaged page of a
 * mapped database can kill any reader; two deaths within a minute make the hook start inert,
 * so that DHCP goes on.
 *
 * The bytes, 128, big-endian:
 *   0  8  "PVSHOOK1"
 *   8  4  process id
 *  12  8  start time of the process (/proc/PID/stat, field 22)
 *  20 36  boot id (/proc/sys/kernel/random/boot_id)
 *  56  8  last sign of life, ms since boot (CLOCK_BOOTTIME)
 *  64 16  the two latest deaths known, newest first, in the same time; 0: none
 *  80 48  zero
 */
enum { MARKER_LEN = 128, MARKER_PATH = 4096, MARKER_BOOT_ID = 36 };
enum { MARKER_CRASHES = 2, MARKER_WINDOW_MS = 60000 };

struct marker_life {
	uint32_t pid;
	uint64_t start;
	char boot_id[MARKER_BOOT_ID];
	uint64_t alive_ms;
	uint64_t crash_ms[MARKER_CRASHES]; /* newest first; 0: none */
};

struct marker {
	int fd; /* -1: no file could be written */
	char path[MARKER_PATH];
	struct marker_life life;
};

/* What marker_begin() needs of the world: tests give a made-up /proc. */
struct marker_world {
	const char *proc; /* "/proc" */
	uint32_t pid;
	uint64_t now_ms; /* CLOCK_BOOTTIME */
};

/* Takes over the markers of dead processes in dir and writes our own; those of living ones
 * stay (kea-dhcp4 -T loads hooks beside a running server). Returns 0, ERR_EXISTS when this very
 * process has a marker there already (of another copy of the library, which has the map open:
 * it must not be opened twice in a process), or a negated errno when no marker could be written:
 * there is no protection then. After a failure m is as after marker_end(). */
int marker_begin(struct marker *m, const char *dir, const struct marker_world *world)
    __attribute__((warn_unused_result));

/* True when the two latest deaths lie within a minute of each other. */
bool marker_crashed_twice(const struct marker *m);

/* Writes a new sign of life, into a new file where ours was removed. */
void marker_beat(struct marker *m, uint64_t now_ms);

/* Removes the file, or at least empties it. May be called twice. */
void marker_end(struct marker *m);
