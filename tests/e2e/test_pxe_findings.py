# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""What the proxy tells: how far machines come, and what is wrong on the wire, made wrong by real
servers."""

import socket
import time

import pytest

from dhcp import REQUEST, DirectClient, pxe_options
from dhcp_servers import DNSMASQ
from events import (BOOT_FILE, COUNTERS, FINDING, LEARNT, NO_LOGIN_LIST, NO_SHOW, NOT_OURS,
                    OFFER_REFUSED, OPTION_60, OTHER_PROXY, PROXY, PROXY_ACK, PROXY_OFFER, STAGE,
                    Events)
from lab import wait_for
from pxe_room import BIOS, BOOT_SERVER, MAC, MAC_2, MACHINE, UEFI, YAML, Room, gives_address
from pxe_room import PROXY as PROXY_ADDRESS

DHCP, OTHER = "10.77.0.9", "10.77.0.10"
LOGIN = "--dhcp-option-force=11,10.1.0.11"
BROADCAST = 0x8000


class Scene:
    """The proxy, a DHCP server on another host, and their machines. A DHCP server answers a
    machine alone unless it asks for a broadcast, which is what others hear."""

    def __init__(self, lab, *words, yaml=YAML, same_host=False, unheard=None):
        self.room = Room(lab, yaml, switched=True)
        if unheard is not None:  # the address of an interface that the proxy is not told of
            lab.link(self.room.host, "unheard", self.room.side, "unheard")
            self.room.host.address("unheard", f"{unheard}/24")
        self.events = Events(self.room.pvsboot)
        self.room.start(wait=False)
        self.room.daemon.wait_line(" by map revision")
        ns = self.room.host if same_host else self.room.neighbour("dhcp", f"{DHCP}/16")
        self.dnsmasq(ns, "--dhcp-range=10.77.4.0,10.77.4.255", *words)
        self.client = DirectClient(self.room.side, "eth0")
        self.later = (f"02:00:00:00:0f:{number:02x}" for number in range(256))

    def dnsmasq(self, ns, *words):
        program = ns.start(*DNSMASQ, "--no-ping", *words,
                           f"--dhcp-leasefile={self.room.lab.path(f'{ns.name}.leases')}")
        program.wait_line("DHCP, ")

    def boots(self, options, mac=MAC, flags=BROADCAST):
        """What the machine and the DHCP server say to each other."""
        self.client.mac = mac
        ack = self.client.dora(options, flags=flags, wanted=gives_address)[1]
        assert ack is not None
        return ack

    def found(self):
        """(finding, MAC, server) of all so far: what is heard of a machine that asks later is
        told later."""
        later = next(self.later)
        self.room.stations.discover(later, BIOS)
        self.events.wait(kind=STAGE, what=PROXY_OFFER, mac=later)
        return [(event.what, event.mac, event.server) for event in self.events.of(kind=FINDING)
                if event.mac in (MAC, MAC_2)]

    def told(self, number, server=DHCP, farm="east"):
        """Asserts that a finding about MAC stands in an event and, with its remedy, in the
        log."""
        event = self.events.wait(kind=FINDING, what=number, mac=MAC)
        assert (event.program, event.server, event.farm) == (PROXY, server, farm)
        assert event.text
        line = next(line for line in self.room.daemon.text().splitlines()
                    if MAC in line and event.text in line)
        assert server in line


def test_each_stage_is_an_event_and_all_are_counted(lab):
    room = Room(lab)
    events = Events(room.pvsboot)
    room.start()
    again = room.stations.question(MAC, BIOS)
    for question in (again, again, room.asked(MAC, BIOS)):
        assert room.reply(question) is not None
    selecting = [(54, socket.inet_aton(DHCP)), (50, socket.inet_aton(MACHINE)), *BIOS]
    no_file = room.stations.question(MAC, pxe_options(11))[1]
    assert room.stations.answers(
        [room.stations.question(MAC, selecting, kind=REQUEST)[1], no_file], BIOS) == []
    ours = {"kind": STAGE, "program": PROXY, "mac": MAC, "revision": 1}
    offered = events.wait(what=PROXY_OFFER, **ours)
    assert (offered.server, offered.farm, offered.file, offered.direct) == (
        BOOT_SERVER, "east", "ARDBP32.BIN", False)
    assert offered.xid and not offered.user_class
    events.wait(what=PROXY_ACK, client=MACHINE, farm="east", **ours)
    events.wait(what=LEARNT, client=MACHINE, **ours)
    events.wait(what=NOT_OURS, text="no file for its architecture", **ours)

    def counted():
        told = events.of(kind=COUNTERS, program=PROXY)
        return told and told[-1].counters[1:5] == (5, 1, 3, 1)
    wait_for("five requests on 67, one on 4011, three OFFERs and one ACK", counted)
    # The machine's DISCOVER again is no news to a reader of the log; its missing file is, once.
    assert room.stations.answers([no_file], BIOS) == []
    room.daemon.wait_line("not ours: no file for its architecture")
    assert room.daemon.text().count("\n" + MAC + ": OFFER") == 1
    assert room.daemon.text().count("farm east has no file for uefi-arm64") == 1


# ---- what is wrong on the wire

def test_a_dhcp_server_with_option_60(lab):
    scene = Scene(lab, LOGIN, "--dhcp-option-force=60,PXEClient")
    for _ in range(2):
        scene.boots(BIOS)
    scene.told(OPTION_60)
    assert scene.found() == [(OPTION_60, MAC, DHCP)]
    scene.boots(BIOS, MAC_2)
    assert (OPTION_60, MAC_2, DHCP) in scene.found()


def test_option_60_of_a_dhcp_server_on_our_own_host_leads_to_us(lab):
    scene = Scene(lab, LOGIN, "--dhcp-option-force=60,PXEClient", same_host=True)
    scene.boots(BIOS)
    assert scene.found() == []


@pytest.mark.parametrize("same_host", [False, True], ids=["other-host", "same-host"])
def test_a_dhcp_server_with_a_boot_file_of_its_own(lab, same_host):
    server = PROXY_ADDRESS if same_host else DHCP
    scene = Scene(lab, LOGIN, "--dhcp-boot=pxelinux.0,,10.77.0.77", same_host=same_host)
    # On one host also what goes to the machine alone is heard.
    scene.boots(BIOS, flags=0 if same_host else BROADCAST)
    scene.told(BOOT_FILE, server)
    assert scene.found() == [(BOOT_FILE, MAC, server)]


def test_a_dhcp_server_without_login_list(lab):
    scene = Scene(lab)
    scene.boots(BIOS, MAC_2)
    scene.boots(UEFI)
    scene.told(NO_LOGIN_LIST)
    assert scene.found() == [(NO_LOGIN_LIST, MAC, DHCP)]


@pytest.mark.parametrize("option", [LOGIN, "--dhcp-option-force=17,pvs:[east]:17:6910"])
def test_a_dhcp_server_with_login_list_is_as_it_should_be(lab, option):
    scene = Scene(lab, option)
    scene.boots(UEFI)
    scene.boots(BIOS, MAC_2)
    assert scene.found() == []


@pytest.mark.parametrize("mode", ["answer", "shadow"])
def test_another_pxe_service(lab, mode):
    scene = Scene(lab, LOGIN, yaml=YAML + f"proxy: {{mode: {mode}}}\n")
    scene.dnsmasq(scene.room.neighbour("pxe", f"{OTHER}/16"), "--dhcp-range=10.77.0.0,proxy",
                  "--pxe-service=x86PC,PVS,ARDBP32")
    scene.boots(BIOS)
    scene.told(OTHER_PROXY, OTHER)


@pytest.mark.parametrize("options", [BIOS, UEFI], ids=["direct", "redirect"])
def test_two_boot_servers_that_both_answer_find_no_fault_in_each_other(lab, options):
    scene = Scene(lab, LOGIN, yaml=YAML.replace(BOOT_SERVER, f"{PROXY_ADDRESS}, {OTHER}"))
    second = scene.room.neighbour("second", f"{OTHER}/16")
    scene.room.pvsboot.pxe(second, "eth0")
    for server in (OTHER, PROXY_ADDRESS):
        scene.client.mac = MAC_2
        wait_for(f"{server} answers", lambda: scene.client.discover(
            options, within=0.5, wanted=lambda answer: not gives_address(answer) and
            answer.option(54) == socket.inet_aton(server)))
    scene.boots(options)
    scene.dnsmasq(scene.room.neighbour("pxe", "10.77.0.11/16"), "--dhcp-range=10.77.0.0,proxy",
                  "--pxe-service=x86PC,PVS,ARDBP32", "--pxe-service=X86-64_EFI,PVS,pvsnbpx64")
    scene.boots(options)
    scene.events.wait(kind=FINDING, what=OTHER_PROXY, mac=MAC)
    assert {server for _, _, server in scene.found()} == {"10.77.0.11"}


def test_a_machines_address_is_learnt_from_its_request(lab):
    scene = Scene(lab, LOGIN)
    ack = scene.boots(BIOS)
    event = scene.events.wait(kind=STAGE, what=LEARNT, mac=MAC)
    assert (event.program, event.client, event.xid) == (PROXY, ack.yiaddr, ack.xid)
    again = scene.boots(BIOS)
    scene.events.wait(kind=STAGE, what=LEARNT, mac=MAC, xid=again.xid)
    assert scene.found() == []
    assert len(scene.events.of(what=LEARNT, mac=MAC)) == 2


def test_machines_that_are_not_ours_make_no_findings(lab):
    scene = Scene(lab, "--dhcp-option-force=60,PXEClient", "--dhcp-boot=pxelinux.0")
    scene.boots([pair for pair in BIOS if pair[0] != 60])
    scene.room.pvsboot.cli("device", "add", MAC_2, "--farm", "none")
    scene.boots(BIOS, MAC_2)
    assert scene.found() == []


@pytest.mark.long
def test_a_machine_that_takes_no_offer(lab):
    """edk2 asks again with the same xid, at gaps that grow."""
    scene = Scene(lab, LOGIN)
    stations = scene.room.stations
    xid, raw = stations.question(MAC, BIOS, flags=BROADCAST)
    for gap_s in (0, 3.5, 5):
        time.sleep(gap_s)  # the machine's own waiting
        stations.wire.send(raw)
        assert stations.offer(xid) is not None
    scene.told(OFFER_REFUSED, PROXY_ADDRESS)


@pytest.mark.long
def test_a_machine_that_never_comes(lab):
    scene = Scene(lab, LOGIN)
    shown = scene.boots(UEFI, MAC_2).yiaddr
    scene.boots(UEFI)
    scene.room.side.ip(f"address add {shown}/16 dev eth0")
    assert scene.room.reply(scene.room.asked(MAC_2, UEFI, kind=REQUEST, client=shown,
                                             sport=4011)) is not None
    scene.events.wait(kind=FINDING, what=NO_SHOW, mac=MAC, seconds=60)
    scene.told(NO_SHOW, PROXY_ADDRESS)
    assert [mac for _, mac, _ in scene.found()] == [MAC]


@pytest.mark.long
def test_where_tftp_is_on_an_interface_unheard_none_is_missed(lab):
    """As where the boot server's address lies in a network of servers. The other machine, sent
    to port 4011 after it, is missed."""
    scene = Scene(lab, LOGIN, unheard="10.80.0.5",
                  yaml=YAML.replace(BOOT_SERVER, "10.80.0.5"))
    scene.boots(BIOS)
    scene.boots(UEFI, MAC_2)
    scene.events.wait(kind=FINDING, what=NO_SHOW, mac=MAC_2, seconds=60)
    assert [mac for _, mac, _ in scene.found()] == [MAC_2]


@pytest.mark.long
def test_where_tftp_is_heard_one_that_stays_away_is_missed(lab):
    scene = Scene(lab, LOGIN, yaml=YAML.replace(BOOT_SERVER, PROXY_ADDRESS))
    scene.boots(BIOS)
    scene.events.wait(kind=FINDING, what=NO_SHOW, mac=MAC, seconds=60)
    scene.told(NO_SHOW, PROXY_ADDRESS)
