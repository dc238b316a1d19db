include cli/conf/conf.mk

# Everything a person does; main.c alone stays outside, so that the tests can link the rest.
noinst_LTLIBRARIES += cli/libcli.la
cli_libcli_la_SOURCES = \
	cli/args.c cli/args.h \
	cli/audit.c cli/audit.h \
	cli/bootstrap.c cli/bootstrap.h \
	cli/cmd.h \
	cli/cmd_apply.c \
	cli/cmd_bootstrap.c \
	cli/cmd_check.c \
	cli/cmd_device.c \
	cli/cmd_doctor.c \
	cli/cmd_drain.c \
	cli/cmd_explain.c \
	cli/cmd_export.c \
	cli/cmd_status.c \
	cli/command.c cli/command.h \
	cli/completion.c \
	cli/device.c cli/device.h \
	cli/diff.c cli/diff.h \
	cli/doctor/boot_servers.c \
	cli/doctor/cache.c \
	cli/doctor/doctor.c cli/doctor/doctor.h \
	cli/doctor/farms.c \
	cli/doctor/folders.c \
	cli/doctor/host.c cli/doctor/host.h \
	cli/doctor/proxy.c \
	cli/doctor/verdicts.c \
	cli/edit.c cli/edit.h \
	cli/help.c \
	cli/last.c cli/last.h \
	cli/map.c cli/map.h \
	cli/orphans.c cli/orphans.h \
	cli/print.c cli/print.h \
	cli/servers.c cli/servers.h \
	cli/source.c cli/source.h \
	cli/status/collect.c cli/status/status.h \
	cli/status/json.c \
	cli/status/screen.c cli/status/screen.h \
	cli/status/text.c \
	cli/status/watch.c \
	cli/value.c cli/value.h \
	cli/wants.c cli/wants.h
cli_libcli_la_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
cli_libcli_la_LIBADD = cli/conf/libconf.la lib/report/libreport.la lib/boot/libboot.la \
	lib/cache/libcache.la lib/net/libnics.la db/libdb.la lib/wire/libwire.la $(JANSSON_LIBS)

sbin_PROGRAMS += cli/pvsboot
cli_pvsboot_SOURCES = cli/main.c
cli_pvsboot_LDADD = cli/libcli.la

# Prints dist/completion/pvsboot.bash, which check_cli holds to the command table.
noinst_PROGRAMS += cli/mkcompletion
cli_mkcompletion_SOURCES = cli/mkcompletion.c
cli_mkcompletion_LDADD = cli/libcli.la

bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = dist/completion/pvsboot.bash
