# One target per door. With --enable-fuzzers each is linked with libFuzzer; otherwise with
# replay.c, which decodes every file of its corpus: those runs are part of make check.
fuzz_targets =
if FUZZERS
fuzz_main =
fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer
else
fuzz_main = tests/fuzz/replay.c
fuzz_ldflags = $(AM_LDFLAGS)
endif
EXTRA_DIST += tests/fuzz/replay.c tests/fuzz/run

fuzz_targets += tests/fuzz/fuzz_record
tests_fuzz_fuzz_record_SOURCES = tests/fuzz/fuzz_record.c $(fuzz_main)
tests_fuzz_fuzz_record_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_record_LDADD = db/libdb.la
EXTRA_DIST += tests/fuzz/corpus/record

fuzz_targets += tests/fuzz/fuzz_event
tests_fuzz_fuzz_event_SOURCES = tests/fuzz/fuzz_event.c tests/fuzz/fuzz.h $(fuzz_main)
tests_fuzz_fuzz_event_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_event_LDADD = lib/wire/libwire.la
EXTRA_DIST += tests/fuzz/corpus/event

fuzz_targets += tests/fuzz/fuzz_exchange
tests_fuzz_fuzz_exchange_SOURCES = tests/fuzz/fuzz_exchange.c tests/fuzz/fuzz.h \
	tests/unit/world.c tests/unit/world.h $(fuzz_main)
tests_fuzz_fuzz_exchange_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_exchange_LDADD = pxe-proxy/libpxe.la
EXTRA_DIST += tests/fuzz/corpus/exchange

fuzz_targets += tests/fuzz/fuzz_looks
tests_fuzz_fuzz_looks_SOURCES = tests/fuzz/fuzz_looks.c tests/fuzz/fuzz.h $(fuzz_main)
tests_fuzz_fuzz_looks_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_looks_LDADD = lib/cache/libcache.la
EXTRA_DIST += tests/fuzz/corpus/looks

fuzz_targets += tests/fuzz/fuzz_options
tests_fuzz_fuzz_options_SOURCES = tests/fuzz/fuzz_options.c tests/fuzz/fuzz.h $(fuzz_main)
tests_fuzz_fuzz_options_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_options_LDADD = lib/wire/libwire.la
EXTRA_DIST += tests/fuzz/corpus/options

fuzz_targets += tests/fuzz/fuzz_dhcp4
tests_fuzz_fuzz_dhcp4_SOURCES = tests/fuzz/fuzz_dhcp4.c tests/fuzz/fuzz.h $(fuzz_main)
tests_fuzz_fuzz_dhcp4_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_dhcp4_LDADD = lib/wire/libwire.la
EXTRA_DIST += tests/fuzz/corpus/dhcp4

fuzz_targets += tests/fuzz/fuzz_probe
tests_fuzz_fuzz_probe_SOURCES = tests/fuzz/fuzz_probe.c tests/fuzz/fuzz.h $(fuzz_main)
tests_fuzz_fuzz_probe_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_probe_LDADD = watch/libwatch.la
EXTRA_DIST += tests/fuzz/corpus/probe

fuzz_targets += tests/fuzz/fuzz_pxe
tests_fuzz_fuzz_pxe_SOURCES = tests/fuzz/fuzz_pxe.c tests/fuzz/fuzz.h $(fuzz_main)
tests_fuzz_fuzz_pxe_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_pxe_LDADD = lib/wire/libwire.la
EXTRA_DIST += tests/fuzz/corpus/pxe

fuzz_targets += tests/fuzz/fuzz_relay
tests_fuzz_fuzz_relay_SOURCES = tests/fuzz/fuzz_relay.c tests/fuzz/fuzz.h $(fuzz_main)
tests_fuzz_fuzz_relay_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_relay_LDADD = lib/wire/libwire.la
EXTRA_DIST += tests/fuzz/corpus/relay

fuzz_targets += tests/fuzz/fuzz_tftp
tests_fuzz_fuzz_tftp_SOURCES = tests/fuzz/fuzz_tftp.c tests/fuzz/fuzz.h $(fuzz_main)
tests_fuzz_fuzz_tftp_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_tftp_LDADD = lib/wire/libwire.la
EXTRA_DIST += tests/fuzz/corpus/tftp

fuzz_targets += tests/fuzz/fuzz_udp4
tests_fuzz_fuzz_udp4_SOURCES = tests/fuzz/fuzz_udp4.c tests/fuzz/fuzz.h $(fuzz_main)
tests_fuzz_fuzz_udp4_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_udp4_LDADD = lib/wire/libwire.la
EXTRA_DIST += tests/fuzz/corpus/udp4

fuzz_targets += tests/fuzz/fuzz_xfer
tests_fuzz_fuzz_xfer_SOURCES = tests/fuzz/fuzz_xfer.c tests/fuzz/fuzz.h $(fuzz_main)
tests_fuzz_fuzz_xfer_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_xfer_LDADD = tftp/libtftp.la
EXTRA_DIST += tests/fuzz/corpus/xfer

fuzz_targets += tests/fuzz/fuzz_yaml
tests_fuzz_fuzz_yaml_SOURCES = tests/fuzz/fuzz_yaml.c $(fuzz_main)
tests_fuzz_fuzz_yaml_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_fuzz_yaml_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_yaml_LDADD = cli/conf/libconf.la
EXTRA_DIST += tests/fuzz/corpus/yaml

check_PROGRAMS += $(fuzz_targets)
TESTS += $(fuzz_targets)

FUZZ_RUNS = 100000
# make fuzz FUZZ_RUNS=N: each target N times (needs --enable-fuzzers), or only FUZZ=NAME.
fuzz: $(fuzz_targets)
	$(AM_V_at)FUZZ_RUNS=$(FUZZ_RUNS) $(srcdir)/tests/fuzz/run $(srcdir) $(fuzz_targets)
.PHONY: fuzz
