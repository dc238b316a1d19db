# The responder's library, which its tests and fuzz targets link; main.c makes it a program.
noinst_LTLIBRARIES += tftp/libtftp.la
tftp_libtftp_la_SOURCES = \
	tftp/catalog.c tftp/catalog.h \
	tftp/image.c tftp/image.h \
	tftp/netascii.c tftp/netascii.h \
	tftp/park.c tftp/park.h \
	tftp/ports.c tftp/ports.h \
	tftp/serve.c tftp/serve.h \
	tftp/server.h \
	tftp/session.c tftp/session.h \
	tftp/sticky.c tftp/sticky.h \
	tftp/table.c tftp/table.h \
	tftp/tell.c tftp/tell.h \
	tftp/xfer.c tftp/xfer.h
tftp_libtftp_la_LIBADD = lib/daemon/libdaemon.la lib/cache/libcache.la \
	db/libdb.la lib/boot/libboot.la lib/wire/libwire.la

sbin_PROGRAMS += tftp/pvsboot-tftp
tftp_pvsboot_tftp_SOURCES = tftp/main.c
tftp_pvsboot_tftp_LDADD = tftp/libtftp.la
