#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""Prints the golden vectors of check_score.c from the formula alone: its own SipHash, and
logarithms to 60 digits, rounded to a double once."""
from decimal import Decimal, getcontext

MASK = 2**64 - 1
getcontext().prec = 60


def rotl(x, bits):
    return (x << bits | x >> (64 - bits)) & MASK


def siphash24(data):
    v = [0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573]

    def rounds(n):
        for _ in range(n):
            v[0] = (v[0] + v[1]) & MASK
            v[1] = rotl(v[1], 13) ^ v[0]
            v[0] = rotl(v[0], 32)
            v[2] = (v[2] + v[3]) & MASK
            v[3] = rotl(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & MASK
            v[3] = rotl(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & MASK
            v[1] = rotl(v[1], 17) ^ v[2]
            v[2] = rotl(v[2], 32)

    whole = len(data) // 8 * 8
    words = [data[i : i + 8] for i in range(0, whole, 8)]
    words.append(data[whole:].ljust(7, b"\0") + bytes([len(data) & 0xFF]))
    for word in words:
        m = int.from_bytes(word, "little")
        v[3] ^= m
        rounds(2)
        v[0] ^= m
    v[2] ^= 0xFF
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def score(h, weight):
    u = (float(h) + 0.5) / 2.0**64
    return float("inf") if u == 1.0 else float(-weight / Decimal(u).ln())


def quad(text):
    return bytes(int(part) for part in text.split("."))


def show(value):
    return "INFINITY" if value == float("inf") else value.hex()


MACS = ["00:00:00:00:00:00", "00:11:22:33:44:55", "aa:bb:cc:dd:ee:ff", "ff:ff:ff:ff:ff:ff"]
SERVERS = ["10.1.0.11", "10.1.0.12", "10.1.0.13", "192.168.255.254"]
HASHES = [0, 1, 2**32, 2**53 - 1, 2**53 + 1, 2**63 - 1, 2**63, 0xB504F333F9DE6484,
          0xB504F333F9DE6485, 2**64 - 2**32, 2**64 - 2**11, 2**64 - 2**10 - 1,
          2**64 - 2**10, 2**64 - 1]

if __name__ == "__main__":
    for mac in MACS:
        for i, server in enumerate(SERVERS):
            weight = [1, 2, 100, 1][i]
            h = siphash24(bytes.fromhex(mac.replace(":", "")) + quad(server))
            print('    {"%s", "%s", %d, %s},' % (mac, server, weight, show(score(h, weight))))
    for source, server in [("10.20.70.1", "10.1.0.11"), ("10.20.70.1", "10.1.0.12")]:
        h = siphash24(quad(source) + quad(server))
        print('    {"%s", "%s", 1, %s},' % (source, server, show(score(h, 1))))
    for h in HASHES:
        for weight in 1, 100:
            print("    {0x%016x, %d, %s}," % (h, weight, show(score(h, weight))))
