# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""pvsboot-watch before real TFTP servers: its verdicts, what it publishes, what the answers make
of it, and its life as a process."""

import hashlib
import os
import shutil
import signal
import time

import pytest

from lab import built, wait_for
from pvs_servers import BIOS, LOGIN_PORT, PROGRAMS, UEFI, bootstrap
from verdicts import FAST, MARGIN
from watch_site import BOOT, FILES, Site

NOBODY = 65534
MACHINE = "02:00:00:00:00:01"
HPA, DNSMASQ, ATFTPD = "10.1.0.11", "10.1.0.12", "10.1.0.13"
KINDS = dict(zip((HPA, DNSMASQ, ATFTPD), PROGRAMS))
YAML = f"""\
boot-servers: [{BOOT}]
farms:
  east:
    servers: [{HPA}, {DNSMASQ}, {ATFTPD}]
    balance: ordered
    monitor: {FAST.yaml()}
scopes:
  10.20.0.0/16: east
"""


def site_of(lab, yaml=YAML, addresses=KINDS):
    site = Site(lab)
    for address in addresses:
        site.server(KINDS[address], address)
    return site.install(yaml)


@pytest.fixture
def site(lab):
    """Three servers, all up."""
    return site_of(lab).watch().all_up()


def sha256(body):
    return hashlib.sha256(body).hexdigest()


def login_list(site):
    return site.pvsboot.explain(MACHINE, from_="10.20.0.9", arch="uefi-x64")["login"]


def more_probes(site, address, part, count=4):
    """Waits until so many more probes have ended; returns the account."""
    before = site.account(address, part)["probes"]

    def is_so():
        account = site.account(address, part)
        return account if account["probes"] >= before + count else None
    return wait_for(f"{address} {part} is probed", is_so)


# ---- verdicts and what comes of them

def test_files_of_every_server_are_verified_published_and_served(lab, site):
    site.pvsboot.tftp(site.boot, "0.0.0.0").wait_line("serving by map revision")
    for name in FILES.values():
        body = bootstrap(name, "1")
        for address in KINDS:
            account = site.account(address, name)
            assert (account["sha256"], account["size"]) == (sha256(body), len(body))
            assert account["failures"] == 0 and account["drift"] is None
        out = lab.path("got-" + name)
        site.side.run("curl", "--silent", "--show-error", "--interface", "10.20.0.1", "--output",
                      out, f"tftp://{BOOT}/east/{name}")
        assert out.read_bytes() == body


def test_dead_servers_are_out_of_the_answers_in_time_and_back_in_time(site):
    others = {HPA: DNSMASQ, DNSMASQ: ATFTPD, ATFTPD: HPA}  # of none that is up the first
    for address, other in others.items():
        assert site.named(MACHINE) == address
        began = time.monotonic()
        site.servers[address].kill()
        wait_for("the answers name another", lambda: site.named(MACHINE) == other)
        assert time.monotonic() - began <= FAST.down_within + MARGIN
        account = site.account(address, BIOS)
        assert account["verdict"] == "down" and account["consecutive"] >= FAST.retries
        assert "unreachable" in account["last-error"]
    for address in reversed(others):
        began = time.monotonic()
        site.servers[address].run()
        wait_for("the answers name it again", lambda: site.named(MACHINE) == address)
        assert time.monotonic() - began <= FAST.up_within + MARGIN


def test_a_missing_file_takes_the_server_from_its_architecture_alone(site):
    assert [site.named(MACHINE, arch) for arch in FILES] == [HPA, HPA]
    site.servers[HPA].remove(UEFI)
    account = site.becomes(HPA, UEFI, "down", FAST.down_within + MARGIN)
    assert "ERROR 1" in account["last-error"]
    assert [site.named(MACHINE, arch) for arch in FILES] == [HPA, DNSMASQ]
    assert site.account(HPA, BIOS)["failures"] == 0
    site.servers[HPA].put(UEFI, bootstrap(UEFI, "1"))
    site.becomes(HPA, UEFI, "up", FAST.up_within + MARGIN)
    assert site.named(MACHINE, "uefi-x64") == HPA


def test_a_file_that_is_no_bootstrap_is_down_and_not_published(site):
    for name, body in ((BIOS, b"no marker" * 4000), (UEFI, b"no program" * 9000)):
        site.servers[DNSMASQ].put(name, body)
        account = site.becomes(DNSMASQ, name, "down", FAST.down_within + MARGIN)
        assert account["last-error"]
        assert not (site.pvsboot.dir / "cache/objects" / sha256(body)).exists()


def test_a_file_cut_off_is_down_and_the_whole_one_stays_published(site):
    whole = bootstrap(BIOS, "1")
    site.servers[ATFTPD].put(BIOS, whole[:20_000])
    site.becomes(ATFTPD, BIOS, "down", FAST.down_within + MARGIN)
    published = site.pvsboot.dir / "cache/farms/east" / ATFTPD / BIOS
    assert published.read_bytes() == whole


def test_another_copy_is_drift_and_where_pinned_down(lab):
    body = bootstrap(UEFI, "1")
    pinned = FAST.yaml(sha256=f"{{{UEFI}: {sha256(body)}}}")
    site = site_of(lab, YAML.replace(FAST.yaml(), pinned)).watch().all_up()
    changed = site.servers[DNSMASQ]
    changed.change_a_byte(UEFI)
    site.becomes(DNSMASQ, UEFI, "down", FAST.down_within + MARGIN)
    changed.change_a_byte(UEFI)
    site.becomes(DNSMASQ, UEFI, "up", FAST.up_within + MARGIN)
    changed.change_a_byte(BIOS)
    account = wait_for("drift", lambda: (a := site.account(DNSMASQ, BIOS))["drift"] and a)
    assert account["sha256"] == sha256(changed.body(BIOS))
    assert account["drift"]["expected"] == sha256(bootstrap(BIOS, "1"))
    since = account["drift"]["since"]
    account = more_probes(site, DNSMASQ, BIOS)
    assert (account["verdict"], account["failures"]) == ("up", 0)
    assert account["drift"]["since"] == since
    changed.change_a_byte(BIOS)
    wait_for("no drift", lambda: site.account(DNSMASQ, BIOS)["drift"] is None)


def test_a_login_port_that_is_closed_leaves_option_11(site):
    assert set(login_list(site)) == set(KINDS)
    site.servers[HPA].login(False)
    account = site.becomes(HPA, "login", "down", FAST.down_within + MARGIN)
    assert str(LOGIN_PORT) in account["last-error"]
    assert set(login_list(site)) == {DNSMASQ, ATFTPD}
    assert site.named(MACHINE) == HPA  # it still serves the file
    site.servers[HPA].login(True)
    site.becomes(HPA, "login", "up", FAST.up_within + MARGIN)
    assert set(login_list(site)) == set(KINDS)


def test_of_a_server_for_login_alone_tftp_is_not_asked(lab):
    yaml = YAML.replace(f"{HPA}, ", f"{{address: {HPA}, roles: [login]}}, ")
    site = site_of(lab, yaml)
    site.servers[HPA].kill()
    site.watch().all_up()
    assert set(site.verdicts(BIOS)) == {DNSMASQ, ATFTPD}
    assert HPA in login_list(site)


def test_any_tftp_answer_is_enough_for_the_probe_tftp_reply(lab):
    site = site_of(lab, YAML.replace("probe: bootstrap", "probe: tftp-reply"), [HPA])
    site.servers[HPA].remove(BIOS)
    site.watch()
    site.becomes(HPA, BIOS, "up")
    site.servers[HPA].pause()
    site.becomes(HPA, BIOS, "down", FAST.down_within + MARGIN)


def test_full_every_thins_downloads_of_what_has_not_changed(lab):
    thin = YAML.replace(FAST.yaml(), FAST.yaml(**{"full-every": 1000}))
    site = site_of(lab, thin, [DNSMASQ])
    site.watch().becomes(DNSMASQ, BIOS, "up")
    server = site.servers[DNSMASQ]
    was, published = server.body(BIOS), site.pvsboot.dir / "cache/farms/east" / DNSMASQ / BIOS
    # A size probe cannot see another byte, but it sees another size.
    server.change_a_byte(BIOS)
    assert more_probes(site, DNSMASQ, BIOS)["failures"] == 0
    assert published.read_bytes() == was
    server.put(BIOS, server.body(BIOS) + b"more")
    wait_for("it is fetched anew", lambda: published.read_bytes() == server.body(BIOS))


def test_with_probe_none_nothing_is_probed(lab):
    west = f"  west: {{servers: [{DNSMASQ}], monitor: {FAST.yaml('none')}}}\n"
    site = site_of(lab, YAML.replace("scopes:", west + "scopes:")).watch().all_up()
    assert all(account["verdict"] == "unproven" and account["probes"] is None
               for server in site.farm("west")["servers"]
               for account in (*server["files"], *server["login"]))


def test_a_boot_server_is_asked_as_machines_ask_it(site):
    def verdict():
        return site.pvsboot.status()["boot-servers"][0]["verdict"]
    responder = site.pvsboot.tftp(site.boot, "0.0.0.0")
    wait_for("the responder is up", lambda: verdict() == "up")
    responder.stop()
    wait_for("the responder is down", lambda: verdict() == "down", 40)


# ---- the map

def test_a_new_map_is_followed(site):
    kept = site.account(HPA, BIOS)
    site.pvsboot.apply(YAML.replace(f", {DNSMASQ}", ""))
    wait_for("a server is gone", lambda: DNSMASQ not in site.verdicts(BIOS))
    site.servers[DNSMASQ].kill()
    more_probes(site, HPA, BIOS)
    site.pvsboot.apply(YAML)
    # It is a new one: nothing that was known of it is left.
    account = site.becomes(DNSMASQ, BIOS, "down", FAST.down_within + MARGIN)
    assert account["failures"] == account["probes"]
    account = site.account(HPA, BIOS)
    assert account["since"] == kept["since"] and account["probes"] > kept["probes"]


# ---- the process

def stable(account):
    return account["verdict"], account["since"], account["sha256"], account["size"]


def test_a_restart_resets_nothing(site):
    site.servers[HPA].kill()
    down = site.becomes(HPA, BIOS, "down")
    up = site.account(DNSMASQ, UEFI)
    assert site.watcher.stop() == 0
    site.watch()
    for address, name, before in ((HPA, BIOS, down), (DNSMASQ, UEFI, up)):
        account = more_probes(site, address, name)
        assert stable(account) == stable(before)
        assert account["probes"] >= before["probes"] + 4
    assert site.named(MACHINE) == DNSMASQ


def test_a_second_watcher_is_refused_and_does_no_harm(site):
    second = site.pvsboot.watch(site.boot, wait=False)
    assert second.wait() == 1
    assert "watch" in second.text()
    account = more_probes(site, HPA, BIOS)
    assert account["verdict"] == "up" and site.watcher.alive()
    assert site.pvsboot.status()["watcher"]["pid"] == site.watcher.pid


@pytest.mark.parametrize("folder", ["emptied", "replaced"])
def test_a_state_folder_wiped_is_filled_again(site, folder):
    state = site.pvsboot.dir / "state"
    if folder == "replaced":
        shutil.rmtree(state)
        state.mkdir(0o2770)
    else:
        for path in state.iterdir():
            path.unlink()
    wait_for("status says that it runs",
             lambda: site.pvsboot.status()["watcher"]["state"] == "running")
    site.all_up()
    site.servers[HPA].kill()
    site.becomes(HPA, BIOS, "down", FAST.down_within + MARGIN)
    assert site.named(MACHINE) == DNSMASQ
    assert (state / "events").is_socket()


def test_an_unprivileged_user_will_do(lab):
    site = site_of(lab)
    for path in (site.pvsboot.dir, *site.pvsboot.dir.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    site.watcher = site.boot.start(
        "setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--bounding-set",
        "-all", "--", built("pvsboot-watch"), *site.pvsboot.folders, name="pvsboot-watch")
    site.watcher.wait_line("watching by map revision")
    site.all_up()
    site.servers[HPA].login(False)
    site.becomes(HPA, "login", "down", FAST.down_within + MARGIN)
    for name in FILES.values():
        published = site.pvsboot.dir / "cache/farms/east" / HPA / name
        assert published.read_bytes() == bootstrap(name, "1")


def test_a_watcher_dead_for_an_hour_changes_nothing_but_what_is_said(site):
    def explained():
        return site.pvsboot.explain(MACHINE, from_="10.20.0.9", arch="uefi-x64")

    assert site.pvsboot.status()["watcher"]["state"] == "running"
    site.servers[HPA].kill()
    site.becomes(HPA, UEFI, "down")
    site.watcher.stop(signal.SIGKILL)
    before, status = explained(), site.pvsboot.status()
    site.pvsboot.ahead_s = 3600
    after, later = explained(), site.pvsboot.status()
    assert after.pop("why")[:-1] == before.pop("why")
    assert after == before and after["farm-server"] == DNSMASQ
    assert later["watcher"]["state"] == "frozen" and later["watcher"]["age-s"] >= 3600
    assert {**later, "watcher": None} == {**status, "watcher": None}
    site.watcher = site.pvsboot.watch(site.boot)
    assert site.account(HPA, UEFI)["verdict"] == "down"
