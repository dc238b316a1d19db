# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""The hook while perfdhcp asks for leases without a pause, and things go wrong beside it.

A lease counts as lost when perfdhcp had no answer; Kea alone loses some on a busy machine, so
each run is held against one without the hook in the same lab."""

import os
import pathlib
import re
import signal

import pytest

from hook_site import IN_EAST, UEFI, Twin, is_east
from lab import wait_for
from test_hook_failures import (AS_NOBODY, BAD, DBTOOL, NOBODY, WEST_YAML, Site, good_map, lines)

pytestmark = pytest.mark.long

RATE, SECONDS = 200, 10
PXE = "505845436c69656e743a417263683a30303030373a554e44493a303033303030"
MORE_LOSS = 0.01


def ask(twin, seconds=SECONDS, rate=RATE):
    """perfdhcp beside a Kea, as a relay with four thousand UEFI machines behind it."""
    return twin.side.start("perfdhcp", "-4", "-l", "eth0", "-r", rate, "-R", 4000, "-p", seconds,
                           "-o", "60," + PXE, "-o", "93,0007", "10.77.0.1")


def lost(program, seconds=SECONDS):
    """The share of both exchanges that got no answer."""
    program.wait(seconds + 30)
    text = program.text()
    sent = [int(n) for n in re.findall(r"sent packets: (\d+)", text)]
    received = [int(n) for n in re.findall(r"received packets: (\d+)", text)]
    assert len(sent) == 2 and sent[0] > 0, text
    return 1 - sum(received) / sum(sent)


def roomy(twin):
    twin.kea.config["subnet4"][0]["pools"] = [{"pool": "10.77.16.0 - 10.77.63.255"}]
    return twin


@pytest.fixture
def site(lab):
    return Site(lab)


@pytest.fixture
def bare(lab):
    """What Kea alone loses here and now."""
    twin = roomy(Twin(lab, "bare", []))
    twin.kea.start()
    share = lost(ask(twin))
    twin.kea.stop()
    return share


def storm(twin, bare, disturb=None):
    """A storm, with disturb() in the midst of it; no more is lost than without the hook."""
    program = ask(twin)
    if disturb:
        disturb()
    share = lost(program)
    assert share <= bare + MORE_LOSS
    assert twin.kea.program.alive()
    return twin.counters()


def test_without_a_map(lab, site, bare):
    twin = roomy(Twin(lab, "server", [site.hook()]))
    twin.kea.start()
    counters = storm(twin, bare)
    assert counters["failed"]["no-map"] > RATE and counters["answered"] == 0
    assert len(lines(twin, "PVSBOOT_MAP_UNUSABLE")) == 1


def test_with_a_good_map(lab, site, bare):
    site.apply()
    twin = roomy(Twin(lab, "server", [site.hook()], **{"multi-threading": {
        "enable-multi-threading": True, "thread-pool-size": 4}}))
    twin.kea.start()
    twin.wait_open()
    counters = storm(twin, bare)
    assert counters["answered"] > RATE and not any(counters["failed"].values())


def test_with_its_folder_removed(lab, site, bare):
    site.apply()
    twin = roomy(Twin(lab, "server", [site.hook()]))
    twin.kea.start()
    twin.wait_open()
    counters = storm(twin, bare, lambda: site.put(lambda *_: None))
    assert counters["answered"] > RATE and not any(counters["failed"].values())
    assert twin.status()["map"]["condition"] == "orphaned"


def test_with_its_folder_replaced_by_good_and_bad(lab, site, bare):
    def disturb():
        for number, make in enumerate(BAD):
            site.put(make)
            wait_for("orphaned", lambda: twin.status()["map"]["condition"] == "orphaned")
            yaml = WEST_YAML if number % 2 else site.yaml
            site.put(lambda site, path, yaml=yaml: good_map(site, path, yaml))
            twin.wait_open()

    site.apply()
    twin = roomy(Twin(lab, "server", [site.hook()], **{"multi-threading": {
        "enable-multi-threading": True, "thread-pool-size": 4}}))
    twin.kea.start()
    twin.wait_open()
    counters = storm(twin, bare, disturb)
    assert not any(counters["failed"].values())


def test_with_a_writer_stopped_in_its_transaction(lab, site, bare):
    site.apply()
    twin = roomy(Twin(lab, "server", [site.hook()]))
    twin.kea.start()
    twin.wait_open()
    writer = twin.side.start(DBTOOL, "hold", site.map)
    writer.wait_line("held")
    os.kill(writer.pid, signal.SIGSTOP)
    counters = storm(twin, bare)
    assert counters["answered"] > RATE and not any(counters["failed"].values())


def test_with_a_map_that_refuses_its_user(lab, site, bare):
    site.apply()
    site.map.chmod(0o700)
    twin = roomy(Twin(lab, "server", [site.hook()], wrap=AS_NOBODY))
    os.chown(twin.kea.dir, NOBODY, NOBODY)
    twin.kea.start()
    counters = storm(twin, bare)
    assert counters["failed"]["no-map"] > RATE
    assert len(lines(twin, "PVSBOOT_MAP_UNUSABLE")) == 1


def use(twin):
    """(open files, threads, resident KiB) of a Kea."""
    proc = pathlib.Path("/proc", str(twin.kea.program.pid))
    status = (proc / "status").read_text()
    resident = int(re.search(r"VmRSS:\s+(\d+)", status).group(1))
    return len(list((proc / "fd").iterdir())), len(list((proc / "task").iterdir())), resident


@pytest.mark.parametrize("threads", [False, True], ids=["one-thread", "threads"])
def test_fifty_reloads_leak_nothing_and_break_nothing(lab, site, threads):
    site.apply()
    # A sanitizer keeps what was freed for a while, which would look like a leak.
    env = {"ASAN_OPTIONS": "detect_leaks=0:quarantine_size_mb=1:thread_local_quarantine_size_kb=1"}
    twin = roomy(Twin(lab, "server", [site.hook()], env=env, **{"multi-threading": {
        "enable-multi-threading": threads, "thread-pool-size": 4}}))
    twin.kea.start()
    twin.wait_open()
    program = ask(twin, seconds=60, rate=100)
    for _ in range(10):
        twin.kea.reload()
    twin.wait_open()
    files, tasks, resident = use(twin)
    for _ in range(40):
        twin.kea.reload()
    twin.wait_open()
    program.stop()
    # Kea's control socket may still be closing.
    wait_for("no more files and threads than before",
             lambda: use(twin)[0] <= files and use(twin)[1] <= tasks)
    assert use(twin)[2] < resident + 16384
    is_east(twin.direct(IN_EAST).discover(UEFI))
    assert not any(twin.counters()["failed"][kind] for kind in ("database", "exception"))
