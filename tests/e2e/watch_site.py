# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""A site for the watcher: PVS servers, a boot server and, beside them, a relay with machines.

    boot 10.1.0.5 ---+-- PVS servers, 10.1.0.0/16
    side 10.1.0.6 ---+   side plays the relays 10.N.0.1 of the machines' networks, N from 20 on

Each is a network namespace on one switch."""

import select
import socket
import time

from dhcp import DISCOVER, Message, message, pxe_options
from lab import LabError, Switch
from pvs_servers import BIOS, UEFI, PvsServer
from pvsboot import Pvsboot
from verdicts import Verdicts

BOOT, SIDE = "10.1.0.5", "10.1.0.6"
FILES = {"bios": BIOS, "uefi-x64": UEFI}
ARCHS = {"bios": 0, "uefi-x64": 7}
OFFERS = "pxe: {offer: {bios: direct, uefi-x64: direct}}"


class Site(Verdicts):
    """Nothing runs in it yet but the switch. networks are the N of the machines' networks. What
    the watcher finds is known from install() on."""

    def __init__(self, lab, networks=(20,)):
        self.lab = lab
        self.switch = Switch(lab, "lan")
        self.boot = self.switch.host("boot", f"{BOOT}/16")
        self.side = self.switch.host("side", f"{SIDE}/16",
                                     *(f"10.{n}.0.1/16" for n in networks))
        for n in networks:
            self.boot.ip(f"route add 10.{n}.0.0/16 dev eth0")
        self.servers = {}

    def server(self, kind, address, **how):
        """A PVS server at work."""
        self.servers[address] = PvsServer(self.switch, kind, address, **how).start()
        return self.servers[address]

    def install(self, yaml):
        super().__init__(Pvsboot(self.lab, yaml))
        self.pvsboot.apply()
        return self

    def watch(self):
        self.watcher = self.pvsboot.watch(self.boot)
        return self

    def answers(self, networks=(20,)):
        """Starts the proxy; returns who asks it, by network."""
        self.pvsboot.pxe(self.boot, "eth0", words=["--relay-only"])
        return {n: Answers(self.side, f"10.{n}.0.1") for n in networks}

    def named(self, mac, arch="bios", network=20):
        """The farm's server in the answer for a machine."""
        return self.pvsboot.explain(mac, from_=f"10.{network}.0.9", arch=arch)["farm-server"]


class Answers:
    """A relay that asks the proxy for many machines at a time: what a DISCOVER would get."""
    CHUNK = 64

    def __init__(self, ns, giaddr):
        self.giaddr = giaddr
        self.xid = 0x40000000
        self.sock = ns.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        self.sock.bind((giaddr, 67))
        self.sock.setblocking(False)
        ns.lab.closers.append(self.sock.close)

    def of(self, macs, arch="bios", within=5.0):
        """{mac: address of the server that its answer names}."""
        got = {}
        options = [(53, bytes([DISCOVER])), *pxe_options(ARCHS[arch])]
        for at in range(0, len(macs), self.CHUNK):
            self._ask(macs[at:at + self.CHUNK], options, got, within)
        return got

    def _ask(self, macs, options, got, within):
        asked = {}
        for mac in macs:
            self.xid += 1
            asked[self.xid] = mac
            self.sock.sendto(message(mac, self.xid, options, giaddr=self.giaddr, hops=1),
                             (BOOT, 67))
        deadline = time.monotonic() + within
        while asked:
            if not select.select([self.sock], [], [], max(0, deadline - time.monotonic()))[0]:
                raise LabError(f"no answer for {sorted(asked.values())}")
            answer = Message(self.sock.recv(65535))
            if answer.xid in asked:
                got[asked.pop(answer.xid)] = answer.siaddr
