/* SPDX-License-Identifier: MPL-2.0
 * Copyright the pvsboot authors */
#include "tests/bench/bench.h"
#include "tests/unit/db_sample.h"

/* The cost of what one packet asks of the database, and of one device edit: 100,000 devices,
 * 1,000 prefixes, a farm of four servers with a verdict each. */

enum { DEVICES = 100000, PREFIXES = 1000, SERVERS = 4 };

static void
must(int ret)
{
	if (ret != 0) {
		(void)fprintf(stderr, "bench_db: %s\n", err_str(ret));
		exit(EXIT_FAILURE);
	}
}

static void
put_farm(struct db_write *w)
{
	struct db_farm farm;
	sample_farm("east", &farm);
	farm.server_count = SERVERS;
	farm.stream_count = SERVERS;
	for (unsigned i = 0; i < SERVERS; i++) {
		farm.streams[i] = 0x0a01000b + i;
		farm.servers[i] = (struct db_server){.addr = farm.streams[i],
		    .weight = 1,
		    .tftp = true,
		    .login = true,
		    .stream_first = (uint16_t)i,
		    .stream_count = 1};
	}
	must(db_put_farm(w, &farm));
}

static void
make_map(const char *dir)
{
	struct db_write *w;
	const struct db_scope scope = {.text = "10.0.0.0/24", .farm = "east"};
	must(db_write_begin(dir, &w));
	put_farm(w);
	for (uint32_t i = 0; i < PREFIXES; i++) {
		uint32_t first = 0x0a000000 + (i << 8);
		must(db_put_interval(w, first, first + 255, &scope));
	}
	for (uint32_t i = 0; i < DEVICES; i++) {
		struct db_device device = sample_device(i);
		(void)snprintf(device.name, sizeof(device.name), "TARGET%06u", i);
		device.note[0] = '\0';
		device.files.count = i % 2;
		must(db_put_device(w, &device));
	}
	must(db_write_commit(w));
}

static void
make_state(const char *dir)
{
	struct db_state *state;
	must(db_state_open(dir, &state));
	for (uint32_t i = 0; i < SERVERS; i++) {
		const struct db_verdict_entry entry = {
		    {DB_ROLE_TFTP, "east", 0x0a01000b + i, "ARDBP32.BIN"},
		    DB_VERDICT_UP};
		must(db_state_put(state, &entry, 1));
	}
	db_state_close(state);
}

struct looking {
	struct db_snapshot snap;
	struct db_device device;
	struct db_scope scope;
	struct db_farm farm;
};

static void
look_up(void *ctx, unsigned i)
{
	struct looking *l = ctx;
	enum db_verdict verdict;
	/* Another device and prefix each time, in no order. */
	const struct db_device asked = sample_device(i * 7919u % DEVICES);
	must(db_reader_begin(l->snap.map, 0));
	must(db_reader_begin(l->snap.state, 0));
	must(db_source.device(&l->snap, &asked.mac, &l->device));
	must(db_source.prefix(
	    &l->snap, 0x0a000000 + i * 7919u % (PREFIXES << 8), &l->scope));
	must(db_source.farm(&l->snap, l->scope.farm, &l->farm));
	for (unsigned s = 0; s < l->farm.server_count; s++) {
		const struct db_verdict_key key = {
		    DB_ROLE_TFTP, l->farm.name, l->farm.servers[s].addr, "ARDBP32.BIN"};
		must(db_source.verdict(&l->snap, &key, &verdict));
	}
	db_reader_end(l->snap.state, 0);
	db_reader_end(l->snap.map, 0);
}

static void
only_begin(void *ctx, unsigned i)
{
	struct looking *l = ctx;
	(void)i;
	must(db_reader_begin(l->snap.map, 0));
	must(db_reader_begin(l->snap.state, 0));
	db_reader_end(l->snap.state, 0);
	db_reader_end(l->snap.map, 0);
}

static void
edit_devices(const char *dir)
{
	enum { EDITS = 9 };
	double ms[EDITS];
	for (unsigned i = 0; i < EDITS; i++) {
		struct db_write *w;
		const struct db_device device = sample_device(DEVICES + i);
		double start = bench_now_ns();
		must(db_write_begin(dir, &w));
		must(db_put_device(w, &device));
		must(db_write_commit(w));
		ms[i] = (bench_now_ns() - start) / 1e6;
	}
	qsort(ms, EDITS, sizeof(ms[0]), bench_compare);
	(void)printf(
	    "%-48s %9.1f ms\n", "db: one device edit among 100,000", ms[EDITS / 2]);
}

int
main(void)
{
	struct scratch scratch;
	static struct looking l;
	scratch_init(&scratch);
	double start = bench_now_ns();
	make_map(scratch.map);
	(void)printf("%-48s %9.1f ms\n", "db: import of 100,000 devices",
	    (bench_now_ns() - start) / 1e6);
	edit_devices(scratch.map);
	make_state(scratch.state);
	must(db_env_open(DB_MAP, scratch.map, 1, &l.snap.map));
	must(db_env_open(DB_STATE, scratch.state, 1, &l.snap.state));
	bench_run("db: begin and end", 5000, only_begin, &l);
	bench_run(
	    "db: begin, device, prefix, farm, 4 verdicts, end", 5000, look_up, &l);
	db_env_close(l.snap.map);
	db_env_close(l.snap.state);
	scratch_done(&scratch);
	return 0;
}
