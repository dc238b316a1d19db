# The watcher's library, which its tests and fuzz targets link; main.c makes it a program.
noinst_LTLIBRARIES += watch/libwatch.la
watch_libwatch_la_SOURCES = \
	watch/ask.c \
	watch/evidence.c watch/evidence.h \
	watch/fetch.c \
	watch/health.c watch/health.h \
	watch/knock.c \
	watch/probe.c watch/probe.h \
	watch/probe_ops.h
watch_libwatch_la_LIBADD = lib/wire/libwire.la
