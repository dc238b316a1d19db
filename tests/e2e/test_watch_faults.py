# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""Everything that can go wrong with a PVS server, and what the answers make of it: how long they
name it, how long until they do so again, and what usual monitors would have said meanwhile."""

import collections
import dataclasses
import datetime
import hashlib
import itertools
import random
import signal
import threading
import time

import pytest

import tftp
from lab import BUILD, LabError, wait_for
from monitors import Monitor, Monitors, Parameters, Ping, UnarmedUdpEcv
from pvs_servers import BIOS, PROGRAMS, UEFI, PvsServer, bootstrap
from verdicts import MARGIN
from watch_site import BOOT, FILES, SIDE, Site

pytestmark = pytest.mark.long

DEFAULT = Parameters()


def sha256(body):
    return hashlib.sha256(body).hexdigest()


# ---- the faults

@dataclasses.dataclass(frozen=True)
class Fault:
    """begin and end take a PvsServer; archs are those whose answers must change; ping and ecv say
    whether such a monitor notices; pinned: the farm pins its files."""
    name: str
    begin: callable
    end: callable
    archs: tuple = tuple(FILES)
    ping: bool = False
    ecv: bool = False
    pinned: bool = False


def restored(*names):
    def restore(server):
        for name in names:
            server.put(name, bootstrap(name, "1"))
    return restore


def truncated(server):
    server.put(UEFI, server.body(UEFI)[:60_000])


def replaced(server):
    for name in FILES.values():
        server.put(name, b"<html>The page was not found</html>\n" * 1000)


def one_byte(server):
    server.change_a_byte(UEFI)


FAULTS = [
    Fault("process killed", PvsServer.kill, PvsServer.run, ecv=True),
    Fault("port filtered", lambda pvs: pvs.filter(True), lambda pvs: pvs.filter(False)),
    Fault("process stopped", PvsServer.pause, PvsServer.resume),
    Fault("file removed", lambda pvs: pvs.remove(UEFI), restored(UEFI), ("uefi-x64",)),
    Fault("file truncated", truncated, restored(UEFI), ("uefi-x64",)),
    Fault("other bytes", replaced, restored(BIOS, UEFI)),
    Fault("one byte, pinned", one_byte, restored(UEFI), ("uefi-x64",), pinned=True),
    Fault("one byte, unpinned", one_byte, restored(UEFI), ()),
    Fault("answers 3 s late", lambda pvs: pvs.slow(3), lambda pvs: pvs.slow(0), ping=True),
    Fault("network cut", lambda pvs: pvs.cut(True), lambda pvs: pvs.cut(False), ping=True),
]
SPARE = "10.1.9.1"


class Row:
    """A fault at a server of its own, with a farm and a network of machines of its own. The farm
    takes the server before the spare, so each answer tells whether the server is thought up."""

    def __init__(self, number, fault, kind):
        self.fault, self.kind = fault, kind
        self.farm = f"farm{number}"
        self.network = 20 + number
        self.address = f"10.1.{10 + number // 10}.{1 + number % 10}"

    def farm_yaml(self):
        pins = ", ".join(f"{name}: {sha256(bootstrap(name, '1'))}" for name in FILES.values())
        more = {"sha256": f"{{{pins}}}"} if self.fault.pinned else {}
        return (f"  {self.farm}: {{servers: [{self.address}, {SPARE}], delivery: direct, "
                f"balance: ordered, pxe: {{offer: {{bios: direct, uefi-x64: direct}}}}, "
                f"monitor: {DEFAULT.yaml(**more)}}}\n")

    def start(self, site):
        self.server = site.server(self.kind, self.address,
                                  slow_line=self.fault.name == "answers 3 s late")
        self.monitors = {"ping": Monitor(Ping(site.boot, self.address), DEFAULT),
                         "ecv": Monitor(UnarmedUdpEcv(site.boot, self.address), DEFAULT)}


class Watching:
    """Asks for the answers of every farm and architecture again and again, and keeps when they
    began and ceased to name its server."""

    def __init__(self, lab, rows, answers):
        self.rows, self.answers = rows, answers
        self.named = {(row, arch): None for row in rows for arch in FILES}
        self.changes = collections.defaultdict(list)  # (row, arch): [(moment, is named)]
        self.over, self.error, self.rounds = threading.Event(), None, 0
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        lab.closers.append(self._close)

    def _run(self):
        try:
            while not self.over.wait(0.1):
                for row, arch in self.named:
                    self._look(row, arch)
                self.rounds += 1
        except LabError as error:
            self.error = error

    def _look(self, row, arch):
        machine = f"02:00:00:00:01:{row.network:02x}"  # one alone would ask too often
        is_named = self.answers[row.network].of([machine], arch)[machine] == row.address
        if is_named != self.named[row, arch]:
            self.named[row, arch] = is_named
            self.changes[row, arch].append((time.monotonic(), is_named))

    def after(self, row, arch, to, since):
        """Seconds from a moment to the first answers that name the server, or do not."""
        if self.error:
            raise self.error
        return next((at - since for at, is_named in list(self.changes[row, arch])
                     if at >= since and is_named == to), None)

    def _close(self):
        self.over.set()
        self.thread.join()


def site_of_rows(lab, rows):
    site = Site(lab, [row.network for row in rows])
    site.server("dnsmasq", SPARE)
    for row in rows:
        row.start(site)
    return site.install("farms:\n" + "".join(row.farm_yaml() for row in rows) + "scopes:\n"
                        + "".join(f"  10.{row.network}.0.0/16: {row.farm}\n" for row in rows))


def probes_of(row, site):
    return [site.account(row.address, name, row.farm)["probes"] for name in FILES.values()]


def spread(rows, seconds):
    """The rows in any order over some time, so that they meet the probes in every phase."""
    for row in random.Random(3).sample(rows, len(rows)):
        time.sleep(seconds / len(rows))
        yield row


def table(rows):
    """What was measured, as text."""
    def cell(seconds):
        return "-" if seconds is None else f"{seconds:.1f}"

    def said(row, name):
        after = row.noticed[name]
        return "up all the time" if after is None else f"down after {after:.1f}"

    lines = ["Seconds until answers stop naming a server that fails, and until they name it again; "
             "in brackets what the",
             "default parameters promise (5 s, 2 s, 3, 30 s, 1). Beside it two usual monitors with "
             "the same parameters.", "",
             f"{'fault':20}{'server':12}{'not named':>10}  {'again':>6}   {'ping':18}unarmed udp-ecv",
             f"{'':20}{'':12}{f'({DEFAULT.down_within:.1f})':>10}  "
             f"{f'({DEFAULT.up_within:.1f})':>6}"]
    for row in rows:
        lines.append(f"{row.fault.name:20}{row.kind:12}{cell(row.stopped):>10}  "
                     f"{cell(row.back):>6}   {said(row, 'ping'):18}{said(row, 'ecv')}")
    return "\n".join(lines) + "\n"


def test_every_fault_is_noticed_and_forgiven_in_time(lab):
    """All rows of the table at once, each at a server of its own."""
    rows = [Row(number, fault, kind)
            for number, (fault, kind) in enumerate(itertools.product(FAULTS, PROGRAMS))]
    site = site_of_rows(lab, rows).watch()
    monitors = [monitor for row in rows for monitor in row.monitors.values()]
    Monitors(lab, monitors)
    watching = Watching(lab, rows, site.answers([row.network for row in rows]))

    def all_named():
        return not watching.error and watching.rounds and all(watching.named.values())
    wait_for("every server is named and well by its monitors", lambda: all_named() and all(
        monitor.is_up and monitor.probes for monitor in monitors), 60)

    for row in spread(rows, DEFAULT.interval):
        row.probed = probes_of(row, site)
        row.monitored = {name: monitor.probes for name, monitor in row.monitors.items()}
        row.began = time.monotonic()
        row.fault.begin(row.server)

    # Each kind of monitor had more than enough probes to say what it ever would.
    enough = DEFAULT.retries + 2
    wait_for("the faults are noticed", lambda: all(
        watching.after(row, arch, False, row.began) for row in rows for arch in row.fault.archs),
        DEFAULT.down_within + MARGIN + 5)
    wait_for("the monitors have seen the faults", lambda: all(
        not monitor.is_up or monitor.probes >= row.monitored[name] + enough
        for row in rows for name, monitor in row.monitors.items()), 60)
    wait_for("what is well was probed on", lambda: all(
        now >= before + enough for row in rows if not row.fault.archs
        for before, now in zip(row.probed, probes_of(row, site))), 60)
    for row in rows:
        row.noticed = {name: monitor.changed(False, row.began)
                       for name, monitor in row.monitors.items()}
        row.stopped = max((watching.after(row, arch, False, row.began)
                           for arch in row.fault.archs), default=None)
        row.account = site.account(row.address, UEFI, row.farm)

    for row in spread(rows, DEFAULT.downtime):
        row.ended = time.monotonic()
        row.fault.end(row.server)
    wait_for("every server is named again", all_named, DEFAULT.up_within + MARGIN + 5)
    for row in rows:
        row.back = max((watching.after(row, arch, True, row.ended)
                        for arch in row.fault.archs), default=None)
    text = table(rows)
    (BUILD / "fault-table.txt").write_text(text)
    print(text)

    for row in rows:
        what = f"{row.fault.name} at {row.kind}"
        if row.fault.archs:
            assert row.stopped <= DEFAULT.down_within + MARGIN, what
            assert row.back <= DEFAULT.up_within + MARGIN, what
        for arch in FILES:
            changes = [is_named for at, is_named in watching.changes[row, arch]
                       if at >= row.began]
            # Nothing else ever happened.
            assert changes == ([False, True] if arch in row.fault.archs else []), f"{what}: {arch}"
        for name in ("ping", "ecv"):
            assert (row.noticed[name] is not None) == getattr(row.fault, name), f"{what}: {name}"
        if row.fault.name == "one byte, unpinned":
            assert row.account["drift"]["expected"] == sha256(bootstrap(UEFI, "1"))
            assert row.account["sha256"] not in (None, row.account["drift"]["expected"])
            assert row.account["drift"]["since"] and row.account["failures"] == 0


# ---- a server that comes and goes

QUICK = Parameters(interval=1.0, timeout=0.4, retries=3, downtime=2.0)
FARMS = {"quick": (20, QUICK), "usual": (21, DEFAULT)}
PERIOD_S, FLAPS = 3.0, 16
FLAPPING = "10.1.0.12"
MACHINES = [f"02:00:00:00:{n >> 8:02x}:{n & 255:02x}" for n in range(2000)]


class Flapping(threading.Thread):
    """Takes a server down and up in turn, at last up."""

    def __init__(self, lab, server):
        super().__init__(daemon=True)
        self.server, self.flaps, self.end = server, 0, threading.Event()
        self.start()
        lab.closers.append(self.stop)

    def run(self):
        while not self.end.wait(PERIOD_S):
            self.server.kill()
            self.end.wait(PERIOD_S)
            self.server.run()
            self.flaps += 2

    def stop(self):
        self.end.set()
        self.join()


class FlappingFarm:
    """The machines of a farm, and the verdicts of its flapping server as they came."""

    def __init__(self, site, name, relay):
        self.site, self.name, self.relay = site, name, relay
        self.parameters = FARMS[name][1]
        self.home = relay.of(MACHINES)
        self.theirs = {mac for mac, server in self.home.items() if server == FLAPPING}
        self.verdicts = []  # (since, verdict)
        self.moved = 0

    def look(self):
        account = self.site.account(FLAPPING, BIOS, self.name)
        now = (datetime.datetime.fromisoformat(account["since"].replace("Z", "+00:00")),
               account["verdict"])
        if now not in self.verdicts[-1:]:
            self.verdicts.append(now)
        away = {mac for mac, server in self.relay.of(MACHINES).items()
                if server != self.home[mac]}
        assert away <= self.theirs, "machines of others moved"
        self.moved = max(self.moved, len(away))

    def assert_steady(self):
        """Two verdicts lie as far apart as the rule demands; a probe begins up to its timeout
        before the verdict."""
        of = self.parameters
        least = {"down": of.retries * 0.9 * of.interval, "up": 0.9 * of.downtime}
        for (before, was), (since, verdict) in zip(self.verdicts, self.verdicts[1:]):
            assert was != verdict, f"a verdict went by unseen: {self.verdicts}"
            assert (since - before).total_seconds() >= least[verdict] - of.timeout

    def told(self):
        gaps = [f"{(b - a).total_seconds():.1f}" for (a, _), (b, _) in
                zip(self.verdicts[1:], self.verdicts[2:])]
        return (f"{self.name} parameters: {len(self.verdicts) - 1} changes of its verdict, "
                f"{', '.join(gaps) or 'nothing'} seconds apart; {self.moved} of {len(MACHINES)} "
                f"machines moved, {len(self.theirs)} are the server's own")


def test_of_a_server_that_flaps_only_its_own_machines_move_and_not_too_often(lab):
    """Two farms of the same servers, one with quick and one with default parameters."""
    site = Site(lab, (20, 21))
    for kind, address in zip(PROGRAMS, ("10.1.0.11", FLAPPING, "10.1.0.13")):
        site.server(kind, address)
    farms = "".join(
        f"  {name}: {{servers: [{', '.join(site.servers)}], delivery: direct, "
        f"pxe: {{offer: {{bios: direct}}}}, monitor: {parameters.yaml()}}}\n"
        for name, (_, parameters) in FARMS.items())
    site.install(f"farms:\n{farms}scopes: {{10.20.0.0/16: quick, 10.21.0.0/16: usual}}\n")
    site.watch().all_up("quick").all_up("usual")
    relays = site.answers((20, 21))
    seen = [FlappingFarm(site, name, relays[network]) for name, (network, _) in FARMS.items()]
    assert seen[0].home == seen[1].home and len(seen[0].theirs) > 500
    flapping = Flapping(lab, site.servers[FLAPPING])
    while flapping.flaps < FLAPS:
        for farm in seen:
            farm.look()
        time.sleep(0.1)  # a relay may not ask without end
    flapping.stop()
    text = (f"A server up and down each {PERIOD_S:g} s, {flapping.flaps} times.\n"
            + "".join(farm.told() + "\n" for farm in seen))
    (BUILD / "flapping.txt").write_text(text)
    for farm in seen:
        farm.assert_steady()
    # With the quick rule it was down at times, and then all of its machines were elsewhere.
    assert len(seen[0].verdicts) > 2 and seen[0].moved == len(seen[0].theirs)


# ---- a watcher that is killed

KILLS = 100
VERSIONS = [str(n) for n in range(40)]
BODIES = {name: {sha256(body): body for body in (bootstrap(name, v) for v in VERSIONS)}
          for name in FILES.values()}
BRISK = Parameters(interval=0.3, timeout=0.2, retries=3, downtime=1.0)
KILL_YAML = f"""\
boot-servers: [{BOOT}]
farms:
  east: {{servers: [10.1.0.11, 10.1.0.12, 10.1.0.13], monitor: {BRISK.yaml()}}}
scopes:
  10.20.0.0/16: east
"""


class Work(threading.Thread):
    """Does turn() again and again until it is stopped; then whatever went wrong is raised."""

    def __init__(self, turn):
        super().__init__(daemon=True)
        self.turn, self.end, self.error, self.turns = turn, threading.Event(), None, 0
        self.start()

    def run(self):
        try:
            while not self.end.is_set():
                self.turn()
                self.turns += 1
        except BaseException as error:  # raised by stop(), whatever it is
            self.error = error

    def stop(self):
        self.end.set()
        self.join()
        if self.error:
            raise self.error


class Upgrades:
    """The servers' files change from version to version, each server for itself."""

    def __init__(self, servers):
        self.servers, self.random = servers, random.Random(1)

    def __call__(self):
        name = self.random.choice(list(BODIES))
        body = self.random.choice(list(BODIES[name].values()))
        self.random.choice(self.servers).put(name, body)
        time.sleep(self.random.uniform(0, 0.1))


class Downloads:
    """Machines fetch every file; each comes whole, in one of its versions. Each is another
    machine: one and the same would keep its copy for a while."""

    def __init__(self, site):
        self.site, self.number = site, 0
        self.seen = collections.Counter()

    def __call__(self):
        self.number += 1
        machine = f"10.20.{self.number >> 8 & 255}.{self.number & 255}"
        for name, bodies in BODIES.items():
            done = tftp.fetch(self.site.side, BOOT, f"east/{name}", blksize=1456,
                              address=machine)
            digest = sha256(done.body)
            assert digest in bodies, f"{name}: {done.refusal}, {len(done.body)} bytes"
            self.seen[digest] += 1


def left_over(cache):
    """What lies among the cache's objects though no name leads there; each name leads to the
    bytes that it says."""
    named = set()
    for path in cache.glob("farms/*/*/*"):
        assert sha256(path.read_bytes()) == path.readlink().name
        named.add(path.readlink().name)
    return [path for path in cache.glob("objects/*") if path.name not in named]


def test_a_watcher_killed_a_hundred_times_leaves_nothing_half_done(lab):
    site = Site(lab)
    servers = [site.server(kind, f"10.1.0.{11 + n}") for n, kind in enumerate(PROGRAMS)]
    # Every address of the network is a machine's.
    site.side.ip("route add local 10.20.0.0/16 dev lo")
    site.boot.ip(f"route replace 10.20.0.0/16 via {SIDE}")
    site.install(KILL_YAML).watch().all_up()
    site.pvsboot.tftp(site.boot, "0.0.0.0").wait_line("serving by map revision")
    cache = site.pvsboot.dir / "cache"
    since = {(s.address, name): site.account(s.address, name)["since"]
             for s in servers for name in FILES.values()}
    probes = site.account(servers[0].address, BIOS)["probes"]
    chance, downloads = random.Random(2), Downloads(site)
    works = [Work(Upgrades(servers)), Work(downloads)]
    try:
        for _ in range(KILLS):
            time.sleep(chance.uniform(0, 1.5))  # it writes once a second
            assert site.watcher.alive(), site.watcher.text()
            site.watcher.stop(signal.SIGKILL)
            status = site.pvsboot.status()
            assert status["watcher"]["state"] in ("running", "frozen")
            for server in status["farms"][0]["servers"]:
                for account in server["files"]:
                    assert account["verdict"] == "up"
                    assert account["since"] == since[server["address"], account["file"]]
                    assert account["sha256"] in BODIES[account["file"]]
            site.watch()
    finally:
        for work in works:
            work.stop()
    assert site.account(servers[0].address, BIOS)["probes"] > probes
    assert len(downloads.seen) > 10 and sum(downloads.seen.values()) > 2 * KILLS
    # What was left half written is swept up by the next start.
    site.watcher.stop(signal.SIGKILL)
    site.watch()
    assert site.watcher.stop() == 0
    assert not left_over(cache)
    print(f"{KILLS} kills, {works[0].turns} upgrades, {sum(downloads.seen.values())} downloads")
