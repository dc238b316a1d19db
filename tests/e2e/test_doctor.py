# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""pvsboot doctor on a host that is put right step by step, with the real daemons."""

import json
import shutil

import pytest

from lab import built
from pvsboot import Pvsboot

CONFIG = """
boot-servers: [10.0.0.5]
farms:
  east: {servers: [10.1.0.11, 10.1.0.12], bootstrap: {bios: none}}
scopes:
  10.20.0.0/16: east
proxy: {interfaces: [eth0]}
"""
NOBODY = 65534


class Host:
    """A host with its own interfaces and pvsboot's folders."""

    def __init__(self, lab):
        self.ns = lab.namespace("host")
        self.pvsboot = Pvsboot(lab, CONFIG)
        for name in ("map", "state"):
            (self.pvsboot.dir / name).chmod(0o2770)
        self.pvsboot.dir.chmod(0o755)

    def doctor(self, *words, status, **options):
        """What doctor prints, once it ended with the status."""
        done = self.ns.run(built("pvsboot"), "doctor", *words, *self.pvsboot.folders,
                           check=False, **options)
        assert (done.returncode, done.stderr) == (status, ""), done.stdout + done.stderr
        return done.stdout

    def found(self, status):
        """(problems, {(check, level, subject): remedy})."""
        said = json.loads(self.doctor("--json", status=status))
        assert list(said) == ["problems", "results"]
        assert {tuple(result) for result in said["results"]} == {
            ("check", "level", "subject", "text", "remedy")}
        return said["problems"], {
            (result["check"], result["level"], result["subject"]): result["remedy"]
            for result in said["results"]}


@pytest.fixture
def host(lab):
    return Host(lab)


def test_each_remedy_leaves_one_problem_less(lab, host):
    problems, found = host.found(status=1)
    map_dir, cache_dir = (str(host.pvsboot.dir / name) for name in ("map", "cache"))
    assert problems == 1
    assert "pvsboot apply" in found["map", "problem", map_dir]
    assert {check for check, _, _ in found} == {"map", "state"}

    host.pvsboot.apply()
    far = lab.namespace("far")
    lab.link(host.ns, "eth0", far, "eth1")
    problems, found = host.found(status=1)
    assert problems == 1
    assert ("proxy", "problem", "eth0") in found
    assert ("boot-servers", "advice", None) in found
    assert not any(check == "cache" for check, _, _ in found)

    host.ns.address("eth0", "10.0.0.5/24")
    problems, found = host.found(status=1)
    assert problems == 2
    assert found["boot-servers", "problem", "10.0.0.5"] == \
        "systemctl enable --now pvsboot-tftp"
    remedy = found["cache", "problem", "east/pvsnbpx64.efi"].split(";")[0]

    words = remedy.split()
    assert words[0] == "pvsboot"
    lab.write("pvsnbpx64.efi", "MZ")
    host.pvsboot.cli(*words[1:-1], lab.path(words[-1]))
    problems, found = host.found(status=1)
    assert problems == 1
    assert ("cache", "ok", cache_dir) in found

    host.pvsboot.tftp(host.ns).wait_line("serving by map revision")
    problems, found = host.found(status=0)
    assert problems == 0
    assert ("boot-servers", "ok", "10.0.0.5") in found
    assert ("proxy", "advice", None) in found

    host.pvsboot.pxe(host.ns)
    _, found = host.found(status=0)
    assert ("proxy", "ok", None) in found
    assert "10.1.0.11, 10.1.0.12" in found["login", "advice", "east"]


def test_the_text_has_what_the_json_has_in_80_columns(host):
    host.pvsboot.apply(CONFIG.replace("10.0.0.5", "127.0.0.1"))
    text = host.doctor(status=1)
    lines = [line for line in text.splitlines() if str(host.pvsboot.dir) not in line]
    assert max(map(len, lines)) <= 80, text
    flat = " ".join(text.split())
    for result in json.loads(host.doctor("--json", status=1))["results"]:
        for key in ("level", "check", "subject", "text", "remedy"):
            assert result[key] is None or result[key] in flat, (result, text)
    begins = [line.split() for line in text.splitlines() if not line.startswith(" ")]
    assert begins[0][:2] == ["ok", "map"]
    assert ["problem", "cache"] in [words[:2] for words in begins]


def test_whoever_may_not_read_the_map_is_told_so(lab, host):
    host.pvsboot.apply()
    # The build may lie in a home that others may not enter.
    program = shutil.copy(built("pvsboot"), lab.path("program"))
    said = json.loads(host.ns.run(
        "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
        program, "doctor", "--json", *host.pvsboot.folders, check=False).stdout)
    assert said["problems"] > 0
    first = said["results"][0]
    assert (first["check"], first["level"], first["text"]) == (
        "map", "problem", "permissions refuse access")
    assert first["remedy"] == "be root or a member of the group pvsboot"
    assert {result["check"] for result in said["results"]} == {"map", "state"}
