AM_TESTS_ENVIRONMENT = \
	PVSBOOT_SRC='$(abs_top_srcdir)'; export PVSBOOT_SRC; \
	PVSBOOT_BUILD='$(abs_top_builddir)'; export PVSBOOT_BUILD; \
	PYTEST='$(PYTEST)'; export PYTEST;

include tests/unit/unit.mk
include tests/fuzz/fuzz.mk
include tests/lint/lint.mk
include tests/e2e/e2e.mk
include tests/bench/bench.mk

EXTRA_DIST += tests/count.py
