# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""A DHCPv4 client that asks for exactly what a test says and shows exactly what came back."""

import select
import socket
import struct
import time

DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM = range(1, 9)
HEADER = struct.Struct("!BBBBIHH4s4s4s4s16s64s128s4s")
MAGIC = b"\x63\x82\x53\x63"
BROADCAST = "255.255.255.255"
PXE_PORT = 4011
ETH_P_IP = 0x0800
PACKET_OUTGOING = 4


def mac_bytes(mac):
    return bytes.fromhex(mac.replace(":", ""))


def pxe_options(arch=0, vendor=None, request=(1, 3, 6, 43, 60, 66, 67)):
    """The options by which PXE firmware of an architecture is known."""
    vendor = vendor or f"PXEClient:Arch:{arch:05d}:UNDI:002001"
    return [(60, vendor.encode()), (93, struct.pack("!H", arch)), (94, b"\x01\x02\x01"),
            (97, b"\x00" + bytes(range(16))), (55, bytes(request)), (57, b"\x05\xc0")]


def pack_options(options):
    """(code, value) pairs in order, then the end option."""
    return b"".join(bytes([code, len(value)]) + value for code, value in options) + b"\xff"


def message(mac, xid, options, *, op=1, htype=1, hlen=6, hops=0, secs=0, flags=0,
            ciaddr="0.0.0.0", yiaddr="0.0.0.0", siaddr="0.0.0.0", giaddr="0.0.0.0",
            sname=b"", file=b"", pad=300):
    """The bytes of one DHCP (or, without option 53, BOOTP) message."""
    addresses = [socket.inet_aton(a) for a in (ciaddr, yiaddr, siaddr, giaddr)]
    head = HEADER.pack(op, htype, hlen, hops, xid, secs, flags, *addresses,
                       mac_bytes(mac), sname, file, MAGIC)
    return (head + pack_options(options)).ljust(pad, b"\0")


class Message:
    """A parsed message: header fields by name, options as a list in wire order, raw bytes."""

    def __init__(self, raw):
        self.raw = raw
        (self.op, self.htype, self.hlen, self.hops, self.xid, self.secs, self.flags, ciaddr,
         yiaddr, siaddr, giaddr, chaddr, self.sname_raw, self.file_raw, magic) = \
            HEADER.unpack_from(raw)
        if magic != MAGIC:
            raise ValueError("no DHCP magic cookie")
        self.ciaddr, self.yiaddr, self.siaddr, self.giaddr = (
            socket.inet_ntoa(a) for a in (ciaddr, yiaddr, siaddr, giaddr))
        self.mac = chaddr[:6].hex(":")
        self.options = list(self._options(raw[HEADER.size:]))

    @staticmethod
    def _options(data):
        at = 0
        while at < len(data) and data[at] != 255:
            if data[at] == 0:
                at += 1
                continue
            length = data[at + 1]
            yield data[at], data[at + 2:at + 2 + length]
            at += 2 + length

    def option(self, code):
        """The value of an option, or None; fails when it stands there twice."""
        values = [value for known, value in self.options if known == code]
        if len(values) > 1:
            raise AssertionError(f"option {code} stands {len(values)} times in the message")
        return values[0] if values else None

    @property
    def type(self):
        value = self.option(53)
        return value[0] if value else None

    @property
    def file(self):
        return self.file_raw.split(b"\0")[0].decode("latin-1")

    @property
    def sname(self):
        return self.sname_raw.split(b"\0")[0].decode("latin-1")

    def addresses(self, code):
        """An option that is a list of addresses, as texts; empty when absent."""
        value = self.option(code) or b""
        return [socket.inet_ntoa(value[i:i + 4]) for i in range(0, len(value), 4)]


class Client:
    """What direct and relayed clients have in common. ask() is the whole interface; the rest
    are its usual forms. Answers are None when nothing came within the time."""

    giaddr = "0.0.0.0"
    hops = 0

    def __init__(self, mac="02:00:00:00:00:01"):
        self.mac = mac
        self.xid = 0x10000000 | int.from_bytes(mac_bytes(mac)[3:], "big")

    def ask(self, options, *, xid=None, within=5.0, mac=None, wanted=None, **header):
        """Sends one message and returns the first answer with its transaction id, of those for
        which wanted(message) is true."""
        if xid is None:
            self.xid += 0x1000
            xid = self.xid
        header.setdefault("giaddr", self.giaddr)
        header.setdefault("hops", self.hops)
        self._send(message(mac or self.mac, xid, options, **header), header)
        deadline = time.monotonic() + within
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([self.sock], [], [], left)[0]:
                break
            raw = self._receive()
            if raw is not None:
                answer = Message(raw)
                if answer.op == 2 and answer.xid == xid and (not wanted or wanted(answer)):
                    return answer
        return None

    def discover(self, options=(), **kwargs):
        return self.ask([(53, bytes([DISCOVER])), *options], **kwargs)

    def request(self, offer, options=(), **kwargs):
        """The REQUEST that selects an offer, with the offer's transaction id."""
        kwargs.setdefault("xid", offer.xid)
        return self.ask([(53, bytes([REQUEST])), (54, offer.option(54)),
                         (50, socket.inet_aton(offer.yiaddr)), *options], **kwargs)

    def renew(self, address, options=(), **kwargs):
        return self.ask([(53, bytes([REQUEST])), *options], ciaddr=address, **kwargs)

    def inform(self, address, options=(), **kwargs):
        return self.ask([(53, bytes([INFORM])), *options], ciaddr=address, **kwargs)

    def bootp(self, options=(), **kwargs):
        return self.ask(list(options), **kwargs)

    def dora(self, options=(), **kwargs):
        """DISCOVER and REQUEST with the same options; returns (offer, ack)."""
        offer = self.discover(options, **kwargs)
        if offer is None:
            return None, None
        return offer, self.request(offer, options, **kwargs)

    def close(self):
        self.sock.close()


class DirectClient(Client):
    """A client on the wire: raw frames, no address of its own needed."""

    def __init__(self, ns, ifname, mac="02:00:00:00:00:01"):
        super().__init__(mac)
        self.sock = ns.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
        ns.call(lambda: self.sock.bind((ifname, ETH_P_IP)))
        ns.lab.closers.append(self.close)

    def _send(self, payload, header):
        source = header.get("ciaddr", "0.0.0.0")
        self.sock.send(frame("ff:ff:ff:ff:ff:ff", self.mac, source, BROADCAST, 68, 67, payload))

    def _receive(self):
        raw, address = self.sock.recvfrom(65535)
        if address[2] == PACKET_OUTGOING:
            return None
        datagram = parse_frame(raw)
        return datagram[4] if datagram and datagram[3] == 68 else None


class RelayedClient(Client):
    """A client behind a relay that the test plays: the socket is the relay's."""

    hops = 1

    def __init__(self, ns, giaddr, server, mac="02:00:00:00:00:01"):
        super().__init__(mac)
        self.giaddr = giaddr
        self.server = server
        self.sock = ns.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((giaddr, 67))
        ns.lab.closers.append(self.close)

    def _send(self, payload, header):
        self.sock.sendto(payload, (self.server, 67))

    def _receive(self):
        return self.sock.recv(65535)


class PxeClient(Client):
    """A client that has its address and asks a ProxyDHCP's port 4011 for server and file:
    renew(address, options) is its question. Firmware asks from port 68, or as edk2 does from
    4011."""

    def __init__(self, ns, address, server, mac="02:00:00:00:00:01", port=68):
        super().__init__(mac)
        self.server = server
        self.sock = ns.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((address, port))
        ns.lab.closers.append(self.close)

    def _send(self, payload, header):
        self.sock.sendto(payload, (self.server, PXE_PORT))

    def _receive(self):
        return self.sock.recv(65535)


def checksum(data):
    """The Internet checksum, RFC 1071."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def frame(dst_mac, src_mac, src, dst, sport, dport, payload):
    """An Ethernet frame with one UDP datagram."""
    src, dst = socket.inet_aton(src), socket.inet_aton(dst)
    udp = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload
    pseudo = src + dst + struct.pack("!BBH", 0, socket.IPPROTO_UDP, len(udp))
    udp = udp[:6] + struct.pack("!H", checksum(pseudo + udp) or 0xffff) + udp[8:]
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64,
                       socket.IPPROTO_UDP, 0, src, dst)
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return mac_bytes(dst_mac) + mac_bytes(src_mac) + struct.pack("!H", ETH_P_IP) + head + udp


def parse_frame(raw):
    """(source, destination, source port, destination port, payload) of a UDP frame, or None."""
    if len(raw) < 42 or raw[12:14] != b"\x08\x00" or raw[23] != socket.IPPROTO_UDP:
        return None
    if int.from_bytes(raw[20:22], "big") & 0x3fff:
        return None  # a fragment
    at = 14 + (raw[14] & 15) * 4
    sport, dport, length = struct.unpack_from("!HHH", raw, at)
    return (socket.inet_ntoa(raw[26:30]), socket.inet_ntoa(raw[30:34]), sport, dport,
            raw[at + 8:at + length])
