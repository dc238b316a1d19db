#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""What a storm of PXE machines costs pvsboot-pxe, and dnsmasq's proxy mode beside it.

Runs are interleaved, in the same minute on the same machine. pvsboot-pxe has a site of 1,000
prefixes and 100,000 devices in two farms; dnsmasq once knows as little as lets it answer, two
networks and one boot file for all, and once what ours knows. CPU is that of the process as Linux
charges it: the kernel delivers a packet over a veth pair at the sender's cost, so that a server
also pays for the receiving of its OFFERs. With --cable the other end receives in a thread of the
kernel, as behind a cable; a queue of 256 packets then lies between, which can overflow. Then Kea
serves other clients beside the storm, with and without pvsboot-pxe on its host. Needs root, for
its network namespaces."""

import argparse
import json
import math
import os
import pathlib
import re
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from kea import Kea, subnet  # noqa: E402
from lab import Lab, built, wait_for  # noqa: E402

HOST, STORM, RELAY = "10.20.0.2", "10.20.0.9", "172.16.0.1"
PREFIXES, DEVICES = 1000, 100000  # as in tests/bench/site.h
DNSMASQ = ["dnsmasq", "--keep-in-foreground", "--port=0", "--user=root", "--interface=eth0",
           "--bind-interfaces", "--quiet-dhcp", "--log-facility=-", "--no-ping", "--leasefile-ro",
           "--no-resolv", "--no-hosts"]
LEAN = ["dhcp-range=10.20.0.0,proxy,255.255.0.0", "dhcp-range=172.16.0.0,proxy,255.240.0.0",
        "pxe-service=x86PC,PVS,ARDBP32.BIN", "pxe-service=X86-64_EFI,PVS,pvsnbpx64.efi"]


def same_site():
    """What the measured site tells pvsboot-pxe, for dnsmasq: networks, devices, two farms."""
    yield "dhcp-range=10.20.0.0,proxy,255.255.0.0"
    for number in range(PREFIXES):
        yield f"dhcp-range=172.{16 + number // 256}.{number % 256}.0,proxy,255.255.255.0"
    for number in range(DEVICES):
        mac = (b"\x06\0" + number.to_bytes(4, "big")).hex(":")
        yield f"dhcp-host={mac},set:{'west' if number % 2 else 'east'}"
    for arch, file in (("x86PC", "ARDBP32.BIN"), ("X86-64_EFI", "pvsnbpx64.efi")):
        yield f"pxe-service=tag:west,{arch},PVS,{file},10.2.0.11"
        yield f"pxe-service=tag:!west,{arch},PVS,east/{file},10.0.0.5"


class Cpu:
    """CPU seconds of a process so far: all to the nanosecond, its share of the kernel by ticks."""

    def __init__(self, pid):
        proc = pathlib.Path(f"/proc/{pid}")
        self.all = sum(int((task / "schedstat").read_text().split()[0])
                       for task in (proc / "task").iterdir()) / 1e9
        fields = (proc / "stat").read_text().rpartition(")")[2].split()
        self.user, self.system = (int(field) / os.sysconf("SC_CLK_TCK") for field in fields[11:13])


class Host:
    """A server's namespace and the storm's, joined by eth0."""

    def __init__(self, lab, name, cable=False):
        self.lab, self.name = lab, name
        self.server, self.side = lab.namespace(name), lab.namespace(name + "-storm")
        lab.link(self.server, "eth0", self.side, "eth0")
        self.server.address("eth0", HOST + "/16")
        self.side.address("eth0", STORM + "/16")
        self.side.address("lo", RELAY + "/32")
        self.server.ip(f"route add 172.16.0.0/12 via {STORM}")
        # Known from the start, as in a network that is at work.
        self.server.ip(f"neighbour replace {STORM} dev eth0 lladdr {self.mac(self.side)}")
        self.side.ip(f"neighbour replace {HOST} dev eth0 lladdr {self.mac(self.server)}")
        if cable:
            self.side.receive_in_thread("eth0")
        self.program = None

    @staticmethod
    def mac(ns):
        return re.search(r"link/ether (\S+)", ns.ip("-o link show eth0"))[1]

    def start_dnsmasq(self, conf):
        path = self.lab.write(self.name + ".conf", "\n".join(conf) + "\n")
        self.program = self.server.start(*DNSMASQ, f"--conf-file={path}")
        self.program.wait_line("DHCP, sockets bound", 60)

    def start_pvsboot(self, site):
        self.program = self.server.start(built("pvsboot-pxe"), "--db", site / "map", "--state",
                                         site / "state", "--interface", "eth0")
        self.answers()

    def storm(self, rate, seconds, relayed=False):
        words = ["--rate", rate, "--seconds", seconds, "--machines", 2 * DEVICES]
        if relayed:
            words += ["--relay", RELAY, "--relays", PREFIXES, "--server", HOST]
        return self.side.start(built("tests/bench/pxe_storm"), *words, "eth0", name="storm")

    def blow(self, *args, **kwargs):
        """A whole storm; its report."""
        storm = self.storm(*args, **kwargs)
        storm.wait(120)
        return json.loads(storm.text())

    def answers(self):
        wait_for(f"{self.name} answers", lambda: self.blow(10, 1)["offers"] == 10)

    def measure(self, rate, seconds, relayed=False):
        """The storm's report, with what it cost the server."""
        before = Cpu(self.program.pid)
        report = self.blow(rate, seconds, relayed)
        after = Cpu(self.program.pid)
        ticks = after.user - before.user + after.system - before.system
        report["cpu_s"] = after.all - before.all
        report["kernel"] = (after.system - before.system) / ticks if ticks else 0
        report["us"] = report["cpu_s"] * 1e6 / report["offers"] if report["offers"] else math.inf
        report["load"] = os.getloadavg()[0]
        return report


def say(kind, report):
    print(f"  {kind:18} {report['offers']:7} of {report['sent']:7} answered,"
          f" {report['us']:6.2f} us CPU each ({100 * report['kernel']:3.0f} % kernel),"
          f" {1e6 / report['us']:7.0f} a CPU second; ms p50 {report['p50_us'] / 1e3:.2f}"
          f" p99 {report['p99_us'] / 1e3:.2f} max {report['max_us'] / 1e3:.2f}"
          f" (pause {report['worst_gap_ms']:.0f}; load {report['load']:.1f})"
          + (f"; {report['refused']} not sent" if report["refused"] else ""), flush=True)


def compare(hosts, rounds, rate, seconds, relayed):
    """Interleaved rounds at a rate; prints each, then the medians and their ratio."""
    print(f"{rate} DISCOVER/s {'by ' + str(PREFIXES) + ' relays' if relayed else 'on the link'},"
          f" {rounds} rounds of {seconds} s")
    found = {kind: [] for kind in hosts}
    for _ in range(rounds):
        for kind, host in hosts.items():
            found[kind].append(host.measure(rate, seconds, relayed))
            say(kind, found[kind][-1])
    cost = {kind: statistics.median(report["us"] for report in reports)
            for kind, reports in found.items()}
    ours = cost.pop("pvsboot-pxe")
    for kind, us in cost.items():
        print(f"  median pvsboot-pxe {ours:.2f} us, {kind} {us:.2f} us:"
              f" {us / ours:.1f} times as many replies a CPU second")


def perfdhcp(ns, rate, seconds):
    return ns.start("perfdhcp", "-4", "-l", "eth0", "-r", rate, "-R", 4000, "-p", seconds,
                    "-W", 1000000, "10.88.0.1")


def leases(text):
    """(sent, received) of DISCOVER-OFFER and of REQUEST-ACK, and the mean delays in ms."""
    def numbers(what):
        return [float(n) for n in re.findall(rf"{what}: ([\d.]+)", text)]
    return (list(zip(map(int, numbers("sent packets")), map(int, numbers("received packets")))),
            numbers("avg delay"))


def beside_kea(lab, site, rounds, rate, seconds, lease_rate):
    """Kea hears the storm too and drops it by its own class: what it has to do is the same with
    and without the proxy, whose doing is the difference."""
    host = Host(lab, "kea")
    clients = lab.namespace("clients")
    lab.link(host.server, "eth1", clients, "eth0")
    host.server.address("eth1", "10.88.0.1/16")
    clients.address("eth0", "10.88.0.2/16")
    kea = Kea(host.server, ["eth0", "eth1"],
              [subnet(1, "10.20.0.0/16", "10.20.16.0 - 10.20.63.255"),
               subnet(2, "10.88.0.0/16", "10.88.16.0 - 10.88.63.255")],
              **{"client-classes": [{"name": "DROP",
                                     "test": "substring(option[60].hex, 0, 9) == 'PXEClient'"}],
                 "loggers": [{"name": "kea-dhcp4", "severity": "WARN",
                              "output_options": [{"output": "stdout"}]}]})
    kea.start()
    print(f"Kea on the proxy's host: {lease_rate} DORA/s of others beside {rate} DISCOVER/s,"
          f" {rounds} rounds of {seconds} s")
    for _ in range(rounds):
        for kind in ("quiet", "storm alone", "with proxy"):
            if kind == "with proxy":
                host.start_pvsboot(site)
            storm = host.storm(rate, seconds + 2) if kind != "quiet" else None
            load = perfdhcp(clients, lease_rate, seconds)
            load.wait(seconds + 60)
            pairs, delays = leases(load.text())
            offers = 0
            if storm:
                storm.wait(60)
                offers = json.loads(storm.text())["offers"]
            if kind == "with proxy":
                host.program.stop()
            print(f"  {kind:12} lost " + ", ".join(
                f"{what} {sent - received} of {sent}" for what, (sent, received)
                in zip(("OFFER", "ACK"), pairs))
                + f"; mean delay ms {' '.join(f'{ms:.2f}' for ms in delays)};"
                f" {offers} PXE offers (load {os.getloadavg()[0]:.1f})", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rate", type=int, default=10000)
    parser.add_argument("--lease-rate", type=int, default=200)
    parser.add_argument("--parts", default="link,relay,half,site,kea")
    parser.add_argument("--cable", action="store_true")
    options = parser.parse_args()
    parts = options.parts.split(",")
    with Lab("pxe") as lab:
        site = lab.path("site")
        site.mkdir()
        lab.namespace("making").run(built("tests/bench/bench_site"), site)
        hosts = {kind: Host(lab, kind, options.cable) for kind in ("dnsmasq", "pvsboot-pxe")}
        hosts["dnsmasq"].start_dnsmasq(LEAN)
        hosts["pvsboot-pxe"].start_pvsboot(site)
        hosts["dnsmasq"].answers()
        for part, rate, relayed in (("link", options.rate, False), ("relay", options.rate, True),
                                    ("half", options.rate // 2, False)):
            if part in parts:
                compare(hosts, options.rounds, rate, options.seconds, relayed)
        if "site" in parts:
            same = Host(lab, "same-site", options.cable)
            same.start_dnsmasq(same_site())
            same.answers()
            compare({"dnsmasq, same site": same, "pvsboot-pxe": hosts["pvsboot-pxe"]},
                    options.rounds, options.rate, options.seconds, False)
        if "kea" in parts:
            beside_kea(lab, site, options.rounds, options.rate, options.seconds,
                       options.lease_rate)


if __name__ == "__main__":
    main()
