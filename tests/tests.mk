include tests/unit/unit.mk
include tests/fuzz/fuzz.mk
include tests/lint/lint.mk
include tests/e2e/e2e.mk
include tests/bench/bench.mk
