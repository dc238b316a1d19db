# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""Two thousand machines that boot again and again while servers die and return. A machine whose
try fails waits as long as the monitor may take to notice; its next try must boot it."""

import pytest

from pvs_servers import BIOS, UEFI, PvsServer
from storm_site import FARMS, StormSite
from verdicts import FAST, MARGIN

pytestmark = pytest.mark.long


def restart(server):
    """A server that only went on would first serve all those who gave up long ago."""
    server.kill()
    server.run()


# How a PVS server dies, and how it comes back.
DEATHS = {
    "killed": (PvsServer.kill, PvsServer.run),
    "stopped": (PvsServer.pause, restart),
    "cut off": (lambda server: server.cut(True), lambda server: server.cut(False)),
}


def become(site, address, verdict, within):
    """Waits until all watchers that live say so of both files."""
    farm = next(farm for farm, (_, *addresses) in FARMS.items() if address in addresses)
    for boot_server in site.boot_servers.values():
        if boot_server.programs[-1].alive():
            for file in (BIOS, UEFI):
                boot_server.verdicts.becomes(address, file, verdict, within, farm)


def die_and_return(site, storm, address, how):
    die, come_back = DEATHS[how]
    die(site.servers[address])
    become(site, address, "down", FAST.down_within + MARGIN)
    storm.settles()
    come_back(site.servers[address])
    become(site, address, "up", FAST.up_within + MARGIN)
    storm.settles()


def test_no_machine_fails_on_its_next_try(lab, capsys):
    site = StormSite(lab).all_up()
    storm = site.storm()
    storm.all_boot()
    assert storm.report()["first_failures"] == 0
    east, west = (addresses for _, *addresses in FARMS.values())
    die_and_return(site, storm, east[0], "killed")
    die_and_return(site, storm, east[1], "stopped")

    site.second.kill()
    site.first.verdicts.boot_servers_become({site.second.address: "down"},
                                         FAST.down_within + MARGIN)
    storm.settles()
    storm.all_boot()
    die_and_return(site, storm, west[0], "cut off")
    die_and_return(site, storm, west[1], "killed")
    die_and_return(site, storm, east[0], "cut off")

    site.second.start()
    site.all_up()
    storm.all_boot()
    report = storm.end()
    with capsys.disabled():
        print("\n{tries} tries; {first_failures} first ones failed, {next_failures} next ones; a"
              " machine booted from another server than before {moved} times".format(**report))
    assert [failure for failure in storm.failures() if failure["next"]] == []
    assert report["next_failures"] == 0 and report["retrying"] == 0
    assert report["first_failures"] > 0 and report["moved"] > 0
    assert report["why"]["wrong"] == report["why"]["no offer"] == report["why"]["no ack"] == 0
