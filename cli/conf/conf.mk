# What pvsboot.yaml says: read, checked, made canonical, compiled. Only the CLI reads YAML.
noinst_LTLIBRARIES += cli/conf/libconf.la
cli_conf_libconf_la_SOURCES = \
	cli/conf/arena.c cli/conf/arena.h \
	cli/conf/canonical.c cli/conf/canonical.h \
	cli/conf/check.c cli/conf/check.h \
	cli/conf/check_address.c \
	cli/conf/check_whole.c \
	cli/conf/compile.c cli/conf/compile.h \
	cli/conf/config.c cli/conf/config.h \
	cli/conf/interval.c cli/conf/interval.h \
	cli/conf/keys.c cli/conf/keys.h \
	cli/conf/load.c \
	cli/conf/mistakes.c cli/conf/mistakes.h \
	cli/conf/node.c cli/conf/node.h \
	cli/conf/tables.c \
	cli/conf/type_address.c \
	cli/conf/type_daemon.c \
	cli/conf/type_farm.c \
	cli/conf/type_files.c \
	cli/conf/type_pins.c \
	cli/conf/type_scalar.c \
	cli/conf/type_scope.c \
	cli/conf/yaml_in.c cli/conf/yaml_in.h \
	cli/conf/yaml_out.c cli/conf/yaml_out.h
cli_conf_libconf_la_CFLAGS = $(AM_CFLAGS) $(YAML_CFLAGS) $(JANSSON_CFLAGS) $(NETTLE_CFLAGS)
cli_conf_libconf_la_LIBADD = db/libdb.la lib/wire/libwire.la lib/base/libbase.la \
	$(YAML_LIBS) $(JANSSON_LIBS) $(NETTLE_LIBS)
