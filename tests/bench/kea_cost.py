#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""kea_cost.py [ROUNDS [SECONDS [RATE]]]: CPU of kea-dhcp4 per DORA at a fixed rate.

Runs are interleaved: without a hook, without again (the noise), with ours, and with Kea's own
flex_option computing a boot file name by option 93. Needs root, for its network namespaces."""

import pathlib
import re
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from hook_site import YAML, Twin  # noqa: E402
from lab import Lab, wait_for  # noqa: E402
from pvsboot import Pvsboot  # noqa: E402

PXE = "505845436c69656e743a417263683a30303030373a554e44493a303033303030"
FLEX = ("libdhcp_flex_option.so", {"options": [{
    "name": "boot-file-name",
    "supersede": "ifelse(option[93].hex == 0x0000, 'ARDBP32.BIN', 'pvsnbpx64.efi')"}]})


def measure(twin, seconds, rate):
    """Microseconds of Kea's CPU for each lease that perfdhcp got."""
    before = twin.kea.cpu_seconds()
    load = twin.side.start("perfdhcp", "-4", "-l", "eth0", "-r", rate, "-R", 4000, "-p", seconds,
                           "-o", "60," + PXE, "-o", "93,0007", "10.77.0.1")
    load.wait(seconds + 30)
    spent = twin.kea.cpu_seconds() - before
    received = [int(n) for n in re.findall(r"received packets: (\d+)", load.text())]
    return spent * 1e6 / received[-1]


def main(rounds=5, seconds=6, rate=1000):
    with Lab("cost") as lab:
        site = Pvsboot(lab, YAML)
        site.apply()
        kinds = {"none": [], "none again": [], "ours": [site.hook()], "flex_option": [FLEX]}
        twins = {}
        for number, (kind, hooks) in enumerate(kinds.items()):
            twin = twins[kind] = Twin(lab, f"kea{number}", hooks)
            twin.kea.config["subnet4"][0]["pools"] = [{"pool": "10.77.16.0 - 10.77.63.255"}]
            twin.kea.config["loggers"][0]["severity"] = "WARN"
            twin.kea.start()
        wait_for("the map is in force",
                 lambda: twins["ours"].status()["map"]["condition"] == "open")
        found = {kind: [] for kind in kinds}
        for _ in range(rounds):
            for kind, twin in twins.items():
                found[kind].append(measure(twin, seconds, rate))
        counters = twins["ours"].counters()
    print(f"CPU of kea-dhcp4 per DORA at {rate}/s, {rounds} rounds of {seconds} s, us")
    for kind, values in found.items():
        print(f"{kind:12} median {statistics.median(values):7.1f}   "
              + " ".join(f"{value:.0f}" for value in values))
    print(f"answered {counters['answered']}, failed {sum(counters['failed'].values())}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
