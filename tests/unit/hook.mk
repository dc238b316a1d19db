# The hook's programs: its core is tested without Kea.
unit_tests += tests/unit/check_marker
tests_unit_check_marker_SOURCES = tests/unit/check_marker.c tests/unit/unit.h
tests_unit_check_marker_CFLAGS = $(unit_cflags)
tests_unit_check_marker_LDADD = hooks/libhookcore.la $(unit_ldadd)

unit_tests += tests/unit/check_hook_params
tests_unit_check_hook_params_SOURCES = tests/unit/check_hook_params.c tests/unit/unit.h
tests_unit_check_hook_params_CFLAGS = $(unit_cflags)
tests_unit_check_hook_params_LDADD = hooks/libhookcore.la $(unit_ldadd)

unit_tests += tests/unit/check_hook_edit
tests_unit_check_hook_edit_SOURCES = tests/unit/check_hook_edit.c tests/unit/unit.h
tests_unit_check_hook_edit_CFLAGS = $(unit_cflags)
tests_unit_check_hook_edit_LDADD = hooks/libhookcore.la $(unit_ldadd)

# A map in LMDB, for what reads one.
unit_hook_map = tests/unit/hook_map.c tests/unit/hook_map.h tests/unit/unit.h

unit_tests += tests/unit/check_snapshot
tests_unit_check_snapshot_SOURCES = tests/unit/check_snapshot.c $(unit_hook_map)
tests_unit_check_snapshot_CFLAGS = $(unit_cflags)
tests_unit_check_snapshot_LDADD = hooks/libhookcore.la $(unit_ldadd)

unit_tests += tests/unit/check_hook_core
tests_unit_check_hook_core_SOURCES = tests/unit/check_hook_core.c $(unit_hook_map)
tests_unit_check_hook_core_CFLAGS = $(unit_cflags) $(JANSSON_CFLAGS)
tests_unit_check_hook_core_LDADD = hooks/libhookcore.la $(unit_ldadd)

if KEA
unit_tests += tests/unit/check_hook_load
tests_unit_check_hook_load_SOURCES = tests/unit/check_hook_load.cc
tests_unit_check_hook_load_CPPFLAGS = $(AM_CPPFLAGS) $(KEA_CPPFLAGS) \
	-DHOOK_LIBRARY='"$(abs_top_builddir)/hooks/.libs/libdhcp_pvsboot.so"' \
	-DHOOK_FOLDER='"$(abs_top_builddir)/hooks/.libs"'
tests_unit_check_hook_load_CXXFLAGS = $(AM_CXXFLAGS) $(CHECK_CFLAGS)
tests_unit_check_hook_load_LDADD = $(KEA_LIBS) $(CHECK_LIBS)
endif
