# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""Everything a person does with pvsboot, without a network: exit statuses, output, the map."""

import hashlib
import json
import os
import stat
import struct
import subprocess

import pytest

from commands import CONFIG, MAC, Cli
from lab import BUILD, SRC, small_disk

NOBODY = 65534


# -- the command line

@pytest.mark.parametrize("args", [
    [], ["nonsense"], ["device"], ["device", "get"], ["check", "a", "b"], ["check", "--arch", "x"],
    ["--nonsense"], ["explain", MAC, "--from"], ["explain", "52:54:00"],
    ["explain", MAC, "--from", "10.1"], ["explain", MAC, "--subnet-id", "0"],
    ["explain", MAC, "--arch", "mips"], ["device", "get", "nonsense"], ["device", "add", "nonsense"],
    ["bootstrap", "add", "east", "/bin/true", "--name", "../x"]])
def test_wrong_usage_ends_with_2_and_says_why(applied, args):
    out, err = applied.run(*args, status=2) if args else applied.run("--db", "x", status=2)
    assert out == ""
    assert err.startswith("error: ")


def test_help_and_version_are_data(cli):
    assert cli.out("--version").startswith("pvsboot ")
    assert "device add" in cli.out("--help")
    assert "--dry-run" in cli.out("apply", "--help")
    assert "--arch" not in cli.out("apply", "--help")
    assert "device add" in cli.out("device", "--help")


def test_a_full_disk_is_a_failure(applied):
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([BUILD / "cli/pvsboot", "--db", applied.path("map"), "export"],
                              stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "No space left" in done.stderr


def test_what_is_said_never_lands_in_the_map(applied):
    """Whoever starts pvsboot without stdout and stderr must not give their numbers to LMDB."""
    applied.out("device", "add", MAC, "--farm", "west")
    path = applied.path("no-west.yaml")
    path.write_text("boot-servers: [10.0.0.5]\nfarms: {east: {servers: [10.1.0.11]}}\n")
    command = [BUILD / "cli/pvsboot", "--db", applied.path("map"), "--journal",
               applied.path("journal"), "apply", path]

    def start_of_map():
        with open(applied.path("map/data.mdb"), "rb") as data:
            return data.read(1 << 16)

    before = start_of_map()
    subprocess.run(["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *command], check=False)
    assert start_of_map() == before
    done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *command, "--drop-devices"],
                          stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "cannot write the output" in done.stderr


def test_a_disk_too_full_for_the_map_is_named_as_such(cli):
    scopes = "".join(f"  10.{i >> 8}.{i & 255}.0/24: west\n" for i in range(8000))
    path = cli.path("large.yaml")
    path.write_text(CONFIG[:CONFIG.index("  10.20")] + scopes)
    with small_disk(300 << 10) as disk:
        done = subprocess.run([BUILD / "cli/pvsboot", "--db", disk / "map", "apply", path],
                              capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "No space left on device; nothing was changed" in done.stderr


@pytest.mark.parametrize("args", [
    ["export"], ["explain", MAC], ["device", "list"], ["device", "get", MAC],
    ["device", "add", MAC], ["device", "del", MAC], ["bootstrap", "add", "east", "/bin/true"]])
def test_without_a_map_a_command_fails_and_makes_none(cli, args):
    assert "nothing was applied yet" in cli.err(*args, status=1)
    assert not cli.path("map").exists()


@pytest.mark.parametrize("words, choices", [
    (["pvsboot", ""], ["check", "apply", "device", "bootstrap", "--help"]),
    (["pvsboot", "dev"], ["device"]),
    (["pvsboot", "--db", "x", "device", ""], ["add", "get", "del", "list"]),
    (["pvsboot", "device", "--db", "x", "get", "--j"], ["--journal", "--json"]),
    (["pvsboot", "apply", "--dr"], ["--dry-run", "--drop-devices"]),
    (["pvsboot", "explain", "--a"], ["--arch"]),
    (["pvsboot", "check", "lab"], ["lab.py"]),
    (["pvsboot", "device", "add", "--farm", ""], [])])
def test_bash_completes_what_the_table_has(words, choices):
    done = subprocess.run(
        ["bash", "-c", f'source {SRC}/dist/completion/pvsboot.bash\n'
         'COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))\n_pvsboot\nprintf "%s\\n" "${COMPREPLY[@]}"',
         "bash", *words], capture_output=True, text=True, check=True, cwd=SRC / "tests/e2e")
    assert done.stderr == ""
    assert set(choices) <= set(done.stdout.split()), done.stdout
    if words[-1]:
        assert all(word.startswith(words[-1]) for word in done.stdout.split())
    if not choices:
        assert done.stdout.split() == []


# -- check, apply, export

def test_check_counts_what_it_found(cli):
    assert "2 farms, 3 servers, 6 scopes" in cli.out("check", "-", stdin=CONFIG)
    assert cli.json("check", "-", stdin=CONFIG) == {
        "ok": True, "farms": 2, "servers": 3, "scopes": 6, "mistakes": []}
    assert not cli.path("map").exists()


def test_check_reports_every_mistake_with_its_place(cli):
    wrong = CONFIG.replace("10.40.0.0/16: none", "10.40.0.1/16: nrth").replace("weight", "wieght")
    err = cli.err("check", "-", status=1, stdin=wrong).splitlines()
    assert len(err) == 3, err
    assert err[0].startswith("-:7:")
    found = cli.json("check", "-", status=1, stdin=wrong)
    assert set(found) == {"ok", "farms", "servers", "scopes", "mistakes"}
    assert (found["ok"], found["farms"]) == (False, None)
    assert [m["text"] for m in found["mistakes"]] == err
    assert {frozenset(m) for m in found["mistakes"]} == {
        frozenset(("file", "line", "column", "text"))}


def test_a_file_as_a_whole_has_no_line(cli):
    found = cli.json("check", "/nonexistent", status=1)
    assert found["mistakes"] == [{
        "file": "/nonexistent", "line": None, "column": None,
        "text": "/nonexistent: cannot be read: No such file or directory"}]


def test_apply_twice_changes_nothing_the_second_time(cli):
    out, _ = cli.apply(CONFIG)
    assert "+ scopes: 10.20.0.0/16: farm: east" in out
    assert "revision 1, digest " in out
    before = cli.state()
    out, _ = cli.apply("# a remark\n" + CONFIG)
    assert out.splitlines()[0] == "nothing changed"
    assert cli.state() == before


def test_apply_prints_the_difference_and_raises_the_revision(applied):
    out, _ = applied.apply(CONFIG.replace("10.20.64.0/18: west", "10.20.64.0/18: east"))
    assert out.splitlines()[:2] == ["- scopes: 10.20.64.0/18: farm: west",
                                    "+ scopes: 10.20.64.0/18: farm: east"]
    revision, digest = applied.state()
    assert out.splitlines()[2] == f"revision {revision}, digest {digest}"
    assert revision == 2


def test_apply_as_json(cli):
    cli.path("a.yaml").write_text(CONFIG)
    first = cli.json("apply", str(cli.path("a.yaml")))
    assert list(first) == ["changed", "dry-run", "difference", "dropped-devices", "revision",
                           "digest"]
    assert (first["changed"], first["dry-run"], first["revision"]) == (True, False, 1)
    assert {frozenset(entry) for entry in first["difference"]} == {
        frozenset(("path", "old", "new"))}
    again = cli.json("apply", str(cli.path("a.yaml")))
    assert again == {**first, "changed": False, "difference": []}


def test_a_dry_run_changes_nothing(cli):
    cli.path("a.yaml").write_text(CONFIG)
    assert cli.json("apply", str(cli.path("a.yaml")), "--dry-run")["revision"] is None
    assert not cli.path("map").exists()
    cli.apply(CONFIG)
    before = cli.state()
    out, _ = cli.apply(CONFIG.replace("weight: 2", "weight: 3"), "--dry-run")
    assert "dry run: nothing was written" in out
    assert '"weight": 3' in out
    assert cli.state() == before


def test_a_failing_apply_leaves_the_map_as_it_was(applied):
    before = applied.state()
    export = applied.out("export", "--json")
    applied.apply(CONFIG + "  10.50.0.0/16: nowhere\n", status=1)
    applied.apply("farms: [", status=1)
    applied.run("apply", "/nonexistent.yaml", status=1)
    assert applied.state() == before
    assert applied.out("export", "--json") == export


def test_export_is_a_configuration_that_changes_nothing(applied):
    text = applied.out("export")
    out, _ = applied.apply(text)
    assert out.splitlines()[0] == "nothing changed"
    assert applied.out("export") == text


def test_the_digest_is_that_of_the_exported_bytes(applied):
    applied.run("device", "add", MAC, "--farm", "east", "--note", "größer")
    export = applied.out("export", "--json")
    assert hashlib.sha256(export.encode()).hexdigest() == applied.state()[1]
    assert json.loads(export)["devices"][0]["mac"] == MAC


def test_equal_maps_have_equal_digests(lab):
    digests = set()
    for name, steps in (("a", (1, 2)), ("b", (2, 1))):
        lab.path(name).mkdir()
        cli = Cli.__new__(Cli)
        cli.root = lab.path(name)
        cli.apply(CONFIG)
        for step in steps:
            cli.run("device", "add", f"52:54:00:00:00:0{step}", "--name", f"n{step}")
        digests.add(cli.state()[1])
    assert len(digests) == 1


def test_apply_refuses_to_strand_devices(applied):
    without_west = CONFIG.replace("  west:\n    servers: [10.2.0.11]\n", "").replace("west", "east")
    for i in range(12):
        applied.run("device", "add", f"52:54:00:00:00:{i:02x}", "--farm", "west")
    applied.run("device", "add", "52:54:00:00:01:00", "--farm", "east")
    before = applied.state()
    for extra in ([], ["--dry-run"]):
        _, err = applied.apply(without_west, *extra, status=1)
        assert "12 devices name a farm that would vanish" in err
        assert "52:54:00:00:00:09  west" in err
        assert "52:54:00:00:00:0a" not in err
        assert "and 2 more" in err
    assert applied.state() == before
    out, _ = applied.apply(without_west, "--drop-devices")
    assert "- device 52:54:00:00:00:0b: west" in out
    assert [d["mac"] for d in applied.json("device", "list")] == ["52:54:00:00:01:00"]
    dropped = [line for line in applied.audit() if line["command"] == "apply"]
    assert len(dropped) == 12
    assert {line["revision"] for line in dropped} == {applied.state()[0]}
    assert dropped[0]["old"]["farm"] == "west" and dropped[0]["new"] is None


def test_apply_makes_the_folder_and_those_it_lies_in(cli):
    path = cli.path("a.yaml")
    path.write_text(CONFIG)
    done = subprocess.run([BUILD / "cli/pvsboot", "apply", path, "--db", cli.path("no/such/map")],
                          capture_output=True, text=True, check=False, umask=0o077)
    assert done.returncode == 0, done.stderr
    assert cli.path("no/such").stat().st_mode & 0o7777 == 0o755
    assert cli.path("no/such/map").stat().st_mode & 0o7777 == 0o2770


# -- explain

KEYS = ["action", "farm", "scope", "device", "arch", "delivery", "server", "farm-server", "file",
        "login", "root-path", "revision", "digest", "why"]


@pytest.mark.parametrize("args, farm, scope", [
    ([], None, "default"),
    (["--from", "10.20.0.1"], "east", "10.20.0.0/16"),
    (["--from", "10.20.64.1"], "west", "10.20.64.0/18"),
    (["--subnet-id", "42"], "west", "subnet-id 42"),
    (["--subnet-id", "42", "--from", "10.20.0.1"], "west", "subnet-id 42"),
    (["--subnet-id", "7", "--from", "10.20.0.1"], "east", "10.20.0.0/16"),
    (["--from", "10.40.0.1"], None, "10.40.0.0/16"),
    (["--from", "192.0.2.1"], None, "default")])
def test_explain_takes_subnet_id_over_longest_prefix_over_default(applied, args, farm, scope):
    answer = applied.json("explain", MAC, *args)
    assert list(answer) == KEYS
    assert (answer["action"], answer["farm"]) == (("boot", farm) if farm else ("not-ours", None))
    assert answer["scope"] == scope
    assert answer["arch"] == "bios"
    assert any("architecture" in line for line in answer["why"])


def test_explain_takes_the_device_over_everything(applied):
    place = ("--subnet-id", "42", "--from", "10.20.0.1", "--arch", "uefi-x64")
    assert applied.json("explain", MAC, *place)["farm"] == "west"
    applied.run("device", "add", MAC, "--farm", "EAST", "--file", "uefi-x64=own.efi")
    answer = applied.json("explain", "5254.0000.0001", *place)
    assert (answer["farm"], answer["device"]) == ("east", MAC)
    assert answer["file"] == "east/own.efi"
    assert applied.json("explain", MAC, "--arch", "uefi-x64")["file"] == "east/own.efi"
    applied.run("device", "add", MAC, "--farm", "none")
    assert applied.json("explain", MAC, *place)["action"] == "not-ours"
    applied.run("device", "add", MAC, "--farm", "default", "--file", "uefi-x64=")
    assert applied.json("explain", MAC, *place)["file"] == "west/pvsnbpx64.efi"


def test_explain_in_text_has_the_same_content(applied):
    text = applied.out("explain", MAC, "--from", "10.20.0.1")
    for value in ("boot", "east/ARDBP32.BIN", "10.0.0.5", "10.20.0.0/16"):
        assert value in text


# -- devices

def test_a_device_is_added_changed_printed_and_deleted(applied):
    assert applied.out("device", "add", "52-54-00-00-00-01", "--farm", "East", "--file",
                       "bios=none", "--file", "uefi-x64=b.efi", "--name", "PC 1") == \
        f"device {MAC} added\n"
    device = {"mac": MAC, "farm": "east", "files": {"bios": "none", "uefi-x64": "b.efi"},
              "name": "PC 1", "note": None}
    assert applied.json("device", "get", MAC) == device
    revision = applied.state()[0]
    assert applied.out("device", "add", MAC, "--note", "x") == f"device {MAC} changed\n"
    assert applied.json("device", "list") == [{**device, "note": "x"}]
    assert applied.state()[0] == revision + 1
    assert "nothing changed" in applied.out("device", "add", MAC, "--note", "x")
    assert applied.state()[0] == revision + 1
    assert "PC 1" in applied.out("device", "list")
    assert applied.out("device", "del", MAC) == f"device {MAC} deleted\n"
    assert applied.json("device", "list") == []


def test_an_absent_device_ends_with_3(applied):
    for command in ("get", "del"):
        assert f"no device {MAC}" in applied.err("device", command, MAC, status=3)


@pytest.mark.parametrize("args, status, said", [
    (["--farm", "north"], 3, "no farm 'north'"),
    (["--farm", "../x"], 3, "no farm"),
    (["--file", "bios"], 2, "ARCH=NAME"),
    (["--file", "mips=x"], 2, "no architecture"),
    (["--file", "arch-9=x"], 2, "write uefi-x64"),
    (["--file", "arch-16=x"], 2, "HTTP boot type"),
    (["--file", "bios=a/b"], 2, "without a path"),
    (["--note", "two\nlines"], 2, "one line"),
    (["--name", "n" * 64], 2, "at most 63")])
def test_a_wrong_value_changes_nothing(applied, args, status, said):
    before = applied.state()
    assert said in applied.err("device", "add", MAC, *args, status=status)
    assert applied.state() == before
    assert not applied.path("journal/audit.log").read_text()


def test_a_farm_nearly_right_is_guessed(applied):
    assert "did you mean 'east'?" in applied.err("device", "add", MAC, "--farm", "eats", status=3)


def test_every_edit_is_in_the_audit_log(applied):
    applied.run("device", "add", MAC, "--farm", "east")
    applied.run("device", "add", MAC, "--farm", "west", env={**os.environ, "SUDO_USER": "ann"})
    applied.run("device", "del", MAC)
    added, changed, deleted = applied.audit()
    assert list(added) == ["time", "user", "command", "revision", "mac", "old", "new", "error"]
    assert (added["command"], added["old"], added["new"]["farm"]) == ("device add", None, "east")
    assert (changed["user"], changed["old"]["farm"], changed["new"]["farm"]) == \
        ("ann", "east", "west")
    assert (deleted["command"], deleted["new"], deleted["error"]) == ("device del", None, None)
    assert [line["revision"] for line in applied.audit()] == [2, 3, 4]


def test_what_cannot_be_recorded_is_not_done(applied):
    before = applied.state()
    applied.path("journal").write_text("a file where the folder should be")
    assert "nothing was changed" in applied.err("device", "add", MAC, status=1)
    assert applied.state() == before


# -- bootstraps

def pe(payload=b""):
    return b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + payload


def test_a_bootstrap_is_published_listed_and_withdrawn(applied):
    path = applied.path("pvsnbpx64.efi")
    path.write_bytes(pe(b"one"))
    out, err = applied.run("bootstrap", "add", "EAST", str(path))
    assert out.startswith("east/pvsnbpx64.efi published: 71 bytes, sha256 ")
    assert err == ""
    entry = {"farm": "east", "file": "pvsnbpx64.efi", "source": "manual", "size": 71,
             "sha256": hashlib.sha256(pe(b"one")).hexdigest()}
    assert applied.json("bootstrap", "list") == [entry]
    assert entry["sha256"] in applied.out("bootstrap", "list")
    assert applied.path("cache/farms/east/manual/pvsnbpx64.efi").read_bytes() == pe(b"one")
    path.write_bytes(pe(b"two"))
    applied.run("bootstrap", "add", "east", str(path))
    assert len(list(applied.path("cache/objects").iterdir())) == 1
    applied.run("bootstrap", "remove", "east", "PVSNBPX64.EFI")
    assert applied.json("bootstrap", "list") == []
    applied.err("bootstrap", "remove", "east", "pvsnbpx64.efi", status=3)


def test_nothing_published_is_an_empty_list(cli):
    assert cli.json("bootstrap", "list") == []
    cli.err("bootstrap", "remove", "east", "x", status=3)


@pytest.mark.parametrize("name, content, doubt", [
    ("ARDBP32.BIN", b"..Provisioning Services bootstrap..", None),
    ("ardbp32.bin", b"something else", "lacks the text"),
    ("pvsnbpx64.efi", pe(), None),
    ("pvsnbpx64.efi", b"MZ", "no PE signature"),
    ("pvsnbpx64.efi", b"", "hardly an EFI program: it is empty"),
    ("pvsnbpx64-2023.EFI", pe(), None),
    ("device.bin", b"x", None),
    ("other.bin", b"x", "no bootstrap table of farm east names other.bin")])
def test_a_doubtful_bootstrap_is_published_with_a_warning(applied, name, content, doubt):
    applied.run("device", "add", MAC, "--file", "bios=Device.bin")
    path = applied.path("file")
    path.write_bytes(content)
    _, err = applied.run("bootstrap", "add", "east", str(path), "--name", name)
    assert (doubt in err and err.startswith("warning: ")) if doubt else err == ""
    assert [row["file"] for row in applied.json("bootstrap", "list")] == [name]


def test_what_cannot_be_a_bootstrap_is_refused(applied):
    assert "no farm 'north'" in applied.err("bootstrap", "add", "north", "/bin/true", status=3)
    assert "No such file" in applied.err("bootstrap", "add", "east", "/nonexistent", status=1)
    assert "not a regular file" in applied.err(
        "bootstrap", "add", "east", "/dev/zero", "--name", "x", status=1)
    assert applied.json("bootstrap", "list") == []


# -- users and modes

@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_modes_do_not_depend_on_the_umask(cli, umask):
    before = os.umask(umask)
    try:
        cli.apply(CONFIG)
        cli.run("device", "add", MAC)
        cli.run("bootstrap", "add", "east", "/bin/true", "--name", "ARDBP32.BIN")
    finally:
        os.umask(before)
    modes = {name: stat.S_IMODE(cli.path(name).stat().st_mode) for name in (
        "map", "map/data.mdb", "map/lock.mdb", "journal", "journal/audit.log", "cache",
        "cache/farms/east/manual")}
    assert modes == {
        "map": 0o2770, "map/data.mdb": 0o660, "map/lock.mdb": 0o660, "journal": 0o2770,
        "journal/audit.log": 0o660, "cache": 0o2770, "cache/farms/east/manual": 0o2770}


def test_whoever_may_not_read_the_map_is_told_so(applied):
    applied.root.chmod(0o755)
    for args in (["explain", MAC], ["export"], ["device", "list"], ["device", "add", MAC]):
        err = applied.err(*args, status=1, user=NOBODY, group=NOBODY, extra_groups=[])
        assert "permissions refuse access" in err
        assert "group pvsboot" in err


def test_a_member_of_the_group_reads_and_edits(applied):
    applied.root.chmod(0o755)
    applied.path("journal").mkdir()
    for name in ("map", "map/data.mdb", "map/lock.mdb", "journal"):
        os.chown(applied.path(name), 0, 4242)
    applied.path("journal").chmod(0o2770)
    member = {"user": NOBODY, "group": NOBODY, "extra_groups": [4242]}
    applied.run("device", "add", MAC, "--farm", "east")
    applied.run("device", "add", MAC, "--farm", "west", **member)
    assert applied.json("explain", MAC, **member)["farm"] == "west"
    assert [line["user"] for line in applied.audit()] == ["root", "nobody"]
