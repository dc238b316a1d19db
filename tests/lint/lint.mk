# What a reader would object to, held by machine.
lint_tests = tests/lint/layers.py tests/lint/words tests/lint/format tests/lint/manuals \
	tests/lint/symbols
TESTS += $(lint_tests)
EXTRA_DIST += $(lint_tests)
