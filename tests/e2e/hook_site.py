# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""What the tests of the Kea hook share: one site, its map, and Kea with and without the hook.

Twins are two Keas of one configuration in namespaces of their own with the same addresses, one
with the hook and one without: the same question to both shows what the hook changed."""


from dhcp import DirectClient, RelayedClient, pxe_options
from kea import Kea, subnet
from lab import wait_for
from pvsboot import Pvsboot

SERVER = "10.77.0.1"
BOOT_SERVER = "10.77.0.5"

YAML = """\
boot-servers: [10.77.0.5]
farms:
  east:
    servers:
      - 10.1.0.11
      - {address: 10.1.0.12, streaming: [10.1.1.12, 10.1.2.12]}
  west:
    servers: [10.2.0.11]
    delivery: direct
    login: "pvs:[west.example.org]:17:6910"
  north:
    servers: [10.3.0.11]
    bootstrap: {bios: none, uefi-arm64: arm.efi}
scopes:
  10.77.0.0/16: east
  10.77.64.0/18: west
  10.78.0.0/16: east
  10.79.0.0/16: none
  subnet-id 4: north
  default: none
"""
EAST_LOGIN = {"10.1.0.11", "10.1.1.12", "10.1.2.12"}
WEST_ROOT = b"pvs:[west.example.org]:17:6910"

# Reservations put each machine where a test wants it.
IN_EAST, IN_EAST_2 = "02:00:00:00:00:01", "02:00:00:00:00:02"
IN_WEST, SKIPPED, WEST_DEVICE = "02:00:00:00:00:11", "02:00:00:00:00:21", "02:00:00:00:00:31"
ADDRESSES = {IN_EAST: "10.77.1.1", IN_EAST_2: "10.77.1.2", IN_WEST: "10.77.65.1",
             SKIPPED: "10.77.1.21", WEST_DEVICE: "10.77.1.31"}


def reservations():
    return [{"hw-address": mac, "ip-address": address,
             **({"client-classes": ["PVSBOOT_SKIP"]} if mac == SKIPPED else {})}
            for mac, address in ADDRESSES.items()]


def subnets():
    return [
        subnet(1, "10.77.0.0/16", "10.77.2.0 - 10.77.2.255", reservations=reservations()),
        subnet(2, "10.78.0.0/16", "10.78.1.0 - 10.78.1.255"),
        subnet(3, "10.79.0.0/16", "10.79.1.0 - 10.79.1.255"),
        subnet(4, "10.80.0.0/16", "10.80.1.0 - 10.80.1.255"),
        subnet(5, "10.81.0.0/16", "10.81.1.0 - 10.81.1.255"),
    ]


CONFIG = {"client-classes": [{"name": "PVSBOOT_SKIP"}]}

# Everything in Kea's own configuration that would contradict an answer, sent to everybody.
CONTRARY = {
    **CONFIG,
    "next-server": "10.99.0.1",
    "boot-file-name": "kea-field",
    "server-hostname": "kea-sname",
    "option-data": [
        {"name": name, "data": data, "always-send": True} for name, data in [
            ("vendor-class-identifier", "PXEClient"), ("root-path", "kea-root"),
            ("tftp-server-name", "10.99.0.2"), ("boot-file-name", "kea-67")]
    ] + [
        {"code": 43, "csv-format": False, "data": "0601ff", "always-send": True},
        {"code": 150, "space": "dhcp4", "csv-format": False, "data": "0a630003",
         "always-send": True},
        {"name": "domain-name", "data": "kea.example.org", "always-send": True},
    ],
}


class Twin:
    """A Kea in its own pair of namespaces, and clients beside it."""

    def __init__(self, lab, name, hooks, **config):
        self.server, self.side = lab.namespace(name), lab.namespace(name + "-clients")
        lab.link(self.server, "eth0", self.side, "eth0")
        self.server.address("eth0", SERVER + "/16")
        self.side.address("eth0", "10.77.0.2/16", *(f"10.{n}.0.1/16" for n in range(78, 82)))
        for n in range(78, 82):
            self.server.ip(f"route add 10.{n}.0.0/16 dev eth0")
        self.kea = Kea(self.server, ["eth0"], subnets(), hooks=hooks, name=name,
                       **{**CONFIG, **config})
        self.clients = {}

    def direct(self, mac):
        if mac not in self.clients:
            self.clients[mac] = DirectClient(self.side, "eth0", mac)
        return self.clients[mac]

    def relayed(self, number):
        """The client behind the relay in 10.NUMBER.0.0/16."""
        if number not in self.clients:
            self.clients[number] = RelayedClient(self.side, f"10.{number}.0.1", SERVER,
                                                 f"02:00:00:00:01:{number:02x}")
        return self.clients[number]

    def status(self):
        return self.kea.command("pvs-status-get")["arguments"]

    def counters(self):
        return self.status()["counters"]

    def wait_open(self):
        """The helper thread has opened the map."""
        wait_for("the map is in force", lambda: self.status()["map"]["condition"] == "open")
        return self


def twins(lab, parameters=None, yaml=YAML, order=None, **config):
    """(installation, with the hook, without it), all at work. order places the hook among
    Kea's own libraries: a function of our entry that gives the list."""
    site = Pvsboot(lab, yaml)
    site.apply()
    ours = site.hook(**(parameters or {}))
    order = order or (lambda hook: [hook])
    hooked = Twin(lab, "hooked", order(ours), **config)
    bare = Twin(lab, "bare", [entry for entry in order(ours) if entry is not ours], **config)
    hooked.kea.start()
    bare.kea.start()
    return site, hooked.wait_open(), bare


def shown(message):
    """What a reply says about booting."""
    return (message.siaddr, message.file, message.option(66), message.option(67))


def is_east(message, file="pvsnbpx64.efi", arch_login=True):
    """Asserts that a reply sends its machine to farm east by the boot server."""
    name = f"east/{file}"
    assert shown(message) == (BOOT_SERVER, name, BOOT_SERVER.encode(), name.encode())
    assert message.sname == ""
    assert set(message.addresses(11)) == (EAST_LOGIN if arch_login else set())
    assert message.option(17) is None


def is_west(message, file="pvsnbpx64.efi", arch_login=True):
    """Asserts that a reply sends its machine to farm west, directly."""
    assert shown(message) == ("10.2.0.11", file, b"10.2.0.11", file.encode() + b"\0")
    assert message.option(17) == (WEST_ROOT if arch_login else None)
    assert message.option(11) is None


def ends_alike(ours, theirs, but=()):
    """Two replies are equal but for the options named and the fields of booting."""
    def rest(message):
        return [pair for pair in message.options if pair[0] not in but]
    assert rest(ours) == rest(theirs)
    assert ours.raw[:20] == theirs.raw[:20] and ours.raw[24:44] == theirs.raw[24:44]


UEFI = pxe_options(7)
BIOS = pxe_options(0)
HTTP = pxe_options(16, vendor="HTTPClient:Arch:00016:UNDI:003000")
PHONE = [(55, bytes([1, 3, 66]))]
WINDOWS = [(60, b"MSFT 5.0"), (55, bytes([1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121]))]

