# Real Kea, real clients and real firmware in network namespaces; needs root.
EXTRA_DIST += tests/e2e/run tests/e2e/pytest.ini tests/e2e/conftest.py tests/e2e/lab.py \
	tests/e2e/dhcp.py tests/e2e/kea.py tests/e2e/firmware.py tests/e2e/pvsboot.py \
	tests/e2e/trace.py tests/e2e/events.py tests/e2e/dhcp_servers.py tests/e2e/pxe_site.py \
	tests/e2e/quickstart.py tests/e2e/test_lab.py tests/e2e/test_boot.py \
	tests/e2e/commands.py \
	tests/e2e/test_cli.py tests/e2e/test_drain.py tests/e2e/test_doctor.py tests/e2e/test_dist.py $(standins:.bin=.S)
include tests/e2e/hook.mk
EXTRA_DIST += tests/e2e/tftp.py tests/e2e/tftp_room.py tests/e2e/test_tftp.py \
	tests/e2e/test_tftp_park.py tests/e2e/test_evidence.py
EXTRA_DIST += tests/e2e/test_pxe_boot.py tests/e2e/wire.py \
	tests/e2e/pxe_room.py tests/e2e/test_pxe_wire.py tests/e2e/test_pxe_networks.py \
	tests/e2e/test_pxe_beside.py tests/e2e/test_pxe_findings.py tests/e2e/test_pxe_process.py
EXTRA_DIST += tests/e2e/pvs_servers.py tests/e2e/get-atftpd tests/e2e/monitors.py \
	tests/e2e/watch_site.py tests/e2e/test_watch.py tests/e2e/test_watch_faults.py
CLEANFILES += tests/e2e/atftpd fault-table.txt flapping.txt
EXTRA_DIST += tests/e2e/terminal.py tests/e2e/test_status.py
EXTRA_DIST += tests/e2e/verdicts.py tests/e2e/storm_site.py tests/e2e/test_watch_boot.py \
	tests/e2e/test_watch_storm.py

TESTS += tests/e2e/run

check-long: $(check_DATA) all
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/e2e/run -m long

# The hook and the Keas of other Debian releases; needs the network.
EXTRA_DIST += tests/e2e/other-keas tests/e2e/installed.py
CLEANFILES += keas-*.log

check-keas: dist
	$(AM_V_at)$(srcdir)/tests/e2e/other-keas $(distdir).tar.xz

# Stand-ins for the bootstraps that firmware executes.
standins = tests/e2e/bootstrap/standin-bios.bin tests/e2e/bootstrap/standin-uefi.bin
check_DATA = $(standins)
CLEANFILES += $(standins) $(standins:.bin=.elf)

OBJCOPY = objcopy
SUFFIXES = .S .elf .bin
.S.elf:
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(CC) -c -o $@ $<
.elf.bin:
	$(AM_V_GEN)$(OBJCOPY) -O binary -j .text $< $@

standins: $(standins)
.PHONY: check-long check-keas standins
