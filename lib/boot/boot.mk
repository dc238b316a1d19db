noinst_LTLIBRARIES += lib/boot/libboot.la
lib_boot_libboot_la_SOURCES = \
	lib/boot/admit.c lib/boot/admit.h \
	lib/boot/choose.c lib/boot/choose.h \
	lib/boot/decide.c lib/boot/decide.h \
	lib/boot/deciding.h \
	lib/boot/login.c \
	lib/boot/reason.c lib/boot/reason.h \
	lib/boot/reply.c lib/boot/reply.h \
	lib/boot/score.c lib/boot/score.h \
	lib/boot/servers.c \
	lib/boot/stage.c lib/boot/stage.h
# Scores have the same bits on every CPU: no fused multiply-add (score.c says why).
lib_boot_libboot_la_CFLAGS = $(AM_CFLAGS) -ffp-contract=off
lib_boot_libboot_la_LIBADD = lib/wire/libwire.la
