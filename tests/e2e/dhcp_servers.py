# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""DHCP servers that give addresses and nothing else, and relays: what stands at a site before
pvsboot comes. A server has start(), stop() and leases(), which is {MAC: address} by its own
account."""

import dataclasses
import re
import shutil

from kea import Kea, subnet

DNSMASQ = ("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--user=root",
           "--log-facility=-", "--pid-file=")


@dataclasses.dataclass(frozen=True)
class Network:
    """10.NUMBER.0.0/16, of which 10.NUMBER.1.0 to 10.NUMBER.1.255 are given out."""
    number: int
    router: str = ""

    @property
    def prefix(self):
        return f"10.{self.number}.0.0/16"

    @property
    def pool(self):
        return f"10.{self.number}.1.0", f"10.{self.number}.1.255"


class KeaServer:
    """sockets is Kea's dhcp-socket-type; with "udp" it serves relayed machines alone."""

    def __init__(self, ns, interfaces, networks, sockets="raw", threads=False):
        subnets = [subnet(network.number, network.prefix, " - ".join(network.pool),
                          **self._router(network)) for network in networks]
        self.kea = Kea(ns, interfaces, subnets, hooks=[("libdhcp_lease_cmds.so", {})], **{
            "interfaces-config": {"interfaces": list(interfaces), "dhcp-socket-type": sockets},
            "multi-threading": {"enable-multi-threading": threads, "thread-pool-size": 2}})

    @staticmethod
    def _router(network):
        return {"option-data": [{"name": "routers", "data": network.router}]} \
            if network.router else {}

    def start(self):
        self.kea.start()
        return self

    def stop(self):
        return self.kea.stop()

    def leases(self):
        answer = self.kea.command("lease4-get-all")
        return {lease["hw-address"]: lease["ip-address"]
                for lease in answer["arguments"]["leases"]}


class DnsmasqServer:
    def __init__(self, ns, interfaces, networks):
        self.ns = ns
        self.file = ns.lab.path(f"{ns.name}-dnsmasq.leases")
        self.words = ["--no-ping", f"--dhcp-leasefile={self.file}"]
        self.words += [f"--interface={name}" for name in interfaces]
        for network in networks:
            tag = f"net{network.number}"
            self.words.append(f"--dhcp-range=set:{tag},{','.join(network.pool)},255.255.0.0")
            # Without a value: none is sent, not even its own address.
            self.words.append(f"--dhcp-option=tag:{tag},option:router" +
                              (f",{network.router}" if network.router else ""))

    def start(self):
        self.program = self.ns.start(*DNSMASQ, *self.words, name="dnsmasq-dhcp")
        self.program.wait_line("DHCP, IP range")
        return self

    def stop(self):
        return self.program.stop()

    def leases(self):
        lines = self.file.read_text().splitlines()
        return {mac: address for _, mac, address, *_ in map(str.split, lines)}


class IscServer:
    """dhcpd runs from a copy, as Kea does, so that no AppArmor profile applies."""

    def __init__(self, ns, interfaces, networks):
        self.ns = ns
        self.interfaces = interfaces
        self.dir = ns.lab.path(f"{ns.name}-dhcpd")
        self.dir.mkdir()
        self.leases_file = self.dir / "leases"
        self.leases_file.touch()
        self.binary = self.dir / "dhcpd"
        shutil.copy("/usr/sbin/dhcpd", self.binary)
        self.config = self.dir / "dhcpd.conf"
        self.config.write_text("authoritative;\nping-check false;\nddns-update-style none;\n" +
                               "".join(map(self._subnet, networks)))

    @staticmethod
    def _subnet(network):
        router = f"option routers {network.router}; " if network.router else ""
        return (f"subnet 10.{network.number}.0.0 netmask 255.255.0.0 "
                f"{{ range {' '.join(network.pool)}; {router}}}\n")

    def start(self):
        self.program = self.ns.start(
            self.binary, "-4", "-f", "-d", "--no-pid", "-cf", self.config,
            "-lf", self.leases_file, *self.interfaces)
        self.program.wait_line("Server starting service")
        return self

    def stop(self):
        return self.program.stop()

    def leases(self):
        text = self.leases_file.read_text()
        return {mac: address for address, body in re.findall(r"^lease (\S+) {(.*?)^}", text,
                                                             re.MULTILINE | re.DOTALL)
                if "binding state active" in body
                for mac in re.findall(r"hardware ethernet (\S+);", body)}


def start_dnsmasq_relay(ns, inner, address, outer, targets):
    """A relay in a router, from the network where it has an address to each of the targets."""
    program = ns.start(*DNSMASQ, *(f"--dhcp-relay={address},{target}" for target in targets),
                       name="dnsmasq-relay")
    program.wait_line("DHCP relay from")


def start_isc_relay(ns, inner, address, outer, targets):
    """The same, one that adds option 82 and drops answers that do not bring it back."""
    program = ns.start("dhcrelay", "-4", "-d", "--no-pid", "-a", "-D", "-id", inner, "-iu", outer,
                       *targets)
    program.wait_line("Sending on   Socket/fallback")


RELAYS = {"dnsmasq": start_dnsmasq_relay, "dhcrelay": start_isc_relay}
