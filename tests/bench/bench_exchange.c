/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "db/follow.h"
#include "lib/base/err.h"
#include "pxe-proxy/exchange.h"
#include "tests/bench/bench.h"
#include "tests/bench/site.h"
#include "tests/bench/storm_discover.h"

#include <unistd.h>

/* What one DISCOVER costs the ProxyDHCP without its sockets: read, decided from LMDB, answered.
 * Each question has its snapshot, as under load without a second packet waiting. */

enum { EAST = 0x0a140001, PREFIX = 0xac100001 };

struct bench {
	struct db_follow *follow;
	uint32_t first; /* machine */
	bool uefi, relayed;
	struct exchange exchange;
};

/* The DISCOVER of another machine each time. The bytes stay valid until the next. */
static struct request_in
discover(const struct bench *bench, unsigned i)
{
	static uint8_t message[STORM_FRAME_MAX];
	uint32_t number = i * 2654435761u;
	const struct storm_machine machine = {
	    .number = bench->first + number % SITE_DEVICES,
	    .uefi = bench->uefi,
	    .giaddr = bench->relayed ? PREFIX + (number % SITE_PREFIXES << 8) : 0};
	return (struct request_in){.door = REQUEST_DHCP,
	    .source = machine.giaddr,
	    .source_port = bench->relayed ? DHCP4_SERVER_PORT : DHCP4_CLIENT_PORT,
	    .local = EAST,
	    .link_addr = EAST,
	    .bytes = message,
	    .len = storm_message(&machine, message)};
}

static void
ask(void *ctx, unsigned i)
{
	(void)discover(ctx, i);
}

static void
read_one(void *ctx, unsigned i)
{
	struct bench *bench = ctx;
	const struct request_in in = discover(bench, i);
	if (request_read(&in, &bench->exchange.request) != SILENCE_NONE) {
		abort();
	}
}

static void
exchange(void *ctx, unsigned i)
{
	struct bench *bench = ctx;
	struct db_snapshot *snap;
	const struct request_in in = discover(bench, i);
	if (db_follow_begin(bench->follow, &snap) != 0) {
		abort();
	}
	exchange_answer(&in, &db_source, snap, &bench->exchange);
	db_follow_end(bench->follow);
	if (bench->exchange.why != SILENCE_NONE) {
		abort();
	}
}

/* Writes the answer to the last exchange once more. */
static void
write_one(void *ctx, unsigned i)
{
	struct bench *bench = ctx;
	struct exchange *last = &bench->exchange;
	(void)i;
	if (answer_write(&last->request, &last->answer, last->reply) == 0) {
		abort();
	}
}

static void
run_kind(struct bench *bench, const char *name)
{
	enum { BATCH = 2000 };
	bench_run(name, BATCH, exchange, bench);
	bench_run("        of which making the DISCOVER", BATCH, ask, bench);
	bench_run("        and reading it", BATCH, read_one, bench);
	bench_run("        writing the OFFER", BATCH, write_one, bench);
}

static void
run(struct bench *bench)
{
	run_kind(bench, "exchange, BIOS device of its own");
	bench->uefi = true;
	run_kind(bench, "exchange, UEFI device of its own");
	bench->first = SITE_DEVICES;
	run_kind(bench, "exchange, UEFI by prefix");
	bench->relayed = true;
	run_kind(bench, "exchange, UEFI by one of 1,000 relays");
}

int
main(void)
{
	struct bench bench = {0};
	char root[] = "/tmp/pvsboot-bench.XXXXXX";
	char map[SITE_DIR], state[SITE_DIR], command[SITE_DIR];
	if (mkdtemp(root) == NULL) {
		perror("bench_exchange");
		return EXIT_FAILURE;
	}
	site_make(root, map, state);
	int err = db_follow_new(map, state, &bench.follow);
	if (err == 0) {
		err = db_follow_poll(bench.follow);
	}
	if (err == 0) {
		run(&bench);
	} else {
		(void)fprintf(stderr, "bench_exchange: %s\n", err_str(err));
	}
	db_follow_free(bench.follow);
	(void)snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command) == 0 && err == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
