# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""Requests for files that nobody has fetched yet wait for them, while somebody listens. The test
is the watcher: it hears of them, and publishes."""

import os
import signal
import time

import pytest

import tftp
from events import COUNTERS, TFTP, WANT_FILE, Events
from lab import Switch, wait_for
from pvs_servers import BIOS, PvsServer
from tftp import ERROR, Transfer, request
from tftp_room import CLIENTS, SERVER, YAML, Room, content

LIMIT_MS, TELL_MS = 4000, 1000
PARKED, IN_VAIN = 14, 15  # counters
BODY = content("late.bin", 300_000)


@pytest.fixture
def room(lab):
    made = Room(lab)
    made.events = Events(made.pvsboot)
    return made.start()


def wishes(room, name, farm="east"):
    return room.events.of(kind=WANT_FILE, farm=farm, file=name)


def wished(room, name, times, farm="east"):
    """Waits until the file was asked for so often, which is once a second."""
    return wait_for(f"{name} asked for {times} times",
                    lambda: len(wishes(room, name, farm)) >= times and wishes(room, name, farm))


def counted(room, counter, value):
    wait_for(f"counter {counter} is {value}", lambda: any(
        event.counters[counter] == value
        for event in room.events.of(kind=COUNTERS, program=TFTP)[-1:]))


def begin(room, name, count=1, **how):
    """Transfers under way, of clients of their own."""
    return [Transfer(room.socket(), SERVER, name, retry=30, **how).start() for _ in range(count)]


@pytest.mark.parametrize("client, seconds", [*((client, 1) for client in CLIENTS), ("curl", 2)])
def test_real_clients_get_a_file_that_comes_late(room, client, seconds):
    out = room.lab.path("got")
    program = room.client.start(*(word.format(name="late.bin", out=out)
                                  for word in CLIENTS[client]))
    wished(room, "late.bin", 1 + seconds)
    room.publish("east", "late.bin", BODY)
    assert program.wait() == 0
    assert out.read_bytes() == BODY
    room.daemon.wait_line("RRQ 'late.bin': not in the cache, waits for the watcher to fetch it")


def test_a_file_is_wanted_once_a_second_however_many_wait(room):
    transfers = begin(room, "late.bin", 50) + begin(room, "east/LATE.BIN", 50)
    wished(room, "late.bin", 3)
    room.publish("east", "late.bin", BODY)
    for done in tftp.run(transfers):
        assert bytes(done.body) == BODY
    counted(room, PARKED, 100)
    times = [event.time_ms for event in wishes(room, "late.bin")]
    assert all(later - sooner >= TELL_MS for sooner, later in zip(times, times[1:]))


def test_each_file_and_farm_is_wanted_by_itself(room):
    transfers = [*begin(room, "late.bin"), *begin(room, "other.bin"), *begin(room, "west/late.bin")]
    for name, farm in (("late.bin", "east"), ("other.bin", "east"), ("late.bin", "west")):
        wished(room, name, 1, farm)
    room.publish("west", "late.bin", b"west")
    tftp.run(transfers[2:])
    assert bytes(transfers[2].body) == b"west"
    room.publish("east", "other.bin", b"other")
    room.publish("east", "late.bin", b"east")
    tftp.run(transfers[:2])
    assert [bytes(done.body) for done in transfers[:2]] == [b"east", b"other"]


def test_time_that_is_up_is_an_error(room):
    began = time.monotonic()
    transfers = tftp.run(begin(room, "never.bin", 20))
    assert [done.refusal for done in transfers] == [1] * 20
    assert time.monotonic() - began >= LIMIT_MS / 1000
    assert len(wishes(room, "never.bin")) == LIMIT_MS // TELL_MS
    counted(room, IN_VAIN, 20)
    assert "RRQ 'never.bin': not found in time" in room.daemon.text()


def test_a_request_sent_again_waits_with_the_first(room):
    sock = room.socket()
    for _ in range(5):
        sock.send(request("late.bin"), (SERVER, tftp.PORT))
    wished(room, "late.bin", 2)
    sock.send(request("late.bin"), (SERVER, tftp.PORT))
    room.publish("east", "late.bin", b"late")
    assert sock.receive().data == b"late"
    counted(room, PARKED, 1)
    assert sock.silent()


def test_a_request_for_another_file_takes_its_place(room):
    sock = room.socket()
    sock.send(request("late.bin"), (SERVER, tftp.PORT))
    wished(room, "late.bin", 1)
    sock.send(request("other.bin"), (SERVER, tftp.PORT))
    wished(room, "other.bin", 1)
    room.publish("east", "late.bin", b"late")
    room.publish("east", "other.bin", b"other")
    assert sock.receive().data == b"other"
    # One that is there takes the place of one that is not.
    other = room.socket()
    other.send(request("never.bin"), (SERVER, tftp.PORT))
    wished(room, "never.bin", 1)
    assert other.ask(request("late.bin"), SERVER).data == b"late"
    wait_for("nobody waits for the other", lambda: len(wishes(room, "late.bin")) == 1)
    counted(room, IN_VAIN, 0)


def test_only_what_may_be_there_is_waited_for(room):
    for name, code in (("north/late.bin", 1), ("../late.bin", 2), ("a/b/c", 2)):
        packet = room.socket().ask(request(name), SERVER)
        assert (packet.opcode, packet.number) == (ERROR, code), name
    assert "waits for the watcher" not in room.daemon.text()


def test_too_many_files_are_refused_at_once(room):
    for i in range(64):
        room.socket().send(request(f"{i}.bin"), (SERVER, tftp.PORT))
    assert room.socket().ask(request("one-more.bin"), SERVER).number == 1
    counted(room, PARKED, 64)


def test_nobody_waits_when_nobody_listens(lab):
    room = Room(lab).start()
    assert room.fetch("late.bin").refusal == 1
    assert "RRQ 'late.bin': not found" in room.daemon.text()
    assert "waits for the watcher" not in room.daemon.text()
    # A watcher that came is seen at once, and so is one that died and left its socket behind.
    Events(room.pvsboot)
    waiting = begin(room, "late.bin")
    room.daemon.wait_line("waits for the watcher")
    (room.pvsboot.dir / "state" / "events").unlink()
    (room.pvsboot.dir / "state" / "events").touch()
    assert room.fetch("never.bin").refusal == 1
    room.publish("east", "late.bin", b"late")
    assert bytes(tftp.run(waiting)[0].body) == b"late"
    assert "'never.bin': not found in time" not in room.daemon.text()


def test_a_door_that_closes_meanwhile_lets_nobody_down(room):
    transfers = begin(room, "late.bin", 3)
    wished(room, "late.bin", 1)
    room.pvsboot.apply(YAML + "tftp: {listen: [10.20.0.5], port-range: 20000-20003}\n")
    wait_for("the new door is open",
             lambda: "10.20.0.5:69 " in room.server.run("ss", "-lunH").stdout)
    room.publish("east", "late.bin", BODY)
    for done in tftp.run(transfers):
        assert bytes(done.body) == BODY


def test_who_is_not_admitted_any_more_hears_nothing(room):
    sock = room.socket()
    sock.send(request("east/late.bin"), (SERVER, tftp.PORT))
    wished(room, "late.bin", 1)
    os.kill(room.daemon.pid, signal.SIGSTOP)  # its patience may end meanwhile
    room.pvsboot.apply(YAML.replace("10.20.0.0/24: east", "10.20.0.0/24: none"))
    room.publish("east", "late.bin", b"late")
    os.kill(room.daemon.pid, signal.SIGCONT)
    room.daemon.wait_line("not admitted")
    assert sock.silent()


def test_the_first_boot_after_apply_works(lab):
    room = Room(lab)
    switch = Switch(lab, "lan")
    switch.plug(room.server, "eth1", "10.1.0.1/16")
    pvs = PvsServer(switch, "tftpd-hpa", "10.1.0.11").start()
    room.start(YAML.replace("east", "other").replace("10.1.0", "10.1.1"))
    room.pvsboot.watch(room.server)
    room.pvsboot.apply(YAML)
    done = room.fetch(BIOS, retry=30)
    assert bytes(done.body) == pvs.body(BIOS)
