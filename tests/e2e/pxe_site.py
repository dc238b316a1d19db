# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""A site with a DHCP server that nobody may touch, and pvsboot-pxe beside it.

    proxy 10.77.0.2 --+-- wire, 10.77.0.0/16, farm east
    dhcp  10.77.0.1 --+
                      +-- branch 10.77.0.9: a router and relay to 10.78.0.0/16, farm west

Each is a network namespace. pvsboot's responder runs beside the proxy. A test may add 10.79.0.0/16,
farm west too, where host .2 is the boot server."""

import dataclasses

from dhcp import ACK, OFFER
from dhcp_servers import RELAYS, Network
from firmware import FILES, Machine, stamp
from lab import Switch
from pvsboot import Pvsboot
from trace import Trace

PROXY, DHCP, BRANCH = "10.77.0.2", "10.77.0.1", "10.77.0.9"
FARMS = ("east", "west")
NETWORKS = [Network(77), Network(78, "10.78.0.1"), Network(79)]
YAML = f"""\
boot-servers: [{PROXY}]
farms:
  east: {{servers: [10.1.0.11]}}
  west: {{servers: [10.2.0.11]}}
scopes:
  10.77.0.0/16: east
  10.78.0.0/16: west
  10.79.0.0/16: {{farm: west, boot-servers: [10.79.0.2]}}
"""
OFFERS = "pxe: {offer: {bios: %s, uefi-x64: %s}}"


def yaml_of_form(form):
    """The site's configuration with one form of offer for every machine."""
    return YAML.replace("11]}", "11], " + OFFERS % (form, form) + "}")


@dataclasses.dataclass(frozen=True)
class Firmware:
    """A PXE client: "bios" or "uefi", its card, and iPXE's ROM or (edk2) none."""
    kind: str
    device: str
    ipxe: bool = True

    @property
    def arch(self):
        return "bios" if self.kind == "bios" else "uefi-x64"

    def says(self, farm):
        return f"Provisioning Services bootstrap (stand-in, {self.kind}) of farm {farm}"


CLIENTS = {
    "e1000": Firmware("bios", "e1000"),
    "virtio": Firmware("bios", "virtio-net-pci"),
    "vmxnet3": Firmware("bios", "vmxnet3"),
    "edk2": Firmware("uefi", "virtio-net-pci", ipxe=False),
    "ipxe-uefi": Firmware("uefi", "virtio-net-pci"),
}


class Segment(Switch):
    """A network segment with a tap for a machine of each kind, and what passes there."""

    def __init__(self, lab, name):
        super().__init__(lab, name)
        for kind in FILES:
            self.ns.tap(f"tap-{kind}", "br0")
        lab.beacon(self.ns, "br0")
        self.trace = Trace(self.ns, "br0")

    def power_on(self, client, mac):
        """One machine of CLIENTS; as many as two at once, one of each kind."""
        firmware = CLIENTS[client]
        return Machine(self.ns, firmware.kind, f"tap-{firmware.kind}", mac,
                       device=firmware.device, ipxe=firmware.ipxe)


class Site:
    """The whole site; nothing runs in it yet but the switches."""

    def __init__(self, lab, yaml=YAML):
        self.lab = lab
        self.wire = Segment(lab, "wire")
        self.proxy = self.wire.host("proxy", PROXY + "/16")
        self.dhcp = self.wire.host("dhcp", DHCP + "/16")
        self.pvsboot = Pvsboot(lab, yaml)
        self.pvsboot.apply()
        for farm in FARMS:
            for kind, name in FILES.items():
                self.pvsboot.cli("bootstrap", "add", farm, stamp(kind, farm, lab.path(farm, name)))

    def branch(self, relay, targets):
        """The branch, with a relay of RELAYS that sends requests to each of the targets."""
        branch = Segment(self.lab, "branch")
        branch.ns.address("br0", "10.78.0.1/16")
        branch.ns.sysctl("net/ipv4/ip_forward", 1)
        self.wire.plug(branch.ns, "eth0", BRANCH + "/16")
        for host in (self.proxy, self.dhcp):
            host.ip(f"route add 10.78.0.0/16 via {BRANCH}")
        RELAYS[relay](branch.ns, "br0", "10.78.0.1", "eth0", targets)
        return branch

    def serve(self, *interfaces):
        """Starts the proxy, and the responder beside it."""
        self.pvsboot.tftp(self.proxy, "0.0.0.0")
        return self.pvsboot.pxe(self.proxy, *(interfaces or ["eth0"]))


class Boot:
    """One machine's way from power-on to the end of its bootstrap, as the segment saw it."""

    def __init__(self, segment, client, mac):
        self.trace = segment.trace
        self.firmware = CLIENTS[client]
        self.mac = mac
        self.began = self.trace.now()
        self.machine = segment.power_on(client, mac)

    def ran(self):
        """Waits; returns what the bootstrap said."""
        return self.machine.wait()

    def _messages(self):
        return [m for at, m in self.trace.of(self.mac) if at >= self.began]

    def given(self):
        """What the DHCP server sent: it gives addresses, a proxy none."""
        return [m for m in self._messages() if m.op == 2 and m.yiaddr != "0.0.0.0"]

    def offers(self):
        """What the proxy sent from port 67."""
        return [m for m in self._messages() if m.type == OFFER and m.yiaddr == "0.0.0.0"]

    def lease(self):
        """The DHCP server's last ACK."""
        return next(m for m in reversed(self.given()) if m.type == ACK)

    def asked(self):
        """{transaction id: answers} of the exchanges on port 4011. A question that firmware
        asks twice is one exchange."""
        exchanges = {}
        for at, message in self.trace.pxe_of(self.mac):
            if at >= self.began:
                answers = exchanges.setdefault(message.xid, [])
                answers += [message] if message.op == 2 else []
        return exchanges

    def fetched(self):
        """{(server, file)} of the transfers."""
        return {(t.server, t.name) for t in self.trace.fetched(self.lease().yiaddr)
                if t.at >= self.began}
