#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: LGPL-2.1-or-later
"""pages.py PID PID MIB: compares a guest's whole memory in two QEMUs, which both stand still.

Exit status 0: every byte is the same; 1: each page that differs is told with its bytes.
"""

import sys

PAGE_BYTES = 4096
STEP_BYTES = 4 << 20
SHOWN_BYTES = 16


class Difference:
    """A page that is not the same: its place in the guest's memory, and its two contents."""

    def __init__(self, offset, here, there):
        self.offset, self.here, self.there = offset, here, there
        self.places = [i for i in range(PAGE_BYTES) if here[i] != there[i]]

    def __str__(self):
        first = self.places[0]
        part = slice(first, min(self.places[-1] + 1, first + SHOWN_BYTES))
        return (f"page {self.offset:#x}: {len(self.places)} bytes from {first:#x} to "
                f"{self.places[-1]:#x}: {self.here[part].hex()} here, {self.there[part].hex()}"
                " there")


def find_memory(pid, size_bytes):
    """Where the guest's memory is in this QEMU: the only mapping of its size."""
    places = []
    with open(f"/proc/{pid}/maps") as maps:
        for line in maps:
            span, rights, *_ = line.split()
            begin, end = (int(address, 16) for address in span.split("-"))
            if end - begin == size_bytes and rights.startswith("rw"):
                places.append(begin)
    if len(places) != 1:
        raise LookupError(f"QEMU {pid} has {len(places)} mappings of {size_bytes} bytes")
    return places[0]


def read(memory, address, n_bytes):
    memory.seek(address)
    data = memory.read(n_bytes)
    if len(data) != n_bytes:
        raise EOFError(f"{len(data)} of {n_bytes} bytes at {address:#x}")
    return data


def compare(here, there, memory_mib):
    """The pages that differ between the QEMUs with these PIDs."""
    size_bytes = memory_mib << 20
    bases = [find_memory(pid, size_bytes) for pid in (here, there)]
    found = []
    with open(f"/proc/{here}/mem", "rb", 0) as a, open(f"/proc/{there}/mem", "rb", 0) as b:
        for offset in range(0, size_bytes, STEP_BYTES):
            ours, theirs = (read(memory, base + offset, STEP_BYTES)
                            for memory, base in zip((a, b), bases))
            if ours == theirs:
                continue
            for page in range(0, STEP_BYTES, PAGE_BYTES):
                pair = [data[page:page + PAGE_BYTES] for data in (ours, theirs)]
                if pair[0] != pair[1]:
                    found.append(Difference(offset + page, *pair))
    return found


if __name__ == "__main__":
    differences = compare(*map(int, sys.argv[1:4]))
    print(f"{len(differences)} of {(int(sys.argv[3]) << 20) // PAGE_BYTES} pages differ")
    for difference in differences:
        print(difference)
    sys.exit(bool(differences))
