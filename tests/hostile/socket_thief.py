# SPDX-License-Identifier: LGPL-2.1-or-later
"""Takes the place of every socket of a move that it finds, and the bytes that come there.

Prints a line for each socket: PATH found|taken, then N bytes for each that was taken.  Ends with
its input.
"""

import os
import pathlib
import select
import socket
import sys


def found():
    """The kernel shows every bound socket to everybody."""
    lines = pathlib.Path("/proc/net/unix").read_text().splitlines()
    paths = {line.split()[-1] for line in lines if len(line.split()) > 7}
    return sorted(path for path in paths if path.startswith("/run/libvirt/umzug/"))


def take(path):
    """A socket of our own there, or None."""
    try:
        os.rename(path, path + ".away")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        os.chmod(path, 0o777)
        listener.listen()
        return listener
    except OSError:
        return None


def connect(path):
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            return True
    except OSError:
        return False


taken = {}
for path in found():
    listener = take(path)
    words = ["found"] + ["taken"] * (listener is not None) + ["connected"] * connect(path)
    print(path, *words, flush=True)
    if listener:
        listener.setblocking(False)
        taken[listener] = path
print("ready", flush=True)
n_bytes = dict.fromkeys(taken.values(), 0)
connections = {}
while sys.stdin not in (ready := select.select([sys.stdin, *taken, *connections], [], [])[0]):
    for one in ready:
        if one in taken:
            connections[one.accept()[0]] = taken[one]
            continue
        got = one.recv(65536)
        n_bytes[connections[one]] += len(got)
        if not got:
            del connections[one]
            one.close()
for path, n in n_bytes.items():
    print(path, n, "bytes", flush=True)
