# The hook in real Kea.
EXTRA_DIST += tests/e2e/hook_site.py tests/e2e/test_hook.py tests/e2e/test_hook_failures.py \
	tests/e2e/test_hook_storm.py

# Does to a map what no command of ours would.
check_PROGRAMS += tests/e2e/dbtool
tests_e2e_dbtool_LDADD = db/libdb.la
