#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""What it costs pvsboot-watch to probe 500 PVS servers with two files each.

One dnsmasq plays them all, behind a router; files are of realistic sizes. CPU is the watcher's as
Linux charges it in its steady state, on the default schedule, once with each file downloaded whole
at every twelfth probe, once at every probe. Beside it, in the same minutes, the CPU of clients
that a load balancer's user script would run for the same probes: one process for each file. Needs
root, for its network namespaces."""

import argparse
import os
import pathlib
import resource
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from dhcp_servers import DNSMASQ  # noqa: E402
from lab import Lab, wait_for  # noqa: E402
from pvs_servers import BIOS, LOGIN_PORT, UEFI, MARKER, efi_program  # noqa: E402
from pvsboot import Pvsboot  # noqa: E402
from pxe_cost import Cpu  # noqa: E402

HOST, ROUTER = "10.49.0.1", "10.49.0.2"
FARMS, SERVERS = 10, 50
SIZES = {BIOS: 10_240, UEFI: 307_200}


def addresses(farm):
    return [f"10.50.{farm}.{number}" for number in range(1, SERVERS + 1)]


def yaml(full_every, farms=FARMS):
    lines = [f"boot-servers: [{HOST}]", "farms:"]
    for farm in range(farms):
        lines += [f"  farm-{farm}:", f"    servers: [{', '.join(addresses(farm))}]",
                  f"    monitor: {{full-every: {full_every}}}"]
    return "\n".join([*lines, "scopes:", "  default: farm-0", ""])


class Site:
    def __init__(self, lab):
        self.lab = lab
        self.host, self.servers = lab.namespace("watch"), lab.namespace("servers")
        lab.link(self.host, "eth0", self.servers, "eth0")
        self.host.address("eth0", f"{HOST}/24")
        self.servers.address("eth0", f"{ROUTER}/24")
        self.host.ip(f"route add 10.50.0.0/16 via {ROUTER}")
        batch = "".join(f"address add {address}/32 dev eth0\n"
                        for farm in range(FARMS) for address in addresses(farm))
        self.servers.run("ip", "-batch", "-", input=batch)
        root = lab.path("tftp")
        root.mkdir()
        (root / BIOS).write_bytes(MARKER.ljust(SIZES[BIOS], b"\1"))
        (root / UEFI).write_bytes(efi_program(SIZES[UEFI], b"\1" * SIZES[UEFI]))
        self.servers.start(*DNSMASQ, "--enable-tftp", f"--tftp-root={root}", "--tftp-max=2000",
                           name="pvs-servers").wait_line("started")
        self.login = self.servers.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.login.bind(("0.0.0.0", LOGIN_PORT))
        lab.closers.append(self.login.close)
        self.pvsboot = Pvsboot(lab, yaml(12))
        self.pvsboot.apply()
        self.pvsboot.tftp(self.host, HOST)
        self.watcher = self.pvsboot.watch(self.host)

    def accounts(self):
        """Of everything that is probed at a PVS server: (probe, account)."""
        return [(part, account) for farm in self.pvsboot.status()["farms"]
                for server in farm["servers"] for part in ("files", "login")
                for account in server[part]]

    def probes(self):
        """Probes so far: of files, and of login ports."""
        return [sum(account["probes"] for kind, account in self.accounts() if kind == part)
                for part in ("files", "login")]

    def steady(self):
        """Waits until everything was probed by this map and is up."""
        def is_so():
            status = self.pvsboot.status()
            return all(account["verdict"] == "up" and account["revision"] == status["revision"]
                       for _, account in self.accounts())
        wait_for("all is up", is_so, 120)

    def measure(self, name, seconds):
        """Prints what a while of steady state costs; returns CPU seconds for each file probe."""
        self.steady()
        files, logins = self.probes()
        before, began = Cpu(self.watcher.pid), time.monotonic()
        after, busiest = before, 0
        for _ in range(seconds):
            last, last_at = after, time.monotonic()
            time.sleep(1)
            after = Cpu(self.watcher.pid)
            busiest = max(busiest, (after.all - last.all) / (time.monotonic() - last_at))
        took = time.monotonic() - began
        files, logins = (now - then for now, then in zip(self.probes(), (files, logins)))
        spent = after.all - before.all
        ticks = after.user - before.user + after.system - before.system
        print(f"  {name:22} {100 * spent / took:5.2f} % of a core"
              f" ({100 * (after.system - before.system) / ticks if ticks else 0:3.0f} % kernel;"
              f" {100 * busiest:.0f} % in the busiest second),"
              f" {files / took:5.1f} file and {logins / took:5.1f} login probes/s,"
              f" {1e6 * spent / files:6.1f} us CPU for each file"
              f" (load {os.getloadavg()[0]:.1f})", flush=True)
        return spent / files

    def clients(self, name, command, count):
        """CPU seconds of a client process for each file, of as many servers."""
        script = "".join(command.format(address=address, file=file) + " >/dev/null 2>&1 || exit\n"
                         for address in addresses(0)[:count] for file in SIZES)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(self.host.argv("sh", "-c", script), cwd=self.lab.dir)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        if done.returncode:
            sys.exit(f"{name} failed")
        each = spent / count / len(SIZES)
        print(f"  {name:22} {1e6 * each:6.0f} us CPU for each file, downloaded whole")
        return each


CLIENTS = {
    "curl": "curl -s --tftp-blksize 1456 -o /dev/null tftp://{address}/{file}",
    "tftp-hpa": "tftp -4 -m binary {address} -c get {file} got",
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    print(f"{FARMS * SERVERS} servers, {len(SIZES)} files and a login port each,"
          f" every 5 s; {options.seconds} s")
    with Lab("watch") as lab:
        site = Site(lab)
        site.measure("full-every 12", options.seconds)
        site.pvsboot.apply(yaml(1))
        whole = site.measure("full-every 1", options.seconds)
        site.watcher.stop()
        for name, command in CLIENTS.items():
            each = site.clients(name, command, SERVERS)
            print(f"  {name:22} {each / whole:6.1f} times as much as the watcher")


if __name__ == "__main__":
    main()
