# What every daemon does alike: its command line, the map it follows, its life as a service.
noinst_LTLIBRARIES += lib/daemon/libdaemon.la
lib_daemon_libdaemon_la_SOURCES = \
	lib/daemon/map.c lib/daemon/map.h \
	lib/daemon/options.c lib/daemon/options.h \
	lib/daemon/service.c lib/daemon/service.h
lib_daemon_libdaemon_la_LIBADD = lib/net/libnet.la lib/net/libevsend.la db/libdb.la \
	lib/base/libbase.la
