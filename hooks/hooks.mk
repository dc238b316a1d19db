# The hook's core is plain C and built without Kea as well: its tests need none.
noinst_LTLIBRARIES += hooks/libhookcore.la
hooks_libhookcore_la_SOURCES = \
	hooks/answer.c \
	hooks/ask.c \
	hooks/core.c hooks/core.h \
	hooks/edit.c hooks/edit.h \
	hooks/inside.h \
	hooks/marker.c hooks/marker.h \
	hooks/message.h \
	hooks/params.c hooks/params.h \
	hooks/snapshot.c hooks/snapshot.h
hooks_libhookcore_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
hooks_libhookcore_la_LIBADD = lib/report/libreport.la lib/net/libevsend.la

EXTRA_DIST += hooks/libdhcp_pvsboot.map hooks/compat/dhcpsrv/cfg_globals.h

if KEA
keahooks_LTLIBRARIES = hooks/libdhcp_pvsboot.la
hooks_libdhcp_pvsboot_la_SOURCES = \
	hooks/callouts.cc \
	hooks/commands.cc hooks/commands.h \
	hooks/messages.cc hooks/messages.h \
	hooks/packet.cc hooks/packet.h
hooks_libdhcp_pvsboot_la_CPPFLAGS = $(AM_CPPFLAGS) $(KEA_CPPFLAGS)
if !KEA_CFG_GLOBALS
hooks_libdhcp_pvsboot_la_CPPFLAGS += -isystem $(srcdir)/hooks/compat
endif
hooks_libdhcp_pvsboot_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -no-undefined \
	-Wl,--version-script=$(srcdir)/hooks/libdhcp_pvsboot.map
if !SANITIZERS
# What nobody gives shows here, not in Kea; a sanitizer's own functions come from the process.
hooks_libdhcp_pvsboot_la_LDFLAGS += -Wl,-z,defs
endif
# A module takes whole archives, and the convenience libraries hold each other: so it is made of
# the objects of every layer below, each once.
hooks_libdhcp_pvsboot_la_LIBADD = $(hooks_libhookcore_la_OBJECTS) \
	$(lib_report_libreport_la_OBJECTS) $(lib_net_libevsend_la_OBJECTS) \
	$(db_libdb_la_OBJECTS) $(lib_boot_libboot_la_OBJECTS) \
	$(lib_wire_libwire_la_OBJECTS) $(lib_own_libown_la_OBJECTS) \
	$(lib_base_libbase_la_OBJECTS) \
	$(JANSSON_LIBS) $(LMDB_LIBS) $(NETTLE_LIBS) $(KEA_LIBS)
EXTRA_hooks_libdhcp_pvsboot_la_DEPENDENCIES = hooks/libdhcp_pvsboot.map hooks/libhookcore.la \
	lib/report/libreport.la lib/net/libevsend.la db/libdb.la lib/boot/libboot.la \
	lib/wire/libwire.la lib/own/libown.la lib/base/libbase.la
endif
