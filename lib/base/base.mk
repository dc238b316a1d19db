noinst_LTLIBRARIES += lib/base/libbase.la
lib_base_libbase_la_SOURCES = \
	lib/base/err.c lib/base/err.h \
	lib/base/hex.c lib/base/hex.h \
	lib/base/ip4.c lib/base/ip4.h \
	lib/base/list.h \
	lib/base/log.c lib/base/log.h \
	lib/base/mac.c lib/base/mac.h \
	lib/base/owner.h \
	lib/base/rd.h \
	lib/base/recent.c lib/base/recent.h \
	lib/base/siphash.c lib/base/siphash.h \
	lib/base/text.c lib/base/text.h \
	lib/base/wheel.c lib/base/wheel.h \
	lib/base/wr.h
