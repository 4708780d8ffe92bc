# SPDX-License-Identifier: LGPL-2.1-or-later
"""flip_proxy.py PORT HOST ENDIAN: forwards one TCP connection to HOST:PORT and flips one bit of the
first counters page that it recognises.

The page is known by its words: each follows from the one before (next_word in lab/guest/init.c).
So the bit lands in memory whose content the guest knows, and the stream's own structure stays
whole.
"""

import socket
import struct
import sys
import threading

MASK = (1 << 64) - 1
CHUNK = 1 << 16


def next_word(x):
    x ^= x << 13 & MASK
    x ^= x >> 7
    return x ^ (x << 17 & MASK)


def find_word(data, endian):
    """Offset of a word inside a counters page, or None.  A few places per chunk are enough."""
    for base in range(512, len(data) - 32, 1024):
        for at in range(base, base + 8):
            a, b, c = struct.unpack_from(f"{endian}3Q", data, at)
            if a and next_word(a) == b and next_word(b) == c:
                return at + 8
    return None


def pump(source, sink, change=bytes):
    while data := source.recv(CHUNK):
        sink.sendall(change(data))
    sink.shutdown(socket.SHUT_WR)


class Flip:
    def __init__(self, endian):
        self.endian, self.has_flipped = endian, False

    def __call__(self, data):
        at = None if self.has_flipped else find_word(data, self.endian)
        if at is None:
            return data
        self.has_flipped = True
        print("flipped", flush=True)
        return data[:at] + bytes([data[at] ^ 0x01]) + data[at + 1:]


def main():
    port, host, endian = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    with socket.create_server(("", port)) as listener:
        print("ready", flush=True)
        source, _ = listener.accept()
    with source, socket.create_connection((host, port)) as sink:
        # The target answers on the same connection: the source's QEMU waits for that at the end.
        back = threading.Thread(target=pump, args=(sink, source))
        back.start()
        pump(source, sink, Flip(endian))
        back.join()


main()
