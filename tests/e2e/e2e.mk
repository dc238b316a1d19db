# Real Kea, real clients and real firmware in network namespaces; needs root.
e2e_sources = tests/e2e/run tests/e2e/pytest.ini tests/e2e/conftest.py tests/e2e/lab.py \
	tests/e2e/dhcp.py tests/e2e/kea.py tests/e2e/test_lab.py
EXTRA_DIST += $(e2e_sources)

TESTS += tests/e2e/run

check-long: all
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/e2e/run -m long
.PHONY: check-long
