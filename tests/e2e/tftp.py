# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""A TFTP client that misbehaves on request: it doubles, drops and delays packets of its own."""

import random
import select
import socket
import struct
import time

from lab import LabError

RRQ, WRQ, DATA, ACK, ERROR, OACK = range(1, 7)
PORT = 69


def request(name, mode="octet", opcode=RRQ, **options):
    """A request's bytes; name may be bytes."""
    name = name if isinstance(name, bytes) else name.encode()
    words = [name, mode.encode()]
    for option, value in options.items():
        words += [option.encode(), str(value).encode()]
    return struct.pack("!H", opcode) + b"".join(word + b"\0" for word in words)


def ack(block):
    return struct.pack("!HH", ACK, block & 0xffff)


def error(code, text=""):
    return struct.pack("!HH", ERROR, code) + text.encode() + b"\0"


class Packet:
    """A packet from the server, and where it came from."""

    def __init__(self, raw, peer):
        self.raw, self.peer = raw, peer
        self.opcode, self.number = struct.unpack("!HH", raw[:4])
        self.data = raw[4:]

    @property
    def options(self):
        words = self.raw[2:].split(b"\0")[:-1]
        return {name.decode(): value.decode() for name, value in zip(words[::2], words[1::2])}


class Socket:
    """One client port in a namespace."""

    def __init__(self, ns, address="0.0.0.0", port=0):
        self.sock = ns.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.sock.bind((address, port))
        self.sock.setblocking(False)

    def send(self, raw, peer):
        self.sock.sendto(raw, peer)

    def receive(self, within=10.0):
        """The next packet, or None when there is none within that many seconds."""
        if not select.select([self.sock], [], [], within)[0]:
            return None
        return Packet(*self.sock.recvfrom(65536))

    def ask(self, raw, server, within=10.0):
        """Sends to the server's port 69 and returns the first answer."""
        self.send(raw, (server, PORT))
        packet = self.receive(within)
        if packet is None:
            raise LabError(f"no answer from {server}")
        return packet

    def silent(self):
        return self.receive(0) is None

    def close(self):
        self.sock.close()


class Transfer:
    """One file, as RFC 1350 and RFC 7440 have it. step() takes one packet."""

    def __init__(self, sock, server, name, seed=0, double=0.0, lose=0.0, retry=1.0, mode="octet",
                 **options):
        self.sock, self.server = sock, server
        self.raw = request(name, mode, **options)
        self.random = random.Random(seed)
        self.double, self.lose, self.retry = double, lose, retry
        self.blksize, self.window = 512, 1
        self.peer, self.last_sent, self.sent_at = None, None, 0.0
        self.body, self.blocks, self.in_window = bytearray(), 0, 0
        self.data_received, self.done, self.refusal, self.oack = 0, False, None, None

    def put(self, raw):
        self.last_sent, self.sent_at = raw, time.monotonic()
        if self.random.random() >= self.lose:
            self.sock.send(raw, self.peer or (self.server, PORT))
            if self.peer and self.random.random() < self.double:
                self.sock.send(raw, self.peer)

    def start(self):
        self.put(self.raw)
        return self

    def step(self, packet):
        self.peer = self.peer or packet.peer
        if packet.peer != self.peer or self.random.random() < self.lose:
            return
        if packet.opcode == ERROR:
            self.refusal = packet.number
        elif packet.opcode == OACK and not self.blocks:
            self.oack = packet.options
            self.blksize = int(self.oack.get("blksize", 512))
            self.window = int(self.oack.get("windowsize", 1))
            self.put(ack(0))
        elif packet.opcode == DATA:
            self.data(packet)

    def data(self, packet):
        self.data_received += 1
        if packet.number != (self.blocks + 1) & 0xffff:
            if self.window == 1 or self.in_window:
                self.in_window = 0
                self.put(ack(self.blocks))
            return
        self.blocks += 1
        self.in_window += 1
        self.body += packet.data
        self.done = len(packet.data) < self.blksize
        if self.done or self.in_window == self.window:
            self.in_window = 0
            self.put(ack(self.blocks))

    def late(self):
        if not self.done and time.monotonic() > self.sent_at + self.retry:
            self.put(self.last_sent)

    def over(self):
        return self.done or self.refusal is not None


def run(transfers, seconds=60.0):
    """Carries transfers that were started to their ends, all at once."""
    deadline = time.monotonic() + seconds
    open_ = {transfer.sock.sock: transfer for transfer in transfers}
    while open_:
        if time.monotonic() > deadline:
            raise LabError(f"{len(open_)} transfers not over within {seconds:g} s")
        for sock in select.select(list(open_), [], [], 0.05)[0]:
            transfer = open_[sock]
            transfer.step(Packet(*sock.recvfrom(65536)))
            if transfer.over():
                del open_[sock]
        for transfer in open_.values():
            transfer.late()
    return transfers


def fetch(ns, server, name, address="0.0.0.0", **how):
    """One whole transfer; returns it."""
    sock = Socket(ns, address)
    try:
        return run([Transfer(sock, server, name, **how).start()])[0]
    finally:
        sock.close()
