# The event sender stands alone, because the hook links it and nothing else of lib/net.
noinst_LTLIBRARIES += lib/net/libevsend.la
lib_net_libevsend_la_SOURCES = lib/net/evsend.h
lib_net_libevsend_la_LIBADD = lib/wire/libwire.la
