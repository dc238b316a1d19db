# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""Real firmware beside DHCP servers that give addresses only, booted by pvsboot-pxe."""

import collections
import itertools
import signal

import pytest

from dhcp import ACK, DirectClient, PxeClient, RelayedClient, pxe_options
from dhcp_servers import DNSMASQ, DnsmasqServer, IscServer, KeaServer
from events import FINDING, OTHER_PROXY, Events
from firmware import FILES, stamp
from lab import wait_for
from pvsboot import PXE_READY
from pxe_site import CLIENTS, DHCP, NETWORKS, PROXY, YAML, Boot, Segment, Site, yaml_of_form

MACS = {"bios": "52:54:00:00:00:01", "uefi": "52:54:00:00:00:02"}

SERVERS = {
    "kea": KeaServer,
    "kea-threads": lambda *where: KeaServer(*where, threads=True),
    "kea-udp": lambda *where: KeaServer(*where, sockets="udp"),
    "kea-udp-threads": lambda *where: KeaServer(*where, sockets="udp", threads=True),
    "dnsmasq": DnsmasqServer,
    "dhcpd": IscServer,
}

# Each line is a site in which two machines boot at once. The DHCP server stands on the proxy's own
# host or another, and starts before the proxy or after it. Kea with UDP sockets serves relayed
# machines alone.
Case = collections.namedtuple("Case", "form relay server host starts bios uefi")
CASES = [Case(*line.split()) for line in """\
direct    none      kea              other  before  e1000    edk2
direct    none      kea              own    after   virtio   ipxe-uefi
direct    none      kea-threads      own    before  vmxnet3  edk2
redirect  none      kea              own    before  e1000    ipxe-uefi
redirect  none      kea-threads      other  after   virtio   edk2
redirect  none      kea-threads      own    after   vmxnet3  ipxe-uefi
direct    dnsmasq   kea-udp-threads  own    before  e1000    edk2
direct    dhcrelay  kea-udp          own    after   virtio   ipxe-uefi
direct    dhcrelay  kea              other  before  vmxnet3  edk2
redirect  dnsmasq   kea-udp          own    before  e1000    ipxe-uefi
redirect  dhcrelay  kea-udp-threads  own    after   virtio   edk2
redirect  dnsmasq   kea              own    after   vmxnet3  ipxe-uefi
direct    none      dnsmasq          own    after   virtio   ipxe-uefi
redirect  none      dnsmasq          other  before  vmxnet3  edk2
direct    dhcrelay  dnsmasq          other  after   e1000    edk2
redirect  dhcrelay  dnsmasq          own    before  virtio   ipxe-uefi
direct    none      dhcpd            other  before  virtio   ipxe-uefi
redirect  none      dhcpd            own    after   e1000    edk2
direct    dnsmasq   dhcpd            own    before  vmxnet3  edk2
redirect  dhcrelay  dhcpd            other  after   e1000    ipxe-uefi
""".splitlines()]
KEAS = [name for name in SERVERS if name.startswith("kea")]


def check_boot(site, boot, farm, form, server, server_address):
    """Asserts that a machine ran its farm's bootstrap, fetched from where explain says, by the form
    of offer given, and that the DHCP server gave it its address and nothing else."""
    assert boot.ran() == boot.firmware.says(farm)
    address = boot.lease().yiaddr
    explained = site.pvsboot.explain(boot.mac, from_=address, arch=boot.firmware.arch)
    wanted = (explained["server"], explained["file"])
    assert explained["farm"] == farm
    assert boot.fetched() == {wanted}
    check_offers(boot, form, wanted)
    assert server.leases()[boot.mac] == address
    for message in boot.given():
        assert message.addresses(54) == [server_address]
        assert (message.option(60), message.option(67), message.file) == (None, None, "")


def check_offers(boot, form, wanted):
    """Asserts the form of the proxy's OFFERs and how often port 4011 was asked."""
    offers, exchanges = boot.offers(), boot.asked()
    assert offers
    for offer in offers:
        assert offer.addresses(54) == [PROXY]
        assert (offer.siaddr, offer.file) == (wanted if form == "direct" else (PROXY, ""))
    assert len(exchanges) == (0 if form == "direct" else 1)
    for ack in itertools.chain(*exchanges.values()):
        assert (ack.type, ack.siaddr, ack.file) == (ACK, *wanted)
    assert all(exchanges.values())


def test_the_table_leaves_nothing_out():
    """Every client in both forms on both ways beside Kea, Kea in every way on the proxy's host;
    and every client beside the others, on both hosts."""
    forms, ways, orders = ("direct", "redirect"), (False, True), ("before", "after")

    def boots(*servers):
        return {(client, case.form, case.relay != "none", case.host)
                for case in CASES if case.server in servers for client in (case.bios, case.uefi)}
    assert {boot[:3] for boot in boots(*KEAS)} == set(itertools.product(CLIENTS, forms, ways))
    assert {(case.server, case.starts) for case in CASES if case.host == "own"} >= set(
        itertools.product(KEAS, orders))
    assert {(case.server[:3], case.starts) for case in CASES if case.host == "other"} >= set(
        itertools.product(["kea"], orders))
    for server in set(SERVERS) - set(KEAS):
        assert {boot[0] for boot in boots(server)} == set(CLIENTS)
        assert {boot[1:3] for boot in boots(server)} == set(itertools.product(forms, ways))
        assert {boot[3] for boot in boots(server)} == {"own", "other"}


@pytest.mark.long
@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_firmware_boots_beside_any_dhcp_server(lab, case):
    site = Site(lab, yaml_of_form(case.form))
    host, address = (site.proxy, PROXY) if case.host == "own" else (site.dhcp, DHCP)
    segment, farm = site.wire, "east"
    if case.relay != "none":
        segment, farm = site.branch(case.relay, sorted({PROXY, address})), "west"
    server = SERVERS[case.server](host, ["eth0"], NETWORKS)
    begin = [server.start, site.serve]
    for start in begin if case.starts == "before" else reversed(begin):
        start()
    boots = [Boot(segment, client, mac) for client, mac in zip(case[-2:], MACS.values())]
    for boot in boots:
        check_boot(site, boot, farm, case.form, server, address)


def test_firmware_boots_beside_kea_on_the_same_host(lab):
    """The forms of offer that are default: direct for BIOS, redirect for UEFI."""
    site = Site(lab)
    server = KeaServer(site.proxy, ["eth0"], NETWORKS).start()
    site.serve()
    bios, uefi = (Boot(site.wire, client, MACS[CLIENTS[client].kind])
                  for client in ("virtio", "edk2"))
    check_boot(site, bios, "east", "direct", server, PROXY)
    check_boot(site, uefi, "east", "redirect", server, PROXY)


@pytest.mark.long
def test_one_proxy_serves_two_segments_and_a_device_record_moves_a_machine(lab):
    site = Site(lab)
    second = Segment(lab, "second")
    second.plug(site.proxy, "eth1", "10.79.0.2/16")
    second.plug(site.dhcp, "eth1", "10.79.0.1/16")
    server = KeaServer(site.dhcp, ["eth0", "eth1"], NETWORKS).start()
    site.serve("eth0", "eth1")

    def run(client, *farms):
        """The same firmware on both segments at once; returns the first one's MAC."""
        kind = CLIENTS[client].kind
        machines = [segment.power_on(client, f"{MACS[kind][:-4]}{i}:01")
                    for i, segment in enumerate((site.wire, second))]
        assert [machine.wait() for machine in machines] == [
            CLIENTS[client].says(farm) for farm in farms]
        assert {machine.mac for machine in machines} <= server.leases().keys()
        return machines[0].mac
    run("edk2", "east", "west")
    moved = run("e1000", "east", "west")
    site.pvsboot.cli("device", "add", moved, "--farm", "west")
    run("e1000", "west", "west")


ADDRESSES = {"direct": ("10.77.0.11", "10.77.0.12"), "boot-server": (PROXY, "10.77.0.3")}


def yaml_of_delivery(delivery, form):
    """Two servers to choose from: the farm's own, or boot servers."""
    return (yaml_of_form(form)
            .replace(f"[{PROXY}]", f"[{', '.join(ADDRESSES['boot-server'])}]")
            .replace("[10.1.0.11]", f"[{', '.join(ADDRESSES['direct'])}], delivery: {delivery}"))


def put_verdicts(site, delivery, file, *verdicts):
    """The verdicts about the two servers."""
    for address, verdict in zip(ADDRESSES[delivery], verdicts):
        about = ("tftp", "east", address, file) if delivery == "direct" else (
            "boot-server", "", address, "")
        site.pvsboot.verdict(*about, verdict)


@pytest.mark.long
@pytest.mark.parametrize("delivery, form, client", [
    ("direct", "direct", "e1000"), ("boot-server", "redirect", "edk2")])
def test_the_next_boot_follows_the_verdicts(lab, delivery, form, client):
    site = Site(lab, yaml_of_delivery(delivery, form))
    server = KeaServer(site.dhcp, ["eth0"], NETWORKS).start()
    for address in set(ADDRESSES[delivery]) - {PROXY}:
        host = site.wire.host(f"tftp{address[-2:]}", address + "/16")
        if delivery == "direct":
            host.start(*DNSMASQ, "--enable-tftp", f"--tftp-root={lab.path('east')}")
        else:
            site.pvsboot.tftp(host, address)
    kind = CLIENTS[client].kind

    def boots_from(address):
        boot = Boot(site.wire, client, MACS[kind])
        check_boot(site, boot, "east", form, server, DHCP)
        assert {source for source, _ in boot.fetched()} == {address}
    put_verdicts(site, delivery, FILES[kind], "up", "down")
    site.serve()
    boots_from(ADDRESSES[delivery][0])
    put_verdicts(site, delivery, FILES[kind], "down", "up")
    boots_from(ADDRESSES[delivery][1])


@pytest.mark.parametrize("arch, file", [(0, "ARDBP32.BIN"), (7, "pvsnbpx64.efi")])
@pytest.mark.parametrize("form", ["direct", "redirect"])
@pytest.mark.parametrize("delivery", ["direct", "boot-server"])
def test_offer_and_ack_follow_the_verdicts(lab, delivery, form, arch, file):
    """Also where the state appears only when the proxy serves already."""
    site = Site(lab, yaml_of_delivery(delivery, form))
    site.pvsboot.pxe(site.proxy, "eth0")
    host = site.wire.host("client", "10.77.5.5/16")
    direct, pxe = DirectClient(host, "eth0"), PxeClient(host, "10.77.5.5", PROXY)
    name = file if delivery == "direct" else f"east/{file}"

    def named():
        """Whom OFFER and ACK name."""
        offer = direct.discover(pxe_options(arch))
        ack = pxe.renew("10.77.5.5", pxe_options(arch))
        assert ack.file == name
        assert offer.file == (name if form == "direct" else "")
        return offer.siaddr, ack.siaddr

    def follow(server):
        wanted = (server if form == "direct" else PROXY, server)
        wait_for(f"OFFER and ACK name {wanted}", lambda: named() == wanted)
    first, second = ADDRESSES[delivery]
    unproven = named()[1]
    assert unproven in (first, second)
    follow(unproven)
    for verdicts, server in ((("up", "unproven"), first), (("down", "unproven"), second),
                             (("down", "up"), second), (("up", "down"), first)):
        put_verdicts(site, delivery, file, *verdicts)
        follow(server)


@pytest.mark.long
def test_shadow_leaves_a_working_pxe_service_alone_and_names_it(lab):
    site = Site(lab, YAML + "proxy: {mode: shadow}\n")
    events = Events(site.pvsboot)
    server = KeaServer(site.dhcp, ["eth0"], NETWORKS).start()
    for kind, name in FILES.items():
        stamp(kind, "nobody", lab.path("tftp", name))
    site.wire.host("pxe", "10.77.0.5/16").start(
        *DNSMASQ, "--dhcp-range=10.77.0.0,proxy,255.255.0.0",
        "--pxe-service=x86PC,PXE,ARDBP32.BIN", "--pxe-service=X86-64_EFI,PXE,pvsnbpx64.efi",
        "--enable-tftp", f"--tftp-root={lab.path('tftp')}").wait_line("DHCP, proxy")
    proxy = site.serve()
    boots = [Boot(site.wire, client, MACS[CLIENTS[client].kind]) for client in ("e1000", "edk2")]
    for boot in boots:
        assert boot.ran() == boot.firmware.says("nobody")
        assert boot.fetched() == {("10.77.0.5", FILES[boot.firmware.kind])}
        assert server.leases()[boot.mac] == boot.lease().yiaddr
        found = events.wait(kind=FINDING, what=OTHER_PROXY, mac=boot.mac)
        assert (found.server, found.farm) == ("10.77.0.5", "east")
    assert site.wire.trace.sent_by(PROXY) == []
    assert "10.77.0.5" in proxy.text()


@pytest.mark.parametrize("server", KEAS)
def test_kea_on_the_same_host_grants_every_lease(lab, server):
    """The proxy starts, stops, is killed, and runs when Kea starts; it answers the same
    machines all the while."""
    site = Site(lab)
    kea = SERVERS[server](site.proxy, ["eth0"], NETWORKS).start()
    host = site.wire.host("client", "10.77.5.5/16", "10.78.0.1/16")
    site.proxy.ip("route add 10.78.0.0/16 via 10.77.5.5")
    relayed = "udp" in server
    client = RelayedClient(host, "10.78.0.1", PROXY) if relayed else DirectClient(host, "eth0")
    granted = {}

    def lease(machines=20):
        for _ in range(machines):
            mac = f"02:00:00:00:01:{len(granted):02x}"
            _, ack = client.dora(pxe_options(), mac=mac, wanted=lambda m: m.yiaddr != "0.0.0.0")
            assert ack.type == ACK
            granted[mac] = ack.yiaddr

    lease()
    for end in (signal.SIGTERM, signal.SIGKILL):
        proxy = site.pvsboot.pxe(site.proxy, "eth0", wait=False)
        lease()
        proxy.wait_line(PXE_READY)
        offer = client.discover(pxe_options(), wanted=lambda m: m.yiaddr == "0.0.0.0")
        assert offer.siaddr == PROXY
        lease()
        proxy.child.send_signal(end)
        lease()
        assert proxy.wait() == (0 if end == signal.SIGTERM else -end)
    assert kea.leases() == granted
    assert len(set(granted.values())) == len(granted)
    kea.stop()
    site.pvsboot.pxe(site.proxy, "eth0")
    kea.start()
    lease()
