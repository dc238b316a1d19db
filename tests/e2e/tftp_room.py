# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""What the tests of the TFTP responder share: a server and clients on one wire."""

import random

from pvsboot import Pvsboot
from tftp import Socket, fetch

SERVER, OTHER = "10.20.0.1", "10.20.0.5"
YAML = """
boot-servers: [10.20.0.1]
farms:
  east:
    servers: [10.1.0.11, 10.1.0.12]
  west:
    servers: [10.2.0.11]
scopes:
  10.20.0.0/24: east
  10.30.0.0/24: west
  10.40.0.0/24: none
  default: none
clients: [10.50.0.2]
"""


def content(name, size):
    return random.Random(name).randbytes(size)


class Room:
    """A server and a client on one wire; the client has an address of each kind of scope."""

    def __init__(self, lab):
        self.lab = lab
        self.server, self.client = lab.namespace("server"), lab.namespace("client")
        lab.link(self.server, "eth0", self.client, "eth0")
        self.server.address("eth0", f"{SERVER}/24", f"{OTHER}/24")
        self.client.address("eth0", "10.20.0.2/24", "10.20.0.3/24", "10.30.0.2/24",
                            "10.40.0.2/24", "10.50.0.2/24", "192.0.2.2/24")
        for prefix in ("10.30.0.0/24", "10.40.0.0/24", "10.50.0.0/24", "192.0.2.0/24"):
            self.server.ip(f"route add {prefix} dev eth0")
        self.pvsboot = Pvsboot(lab, YAML)
        self.bodies = {}

    def publish(self, farm, name, body):
        if not (self.pvsboot.dir / "map" / "data.mdb").exists():
            self.pvsboot.apply()
        path = self.lab.path("files", farm, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        self.pvsboot.cli("bootstrap", "add", farm, path)
        self.bodies[name] = body
        return path

    def start(self, yaml=YAML, *listen):
        self.pvsboot.apply(yaml)
        self.daemon = self.pvsboot.tftp(self.server, *listen)
        self.daemon.wait_line("serving by map revision")
        return self

    def socket(self, address="10.20.0.2", port=0):
        sock = Socket(self.client, address, port)
        self.lab.closers.append(sock.close)
        return sock

    def fetch(self, name, **how):
        return fetch(self.client, SERVER, name, **how)


# Real clients, and what each is told to fetch a file.
CLIENTS = {
    "tftp-hpa": ["tftp", "-4", "-m", "binary", SERVER, "-c", "get", "{name}", "{out}"],
    "atftp": ["atftp", "--get", "--remote-file", "{name}", "--local-file", "{out}", SERVER],
    "atftp in windows": ["atftp", "--option", "windowsize 16", "--option", "blksize 1428",
                         "--get", "--remote-file", "{name}", "--local-file", "{out}", SERVER],
    "curl": ["curl", "--silent", "--show-error", "--output", "{out}",
             f"tftp://{SERVER}/{{name}}"],
    "busybox": ["busybox", "tftp", "-g", "-r", "{name}", "-l", "{out}", SERVER],
    "busybox in large blocks": ["busybox", "tftp", "-b", "65464", "-g", "-r", "{name}", "-l",
                                "{out}", SERVER],
}
