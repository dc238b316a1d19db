# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""The proxy as a process: its privileges, its map, its end."""

import os
import pathlib
import signal
import socket
import subprocess

import pytest

from lab import built, wait_for
from pvsboot import PXE_READY
from pxe_room import BIOS, MAC, UEFI, YAML, Room
from wire import Stations

NOBODY = 65534
NET_RAW = 1 << 13
WEST_NOW = YAML.replace("10.77.0.0/16: east", "10.77.0.0/16: west")


def own(room, uid=NOBODY):
    """Gives the installation's folders to a user."""
    for path in (room.pvsboot.dir, *room.pvsboot.dir.rglob("*")):
        os.chown(path, uid, uid)


def status(program):
    """/proc/PID/status by key."""
    lines = pathlib.Path(f"/proc/{program.pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


class Manager:
    """The service manager, as far as it is told."""

    def __init__(self, lab):
        self.path = lab.path("notify")
        self.heard = []

    def __enter__(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(str(self.path))
        self.sock.settimeout(20)
        return self

    def __exit__(self, *_):
        self.sock.close()

    def starts(self, room, *words):
        return room.host.start(built("pvsboot-pxe"), *room.pvsboot.folders, *words,
                               env={"NOTIFY_SOCKET": str(self.path)})

    def hears(self, text, without=None):
        """Waits until it is told text, and nothing of without in the same message."""
        while True:
            said = self.sock.recv(4096).decode()
            self.heard.append(said)
            if text in said and (without is None or without not in said):
                return


def has_net_raw_alone(program, bounds=True):
    said = status(program)
    for kind in ("CapEff", "CapPrm", "CapBnd") if bounds else ("CapEff", "CapPrm"):
        assert int(said[kind], 16) == NET_RAW, kind
    for kind in ("CapInh", "CapAmb"):
        assert int(said[kind], 16) & ~NET_RAW == 0, kind
    assert said["NoNewPrivs"] == "1"
    return said


def takes_up_late_interfaces(room):
    room.lab.link(room.host, "eth1", room.side, "eth1")
    room.host.address("eth1", "10.78.64.2/24")
    room.answered(Stations(room.side, "eth1"))


def as_user(room, *words, caps=("net_raw",), wait=True):
    """The proxy as its unit starts it: an unprivileged user with ambient capabilities."""
    room.pvsboot.apply()
    own(room)
    added = ",".join(f"+{cap}" for cap in caps)
    bounds = ["--bounding-set", ",".join(["-all", *(f"+{cap}" for cap in caps)])]
    some = ["--inh-caps", added, "--ambient-caps", added] if caps else []
    program = room.host.start(
        "setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", *some, *bounds, "--",
        built("pvsboot-pxe"), *room.pvsboot.folders, *words, "--verbose", name="pvsboot-pxe")
    if wait:
        program.wait_line(PXE_READY)
    return program


# ---- privileges

def test_started_as_root_it_becomes_the_maps_owner_with_net_raw_alone(lab):
    room = Room(lab)
    room.pvsboot.apply()
    own(room)
    room.daemon = room.pvsboot.pxe(room.host)
    said = has_net_raw_alone(room.daemon)
    for ids in ("Uid", "Gid"):
        assert set(said[ids].split()) == {str(NOBODY)}
    assert said["Groups"].split() in ([], [str(NOBODY)])
    room.answered()
    takes_up_late_interfaces(room)
    assert room.reply(room.asked(MAC, BIOS)) is not None


def test_of_a_root_owned_map_it_stays_root_without_roots_rights(lab):
    room = Room(lab).start()
    said = has_net_raw_alone(room.daemon)
    assert said["Uid"].split()[0] == "0"
    room.answered()


def test_an_unprivileged_user_with_net_raw_will_do(lab):
    room = Room(lab)
    program = as_user(room)
    assert has_net_raw_alone(program)["Uid"].split()[1] == str(NOBODY)
    room.answered()
    takes_up_late_interfaces(room)
    assert room.reply(room.asked(MAC, BIOS)) is not None
    assert program.stop() == 0


def test_without_net_raw_it_says_so_and_ends(lab):
    program = as_user(Room(lab), caps=(), wait=False)
    assert program.wait() == 1
    assert "CAP_NET_RAW" in program.text()


def test_root_that_cannot_become_the_owner_says_so_and_ends(lab):
    """As in a container that was left CAP_NET_RAW alone."""
    room = Room(lab)
    room.pvsboot.apply()
    own(room)
    program = room.host.start("setpriv", "--bounding-set", "-all,+net_raw", "--",
                              built("pvsboot-pxe"), *room.pvsboot.folders, name="pvsboot-pxe")
    assert program.wait() == 1
    assert "CAP_SETUID" in program.text()


def test_the_units_drop_in_for_a_held_port_is_enough(lab):
    room = Room(lab)
    program = as_user(room, "--hold-port", caps=("net_raw", "net_bind_service"))
    has_net_raw_alone(program, bounds=False)
    assert "0.0.0.0:67" in room.host.run("ss", "-Huln").stdout
    room.answered()


def test_a_held_port_without_the_right_to_bind_it_is_said(lab):
    program = as_user(Room(lab), "--hold-port", wait=False)
    program.wait_line("CAP_NET_BIND_SERVICE")


# ---- the map

def test_a_new_revision_counts_without_a_signal(lab):
    room = Room(lab).start()
    assert room.answered().message.file == "east/ARDBP32.BIN"
    for yaml, file in ((WEST_NOW, ""), (YAML, "east/ARDBP32.BIN")):
        room.pvsboot.apply(yaml)
        wait_for("the new map counts", lambda: room.answered().message.file == file, 5)
    room.pvsboot.cli("device", "add", MAC, "--farm", "west", "--file", "uefi-x64=test.efi")
    wait_for("the device counts", lambda: room.answered().message.file == "", 5)


def test_without_a_map_it_waits_for_one(lab):
    room = Room(lab)
    room.daemon = room.pvsboot.pxe(room.host, "eth0", wait=False)
    assert room.stations.discover(MAC, BIOS, within=0.5) is None
    assert room.daemon.alive()
    room.pvsboot.apply()
    room.answered()
    room.daemon.wait_line(PXE_READY)


def test_a_map_that_goes_leaves_the_last_one_in_force(lab):
    room = Room(lab).start()
    room.answered()
    (room.pvsboot.dir / "map").rename(room.pvsboot.dir / "gone")
    for _ in range(5):
        assert room.stations.discover(MAC, BIOS).message.file == "east/ARDBP32.BIN"


def test_port_4011_taken_by_another_is_said_and_nobody_is_sent_there(lab):
    """The PXE service of something else on this host."""
    room = Room(lab)
    room.pvsboot.apply()

    def form():
        offer = room.stations.discover(MAC, UEFI).message
        return "direct" if offer.file == "east/pvsnbpx64.efi" else "redirect"
    with room.host.call(lambda: taken_port()):
        program = room.pvsboot.pxe(room.host, "eth0", wait=False)
        program.wait_line("4011: Address already in use; another PXE service runs on this host")
        assert form() == "direct"
    wait_for("4011 is ours", lambda: form() == "redirect")


def taken_port():
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("0.0.0.0", 4011))
    return sock


# ---- beginning and end

@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(lab, sig):
    room = Room(lab).start()
    room.answered()
    assert room.daemon.stop(sig) == 0


def test_the_service_manager_is_told_when_it_is_ready(lab):
    room = Room(lab)
    with Manager(lab) as manager:
        program = manager.starts(room, "--interface", "eth0")
        manager.hears("STATUS=waiting for the map")
        program.wait_line("map")  # there is none
        room.pvsboot.apply()
        manager.hears("READY=1")
        manager.hears("1 interface heard")


def test_the_service_manager_is_told_what_is_waited_for(lab):
    """Not ready, and "systemctl status" says why: port 4011 is another's, eth9 not there."""
    room = Room(lab)
    room.pvsboot.apply()
    with Manager(lab) as manager:
        with room.host.call(taken_port):
            manager.starts(room, "--interface", "eth0", "--interface", "eth9")
            manager.hears("1 interface heard, others waited for; not on UDP port 4011: Address")
            room.answered()
        manager.hears("others waited for", without="4011")
        assert "READY=1" not in manager.heard


def test_without_any_interface_it_says_so(lab):
    room = Room(lab)
    room.pvsboot.apply()
    room.host.ip("link set eth0 down")
    program = room.pvsboot.pxe(room.host, wait=False)
    program.wait_line("waits for an interface: no Ethernet is up")
    room.host.ip("link set eth0 up")
    program.wait_line("hears eth0")


def test_wrong_words_are_refused():
    for words in (["--interface"], ["--nonsense"], ["word"], ["--interface", ""],
                  ["--interface", "a" * 16]):
        done = subprocess.run([built("pvsboot-pxe"), *words], capture_output=True, text=True)
        assert done.returncode == 2 and "usage" in done.stderr, words
    done = subprocess.run([built("pvsboot-pxe"), "--help"], capture_output=True, text=True)
    assert done.returncode == 0 and "--hold-port" in done.stdout
