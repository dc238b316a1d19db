# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""The TFTP responder before real clients and before one that misbehaves."""

import hashlib
import socket

import pytest

import tftp
from events import TRANSFER, Events
from lab import built, wait_for
from pvsboot import Pvsboot
from tftp import DATA, ERROR, OACK, Socket, Transfer, ack, error, fetch, request
from tftp_room import CLIENTS, OTHER, SERVER, YAML, Room, content

FILES = {"small.bin": 300_000, "large.bin": 40 << 20, "exact.bin": 512 * 20, "empty.bin": 0}


@pytest.fixture
def room(lab):
    made = Room(lab)
    made.publish("east", "small.bin", content("small.bin", 300_000))
    return made.start()


# ---- real clients

@pytest.mark.parametrize("client", CLIENTS)
def test_real_clients_fetch_byte_for_byte(lab, client):
    room = Room(lab)
    for name, size in FILES.items():
        room.publish("east", name, content(name, size))
    room.start()
    for name in FILES:
        if client == "curl" and not FILES[name]:
            continue  # curl 7.88 takes a size of 0 in the OACK for nonsense
        out = lab.path(f"got-{name}")
        room.client.run(*(word.format(name=name, out=out) for word in CLIENTS[client]))
        got = out.read_bytes() if out.exists() else b""  # busybox makes no empty file
        assert hashlib.sha256(got).digest() == hashlib.sha256(room.bodies[name]).digest(), name
        room.daemon.wait_line(f"RRQ '{name}': done, {FILES[name]} bytes")


def test_netascii_is_undone_by_a_real_client(lab):
    room = Room(lab)
    body = b"".join(b"line %d\n" % i for i in range(5000)) + b"bare \r and \r\n end"
    room.publish("east", "text.cfg", body)
    room.start()
    out = lab.path("text")
    room.client.run("tftp", "-4", "-m", "ascii", SERVER, "-c", "get", "text.cfg", out)
    assert out.read_bytes() == body


# ---- a client that doubles and loses

def needed(body, blksize=512):
    return len(body) // blksize + 1


@pytest.mark.parametrize("options", [{}, {"blksize": 1428, "windowsize": 8}])
def test_doubled_acks_are_no_sorcerers_apprentice(room, options):
    done = room.fetch("small.bin", double=0.2, seed=1, **options)
    assert bytes(done.body) == room.bodies["small.bin"]
    most = 1.05 * needed(done.body, options.get("blksize", 512))
    assert done.data_received <= most


@pytest.mark.parametrize("options", [{}, {"blksize": 1428, "windowsize": 4}])
def test_losses_are_repaired(room, options):
    done = room.fetch("small.bin", lose=0.05, double=0.2, seed=2, retry=0.25, **options)
    assert bytes(done.body) == room.bodies["small.bin"]
    assert done.data_received <= 1.5 * needed(done.body, options.get("blksize", 512))


def test_three_hundred_at_once(room):
    transfers = [Transfer(room.socket(), SERVER, "small.bin", retry=5, blksize=1428).start()
                 for _ in range(300)]
    for done in tftp.run(transfers, 120):
        assert bytes(done.body) == room.bodies["small.bin"]


# ---- who is answered, and from where

def test_answers_come_from_the_address_asked(room):
    for server in (SERVER, OTHER):
        packet = room.socket().ask(request("small.bin"), server)
        assert packet.opcode == DATA and packet.peer[0] == server
        assert packet.peer[1] != tftp.PORT


def test_farm_decides_by_name_or_by_source(room):
    room.publish("west", "small.bin", b"west")
    assert bytes(room.fetch("small.bin", address="10.30.0.2").body) == b"west"
    assert bytes(room.fetch("west/small.bin").body) == b"west"
    assert room.fetch("east/small.bin", address="10.30.0.2").body[:9] != b"west"
    # Listed under clients, in no scope: a plain name means nothing, a full one does.
    assert room.fetch("small.bin", address="10.50.0.2").refusal == 1
    assert bytes(room.fetch("west/small.bin", address="10.50.0.2").body) == b"west"


def test_strangers_hear_nothing(room):
    strangers = [room.socket("10.40.0.2"), room.socket("192.0.2.2")]
    for raw in (request("small.bin"), request("east/small.bin"), request("x", opcode=2), b"\0\1"):
        for stranger in strangers:
            stranger.send(raw, (SERVER, tftp.PORT))
    # Requests are taken in turn: once this one is answered, those were left alone.
    assert room.fetch("small.bin").done
    assert all(stranger.silent() for stranger in strangers)
    assert "not admitted" in room.daemon.text()


def test_requests_to_many_and_packets_that_are_no_requests_hear_nothing(room):
    sock = room.socket()
    sock.send(request("small.bin"), ("10.20.0.255", tftp.PORT))
    for raw in (ack(1), error(1), b"\0\3\0\1data", b"\0\6blksize\0512\0"):
        sock.send(raw, (SERVER, tftp.PORT))
    reflector = room.socket(port=19)
    reflector.send(request("small.bin"), (SERVER, tftp.PORT))
    assert room.fetch("small.bin").done
    assert sock.silent() and reflector.silent()


GOOD_NAMES = ["small.bin", "SMALL.BIN", "east/small.bin", "East/Small.Bin", "east\\small.bin",
              "/east/small.bin", "\\east\\small.bin", "//small.bin", "./small.bin",
              b"small.bin\xff", b"east/small.bin \xff\xff"]
BAD_NAMES = {"nothing.bin": 1, "west/small.bin": 1, "north/small.bin": 1, "../small.bin": 2,
             "east/../small.bin": 2, "..\\..\\etc\\passwd": 2, "/etc/passwd": 1,
             "/var/lib/pvsboot/map/data.mdb": 2, "east/manual/small.bin": 2, "C:\\small.bin": 1,
             "east/": 1, ".": 1, "..": 2, "small.bin/": 1, "%2e%2e/small.bin": 1,
             b"\xff\xff": 1, "s" * 250: 1}


@pytest.mark.parametrize("name", GOOD_NAMES, ids=repr)
def test_names_are_taken_as_clients_write_them(room, name):
    assert bytes(room.fetch(name).body) == room.bodies["small.bin"]


def test_no_name_leads_elsewhere(room):
    for name, code in BAD_NAMES.items():
        packet = room.socket().ask(request(name), SERVER)
        assert (packet.opcode, packet.number) == (ERROR, code), name


def test_writing_and_nonsense_are_refused(room):
    sock = room.socket()
    cases = {request("new.bin", opcode=2): 2, b"\0\1": 4, b"\0\1name": 4, b"\0\1\0octet\0": 4,
             request("small.bin", mode="mail"): 4, b"\0\1" + b"x" * 600: 4, b"\0\7\0\0": 4,
             b"": 4, b"\1": 4}
    for raw, code in cases.items():
        packet = sock.ask(raw, SERVER)
        assert (packet.opcode, packet.number) == (ERROR, code), raw
    assert sock.silent()


# ---- conversations

def test_a_size_probe_is_no_failure(room):
    sock = room.socket()
    packet = sock.ask(request("small.bin", tsize=0, blksize=1468, windowsize=4), SERVER)
    assert packet.opcode == OACK
    assert packet.options == {"blksize": "1468", "tsize": "300000", "windowsize": "4"}
    sock.send(error(8, "User aborted the transfer"), packet.peer)
    room.daemon.wait_line("RRQ 'small.bin': size probe")
    done = room.fetch("small.bin", blksize=1468, windowsize=4)
    assert bytes(done.body) == room.bodies["small.bin"]
    assert "given up" not in room.daemon.text()


def test_what_a_watcher_fetches_is_no_boot(room):
    events = Events(room.pvsboot)
    probe = room.fetch("small.bin", **{"pvsboot-probe": 1})
    assert bytes(probe.body) == room.bodies["small.bin"]
    fetch(room.server, SERVER, "small.bin", address=SERVER)
    events.wait(kind=TRANSFER, client=SERVER)
    assert not events.of(client="10.20.0.2")


def test_blocks_fit_the_path(room):
    assert room.socket().ask(request("small.bin", blksize=65464), SERVER).options == {
        "blksize": "1468"}
    room.server.ip("route add 10.20.0.3/32 dev eth0 mtu 1000")
    assert room.socket("10.20.0.3").ask(request("small.bin", blksize=65464), SERVER).options == {
        "blksize": "968"}


def test_a_request_sent_twice_is_one_transfer(room):
    sock = room.socket()
    first = sock.ask(request("small.bin"), SERVER)
    for _ in range(10):  # more often than its timer would send anything
        again = sock.ask(request("small.bin"), SERVER)
        assert (again.raw, again.peer) == (first.raw, first.peer)
    # Another file from the same port takes its place.
    room.publish("east", "other.bin", b"other")
    other = sock.ask(request("other.bin"), SERVER)
    assert other.data == b"other"
    sock.send(ack(1), other.peer)
    room.daemon.wait_line("RRQ 'other.bin': done")


def test_a_foreign_port_does_not_disturb(room):
    sock, foreign = room.socket(), room.socket("10.20.0.3")
    first = sock.ask(request("small.bin"), SERVER)
    foreign.send(ack(1), first.peer)
    answer = foreign.receive()
    assert (answer.opcode, answer.number) == (ERROR, 5)
    foreign.send(error(0), first.peer)
    sock.send(ack(1), first.peer)
    second = sock.receive()
    assert (second.opcode, second.number) == (DATA, 2)
    assert foreign.silent()


def test_a_transfer_lives_on_its_own_port_alone(room):
    sock = room.socket()
    first = sock.ask(request("small.bin"), SERVER)

    def other_port():
        other = room.socket()
        packet = other.ask(request("small.bin"), SERVER)
        return (other, packet.peer) if packet.peer != first.peer else None

    other, port = wait_for("a transfer on another port", other_port)
    sock.send(ack(1), port)
    other.send(ack(1), port)
    assert other.receive().number == 2
    assert sock.silent()
    sock.send(ack(1), first.peer)
    assert sock.receive().number == 2


def test_what_comes_after_the_end_draws_no_error(room):
    room.publish("east", "tiny.bin", b"tiny")
    sock = room.socket()
    packet = sock.ask(request("tiny.bin"), SERVER)
    sock.send(ack(1), packet.peer)
    sock.send(ack(1), packet.peer)
    room.daemon.wait_line("RRQ 'tiny.bin': done")
    assert room.fetch("tiny.bin").done
    assert sock.silent()


def test_a_file_replaced_or_cut_meanwhile_is_served_whole(room):
    old = room.bodies["small.bin"]
    transfer = Transfer(room.socket(), SERVER, "small.bin").start()
    for _ in range(10):
        transfer.step(transfer.sock.receive())
    room.publish("east", "small.bin", b"new")
    objects = room.pvsboot.dir / "cache" / "objects"
    (objects / hashlib.sha256(old).hexdigest()).write_bytes(b"")
    tftp.run([transfer])
    assert bytes(transfer.body) == old
    # The source keeps what it has; another gets what there is.
    assert bytes(room.fetch("small.bin", address="10.20.0.2").body) == old
    assert bytes(room.fetch("small.bin", address="10.20.0.3").body) == b"new"


def test_a_copy_cut_on_disk_is_an_error(room):
    body = room.bodies["small.bin"]
    path = room.pvsboot.dir / "cache" / "objects" / hashlib.sha256(body).hexdigest()
    path.unlink()
    path.mkdir()
    assert room.fetch("small.bin").refusal == 0
    path.rmdir()
    path.write_bytes(body)
    assert bytes(room.fetch("small.bin").body) == body


# ---- ports and revisions

def with_tftp(keys):
    return YAML + f"tftp: {{{keys}}}\n"


def test_a_single_port_carries_everything(lab):
    room = Room(lab)
    room.publish("east", "small.bin", content("small.bin", 300_000))
    room.start(with_tftp("single-port: yes"))
    packet = room.socket().ask(request("small.bin"), SERVER)
    assert packet.peer == (SERVER, tftp.PORT)
    sockets = [room.socket() for _ in range(20)]
    transfers = [Transfer(sock, SERVER, "small.bin", double=0.2).start() for sock in sockets]
    for done in tftp.run(transfers):
        assert bytes(done.body) == room.bodies["small.bin"]
    listening = room.server.run("ss", "-lunH").stdout.splitlines()
    assert len(listening) == 1


def test_a_port_range_is_kept(lab):
    room = Room(lab)
    room.publish("east", "small.bin", content("small.bin", 300_000))
    blocker = room.server.socket(socket.AF_INET, socket.SOCK_DGRAM)
    blocker.bind(("0.0.0.0", 20001))
    room.start(with_tftp("port-range: 20000-20003"))
    ports = {room.socket().ask(request("small.bin"), SERVER).peer[1] for _ in range(40)}
    blocker.close()
    assert ports == {20000, 20002, 20003}


def test_a_new_revision_leaves_running_transfers_alone(room):
    transfer = Transfer(room.socket(), SERVER, "small.bin").start()
    transfer.step(transfer.sock.receive())
    room.pvsboot.apply(with_tftp("listen: [10.20.0.5], port-range: 20000-20000"))

    def moved():
        packet = Socket(room.client)
        packet.send(request("small.bin"), (OTHER, tftp.PORT))
        got = packet.receive(0.2)
        packet.close()
        return got is not None and got.peer == (OTHER, 20000)

    wait_for("the new address and range are in use", moved)
    tftp.run([transfer])
    assert bytes(transfer.body) == room.bodies["small.bin"]
    # Nobody is left on the old address once its transfers are over.
    wait_for("the old door is closed",
             lambda: f"{SERVER}:" not in room.server.run("ss", "-lunH").stdout
             and "0.0.0.0:69 " not in room.server.run("ss", "-lunH").stdout)


def test_a_scope_that_moves_is_seen(room):
    room.publish("west", "small.bin", b"west")
    room.pvsboot.apply(YAML.replace("10.20.0.0/24: east", "10.20.0.0/24: west"))
    assert bytes(room.fetch("small.bin").body) == b"west"


def test_the_command_line_wins(lab):
    room = Room(lab)
    room.publish("east", "small.bin", b"small")
    room.start(with_tftp("listen: [10.20.0.1]"), "10.20.0.5:1069", "10.20.0.5")
    sock = room.socket()
    sock.send(request("small.bin"), (OTHER, 1069))
    assert sock.receive().data == b"small"
    assert room.socket().ask(request("small.bin"), OTHER).data == b"small"


# ---- lifetime

def test_it_is_ready_once_it_can_serve(lab):
    room = Room(lab)
    path = lab.path("notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.setblocking(False)
        ns, pvsboot = room.server, room.pvsboot
        daemon = ns.start(built("pvsboot-tftp"), *pvsboot.folders, env={"NOTIFY_SOCKET": str(path)})
        daemon.wait_line("waiting for one")
        with pytest.raises(BlockingIOError):
            manager.recv(1000)
        pvsboot.apply()
        manager.settimeout(20)
        assert manager.recv(1000) == b"READY=1"
        room.publish("east", "small.bin", b"small")
        assert bytes(room.fetch("small.bin").body) == b"small"
        assert daemon.text().count("cannot be read") == 1
        assert daemon.stop() == 0
        states = []
        manager.setblocking(False)
        try:
            while True:
                states.append(manager.recv(1000))
        except BlockingIOError:
            pass
        assert b"STOPPING=1" in states


def test_a_map_put_in_place_of_another_is_taken_up(room):
    room.publish("west", "small.bin", b"west")
    # Both are of revision 1.
    yaml = with_tftp("port-range: 20000-20000")
    other = Pvsboot(room.lab, yaml.replace("10.20.0.0/24: east", "10.20.0.0/24: west"), "other")
    other.apply()
    folder = room.pvsboot.dir / "map"
    folder.rename(room.pvsboot.dir / "old")
    assert room.fetch("small.bin").done  # the last snapshot stays
    (other.dir / "map").rename(folder)
    wait_for("the other map is in force",
             lambda: bytes(room.fetch("small.bin").body) == b"west")
    wait_for("its port range is in force",
             lambda: room.socket().ask(request("small.bin"), SERVER).peer[1] == 20000)


def test_a_cache_that_is_away_is_named_once_each_time(lab):
    room = Room(lab)
    folder, away = room.pvsboot.dir / "cache", room.pvsboot.dir / "away"
    if folder.exists():
        folder.rmdir()
    room.start()
    room.daemon.wait_line(f"the cache in {folder} cannot be opened")
    room.publish("east", "small.bin", b"small")
    room.daemon.wait_line(f"the cache in {folder} is open")
    assert room.fetch("small.bin").body == b"small"
    folder.rename(away)
    wait_for("its absence is said",
             lambda: room.daemon.text().count(f"the cache in {folder} cannot be opened") == 2)
    away.rename(folder)
    wait_for("its return is said",
             lambda: room.daemon.text().count(f"the cache in {folder} is open") == 2)
    assert room.fetch("small.bin", address="10.20.0.3").body == b"small"


def test_an_unreadable_file_fills_no_log(room):
    digest = hashlib.sha256(room.bodies["small.bin"]).hexdigest()
    path = room.pvsboot.dir / "cache" / "objects" / digest
    path.unlink()
    path.mkdir()
    sock = room.socket()
    for _ in range(100):
        packet = sock.ask(request("small.bin"), SERVER)
        assert packet.opcode == tftp.ERROR and packet.number == 0
    assert 1 <= room.daemon.text().count("RRQ 'small.bin': malformed") < 50
