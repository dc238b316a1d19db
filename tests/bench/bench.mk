# Programs that print figures and assert nothing; make check builds them, make bench runs them.
bench_programs =

# A site of 100,000 devices, and the DISCOVERs of a storm.
bench_site = tests/bench/site.c tests/bench/site.h tests/unit/hook_map.c tests/unit/hook_map.h
bench_discover = tests/bench/storm_discover.c tests/bench/storm_discover.h

bench_programs += tests/bench/bench_hook_core
tests_bench_bench_hook_core_SOURCES = tests/bench/bench_hook_core.c tests/bench/bench.h \
	$(bench_site)
tests_bench_bench_hook_core_LDADD = hooks/libhookcore.la

bench_programs += tests/bench/bench_decide
tests_bench_bench_decide_SOURCES = tests/bench/bench_decide.c tests/bench/bench.h $(unit_world)
tests_bench_bench_decide_LDADD = lib/boot/libboot.la

bench_programs += tests/bench/bench_db
tests_bench_bench_db_SOURCES = tests/bench/bench_db.c tests/bench/bench.h tests/unit/db_sample.h
tests_bench_bench_db_LDADD = db/libdb.la

bench_programs += tests/bench/bench_exchange
tests_bench_bench_exchange_SOURCES = tests/bench/bench_exchange.c tests/bench/bench.h \
	$(bench_site) $(bench_discover)
tests_bench_bench_exchange_LDADD = pxe-proxy/libpxe.la db/libdb.la

# What the scripts below run: databases for whole programs, and the storm.
bench_helpers = tests/bench/bench_site tests/bench/pxe_storm
tests_bench_bench_site_SOURCES = tests/bench/bench_site.c $(bench_site)
tests_bench_bench_site_LDADD = db/libdb.la
tests_bench_pxe_storm_SOURCES = tests/bench/pxe_storm.c tests/bench/storm_ring.c \
	tests/bench/storm_ring.h tests/bench/bench.h $(bench_discover)
tests_bench_pxe_storm_LDADD = lib/wire/libwire.la

# The storm of machines that boot, for the end-to-end tests.
bench_helpers += tests/bench/boot_storm
tests_bench_boot_storm_SOURCES = tests/bench/boot_storm.c tests/bench/boot_machine.c \
	tests/bench/boot_machine.h $(bench_discover)
tests_bench_boot_storm_LDADD = lib/net/libnet.la lib/wire/libwire.la

check_PROGRAMS += $(bench_programs) $(bench_helpers)
EXTRA_DIST += tests/bench/kea_cost.py tests/bench/pxe_cost.py tests/bench/watch_cost.py
bench: $(bench_programs) $(bench_helpers) all
	$(AM_V_at)set -e; for program in $(bench_programs); do ./$$program; done
if KEA
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) PYTHONDONTWRITEBYTECODE=1 $(srcdir)/tests/bench/kea_cost.py
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) PYTHONDONTWRITEBYTECODE=1 $(srcdir)/tests/bench/pxe_cost.py
endif
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) PYTHONDONTWRITEBYTECODE=1 $(srcdir)/tests/bench/watch_cost.py
.PHONY: bench
