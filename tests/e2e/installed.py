# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""The hook as `make install` leaves it. Not one of make check's tests: other-keas installs
pvsboot in a root of its own and names this file."""

from hook_site import ADDRESSES, IN_EAST, IN_WEST, UEFI, YAML, Twin, is_east, is_west
from kea import hooks_dir
from pvsboot import Pvsboot


def installed(lab):
    """Kea with the hook from Kea's own folder, the only one that it takes from 2.6.3 on."""
    site = Pvsboot(lab, YAML)
    site.apply()
    _, parameters = site.hook()
    twin = Twin(lab, "installed", [(hooks_dir() / "libdhcp_pvsboot.so", parameters)],
                in_place=True)
    twin.kea.start()
    return site, twin.wait_open()


def test_the_installed_hook_answers(lab):
    """OFFER, ACK and the ACK of an INFORM: siaddr, file, 66, 67, and 11 or 17."""
    _, twin = installed(lab)
    for mac, is_its_farms in ((IN_EAST, is_east), (IN_WEST, is_west)):
        client = twin.direct(mac)
        for message in (*client.dora(UEFI), client.inform(ADDRESSES[mac], UEFI)):
            is_its_farms(message)


def test_kea_looks_at_it_beside_a_running_server(lab):
    """From 2.4 on `kea-dhcp4 -T` loads the library, in a second process."""
    site, twin = installed(lab)
    twin.kea.check()
    assert [path.name for path in (site.dir / "state").glob("hook.*.marker")] == [
        f"hook.{twin.kea.program.pid}.marker"]
    assert twin.status()["inert"] is None
    is_east(twin.direct(IN_EAST).discover(UEFI))
