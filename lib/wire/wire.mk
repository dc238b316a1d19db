noinst_LTLIBRARIES += lib/wire/libwire.la
lib_wire_libwire_la_SOURCES = \
	lib/wire/arch.c lib/wire/arch.h \
	lib/wire/dhcp4.c lib/wire/dhcp4.h \
	lib/wire/dhcp4_read.c \
	lib/wire/dhcp4_write.c \
	lib/wire/event.c lib/wire/event.h \
	lib/wire/pxe.c lib/wire/pxe.h \
	lib/wire/tftp.c lib/wire/tftp.h \
	lib/wire/udp4.c lib/wire/udp4.h
lib_wire_libwire_la_LIBADD = lib/base/libbase.la
