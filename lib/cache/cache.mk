noinst_LTLIBRARIES += lib/cache/libcache.la
lib_cache_libcache_la_SOURCES = \
	lib/cache/cache.c lib/cache/cache.h \
	lib/cache/folder.c lib/cache/folder.h \
	lib/cache/looks.c lib/cache/looks.h \
	lib/cache/publish.c lib/cache/publish.h \
	lib/cache/sweep.c lib/cache/sweep.h
lib_cache_libcache_la_CFLAGS = $(AM_CFLAGS) $(NETTLE_CFLAGS)
lib_cache_libcache_la_LIBADD = lib/own/libown.la lib/base/libbase.la $(NETTLE_LIBS)
