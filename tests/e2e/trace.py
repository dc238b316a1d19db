# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""Listens on a bridge and tells what one machine did there, from DISCOVER to its last block."""

import dataclasses
import socket
import struct
import time

from dhcp import PXE_PORT, Message, parse_frame
from lab import Listener

ETH_P_ALL = 3  # only this one shows what the interface sends itself
SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC = 263, 1, 1
DATA, ERROR = 3, 5


class Heard(Message):
    """A DHCP message and between whom it passed; at is in seconds since the trace began."""

    def __init__(self, at, source, destination, payload):
        super().__init__(payload)
        self.at, self.source, self.destination = at, source, destination


@dataclasses.dataclass
class Transfer:
    """A TFTP transfer as the wire showed it."""
    at: float
    client: str
    port: int
    server: str
    name: str
    received: int = 0
    last_block: int = 0
    error: str = ""


class Trace:
    """Every DHCP message and TFTP packet on an interface, and with a bridge also what only
    passes between its ports; at-times are seconds since the start of the trace."""

    def __init__(self, ns, ifname):
        self.started = time.monotonic()
        self.messages = []  # (at, Heard) between ports 67 and 68
        self.pxe = []       # the same, to and from port 4011
        self.transfers = []
        self.sock = ns.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        ns.call(lambda: self._listen(ifname))
        ns.lab.closers.append(self.sock.close)
        Listener(ns.lab, [self.sock], self._read)

    def _listen(self, ifname):
        self.sock.bind((ifname, ETH_P_ALL))
        self.sock.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, struct.pack(
            "iHH8x", socket.if_nametoindex(ifname), PACKET_MR_PROMISC, 0))

    def _read(self, sock):
        datagram = parse_frame(sock.recv(65535))
        if datagram:
            self._take(self.now(), *datagram)

    def _take(self, at, source, destination, sport, dport, payload):
        if {sport, dport} <= {67, 68} or PXE_PORT in (sport, dport):
            self._message(self.pxe if PXE_PORT in (sport, dport) else self.messages,
                          at, source, destination, payload)
        elif dport == 69 and payload[:2] == b"\0\1":
            name = payload[2:].split(b"\0")[0].decode("latin-1")
            self.transfers.append(Transfer(at, source, sport, destination, name))
        else:
            self._data(source, destination, dport, payload)

    @staticmethod
    def _message(heard, *of_it):
        try:
            heard.append((of_it[0], Heard(*of_it)))
        except (struct.error, IndexError, ValueError):
            pass  # a test sent what is no DHCP message

    def _data(self, source, destination, dport, payload):
        for transfer in reversed(self.transfers):
            if (transfer.client, transfer.port, transfer.server) == (destination, dport, source):
                code = int.from_bytes(payload[:2], "big")
                block = int.from_bytes(payload[2:4], "big")
                if code == DATA and block == (transfer.last_block + 1) & 0xffff:
                    transfer.last_block = block
                    transfer.received += len(payload) - 4
                elif code == ERROR:
                    transfer.error = payload[4:].rstrip(b"\0").decode("latin-1")
                return

    def now(self):
        return time.monotonic() - self.started

    def of(self, mac):
        """The messages of one machine, both ways: [(at, Heard)]."""
        return [(at, message) for at, message in self.messages if message.mac == mac]

    def pxe_of(self, mac):
        """The same for port 4011."""
        return [(at, message) for at, message in self.pxe if message.mac == mac]

    def sent_by(self, address):
        """Everything DHCP that an address sent."""
        return [m for _, m in self.messages + self.pxe if m.source == address]

    def last(self, mac, kind):
        """The newest message of a machine of a DHCP message type, or None."""
        return next((m for _, m in reversed(self.of(mac)) if m.type == kind), None)

    def fetched(self, address):
        """The transfers that brought data to an address."""
        return [t for t in self.transfers if t.client == address and t.received > 0]
