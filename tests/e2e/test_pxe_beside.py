# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""The proxy on one host with a DHCP server: every machine gets its address from the one and its
boot server from the other, whoever started first."""

import socket

import pytest

from dhcp import OFFER, DirectClient, RelayedClient
from dhcp_servers import DnsmasqServer, IscServer, KeaServer, Network
from lab import wait_for
from pxe_room import BIOS, MAC, PROXY, WEST_RELAY, Room, gives_address, is_proxys

NETWORKS = [Network(77), Network(78)]
MACHINES = [f"02:00:00:00:07:{number:02x}" for number in range(40)]


def server(make, interface="eth0", **how):
    return lambda room: make(room.host, [interface], NETWORKS, **how).start()


# Of an interface with two addresses Kea answers each broadcast twice.
KEA = (KeaServer, f"eth0/{PROXY}")
SERVERS = {
    "kea-raw": server(*KEA),
    "kea-raw-threads": server(*KEA, threads=True),
    "kea-udp": server(*KEA, sockets="udp"),  # hears no broadcasts
    "dnsmasq": server(DnsmasqServer),
    "dhcpd": server(IscServer),
}


def every_machine_gets_both(client, file):
    """DISCOVER and REQUEST of each machine have the DHCP server's answer, and a DISCOVER has the
    proxy's; whichever comes first."""
    for mac in MACHINES:
        client.mac = mac
        offer, ack = client.dora(BIOS, wanted=gives_address)
        assert offer is not None and ack is not None, f"{mac} lost its lease"
        assert offer.yiaddr == ack.yiaddr and not ack.file
        proxys = client.discover(BIOS, wanted=is_proxys)
        assert proxys is not None and proxys.type == OFFER and proxys.file == file


@pytest.mark.parametrize("proxy_first", [True, False], ids=["proxy-first", "server-first"])
@pytest.mark.parametrize("name", SERVERS)
def test_no_lease_and_no_offer_is_lost(lab, name, proxy_first):
    room = Room(lab)
    for begin in (room.start, lambda: SERVERS[name](room))[::1 if proxy_first else -1]:
        begin()
    every_machine_gets_both(RelayedClient(room.side, WEST_RELAY, PROXY), "")
    if name != "kea-udp":
        every_machine_gets_both(DirectClient(room.side, "eth0"), "east/ARDBP32.BIN")


def test_the_end_of_the_proxy_costs_no_lease(lab):
    room = Room(lab).start()
    SERVERS["kea-raw"](room)
    client = DirectClient(room.side, "eth0")
    room.answered()
    assert room.daemon.stop() == 0
    assert all(client.dora(BIOS, wanted=gives_address))
    assert client.discover(BIOS, within=0.25, wanted=is_proxys) is None


def test_a_held_port_is_given_to_no_dhcp_server_but_said(lab):
    """--hold-port where a DHCP server has the port: it is told, and the machines are served."""
    room = Room(lab)
    SERVERS["dnsmasq"](room)
    room.pvsboot.apply()
    room.daemon = room.pvsboot.pxe(room.host, "eth0", words=["--hold-port"], wait=False)

    def refused_or_serving():
        return not room.daemon.alive() or room.stations.discover(MAC, BIOS, within=0.25)
    wait_for("it says what it does", refused_or_serving)
    assert "67" in room.daemon.text()
    client = DirectClient(room.side, "eth0")
    offer, _ = client.dora(BIOS, wanted=gives_address)
    assert socket.inet_ntoa(offer.option(54)) == PROXY
