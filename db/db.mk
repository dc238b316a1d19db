noinst_LTLIBRARIES += db/libdb.la
db_libdb_la_SOURCES = \
	db/codec.c db/codec.h \
	db/codec_admin.c \
	db/codec_state.c \
	db/env.c db/env.h \
	db/export.c db/export.h \
	db/follow.c db/follow.h \
	db/guard.c db/guard.h \
	db/heartbeat.c \
	db/key.c db/key.h \
	db/map.c db/map.h \
	db/record.h \
	db/register.c db/register.h \
	db/source.c \
	db/state.c db/state.h \
	db/store.c db/store.h \
	db/value.c db/value.h \
	db/verify.c db/verify.h \
	db/write.c db/write.h
db_libdb_la_CFLAGS = $(AM_CFLAGS) $(LMDB_CFLAGS) $(JANSSON_CFLAGS) $(NETTLE_CFLAGS)
db_libdb_la_LIBADD = lib/wire/libwire.la lib/own/libown.la lib/base/libbase.la $(LMDB_LIBS) \
	$(JANSSON_LIBS) $(NETTLE_LIBS)
EXTRA_DIST += db/FORMAT.md
