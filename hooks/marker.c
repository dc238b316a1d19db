/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "hooks/marker.h"

#include "lib/base/rd.h"
#include "lib/base/text.h"
#include "lib/base/wr.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	ENTRIES_MAX = 4096, /* of the folder, looked at in one load */
	STAT_START_FIELD = 22,
	MODE = 0660, /* kea-dhcp4 -T may run as another user of the group */
};
static const char magic[] = "PVSHOOK1";

/* Reads at most room - 1 bytes of a small file and terminates them; their count, or -errno. */
static int
read_small(const char *path, char *dst, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		return -errno;
	}
	ssize_t len = read(fd, dst, room - 1);
	int ret = len < 0 ? -errno : (int)len;
	(void)close(fd);
	dst[len < 0 ? 0 : len] = '\0';
	return ret;
}

/* Field 22 of /proc/PID/stat: 0, or a negative code. The second field is the program's name in
 * parentheses and may hold blanks and parentheses itself, so fields are counted after the
 * last one. */
static int
process_start(const char *proc, uint32_t pid, uint64_t *ret)
{
	char path[MARKER_PATH], text[1024];
	(void)snprintf(path, sizeof(path), "%s/%u/stat", proc, pid);
	int len = read_small(path, text, sizeof(text));
	if (len < 0) {
		return len;
	}
	char *at = strrchr(text, ')');
	for (unsigned field = 2; at != NULL && field < STAT_START_FIELD; field++) {
		at = strchr(at + 1, ' ');
	}
	if (at == NULL) {
		return ERR_MALFORMED;
	}
	char *end = strchr(at + 1, ' ');
	if (end != NULL) {
		*end = '\0';
	}
	return text_u64(at + 1, 0, UINT64_MAX, ret);
}

static int
read_boot_id(const char *proc, char ret[static MARKER_BOOT_ID])
{
	char path[MARKER_PATH], text[64];
	(void)snprintf(path, sizeof(path), "%s/sys/kernel/random/boot_id", proc);
	int len = read_small(path, text, sizeof(text));
	if (len < MARKER_BOOT_ID) {
		return len < 0 ? len : ERR_SHORT;
	}
	memcpy(ret, text, MARKER_BOOT_ID);
	return 0;
}

static void
encode(const struct marker_life *life, uint8_t dst[static MARKER_LEN])
{
	struct wr w = wr_init(dst, MARKER_LEN);
	wr_bytes(&w, magic, sizeof(magic) - 1);
	wr_be32(&w, life->pid);
	wr_be64(&w, life->start);
	wr_bytes(&w, life->boot_id, MARKER_BOOT_ID);
	wr_be64(&w, life->alive_ms);
	for (unsigned i = 0; i < MARKER_CRASHES; i++) {
		wr_be64(&w, life->crash_ms[i]);
	}
	wr_zero(&w, w.left);
}

static int
decode(const void *bytes, size_t len, struct marker_life *ret)
{
	struct rd r = rd_init(bytes, len);
	char begins[sizeof(magic) - 1];
	struct marker_life life = {0};
	rd_bytes(&r, begins, sizeof(begins));
	life.pid = rd_be32(&r);
	life.start = rd_be64(&r);
	rd_bytes(&r, life.boot_id, MARKER_BOOT_ID);
	life.alive_ms = rd_be64(&r);
	for (unsigned i = 0; i < MARKER_CRASHES; i++) {
		life.crash_ms[i] = rd_be64(&r);
	}
	if (r.err != 0 || memcmp(begins, magic, sizeof(begins)) != 0) {
		return ERR_MALFORMED;
	}
	*ret = life;
	return 0;
}

static bool
is_marker_name(const char *name)
{
	size_t len = strlen(name);
	return len > 12 && len < 32 && strncmp(name, "hook.", 5) == 0 &&
	    strcmp(name + len - 7, ".marker") == 0;
}

/* Keeps the newest deaths, newest first. */
static void
add_crash(struct marker_life *life, uint64_t crash_ms)
{
	for (unsigned i = 0; i < MARKER_CRASHES; i++) {
		if (crash_ms > life->crash_ms[i]) {
			uint64_t older = life->crash_ms[i];
			life->crash_ms[i] = crash_ms;
			crash_ms = older;
		}
	}
}

/* True when the process that wrote the marker is gone. Its deaths are added to ours, unless it
 * went with the whole machine. */
static bool
take_over(struct marker_life *ours, const struct marker_life *found, const char *proc)
{
	uint64_t start;
	if (memcmp(found->boot_id, ours->boot_id, MARKER_BOOT_ID) != 0) {
		return true;
	}
	if (process_start(proc, found->pid, &start) == 0 && start == found->start) {
		return false;
	}
	add_crash(ours, found->alive_ms);
	for (unsigned i = 0; i < MARKER_CRASHES; i++) {
		add_crash(ours, found->crash_ms[i]);
	}
	return true;
}

/* The one write: whole, since a process can be killed between two. */
static int
put(const struct marker *m)
{
	uint8_t bytes[MARKER_LEN];
	encode(&m->life, bytes);
	ssize_t len = pwrite(m->fd, bytes, sizeof(bytes), 0);
	return len == (ssize_t)sizeof(bytes) ? 0 : len < 0 ? -errno : -EIO;
}

static int
read_marker(const char *path, struct marker_life *ret)
{
	char bytes[MARKER_LEN + 1];
	int len = read_small(path, bytes, sizeof(bytes));
	return len < 0 ? len : decode(bytes, (size_t)len, ret);
}

/* Takes over the markers in dir but our own. What one told stands in our file before it goes:
 * should this process die in between, a death is counted twice, never forgotten. */
static void
take_over_all(struct marker *m, const char *dir, const char *proc)
{
	DIR *entries = opendir(dir);
	if (entries == NULL) {
		return;
	}
	const struct dirent *entry;
	for (unsigned n = 0; n < ENTRIES_MAX && (entry = readdir(entries)) != NULL;
	     n++) {
		char path[MARKER_PATH];
		struct marker_life found;
		int len = snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (is_marker_name(entry->d_name) && len < (int)sizeof(path) &&
		    strcmp(path, m->path) != 0 && read_marker(path, &found) == 0 &&
		    take_over(&m->life, &found, proc) && put(m) == 0) {
			(void)unlink(path);
		}
	}
	(void)closedir(entries);
}

/* A descriptor of a file that was not there, or -errno. */
static int
open_new(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, MODE);
	if (fd < 0) {
		return -errno;
	}
	(void)fchmod(fd, MODE);
	return fd;
}

/* Creates our file. At its name may lie that of a dead process which had our number, as in a
 * container, where Kea is always process 1. */
static int
create(struct marker *m, const char *proc)
{
	struct marker_life found;
	if (read_marker(m->path, &found) == 0 && !take_over(&m->life, &found, proc)) {
		return ERR_EXISTS;
	}
	if (unlink(m->path) != 0 && errno != ENOENT) {
		return -errno;
	}
	int fd = open_new(m->path);
	if (fd < 0) {
		return fd;
	}
	m->fd = fd;
	return put(m);
}

int
marker_begin(struct marker *m, const char *dir, const struct marker_world *world)
{
	*m = (struct marker){.fd = -1, .life = {.pid = world->pid}};
	int len =
	    snprintf(m->path, sizeof(m->path), "%s/hook.%u.marker", dir, world->pid);
	if (len >= (int)sizeof(m->path)) {
		return -ENAMETOOLONG;
	}
	m->life.alive_ms = world->now_ms;
	int ret = read_boot_id(world->proc, m->life.boot_id);
	if (ret == 0) {
		ret = process_start(world->proc, world->pid, &m->life.start);
	}
	if (ret == 0) {
		ret = create(m, world->proc);
	}
	if (ret != 0) {
		marker_end(m);
		return ret;
	}
	take_over_all(m, dir, world->proc);
	return 0;
}

bool
marker_crashed_twice(const struct marker *m)
{
	const uint64_t *crash_ms = m->life.crash_ms;
	return crash_ms[1] != 0 && crash_ms[0] - crash_ms[1] <= MARKER_WINDOW_MS;
}

/* Makes the file again where somebody emptied /run, as soon as the folder is back. The
 * descriptor keeps its number: other threads look at it. */
static void
restore(const struct marker *m)
{
	struct stat st;
	if (fstat(m->fd, &st) != 0 || st.st_nlink > 0) {
		return;
	}
	int fd = open_new(m->path);
	if (fd >= 0) {
		(void)dup3(fd, m->fd, O_CLOEXEC);
		(void)close(fd);
	}
}

void
marker_beat(struct marker *m, uint64_t now_ms)
{
	if (m->fd >= 0) {
		restore(m);
		m->life.alive_ms = now_ms;
		(void)put(m); /* a full file system only makes the last sign older */
	}
}

void
marker_end(struct marker *m)
{
	if (m->fd >= 0) {
		/* Where the folder refuses us by now, what stays must tell of no death. */
		int emptied = ftruncate(m->fd, 0);
		(void)emptied;
		(void)unlink(m->path);
		(void)close(m->fd);
		m->fd = -1;
	}
}
