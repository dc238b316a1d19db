# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""pvsboot status: its object, its text on paper and on a terminal, and frozen verdicts."""

import json
import os
import re
import signal
import subprocess
import termios
import time

import pytest

from lab import built, wait_for
from pvsboot import Pvsboot
from terminal import ENTER, HOME, LEAVE, SEQUENCE, Terminal

CONFIG = """
boot-servers: [10.0.0.5]
farms:
  east:
    servers:
      - 10.1.0.11
      - {address: 10.1.0.12, name: PVSE2, weight: 2, backup: yes, streaming: [10.1.1.12]}
    monitor: {advisory: [tsb]}
scopes:
  default: east
"""
ACCOUNT = ["verdict", "since", "probes", "failures", "consecutive", "last-good", "last-bad",
           "last-probe", "latency-ms", "last-error", "revision"]
MAC = "52:54:00:00:00:01"
FROZEN = "verdicts are frozen: the watcher was last heard of "
RED = "\x1b[31m"


@pytest.fixture
def pvsboot(lab):
    made = Pvsboot(lab, CONFIG)
    made.apply()
    return made


def server(status, address):
    (found,) = [server for farm in status["farms"] for server in farm["servers"]
                if server["address"] == address]
    return found


def stamp(ms):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03d}Z"


def now():
    return time.time_ns() // 1000000


SINCE = now() - 65000


def down(pvsboot, verdict="down", probes=12):
    """The first server has no BIOS bootstrap to offer."""
    pvsboot.account("tftp", "east", "10.1.0.11", "ARDBP32.BIN", verdict, since_ms=SINCE,
                    probes=probes, failures=3, consecutive=3, last_good=0, last_ms=now(),
                    last_bad_ms=now(), error="no answer in 2000 ms", revision=1)


# -- the object

def test_without_a_state_all_is_unproven_and_every_key_is_there(pvsboot):
    status = pvsboot.status()
    assert list(status) == ["revision", "digest", "watcher", "farms", "boot-servers"]
    assert status["watcher"] == {"state": "absent", "age-s": None, "pid": None, "revision": None}
    (farm,) = status["farms"]
    assert list(farm) == ["farm", "delivery", "balance", "probe", "servers"]
    assert [farm[key] for key in list(farm)[:4]] == ["east", "boot-server", "hash", "bootstrap"]
    (boot_server,) = status["boot-servers"]
    assert list(boot_server) == ["address", *ACCOUNT, "drained", "last-named"]
    accounts = [boot_server]
    for found in farm["servers"]:
        assert list(found) == ["address", "name", "weight", "backup", "roles", "drained",
                               "last-named", "files", "login", "advisory"]
        assert [file["file"] for file in found["files"]] == ["ARDBP32.BIN", "pvsnbpx64.efi"]
        for file in found["files"]:
            assert list(file) == ["file", *ACCOUNT, "sha256", "size", "drift"]
        assert [list(login) for login in found["login"]] == [["address", *ACCOUNT]]
        assert [list(probe) for probe in found["advisory"]] == [["probe", *ACCOUNT]]
        accounts += found["files"] + found["login"] + found["advisory"]
    for account in accounts:
        assert account["verdict"] == "unproven"
        assert all(account[key] is None for key in ACCOUNT[1:]), account
    assert server(status, "10.1.0.12")["name"] == "PVSE2"
    assert server(status, "10.1.0.12")["login"][0]["address"] == "10.1.1.12"


def test_what_the_watcher_wrote_is_told(pvsboot):
    ms = now()
    hashes = {"sha256": "11" * 32, "expected": "22" * 32}
    pvsboot.account("tftp", "east", "10.1.0.12", "pvsnbpx64.efi", "up", since_ms=ms - 90000,
                    probes=720, failures=12, consecutive=700, last_good=1, last_ms=ms,
                    last_good_ms=ms, last_bad_ms=ms - 95000, latency_ms=3, error="late",
                    size=4711, sha256_since_ms=ms - 90000, drifts_since_ms=ms - 80000,
                    revision=1, **hashes)
    pvsboot.account("boot-server", "", "10.0.0.5", "", "up", since_ms=ms, probes=1, last_good=1,
                    last_ms=ms, last_good_ms=ms)
    pvsboot.dbtool("named", "east", "10.1.0.12", ms - 1000)
    pvsboot.heartbeat(revision=7)
    status = pvsboot.status()
    assert status["watcher"]["state"] == "running"
    assert status["watcher"]["revision"] == 7
    assert status["boot-servers"][0]["verdict"] == "up"
    found = server(status, "10.1.0.12")
    assert found["last-named"] == stamp(ms - 1000)
    (file,) = [file for file in found["files"] if file["file"] == "pvsnbpx64.efi"]
    assert file == {
        "file": "pvsnbpx64.efi", "verdict": "up", "since": stamp(ms - 90000), "probes": 720,
        "failures": 12, "consecutive": 700, "last-good": stamp(ms),
        "last-bad": stamp(ms - 95000), "last-probe": stamp(ms), "latency-ms": 3,
        "last-error": "late", "revision": 1, "sha256": "11" * 32, "size": 4711,
        "drift": {"since": stamp(ms - 80000), "expected": "22" * 32}}
    text = pvsboot.cli("status").stdout
    assert "differs for 1m: has 111111111111, expected 222222222222" in text
    assert "late" not in text  # it is well again


def test_the_exit_status_tells_whether_there_was_something_to_read(lab, pvsboot):
    down(pvsboot)
    assert pvsboot.cli("status").returncode == 0
    bare = Pvsboot(lab, CONFIG, name="bare")
    for words in (["status"], ["status", "--json"], ["status", "--watch"]):
        done = bare.cli(*words, check=False)
        assert (done.returncode, done.stdout) == (1, "")
        assert "nothing was applied yet" in done.stderr
    assert pvsboot.cli("status", "east", check=False).returncode == 2


# -- frozen verdicts

def test_an_hour_without_a_watcher_changes_nothing_but_the_message(pvsboot):
    """The watcher died an hour ago, by the clock of the program that asks."""
    later = ["unshare", "--time", "--fork", "--boottime", "3600", built("pvsboot"),
             *pvsboot.folders]

    def run(command, *words):
        return subprocess.run([*command, *words, "--json"], text=True, capture_output=True)

    here = [built("pvsboot"), *pvsboot.folders]
    (pvsboot.dir / "state").chmod(0o2770)
    down(pvsboot)
    pvsboot.heartbeat()
    explain = ["explain", MAC, "--arch", "bios"]
    fresh, old = (json.loads(run(command, *explain).stdout) for command in (here, later))
    assert re.fullmatch(FROZEN + r"36\d\d s ago", old["why"].pop())
    assert old == fresh
    assert old["farm-server"] == "10.1.0.12"

    fresh, old = (json.loads(run(command, "status").stdout) for command in (here, later))
    assert fresh.pop("watcher")["state"] == "running"
    watcher = old.pop("watcher")
    assert watcher["state"] == "frozen" and 3600 <= watcher["age-s"] < 3700
    assert old == fresh
    assert FROZEN in subprocess.run([*later, "status"], text=True, capture_output=True).stdout

    for command, level in ((here, "ok"), (later, "warning")):
        found = {result["check"]: result
                 for result in json.loads(run(command, "doctor").stdout)["results"]}
        assert found["state"]["level"] == level
    assert FROZEN in found["state"]["text"]
    assert found["state"]["remedy"] == "systemctl restart pvsboot-watch"

    pvsboot.heartbeat("another-boot")
    assert pvsboot.explain(MAC)["why"][-1].endswith("before this host started")


# -- on a terminal

@pytest.mark.parametrize("env, coloured", [
    ({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": ""}, True),
    ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({}, False)])
def test_colours_are_for_terminals_that_want_them(pvsboot, env, coloured):
    down(pvsboot)
    with Terminal([built("pvsboot"), "status", *pvsboot.folders], **env) as terminal:
        assert terminal.end() == 0
        text = terminal.text()
    assert (RED + "down" in text) == coloured
    assert ("\x1b" in text) == coloured
    plain = pvsboot.cli("status").stdout
    assert "\x1b" not in plain
    assert SEQUENCE.sub("", text).replace("\r\n", "\n").splitlines()[0] == plain.splitlines()[0]
    assert max(map(len, plain.splitlines())) <= 80


def watching(pvsboot, **options):
    return Terminal([built("pvsboot"), "status", "--watch", *pvsboot.folders], TERM="xterm",
                    **options)


def test_watch_draws_in_place_until_ctrl_c(pvsboot):
    with watching(pvsboot, rows=40) as terminal:
        terminal.shows("watcher: none runs")
        assert terminal.text().startswith(ENTER)
        down(pvsboot)
        terminal.shows("no answer in 2000 ms")
        down(pvsboot, verdict="up", probes=13)
        wait_for("the server is up", lambda: not any(" down " in line
                                                     for line in terminal.screen()))
        # Another map in another folder.
        (pvsboot.dir / "map").rename(pvsboot.dir / "old")
        pvsboot.apply(CONFIG.replace("PVSE2", "PVSE3"))
        terminal.shows("10.1.0.12 PVSE3")
        terminal.press(b"\x03")
        assert terminal.end() == 0
        text = terminal.text()
        assert text.count(LEAVE) == 1 and text.endswith(LEAVE)
        assert text.index(LEAVE) > text.rindex(HOME)
        assert "\x1b[?25h" in text and "\x1b[?7h" in text
        assert "\x1b[2J" not in text  # a screen that is cleared flickers
        assert termios.tcgetattr(terminal.slave) == terminal.modes


def test_watch_shows_as_much_as_fits_and_stops_on_ctrl_z(pvsboot):
    down(pvsboot)
    with watching(pvsboot, rows=10) as terminal:
        terminal.shows("more lines")
        assert len(terminal.screen()) == 10
        assert "no answer" not in "".join(terminal.screen()[:5])
        terminal.press(b"\x1a")
        terminal.stopped()
        assert terminal.text().endswith(LEAVE)
        os.kill(terminal.pid, signal.SIGCONT)
        wait_for("it draws again", lambda: terminal.text().rindex(HOME) >
                 terminal.text().rindex(LEAVE))
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.end() == 0


# -- not on a terminal

def follow(lab, pvsboot, *words):
    return lab.track("status", [built("pvsboot"), "status", "--watch", *words, *pvsboot.folders])


def test_watch_prints_what_changed(lab, pvsboot):
    down(pvsboot, probes=1)
    blocks, lines = follow(lab, pvsboot), follow(lab, pvsboot, "--json")

    def told():
        return [json.loads(line) for line in lines.text().splitlines()]

    def probes():
        return server(told()[-1], "10.1.0.11")["files"][0]["probes"]

    blocks.wait_line("map: revision 1")
    wait_for("an object", lambda: len(told()) == 1)
    for count in (2, 3):
        down(pvsboot, probes=count)
        wait_for("the count is told", lambda: probes() == count)
    assert blocks.text().count("map: revision") == 1
    down(pvsboot, verdict="up", probes=4)
    wait_for("the change is told", lambda: blocks.text().count("map: revision") == 2)
    wait_for("the change is told", lambda: probes() == 4)
    assert len(told()) == 4
    assert "\x1b" not in blocks.text()
    assert re.match(r"at \d{4}-\d\d-\d\dT", blocks.text())
    for program, sig in ((blocks, signal.SIGINT), (lines, signal.SIGTERM)):
        assert program.stop(sig) == 0
