# The watcher's library, which its tests and fuzz targets link; main.c makes it a program.
noinst_LTLIBRARIES += watch/libwatch.la
watch_libwatch_la_SOURCES = \
	watch/account.c watch/account.h \
	watch/ask.c \
	watch/drift.c watch/drift.h \
	watch/evidence.c watch/evidence.h \
	watch/fetch.c \
	watch/flows.c watch/flows.h \
	watch/health.c watch/health.h \
	watch/hear.c watch/hear.h \
	watch/inbox.c watch/inbox.h \
	watch/keep.c watch/keep.h \
	watch/knock.c \
	watch/last_named.c watch/last_named.h \
	watch/ledger.c watch/ledger.h \
	watch/names.c watch/names.h \
	watch/plan.c watch/plan.h \
	watch/plan_order.c watch/plan_order.h \
	watch/plan_read.c \
	watch/probe.c watch/probe.h \
	watch/probe_ops.h \
	watch/runner.c watch/runner.h \
	watch/serve.c watch/serve.h \
	watch/target.c watch/target.h \
	watch/tell.c watch/tell.h \
	watch/turns.c watch/turns.h \
	watch/want.c watch/want.h
watch_libwatch_la_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
watch_libwatch_la_LIBADD = lib/daemon/libdaemon.la lib/net/libpacket.la \
	lib/cache/libcache.la db/libdb.la lib/wire/libwire.la $(NETTLE_LIBS)

sbin_PROGRAMS += watch/pvsboot-watch
watch_pvsboot_watch_SOURCES = watch/main.c
watch_pvsboot_watch_LDADD = watch/libwatch.la
