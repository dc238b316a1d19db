# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""The lab itself, with nothing of ours in it: what holds here holds before any other test."""

import os
import pathlib
import re
import socket
import subprocess

import pytest

import tftp
from dhcp import DISCOVER, DirectClient, RelayedClient, pxe_options
from events import COUNTERS, STAGE, TRANSFER, decode
from kea import Kea, subnet
from lab import SRC, Switch, wait_for
from pvs_servers import BIOS, LOGIN_PORT, PROGRAMS, SIZES, PvsServer


def kea_lab(lab, **config):
    """Kea on 10.77.0.1 with a client beside it, and a second subnet for relayed clients."""
    server, client = lab.namespace("server"), lab.namespace("client")
    lab.link(server, "eth0", client, "eth0")
    server.address("eth0", "10.77.0.1/16")
    client.address("eth0", "10.77.0.2/16", "10.78.0.1/16")
    server.ip("route add 10.78.0.0/16 dev eth0")
    kea = Kea(server, ["eth0"], [
        subnet(1, "10.77.0.0/16", "10.77.1.0 - 10.77.1.255"),
        subnet(2, "10.78.0.0/16", "10.78.1.0 - 10.78.1.255"),
    ], **config)
    return kea.start(), client


def test_direct_client_gets_a_lease(lab):
    _, client = kea_lab(lab, **{"next-server": "10.77.0.9", "boot-file-name": "file"})
    offer, ack = DirectClient(client, "eth0").dora(pxe_options())
    assert offer.yiaddr == ack.yiaddr
    assert (ack.siaddr, ack.file) == ("10.77.0.9", "file")
    assert socket.inet_ntoa(ack.option(54)) == "10.77.0.1"


def test_relayed_client_gets_a_lease(lab):
    kea, client = kea_lab(lab)
    relayed = RelayedClient(client, "10.78.0.1", "10.77.0.1")
    _, ack = relayed.dora()
    assert ack.yiaddr.startswith("10.78.1.")
    assert ack.giaddr == "10.78.0.1"
    kea.config["subnet4"].pop()
    kea.reload()
    assert relayed.discover(within=0.5) is None


def test_same_question_gives_same_bytes(lab):
    _, client = kea_lab(lab)
    direct = DirectClient(client, "eth0")
    direct.dora()
    question = [(53, bytes([DISCOVER])), *pxe_options(7)]
    assert direct.ask(question, xid=7).raw == direct.ask(question, xid=7).raw


def test_lab_that_is_killed_leaves_no_process(lab):
    script = ("from lab import Lab\n"
              "program = Lab().namespace('ns').start('sleep', '1000')\n"
              "print(program.pid, flush=True)\n"
              "program.wait(1000)\n")
    with subprocess.Popen(["/usr/bin/python3", "-c", script], stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "TMPDIR": str(lab.dir)}) as killed:
        pid = int(killed.stdout.readline())
        command = pathlib.Path(f"/proc/{pid}/cmdline")
        wait_for("sleep runs", lambda: command.read_text().startswith("sleep"))
        killed.kill()
    wait_for("sleep is gone", lambda: not command.exists() or not command.read_text())


def test_event_records_are_read_as_their_page_shows_them():
    shown = re.findall(r"```\n(0000 .*?)```", (SRC / "doc/EVENTS.md").read_text(), re.DOTALL)
    ack, transfer, counters, direct = (
        decode(bytes.fromhex("".join(line[4:] for line in example.splitlines())))
        for example in shown)
    assert (ack.kind, ack.what, ack.mac, ack.client) == (
        STAGE, 2, "00:50:56:01:02:03", "10.20.1.5")
    assert (transfer.kind, transfer.file, transfer.text) == (TRANSFER, "pvsnbpx64.efi", "disk full")
    assert (counters.kind, counters.counters) == (COUNTERS, (0, 70000, 2**64 - 1))
    assert (ack.direct, ack.xid, ack.user_class) == (False, 0, 0)
    assert (direct.direct, direct.xid, direct.user_class) == (True, 0x3903f326, 0x96bc)


# ---- stand-ins for PVS servers

FAULTS = {"killed": (PvsServer.kill, PvsServer.run),
          "stopped": (PvsServer.pause, PvsServer.resume),
          "filtered": (lambda pvs: pvs.filter(True), lambda pvs: pvs.filter(False)),
          "cut": (lambda pvs: pvs.cut(True), lambda pvs: pvs.cut(False)),
          "slow": (lambda pvs: pvs.slow(30), lambda pvs: pvs.slow(0))}


@pytest.mark.parametrize("kind", PROGRAMS)
def test_a_pvs_server_serves_and_fails_as_it_is_told(lab, kind):
    switch = Switch(lab, "lan")
    pvs = PvsServer(switch, kind, "10.1.0.11", slow_line=True).start()
    client = switch.host("client", "10.1.0.1/16")

    def answers(within):
        sock = tftp.Socket(client)
        sock.send(tftp.request(BIOS), (pvs.address, tftp.PORT))
        answer = sock.receive(within)
        if answer:
            sock.send(tftp.error(0), answer.peer)
        sock.close()
        return answer is not None

    for name in SIZES:
        done = tftp.fetch(client, pvs.address, name, blksize=1456, windowsize=4)
        assert bytes(done.body) == pvs.body(name)
    for fault, (begin, end) in FAULTS.items():
        begin(pvs)
        assert not answers(0.1), fault
        end(pvs)
        wait_for(f"no longer {fault}", lambda: answers(1))
    pvs.remove(BIOS)
    assert tftp.fetch(client, pvs.address, BIOS).refusal == 1
    assert pvs.bound(LOGIN_PORT)
