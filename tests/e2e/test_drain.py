# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""Servers taken out of the answers and put back, without a network."""

import os

import pytest

from commands import MAC

CONFIG = """
boot-servers: [10.0.0.5, 10.0.0.6]
farms:
  East:
    servers:
      - {address: 10.1.0.11, name: PVSE1, streaming: [10.1.1.11, 10.1.2.11]}
      - {address: 10.1.0.12, name: PVSE2, streaming: [10.1.1.12]}
      - {address: 10.1.0.13, roles: [login]}
  west:
    servers: [10.2.0.11, {address: 10.1.0.12, name: pvse2}]
  near:
    delivery: direct
    servers: [10.0.0.5, 10.3.0.11]
scopes:
  10.20.0.0/16: east
  10.30.0.0/16: west
  10.40.0.0/16: {farm: east, boot-servers: [10.0.0.6]}
  10.40.7.0/24: none
  10.50.0.0/16: near
"""
EAST, WEST, NEAR = "10.20.0.1", "10.30.0.1", "10.50.0.1"
MACS = [f"52:54:00:00:01:{number:02x}" for number in range(20)]


@pytest.fixture
def farms(cli):
    cli.apply(CONFIG)
    return cli


def drained(cli):
    """{(farm, address): drain} of all that status shows as drained; farm None: a boot server."""
    status = cli.json("status")
    servers = [(farm["farm"], server) for farm in status["farms"] for server in farm["servers"]]
    servers += [(None, server) for server in status["boot-servers"]]
    return {(farm, server["address"]): server["drained"]
            for farm, server in servers if server["drained"]}


def answers(cli, source, arch="bios", macs=MACS):
    """What each of some machines would be answered."""
    return [cli.json("explain", mac, "--from", source, "--arch", arch) for mac in macs]


# -- which servers are meant

@pytest.mark.parametrize("word, meant", [
    ("10.1.0.11", {("East", "10.1.0.11")}),
    ("10.1.0.12", {("East", "10.1.0.12"), ("west", "10.1.0.12")}),
    ("10.0.0.5", {(None, "10.0.0.5"), ("near", "10.0.0.5")}),
    ("near/10.0.0.5", {("near", "10.0.0.5")}),
    ("PVSE1", {("East", "10.1.0.11")}),
    ("Pvse2", {("East", "10.1.0.12"), ("west", "10.1.0.12")}),
    ("east/10.1.0.12", {("East", "10.1.0.12")}),
    ("WEST/PVSE2", {("west", "10.1.0.12")})])
def test_a_server_is_an_address_a_name_or_either_in_a_farm(farms, word, meant):
    out = farms.out("drain", word)
    assert set(drained(farms)) == meant
    assert out.count(" drained\n") == len(meant)
    assert farms.out("undrain", word).count(" undrained\n") == len(meant)
    assert not drained(farms)


@pytest.mark.parametrize("word, hint", [
    ("10.1.0.14", "did you mean '10.1.0.1"), ("10.0.0.7", "did you mean '10.0.0."),
    ("PVSE22", "did you mean 'PVSE2'?"), ("eest/PVSE1", "did you mean 'East/PVSE1'?"),
    ("west/PVSE1", "did you mean 'west/pvse2'?"), ("nonsense", "write its address, its name"),
    ("east/", "write its address"), ("/10.1.0.11", "no server"), ("f" * 40 + "/x", "write"),
    ("10.1.1.11", "no server '10.1.1.11'"), ("", "write its address")])
@pytest.mark.parametrize("command", ["drain", "undrain"])
def test_a_server_that_is_not_there_is_not_found(farms, command, word, hint):
    before = farms.state()
    assert hint in farms.err(command, word, status=3)
    assert farms.state() == before


# -- what is kept of it

def test_a_drain_has_a_time_a_user_and_a_note(farms):
    revision, digest = farms.state()
    farms.run("drain", "PVSE2", "--note", "new disks für alle",
              env={**os.environ, "SUDO_USER": "ann"})
    assert farms.state()[0] == revision + 1
    assert farms.state()[1] != digest
    for drain in drained(farms).values():
        assert (drain["user"], drain["note"]) == ("ann", "new disks für alle")
        assert drain["since"].endswith("Z")
    farms.run("undrain", "west/PVSE2")
    farms.run("undrain", "east/PVSE2")
    assert farms.state() == (revision + 3, digest)


def test_every_drain_is_one_line_of_the_audit_log(farms):
    farms.run("drain", "10.0.0.5", "--note", "new disks")
    farms.run("undrain", "near/10.0.0.5")
    begun, ended = farms.audit()
    assert list(begun) == ["time", "user", "command", "revision", "servers", "note", "error"]
    assert (begun["command"], begun["note"], begun["revision"]) == ("drain", "new disks", 2)
    assert begun["servers"] == [{"farm": "near", "address": "10.0.0.5"},
                                {"farm": None, "address": "10.0.0.5"}]
    assert (ended["command"], ended["note"], ended["error"]) == ("undrain", None, None)
    assert ended["servers"] == [{"farm": "near", "address": "10.0.0.5"}]


def test_what_cannot_be_recorded_is_not_done(farms):
    before = farms.state()
    farms.path("journal").write_text("a file where the folder should be")
    assert "nothing was changed" in farms.err("drain", "PVSE1", status=1)
    assert farms.state() == before


def test_who_drains_twice_learns_by_whom_and_changes_nothing(farms):
    farms.run("drain", "PVSE1", "--note", "new disks", env={**os.environ, "SUDO_USER": "ann"})
    before = farms.state()
    assert farms.out("drain", "PVSE1", "--note", "other") == \
        "East/10.1.0.11 (PVSE1) is drained already, by ann, new disks: nothing changed\n"
    assert farms.out("undrain", "PVSE2").count("is not drained: nothing changed\n") == 2
    assert farms.state() == before
    assert len(farms.audit()) == 1


def test_only_what_is_not_drained_yet_is_drained(farms):
    farms.run("drain", "west/PVSE2", "--note", "first")
    out = farms.out("drain", "PVSE2", "--note", "second")
    assert "East/10.1.0.12 (PVSE2) drained\n" in out
    assert "west/10.1.0.12 (pvse2) is drained already" in out
    assert {farm: drain["note"] for (farm, _), drain in drained(farms).items()} == \
        {"East": "second", "west": "first"}
    assert farms.audit()[-1]["servers"] == [{"farm": "East", "address": "10.1.0.12"}]


@pytest.mark.parametrize("note", ["two\nlines", "n" * 256, b"\xff"])
def test_a_note_is_one_line(farms, note):
    before = farms.state()
    assert "must be one line of UTF-8" in farms.err("drain", "PVSE1", "--note", note, status=2)
    assert farms.state() == before


# -- the last one

@pytest.mark.parametrize("first, last, said", [
    (["PVSE1"], "east/PVSE2", ["farm East: every server with the role tftp"]),
    (["PVSE1", "10.1.0.13"], "east/PVSE2", ["with the role tftp", "with the role login"]),
    (["10.2.0.11"], "PVSE2", ["farm west: every server with the role tftp",
                              "farm west: every server with the role login"]),
    ([], "10.0.0.6", ["scope 10.40.0.0/16: every boot server"]),
    (["10.0.0.5"], "10.0.0.6", ["farm East: every boot server", "farm west: every boot server",
                                "scope 10.40.0.0/16: every boot server"])])
def test_the_last_one_is_drained_by_force_alone(farms, first, last, said):
    for word in first:
        farms.run("drain", word)
    before = farms.state()
    err = farms.err("drain", last, status=1)
    assert err.count("error: ") == len(said), err
    for words in said:
        assert words in err
    assert "near" not in err
    assert farms.state() == before
    farms.run("drain", last, "--force")
    assert farms.state()[0] == before[0] + 1


def test_a_refusal_in_one_farm_drains_in_none(farms):
    farms.run("drain", "10.2.0.11")
    before = drained(farms)
    farms.err("drain", "10.1.0.12", status=1)
    assert drained(farms) == before


def test_a_role_that_nobody_has_left_stops_no_other_drain(farms):
    farms.run("drain", "PVSE1")
    farms.run("drain", "east/PVSE2", "--force")
    assert "role login" in farms.err("drain", "10.1.0.13", status=1)
    farms.run("undrain", "PVSE1")
    farms.run("drain", "10.1.0.13")


def test_what_was_drained_by_force_stops_no_drain_elsewhere(farms):
    farms.run("drain", "PVSE1")
    farms.run("drain", "east/PVSE2", "--force")
    farms.run("drain", "PVSE2")
    assert ("west", "10.1.0.12") in drained(farms)


# -- what machines are answered

def test_no_answer_names_a_drained_server(farms):
    assert {answer["farm-server"] for answer in answers(farms, EAST)} == {"10.1.0.11", "10.1.0.12"}
    farms.run("drain", "east/PVSE2")
    after = answers(farms, EAST)
    assert {answer["farm-server"] for answer in after} == {"10.1.0.11"}
    assert "1 of 2 farm servers is drained and left out" in after[0]["why"]
    assert {answer["farm-server"] for answer in answers(farms, WEST)} == {"10.2.0.11", "10.1.0.12"}


def test_delivery_direct_names_no_drained_server(farms):
    farms.run("drain", "near/10.0.0.5")
    assert {answer["server"] for answer in answers(farms, NEAR)} == {"10.3.0.11"}


def test_streaming_addresses_of_a_drained_server_leave_option_11(farms):
    def login():
        return set(answers(farms, EAST, "uefi-x64", [MAC])[0]["login"])
    assert login() == {"10.1.1.11", "10.1.2.11", "10.1.1.12", "10.1.0.13"}
    farms.run("drain", "PVSE1")
    assert login() == {"10.1.1.12", "10.1.0.13"}
    farms.run("undrain", "PVSE1")
    assert login() == {"10.1.1.11", "10.1.2.11", "10.1.1.12", "10.1.0.13"}


def test_where_all_are_drained_no_drain_counts(farms):
    before = answers(farms, EAST, "uefi-x64")
    for word in ("PVSE1", "PVSE2", "10.1.0.13"):
        farms.run("drain", word, "--force")
    after = answers(farms, EAST, "uefi-x64")
    assert [answer["farm-server"] for answer in after] == \
        [answer["farm-server"] for answer in before]
    assert [answer["login"] for answer in after] == [answer["login"] for answer in before]
    assert "every farm server is drained, so drain is ignored" in after[0]["why"]


def test_no_machine_is_sent_to_a_drained_boot_server(farms):
    assert {answer["server"] for answer in answers(farms, EAST)} == {"10.0.0.5", "10.0.0.6"}
    farms.run("drain", "10.0.0.5")
    assert {answer["server"] for answer in answers(farms, EAST)} == {"10.0.0.6"}


# -- drains and the configuration

def test_apply_keeps_drains(farms):
    farms.run("drain", "PVSE1", "--note", "new disks")
    farms.apply(CONFIG.replace("10.20.0.0/16", "10.21.0.0/16"))
    assert [drain["note"] for drain in drained(farms).values()] == ["new disks"]


def test_a_drain_outlives_its_server_until_it_is_undrained(farms):
    farms.run("drain", "10.2.0.11")
    farms.apply(CONFIG.replace("10.2.0.11", "10.2.0.12"))
    assert not drained(farms)
    farms.apply(CONFIG)
    assert set(drained(farms)) == {("west", "10.2.0.11")}
    farms.apply(CONFIG.replace("10.2.0.11", "10.2.0.12"))
    assert farms.out("undrain", "west/10.2.0.11") == "west/10.2.0.11 undrained\n"
    assert "no server '10.2.0.11'" in farms.err("undrain", "10.2.0.11", status=3)
    farms.apply(CONFIG)
    assert not drained(farms)


def test_a_drain_outlives_its_farm_until_it_is_undrained(farms):
    farms.run("drain", "10.2.0.11")
    farms.apply(CONFIG.replace("west", "wild"))
    assert farms.out("undrain", "10.2.0.11").endswith("west/10.2.0.11 undrained\n")
    farms.apply(CONFIG)
    assert not drained(farms)
