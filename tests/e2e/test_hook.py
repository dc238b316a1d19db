# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""The hook in a real kea-dhcp4: what it answers, what it leaves alone, what it takes away."""

import socket
import struct

import pytest

from dhcp import ACK, INFORM, OFFER, REQUEST, pxe_options
from hook_site import (ADDRESSES, BIOS, BOOT_SERVER, CONTRARY, HTTP, IN_EAST, IN_EAST_2, IN_WEST,
                       PHONE, SKIPPED, UEFI, WEST_DEVICE, WINDOWS, YAML, Twin, ends_alike,
                       is_east, is_west, shown, twins)
from lab import Lab, wait_for
from pvsboot import Pvsboot

BOOT_OPTIONS = (11, 17, 43, 60, 66, 67, 150)


@pytest.fixture(scope="module", params=[False, True], ids=["one-thread", "threads"])
def plain(request):
    """Twins without boot options of their own, with and without Kea's multi-threading."""
    with Lab("plain") as lab:
        site, hooked, bare = twins(lab, **{"multi-threading": {
            "enable-multi-threading": request.param, "thread-pool-size": 4}})
        site.cli("device", "add", WEST_DEVICE, "--farm", "west")
        yield site, hooked, bare


def test_prefixes_name_farms(plain):
    _, hooked, _ = plain
    for message in hooked.direct(IN_EAST).dora(UEFI):
        assert message.yiaddr == ADDRESSES[IN_EAST]
        is_east(message)
    for message in hooked.direct(IN_WEST).dora(UEFI):
        assert message.yiaddr == ADDRESSES[IN_WEST]
        is_west(message)


def test_device_wins_over_its_place(plain):
    site, hooked, _ = plain
    for message in hooked.direct(WEST_DEVICE).dora(UEFI):
        is_west(message)
    assert site.explain(WEST_DEVICE, from_="10.77.1.31", arch="uefi-x64")["device"] == WEST_DEVICE


def test_subnet_id_wins_over_prefixes(plain):
    _, hooked, _ = plain
    offer, ack = hooked.relayed(80).dora(UEFI)
    for message in (offer, ack):
        assert shown(message)[:2] == (BOOT_SERVER, "north/pvsnbpx64.efi")


def test_relayed_machines_are_answered(plain):
    _, hooked, _ = plain
    for message in hooked.relayed(78).dora(UEFI):
        assert message.yiaddr.startswith("10.78.")
        is_east(message)


def test_the_default_decides_last(plain):
    _, hooked, bare = plain
    untouched(hooked, bare, lambda twin: twin.relayed(81), UEFI)


def test_explain_says_the_same(plain):
    """The command line, the command of Kea and the packet agree."""
    site, hooked, _ = plain
    for mac, arch, number in ((IN_EAST, "uefi-x64", 7), (IN_WEST, "bios", 0),
                              (WEST_DEVICE, "uefi-x64", 9)):
        reply = hooked.direct(mac).discover(pxe_options(number))
        told = site.explain(mac, from_=ADDRESSES[mac], arch=arch)
        asked = hooked.kea.command("pvs-explain", {
            "hw-address": mac, "ip-address": ADDRESSES[mac], "arch": arch})
        assert asked["result"] == 0 and asked["arguments"] == told
        assert told["action"] == "boot" and told["why"]
        assert (told["server"], told["file"]) == (reply.siaddr, reply.file)
    told = site.explain("02:00:00:00:01:50", subnet_id=4, arch="uefi-x64")
    assert told["file"] == hooked.relayed(80).discover(UEFI).file
    asked = hooked.kea.command("pvs-explain", {
        "hw-address": "02:00:00:00:01:50", "subnet-id": 4, "arch": "uefi-x64"})
    assert asked["arguments"] == told


def test_explain_refuses_what_makes_no_sense(plain):
    _, hooked, _ = plain
    for arguments, word in ((None, "hw-address"), ({"hw-address": "x"}, "hw-address"),
                            ({"hw-address": IN_EAST, "subnet-id": "4"}, "subnet-id"),
                            ({"hw-address": IN_EAST, "mac": "x"}, "mac"),
                            ({"hw-address": IN_EAST, "arch": 7}, "arch")):
        answer = hooked.kea.command("pvs-explain", arguments)
        assert answer["result"] == 1 and word in answer["text"], answer


@pytest.mark.parametrize("number,file", [
    (0, "ARDBP32.BIN"), (7, "pvsnbpx64.efi"), (9, "pvsnbpx64.efi"), (None, "ARDBP32.BIN")])
def test_bios_and_uefi_live_in_one_scope(plain, number, file):
    _, hooked, _ = plain
    options = [pair for pair in pxe_options(number or 0) if number is not None or pair[0] != 93]
    for message in hooked.direct(IN_EAST).dora(options):
        is_east(message, file, arch_login=file.endswith(".efi"))


@pytest.mark.parametrize("options", [
    pxe_options(16, vendor="PXEClient:Arch:00016:UNDI:003000"), pxe_options(6)],
    ids=["http-arch", "uefi-ia32-without-file"])
def test_archs_without_a_file_are_left_alone(plain, options):
    _, hooked, bare = plain
    untouched(hooked, bare, lambda twin: twin.direct(IN_EAST), options)


def test_a_parameter_list_without_ours_changes_nothing(plain):
    _, hooked, _ = plain
    for message in hooked.direct(IN_EAST).dora(pxe_options(7, request=(1, 3))):
        is_east(message)


def test_inform_is_answered_for_its_own_address(plain):
    _, hooked, bare = plain
    ack = hooked.direct(IN_WEST).inform(ADDRESSES[IN_WEST], UEFI)
    assert ack.type == ACK
    is_west(ack)
    same_bytes(hooked, bare, lambda twin, xid: twin.direct(IN_WEST).ask(
        [(53, bytes([INFORM])), *WINDOWS], ciaddr=ADDRESSES[IN_WEST], xid=xid))


def same_bytes(hooked, bare, ask, xid=[0x5000]):
    """ask(twin, xid) of both gives the same bytes; returns the reply."""
    xid[0] += 1
    ours, theirs = ask(hooked, xid[0]), ask(bare, xid[0])
    assert ours is not None and ours.raw == theirs.raw
    return ours


def untouched(hooked, bare, client, options, xid=[0x9000]):
    """OFFER and ACK to the same client of both twins are equal byte for byte."""
    xid[0] += 1
    (offer, ack), (bare_offer, bare_ack) = (
        client(twin).dora(options, xid=xid[0]) for twin in (hooked, bare))
    assert (offer.type, ack.type) == (OFFER, ACK)
    assert offer.raw == bare_offer.raw
    assert ack.raw == bare_ack.raw
    return offer


@pytest.mark.parametrize("options", [PHONE, WINDOWS, HTTP, []],
                         ids=["phone", "windows", "http-client", "bare"])
def test_other_clients_are_left_alone(plain, options):
    _, hooked, bare = plain
    untouched(hooked, bare, lambda twin: twin.direct(IN_EAST), options)


def test_a_renewing_windows_is_left_alone(plain):
    _, hooked, bare = plain
    untouched(hooked, bare, lambda twin: twin.direct(IN_EAST_2), WINDOWS)
    same_bytes(hooked, bare, lambda twin, xid: twin.direct(IN_EAST_2).ask(
        [(53, bytes([REQUEST])), *WINDOWS], ciaddr=ADDRESSES[IN_EAST_2], xid=xid))


def test_a_scope_that_is_none_is_left_alone(plain):
    _, hooked, bare = plain
    untouched(hooked, bare, lambda twin: twin.relayed(79), UEFI)


def test_a_machine_in_the_class_is_left_alone(plain):
    _, hooked, bare = plain
    before = hooked.counters()["skipped"]
    untouched(hooked, bare, lambda twin: twin.direct(SKIPPED), UEFI)
    assert hooked.counters()["skipped"] == before + 2


def test_a_nak_is_left_alone(plain):
    _, hooked, bare = plain
    reply = same_bytes(hooked, bare, lambda twin, xid: twin.direct(IN_EAST).ask(
        [(53, bytes([REQUEST])), (50, socket.inet_aton("10.99.0.1")), *UEFI], xid=xid))
    assert reply.type == 6


def test_other_hardware_has_no_device_record(plain):
    """htype 6 (IEEE 802) is no Ethernet here: the device's MAC in it decides nothing."""
    _, hooked, _ = plain
    reply = hooked.direct(IN_EAST).discover(UEFI, mac=WEST_DEVICE, htype=6)
    is_east(reply)


def test_moving_a_scope_changes_the_next_offer(plain):
    site, hooked, _ = plain
    client = hooked.direct(IN_EAST)
    is_east(client.discover(UEFI))
    try:
        site.apply(YAML.replace("10.77.0.0/16: east", "10.77.0.0/16: west"))
        is_west(client.discover(UEFI))
        site.apply(YAML)
        is_east(client.discover(UEFI))
    finally:
        site.apply(YAML)


def test_status_says_what_is_in_force(plain):
    site, hooked, _ = plain
    status = hooked.status()
    told = site.explain(IN_EAST)
    assert status["inert"] is None and status["mode"] == "override"
    assert status["map"]["condition"] == "open" and status["map"]["error"] is None
    assert (status["map"]["revision"], status["map"]["digest"]) == (
        told["revision"], told["digest"])
    assert not any(status["counters"]["failed"].values())
    assert status["counters"]["answered"] > 0


@pytest.fixture(scope="module")
def contrary():
    """Twins whose Kea is configured with everything that would contradict an answer."""
    with Lab("contrary") as lab:
        yield twins(lab, **CONTRARY)


def test_what_contradicts_us_goes(contrary):
    _, hooked, bare = contrary
    for ours, theirs in zip(hooked.direct(IN_EAST).dora(UEFI), bare.direct(IN_EAST).dora(UEFI)):
        is_east(ours)
        assert shown(theirs) == ("10.99.0.1", "kea-field", b"10.99.0.2", b"kea-67")
        for code in (43, 60, 150):
            assert theirs.option(code) is not None and ours.option(code) is None
        assert theirs.sname == "kea-sname" and theirs.option(17) == b"kea-root"
        ends_alike_but_xid(ours, theirs)
    for ours in hooked.direct(IN_WEST).dora(UEFI):
        is_west(ours)


def ends_alike_but_xid(ours, theirs):
    assert ours.raw[:4] == theirs.raw[:4]
    ends_alike(ours, theirs, but=BOOT_OPTIONS)


def test_keas_root_path_stays_for_bios(contrary):
    _, hooked, _ = contrary
    for ours in hooked.direct(IN_EAST).dora(BIOS):
        assert shown(ours)[1] == "east/ARDBP32.BIN"
        assert ours.option(17) == b"kea-root" and ours.option(11) is None


@pytest.mark.parametrize("options", [PHONE, WINDOWS, HTTP], ids=["phone", "windows", "http"])
def test_rich_replies_to_others_stay_as_they_are(contrary, options):
    _, hooked, bare = contrary
    offer = untouched(hooked, bare, lambda twin: twin.direct(IN_EAST), options)
    assert offer.option(60) == b"PXEClient"


@pytest.mark.parametrize("room,has_66,logins", [(None, False, 3), (576, False, 3), (540, False, 1),
                                                (1472, True, 3)])
def test_option_57_is_kept_to(lab, room, has_66, logins):
    """Filled to the brim by Kea: 66 goes first, then 11 gets shorter; 67 and siaddr never."""
    filler = [{"code": 224, "space": "dhcp4", "csv-format": False, "data": "aa" * 243,
               "always-send": True}]
    site = Pvsboot(lab, YAML)
    site.apply()
    twin = Twin(lab, "full", [site.hook()], **{"option-data": filler})
    twin.kea.start()
    twin.wait_open()
    options = [pair for pair in UEFI if pair[0] != 57]
    if room is not None:
        options.append((57, struct.pack("!H", room)))
    for message in twin.direct(IN_EAST).dora(options):
        assert (message.siaddr, message.file) == (BOOT_SERVER, "east/pvsnbpx64.efi")
        assert message.option(67) == b"east/pvsnbpx64.efi"
        assert (message.option(66) is not None) == has_66
        assert len(message.addresses(11)) == logins


def test_fill_only_fills_only(lab):
    """Where Kea answers, nothing is touched; where it does not, everything is."""
    _, hooked, bare = twins(lab, {"mode": "fill-only"}, **{"client-classes": [
        {"name": "KEA_BOOTS", "test": "substring(option[77].hex,0,3) == 'kea'",
         "next-server": "10.99.0.1"},
        {"name": "PVSBOOT_SKIP"}]})
    is_east(hooked.direct(IN_EAST).discover(UEFI))
    untouched(hooked, bare, lambda twin: twin.direct(IN_EAST), [*UEFI, (77, b"kea")])
    assert hooked.counters()["kept"] == 2


def test_all_clients_may_be_asked_for(lab):
    _, hooked, _ = twins(lab, {"clients": "all", "keep-option-60": True}, **CONTRARY)
    reply = hooked.direct(IN_EAST).discover(PHONE)
    assert shown(reply)[:2] == (BOOT_SERVER, "east/ARDBP32.BIN")
    assert reply.option(60) == b"PXEClient" and reply.option(43) is None


def test_bootp_after_ours_is_answered(lab):
    _, hooked, _ = twins(lab, order=lambda hook: [hook, ("libdhcp_bootp.so", {})])
    reply = hooked.direct(IN_EAST).bootp()
    assert reply.yiaddr == ADDRESSES[IN_EAST] and reply.type is None
    assert len(reply.raw) >= 300
    assert shown(reply)[:2] == (BOOT_SERVER, "east/ARDBP32.BIN")
    assert reply.option(67) == b"east/ARDBP32.BIN"
    is_east(hooked.direct(IN_EAST).discover(UEFI))


def test_bootp_before_ours_is_counted_and_said_once(lab):
    _, hooked, bare = twins(lab, order=lambda hook: [("libdhcp_bootp.so", {}), hook])
    for _ in range(3):
        same_bytes(hooked, bare, lambda twin, xid: twin.direct(IN_EAST).bootp(xid=xid))
    assert hooked.counters()["already-packed"] == 3
    assert hooked.kea.log().count("PVSBOOT_ALREADY_PACKED") == 1
    is_east(hooked.direct(IN_EAST).discover(UEFI))


def test_a_shared_network_is_answered_by_the_subnet_of_the_lease(lab):
    """The first subnet has one address: the second machine's lease moves on to the other."""
    networks = [{"name": "shared", "subnet4": [
        {"id": 31, "subnet": "10.77.0.0/16", "pools": [{"pool": "10.77.9.1 - 10.77.9.1"}]},
        {"id": 32, "subnet": "10.82.0.0/16", "pools": [{"pool": "10.82.1.0 - 10.82.1.99"}]}]}]
    yaml = YAML.replace("  default: none", "  subnet-id 31: east\n  subnet-id 32: west\n"
                                           "  default: none")
    site = Pvsboot(lab, yaml)
    site.apply()
    twin = Twin(lab, "shared", [site.hook()], **{"shared-networks": networks})
    twin.kea.config["subnet4"] = []
    twin.kea.start()
    twin.wait_open()
    first, second = twin.direct(IN_EAST), twin.direct(IN_EAST_2)
    _, ack = first.dora(UEFI)
    is_east(ack)
    offer, ack = second.dora(UEFI)
    assert ack.yiaddr.startswith("10.82.")
    is_west(offer)
    is_west(ack)
    is_west(second.renew(ack.yiaddr, UEFI))


@pytest.mark.parametrize("parameters,word", [
    ({"mode": "overwrite"}, "mode"), ({"db": 7}, "db"), ({"colour": "red"}, "colour"),
    ({"keep-option-60": "yes"}, "keep-option-60"), ({"clients": ["pxe"]}, "clients")])
def test_a_wrong_parameter_makes_the_hook_inert(lab, parameters, word):
    site = Pvsboot(lab, YAML)
    site.apply()
    twin = Twin(lab, "wrong", [site.hook(**parameters)])
    twin.kea.start()
    offer, ack = twin.direct(IN_EAST).dora(UEFI)
    assert (ack.type, ack.siaddr, offer.option(67)) == (ACK, "0.0.0.0", None)
    lines = [line for line in twin.kea.log().splitlines() if "PVSBOOT_" in line]
    assert len([line for line in lines if "ERROR" in line]) == 1
    assert f'"{word}"' in twin.status()["inert"]
    twin.kea.hooks = [site.hook()]
    twin.kea.reload()
    twin.wait_open()
    is_east(twin.direct(IN_EAST).discover(UEFI))


def test_listed_twice_it_answers_each_packet_once(lab):
    site = Pvsboot(lab, YAML)
    site.apply()
    twin = Twin(lab, "twice", [site.hook(), site.hook(mode="fill-only")])
    twin.kea.start()
    twin.wait_open()
    is_east(twin.direct(IN_EAST).discover(UEFI))
    assert (twin.counters()["queries"], twin.status()["mode"]) == (1, "override")
    assert twin.kea.log().count("PVSBOOT_LOADED_TWICE") == 1


def test_an_orderly_stop_leaves_no_marker(lab):
    site, hooked, _ = twins(lab)
    state = site.dir / "state"
    assert [path.name for path in state.glob("hook.*.marker")] == [
        f"hook.{hooked.kea.program.pid}.marker"]
    hooked.kea.reload()
    hooked.wait_open()
    assert len(list(state.glob("hook.*.marker"))) == 1
    assert hooked.kea.stop() == 0
    assert not list(state.glob("hook.*.marker"))


def test_two_deaths_within_a_minute_make_the_third_start_inert(lab):
    site = Pvsboot(lab, YAML)
    site.apply()
    twin = Twin(lab, "dying", [site.hook()])
    for _ in range(2):
        twin.kea.start()
        twin.wait_open()
        is_east(twin.direct(IN_EAST).discover(UEFI))
        twin.kea.kill()
    twin.kea.start()
    assert "twice" in twin.status()["inert"]
    _, ack = twin.direct(IN_EAST).dora(UEFI)
    assert (ack.type, ack.siaddr, ack.option(67)) == (ACK, "0.0.0.0", None)
    assert twin.kea.log().count("PVSBOOT_INERT") == 1
    twin.kea.stop()
    twin.kea.start()
    twin.wait_open()
    is_east(twin.direct(IN_EAST).discover(UEFI))


def test_a_second_server_beside_the_first_harms_neither(lab):
    """As kea-dhcp4 -T does from 2.4 on, which loads the library beside the running server."""
    site, hooked, _ = twins(lab)
    for n in range(3):
        second = Twin(lab, f"second{n}", [site.hook()])
        second.kea.start()
        second.wait_open()
        assert len(list((site.dir / "state").glob("hook.*.marker"))) == 2
        assert second.status()["inert"] is None
        assert second.kea.stop() == 0
    is_east(hooked.direct(IN_EAST).discover(UEFI))
    hooked.kea.reload()
    hooked.wait_open()
    assert hooked.status()["inert"] is None


def test_a_map_that_comes_later_is_taken_up(lab):
    site = Pvsboot(lab, YAML)
    twin = Twin(lab, "early", [site.hook()])
    twin.kea.start()
    assert shown(twin.direct(IN_EAST).discover(UEFI))[0] == "0.0.0.0"
    assert twin.counters()["failed"]["no-map"] == 1
    site.apply()
    twin.wait_open()
    is_east(twin.direct(IN_EAST).discover(UEFI))
    wait_for("the line about the map", lambda: "PVSBOOT_DB_OPENED" in twin.kea.log())
