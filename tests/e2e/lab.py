# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""The end-to-end lab: network namespaces, links between them, programs inside them.

Namespaces are anonymous: a file descriptor of this process holds each of them, so nothing is
mounted under /run/netns and nothing can stay behind. Programs are children with a parent-death
signal: they end with the lab however it ends. Only the standard library is used.
"""

import contextlib
import ctypes
import fcntl
import os
import pathlib
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

CLONE_NEWNET = 0x40000000
SIOCETHTOOL = 0x8946
ETHTOOL_STXCSUM = 0x17
ETHTOOL_SGRO = 0x2c
AT_FDCWD = -100
AT_EMPTY_PATH = 0x1000
OPEN_TREE_CLONE = 1
FSOPEN_CLOEXEC = FSMOUNT_CLOEXEC = 1
FSCONFIG_SET_STRING = 1
FSCONFIG_CMD_CREATE = 6
MOUNT_ATTR_RDONLY = 1

SRC = pathlib.Path(os.environ.get("PVSBOOT_SRC", pathlib.Path(__file__).parents[2])).resolve()
BUILD = pathlib.Path(os.environ.get("PVSBOOT_BUILD", SRC / "build")).resolve()

# Where the build puts each program, below BUILD.
PROGRAMS = {
    "pvsboot": "cli/pvsboot",
    "pvsboot-tftp": "tftp/pvsboot-tftp",
    "pvsboot-pxe": "pxe-proxy/pvsboot-pxe",
    "pvsboot-watch": "watch/pvsboot-watch",
    "libdhcp_pvsboot.so": "hooks/.libs/libdhcp_pvsboot.so",
}

_libc = ctypes.CDLL(None, use_errno=True)


class LabError(AssertionError):
    """The lab itself could not do its part, or a program in it misbehaved."""


def built(name):
    """The path of a program of ours in the build folder."""
    path = BUILD / PROGRAMS.get(name, name)
    if not path.exists():
        raise LabError(f"{path} is not built; run make first, or set PVSBOOT_BUILD")
    return path


def wait_for(what, condition, seconds=20.0):
    """Returns the first true value of condition(); fails with `what` after the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise LabError(f"not within {seconds:g} s: {what}")
        time.sleep(0.02)


def _syscall(name, *args):
    value = getattr(_libc, name)(*args)
    if value < 0:
        err = ctypes.get_errno()
        raise OSError(err, f"{name}: {os.strerror(err)}")
    return value


def _in_thread(work):
    """Runs work() in a thread of its own, which may then change its namespace; returns its value."""
    box = {}

    def body():
        try:
            box["value"] = work()
        except BaseException as error:  # handed to the caller, whatever it is
            box["error"] = error

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    if "error" in box:
        raise box["error"]
    return box["value"]


@contextlib.contextmanager
def small_disk(size):
    """The path of an empty tmpfs of size bytes, attached nowhere, as Lab.read_only() is."""
    disk = _syscall("fsopen", b"tmpfs", FSOPEN_CLOEXEC)
    try:
        _syscall("fsconfig", disk, FSCONFIG_SET_STRING, b"size", str(size).encode(), 0)
        _syscall("fsconfig", disk, FSCONFIG_CMD_CREATE, None, None, 0)
        fd = _syscall("fsmount", disk, FSMOUNT_CLOEXEC, 0)
    finally:
        os.close(disk)
    try:
        yield pathlib.Path(f"/proc/{os.getpid()}/fd/{fd}")
    finally:
        os.close(fd)


class Program:
    """A tracked child. Its stdout and stderr go to one log file."""

    def __init__(self, name, argv, log, env, cwd):
        self.name = name
        self.argv = [str(arg) for arg in argv]
        self.log = log
        with open(log, "ab") as out:
            self.child = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=out,
                                          stderr=subprocess.STDOUT, env=env, cwd=cwd)
        self.pid = self.child.pid

    def text(self):
        return self.log.read_text(errors="replace")

    def alive(self):
        return self.child.poll() is None

    def wait_line(self, text, seconds=20.0):
        """Waits until the log contains text; fails at once when the program ended without it."""
        def seen():
            ended = not self.alive()
            if text in self.text():
                return True
            if ended:
                raise LabError(f"{self.name} ended with {self.child.returncode}:\n{self.text()}")
            return False
        wait_for(f"{self.name} says {text!r}", seen, seconds)

    def wait(self, seconds=20.0):
        """Waits for the end; returns the exit status."""
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise LabError(f"{self.name} did not end within {seconds:g} s") from None

    def stop(self, sig=signal.SIGTERM, seconds=10.0):
        """Signals the program and returns its exit status; kills it after the deadline."""
        if self.alive():
            self.child.send_signal(signal.SIGCONT)
            self.child.send_signal(sig)
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        return self.child.returncode

    def complaint(self):
        """What a sanitizer said in the log, or None."""
        for line in self.text().splitlines():
            if "Sanitizer" in line or "runtime error:" in line:
                return f"{self.name}: {line}"
        return None


class Namespace:
    """A network namespace; sockets and programs can be made inside it."""

    def __init__(self, lab, name):
        def make():
            _syscall("unshare", CLONE_NEWNET)
            return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

        self.lab = lab
        self.name = name
        self.fd = _in_thread(make)
        self.path = f"/proc/{os.getpid()}/fd/{self.fd}"
        self.sysctl("net/ipv6/conf/all/accept_dad", 0)
        self.sysctl("net/ipv6/conf/default/accept_dad", 0)
        self.ip("link set lo up")

    def call(self, work):
        """Runs work() in a thread inside the namespace; sockets made there stay in it."""
        def inside():
            _syscall("setns", self.fd, CLONE_NEWNET)
            return work()
        return _in_thread(inside)

    def socket(self, family, kind, proto=0):
        return self.call(lambda: socket.socket(family, kind, proto))

    def argv(self, *argv):
        """argv as a command that runs inside the namespace and dies with the lab."""
        return ["nsenter", f"--net={self.path}", "--", "setpriv", "--pdeathsig", "KILL", "--",
                *(str(arg) for arg in argv)]

    def run(self, *argv, check=True, timeout=60, **kwargs):
        """Runs a command to its end; returns CompletedProcess with text output."""
        done = subprocess.run(self.argv(*argv), text=True, capture_output=True,
                              timeout=timeout, **kwargs)
        if check and done.returncode != 0:
            raise LabError(f"{' '.join(map(str, argv))}: exit {done.returncode}\n"
                           f"{done.stdout}{done.stderr}")
        return done

    def start(self, *argv, name=None, env=None, cwd=None):
        """Starts a program; the lab ends it. env is added to ours."""
        return self.lab.track(name or pathlib.Path(str(argv[0])).name, self.argv(*argv),
                              env, cwd)

    def ip(self, words):
        return self.run("ip", *words.split()).stdout

    def sysctl(self, name, value):
        self.call(lambda: pathlib.Path("/proc/sys", name).write_text(f"{value}\n"))

    def address(self, ifname, *cidrs):
        """Gives addresses to an interface and takes it up."""
        for cidr in cidrs:
            self.ip(f"address add {cidr} dev {ifname}")
        self.ip(f"link set {ifname} up")

    def running(self, ifname):
        """Waits until the interface has a carrier; Kea opens no socket on one without."""
        wait_for(f"{ifname} runs", lambda: "state UP" in self.ip(f"-o link show {ifname}"))

    def bridge(self, ifname):
        """A bridge that runs also while no machine is powered on: one port always has a
        carrier."""
        self.ip(f"link add {ifname} type bridge forward_delay 0 stp_state 0 mcast_snooping 0")
        self.ip(f"link set {ifname} up")
        self.ip(f"link add {ifname}-in type veth peer name {ifname}-out")
        self.ip(f"link set {ifname}-out arp off addrgenmode none up")
        self.join(f"{ifname}-in", ifname)
        self.running(ifname)

    def tap(self, ifname, bridge):
        self.ip(f"tuntap add dev {ifname} mode tap")
        self.ip(f"link set {ifname} master {bridge} up")

    def join(self, ifname, bridge):
        self.ip(f"link set {ifname} master {bridge} up")

    def _ethtool(self, ifname, command, value):
        def switch():
            data = ctypes.create_string_buffer(struct.pack("II", command, value))
            request = struct.pack("16sP16x", ifname.encode(), ctypes.addressof(data))
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                fcntl.ioctl(sock, SIOCETHTOOL, request)
        self.call(switch)

    def whole_checksums(self, ifname, whole=True):
        """No half-made checksums: raw sockets at the other end of a veth would see them."""
        self._ethtool(ifname, ETHTOOL_STXCSUM, 0 if whole else 1)

    def receive_in_thread(self, ifname):
        """What comes by a veth is received by a thread of the kernel, else by who sent it."""
        self._ethtool(ifname, ETHTOOL_SGRO, 1)  # gives a veth its NAPI
        self.run("unshare", "--mount", "sh", "-c", "mount -t sysfs sysfs /sys &&"
                 f" echo 1 >/sys/class/net/{ifname}/threaded")


class Switch:
    """A network segment: the bridge br0 of a namespace."""

    def __init__(self, lab, name):
        self.lab, self.name = lab, name
        self.ns = lab.namespace(name)
        self.ns.bridge("br0")

    def port(self, ns, ifname):
        """Connects an interface of a namespace; returns the name of the switch's port."""
        port = f"{ns.name}-{ifname}"
        self.lab.link(self.ns, port, ns, ifname)
        self.ns.join(port, "br0")
        return port

    def plug(self, ns, ifname, *cidrs):
        """Connects an interface that has addresses."""
        self.port(ns, ifname)
        ns.address(ifname, *cidrs)
        return ns

    def host(self, name, *cidrs):
        """A new host on the segment, its interface being eth0."""
        return self.plug(self.lab.namespace(name), "eth0", *cidrs)


class Beacon:
    """Advertises an IPv6 router without a prefix twice a second.

    iPXE waits about 13 s for a router before it goes on with IPv4 alone."""

    def __init__(self, ns, ifname):
        self.stopped = threading.Event()
        self.sock = ns.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        self.sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
        self.index = ns.call(lambda: socket.if_nametoindex(ifname))
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        # Type 134, code 0, checksum by the kernel, hop limit 64, flags 0, lifetime 60 s.
        advertisement = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 60, 0, 0)
        while not self.stopped.wait(0.5):
            try:
                self.sock.sendto(advertisement, ("ff02::1", 0, 0, self.index))
            except OSError:
                pass  # the link is going down, or has no link-local address yet

    def close(self):
        self.stopped.set()
        self.thread.join()
        self.sock.close()


class Listener:
    """A thread that calls take(file) for each of some files, whenever it has something to read,
    until the lab ends and all was read."""

    def __init__(self, lab, files, take):
        self.files, self.take = files, take
        self.ended, self.end = socket.socketpair()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        lab.closers.append(self.close)

    def _run(self):
        while True:
            ready = select.select([*self.files, self.ended], [], [])[0]
            if ready == [self.ended]:
                return
            for file in self.files:
                if file in ready:
                    self.take(file)

    def close(self):
        self.end.send(b"\0")
        self.thread.join()
        self.ended.close()
        self.end.close()


class Lab:
    """Owns a temporary folder, namespaces and programs, and ends them all in close()."""

    alive = []

    def __init__(self, name="lab"):
        self.name = name
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix=f"pvsboot-{os.getpid()}-"))
        self.dir.chmod(0o755)
        self.programs = []
        self.namespaces = {}
        self.closers = []
        Lab.alive.append(self)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def path(self, *parts):
        return self.dir.joinpath(*parts)

    def write(self, name, text):
        """A file in the lab's folder, with its parents; returns the path."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def namespace(self, name):
        ns = Namespace(self, name)
        self.namespaces[name] = ns
        return ns

    def link(self, ns_a, if_a, ns_b, if_b):
        """A veth pair between two namespaces, up, with whole checksums."""
        ns_a.ip(f"link add {if_a} type veth peer name {if_b} netns {ns_b.path}")
        for ns, ifname in ((ns_a, if_a), (ns_b, if_b)):
            ns.whole_checksums(ifname)
            ns.ip(f"link set {ifname} up")
        for ns, ifname in ((ns_a, if_a), (ns_b, if_b)):
            ns.running(ifname)

    def read_only(self, path):
        """A read-only view of a folder, as a path. The mount is attached nowhere: nobody else
        sees it, and it can be made in a chroot too, where no mount can be made private."""
        fd = _syscall("open_tree", AT_FDCWD, os.fsencode(path), OPEN_TREE_CLONE | os.O_CLOEXEC)
        self.closers.append(lambda: os.close(fd))
        attributes = struct.pack("4Q", MOUNT_ATTR_RDONLY, 0, 0, 0)
        _syscall("mount_setattr", fd, b"", AT_EMPTY_PATH, attributes,
                 ctypes.c_size_t(len(attributes)))
        # The dot: what opens a folder may refuse a link as its last step.
        return f"/proc/{os.getpid()}/fd/{fd}/."

    def beacon(self, ns, ifname):
        beacon = Beacon(ns, ifname)
        self.closers.append(beacon.close)
        return beacon

    def track(self, name, argv, env=None, cwd=None):
        log = self.path("logs", f"{len(self.programs):02d}-{name}.log")
        log.parent.mkdir(exist_ok=True)
        program = Program(name, argv, log, {**os.environ, **(env or {})}, cwd or self.dir)
        self.programs.append(program)
        return program

    def logs(self):
        """(name, text) of every program started, for a failing test's report."""
        return [(f"{program.name} (pid {program.pid})", program.text())
                for program in self.programs]

    def close(self):
        """Ends everything, newest first; fails when a sanitizer had something to say."""
        if self not in Lab.alive:
            return
        Lab.alive.remove(self)
        for program in reversed(self.programs):
            program.stop()
        for closer in reversed(self.closers):
            closer()
        for ns in self.namespaces.values():
            os.close(ns.fd)
        complaints = [text for text in (p.complaint() for p in self.programs) if text]
        shutil.rmtree(self.dir, ignore_errors=True)
        if complaints:
            raise LabError("\n".join(complaints))
