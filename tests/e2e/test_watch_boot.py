# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""Real firmware, where the watcher fetched the bootstraps and says which servers are alive.

    boot 10.77.0.2 (.3) --+-- wire, 10.77.0.0/16, farm east
    dhcp 10.77.0.1      --+-- PVS servers 10.77.0.11 and .12

A bootstrap says which server's copy it is. By the door "kea" machines come in through Kea and the
hook, by "proxy" through pvsboot-pxe beside another DHCP server."""

import shutil
import signal
import time

import pytest

from dhcp_servers import KeaServer, Network
from firmware import FILES, stand_ins
from kea import Kea, subnet
from lab import wait_for
from pvs_servers import PROGRAMS, PvsServer
from pvsboot import Pvsboot
from pxe_site import Boot, Segment
from verdicts import FAST, MARGIN, Verdicts

DHCP, BOOT, SECOND = "10.77.0.1", "10.77.0.2", "10.77.0.3"
FIRST_PVS, SECOND_PVS = "10.77.0.11", "10.77.0.12"
MACHINES = {"bios": ("virtio", "52:54:00:00:00:01"), "uefi": ("edk2", "52:54:00:00:00:02")}
YAML = f"""\
boot-servers: [{BOOT}]
farms:
  east:
    servers: [{FIRST_PVS}, {SECOND_PVS}]
    delivery: boot-server
    balance: ordered
    monitor: {FAST.yaml()}
scopes:
  10.77.0.0/16: east
"""
DIRECT = YAML.replace("delivery: boot-server", "delivery: direct")
BEFORE = YAML.replace(": east\n", ": none\n").replace(FAST.yaml(), "{probe: none}")
TWO = YAML.replace(f"[{BOOT}]", f"[{BOOT}, {SECOND}]").replace("ordered", "hash")


class BootServer:
    """A host with a responder, a watcher and their databases."""

    def __init__(self, site, name, address):
        self.site, self.address = site, address
        self.ns = site.wire.host(name, f"{address}/16")
        self.pvsboot = Pvsboot(site.lab, site.yaml, name)
        self.verdicts = Verdicts(self.pvsboot)

    def respond(self):
        self.responder = self.pvsboot.tftp(self.ns, "0.0.0.0")
        self.responder.wait_line("serving by map revision")

    def watch(self):
        self.watcher = self.pvsboot.watch(self.ns)

    def serve(self):
        self.pvsboot.apply()
        self.respond()
        self.watch()
        return self


class Site:
    """The PVS servers are at work, all else is not."""

    def __init__(self, lab, yaml, door="kea"):
        self.lab, self.yaml, self.door = lab, yaml, door
        self.wire = Segment(lab, "wire")
        self.servers = {}
        for kind, address in zip(PROGRAMS, (FIRST_PVS, SECOND_PVS)):
            server = self.servers[address] = PvsServer(self.wire, kind, address)
            server.serve(stand_ins(f"east on {address}"))
        self.boot = BootServer(self, "boot", BOOT)
        self.pvsboot, self.verdicts = self.boot.pvsboot, self.boot.verdicts

    def open_door(self):
        pool = subnet(1, "10.77.0.0/16", "10.77.1.0 - 10.77.1.255")
        if self.door == "kea":
            self.kea = Kea(self.boot.ns, ["eth0"], [pool], hooks=[self.pvsboot.hook()]).start()
        else:
            dhcp = self.wire.host("dhcp", f"{DHCP}/16")
            KeaServer(dhcp, ["eth0"], [Network(77)]).start()
            self.pvsboot.pxe(self.boot.ns, "eth0")

    def power_on(self, *kinds):
        """Machines that boot at once, one of each kind of firmware at most."""
        return [Boot(self.wire, *MACHINES[kind]) for kind in kinds or FILES]


def check_boot(site, boot, source, copies=(FIRST_PVS, SECOND_PVS)):
    """Asserts that a machine fetched its file from a source, which explain names too, and ran
    what is a whole copy of one of the servers named."""
    assert boot.ran() in [boot.firmware.says(f"east on {server}") for server in copies]
    address = boot.lease().yiaddr
    told = site.pvsboot.explain(boot.mac, from_=address, arch=boot.firmware.arch)
    assert told["server"] == source
    assert boot.fetched() == {(source, told["file"])}


def login_lists(boot):
    """What option 11 said in every answer that names a file."""
    said = boot.given() + boot.offers() + [ack for acks in boot.asked().values() for ack in acks]
    return {frozenset(message.addresses(11)) for message in said if message.file}


def first_boot(site, *kinds):
    """All is at work before the map leads here, and the cache is empty; then both happen at
    once: the map says so, machines are powered on."""
    site.pvsboot.apply(BEFORE)
    site.boot.respond()
    site.boot.watch()
    site.open_door()
    assert not list((site.pvsboot.dir / "cache").glob("farms/*/*/*"))
    site.pvsboot.apply(site.yaml)
    return site.power_on(*kinds)


def test_a_machine_boots_right_after_the_first_apply(lab):
    site = Site(lab, YAML)
    for boot in first_boot(site, "bios"):
        check_boot(site, boot, BOOT)


@pytest.mark.long
@pytest.mark.parametrize("door", ["kea", "proxy"])
@pytest.mark.parametrize("yaml", [DIRECT, YAML], ids=["direct", "boot-server"])
def test_firmware_follows_what_the_watcher_finds(lab, yaml, door):
    """From the first boot on; then one server's TFTP and the other's login have died."""
    site = Site(lab, yaml, door)
    is_direct = yaml == DIRECT
    for boot in first_boot(site):
        check_boot(site, boot, FIRST_PVS if is_direct else BOOT)
        if boot.firmware.kind == "uefi":
            assert login_lists(boot) == {frozenset(site.servers)}
    site.verdicts.all_up()

    site.servers[FIRST_PVS].kill()
    site.servers[SECOND_PVS].login(False)
    for file in FILES.values():
        site.verdicts.becomes(FIRST_PVS, file, "down", FAST.down_within + MARGIN)
    site.verdicts.becomes(SECOND_PVS, "login", "down", FAST.down_within + MARGIN)
    for boot in site.power_on():
        check_boot(site, boot, SECOND_PVS if is_direct else BOOT)
        if boot.firmware.kind == "uefi":
            assert login_lists(boot) == {frozenset([FIRST_PVS])}


@pytest.mark.long
def test_a_file_that_only_a_device_names_is_fetched_when_it_is_asked_for(lab):
    """Nothing probes it before: the machine's own request does."""
    site = Site(lab, YAML)
    body = site.servers[FIRST_PVS].body(FILES["bios"])
    site.servers[FIRST_PVS].put("OTHER.BIN", body)
    site.boot.serve()
    site.open_door()
    site.verdicts.all_up()
    site.pvsboot.cli("device", "add", MACHINES["bios"][1], "--file", "bios=OTHER.BIN")
    [boot] = site.power_on("bios")
    check_boot(site, boot, BOOT, [FIRST_PVS])
    assert {file for _, file in boot.fetched()} == {"east/OTHER.BIN"}


@pytest.mark.long
@pytest.mark.parametrize("door", ["kea", "proxy"])
def test_firmware_boots_from_the_cache_where_nothing_else_is_left(lab, door):
    """As after a power cut: every PVS server is off, /run is empty, no watcher runs yet."""
    site = Site(lab, YAML, door)
    site.boot.serve()
    site.verdicts.all_up()
    site.boot.watcher.stop()
    site.boot.responder.stop()
    for server in site.servers.values():
        server.kill()
        server.login(False)
    for entry in (site.pvsboot.dir / "state").iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    site.boot.respond()
    site.open_door()
    for boot in site.power_on():
        check_boot(site, boot, BOOT)
    assert site.pvsboot.status()["watcher"]["state"] == "absent"


class TwoBootServers:
    """Both at work and up; fleet are machines of which each has its own usual boot server."""
    FLEET = [f"02:00:00:00:01:{i:02x}" for i in range(48)]

    def __init__(self, lab):
        self.site = Site(lab, TWO)
        self.hosts = {BOOT: self.site.boot.serve(),
                      SECOND: BootServer(self.site, "second", SECOND).serve()}
        self.site.open_door()
        self.all_up(20.0)
        self.usual = self.sent_to(SECOND)
        assert set(self.usual.values()) == set(self.hosts)

    def all_up(self, within):
        for host in self.hosts.values():
            host.verdicts.all_up().boot_servers_become(dict.fromkeys(self.hosts, "up"), within)

    def sent_to(self, host=BOOT):
        """{MAC: boot server} by a host's own map and verdicts."""
        return {mac: self.hosts[host].pvsboot.explain(mac, from_="10.77.1.1")["server"]
                for mac in self.FLEET}

    def everybody_boots_from(self, address):
        assert set(self.sent_to().values()) == {address}
        for boot in self.site.power_on():
            check_boot(self.site, boot, address)


@pytest.mark.long
def test_a_dead_boot_server_loses_its_machines_in_time_and_gets_them_back(lab):
    """Also the one on Kea's own host. Both hosts always say the same, without talking."""
    two = TwoBootServers(lab)
    for dead, left in ((SECOND, BOOT), (BOOT, SECOND)):
        assert two.sent_to() == two.usual
        two.hosts[dead].responder.stop(signal.SIGKILL)
        began = time.monotonic()
        wait_for(f"{dead} is no longer named", lambda: dead not in two.sent_to().values())
        assert time.monotonic() - began <= FAST.down_within + MARGIN
        two.everybody_boots_from(left)
        two.hosts[dead].respond()
        two.all_up(FAST.up_within + MARGIN)
    assert two.sent_to() == two.sent_to(SECOND) == two.usual


@pytest.mark.long
def test_a_drained_boot_server_gets_no_machine(lab):
    two = TwoBootServers(lab)
    two.site.pvsboot.cli("drain", SECOND)
    two.everybody_boots_from(BOOT)
    two.site.pvsboot.cli("undrain", SECOND)
    assert two.sent_to() == two.usual
