# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""The test as the watcher, which takes the event records that the daemons send, or as one of those
daemons. doc/EVENTS.md has the bytes."""

import dataclasses
import os
import socket
import struct

from lab import Listener, wait_for

RECORD = struct.Struct("!2s6BQII6sHIIQQIIHIH33s64s64s23x")
STAGE, TRANSFER, FINDING, COUNTERS, WANT_FILE = range(1, 6)
HOOK, PROXY, TFTP = 1, 2, 3
OFFERED, ACKED, PROXY_OFFER, PROXY_ACK, NOT_OURS, _, LEARNT, BOOTED = range(1, 9)
OTHER_PROXY, OPTION_60, BOOT_FILE, NO_LOGIN_LIST, OFFER_REFUSED, NO_SHOW = range(1, 7)


@dataclasses.dataclass
class Event:
    """One record; counters is of kind COUNTERS alone, the texts of all others."""
    kind: int
    program: int
    what: int
    pid: int
    mac: str
    client: str
    server: str
    arch: int
    revision: int
    farm: str
    file: str
    text: str
    time_ms: int = 0
    direct: bool = False
    xid: int = 0
    user_class: int = 0
    counters: tuple = ()


def decode(raw):
    (magic, version, kind, program, what, flags, count, time_ms, pid, _seq, mac, arch, client,
     server, revision, _bytes, _elapsed, _resent, _code, xid, user_class,
     *texts) = RECORD.unpack(raw)
    if (magic, version) != (b"PV", 1):
        raise ValueError(f"no event record: {raw[:4]!r}")
    counters = struct.unpack_from(f"!{count}Q", raw, 72)
    if kind == COUNTERS:
        texts = [b""] * 3
    farm, file, text = (field.split(b"\0")[0].decode() for field in texts)
    return Event(kind, program, what, pid, mac.hex(":") if flags & 1 else "",
                 socket.inet_ntoa(client.to_bytes(4, "big")),
                 socket.inet_ntoa(server.to_bytes(4, "big")),
                 arch, revision, farm, file, text, time_ms, bool(flags & 2), xid, user_class,
                 counters)


def encode(kind, what=0, program=HOOK, mac=None, client="0.0.0.0", server="0.0.0.0", arch=0,
           farm="", file="", text="", time_ms=0, direct=False, xid=0, user_class=0):
    """The bytes of a record that is no counters'."""
    return RECORD.pack(b"PV", 1, kind, program, what, (1 if mac else 0) | (2 if direct else 0), 0,
                       time_ms, os.getpid(), 0, bytes.fromhex((mac or "0" * 12).replace(":", "")),
                       arch, int.from_bytes(socket.inet_aton(client), "big"),
                       int.from_bytes(socket.inet_aton(server), "big"), 1, 0, 0, 0, 0, xid,
                       user_class, farm.encode(), file.encode(), text.encode())


def tell(pvsboot, *records):
    """Sends records to the watcher of an installation."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        for record in records:
            sock.sendto(record, str(pvsboot.dir / "state" / "events"))


class Events:
    """The socket `events` of an installation; seen lists what came, oldest first."""

    def __init__(self, pvsboot):
        path = pvsboot.dir / "state" / "events"
        self.seen = []
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(str(path))
        os.chmod(path, 0o666)
        pvsboot.lab.closers.append(self.sock.close)
        Listener(pvsboot.lab, [self.sock], self._take)

    def _take(self, sock):
        datagram = sock.recv(65536)
        self.seen += [decode(datagram[at:at + RECORD.size])
                      for at in range(0, len(datagram), RECORD.size)]

    def of(self, **fields):
        """Those whose fields have the values given."""
        return [event for event in list(self.seen)
                if all(getattr(event, name) == value for name, value in fields.items())]

    def wait(self, seconds=20.0, **fields):
        """The first such event, once it is there."""
        return wait_for(f"an event with {fields}", lambda: self.of(**fields), seconds)[0]
