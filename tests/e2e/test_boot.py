# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""Real firmware, from power-on to its farm's bootstrap."""

import pytest

from firmware import FILES, Machine, stamp
from kea import Kea, subnet

MAC = "52:54:00:00:00:01"


@pytest.mark.parametrize("firmware", FILES)
def test_firmware_boots_in_the_lab_without_pvsboot(lab, firmware):
    """The lab itself: Kea's own next-server and dnsmasq's TFTP."""
    wire = lab.namespace("wire")
    wire.bridge("br0")
    wire.address("br0", "10.77.0.1/16")
    wire.tap("tap0", "br0")
    lab.beacon(wire, "br0")
    stamp(firmware, "nobody", lab.path("tftp", "file"))
    lab.path("tftp").chmod(0o755)
    wire.start("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0",
               "--user=root", "--enable-tftp", f"--tftp-root={lab.path('tftp')}",
               "--log-facility=-", "--pid-file=")
    Kea(wire, ["br0"], [subnet(1, "10.77.0.0/16", "10.77.1.0 - 10.77.1.255")],
        **{"next-server": "10.77.0.1", "boot-file-name": "file"}).start()
    said = Machine(wire, firmware, "tap0", MAC).wait()
    assert said == f"Provisioning Services bootstrap (stand-in, {firmware}) of farm nobody"
