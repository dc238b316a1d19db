#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""The demonstration behind ./quickstart: two networks, two farms, four machines.

    scope 10.20.0.0/24 ---------+-- server: Kea with our hook, pvsboot-tftp, pvsboot-watch
    (farm east, boot-server)    |
                                +-- stand-ins for PVS servers: 10.40.0.11 (east), .21 (west)
    scope 10.30.0.0/24 -- relay +
    (farm west, direct)

All of it lives in network namespaces of this process and ends with it."""

import dataclasses
import pathlib
import signal
import sys
import textwrap

from dhcp import ACK, DISCOVER, OFFER
from dhcp_servers import start_dnsmasq_relay
from firmware import FILES, Machine, stand_ins
from kea import Kea, subnet
from lab import Lab, LabError, Switch
from pvs_servers import PvsServer
from pvsboot import Pvsboot
from trace import Trace
from verdicts import Verdicts

YAML = """\
boot-servers: [10.20.0.1]       # pvsboot's TFTP, as machines reach it

farms:
  east:
    servers: [10.40.0.11]
  west:
    servers: [10.40.0.21]
    delivery: direct            # machines fetch from the PVS server itself

scopes:
  10.20.0.0/24: east
  10.30.0.0/24: west
"""

PVS_SERVERS = {"east": "10.40.0.11", "west": "10.40.0.21"}
ARCH = {"bios": "bios", "uefi": "uefi-x64"}
FIRMWARE = {"bios": "BIOS (SeaBIOS with iPXE's option ROM)", "uefi": "UEFI (OVMF's own PXE client)"}


def say(text="", indent=0):
    print(textwrap.indent(text, " " * indent), flush=True)


@dataclasses.dataclass
class Scope:
    """A network that machines boot in, and what must come of it."""
    prefix: str
    how: str
    farm: str
    server: str  # that boots it
    file: str    # what option 67 says, with %s for the file's own name
    ns: object
    trace: Trace


class Site:
    """The networks and servers, started."""

    def __init__(self, lab):
        self.lab = lab
        self.server, self.relay = map(lab.namespace, ("server", "relay"))
        self._networks()
        self.pvsboot = Pvsboot(lab, YAML)
        self._farms()
        self._servers()
        self.scopes = [
            Scope("10.20.0.0/24", "beside the DHCP server", "east", "10.20.0.1", "east/%s",
                  self.server, Trace(self.server, "br0")),
            Scope("10.30.0.0/24", "behind a DHCP relay", "west", PVS_SERVERS["west"], "%s",
                  self.relay, Trace(self.relay, "br0")),
        ]

    def _networks(self):
        for ns, address in ((self.server, "10.20.0.1/24"), (self.relay, "10.30.0.1/24")):
            ns.bridge("br0")
            ns.address("br0", address)
            ns.sysctl("net/ipv4/ip_forward", 1)
            self.lab.beacon(ns, "br0")
            for firmware in FILES:
                ns.tap(f"tap-{firmware}", "br0")
        self.lab.link(self.server, "relay", self.relay, "uplink")
        self.server.address("relay", "10.99.0.1/30")
        self.relay.address("uplink", "10.99.0.2/30")
        self.relay.ip("route add default via 10.99.0.1")
        self.server.ip("route add 10.30.0.0/24 via 10.99.0.2")
        self.pvs = Switch(self.lab, "pvs")
        self.pvs.plug(self.server, "pvs", "10.40.0.1/16")

    def _farms(self):
        """A PVS server for each farm, and how the watcher comes to its bootstraps."""
        for farm, address in PVS_SERVERS.items():
            server = PvsServer(self.pvs, "dnsmasq", address)
            server.ns.ip("route add default via 10.40.0.1")
            server.serve(stand_ins(farm))
        say("$ pvsboot apply pvsboot.yaml", 2)
        say(self.pvsboot.apply().strip().splitlines()[-1], 4)
        self.pvsboot.tftp(self.server, "10.20.0.1")
        self.pvsboot.watch(self.server)
        for farm in PVS_SERVERS:
            Verdicts(self.pvsboot).all_up(farm)
        say("$ pvsboot status", 2)
        say(self.pvsboot.cli("status").stdout.rstrip(), 4)

    def _servers(self):
        start_dnsmasq_relay(self.relay, "br0", "10.30.0.1", "uplink", ["10.99.0.1"])
        router = {"name": "routers"}
        Kea(self.server, ["br0", "relay"], [
            subnet(1, "10.20.0.0/24", "10.20.0.100 - 10.20.0.199",
                   **{"option-data": [{**router, "data": "10.20.0.1"}]}),
            subnet(2, "10.30.0.0/24", "10.30.0.100 - 10.30.0.199",
                   **{"option-data": [{**router, "data": "10.30.0.1"}]}),
        ], hooks=[self.pvsboot.hook()]).start()


def stages(trace, mac, address):
    """The lines of one machine's trace: (seconds, what, text)."""
    for at, message in trace.of(mac):
        if message.type == DISCOVER:
            yield at, "DHCP", f"asks, as {message.option(60).decode()}"
        elif message.type in (OFFER, ACK):
            verb = "offered" if message.type == OFFER else "acknowledged"
            yield at, "DHCP", (f"{verb} {message.yiaddr}: boot from {message.siaddr}, "
                               f"file {message.file}")
    for transfer in trace.fetched(address):
        size = f"{transfer.received} bytes" + (f", {transfer.error}" if transfer.error else "")
        yield transfer.at, "TFTP", f"{transfer.server} sends {transfer.name}, {size}"


def expect(what, seen, wanted):
    if seen != wanted:
        raise LabError(f"{what}: {seen!r} instead of {wanted!r}")


def boot(site, scope, firmware, mac):
    """Boots one machine, shows its trace and fails unless it ran its farm's file."""
    file = FILES[firmware]
    say(f"\n{FIRMWARE[firmware]}, {mac}\n"
        f"in {scope.prefix}, {scope.how}; that scope is farm {scope.farm}'s")
    trace = scope.trace
    began = trace.now()
    machine = Machine(scope.ns, firmware, f"tap-{firmware}", mac)
    try:
        said = machine.wait()
    finally:
        ack = trace.last(mac, ACK)
        address = ack.yiaddr if ack else None
        for at, what, text in stages(trace, mac, address):
            say(f"{at - began:5.1f} s  {what}  {text}", 2)
    say(f"{trace.now() - began:5.1f} s  ran   {said}", 2)
    why = site.pvsboot.cli("explain", mac, "--from", address, "--arch", ARCH[firmware])
    say(f"$ pvsboot explain {mac} --from {address} --arch {ARCH[firmware]}", 2)
    say(why.stdout.rstrip(), 4)

    expect("the bootstrap", said,
           f"Provisioning Services bootstrap (stand-in, {firmware}) of farm {scope.farm}")
    expect("siaddr and file", (ack.siaddr, ack.file), (scope.server, scope.file % file))
    explained = site.pvsboot.explain(mac, from_=address, arch=ARCH[firmware])
    expect("explain", (explained["farm"], explained["server"], explained["file"]),
           (scope.farm, scope.server, scope.file % file))


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if not pathlib.Path("/dev/net/tun").exists():
        sys.exit("quickstart: no /dev/net/tun here; the machines' network cards need it")
    failed = 0
    with Lab("quickstart") as lab:
        say("Two farms and the scopes that boot from them, as pvsboot.yaml says it:\n")
        say(YAML, 4)
        site = Site(lab)
        say("\nKea runs with the hook; pvsboot-watch has the bootstraps from the PVS servers.")
        number = 0
        for scope in site.scopes:
            for firmware in FILES:
                number += 1
                try:
                    boot(site, scope, firmware, f"52:54:00:00:00:{number:02x}")
                    say(f"OK: it ran {scope.farm}'s bootstrap", 2)
                except LabError as error:
                    failed += 1
                    say(f"FAILED: {error}", 2)
        if failed:
            for name, text in lab.logs():
                say(f"\n--- log of {name}\n{text}")
    say(f"\n{number - failed} of {number} machines ran their farm's bootstrap.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
