# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""pvsboot in the lab: its databases and cache in the lab's folder, its programs from the build."""

import json
import subprocess

from lab import LabError, built

PXE_READY = "by map revision"  # in both modes of pvsboot-pxe
WATCH_READY = "watching by map revision"


class Pvsboot:
    """One installation. yaml is the text of pvsboot.yaml; apply() puts it into force. Commands
    see a monotonic clock that is ahead_s ahead."""

    def __init__(self, lab, yaml, name="pvsboot"):
        self.lab = lab
        self.dir = lab.path(name)
        self.dir.mkdir()
        self.yaml = yaml
        self.ahead_s = 0
        self.folders = []
        for folder, option in (("map", "--db"), ("state", "--state"), ("cache", "--cache"),
                               ("journal", "--journal")):
            path = self.dir / folder
            path.mkdir(0o2770)
            self.folders += [option, str(path)]

    def cli(self, *words, check=True):
        """Runs `pvsboot WORDS`; returns CompletedProcess."""
        clock = ["unshare", "--time", "--fork", "--boottime", str(self.ahead_s),
                 "--monotonic", str(self.ahead_s), "--"] if self.ahead_s else []
        done = subprocess.run([*clock, built("pvsboot"), *self.folders, *map(str, words)],
                              text=True, capture_output=True, timeout=60)
        if check and done.returncode != 0:
            raise LabError(f"pvsboot {' '.join(map(str, words))}: exit {done.returncode}\n"
                           f"{done.stdout}{done.stderr}")
        return done

    def apply(self, yaml=None):
        """Applies the configuration (a new one, when given); returns what the command said."""
        self.yaml = yaml or self.yaml
        path = self.dir / "pvsboot.yaml"
        path.write_text(self.yaml)
        return self.cli("apply", path).stdout

    def explain(self, mac, **options):
        """`explain --json` as an object; arch="uefi-x64" becomes --arch uefi-x64, from_ --from."""
        words = []
        for name, value in options.items():
            words += ["--" + name.strip("_").replace("_", "-"), value]
        return json.loads(self.cli("explain", mac, *words, "--json").stdout)

    def hook(self, **parameters):
        """The hook library for Kea(hooks=[...])."""
        return ("pvsboot", {"db": str(self.dir / "map"), "state": str(self.dir / "state"),
                            **parameters})

    def tftp(self, ns, *listen):
        """Starts pvsboot-tftp in a namespace on the given addresses."""
        words = [word for address in listen for word in ("--listen", address)]
        return ns.start(built("pvsboot-tftp"), *self.folders, *words, "--verbose")

    def pxe(self, ns, *interfaces, words=(), wait=True):
        """Starts pvsboot-pxe in a namespace on the interfaces named, or those of the map, and
        waits until it listens."""
        for interface in interfaces:
            words = ["--interface", interface, *words]
        program = ns.start(built("pvsboot-pxe"), *self.folders[:4], *words, "--verbose")
        if wait:
            program.wait_line(PXE_READY)
        return program

    def watch(self, ns, *words, wait=True):
        """Starts pvsboot-watch in a namespace, and waits until it watches."""
        program = ns.start(built("pvsboot-watch"), *self.folders, *words, "--verbose")
        if wait:
            program.wait_line(WATCH_READY)
        return program

    def status(self):
        """`status --json` as an object."""
        return json.loads(self.cli("status", "--json").stdout)

    def dbtool(self, verb, *words):
        """Does to the state what no command does; dbtool's usage says what."""
        done = subprocess.run([built("tests/e2e/dbtool"), verb, self.dir / "state",
                               *(str(word) for word in words)], text=True, capture_output=True)
        if done.returncode != 0:
            raise LabError(f"dbtool {verb}: {done.stderr}")

    def verdict(self, role, farm, address, file, verdict):
        """Writes a verdict into the state, as the watcher does."""
        self.dbtool("verdict", role, farm, address, file, verdict)

    def account(self, role, farm, address, file, verdict, **fields):
        """Writes a verdict with its account; fields are those of struct db_health."""
        self.dbtool("account", role, farm, address, file, verdict,
                    *(f"{name}={value}" for name, value in fields.items()))

    def heartbeat(self, age_ms=0, revision=1):
        """Writes a watcher's sign of life that is so old, or "another-boot"."""
        self.dbtool("heartbeat", age_ms, revision)
