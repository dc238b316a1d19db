# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""What the tests of the proxy's packets share: a host for it, and one wire where a test plays
everybody else."""

from dhcp import pxe_options
from lab import wait_for
from pvsboot import Pvsboot
from wire import Stations

PROXY, PROXY_2, BOOT_SERVER = "10.77.0.2", "10.77.0.3", "10.77.0.5"
MACHINE, WEST_MACHINE, NO_MACHINE = "10.77.1.1", "10.78.1.1", "10.79.1.1"
WEST_RELAY, NO_RELAY, STRANGE_RELAY = "10.78.0.1", "10.79.0.1", "10.99.0.1"

YAML = """\
boot-servers: [10.77.0.5]
farms:
  east:
    servers: [10.1.0.11]
  west:
    servers: [10.2.0.11]
    delivery: direct
    login: "pvs:[west.example.org]:17:6910"
    pxe: {offer: {bios: redirect, uefi-x64: direct}}
scopes:
  10.77.0.0/16: east
  10.78.0.0/16: west
  10.79.0.0/16: none
"""
MAC, MAC_2 = "02:00:00:00:00:01", "02:00:00:00:00:02"
BIOS, UEFI = pxe_options(0), pxe_options(7)


def gives_address(answer):
    """An answer of the DHCP server."""
    return answer.yiaddr != "0.0.0.0"


def is_proxys(answer):
    return not gives_address(answer)


class Room:
    """The proxy's host and, on one wire with it, a namespace that plays everybody else. With a
    switch between them there can be other hosts."""

    def __init__(self, lab, yaml=YAML, switched=False):
        self.lab = lab
        self.host, self.side = lab.namespace("host"), lab.namespace("side")
        if switched:
            self.switch = lab.namespace("switch")
            self.switch.bridge("br0")
            for ns in (self.host, self.side):
                self._plug(ns)
        else:
            lab.link(self.host, "eth0", self.side, "eth0")
        self.host.address("eth0", f"{PROXY}/16", f"{PROXY_2}/16")
        self.side.address("eth0", f"{MACHINE}/16")
        for address in (WEST_MACHINE, NO_MACHINE, WEST_RELAY, NO_RELAY, STRANGE_RELAY):
            self.side.ip(f"address add {address}/16 dev eth0")
            network = address.rsplit(".", 2)[0] + ".0.0/16"
            self.host.ip(f"route replace {network} dev eth0")
        self.pvsboot = Pvsboot(lab, yaml)
        self.stations = Stations(self.side, "eth0")
        self.wire = self.stations.wire
        self.mac = self.host.ip("-o link show eth0").split("link/ether ")[1].split()[0]

    def _plug(self, ns):
        self.lab.link(self.switch, f"to-{ns.name}", ns, "eth0")
        self.switch.join(f"to-{ns.name}", "br0")

    def neighbour(self, name, *addresses):
        """Another host at the switch."""
        ns = self.lab.namespace(name)
        self._plug(ns)
        ns.address("eth0", *addresses)
        return ns

    def start(self, *interfaces, **how):
        self.pvsboot.apply()
        self.daemon = self.pvsboot.pxe(self.host, *(interfaces or ["eth0"]), **how)
        return self

    def relayed(self, mac, options, relay=WEST_RELAY, to=PROXY, **how):
        """(xid, frame) of a DISCOVER that a relay passes on."""
        how.setdefault("source", relay)
        return self.stations.question(mac, options, to=to, mac_to=self.mac, sport=67,
                                      giaddr=relay, hops=1, **how)

    def asked(self, mac, options, kind=3, client=MACHINE, to=PROXY, sport=68, **how):
        """(xid, frame) of a question to port 4011."""
        how.setdefault("ciaddr", client)
        return self.stations.question(mac, options, kind=kind, to=to, mac_to=self.mac,
                                      source=client, sport=sport, dport=4011, **how)

    def reply(self, question, within=5.0):
        """Sends (xid, frame) and returns the frame of the answer, or None."""
        xid, raw = question
        self.wire.send(raw)
        return self.wire.until(lambda frame: frame.message.op == 2 and
                               frame.message.xid == xid, within)[-1]

    def answered(self, stations=None, mac=MAC, options=BIOS, **how):
        """The OFFER, asked for again and again as machines do, until it comes."""
        stations = stations or self.stations
        return wait_for(f"{mac} is answered",
                        lambda: stations.discover(mac, options, within=0.25, **how))
