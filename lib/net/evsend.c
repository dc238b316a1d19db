/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/net/evsend.h"

#include "lib/net/evring.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
	/* How long the thread sleeps between two looks into the ring: to be woken by a put
	 * would cost the put a system call, inside a DHCP server's path. 20 wake-ups a second
	 * cost about 1 ms of CPU, and the ring holds 40000 events a second meanwhile. */
	IDLE_MS = 50,
	/* The same after a look that found more than BUSY_BATCHES: 400000 a second. Also while
	 * the socket is full: its queue is short (net.unix.max_dgram_qlen, 10 batches by
	 * default), and room in it cannot be waited for without connecting. */
	BUSY_MS = 5,
	BUSY_BATCHES = EVRING_SLOTS / EVENT_BATCH / 8,
	COUNTERS_MS = 1000,
};

struct evsend {
	struct evring ring;
	_Atomic uint64_t lost; /* records that no socket was there for */

	pthread_mutex_t counters_lock; /* held while counters runs */
	evsend_counters *counters;
	void *counters_ctx;

	pthread_t thread;
	bool started;
	int stop_fd; /* readable once the thread is to end */

	/* The thread's own from here on. */
	int socket_fd;
	struct sockaddr_un to;
	enum event_program program;
	uint32_t pid;
	uint32_t seq;
	uint64_t refused; /* the ring's refusals that seq has counted */
	uint64_t counters_due_ms;
	unsigned batch_count;
	uint8_t batch[EVENT_BATCH * EVENT_LEN];
};

static uint64_t
clock_ms(clockid_t clock)
{
	struct timespec now;
	(void)clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void
batch_add(struct evsend *s, struct event *event)
{
	struct wr w = wr_init(s->batch + s->batch_count * EVENT_LEN, EVENT_LEN);
	event->program = s->program;
	event->pid = s->pid;
	event->seq = s->seq++;
	event_encode(&w, event);
	s->batch_count++;
}

static void
batch_add_counters(struct evsend *s)
{
	struct event event = {
	    .kind = EVENT_COUNTERS,
	    .time_ms = clock_ms(CLOCK_REALTIME),
	    .counter_count = 1,
	    .counters[0] = evsend_dropped(s),
	};
	(void)pthread_mutex_lock(&s->counters_lock);
	if (s->counters != NULL) {
		event.counter_count += s->counters(s->counters_ctx, event.counters + 1);
	}
	(void)pthread_mutex_unlock(&s->counters_lock);
	batch_add(s, &event);
}

/* Tops the batch up from the ring; what the ring refused leaves its gap in seq. */
static void
batch_fill(struct evsend *s)
{
	struct event event;
	uint64_t refused = evring_refused(&s->ring);
	uint64_t now_ms = clock_ms(CLOCK_MONOTONIC);
	s->seq += (uint32_t)(refused - s->refused);
	s->refused = refused;
	if (s->batch_count < EVENT_BATCH && now_ms >= s->counters_due_ms) {
		s->counters_due_ms = now_ms + COUNTERS_MS;
		batch_add_counters(s);
	}
	while (s->batch_count < EVENT_BATCH && evring_take(&s->ring, &event)) {
		batch_add(s, &event);
	}
}

/* False when the socket is full, and the batch waits; true when it is gone or given up. */
static bool
batch_send(struct evsend *s)
{
	ssize_t sent = sendto(s->socket_fd, s->batch, s->batch_count * EVENT_LEN,
	    MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&s->to,
	    sizeof(s->to));
	if (sent < 0 && (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM)) {
		return false;
	}
	if (sent < 0) {
		atomic_fetch_add_explicit(
		    &s->lost, s->batch_count, memory_order_relaxed);
	}
	s->batch_count = 0;
	return true;
}

/* Sends what the ring holds, and not much more, so that threads that put without pause
 * cannot keep the thread from seeing that it is to end. Returns when to look again, in ms. */
static int
drain(struct evsend *s)
{
	unsigned sent = 0;
	for (; sent <= EVRING_SLOTS / EVENT_BATCH; sent++) {
		batch_fill(s);
		if (s->batch_count == 0) {
			break;
		}
		if (!batch_send(s)) {
			return BUSY_MS;
		}
	}
	return sent > BUSY_BATCHES ? BUSY_MS : IDLE_MS;
}

static bool
is_stopped_within(const struct evsend *s, int timeout_ms)
{
	struct pollfd stop = {.fd = s->stop_fd, .events = POLLIN};
	return poll(&stop, 1, timeout_ms) > 0;
}

static void *
run(void *arg)
{
	struct evsend *s = arg;
	while (!is_stopped_within(s, drain(s))) {
	}
	(void)drain(s);
	return NULL;
}

/* The owner's signals are none of this thread's. */
static int
thread_start(struct evsend *s)
{
	sigset_t all;
	sigset_t before;
	(void)sigfillset(&all);
	int err = pthread_sigmask(SIG_SETMASK, &all, &before);
	if (err != 0) {
		return -err;
	}
	err = pthread_create(&s->thread, NULL, run, s);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err != 0) {
		return -err;
	}
	s->started = true;
	(void)pthread_setname_np(s->thread, "pvsboot-events");
	return 0;
}

static int
address_set(struct sockaddr_un *to, const char *state_dir)
{
	to->sun_family = AF_UNIX;
	int len = snprintf(to->sun_path, sizeof(to->sun_path), "%s/events", state_dir);
	return len < 0 || (size_t)len >= sizeof(to->sun_path) ? -ENAMETOOLONG : 0;
}

int
evsend_new(const char *state_dir, enum event_program program, struct evsend **ret)
{
	struct evsend *s = calloc(1, sizeof(*s));
	if (s == NULL) {
		return -ENOMEM;
	}
	evring_init(&s->ring);
	(void)pthread_mutex_init(&s->counters_lock, NULL);
	s->program = program;
	s->pid = (uint32_t)getpid();
	s->counters_due_ms = clock_ms(CLOCK_MONOTONIC) + COUNTERS_MS;
	s->socket_fd = -1;
	s->stop_fd = eventfd(0, EFD_CLOEXEC);
	int err = s->stop_fd < 0 ? -errno : address_set(&s->to, state_dir);
	if (err != 0) {
		goto out;
	}
	s->socket_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	err = s->socket_fd < 0 ? -errno : thread_start(s);
out:
	if (err != 0) {
		evsend_free(s);
	} else {
		*ret = s;
	}
	return err;
}

static void
thread_stop(struct evsend *s)
{
	const uint64_t one = 1;
	ssize_t written = write(s->stop_fd, &one, sizeof(one));
	(void)written; /* an eventfd takes it unless it holds 2^64 - 2 */
	(void)pthread_join(s->thread, NULL);
}

void
evsend_free(struct evsend *s)
{
	if (s == NULL) {
		return;
	}
	if (s->started) {
		thread_stop(s);
	}
	if (s->socket_fd >= 0) {
		(void)close(s->socket_fd);
	}
	if (s->stop_fd >= 0) {
		(void)close(s->stop_fd);
	}
	(void)pthread_mutex_destroy(&s->counters_lock);
	free(s);
}

void
evsend_put(struct evsend *s, const struct event *event)
{
	if (s == NULL) {
		return;
	}
	struct event stamped = *event;
	stamped.time_ms = clock_ms(CLOCK_REALTIME);
	evring_put(&s->ring, &stamped);
}

bool
evsend_is_heard(const struct evsend *s)
{
	int fd = s != NULL ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
	if (fd < 0) {
		return false;
	}
	bool heard = connect(fd, (const struct sockaddr *)&s->to, sizeof(s->to)) == 0;
	(void)close(fd);
	return heard;
}

uint64_t
evsend_dropped(const struct evsend *s)
{
	return atomic_load_explicit(&s->lost, memory_order_relaxed) +
	    evring_refused(&s->ring);
}

void
evsend_set_counters(struct evsend *s, evsend_counters *fill, void *ctx)
{
	(void)pthread_mutex_lock(&s->counters_lock);
	s->counters = fill;
	s->counters_ctx = ctx;
	(void)pthread_mutex_unlock(&s->counters_lock);
}
