noinst_LTLIBRARIES += lib/report/libreport.la
lib_report_libreport_la_SOURCES = \
	lib/report/object.c lib/report/object.h \
	lib/report/report.c lib/report/report.h \
	lib/report/watcher.c lib/report/watcher.h
lib_report_libreport_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
lib_report_libreport_la_LIBADD = lib/boot/libboot.la db/libdb.la $(JANSSON_LIBS)
