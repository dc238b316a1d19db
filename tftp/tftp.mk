# The responder's library, which its tests and fuzz targets link; main.c makes it a program.
noinst_LTLIBRARIES += tftp/libtftp.la
tftp_libtftp_la_SOURCES = \
	tftp/xfer.c tftp/xfer.h
tftp_libtftp_la_LIBADD = lib/wire/libwire.la
