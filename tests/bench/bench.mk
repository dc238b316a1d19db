# Programs that print figures and assert nothing; make check builds them, make bench runs them.
bench_programs =

bench_programs += tests/bench/bench_hook_core
tests_bench_bench_hook_core_SOURCES = tests/bench/bench_hook_core.c tests/bench/bench.h \
	tests/unit/hook_map.c tests/unit/hook_map.h
tests_bench_bench_hook_core_LDADD = hooks/libhookcore.la

bench_programs += tests/bench/bench_decide
tests_bench_bench_decide_SOURCES = tests/bench/bench_decide.c tests/bench/bench.h $(unit_world)
tests_bench_bench_decide_LDADD = lib/boot/libboot.la

bench_programs += tests/bench/bench_db
tests_bench_bench_db_SOURCES = tests/bench/bench_db.c tests/bench/bench.h tests/unit/db_sample.h
tests_bench_bench_db_LDADD = db/libdb.la

check_PROGRAMS += $(bench_programs)
EXTRA_DIST += tests/bench/kea_cost.py
bench: $(bench_programs) all
	$(AM_V_at)set -e; for program in $(bench_programs); do ./$$program; done
if KEA
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) PYTHONDONTWRITEBYTECODE=1 $(srcdir)/tests/bench/kea_cost.py
endif
.PHONY: bench
