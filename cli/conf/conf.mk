# What pvsboot.yaml says: read, checked, made canonical, compiled. Only the CLI reads YAML.
noinst_LTLIBRARIES += cli/conf/libconf.la
cli_conf_libconf_la_SOURCES = \
	cli/conf/arena.c cli/conf/arena.h \
	cli/conf/canonical.h \
	cli/conf/compile.h \
	cli/conf/config.h \
	cli/conf/mistakes.c cli/conf/mistakes.h \
	cli/conf/yaml_out.h
cli_conf_libconf_la_CFLAGS = $(AM_CFLAGS) $(YAML_CFLAGS) $(JANSSON_CFLAGS) $(NETTLE_CFLAGS)
cli_conf_libconf_la_LIBADD = db/libdb.la lib/wire/libwire.la lib/base/libbase.la \
	$(YAML_LIBS) $(JANSSON_LIBS) $(NETTLE_LIBS)
