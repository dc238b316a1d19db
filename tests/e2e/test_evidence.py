# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""Delivery "direct": what is told of machines that were sent to a PVS server past our own TFTP."""

from events import ACKED, BOOTED, HOOK, STAGE, Events
from hook_site import IN_EAST, IN_WEST, UEFI, WINDOWS, Twin
from pvsboot import Pvsboot

PVS = "10.2.0.11"
IPXE = (77, b"iPXE")
YAML = """\
boot-servers: [10.77.0.5]
farms:
  east:
    servers: [10.1.0.11]
    monitor: {probe: none}
  west:
    servers: [10.2.0.11]
    delivery: direct
    monitor: {interval: 10m, timeout: 2s, retries: 3}
scopes:
  10.77.0.0/16: east
  10.77.64.0/18: west
"""


def test_the_hook_tells_who_was_sent_where_and_who_booted(lab):
    site = Pvsboot(lab, YAML)
    site.apply()
    events = Events(site)
    twin = Twin(lab, "server", [site.hook()])
    twin.kea.start()
    twin.wait_open()
    east, west = twin.direct(IN_EAST), twin.direct(IN_WEST)

    _, ack = west.dora([*UEFI, IPXE])
    told = events.wait(kind=STAGE, what=ACKED, mac=IN_WEST, xid=ack.xid)
    assert (told.program, told.direct, told.server, told.farm, told.client) == (
        HOOK, True, PVS, "west", ack.yiaddr)
    assert told.user_class != 0
    _, ack = west.dora(UEFI)
    assert events.wait(kind=STAGE, what=ACKED, mac=IN_WEST, xid=ack.xid).user_class == 0

    _, ack = east.dora(UEFI)
    told = events.wait(kind=STAGE, what=ACKED, mac=IN_EAST, xid=ack.xid)
    assert (told.direct, told.server) == (False, "10.77.0.5")

    for client in (east, west):
        client.dora(WINDOWS)
        client.dora(WINDOWS)
    _, ack = east.dora(UEFI)
    events.wait(kind=STAGE, what=ACKED, mac=IN_EAST, xid=ack.xid)
    assert [event.mac for event in events.of(kind=STAGE, what=BOOTED)] == [IN_WEST]
