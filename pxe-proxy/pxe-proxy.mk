# The proxy's library, which its tests and fuzz targets link; main.c makes it a program.
noinst_LTLIBRARIES += pxe-proxy/libpxe.la
pxe_proxy_libpxe_la_SOURCES = \
	pxe-proxy/answer.c pxe-proxy/answer.h \
	pxe-proxy/delay.c pxe-proxy/delay.h \
	pxe-proxy/exchange.c pxe-proxy/exchange.h \
	pxe-proxy/findings.c pxe-proxy/findings.h \
	pxe-proxy/hold.c pxe-proxy/hold.h \
	pxe-proxy/keyed.c pxe-proxy/keyed.h \
	pxe-proxy/limit.c pxe-proxy/limit.h \
	pxe-proxy/links.c pxe-proxy/links.h \
	pxe-proxy/machines.c pxe-proxy/machines.h \
	pxe-proxy/request.c pxe-proxy/request.h \
	pxe-proxy/roster.c pxe-proxy/roster.h \
	pxe-proxy/serve.c pxe-proxy/serve.h \
	pxe-proxy/session.c pxe-proxy/session.h \
	pxe-proxy/tell.c pxe-proxy/tell.h
pxe_proxy_libpxe_la_LIBADD = lib/daemon/libdaemon.la lib/net/libpacket.la db/libdb.la \
	lib/boot/libboot.la lib/wire/libwire.la

sbin_PROGRAMS += pxe-proxy/pvsboot-pxe
pxe_proxy_pvsboot_pxe_SOURCES = pxe-proxy/main.c
pxe_proxy_pvsboot_pxe_LDADD = pxe-proxy/libpxe.la
