# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""Delivery "direct": what is told of machines that were sent to a PVS server past our own TFTP, and
what the watcher makes of those that come again."""

import time

import pytest

from dhcp import DirectClient, pxe_options
from events import ACKED, BOOTED, HOOK, OFFERED, STAGE, Events, encode, tell
from hook_site import IN_EAST, IN_WEST, UEFI, WINDOWS, Twin
from lab import Switch, wait_for
from pvs_servers import PvsServer
from pvsboot import Pvsboot

PVS = "10.2.0.11"
IPXE = (77, b"iPXE")
YAML = """\
boot-servers: [10.77.0.5]
farms:
  east:
    servers: [10.1.0.11]
    monitor: {probe: none}
  west:
    servers: [10.2.0.11]
    delivery: direct
    monitor: {interval: 10m, timeout: 2s, retries: 3}
scopes:
  10.77.0.0/16: east
  10.77.64.0/18: west
"""
MACHINES = 5  # that must come again
FIRST_S = 20  # after which they count
HASTENED = "machines that were sent there ask anew"


def machine(number):
    return f"02:00:00:00:02:{number:02x}"


# ---- what is told

def test_the_hook_tells_who_was_sent_where_and_who_booted(lab):
    site = Pvsboot(lab, YAML)
    site.apply()
    events = Events(site)
    twin = Twin(lab, "server", [site.hook()])
    twin.kea.start()
    twin.wait_open()
    east, west = twin.direct(IN_EAST), twin.direct(IN_WEST)

    _, ack = west.dora([*UEFI, IPXE])
    told = events.wait(kind=STAGE, what=ACKED, mac=IN_WEST, xid=ack.xid)
    assert (told.program, told.direct, told.server, told.farm, told.client) == (
        HOOK, True, PVS, "west", ack.yiaddr)
    assert told.user_class != 0
    _, ack = west.dora(UEFI)
    assert events.wait(kind=STAGE, what=ACKED, mac=IN_WEST, xid=ack.xid).user_class == 0

    _, ack = east.dora(UEFI)
    told = events.wait(kind=STAGE, what=ACKED, mac=IN_EAST, xid=ack.xid)
    assert (told.direct, told.server) == (False, "10.77.0.5")

    for client in (east, west):
        client.dora(WINDOWS)
        client.dora(WINDOWS)
    _, ack = east.dora(UEFI)
    events.wait(kind=STAGE, what=ACKED, mac=IN_EAST, xid=ack.xid)
    assert [event.mac for event in events.of(kind=STAGE, what=BOOTED)] == [IN_WEST]


# ---- what is made of it

class Site:
    """A PVS server and the watcher of its farm, which by itself probes once and then not for ten
    minutes."""

    def __init__(self, lab):
        self.lab = lab
        self.switch = Switch(lab, "lan")
        self.pvsboot = Pvsboot(lab, YAML)
        self.pvsboot.apply()
        self.pvs = PvsServer(self.switch, "tftpd-hpa", PVS).start()

    def watch(self, ns):
        """Starts the watcher. No probe is hastened in the second after another; that of the login
        takes two."""
        self.watcher = self.pvsboot.watch(ns)
        self.wait_probes(1)
        wait_for("the login is probed", lambda: self.server()["login"][0]["probes"])
        return self

    def server(self):
        """What the status says of the server."""
        farm = next(farm for farm in self.pvsboot.status()["farms"] if farm["farm"] == "west")
        return farm["servers"][0]

    def files(self):
        """The accounts of its files."""
        return self.server()["files"]

    def wait_probes(self, count):
        """Waits for that many probes of each file, and not one more."""
        wait_for(f"{count} probes", lambda: all(
            (file["probes"] or 0) >= count for file in self.files()))
        assert {file["probes"] for file in self.files()} == {count}


@pytest.fixture
def site(lab):
    made = Site(lab)
    return made.watch(made.switch.host("watcher", "10.2.0.1/16"))


class Boots:
    """Machines that boot by records of the hook, in a time of their own."""

    def __init__(self, site):
        self.site = site
        self.now_ms = int(time.time() * 1000)
        self.xid = 0

    def round(self, after_s, machines=MACHINES):
        """So many seconds later each of them gets its answer, in an exchange of its own."""
        self.now_ms += after_s * 1000
        for number in range(machines):
            self.xid += 1
            tell(self.site.pvsboot, *(
                encode(STAGE, what, mac=machine(number), server=PVS, farm="west", direct=True,
                       xid=self.xid, time_ms=self.now_ms) for what in (OFFERED, ACKED)))


def test_machines_that_ask_anew_hasten_a_probe(site):
    boots = Boots(site)
    boots.round(0, machines=MACHINES - 1)
    boots.round(60, machines=MACHINES - 1)  # too few
    boots.round(300)
    boots.round(10)   # too soon
    boots.round(200)  # too late
    boots.round(60)
    site.wait_probes(2)
    assert all((file["verdict"], file["failures"]) == ("up", 0) for file in site.files())
    site.watcher.wait_line(HASTENED)


def test_they_never_set_a_server_down_alone(site):
    site.pvs.kill()
    boots = Boots(site)
    boots.round(0)
    boots.round(60)
    site.wait_probes(2)
    assert all((file["verdict"], file["failures"]) == ("up", 1) for file in site.files())


@pytest.mark.long
def test_machines_in_a_loop_before_kea_hasten_a_probe(lab):
    site = Site(lab)
    twin = Twin(lab, "server", [site.pvsboot.hook()])
    site.switch.plug(twin.server, "eth1", "10.2.0.1/16")
    twin.kea.config["subnet4"][0]["pools"] = [{"pool": "10.77.66.0 - 10.77.66.255"}]
    twin.kea.start()
    twin.wait_open()
    site.watch(twin.server)
    clients = [DirectClient(twin.side, "eth0", machine(number)) for number in range(MACHINES)]

    def boot():
        for client in clients:
            assert client.dora(pxe_options(7))[1].siaddr == PVS
        return time.monotonic()

    booted = boot()
    wait_for("it is time to come again", lambda: time.monotonic() > booted + FIRST_S,
             2 * FIRST_S)
    boot()
    site.wait_probes(2)
    assert all((file["verdict"], file["failures"]) == ("up", 0) for file in site.files())
