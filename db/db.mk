noinst_LTLIBRARIES += db/libdb.la
db_libdb_la_SOURCES = \
	db/env.h \
	db/map.h \
	db/record.h \
	db/state.h \
	db/write.h
db_libdb_la_CFLAGS = $(AM_CFLAGS) $(LMDB_CFLAGS) $(JANSSON_CFLAGS) $(NETTLE_CFLAGS)
db_libdb_la_LIBADD = lib/base/libbase.la $(LMDB_LIBS) $(JANSSON_LIBS) $(NETTLE_LIBS)
