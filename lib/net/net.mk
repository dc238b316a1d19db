# The event sender stands alone, because the hook links it and nothing else of lib/net.
noinst_LTLIBRARIES += lib/net/libevsend.la
lib_net_libevsend_la_SOURCES = \
	lib/net/evring.c lib/net/evring.h \
	lib/net/evsend.c lib/net/evsend.h
lib_net_libevsend_la_LIBADD = lib/wire/libwire.la

noinst_LTLIBRARIES += lib/net/libnet.la
lib_net_libnet_la_SOURCES = \
	lib/net/counters.c lib/net/counters.h \
	lib/net/loop.c lib/net/loop.h \
	lib/net/notify.c lib/net/notify.h \
	lib/net/send.c lib/net/send.h \
	lib/net/udp.c lib/net/udp.h
lib_net_libnet_la_CFLAGS = $(AM_CFLAGS) $(UV_CFLAGS) $(SYSTEMD_CFLAGS)
lib_net_libnet_la_LIBADD = lib/base/libbase.la $(UV_LIBS) $(SYSTEMD_LIBS)

# The interfaces stand alone too, for the CLI.
noinst_LTLIBRARIES += lib/net/libnics.la
lib_net_libnics_la_SOURCES = lib/net/nics.c lib/net/nics.h

# What only a daemon needs that hears packets beside other servers.
noinst_LTLIBRARIES += lib/net/libpacket.la
lib_net_libpacket_la_SOURCES = \
	lib/net/packet.c lib/net/packet.h \
	lib/net/packet_filter.c lib/net/packet_filter.h \
	lib/net/packet_outbox.c \
	lib/net/privileges.c lib/net/privileges.h
lib_net_libpacket_la_CFLAGS = $(AM_CFLAGS) $(CAPNG_CFLAGS)
lib_net_libpacket_la_LIBADD = lib/net/libnics.la lib/net/libnet.la lib/own/libown.la lib/base/libbase.la $(CAPNG_LIBS)
