# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""Ethernet frames as a network card sees them: made by hand, and taken apart field by field."""

import fcntl
import functools
import itertools
import os
import select
import socket
import struct
import time

from dhcp import BROADCAST, DISCOVER, PACKET_OUTGOING, Message, checksum, frame, message
from lab import LabError, Listener

ETH_P_ALL = 3
SOL_PACKET, PACKET_AUXDATA = 263, 8
AUXDATA = struct.Struct("=IIIHHHH")  # status, len, snaplen, mac, net, vlan_tci, vlan_tpid
TP_STATUS_VLAN_VALID = 1 << 4
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454ca, 0x2, 0x1000
EVERYBODY = "ff:ff:ff:ff:ff:ff"
DONT_FRAGMENT, MORE_FRAGMENTS = 0x4000, 0x2000


def tagged(raw, vlan):
    """A frame with the tag of a VLAN, IEEE 802.1Q."""
    return raw[:12] + struct.pack("!HH", 0x8100, vlan) + raw[12:]


def with_ip(raw, at, value):
    """A frame with other bytes in its IP header, whose checksum is made anew."""
    head = bytearray(raw[14:34])
    head[at:at + len(value)] = value
    head[10:12] = b"\0\0"
    head[10:12] = struct.pack("!H", checksum(bytes(head)))
    return raw[:14] + bytes(head) + raw[34:]


def with_udp_sum(raw, value):
    """A frame with another UDP checksum."""
    return raw[:40] + struct.pack("!H", value) + raw[42:]


class Frame:
    """One UDP datagram on the wire. vlan is 0 for an untagged one."""

    def __init__(self, raw, vlan, outgoing):
        self.raw, self.vlan, self.outgoing = raw, vlan, outgoing
        self.mac_to, self.mac_from = raw[0:6].hex(":"), raw[6:12].hex(":")
        self.ip = raw[14:14 + (raw[14] & 15) * 4]
        total, self.id, fragment, self.ttl = struct.unpack_from("!HHHB", self.ip, 2)
        self.dont_fragment = fragment == DONT_FRAGMENT
        self.source, self.destination = (socket.inet_ntoa(self.ip[at:at + 4]) for at in (12, 16))
        self.udp = raw[14 + len(self.ip):14 + total]
        self.sport, self.dport, self.udp_len, self.udp_sum = struct.unpack_from("!HHHH", self.udp)
        self.payload = self.udp[8:]

    @staticmethod
    def is_udp(raw):
        return len(raw) >= 42 and raw[12:14] == b"\x08\x00" and raw[23] == socket.IPPROTO_UDP

    @property
    def checksums_hold(self):
        """Both are there, and of the bytes that came."""
        pseudo = self.ip[12:20] + struct.pack("!BBH", 0, socket.IPPROTO_UDP, len(self.udp))
        return checksum(self.ip) == 0 and self.udp_sum != 0 and checksum(pseudo + self.udp) == 0

    @functools.cached_property
    def message(self):
        return Message(self.payload)


class Wire:
    """An interface of a namespace, heard and spoken to below IP."""

    def __init__(self, ns, ifname):
        self.sock = ns.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        ns.call(lambda: self.sock.bind((ifname, ETH_P_ALL)))
        self.mac = self.sock.getsockname()[4].hex(":")
        ns.lab.closers.append(self.sock.close)

    def send(self, raw):
        self.sock.send(raw)

    def receive(self):
        """(bytes, VLAN, outgoing) of the next frame."""
        raw, extra, _, address = self.sock.recvmsg(65535, 256)
        return raw, self._vlan(extra), address[2] == PACKET_OUTGOING

    def next(self, within):
        """The next UDP datagram, or None when there is none within that many seconds."""
        deadline = time.monotonic() + within
        while select.select([self.sock], [], [], max(0.0, deadline - time.monotonic()))[0]:
            got = self.receive()
            if Frame.is_udp(got[0]):
                return Frame(*got)
        return None

    @staticmethod
    def _vlan(extra):
        """The kernel takes the tag out of the frame and puts it beside."""
        for level, kind, data in extra:
            if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
                aux = AUXDATA.unpack_from(data)
                return aux[5] & 0xfff if aux[0] & TP_STATUS_VLAN_VALID else 0
        return 0

    def until(self, condition, within=5.0):
        """The datagrams that came in up to the first with condition(frame), that one included;
        the last is None when it did not come."""
        came, deadline = [], time.monotonic() + within
        while (left := deadline - time.monotonic()) > 0:
            got = self.next(left)
            if got is None:
                break
            if not got.outgoing:
                came.append(got)
                if condition(got):
                    return came
        return [*came, None]


class TapVlan:
    """A VLAN's interface where the kernel has none: a tap whose frames pass the wire with the
    VLAN's tag."""

    def __init__(self, ns, parent, number, ifname):
        self.wire, self.number = Wire(ns, parent), number
        self.tap = ns.call(lambda: self._open(ifname))
        ns.lab.closers.append(lambda: os.close(self.tap))
        Listener(ns.lab, [self.wire.sock, self.tap], self._pass)

    @staticmethod
    def _open(ifname):
        tap = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
        fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", ifname.encode(), IFF_TAP | IFF_NO_PI))
        return tap

    def _pass(self, end):
        if end == self.tap:
            self.wire.send(tagged(os.read(self.tap, 65535), self.number))
            return
        raw, vlan, outgoing = self.wire.receive()
        if vlan == self.number and not outgoing:
            os.write(self.tap, raw)


def vlan(ns, parent, number, *addresses):
    """An interface PARENT.NUMBER of a VLAN, with addresses."""
    ifname = f"{parent}.{number}"
    try:
        ns.ip(f"link add link {parent} name {ifname} type vlan id {number}")
    except LabError as error:
        if "Unknown device type" not in str(error):
            raise
        TapVlan(ns, parent, number, ifname)
    ns.address(ifname, *addresses)


class Stations:
    """PXE clients on a wire that hear a ProxyDHCP. Every question has an xid of its own."""

    xids = itertools.count(0x20000001)

    def __init__(self, ns, ifname, vlan=0):
        self.wire = Wire(ns, ifname)
        self.vlan = vlan

    def question(self, mac, options, *, kind=DISCOVER, to=BROADCAST, mac_to=EVERYBODY,
                 xid=None, source="0.0.0.0", sport=68, dport=67, **header):
        """(xid, frame) of a question, by default a DISCOVER as every machine sends it."""
        xid = next(self.xids) if xid is None else xid
        raw = frame(mac_to, mac, source, to, sport, dport,
                    message(mac, xid, [(53, bytes([kind])), *options], **header))
        return xid, tagged(raw, self.vlan) if self.vlan else raw

    def discover(self, mac, options, within=5.0, **how):
        """The frame of the ProxyDHCP's OFFER to a DISCOVER, or None."""
        xid, raw = self.question(mac, options, **how)
        self.wire.send(raw)
        return self.offer(xid, within)

    def offer(self, xid, within=5.0):
        return self.wire.until(lambda frame: self.is_offer(frame, xid), within)[-1]

    @staticmethod
    def is_offer(frame, xid):
        """From a proxy, which gives no address; not from the DHCP server."""
        return (frame.dport == 68 and frame.message.op == 2 and frame.message.xid == xid
                and frame.message.yiaddr == "0.0.0.0")

    def answers(self, frames, options):
        """Sends frames, then a DISCOVER that is answered, and returns what came before its
        answer: packets of one wire are taken in turn."""
        for raw in frames:
            self.wire.send(raw)
        xid, raw = self.question("02:00:00:00:ff:01", options)
        self.wire.send(raw)
        came = self.wire.until(lambda frame: self.is_offer(frame, xid))
        assert came[-1] is not None, "the proxy is dead"
        return came[:-1]
