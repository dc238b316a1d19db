# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""The proxy's answers, byte for byte, and the packets that it leaves unanswered."""

import socket
import struct
import time

import pytest

from dhcp import (ACK, BROADCAST, DECLINE, DISCOVER, INFORM, OFFER, RELEASE, REQUEST, frame,
                  message, pxe_options)
from lab import Lab
from pxe_room import (BIOS, BOOT_SERVER, MAC, MAC_2, MACHINE, NO_MACHINE, NO_RELAY, PROXY,
                      PROXY_2, STRANGE_RELAY, UEFI, WEST_MACHINE, WEST_RELAY, YAML, Room)
from wire import EVERYBODY, MORE_FRAGMENTS, tagged, with_ip, with_udp_sum

PXE = (60, b"PXEClient")
UUID = (97, b"\0" + bytes(range(16)))
LOGIN = (11, socket.inet_aton("10.1.0.11"))
ROOT_PATH = (17, b"pvs:[west.example.org]:17:6910")
USE_FILE = (43, b"\x06\x01\x08\xff")
ITEM = b"\x47\x04\x80\x00\x00\x00\xff"


def address(text):
    return socket.inet_aton(text)


def said(kind, server, *options):
    """The options of an answer of ours, in their order."""
    return [(53, bytes([kind])), (54, address(server)), PXE, *options]


SHADOW = YAML + "proxy: {mode: shadow}\n"


@pytest.fixture(scope="module")
def room():
    with Lab("wire") as lab:
        yield Room(lab).start()


def is_to_everybody(got, room):
    """Broadcast on the link, from port 67, as a whole."""
    assert (got.mac_to, got.mac_from) == (EVERYBODY, room.mac)
    assert (got.source, got.destination) == (PROXY, BROADCAST)
    assert (got.sport, got.dport) == (67, 68)
    is_sound(got)


def is_sound(got):
    assert got.checksums_hold and got.ttl == 64 and got.vlan == 0
    assert got.dont_fragment and got.ip[0] == 0x45
    assert got.udp_len == len(got.udp)


# ---- port 67

def test_the_direct_offer(room):
    xid, raw = room.stations.question(MAC, BIOS, secs=7)
    got = room.reply((xid, raw))
    is_to_everybody(got, room)
    assert got.payload == message(
        MAC, xid, said(OFFER, PROXY, UUID, USE_FILE), op=2, secs=7, flags=0x8000,
        siaddr=BOOT_SERVER, file=b"east/ARDBP32.BIN")
    assert len(got.payload) == 300


def test_the_redirecting_offer(room):
    xid, raw = room.stations.question(MAC, UEFI, flags=0x8000)
    got = room.reply((xid, raw))
    is_to_everybody(got, room)
    assert got.payload == message(
        MAC, xid, said(OFFER, PROXY, UUID, LOGIN), op=2, flags=0x8000, siaddr=PROXY)
    assert len(got.payload) == 300


def test_an_old_card_without_93_and_97_is_bios(room):
    xid, raw = room.stations.question(MAC, [PXE])
    got = room.reply((xid, raw))
    assert got.payload == message(
        MAC, xid, said(OFFER, PROXY, USE_FILE), op=2, flags=0x8000, siaddr=BOOT_SERVER,
        file=b"east/ARDBP32.BIN")


def test_the_first_architecture_that_has_a_file_counts(room):
    archs = [PXE, (93, struct.pack("!HHH", 6, 9, 0)), UUID]
    got = room.stations.discover(MAC, archs)
    assert got.message.siaddr == PROXY and got.message.option(11) == LOGIN[1]


def test_a_relay_is_answered_from_the_address_that_it_asked(room):
    relay_info = (82, b"\x01\x04eth5\x02\x06\x00\x11\x22\x33\x44\x55")
    for to in (PROXY, PROXY_2):
        # Relays speak from whatever address leads out; giaddr is where they are answered.
        xid, raw = room.relayed(MAC, [*UEFI, relay_info], to=to, source=WEST_MACHINE)
        got = room.reply((xid, raw))
        assert (got.mac_to, got.mac_from) == (room.wire.mac, room.mac)
        assert (got.source, got.destination) == (to, WEST_RELAY)
        assert (got.sport, got.dport) == (67, 67)
        is_sound(got)
        assert got.payload == message(
            MAC, xid, said(OFFER, to, UUID, USE_FILE, ROOT_PATH, relay_info), op=2,
            flags=0x8000, siaddr="10.2.0.11", giaddr=WEST_RELAY, file=b"pvsnbpx64.efi")


def test_a_farm_chooses_its_forms(room):
    got = room.reply(room.relayed(MAC, BIOS))
    assert (got.message.siaddr, got.message.file) == (PROXY, "")
    assert got.message.option(43) is None


def test_link_selection_names_the_network(room):
    """RFC 3527: the relay's own address may lie elsewhere."""
    link = (82, b"\x05\x04" + address("10.77.0.0"))
    got = room.reply(room.relayed(MAC, [*BIOS, link], relay=STRANGE_RELAY))
    assert (got.destination, got.message.file) == (STRANGE_RELAY, "east/ARDBP32.BIN")
    assert got.message.option(82) == link[1]


def test_all_of_82_is_echoed_and_the_login_list_gives_way(room):
    """What a client takes is 548 bytes, or what it says in option 57."""
    relay_info = (82, b"\x01\xfd" + b"c" * 253)
    small = [pair for pair in UEFI if pair[0] != 57]
    for options, least, most, root_path in ((small, 301, 548, None),
                                            (UEFI, 549, 1444, ROOT_PATH[1])):
        got = room.reply(room.relayed(MAC, [*options, relay_info]))
        assert least <= len(got.payload) <= most
        assert (got.message.option(82), got.message.option(17)) == (relay_info[1], root_path)
        assert got.message.file == "pvsnbpx64.efi"
        is_sound(got)


def test_a_priority_is_no_vlan(room):
    """VLAN 0, IEEE 802.1Q: some fabrics mark so whatever they pass on."""
    xid, raw = room.stations.question(MAC, BIOS)
    assert room.reply((xid, tagged(raw, 5 << 13))) is not None


# ---- port 4011

@pytest.mark.parametrize("kind", [REQUEST, INFORM])
@pytest.mark.parametrize("sport", [68, 4011], ids=["ipxe", "edk2"])
def test_port_4011_answers_where_it_was_asked(room, kind, sport):
    for to in (PROXY, PROXY_2):
        xid, raw = room.asked(MAC, UEFI, kind=kind, to=to, sport=sport)
        got = room.reply((xid, raw))
        assert (got.mac_to, got.mac_from) == (room.wire.mac, room.mac)
        assert (got.source, got.destination) == (to, MACHINE)
        assert (got.sport, got.dport) == (4011, sport)
        assert got.checksums_hold and got.ttl == 64
        assert got.payload == message(
            MAC, xid, said(ACK, to, UUID, LOGIN), op=2, ciaddr=MACHINE, siaddr=BOOT_SERVER,
            file=b"east/pvsnbpx64.efi")


def test_a_boot_item_is_echoed_and_an_xid_of_zero_is_fine(room):
    """iPXE's boot-server request."""
    got = room.reply(room.asked(MAC, [PXE, UUID, (43, ITEM)], xid=0, flags=0x8000))
    assert got.payload == message(
        MAC, 0, said(ACK, PROXY, UUID, (43, ITEM)), op=2, flags=0x8000, ciaddr=MACHINE,
        siaddr=BOOT_SERVER, file=b"east/ARDBP32.BIN")


def test_port_4011_knows_the_network_by_ciaddr_then_by_source(room):
    got = room.reply(room.asked(MAC, UEFI, client=WEST_MACHINE))
    assert (got.message.siaddr, got.message.file) == ("10.2.0.11", "pvsnbpx64.efi")
    assert got.message.option(17) == ROOT_PATH[1]
    got = room.reply(room.asked(MAC, UEFI, client=WEST_MACHINE, ciaddr="0.0.0.0"))
    assert got.message.file == "pvsnbpx64.efi"
    got = room.reply(room.asked(MAC, UEFI, client=WEST_MACHINE, ciaddr=MACHINE))
    assert (got.destination, got.message.file) == (WEST_MACHINE, "east/pvsnbpx64.efi")


# ---- silence: one of each sort; the table of the unit tests has the rest

def mangled(raw, change):
    """The frame of a question with other DHCP bytes."""
    payload = change(raw[42:])
    return frame(EVERYBODY, MAC, "0.0.0.0", BROADCAST, 68, 67, payload)


def without(code):
    return [pair for pair in BIOS if pair[0] != code]


SILENT = {
    "without option 60": lambda r: r.stations.question(MAC, without(60)),
    "an HTTP client": lambda r: r.stations.question(
        MAC, pxe_options(16, vendor="HTTPClient:Arch:00016:UNDI:003000")),
    "a telephone": lambda r: r.stations.question(MAC, [(60, b"Polycom"), (55, b"\x42")]),
    "an architecture without file": lambda r: r.stations.question(MAC, pxe_options(6)),
    "a server's message": lambda r: r.stations.question(
        MAC, BIOS, kind=OFFER, op=2, yiaddr=MACHINE),
    "another cookie": lambda r: mangled(
        r.stations.question(MAC, BIOS)[1], lambda b: b[:236] + b"\x63\x82\x53\x64" + b[240:]),
    "no Ethernet": lambda r: r.stations.question(MAC, BIOS, htype=6),
    "a long hardware address": lambda r: r.stations.question(MAC, BIOS, hlen=16),
    "an unknown relay": lambda r: r.relayed(MAC, BIOS, relay=STRANGE_RELAY),
    "a relay of a network that is none": lambda r: r.relayed(MAC, BIOS, relay=NO_RELAY),
    "options without end": lambda r: mangled(
        r.stations.question(MAC, BIOS)[1], lambda b: b[:b.index(b"\xff", 240)]),
    "half a header": lambda r: mangled(r.stations.question(MAC, BIOS)[1], lambda b: b[:100]),
    "nothing at all": lambda r: mangled(r.stations.question(MAC, BIOS)[1], lambda b: b""),
    "an option beyond the end": lambda r: mangled(
        r.stations.question(MAC, BIOS, pad=0)[1], lambda b: b[:-1] + b"\x0c\xf0x"),
    "an odd list of architectures": lambda r: r.stations.question(
        MAC, [PXE, (93, b"\0\0\0"), UUID]),
    "a first fragment": lambda r: with_ip(
        r.stations.question(MAC, BIOS)[1], 6, struct.pack("!H", MORE_FRAGMENTS)),
    "a wrong UDP checksum": lambda r: with_udp_sum(r.stations.question(MAC, BIOS)[1], 0x1234),
    "a wrong IP checksum": lambda r: (
        lambda raw: raw[:24] + b"\x12\x34" + raw[26:])(r.stations.question(MAC, BIOS)[1]),
    "an IP packet longer than its frame": lambda r: with_ip(
        r.stations.question(MAC, BIOS)[1], 2, struct.pack("!H", 1400)),
    "to another host on the link": lambda r: r.stations.question(
        MAC, BIOS, mac_to="02:00:00:00:ee:01"),
    "to another host of the network": lambda r: r.relayed(MAC, BIOS, to="10.77.0.77"),
    "to us alone, without a relay": lambda r: r.stations.question(
        MAC, BIOS, to=PROXY, mac_to=r.mac, source=STRANGE_RELAY),
    "in a VLAN that is not ours": lambda r: tagged(r.stations.question(MAC, BIOS)[1], 9),
    **{f"message type {kind}": lambda r, kind=kind: r.stations.question(
        MAC, BIOS, kind=kind) for kind in (REQUEST, DECLINE, ACK, RELEASE, INFORM, 0, 13)},
}


@pytest.mark.parametrize("sort", SILENT)
def test_silence_on_port_67(room, sort):
    made = SILENT[sort](room)
    assert room.stations.answers([made[1] if isinstance(made, tuple) else made], BIOS) == []
    assert room.daemon.alive()


SILENT_4011 = {
    "a DISCOVER": lambda r: r.asked(MAC, BIOS, kind=DISCOVER),
    "a server's message": lambda r: r.asked(MAC, BIOS, kind=ACK, op=2),
    "without option 60": lambda r: r.asked(MAC, without(60)),
    "a network that is none": lambda r: r.asked(MAC, BIOS, client=NO_MACHINE),
    "a network that nobody knows": lambda r: r.asked(MAC, BIOS, client=STRANGE_RELAY),
    "an odd boot item": lambda r: r.asked(MAC, [*BIOS, (43, b"\x47\x03\x80\x00\x00\xff")]),
    "from port 0": lambda r: r.asked(MAC, BIOS, sport=0),
}


@pytest.mark.parametrize("sort", SILENT_4011)
def test_silence_on_port_4011(room, sort):
    room.wire.send(SILENT_4011[sort](room)[1])
    xid, raw = room.asked(MAC_2, BIOS)
    room.wire.send(raw)
    came = room.wire.until(lambda got: got.sport == 4011 and got.message.xid == xid)
    assert len(came) == 1 and came[0] is not None


# ---- checksums

def test_what_needs_no_checksum_is_answered(room):
    """0 says that none was made, RFC 768; and Ethernet pads what is short."""
    for change in (lambda raw: with_udp_sum(raw, 0), lambda raw: raw + b"\x5a" * 18):
        xid, raw = room.stations.question(MAC, BIOS)
        assert room.reply((xid, change(raw))) is not None


def test_half_made_checksums_of_local_machines_are_answered(lab):
    """A virtual machine or container leaves the sum to a card that the packet never passes. A
    packet with the same bytes from outside, where the card would have made the sum, is none."""
    room = Room(lab).start()
    room.side.whole_checksums("eth0", False)
    sock = room.side.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
    sock.bind((MACHINE, 68))
    with sock:
        sock.sendto(message(MAC, 0x77, [(53, bytes([DISCOVER])), *BIOS]), (BROADCAST, 67))
        sent = room.wire.next(5.0)
        assert sent.outgoing and not sent.checksums_hold
        assert room.stations.offer(0x77) is not None
    assert room.stations.answers([sent.raw], BIOS) == []


# ---- held back, kept back, too many

DELAY_MAX = 4096  # as in pxe-proxy/delay.h
DELAYED = YAML.replace("10.78.0.0/16: west", "10.78.0.0/16: {farm: west, reply-delay: 300ms}")


def test_a_scopes_reply_delay_lets_others_go_first(lab):
    room = Room(lab, DELAYED).start()
    late, raw = room.relayed(MAC, BIOS)
    room.wire.send(raw)
    early, raw = room.stations.question(MAC_2, BIOS)
    room.wire.send(raw)
    came = room.wire.until(lambda got: got.message.xid == late)
    assert [got.message.xid for got in came] == [early, late]


def test_of_two_questions_in_the_delay_the_later_is_answered(lab):
    room = Room(lab, DELAYED).start()
    heard = []
    for number in (2, 1):
        questions = [room.relayed(MAC, BIOS) for _ in range(number)]
        for _, raw in questions:
            room.wire.send(raw)
        came = room.wire.until(lambda got: got.message.xid == questions[-1][0])
        heard += [(got.message.xid, questions[-1][0]) for got in came]
    assert len(heard) == 2 and all(got == last for got, last in heard)


def test_where_too_many_are_held_back_the_next_is_answered_at_once(lab):
    """Or forged machines would silence a scope with a delay."""
    room = Room(lab, DELAYED.replace("300ms", "10s")).start()
    for number in range(DELAY_MAX):
        room.wire.send(room.relayed((b"\2\0\0\1" + number.to_bytes(2, "big")).hex(":"), BIOS)[1])
        if number % 256 == 255:  # no faster than the ring takes them
            room.stations.discover(MAC, BIOS)
    assert room.reply(room.relayed(MAC_2, BIOS)).message.mac == MAC_2


def test_port_4011_is_not_held_back(lab):
    room = Room(lab, DELAYED).start()
    late, raw = room.relayed(MAC_2, BIOS)
    room.wire.send(raw)
    early, raw = room.asked(MAC, BIOS, client=WEST_MACHINE)
    room.wire.send(raw)
    came = room.wire.until(lambda got: got.message.xid == late)
    assert [got.message.xid for got in came] == [early, late]


def is_on_4011(room):
    return ":4011 " in room.host.run("ss", "-Huln").stdout


def test_shadow_sends_nothing_and_says_what_it_would(lab):
    room = Room(lab, SHADOW).start(wait=False)
    room.daemon.wait_line("watching (shadow) by map revision 1")
    assert not is_on_4011(room)
    for mac, (_, raw), what in ((MAC, room.stations.question(MAC, BIOS), "farm east"),
                                (MAC_2, room.relayed(MAC_2, BIOS), "farm west")):
        room.wire.send(raw)
        room.daemon.wait_line(f"{mac}: would get OFFER by {PROXY} on eth0: {what}")
    room.pvsboot.apply(YAML)
    xids = set()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        xid, raw = room.stations.question(MAC, BIOS)
        xids.add(xid)
        room.wire.send(raw)
        came = room.wire.until(lambda got: True, 0.25)
        if came[-1] is not None:
            break
    assert came[-1].message.xid in xids
    room.daemon.wait_line("answering by map revision 2")
    assert is_on_4011(room)
    room.pvsboot.apply(SHADOW)
    room.daemon.wait_line("watching (shadow) by map revision 3")
    assert not is_on_4011(room)
    assert room.stations.discover(MAC, BIOS, within=0.25) is None


def test_a_machine_gone_wild_is_limited_and_others_are_not(lab):
    room = Room(lab).start()
    wild = [room.stations.question(MAC, BIOS) for _ in range(500)]
    began = time.monotonic()
    for _, raw in wild:
        room.wire.send(raw)
    xid, raw = room.stations.question(MAC_2, BIOS)
    room.wire.send(raw)
    came = room.wire.until(lambda got: got.message.xid == xid)
    took_s = time.monotonic() - began
    assert came[-1] is not None
    assert 100 <= len(came) - 1 <= 100 + 50 * (took_s + 0.1)


def test_whoever_forges_a_victims_address_turns_few_answers_on_it(lab):
    """Each question is from another machine; only the address behind them is one."""
    room = Room(lab).start()
    forged = [room.asked(f"02:00:00:01:{n >> 8:02x}:{n & 255:02x}", BIOS) for n in range(3500)]
    began, count = time.monotonic(), 0
    for at in range(0, len(forged), 100):
        for _, raw in forged[at:at + 100]:
            room.wire.send(raw)
        xid, raw = room.asked(f"02:00:00:02:00:{at // 100:02x}", BIOS, client=WEST_MACHINE)
        room.wire.send(raw)
        came = room.wire.until(lambda got: got.sport == 4011 and got.message.xid == xid)
        assert came[-1] is not None
        count += len(came) - 1
    assert 2000 <= count <= 2000 + 1000 * (time.monotonic() - began + 0.1)
