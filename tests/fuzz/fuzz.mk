# One target per door. With --enable-fuzzers each is linked with libFuzzer; otherwise with
# replay.c, which decodes every file of its corpus: those runs are part of make check.
fuzz_targets =
if FUZZERS
fuzz_main =
fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer
else
fuzz_main = tests/fuzz/replay.c
fuzz_ldflags = $(AM_LDFLAGS)
endif
EXTRA_DIST += tests/fuzz/replay.c tests/fuzz/run

check_PROGRAMS += $(fuzz_targets)
TESTS += $(fuzz_targets)

FUZZ_RUNS = 100000
# make fuzz FUZZ_RUNS=N: each target N times (needs --enable-fuzzers), or only FUZZ=NAME.
fuzz: $(fuzz_targets)
	$(AM_V_at)FUZZ_RUNS=$(FUZZ_RUNS) $(srcdir)/tests/fuzz/run $(srcdir) $(fuzz_targets)
.PHONY: fuzz
