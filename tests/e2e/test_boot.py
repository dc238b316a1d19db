# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""Real firmware, from power-on to its farm's bootstrap."""

import pytest

from firmware import FILES, Machine, stamp
from kea import Kea, subnet
from pvsboot import Pvsboot

MAC = "52:54:00:00:00:01"
YAML = """\
boot-servers: [10.77.0.1]
farms:
  east:
    servers: [10.77.0.1]
  west:
    servers: [10.77.0.1]
scopes:
  10.77.0.0/16: east
  10.78.0.0/16: west
"""
DIRECT = YAML.replace("  west:", "    delivery: direct\n  west:")
DNSMASQ = ("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--user=root",
           "--log-facility=-", "--pid-file=")


class Site:
    """The network 10.77.0.0/16 on br0, its server 10.77.0.1, a router beacon and two taps."""

    def __init__(self, lab):
        self.lab = lab
        self.ns = lab.namespace("site")
        self.ns.bridge("br0")
        self.ns.address("br0", "10.77.0.1/16")
        for tap in ("tap0", "tap1"):
            self.ns.tap(tap, "br0")
        lab.beacon(self.ns, "br0")
        self.subnets = [subnet(1, "10.77.0.0/16", "10.77.1.0 - 10.77.1.255")]
        self.interfaces = ["br0"]

    def relayed(self):
        """Another namespace with br0, the network 10.78.0.0/16 and a DHCP relay to us."""
        ns = self.lab.namespace("relay")
        ns.bridge("br0")
        ns.address("br0", "10.78.0.1/16")
        ns.tap("tap0", "br0")
        ns.sysctl("net/ipv4/ip_forward", 1)
        self.lab.beacon(ns, "br0")
        self.lab.link(self.ns, "relay", ns, "uplink")
        self.ns.address("relay", "10.99.0.1/30")
        ns.address("uplink", "10.99.0.2/30")
        self.ns.ip("route add 10.78.0.0/16 via 10.99.0.2")
        ns.ip("route add default via 10.99.0.1")
        ns.start(*DNSMASQ, "--dhcp-relay=10.78.0.1,10.99.0.1", name="relay")
        self.subnets.append(subnet(
            2, "10.78.0.0/16", "10.78.1.0 - 10.78.1.255",
            **{"option-data": [{"name": "routers", "data": "10.78.0.1"}]}))
        self.interfaces.append("relay")
        return ns

    def kea(self, **config):
        return Kea(self.ns, self.interfaces, self.subnets, **config).start()

    def pvsboot(self, yaml=YAML):
        """pvsboot with both farms' files, and Kea with its hook."""
        pvsboot = Pvsboot(self.lab, yaml)
        pvsboot.apply()
        for farm in ("east", "west"):
            for firmware, name in FILES.items():
                file = stamp(firmware, farm, self.lab.path(farm, name))
                pvsboot.cli("bootstrap", "add", farm, file)
        self.kea(hooks=[pvsboot.hook()])
        return pvsboot


@pytest.fixture
def site(lab):
    return Site(lab)


def said_of(firmware, farm):
    return f"Provisioning Services bootstrap (stand-in, {firmware}) of farm {farm}"


@pytest.mark.parametrize("firmware", FILES)
def test_firmware_runs_its_farms_bootstrap(site, firmware):
    """The whole way: one line of YAML, the hook in Kea, pvsboot-tftp, executed code."""
    site.pvsboot().tftp(site.ns, "10.77.0.1")
    assert Machine(site.ns, firmware, "tap0", MAC).wait() == said_of(firmware, "east")


@pytest.mark.long
@pytest.mark.parametrize("firmware", FILES)
def test_firmware_boots_in_the_lab_without_pvsboot(lab, site, firmware):
    """The lab itself: Kea's own next-server and dnsmasq's TFTP."""
    stamp(firmware, "nobody", lab.path("tftp", "file"))
    site.ns.start(*DNSMASQ, "--enable-tftp", f"--tftp-root={lab.path('tftp')}")
    site.kea(**{"next-server": "10.77.0.1", "boot-file-name": "file"})
    assert Machine(site.ns, firmware, "tap0", MAC).wait() == said_of(firmware, "nobody")


@pytest.mark.long
@pytest.mark.parametrize("firmware, device", [
    ("bios", "e1000"), ("bios", "vmxnet3"), ("uefi", "virtio-net-pci"), ("uefi", "e1000"),
    ("uefi", "vmxnet3")])
def test_ipxe_roms_run_their_farms_bootstrap(site, firmware, device):
    site.pvsboot().tftp(site.ns, "10.77.0.1")
    machine = Machine(site.ns, firmware, "tap0", MAC, device=device, ipxe=True)
    assert machine.wait() == said_of(firmware, "east")


@pytest.mark.long
@pytest.mark.parametrize("firmware", FILES)
def test_direct_delivery_boots_from_the_pvs_server(lab, site, firmware):
    site.pvsboot(DIRECT)
    site.ns.start(*DNSMASQ, "--enable-tftp", f"--tftp-root={lab.path('east')}")
    assert Machine(site.ns, firmware, "tap0", MAC).wait() == said_of(firmware, "east")


@pytest.mark.long
@pytest.mark.parametrize("firmware", FILES)
def test_machines_behind_a_relay_boot_from_their_scopes_farm(site, firmware):
    relay = site.relayed()
    site.pvsboot().tftp(site.ns, "10.77.0.1")
    assert Machine(relay, firmware, "tap0", MAC).wait() == said_of(firmware, "west")


@pytest.mark.long
def test_bios_and_uefi_boot_at_once_in_one_scope(site):
    site.pvsboot().tftp(site.ns, "10.77.0.1")
    machines = [Machine(site.ns, firmware, f"tap{i}", f"52:54:00:00:00:0{i}")
                for i, firmware in enumerate(FILES)]
    assert [machine.wait() for machine in machines] == [said_of(f, "east") for f in FILES]


@pytest.mark.long
def test_next_boot_follows_the_map(site):
    """A device record and an edited scope, each under the running Kea and responder."""
    pvsboot = site.pvsboot()
    pvsboot.tftp(site.ns, "10.77.0.1")

    def boots():
        return Machine(site.ns, "bios", "tap0", MAC).wait()
    assert boots() == said_of("bios", "east")
    pvsboot.cli("device", "add", MAC, "--farm", "west")
    assert boots() == said_of("bios", "west")
    pvsboot.cli("device", "del", MAC)
    assert boots() == said_of("bios", "east")
    pvsboot.apply(YAML.replace("10.77.0.0/16: east", "10.77.0.0/16: west"))
    assert boots() == said_of("bios", "west")
