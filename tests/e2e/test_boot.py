# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""Real firmware, from power-on to its farm's bootstrap."""

import pytest

from firmware import FILES, Machine, stamp
from kea import Kea, subnet

MAC = "52:54:00:00:00:01"


@pytest.fixture
def wire(lab):
    """One network with a router beacon, the server's address 10.77.0.1 and a tap."""
    ns = lab.namespace("wire")
    ns.bridge("br0")
    ns.address("br0", "10.77.0.1/16")
    ns.tap("tap0", "br0")
    lab.beacon(ns, "br0")
    return ns


def kea(wire, **config):
    return Kea(wire, ["br0"], [subnet(1, "10.77.0.0/16", "10.77.1.0 - 10.77.1.255")],
               **config).start()


def said_of(firmware, farm):
    return f"Provisioning Services bootstrap (stand-in, {firmware}) of farm {farm}"


@pytest.mark.parametrize("firmware", FILES)
def test_firmware_boots_in_the_lab_without_pvsboot(lab, wire, firmware):
    """The lab itself: Kea's own next-server and dnsmasq's TFTP."""
    stamp(firmware, "nobody", lab.path("tftp", "file"))
    wire.start("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0",
               "--user=root", "--enable-tftp", f"--tftp-root={lab.path('tftp')}",
               "--log-facility=-", "--pid-file=")
    kea(wire, **{"next-server": "10.77.0.1", "boot-file-name": "file"})
    assert Machine(wire, firmware, "tap0", MAC).wait() == said_of(firmware, "nobody")
