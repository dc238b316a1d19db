/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "lib/base/err.h"
#include "lib/base/ip4.h"
#include "lib/base/text.h"
#include "lib/wire/dhcp4.h"
#include "tests/bench/bench.h"
#include "tests/bench/storm_discover.h"
#include "tests/bench/storm_ring.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* A storm of PXE machines: DISCOVERs at a fixed rate, and how long their OFFERs took. Every
 * millisecond or so it sends what is due by then and looks at what came; it never waits for an
 * answer. One line of JSON on stdout. */

/* Some 1 ms, but out of step with the kernel's tick, by which it tells user from system time. */
enum { TICK_NS = 970000, BATCH_MAX = 128, STRAGGLERS_NS = 1000000000 };

struct storm {
	uint64_t rate, seconds, machines, first, relays;
	enum storm_arch arch;
	uint32_t
	    giaddr; /* of the first relay; the others follow, a /24 each; 0: none */
	uint32_t server;       /* whom relays ask */
	struct sockaddr_in to; /* the same */

	struct storm_ring *ring;
	int fd;
	uint32_t xid; /* of the first DISCOVER; they count on */
	uint64_t total, sent, refused;
	uint64_t *sent_ns; /* by DISCOVER */
	double *waited_us; /* by OFFER */
	uint64_t offers, repeats, leases;
	double worst_gap_ms; /* between two batches that should be TICK_NS apart */
};

static const char usage[] =
    "usage: pxe_storm [--rate N] [--seconds N] [--machines N] [--first N]\n"
    "                 [--arch bios|uefi|both] [--relay GIADDR --server ADDR\n"
    "                 [--relays N]] INTERFACE\n";

static uint64_t
clock_ns(clockid_t clock)
{
	struct timespec t;
	(void)clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* The i-th DISCOVER. Numbers of machines are scattered, each as often as any other, since the
 * factor is a prime above them all. */
static struct storm_machine
machine_of(const struct storm *storm, uint64_t i)
{
	uint64_t number = i * 2654435761u % storm->machines;
	return (struct storm_machine){.number = (uint32_t)(storm->first + number),
	    .uefi =
		storm->arch == STORM_UEFI || (storm->arch == STORM_BOTH && i % 2 != 0),
	    .xid = storm->xid + (uint32_t)i,
	    .giaddr = storm->giaddr == 0
		? 0
		: storm->giaddr + (uint32_t)(number % storm->relays << 8)};
}

static void
send_batch(struct storm *storm, unsigned count)
{
	static uint8_t bytes[BATCH_MAX][STORM_FRAME_MAX];
	struct iovec parts[BATCH_MAX];
	struct mmsghdr messages[BATCH_MAX];
	for (unsigned i = 0; i < count; i++) {
		struct storm_machine machine = machine_of(storm, storm->sent + i);
		parts[i].iov_base = bytes[i];
		parts[i].iov_len = storm->giaddr != 0
		    ? storm_message(&machine, bytes[i])
		    : storm_frame(&machine, bytes[i]);
		messages[i].msg_hdr =
		    (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
		if (storm->giaddr != 0) {
			messages[i].msg_hdr.msg_name = &storm->to;
			messages[i].msg_hdr.msg_namelen = sizeof(storm->to);
		}
	}
	uint64_t now_ns = clock_ns(CLOCK_REALTIME);
	for (unsigned i = 0; i < count; i++) {
		storm->sent_ns[storm->sent + i] = now_ns;
	}
	int taken = sendmmsg(storm->fd, messages, count, 0);
	storm->refused += count - (unsigned)(taken > 0 ? taken : 0);
	storm->sent += count;
}

static void
receive(struct storm *storm)
{
	struct storm_offer offer;
	while (storm_ring_next(storm->ring, &offer)) {
		uint32_t i = offer.xid - storm->xid;
		if (i >= storm->sent) {
			continue;
		}
		if (offer.yiaddr != 0) {
			storm->leases++;
		} else if (storm->sent_ns[i] == 0) {
			storm->repeats++;
		} else {
			uint64_t ns = offer.time_ns - storm->sent_ns[i];
			storm->waited_us[storm->offers++] = (double)ns / 1e3;
			storm->sent_ns[i] = 0;
		}
	}
}

/* Sleeps until a moment of the monotonic clock. */
static void
sleep_until(uint64_t ns)
{
	const struct timespec t = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
	(void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* Sends everything; returns how long that took. What a late batch missed is made up for at
 * most at double the rate. */
static double
blow(struct storm *storm)
{
	uint64_t per_tick = (storm->rate * TICK_NS + 999999999) / 1000000000;
	uint64_t most = per_tick * 2 < BATCH_MAX ? per_tick * 2 : BATCH_MAX;
	uint64_t start_ns = clock_ns(CLOCK_MONOTONIC), now_ns = start_ns;
	for (uint64_t tick_ns = start_ns; storm->sent < storm->total;) {
		tick_ns = tick_ns + TICK_NS > now_ns ? tick_ns + TICK_NS : now_ns;
		sleep_until(tick_ns);
		uint64_t last_ns = now_ns;
		now_ns = clock_ns(CLOCK_MONOTONIC);
		if ((double)(now_ns - last_ns) > storm->worst_gap_ms * 1e6) {
			storm->worst_gap_ms = (double)(now_ns - last_ns) / 1e6;
		}
		uint64_t due = (now_ns - start_ns) / 1000 * storm->rate / 1000000;
		due = (due < storm->total ? due : storm->total) - storm->sent;
		send_batch(storm, (unsigned)(due < most ? due : most));
		receive(storm);
	}
	double seconds = (double)(clock_ns(CLOCK_MONOTONIC) - start_ns) / 1e9;
	uint64_t end_ns = now_ns + STRAGGLERS_NS;
	while (storm->offers < storm->total && now_ns < end_ns) {
		sleep_until(now_ns += TICK_NS);
		receive(storm);
	}
	return seconds;
}

/* The share (0..1) of OFFERs that took no longer, in microseconds. */
static double
percentile(const struct storm *storm, double share)
{
	uint64_t last = storm->offers - 1;
	return storm->offers == 0 ? 0
				  : storm->waited_us[(uint64_t)(share * (double)last)];
}

static void
report(struct storm *storm, double seconds)
{
	struct rusage used;
	(void)getrusage(RUSAGE_SELF, &used);
	qsort(storm->waited_us, storm->offers, sizeof(double), bench_compare);
	(void)printf(
	    "{\"sent\": %lu, \"seconds\": %.3f, \"refused\": %lu, \"offers\": %lu,"
	    " \"repeats\": %lu, \"leases\": %lu, \"p50_us\": %.0f, "
	    "\"p90_us\": %.0f, \"p99_us\": %.0f, \"max_us\": %.0f, "
	    "\"worst_gap_ms\": %.1f, \"user_s\": %.2f, \"system_s\": %.2f}\n",
	    storm->sent, seconds, storm->refused, storm->offers, storm->repeats,
	    storm->leases, percentile(storm, 0.5), percentile(storm, 0.9),
	    percentile(storm, 0.99), percentile(storm, 1), storm->worst_gap_ms,
	    (double)used.ru_utime.tv_sec + (double)used.ru_utime.tv_usec / 1e6,
	    (double)used.ru_stime.tv_sec + (double)used.ru_stime.tv_usec / 1e6);
}

static struct sockaddr_in
server_port(uint32_t addr)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
	    .sin_port = htons(DHCP4_SERVER_PORT),
	    .sin_addr.s_addr = htonl(addr)};
}

/* The relays' socket: from giaddr:67. Not connected: where nobody holds the server's port 67,
 * ICMP errors would end in it. The ring hears what comes back. */
static int
open_relay(struct storm *storm)
{
	const struct sockaddr_in here = server_port(storm->giaddr);
	const int least = 0;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least)) != 0 ||
	    bind(fd, (const struct sockaddr *)&here, sizeof(here)) != 0) {
		return -errno;
	}
	storm->to = server_port(storm->server);
	return fd;
}

static int
open_all(struct storm *storm, const char *interface)
{
	storm->total = storm->rate * storm->seconds;
	storm->xid = (uint32_t)clock_ns(CLOCK_REALTIME);
	storm->sent_ns = calloc(storm->total, sizeof(*storm->sent_ns));
	storm->waited_us = calloc(storm->total, sizeof(*storm->waited_us));
	if (storm->sent_ns == NULL || storm->waited_us == NULL) {
		return -ENOMEM;
	}
	unsigned ifindex = if_nametoindex(interface);
	int err =
	    ifindex == 0 ? -errno : storm_ring_open(ifindex, &storm->ring, &storm->fd);
	if (err == 0 && storm->giaddr != 0) {
		storm->fd = open_relay(storm);
		err = storm->fd < 0 ? storm->fd : 0;
	}
	return err;
}

static int
take_arch(const char *text, enum storm_arch *ret)
{
	static const char *const names[] = {
	    [STORM_BIOS] = "bios", [STORM_UEFI] = "uefi", [STORM_BOTH] = "both"};
	for (unsigned i = STORM_BIOS; i <= STORM_BOTH; i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret = (enum storm_arch)i;
			return 0;
		}
	}
	return ERR_BADOPT;
}

static int
take_option(struct storm *storm, int option)
{
	switch (option) {
	case 'r':
		return text_u64(optarg, 1, 120000, &storm->rate);
	case 's':
		return text_u64(optarg, 1, 3600, &storm->seconds);
	case 'm':
		return text_u64(optarg, 1, 1u << 31, &storm->machines);
	case 'f':
		return text_u64(optarg, 0, 1u << 31, &storm->first);
	case 'n':
		return text_u64(optarg, 1, 1u << 16, &storm->relays);
	case 'a':
		return take_arch(optarg, &storm->arch);
	case 'g':
		return ip4_parse(optarg, &storm->giaddr);
	case 't':
		return ip4_parse(optarg, &storm->server);
	default:
		return ERR_BADOPT;
	}
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"rate", required_argument, NULL, 'r'},
	    {"seconds", required_argument, NULL, 's'},
	    {"machines", required_argument, NULL, 'm'},
	    {"first", required_argument, NULL, 'f'},
	    {"relays", required_argument, NULL, 'n'},
	    {"arch", required_argument, NULL, 'a'},
	    {"relay", required_argument, NULL, 'g'},
	    {"server", required_argument, NULL, 't'},
	    {NULL, 0, NULL, 0},
	};
	struct storm storm = {.rate = 1000,
	    .seconds = 5,
	    .machines = 100000,
	    .relays = 1,
	    .arch = STORM_BOTH};
	int option, err = 0;
	while (
	    err == 0 && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		err = take_option(&storm, option);
	}
	if (err != 0 || optind + 1 != argc) {
		(void)fputs(usage, stderr);
		return 2;
	}
	err = open_all(&storm, argv[optind]);
	if (err != 0) {
		(void)fprintf(stderr, "pxe_storm: %s\n", err_str(err));
		return EXIT_FAILURE;
	}
	report(&storm, blow(&storm));
	return EXIT_SUCCESS;
}
