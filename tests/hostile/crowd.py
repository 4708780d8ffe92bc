# SPDX-License-Identifier: LGPL-2.1-or-later
"""Connects to one place again and again and says nothing, or begins and says no more.

crowd.py N PATH | N HOST PORT [WORD]: N connections at a time, each kept as long as it is let.
Prints `ready` when it has tried N times, and goes on until its input ends; then how many it has
opened.
"""

import selectors
import socket
import sys

n, place = int(sys.argv[1]), sys.argv[2:]
word = b"\x16\x03\x01" if len(place) > 2 else b""


def come():
    """A connection, or None: nobody lets us in just now."""
    try:
        if len(place) == 1:
            one = socket.socket(socket.AF_UNIX)
            one.setblocking(False)
            one.connect(place[0])
        else:
            one = socket.create_connection((place[0], int(place[1])), 1)
        one.setblocking(False)
        if word:
            one.send(word)
        return one
    except OSError:
        return None


crowd = selectors.DefaultSelector()
crowd.register(sys.stdin, selectors.EVENT_READ)
n_here = n_tried = n_opened = 0
while True:
    gone = [key.fileobj for key, _ in crowd.select(0.01 if n_here >= n or n_tried > n else 0)]
    if sys.stdin in gone:
        break
    for one in gone:
        crowd.unregister(one)
        one.close()
        n_here -= 1
    one = come() if n_here < n else None
    n_tried += 1
    if one:
        crowd.register(one, selectors.EVENT_READ)
        n_here += 1
        n_opened += 1
    if n_tried == n:
        print("ready", flush=True)
print(n_opened, flush=True)
