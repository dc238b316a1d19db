# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""What make install gives the system: it parses, and it makes what it says."""

import re
import shutil
import stat
import subprocess

import pytest

from lab import BUILD, SRC, LabError

RULES = ("/lib/pvsboot/map/lock.mdb rwk,", "/pvsboot/state/events w,")


def run(*argv):
    done = subprocess.run([str(arg) for arg in argv], text=True, capture_output=True)
    if done.returncode != 0:
        raise LabError(f"{argv}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def make(target, root):
    """make install or uninstall below root, as for a system with /usr."""
    run("make", "-s", "-C", BUILD, target, f"DESTDIR={root}", "prefix=/usr",
        "sysconfdir=/etc")


@pytest.fixture
def root(lab):
    make("install", lab.path("root"))
    return lab.path("root")


def files(root):
    return sorted(str(path) for path in root.rglob("*") if path.is_file())


@pytest.fixture
def apparmor(lab, root):
    """A copy of the system's /etc/apparmor.d with ours laid over it."""
    base = lab.path("apparmor.d")
    shutil.copytree("/etc/apparmor.d", base, symlinks=True)
    shutil.copytree(root / "etc/apparmor.d", base, dirs_exist_ok=True)
    return base


def flattened(base, profile):
    """The profile with its includes put in; the compiler is run as well, without loading."""
    run("apparmor_parser", "--base", base, "--skip-kernel-load", "--skip-cache", profile)
    return run("apparmor_parser", "--base", base, "--preprocess", profile)


def test_apparmor_rules_land_in_keas_profile_of_debian_12(apparmor):
    text = flattened(apparmor, apparmor / "usr.sbin.kea-dhcp4")
    assert all(rule in text for rule in RULES)


def test_apparmor_rules_land_in_a_profile_that_includes_local(apparmor):
    shutil.rmtree(apparmor / "abstractions/mysql.d")
    profile = apparmor / "usr.sbin.kea-dhcp4"
    text = profile.read_text().rstrip().removesuffix("}")
    profile.write_text(text + "  include if exists <local/usr.sbin.kea-dhcp4>\n}\n")
    assert all(rule in flattened(apparmor, profile) for rule in RULES)


def test_uninstall_leaves_the_administrators_own_apparmor_lines(root):
    local = root / "etc/apparmor.d/local/usr.sbin.kea-dhcp4"
    local.write_text("  /srv/own r,")
    make("install", root)
    make("install", root)
    assert local.read_text() == "  /srv/own r,\ninclude <abstractions/pvsboot>\n"
    make("uninstall", root)
    assert files(root) == [str(local)]
    assert local.read_text() == "  /srv/own r,\n"


def test_uninstall_leaves_no_file(root):
    assert files(root)
    make("uninstall", root)
    assert files(root) == []


def test_user_and_folders_are_made_as_the_units_need_them(root):
    run("systemd-sysusers", f"--root={root}")
    run("systemd-tmpfiles", f"--root={root}", "--create", "pvsboot.conf")
    user = next(line.split(":") for line in (root / "etc/passwd").read_text().splitlines()
                if line.startswith("pvsboot:"))
    lines = (root / "usr/lib/tmpfiles.d/pvsboot.conf").read_text().splitlines()
    assert len(lines) == 6
    for folder in (line.split()[1] for line in lines):
        status = (root / folder.lstrip("/")).stat()
        assert stat.S_IMODE(status.st_mode) == 0o2770, folder
        assert (status.st_uid, status.st_gid) == (int(user[2]), int(user[3])), folder


def verified(*units):
    """systemd has nothing to say about units and their drop-ins. It looks for their programs on
    this system, where ours need not be installed."""
    for unit in units:
        for part in (unit, *unit.parent.glob(f"{unit.name}.d/*.conf")):
            part.write_text(re.sub("^ExecStart=[^ \n]+", "ExecStart=/bin/true",
                                   part.read_text(), flags=re.MULTILINE))
    said = subprocess.run(["systemd-analyze", "verify", "--recursive-errors=no", "--man=no",
                           *map(str, units)], text=True, capture_output=True)
    assert said.stdout + said.stderr == ""
    assert said.returncode == 0


@pytest.fixture
def units(root):
    return root / "usr/lib/systemd/system"


def test_systemd_takes_every_line_of_the_units(units):
    names = ["pvsboot-pxe.service", "pvsboot-tftp.service", "pvsboot-watch.service"]
    assert sorted(unit.name for unit in units.glob("pvsboot-*.service")) == names
    verified(*(units / name for name in names))


def test_systemd_takes_the_drop_in_that_the_proxys_unit_shows(units):
    unit = units / "pvsboot-pxe.service"
    shown = re.search(r"^#   \[Service\]\n(?:#   .*\n)+", unit.read_text(), re.MULTILINE)
    assert "pvsboot-pxe --hold-port\n" in shown[0]
    folder = units / "pvsboot-pxe.service.d"
    folder.mkdir()
    (folder / "hold-port.conf").write_text(shown[0].replace("#   ", ""))
    verified(unit)


def test_the_readme_names_the_packages_that_quickstart_builds_with():
    listed = re.search(r"build_packages=\((.*?)\)", (SRC / "quickstart").read_text(), re.DOTALL)
    told = re.search(r"sudo apt install ((?:.*\\\n)*.*)", (SRC / "README.md").read_text())
    assert told[1].replace("\\", " ").split() == listed[1].split()
