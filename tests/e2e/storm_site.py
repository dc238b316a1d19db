# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""Two thousand machines in two networks, two farms of two PVS servers, two boot servers.

    boot 10.77.0.2 ---+-- wire, 10.77.0.0/16 --- farm east: .11 and .12, direct
    boot 10.77.0.3 ---+                      --- farm west: .21 and .22, by the boot servers
    machines 10.77.0.9: relays to 10.78.0.0/16 (east) and 10.79.0.0/16 (west)

Kea with the hook runs beside the first boot server. Each boot server has its own map, state,
cache, responder and watcher."""

import json
import signal

from kea import Kea, subnet
from lab import Switch, built, wait_for
from pvs_servers import BIOS, UEFI, PvsServer, bootstrap
from pvsboot import Pvsboot
from verdicts import FAST, MARGIN, Verdicts

BOOT_SERVERS = ("10.77.0.2", "10.77.0.3")
MACHINES = "10.77.0.9"
FARMS = {"east": (78, "10.77.0.11", "10.77.0.12"), "west": (79, "10.77.0.21", "10.77.0.22")}
YAML = f"""\
boot-servers: [{', '.join(BOOT_SERVERS)}]
farms:
  east:
    servers: [10.77.0.11, 10.77.0.12]
    delivery: direct
    monitor: {FAST.yaml()}
  west:
    servers: [10.77.0.21, 10.77.0.22]
    monitor: {FAST.yaml()}
scopes:
  10.78.0.0/16: east
  10.79.0.0/16: west
"""


class BootServer:
    """A boot server with its watcher, and what that one finds."""

    def __init__(self, switch, address):
        name = "boot" + address[-1]
        self.address = address
        self.ns = reach_machines(switch.host(name, f"{address}/16"))
        self.pvsboot = Pvsboot(switch.lab, YAML, name)
        self.pvsboot.apply()
        self.verdicts = Verdicts(self.pvsboot)

    def start(self):
        self.programs = [self.pvsboot.tftp(self.ns, "0.0.0.0"), self.pvsboot.watch(self.ns)]
        return self

    def kill(self):
        for program in self.programs:
            program.stop(signal.SIGKILL)


def reach_machines(ns):
    ns.ip(f"route add 10.78.0.0/15 via {MACHINES}")
    return ns


class StormSite:
    """All at work but the machines; every verdict is up."""

    def __init__(self, lab):
        self.lab = lab
        self.switch = Switch(lab, "wire")
        self.servers = {}
        for farm, (_, *addresses) in FARMS.items():
            for address in addresses:
                server = self.servers[address] = PvsServer(self.switch, "dnsmasq", address)
                reach_machines(server.start(farm).ns)
        self.boot_servers = {address: BootServer(self.switch, address).start()
                             for address in BOOT_SERVERS}
        self.first, self.second = self.boot_servers.values()
        self.machines = self.switch.host("machines", f"{MACHINES}/16")
        # Every address of the networks is this host's, the relays' among them.
        self.machines.ip("route add local 10.78.0.0/15 dev lo")
        self.kea = Kea(self.first.ns, ["eth0"], [
            subnet(number, f"10.{net}.0.0/16", f"10.{net}.16.0 - 10.{net}.63.255")
            for number, (net, *_) in enumerate(FARMS.values(), 1)
        ], hooks=[self.first.pvsboot.hook()], **{"loggers": [
            {"name": "kea-dhcp4", "severity": "WARN",
             "output_options": [{"output": "stdout"}]}]}).start()

    def all_up(self):
        for boot_server in self.boot_servers.values():
            for farm in FARMS:
                boot_server.verdicts.all_up(farm)
            boot_server.verdicts.boot_servers_become(dict.fromkeys(BOOT_SERVERS, "up"))
        return self

    def storm(self):
        words = ["--server", BOOT_SERVERS[0], "--retry",
                 round(1000 * (FAST.down_within + MARGIN))]
        for farm, (net, *_) in FARMS.items():
            files = [self.lab.path(farm, name) for name in (BIOS, UEFI)]
            for path in files:
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(bootstrap(path.name, farm))
            words += ["--farm", ",".join(map(str, [f"10.{net}.0.1", *files]))]
        return Storm(self.machines.start(built("tests/bench/boot_storm"), *words, name="storm"))


class Storm:
    """Machines that boot again and again. tests/bench/boot_storm.c"""

    def __init__(self, program):
        self.program = program

    def lines(self):
        """What was said in whole lines: reports, and tries that failed."""
        return map(json.loads, self.program.text().split("\n")[:-1])

    def report(self):
        reports = [line for line in self.lines() if "tries" in line]
        return reports[-1] if reports else {"tries": 0, "rounds": 0}

    def failures(self):
        return [line for line in self.lines() if "failed" in line]

    def settles(self, seconds=60.0):
        """Waits until every try that began so far is over, and no machine's last one failed."""
        begun = self.report()["tries"]

        def is_so():
            report = self.report()
            return report["oldest"] > begun and not report["retrying"]
        wait_for("the storm goes on without failures", is_so, seconds)

    def all_boot(self):
        """Waits until every machine booted once more."""
        wanted = self.report()["rounds"] + 1
        wait_for("every machine boots", lambda: self.report()["rounds"] >= wanted, 120)

    def end(self):
        self.program.stop()
        return self.report()
