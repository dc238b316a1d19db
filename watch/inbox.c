/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "watch/inbox.h"

#include "lib/own/own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { DATAGRAMS = 8 /* of one reading */ };

struct inbox {
	struct sockaddr_un name;
	int fd;
	bool bound;
	dev_t dev; /* of the name in the folder */
	ino_t ino;
	uint64_t malformed;
};

static int
set_name(struct sockaddr_un *name, const char *state_dir)
{
	name->sun_family = AF_UNIX;
	int len =
	    snprintf(name->sun_path, sizeof(name->sun_path), "%s/events", state_dir);
	return len < 0 || (size_t)len >= sizeof(name->sun_path) ? -ENAMETOOLONG : 0;
}

/* The folder's group may write, whatever the umask; the owner is as our files'. */
static int
settle(const char *path)
{
	uid_t uid;
	gid_t gid;
	if (geteuid() == 0) {
		own_ids(&uid, &gid);
		if (lchown(path, uid, gid) != 0) {
			return -errno;
		}
	}
	return chmod(path, OWN_FILE_MODE) != 0 ? -errno : 0;
}

static int
bind_name(struct inbox *inbox)
{
	const char *path = inbox->name.sun_path;
	struct stat st;
	if (unlink(path) != 0 && errno != ENOENT) {
		return -errno;
	}
	if (bind(inbox->fd, (struct sockaddr *)&inbox->name, sizeof(inbox->name)) !=
	    0) {
		return -errno;
	}
	inbox->bound = true;
	int err = settle(path);
	if (err == 0 && lstat(path, &st) != 0) {
		err = -errno;
	}
	if (err == 0) {
		inbox->dev = st.st_dev;
		inbox->ino = st.st_ino;
	}
	return err;
}

int
inbox_open(const char *state_dir, struct inbox **ret)
{
	struct inbox *inbox = calloc(1, sizeof(*inbox));
	if (inbox == NULL) {
		return -ENOMEM;
	}
	inbox->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int err = inbox->fd < 0 ? -errno : set_name(&inbox->name, state_dir);
	err = err != 0 ? err : bind_name(inbox);
	if (err != 0) {
		inbox_close(inbox);
	} else {
		*ret = inbox;
	}
	return err;
}

void
inbox_close(struct inbox *inbox)
{
	if (inbox == NULL) {
		return;
	}
	if (inbox->bound && inbox_is_there(inbox)) {
		(void)unlink(inbox->name.sun_path);
	}
	if (inbox->fd >= 0) {
		(void)close(inbox->fd);
	}
	free(inbox);
}

int
inbox_fd(const struct inbox *inbox)
{
	return inbox->fd;
}

bool
inbox_is_there(const struct inbox *inbox)
{
	struct stat st;
	return lstat(inbox->name.sun_path, &st) == 0 && st.st_dev == inbox->dev &&
	    st.st_ino == inbox->ino;
}

/* A bad record does not spoil its neighbours; what is left at the end is no record. */
static void
take_datagram(struct inbox *inbox, struct rd *r, inbox_take *take, void *ctx)
{
	struct event event;
	while (r->left >= EVENT_LEN) {
		if (event_decode(r, &event) == 0) {
			take(ctx, &event);
		} else {
			inbox->malformed++;
		}
	}
	inbox->malformed += r->left > 0 ? 1 : 0;
}

bool
inbox_read(struct inbox *inbox, inbox_take *take, void *ctx)
{
	uint8_t bytes[EVENT_BATCH * EVENT_LEN];
	for (unsigned i = 0; i < DATAGRAMS; i++) {
		ssize_t got =
		    recv(inbox->fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_TRUNC);
		if (got < 0) {
			return false;
		}
		bool cut = (size_t)got > sizeof(bytes);
		struct rd r = rd_init(bytes, cut ? sizeof(bytes) : (size_t)got);
		inbox->malformed += cut || got == 0 ? 1 : 0;
		take_datagram(inbox, &r, take, ctx);
	}
	return true;
}

uint64_t
inbox_malformed(const struct inbox *inbox)
{
	return inbox->malformed;
}
