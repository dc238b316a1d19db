# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""Two monitors as load balancers run them, to be held against the watcher's probes: a ping, and a
UDP datagram to the TFTP port that only an ICMP port unreachable fails (udp-ecv with no string to
receive). Their parameters are those of a farm's monitor."""

import dataclasses
import errno
import random
import select
import socket
import struct
import threading
import time

from dhcp import checksum


@dataclasses.dataclass(frozen=True)
class Parameters:
    """Seconds and counts; the defaults are NetScaler's and ours."""
    interval: float = 5.0
    timeout: float = 2.0
    retries: int = 3
    downtime: float = 30.0
    success_retries: int = 1

    def yaml(self, probe="bootstrap", **more):
        keys = {"probe": probe, "interval": f"{self.interval * 1000:.0f}ms",
                "timeout": f"{self.timeout * 1000:.0f}ms", "retries": self.retries,
                "downtime": f"{self.downtime * 1000:.0f}ms",
                "success-retries": self.success_retries, **more}
        return "{" + ", ".join(f"{key}: {value}" for key, value in keys.items()) + "}"

    @property
    def down_within(self):
        """The failure comes right after a good probe; starts are up to a tenth late."""
        return self.retries * 1.1 * self.interval + self.timeout

    @property
    def up_within(self):
        """The repair comes right after a bad probe began."""
        return (1.1 * self.downtime + (self.success_retries - 1) * 1.1 * self.interval
                + self.timeout)


class Ping:
    """ICMP echo; another answer than the echo's, or none, is bad."""
    name = "ping"
    silence_is_good = False

    def __init__(self, ns, address):
        self.sock = ns.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self.sock.connect((address, 0))
        self.id = random.getrandbits(16)
        self.number = 0

    def ask(self):
        self.number = (self.number + 1) & 0xffff
        body = struct.pack("!HH", self.id, self.number) + b"pvsboot"
        whole = checksum(b"\x08\0\0\0" + body)
        self.sock.send(struct.pack("!BBH", 8, 0, whole) + body)

    def answer(self):
        """True or False for an answer to the last question, None for anything else."""
        raw = self.sock.recv(2048)
        message = raw[(raw[0] & 15) * 4:]
        is_ours = struct.unpack_from("!HH", message, 4) == (self.id, self.number)
        return True if message[0] == 0 and is_ours else None


class UnarmedUdpEcv:
    """A datagram that is no TFTP request. Whatever comes back, and silence, is good."""
    name = "udp-ecv"
    silence_is_good = True

    def __init__(self, ns, address):
        self.sock = ns.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.connect((address, 69))

    def ask(self):
        try:
            self.sock.send(b"monitor\0")
        except OSError as error:
            if error.errno == errno.ECONNREFUSED:  # of the datagram before
                self.sock.send(b"monitor\0")

    def answer(self):
        try:
            self.sock.recv(2048)
            return True
        except OSError as error:
            return False if error.errno == errno.ECONNREFUSED else None


class Monitor:
    """A probe of a server again and again. changes lists (monotonic seconds, is up)."""

    def __init__(self, probe, parameters):
        self.probe, self.parameters = probe, parameters
        self.is_up, self.probes, self.run = True, 0, 0
        self.changes = []
        self.begin(time.monotonic() + random.uniform(0, 1))

    def begin(self, at):
        self.due, self.deadline = at, None

    def wake(self):
        return self.due if self.deadline is None else self.deadline

    def tick(self, now):
        if self.deadline is None and now >= self.due:
            self.started, self.deadline = now, now + self.parameters.timeout
            try:
                self.probe.ask()
            except OSError:
                pass  # no route or no neighbour: no answer
        elif self.deadline is not None and now >= self.deadline:
            self.end(self.probe.silence_is_good)

    def take(self):
        try:
            good = self.probe.answer()
        except OSError:
            good = None
        if good is not None and self.deadline is not None:
            self.end(good)

    def end(self, good):
        self.probes += 1
        self.run = 0 if good == self.is_up else self.run + 1
        needed = self.parameters.success_retries if good else self.parameters.retries
        if self.run >= needed:
            self.is_up, self.run = good, 0
            self.changes.append((time.monotonic(), good))
        pause = self.parameters.interval if self.is_up or good else self.parameters.downtime
        self.begin(self.started + pause)

    def changed(self, to, since):
        """Seconds from a moment to the first change to up or down after it, or None."""
        return next((at - since for at, is_up in list(self.changes)
                     if at >= since and is_up == to), None)


class Monitors:
    """Carries monitors in a thread of its own until the lab ends."""

    def __init__(self, lab, monitors):
        self.monitors = monitors
        self.sockets = {monitor.probe.sock: monitor for monitor in monitors}
        self.ended, self.end = socket.socketpair()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        lab.closers.append(self._close)

    def _run(self):
        while True:
            left = min(monitor.wake() for monitor in self.monitors) - time.monotonic()
            ready = select.select([*self.sockets, self.ended], [], [], max(0.0, left))[0]
            if self.ended in ready:
                return
            for sock in ready:
                self.sockets[sock].take()
            now = time.monotonic()
            for monitor in self.monitors:
                monitor.tick(now)

    def _close(self):
        self.end.send(b"\0")
        self.thread.join()
        for sock in (*self.sockets, self.ended, self.end):
            sock.close()
