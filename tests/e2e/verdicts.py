# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""What the watcher found, as `pvsboot status` tells it, and waiting for it."""

from lab import wait_for
from monitors import Parameters

# Fast, so that a test need not wait long, and slow enough for a busy machine.
FAST = Parameters(interval=0.5, timeout=0.4, retries=3, downtime=1.0, success_retries=1)
# The watcher writes once a second; the rest is for a busy machine to notice.
MARGIN = 2.0


class Verdicts:
    """Of one installation. A part of a server is one of its files, by name, or "login": the
    port at its first streaming address."""

    def __init__(self, pvsboot):
        self.pvsboot = pvsboot

    def farm(self, name="east"):
        return next(farm for farm in self.pvsboot.status()["farms"] if farm["farm"] == name)

    def account(self, address, part, farm="east"):
        server = next(server for server in self.farm(farm)["servers"]
                      if server["address"] == address)
        if part == "login":
            return server["login"][0]
        return next(file for file in server["files"] if file["file"] == part)

    def verdicts(self, part, farm="east"):
        """{server: verdict} of a part."""
        return {server["address"]: account["verdict"] for server in self.farm(farm)["servers"]
                for account in (server["login"] if part == "login" else server["files"])
                if part in ("login", account["file"])}

    def becomes(self, address, part, verdict, within=20.0, farm="east"):
        """Waits for a verdict; returns the account."""
        def is_so():
            account = self.account(address, part, farm)
            return account if account["verdict"] == verdict else None
        return wait_for(f"{address} {part} is {verdict}", is_so, within)

    def all_up(self, farm="east"):
        """Waits until nothing of a farm is anything but up."""
        wait_for("all is up", lambda: all(
            account["verdict"] == "up" for server in self.farm(farm)["servers"]
            for account in (*server["files"], *server["login"])))
        return self

    def boot_servers_become(self, verdicts, within=20.0):
        """Waits for {boot server: verdict}, of those named."""
        def is_so():
            found = {server["address"]: server["verdict"]
                     for server in self.pvsboot.status()["boot-servers"]}
            return found | verdicts == found
        wait_for(f"the boot servers are {verdicts}", is_so, within)
