# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""The running proxy: doors that open and close, interfaces that come and go, its modes."""

import socket

import pytest

from dhcp import (ACK, BROADCAST, OFFER, REQUEST, DirectClient, Message, frame, message,
                  pxe_options)
from events import COUNTERS, FINDING, OTHER_PROXY, PROXY, STAGE, Events
from lab import wait_for
from pvsboot import Pvsboot

SERVER, MACHINE = "10.77.0.2", "10.77.0.100"
YAML = """
boot-servers: [10.77.0.2]
farms:
  east:
    servers: [10.1.0.11]
scopes:
  10.77.0.0/24: east
"""
SHADOW = YAML + "proxy: {mode: shadow}\n"
BIOS, UEFI = pxe_options(0), pxe_options(7)
PROXY_OFFER, PROXY_ACK, NOT_OURS, LEARNT = 3, 4, 5, 7


class Room:
    """A proxy's host and a machine on one wire."""

    def __init__(self, lab):
        self.lab = lab
        self.host, self.machine = lab.namespace("host"), lab.namespace("machine")
        lab.link(self.host, "eth0", self.machine, "eth0")
        self.host.address("eth0", f"{SERVER}/24")
        self.machine.address("eth0", f"{MACHINE}/24")
        self.pvsboot = Pvsboot(lab, YAML)
        self.client = DirectClient(self.machine, "eth0")

    def start(self, *interfaces, yaml=YAML, **how):
        self.pvsboot.apply(yaml)
        self.events = Events(self.pvsboot)
        self.daemon = self.pvsboot.pxe(self.host, *interfaces, **how)
        return self

    def until_offered(self):
        return wait_for("an OFFER", lambda: self.client.discover(BIOS, within=0.3))

    def until_silent(self):
        wait_for("silence", lambda: self.client.discover(BIOS, within=0.3) is None)

    def ask_4011(self, options, port=68):
        """The answer to a REQUEST sent to port 4011."""
        with self.machine.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((MACHINE, port))
            sock.settimeout(5)
            sock.sendto(message(self.client.mac, 7, [(53, bytes([REQUEST])), *options],
                                ciaddr=MACHINE), (SERVER, 4011))
            answer, source = sock.recvfrom(2048)
            assert source == (SERVER, 4011)
            return Message(answer)


def test_a_machine_gets_its_offer_and_its_ack(lab):
    room = Room(lab).start()
    offer = room.client.discover(BIOS)
    assert (offer.type, offer.siaddr, offer.file) == (OFFER, SERVER, "east/ARDBP32.BIN")
    redirect = room.client.discover(UEFI)
    assert (redirect.type, redirect.siaddr, redirect.file) == (OFFER, SERVER, "")
    ack = room.ask_4011(UEFI)
    assert (ack.type, ack.siaddr, ack.file) == (ACK, SERVER, "east/pvsnbpx64.efi")
    room.daemon.wait_line(f"{room.client.mac}: OFFER by {SERVER} on eth0: farm east")
    assert room.daemon.stop() == 0


def test_shadow_mode_comes_and_goes_with_the_map(lab):
    room = Room(lab).start(yaml=SHADOW)
    room.daemon.wait_line("watching (shadow) by map revision 1")
    assert room.client.discover(BIOS, within=0.5) is None
    room.daemon.wait_line("would get OFFER")
    assert "4011" not in room.host.run("ss", "-Huln").stdout
    room.pvsboot.apply(YAML)
    room.daemon.wait_line("answering by map revision 2")
    assert room.client.discover(BIOS).type == OFFER
    assert "4011" in room.host.run("ss", "-Huln").stdout
    room.pvsboot.apply(SHADOW)
    room.daemon.wait_line("watching (shadow) by map revision 3")
    assert room.client.discover(BIOS, within=0.5) is None
    assert "4011" not in room.host.run("ss", "-Huln").stdout


@pytest.mark.parametrize("named", [[], ["eth0"]], ids=["any", "named"])
def test_an_interface_is_followed_as_it_comes_and_goes(lab, named):
    room = Room(lab).start(*named)
    room.until_offered()
    room.host.ip(f"address del {SERVER}/24 dev eth0")
    room.daemon.wait_line("hears eth0 no longer: it has no IPv4 address")
    room.host.ip("address add 10.77.0.3/24 dev eth0")
    room.daemon.wait_line("hears eth0, 10.77.0.3")
    assert room.client.discover(BIOS).option(54) == socket.inet_aton("10.77.0.3")
    # Down and up again at once is no news, and costs nothing.
    room.host.ip("link set eth0 down")
    room.host.ip("link set eth0 up")
    room.until_offered()
    room.client.close()
    room.host.ip("link del eth0")
    room.daemon.wait_line("hears eth0 no longer: it is not there")
    room.lab.link(room.host, "eth0", room.machine, "eth0")
    room.host.address("eth0", f"{SERVER}/24")
    room.client = DirectClient(room.machine, "eth0")
    assert room.until_offered().option(54) == socket.inet_aton(SERVER)
    assert room.daemon.text().count("hears eth0, 10.77.0.2") == 2
    assert room.daemon.text().count("waits for interface eth0") == 2 * len(named)


def test_a_named_interface_is_waited_for(lab):
    room = Room(lab).start("eth0", "eth7", wait=False)
    room.daemon.wait_line("waits for interface eth7: it is not there")
    room.until_offered()
    assert "answering" not in room.daemon.text()
    room.lab.link(room.host, "eth7", room.machine, "eth7")
    room.host.address("eth7", "10.77.0.7/24")
    room.daemon.wait_line("answering by map revision 1")


def test_an_interface_that_vanishes_under_load_is_survived(lab):
    room = Room(lab).start()
    room.lab.link(room.host, "eth1", room.machine, "eth1")
    room.host.address("eth1", "10.77.0.9/24")
    room.daemon.wait_line("hears eth1, 10.77.0.9")
    other = DirectClient(room.machine, "eth1", "02:00:00:00:00:02")
    for _ in range(200):
        other.discover(BIOS, within=0)
    room.host.ip("link del eth1")
    room.daemon.wait_line("hears eth1 no longer")
    room.until_offered()


def test_what_the_map_names_is_heard_and_what_it_names_no_more_is_not(lab):
    room = Room(lab).start(yaml=YAML + "proxy: {interfaces: [eth1]}\n", wait=False)
    room.daemon.wait_line("waits for interface eth1")
    assert room.client.discover(BIOS, within=0.5) is None
    room.pvsboot.apply(YAML + "proxy: {interfaces: [eth0]}\n")
    room.until_offered()
    room.pvsboot.apply(YAML + "proxy: {interfaces: [eth1]}\n")
    room.daemon.wait_line("hears eth0 no longer: it is not asked for")
    room.until_silent()


def test_a_held_back_offer_comes_later(lab):
    room = Room(lab).start(yaml=YAML.replace("east\n", "{farm: east, reply-delay: 300ms}\n"))
    assert room.client.discover(BIOS, within=0.1) is None
    assert room.client.discover(BIOS).type == OFFER


# ---- what it tells

def test_each_stage_is_an_event_and_all_are_counted(lab):
    room = Room(lab).start()
    offer = room.client.discover(BIOS)
    room.client.discover(BIOS, xid=offer.xid)
    room.ask_4011(BIOS)
    room.client.ask([(53, bytes([REQUEST])), (54, socket.inet_aton("10.77.0.1")),
                     (50, socket.inet_aton(MACHINE)), *BIOS], within=0)
    room.client.discover(pxe_options(11), within=0.1)
    ours = {"program": PROXY, "mac": room.client.mac, "revision": 1}
    offered = room.events.wait(kind=STAGE, what=PROXY_OFFER, **ours)
    assert (offered.server, offered.farm, offered.file) == (SERVER, "east", "ARDBP32.BIN")
    room.events.wait(kind=STAGE, what=PROXY_ACK, client=MACHINE, farm="east", **ours)
    room.events.wait(kind=STAGE, what=LEARNT, client=MACHINE, **ours)
    room.events.wait(kind=STAGE, what=NOT_OURS, text="no file for its architecture", **ours)

    def counted():
        told = room.events.of(kind=COUNTERS, program=PROXY)
        return told and told[-1].counters[1:5] == (4, 1, 2, 1)
    wait_for("four requests on 67, one on 4011, two OFFERs and one ACK", counted)
    # The machine's DISCOVER again is no news to a reader of the log; its missing file is, once.
    assert room.daemon.text().count("\n" + room.client.mac + ": OFFER") == 1
    assert room.daemon.text().count("farm east has no file for uefi-arm64") == 1
    room.client.discover(pxe_options(11), within=0.1)
    room.daemon.wait_line("not ours: no file for its architecture")
    assert room.daemon.text().count("farm east has no file for uefi-arm64") == 1


@pytest.mark.parametrize("yaml", [YAML, SHADOW], ids=["answering", "shadow"])
def test_another_proxy_on_the_wire_is_a_finding(lab, yaml):
    room = Room(lab).start(yaml=yaml)
    room.client.discover(BIOS, within=0.2)
    room.daemon.wait_line(f"farm east, east/ARDBP32.BIN from {SERVER}")
    other = message(room.client.mac, 1, [(53, bytes([OFFER])), (60, b"PXEClient"),
                                         (54, socket.inet_aton("10.77.0.50"))], op=2)
    for _ in range(3):
        room.client.sock.send(frame("ff:ff:ff:ff:ff:ff", "02:00:00:00:00:50", "10.77.0.50",
                                    BROADCAST, 67, 68, other))
    found = room.events.wait(kind=FINDING, what=OTHER_PROXY, mac=room.client.mac, farm="east",
                             server="10.77.0.50")
    room.daemon.wait_line(f"warning: {room.client.mac} (farm east): another ProxyDHCP or PXE "
                          f"service answers it (10.77.0.50); {found.text}")
    room.until_silent() if yaml == SHADOW else room.until_offered()
    assert len(room.events.of(kind=FINDING)) == 1
