noinst_LTLIBRARIES += lib/own/libown.la
lib_own_libown_la_SOURCES = lib/own/own.c lib/own/own.h
lib_own_libown_la_LIBADD = lib/base/libbase.la
