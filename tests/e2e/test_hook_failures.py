# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""The hook without a map it can use: leases are served, replies stay as Kea makes them."""

import os
import shutil
import signal

import pytest

from dhcp import ACK
from hook_site import IN_EAST, UEFI, YAML, Twin, is_east, is_west, shown
from lab import BUILD, wait_for
from pvsboot import Pvsboot

NOBODY = 65534
DBTOOL = BUILD / "tests/e2e/dbtool"
AS_NOBODY = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups",
             "--inh-caps", "+net_raw,+net_bind_service", "--ambient-caps",
             "+net_raw,+net_bind_service", "--"]
WEST_YAML = YAML.replace("10.77.0.0/16: east", "10.77.0.0/16: west")


def no_folder(site, path):
    pass


def no_files(site, path):
    path.mkdir()


def empty_files(site, path):
    path.mkdir()
    for name in ("data.mdb", "lock.mdb"):
        (path / name).touch()


def no_database(site, path):
    path.mkdir()
    for name in ("data.mdb", "lock.mdb"):
        (path / name).write_bytes(b"certainly no database\n" * 1000)


def other_format(site, path):
    good_map(site, path)
    site.lab.namespaces["server"].run(DBTOOL, "major", path)


def cut_off(site, path):
    good_map(site, path)
    os.truncate(path / "data.mdb", 8192)


def without_lock_file(site, path):
    good_map(site, path)
    (path / "lock.mdb").unlink()


def a_pipe(site, path):
    good_map(site, path)
    (path / "data.mdb").unlink()
    os.mkfifo(path / "data.mdb")


def a_file(site, path):
    path.write_text("not even a folder\n")


BAD = [no_folder, no_files, empty_files, no_database, other_format, cut_off, without_lock_file,
       a_pipe, a_file]


def good_map(site, path, yaml=YAML):
    """Another good map at path, made aside as backup and restore would."""
    site.write_map(path, yaml)


class Site(Pvsboot):
    """An installation whose map can be made aside and put in place whole."""

    def __init__(self, lab):
        super().__init__(lab, YAML)
        self.map = self.dir / "map"
        self.retired = 0

    def write_map(self, path, yaml):
        config = self.dir / "aside.yaml"
        config.write_text(yaml)
        path.mkdir(0o2770)
        place = self.folders.index("--db") + 1
        mine, self.folders[place] = self.folders[place], str(path)
        try:
            self.cli("apply", config)
        finally:
            self.folders[place] = mine

    def put(self, make):
        """Puts in the map's place what make(site, path) makes; nobody sees half of it."""
        fresh = self.dir / "fresh"
        make(self, fresh)
        if self.map.exists():
            self.retired += 1
            self.map.rename(self.dir / f"retired{self.retired}")
        if fresh.exists():
            fresh.rename(self.map)


@pytest.fixture
def site(lab):
    return Site(lab)


def start(lab, site, **config):
    twin = Twin(lab, "server", [site.hook()], **config)
    twin.kea.start()
    return twin


def is_untouched(twin, mac=IN_EAST):
    offer, ack = twin.direct(mac).dora(UEFI)
    assert ack.type == ACK
    for message in (offer, ack):
        assert shown(message) == ("0.0.0.0", "", None, None)


def lines(twin, name):
    return [line for line in twin.kea.log().splitlines() if name in line]


@pytest.mark.parametrize("make", BAD, ids=lambda make: make.__name__)
def test_a_bad_map_is_survived_and_a_good_one_taken_up(lab, site, make):
    lab.namespace("server")
    site.put(make)
    del lab.namespaces["server"]
    twin = start(lab, site)
    wait_for("the line about the map", lambda: lines(twin, "PVSBOOT_MAP_UNUSABLE"))
    for _ in range(3):
        is_untouched(twin)
    assert twin.counters()["failed"]["no-map"] == 6
    assert len(lines(twin, "PVSBOOT_MAP_UNUSABLE")) == 1
    assert not lines(twin, "PVSBOOT_FAILED")
    assert twin.status()["map"]["error"]
    site.put(good_map)
    twin.wait_open()
    is_east(twin.direct(IN_EAST).discover(UEFI))


@pytest.mark.parametrize("make", BAD, ids=lambda make: make.__name__)
def test_the_last_good_map_outlives_a_bad_one(lab, site, make):
    site.apply()
    twin = start(lab, site)
    twin.wait_open()
    site.put(make)
    wait_for("orphaned", lambda: twin.status()["map"]["condition"] == "orphaned")
    is_east(twin.direct(IN_EAST).discover(UEFI))
    assert len(lines(twin, "PVSBOOT_DB_ORPHANED")) == 1
    assert twin.status()["map"]["revision"] == 1
    site.put(lambda site, path: good_map(site, path, WEST_YAML))
    twin.wait_open()
    is_west(twin.direct(IN_EAST).discover(UEFI))


def test_a_value_that_fails_its_checksum_answers_nothing(lab, site):
    """The farm's record is damaged: whoever needs it is left alone, the rest goes on."""
    def damaged(_, path):
        good_map(site, path)
        with open(path / "data.mdb", "r+b") as data:  # nobody has this one open yet
            at = data.read(1 << 20).index(b"\x0a\x01\x00\x0b")
            data.seek(at)
            data.write(b"\x0a\x01\x00\x0c")

    site.put(damaged)
    twin = start(lab, site)
    twin.wait_open()
    for _ in range(3):
        is_untouched(twin)
    assert twin.counters()["failed"]["database"] == 6
    assert len(lines(twin, "PVSBOOT_FAILED")) == 1
    answer = twin.kea.command("pvs-explain", {"hw-address": IN_EAST, "ip-address": "10.77.1.1"})
    assert answer["result"] == 1 and "checksum" in answer["text"]


def test_a_writer_stopped_inside_its_transaction_stops_nobody(lab, site):
    site.apply()
    twin = Twin(lab, "server", [site.hook()])
    writer = twin.side.start(DBTOOL, "hold", site.map)
    writer.wait_line("held")
    os.kill(writer.pid, signal.SIGSTOP)
    twin.kea.start()
    twin.wait_open()
    is_east(twin.direct(IN_EAST).discover(UEFI))
    for _ in range(3):
        twin.kea.reload()
        twin.wait_open()
    is_east(twin.direct(IN_EAST).discover(UEFI))
    writer.stop(signal.SIGKILL)
    site.apply(WEST_YAML)
    is_west(twin.direct(IN_EAST).discover(UEFI))


def test_a_process_that_hangs_as_it_opens_the_map_stops_nobody(lab, site):
    """It holds lock.mdb whole, as LMDB does for a moment: opening would wait for it."""
    site.apply()
    twin = Twin(lab, "server", [site.hook()])
    holder = twin.side.start("python3", "-c", (
        "import fcntl, sys, time\n"
        "lock = open(sys.argv[1], 'r+b')\n"
        "fcntl.lockf(lock, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\n"
        "time.sleep(3600)\n"), site.map / "lock.mdb")
    holder.wait_line("held")
    twin.kea.start()
    is_untouched(twin)
    twin.kea.reload()
    is_untouched(twin)
    assert twin.counters()["failed"]["no-map"] == 2
    holder.stop(signal.SIGKILL)
    twin.wait_open()
    is_east(twin.direct(IN_EAST).discover(UEFI))


def test_a_user_who_may_not_read_the_map_serves_leases(lab, site):
    """And does as soon as the modes are mended, without a reload."""
    site.apply()
    site.map.chmod(0o700)
    twin = Twin(lab, "server", [site.hook()], wrap=AS_NOBODY)
    os.chown(twin.kea.dir, NOBODY, NOBODY)
    twin.kea.start()
    wait_for("the line about the map", lambda: lines(twin, "PVSBOOT_MAP_UNUSABLE"))
    assert len(lines(twin, "PVSBOOT_NO_MARKER")) == 1
    is_untouched(twin)
    for path in (site.map, *site.map.iterdir()):
        os.chown(path, NOBODY, NOBODY)
    twin.wait_open()
    is_east(twin.direct(IN_EAST).discover(UEFI))


def test_a_read_only_mount_is_refused(lab, site):
    """LMDB would read there without locks, and in silence read wrong."""
    site.apply()
    twin = Twin(lab, "server", [site.hook(db=lab.read_only(site.map))])
    twin.kea.start()
    wait_for("the line about the map", lambda: lines(twin, "PVSBOOT_MAP_UNUSABLE"))
    assert "read-only" in twin.status()["map"]["error"]
    is_untouched(twin)


def test_a_state_that_comes_and_goes_costs_no_answer(lab, site):
    site.apply()
    shutil.rmtree(site.dir / "state")
    twin = start(lab, site)
    twin.wait_open()
    assert twin.status()["crash-protection"] is False
    is_east(twin.direct(IN_EAST).discover(UEFI))
    (site.dir / "state").mkdir()
    (site.dir / "state" / "data.mdb").write_text("no database")
    is_east(twin.direct(IN_EAST).discover(UEFI))
