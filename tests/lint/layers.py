#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""The house's walls: who may include whom, and which library belongs to which room.

Reads every #include of the tree (the argument, or $srcdir) and prints each one that goes
upward or sideways. HACKING.md draws the same picture.
"""
import os
import re
import sys
import tempfile

BELOW = {  # room -> the rooms whose headers it may include, besides its own
    "lib/base": [],
    "lib/wire": ["lib/base"],
    "lib/own": ["lib/base"],
    "lib/boot": ["lib/base", "lib/wire", "db/record.h"],
    "db": ["lib/base", "lib/own", "lib/wire"],
    "lib/cache": ["lib/base", "lib/own"],
    "lib/net": ["lib/base", "lib/own", "lib/wire"],
    "lib/daemon": ["lib/base", "lib/wire", "db", "lib/net"],
    "lib/report": ["lib/base", "lib/wire", "lib/boot", "db"],
    "hooks": ["lib/base", "lib/wire", "lib/boot", "db", "lib/report", "lib/net/evsend.h"],
}
PROGRAMS = ["cli", "tftp", "pxe-proxy", "watch"]
FOR_PROGRAMS = ["lib/base", "lib/own", "lib/wire", "lib/boot", "db", "lib/cache", "lib/net",
                "lib/daemon", "lib/report"]
FOREIGN = {  # header pattern -> the places that alone may include it
    r"lmdb\.h": ["db/"],
    r"yaml\.h": ["cli/conf/"],
    r"uv\.h": ["lib/net/"],
    r"jansson\.h": ["db/", "lib/report/", "cli/", "hooks/commands.cc"],
    r"nettle/.*": ["db/", "lib/cache/", "cli/", "watch/"],
    r"systemd/.*": ["lib/net/"],
    r"cap-ng\.h": ["lib/net/"],
    r"(ifaddrs|net/\w+|netpacket/\w+|linux/(errqueue|filter|if_\w+))\.h": ["lib/net/"],
    r"(sys/socket|netinet/\w+)\.h": ["lib/net/", "tftp/", "pxe-proxy/", "watch/"],
    r"(hooks|dhcp|dhcpsrv|cc|log|stats|config|asiolink|exceptions)/[^/]*\.h": ["hooks/"],
}
GENERATED = ["pvsboot-config.h"]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def room_of(path):
    for room in sorted(list(BELOW) + PROGRAMS, key=len, reverse=True):
        if path.startswith(room + "/"):
            return room
    return None


def allowed(room, header):
    if header in GENERATED or header.startswith(room + "/"):
        return True
    below = FOR_PROGRAMS if room in PROGRAMS else BELOW[room]
    return any(header == b or header.startswith(b + "/") for b in below)


def foreign_ok(path, header):
    for pattern, places in FOREIGN.items():
        if re.fullmatch(pattern, header):
            return any(path.startswith(place) for place in places)
    return True


def violations(root):
    count = 0
    found = []
    for folder, dirs, files in os.walk(root):
        dirs[:] = [d for d in dirs if not d.startswith((".", "build"))]
        for name in sorted(files):
            path = os.path.relpath(os.path.join(folder, name), root)
            room = room_of(path)
            if room is None or not name.endswith((".c", ".h", ".cc")):
                continue
            count += 1
            with open(os.path.join(root, path), encoding="utf-8") as source:
                text = source.read()
            for kind, header in INCLUDE.findall(text):
                if kind == '"' and not allowed(room, header):
                    found.append(f"{path}: {room}/ may not include {header}")
                if kind == "<" and not foreign_ok(path, header):
                    found.append(f"{path}: <{header}> does not belong here")
            if name.endswith(".h") and "#pragma once" not in text:
                found.append(f"{path}: no #pragma once")
            if not text.startswith("/* SPDX-License-Identifier: MPL-2.0\n"):
                found.append(f"{path}: does not begin with the licence line")
    return count, found


def sees_what_it_should():
    """The lint itself: a house with every kind of hole must not pass."""
    holes = {
        "lib/base/a.c": '#include "lib/wire/tftp.h"',
        "lib/boot/b.c": '#include "db/env.h"',
        "db/c.c": '#include "lib/boot/decide.h"',
        "tftp/d.c": '#include "cli/cli.h"',
        "hooks/e.c": '#include "lib/net/loop.h"',
        "cli/f.c": "#include <lmdb.h>",
        "lib/net/g.h": "",
    }
    with tempfile.TemporaryDirectory() as root:
        for path, text in holes.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write("/* SPDX-License-Identifier: MPL-2.0\n */\n" + text + "\n")
        _, found = violations(root)
        return all(any(line.startswith(path) for line in found) for path in holes)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("srcdir", ".")
    count, found = violations(root)
    print("\n".join(found))
    failed = len(found) + (0 if sees_what_it_should() else 1)
    print(f"{count} passed, {failed} failed")
    return 0 if failed == 0 and count > 20 else 1


if __name__ == "__main__":
    sys.exit(main())
