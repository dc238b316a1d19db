noinst_LTLIBRARIES += lib/boot/libboot.la
lib_boot_libboot_la_SOURCES = \
	lib/boot/admit.h \
	lib/boot/decide.h \
	lib/boot/reply.h \
	lib/boot/score.h
lib_boot_libboot_la_LIBADD = lib/wire/libwire.la
