# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""The proxy's interfaces, VLANs, relays and routers: where it hears, and where it answers from."""

import socket
import struct

import pytest

from dhcp import DISCOVER, RelayedClient, message
from lab import wait_for
from pvsboot import PXE_READY
from pxe_room import (BIOS, BOOT_SERVER, MAC, MAC_2, MACHINE, PROXY, WEST_RELAY, YAML, Room)
from wire import Stations, Wire, vlan

EAST, WEST = "east/ARDBP32.BIN", ""  # west redirects BIOS
PORT_UNREACHABLE = (3, 3)


def once(stations, mac=MAC):
    """The one answer to one DISCOVER: it comes before that to another machine's, alone."""
    xid, raw = stations.question(mac, BIOS)
    stations.wire.send(raw)
    came = stations.answers([], BIOS)
    assert [got.message.xid for got in came] == [xid]
    return came[0]


# ---- interfaces

@pytest.mark.parametrize("named", [["eth0", "eth0.5"], []], ids=["named", "found"])
def test_a_vlan_is_an_interface_of_its_own(lab, named):
    room = Room(lab)
    vlan(room.host, "eth0", 5, "10.78.0.2/24")
    room.start(*named) if named else start_everywhere(room)
    for number, source, server, file in ((0, PROXY, BOOT_SERVER, EAST),
                                         (5, "10.78.0.2", "10.78.0.2", WEST)):
        # It hears what has a tag as well as what has none.
        got = once(Stations(room.side, "eth0", vlan=number))
        assert (got.vlan, got.source) == (number, source)
        assert (got.message.siaddr, got.message.file) == (server, file)


def start_everywhere(room):
    """The proxy with no word about interfaces."""
    room.pvsboot.apply()
    room.daemon = room.pvsboot.pxe(room.host)


def test_the_map_names_interfaces_and_the_command_line_wins(lab):
    room = Room(lab, YAML + "proxy: {interfaces: [eth1]}\n")
    lab.link(room.host, "eth1", room.side, "eth1")
    room.host.address("eth1", "10.77.64.2/24")
    start_everywhere(room)
    room.answered(Stations(room.side, "eth1"))
    assert room.stations.discover(MAC, BIOS, within=0.25) is None
    room.daemon.stop()
    room.start("eth0")
    room.answered()
    assert Stations(room.side, "eth1").discover(MAC, BIOS, within=0.25) is None


@pytest.mark.parametrize("named", [True, False], ids=["named", "found"])
def test_an_interface_may_come_go_and_come_again(lab, named):
    room = Room(lab)
    start_everywhere(room) if not named else room.start("eth0", "eth1", wait=False)
    room.answered()
    for times in (1, 2):
        lab.link(room.host, "eth1", room.side, "eth1")
        room.host.address("eth1", "10.78.64.2/24")
        got = room.answered(Stations(room.side, "eth1"))
        assert (got.source, got.message.file) == ("10.78.64.2", WEST)
        assert room.stations.discover(MAC, BIOS) is not None
        room.host.ip("link delete eth1")
        wait_for("its end is told",
                 lambda: room.daemon.text().count("no longer: it is not there") == times)
    assert room.daemon.text().count("hears eth1, 10.78.64.2") == 2
    assert room.daemon.text().count("waits for interface eth1") == (3 if named else 0)


def test_an_interface_that_vanishes_under_load_is_survived(lab):
    room = Room(lab)
    lab.link(room.host, "eth1", room.side, "eth1")
    room.host.address("eth1", "10.78.64.2/24")
    start_everywhere(room)
    room.daemon.wait_line("hears eth1, 10.78.64.2")
    other = Stations(room.side, "eth1")
    for _ in range(200):
        other.wire.send(other.question(MAC_2, BIOS)[1])
    room.host.ip("link delete eth1")
    room.daemon.wait_line("hears eth1 no longer")
    room.answered()


def test_what_the_map_names_is_heard_and_what_it_names_no_more_is_not(lab):
    """As revisions come, without a restart."""
    room = Room(lab, YAML + "proxy: {interfaces: [eth1]}\n")
    room.pvsboot.apply()
    room.daemon = room.pvsboot.pxe(room.host, wait=False)
    room.daemon.wait_line("waits for interface eth1")
    assert room.stations.discover(MAC, BIOS, within=0.25) is None
    room.pvsboot.apply(YAML + "proxy: {interfaces: [eth0]}\n")
    room.answered()
    room.pvsboot.apply(YAML + "proxy: {interfaces: [eth1]}\n")
    room.daemon.wait_line("hears eth0 no longer: it is not asked for")
    assert room.stations.discover(MAC, BIOS, within=0.25) is None


def test_all_named_interfaces_are_waited_for(lab):
    room = Room(lab).start("eth0", "eth1", wait=False)
    room.daemon.wait_line("waits for interface eth1: it is not there")
    room.answered()
    assert PXE_READY not in room.daemon.text()
    lab.link(room.host, "eth1", room.side, "eth1")
    room.host.address("eth1", "10.78.64.2/24")
    room.daemon.wait_line("answering by map revision 1")


def test_an_address_may_come_later_and_change(lab):
    room = Room(lab)
    lab.link(room.host, "eth1", room.side, "eth1")
    start_everywhere(room)
    late = Stations(room.side, "eth1")
    assert late.discover(MAC, BIOS, within=0.25) is None
    room.host.address("eth1", "10.78.64.2/24")
    assert room.answered(late).source == "10.78.64.2"
    room.host.ip("address del 10.78.64.2/24 dev eth1")
    room.daemon.wait_line("hears eth1 no longer: it has no IPv4 address")
    room.host.address("eth1", "10.77.64.2/24")
    wait_for("it speaks from its new address",
             lambda: room.answered(late).source == "10.77.64.2")
    assert late.discover(MAC, BIOS).message.file == EAST


def test_an_interface_that_was_down_hears_again(lab):
    room = Room(lab).start()
    room.answered()
    for _ in range(2):
        room.host.ip("link set eth0 down")
        room.host.ip("link set eth0 up")
        room.host.running("eth0")
        room.side.running("eth0")
        room.answered()
    assert room.daemon.alive()


def test_an_interface_that_was_away_for_a_moment_hears_again(lab):
    """It keeps its index, and comes back before anybody looks."""
    room = Room(lab).start()
    room.answered()
    elsewhere = lab.namespace("elsewhere")
    room.host.run("sh", "-ec", f"""
        ip link set eth0 netns {elsewhere.path}
        nsenter --net={elsewhere.path} ip link set eth0 netns {room.host.path}
        ip link set eth0 up
        ip address add {PROXY}/16 dev eth0""")
    room.answered()


def test_a_bridge_of_local_machines_is_heard(lab):
    """Where virtual machines are on the proxy's own host."""
    room = Room(lab)
    room.host.bridge("br0")
    lab.link(room.host, "port", room.side, "eth1")
    room.host.join("port", "br0")
    room.host.address("br0", "10.78.64.2/24")
    start_everywhere(room)
    stations = Stations(room.side, "eth1")
    room.answered(stations)
    assert once(stations, MAC_2).source == "10.78.64.2"


# ---- relays and routers

class Refusals:
    """The ICMP messages that a namespace gets."""

    def __init__(self, ns):
        self.sock = ns.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self.sock.setblocking(False)
        ns.lab.closers.append(self.sock.close)

    def seen(self):
        """(type, code) of those so far."""
        codes = []
        while True:
            try:
                codes.append(struct.unpack_from("BB", self.sock.recv(2048), 20))
            except BlockingIOError:
                return codes


@pytest.mark.parametrize("hold", [False, True], ids=["not-held", "held"])
def test_a_held_port_refuses_no_relay(lab, hold):
    room = Room(lab).start(words=["--hold-port"] if hold else [])
    refusals = Refusals(room.side)
    relay = RelayedClient(room.side, WEST_RELAY, PROXY)
    for _ in range(2):
        assert relay.discover(BIOS).giaddr == WEST_RELAY
    if hold:
        assert refusals.seen() == []
    else:
        wait_for("the port is refused", lambda: PORT_UNREACHABLE in refusals.seen())


def test_what_it_routes_for_others_is_not_answered(lab):
    """The DHCP server's relayed requests pass a proxy that is their router."""
    room = Room(lab)
    far = lab.namespace("far")
    lab.link(room.host, "eth1", far, "eth0")
    room.host.address("eth1", "10.99.99.1/24")
    far.address("eth0", "10.99.99.2/24")
    far.ip("route add default via 10.99.99.1")
    room.host.sysctl("net/ipv4/ip_forward", 1)
    start_everywhere(room)
    passed = Wire(far, "eth0")
    xid, raw = room.relayed(MAC, BIOS, to="10.99.99.2")
    room.wire.send(raw)
    room.wire.send(room.relayed(MAC_2, BIOS)[1])
    came = room.wire.until(lambda got: got.dport == 67)
    assert [got.message.mac for got in came] == [MAC_2]
    assert passed.until(lambda got: got.message.xid == xid)[-1] is not None
    got = room.reply(room.relayed(MAC, BIOS, to="10.99.99.1"))
    assert got.source == "10.99.99.1"


def uplinks(lab):
    """A proxy with two uplinks: relays speak by one, the way to them leads by the other."""
    room = Room(lab)
    lab.link(room.host, "eth1", room.side, "eth1")
    room.host.address("eth1", "10.88.0.2/16")
    room.side.address("eth1", "10.88.0.1/16")
    room.host.ip("route replace 10.78.0.0/16 via 10.88.0.1 dev eth1")
    return room, Wire(room.side, "eth1")


@pytest.mark.parametrize("where", ["command line", "map"])
def test_relay_only_hears_relays_everywhere_and_nobody_else(lab, where):
    room, other = uplinks(lab)
    if where == "map":
        room.pvsboot.yaml += "proxy: {relay-only: yes}\n"
    room.pvsboot.apply()
    room.daemon = room.pvsboot.pxe(room.host, words=["--relay-only"] if where != "map" else [])
    room.wire.send(room.stations.question(MAC, BIOS)[1])
    xid, raw = room.relayed(MAC_2, BIOS)
    room.wire.send(raw)
    got = other.until(lambda got: True)[-1]
    assert (got.message.xid, got.message.giaddr) == (xid, WEST_RELAY)
    # From the address asked, by the way that the routes say.
    assert (got.source, got.destination, got.sport, got.dport) == (PROXY, WEST_RELAY, 67, 67)
    assert got.checksums_hold
    # Nothing went to the machine on the wire, which had asked before.
    got = room.reply(room.asked(MAC, BIOS))
    assert (got.sport, got.message.file) == (4011, EAST)


def test_relay_only_comes_and_goes_with_the_map(lab):
    room = Room(lab)
    start_everywhere(room)
    room.answered()
    for _ in range(2):
        room.pvsboot.apply(YAML + "proxy: {relay-only: yes}\n")
        wait_for("it is silent to machines on the wire",
                 lambda: room.stations.discover(MAC, BIOS, within=0.25) is None)
        assert room.reply(room.relayed(MAC, BIOS)) is not None
        room.pvsboot.apply(YAML)
        room.answered()
        assert room.reply(room.relayed(MAC_2, BIOS)) is not None


def test_relayed_answers_take_the_hosts_routes(lab):
    """Also beside direct service, and whatever interface the question came by."""
    room, other = uplinks(lab)
    room.start("eth0")
    xid, raw = room.relayed(MAC, BIOS)
    room.wire.send(raw)
    got = other.until(lambda got: got.dport == 67)[-1]
    assert (got.message.xid, got.source) == (xid, PROXY)


def test_port_4011_answers_by_the_hosts_routes_from_the_address_asked(lab):
    room, other = uplinks(lab)
    room.start("eth0")
    room.wire.send(room.asked(MAC, BIOS, client=WEST_RELAY)[1])
    got = other.until(lambda got: got.sport == 4011)[-1]
    assert (got.source, got.destination) == (PROXY, WEST_RELAY)


def test_a_relay_on_the_proxys_own_host_is_answered(lab):
    """A packet of this host to one of its own addresses passes the loopback interface."""
    room = Room(lab).start("eth0", "lo")
    room.host.address("lo", "10.78.200.1/32")
    sock = room.host.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("10.78.200.1", 67))
    sock.settimeout(5)
    with sock:
        sock.sendto(message(MAC, 0x99, [(53, bytes([DISCOVER])), *BIOS], giaddr="10.78.200.1"),
                    (PROXY, 67))
        assert message(MAC, 0x99, [])[4:8] in sock.recv(2048)
