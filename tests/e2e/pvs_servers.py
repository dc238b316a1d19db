# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""Stand-ins for PVS servers: hosts on a switch, each with a real TFTP server, stand-in
bootstraps and a login port, and everything that can go wrong with them."""

import contextlib
import heapq
import itertools
import os
import random
import select
import signal
import socket
import struct
import subprocess
import threading
import time

from lab import BUILD, SRC, LabError, wait_for

BIOS, UEFI = "ARDBP32.BIN", "pvsnbpx64.efi"
MARKER = b"Provisioning Services bootstrap"
SIZES = {BIOS: 30_000, UEFI: 90_000}
LOGIN_PORT = 6910
FILTER, LOCAL = 5, 10  # preferences of rules


# ---- bootstraps

def efi_program(size, tail):
    """A PE32+ program of x64 whose one section reaches to the end of the file."""
    head = 0x200
    coff = struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 240, 0x22)
    optional = struct.pack("<H66xH170x", 0x20b, 10)
    section = struct.pack("<8sIIII12xI", b".text", size - head, 0x1000, size - head, head,
                          0x60000020)
    start = b"MZ".ljust(0x3c, b"\0") + struct.pack("<I", 0x40) + b"PE\0\0"
    return ((start + coff + optional + section).ljust(head, b"\0") + tail)[:size]


def bootstrap(name, version):
    """The bytes of a stand-in bootstrap; versions differ in most of them."""
    noise = random.Random(f"{name} {version}").randbytes(SIZES[name])
    if name.endswith(".efi"):
        return efi_program(SIZES[name], noise)
    return (b"\xeb\x3c" + MARKER + b"\0" + noise)[:SIZES[name]]


# ---- programs

def atftpd():
    """The path of atftpd, fetched once for a build folder."""
    path = BUILD / "tests/e2e/atftpd"
    done = subprocess.run([SRC / "tests/e2e/get-atftpd", path], text=True, capture_output=True)
    if done.returncode != 0:
        raise LabError(f"atftpd cannot be had: {done.stdout}{done.stderr}")
    return path


PROGRAMS = {
    "tftpd-hpa": lambda root, address: [
        "in.tftpd", "--foreground", "--address", f"{address}:69", "--user", "root", "--secure",
        root],
    "dnsmasq": lambda root, address: [
        "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--user=root",
        "--log-facility=-", "--pid-file=", "--enable-tftp", f"--tftp-root={root}"],
    "atftpd": lambda root, address: [
        atftpd(), "--daemon", "--no-fork", "--user", "root", "--group", "root", "--logfile", "-",
        "--bind-address", address, root],
}


# ---- hosts

class DelayLine:
    """A piece of cable that hands on each IPv4 packet in one direction after `seconds`; all
    else passes at once."""

    def __init__(self, lab, name):
        self.lab = lab
        self.ns = lab.namespace(name)
        self.seconds = 0.0
        self.waiting, self.order = [], itertools.count()
        self.ended, self.end = socket.socketpair()

    def between(self, near, far):
        """Starts; packets from far to near are late."""
        self.near, self.far = (self._socket(ifname) for ifname in (near, far))
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        self.lab.closers.append(self._close)

    def _socket(self, ifname):
        sock = self.ns.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.ns.call(lambda: sock.bind((ifname, 3)))
        return sock

    def _run(self):
        while True:
            left = self.waiting[0][0] - time.monotonic() if self.waiting else None
            ready = select.select([self.near, self.far, self.ended], [], [],
                                  None if left is None else max(0.0, left))[0]
            if self.ended in ready:
                return
            for sock in ready:
                self._take(sock)
            while self.waiting and self.waiting[0][0] <= time.monotonic():
                self._send(self.near, heapq.heappop(self.waiting)[2])

    def _take(self, sock):
        raw, address = sock.recvfrom(65535)
        if address[2] == socket.PACKET_OUTGOING:
            return
        if sock is self.far and raw[12:14] == b"\x08\x00":
            heapq.heappush(self.waiting,
                           (time.monotonic() + self.seconds, next(self.order), raw))
        else:
            self._send(self.near if sock is self.far else self.far, raw)

    @staticmethod
    def _send(sock, raw):
        with contextlib.suppress(OSError):  # that link is down
            sock.send(raw)

    def _close(self):
        self.end.send(b"\0")
        self.thread.join()
        for sock in (self.near, self.far, self.ended, self.end):
            sock.close()


class PvsServer:
    """One server at a switch (lab.Switch). kind is of PROGRAMS. With a slow line its answers
    can be made late. start() gives it both bootstraps, the TFTP server and the login port."""

    def __init__(self, switch, kind, address, slow_line=False):
        self.lab, self.kind, self.address = switch.lab, kind, address
        name = "p" + ".".join(address.split(".")[2:])
        self.ns = self.lab.namespace(name)
        self.root = self.lab.path("pvs", name)
        self.root.mkdir(parents=True)
        self.line = None
        if slow_line:
            self.line = DelayLine(self.lab, name + "s")
            self.port = switch.port(self.line.ns, "near")
            self.lab.link(self.line.ns, "far", self.ns, "eth0")
            self.line.between("near", "far")
        else:
            self.port = switch.port(self.ns, "eth0")
        self.switch = switch
        self.ns.address("eth0", f"{address}/16")
        self.program, self.door = None, None
        self.filtered = False

    def start(self, version="1"):
        return self.serve({name: bootstrap(name, version) for name in SIZES})

    def serve(self, files):
        """Puts files, by name, and starts the TFTP server and the login port."""
        for name, body in files.items():
            self.put(name, body)
        self.run()
        self.login(True)
        return self

    # -- files

    def put(self, name, body):
        """Puts a whole file in place of what is there."""
        fresh = self.root / f".{name}.new"
        fresh.write_bytes(body)
        fresh.chmod(0o644)
        fresh.rename(self.root / name)

    def body(self, name):
        return (self.root / name).read_bytes()

    def remove(self, name):
        (self.root / name).unlink()

    def change_a_byte(self, name):
        """Of the same size, and by looks as good as before."""
        body = bytearray(self.body(name))
        body[-1] ^= 1
        self.put(name, bytes(body))

    # -- programs

    def run(self):
        """Starts the TFTP server and waits until it listens."""
        self.program = self.ns.start(*PROGRAMS[self.kind](self.root, self.address),
                                     name=f"{self.kind}-{self.address}")
        self.wait_bound()

    def wait_bound(self):
        wait_for(f"{self.kind} listens", lambda: self.bound(69))

    def bound(self, port):
        """True while a program of the host is bound to a UDP port."""
        table = self.ns.call(lambda: open("/proc/thread-self/net/udp").read())
        return any(line.split()[1].endswith(f":{port:04X}") for line in table.splitlines()[1:])

    def kill(self):
        self.program.stop(signal.SIGKILL)

    def pause(self):
        os.kill(self.program.pid, signal.SIGSTOP)

    def resume(self):
        os.kill(self.program.pid, signal.SIGCONT)

    def login(self, on):
        """Binds the login port, or gives it up."""
        if on and not self.door:
            self.door = self.ns.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.door.bind((self.address, LOGIN_PORT))
            self.lab.closers.append(self.door.close)
        elif not on and self.door:
            self.door.close()
            self.door = None

    # -- the way there

    def filter(self, on):
        """What goes to the TFTP port is dropped without a word, as a firewall does."""
        if on and not self.filtered:
            # Rules come before the table of local addresses only once that has moved.
            self.ns.ip(f"rule add pref {LOCAL} lookup local")
            self.ns.ip("rule del pref 0")
            self.filtered = True
        self.ns.ip(f"rule {'add' if on else 'del'} pref {FILTER} ipproto udp dport 69 blackhole")

    def cut(self, on):
        """Takes the cable out, or puts it back."""
        self.switch.ns.ip(f"link set {self.port} {'down' if on else 'up'}")

    def slow(self, seconds):
        """Every packet that the host sends is that late."""
        self.line.seconds = seconds
