# SPDX-License-Identifier: LGPL-2.1-or-later
"""The lab's witness: receives every guest's ticks and says what is wrong with them.

It listens on one socket per guest and SU, in that SU's private folder, for as long as the lab
lives; so it outlives every QEMU and sees which SU a tick comes from.  A guest's line is described
in guest/init.c.  Commands come as one JSON object per connection on a socket of its own:
{"listen": NAME}, {"witness": NAME}.
"""

import collections
import json
import os
import pathlib
import selectors
import socket
import time

NOW_MS = 500  # a guest is where its ticks came from in this time
LINE = 91     # bytes of a tick line, its newline included


def checksum(text):
    total = 0
    for byte in text:
        total = (total * 31 + byte) & 0xffffffff
    return total


class Guest:
    """All that was heard of one guest, from whichever SU."""

    def __init__(self):
        self.boots = {}          # boot id -> (highest tick, set of ticks still missing below it)
        self.ticks = 0
        self.repeated = 0
        self.torn = 0
        self.max_gap = 0.0
        self.last_time = None
        self.errors = {}         # boot id -> (memory errors, disk errors)
        self.sweeps = 0
        self.ready = False
        self.recent = collections.deque(maxlen=600)   # (time, SU, pages dirtied)
        self.moves = []          # a tick from another SU than the one before it

    def hear(self, su, line, now):
        fields = line.split()
        if len(line) != LINE - 1 or len(fields) != 9 or checksum(line[:-9]) != int(fields[8], 16):
            self.torn += 1
            return
        boot, tick = fields[1], int(fields[2], 16)
        self.note_number(boot, tick)
        self.note_time(su, tick, now)
        self.errors[boot] = (int(fields[3], 16), int(fields[4], 16))
        self.recent.append((now, su, int(fields[5], 16)))
        self.sweeps = int(fields[6], 16)
        self.ready = fields[7] == b"1"

    def note_number(self, boot, tick):
        highest, missing = self.boots.get(boot, (-1, set()))
        if tick > highest:
            missing.update(range(highest + 1, tick))
            highest = tick
        elif tick in missing:
            missing.discard(tick)     # overtaken on its way through another SU's socket
        else:
            self.repeated += 1
        self.boots[boot] = (highest, missing)
        self.ticks += 1

    def note_time(self, su, tick, now):
        gap = now - self.last_time if self.last_time else 0.0
        self.last_time = now
        self.max_gap = max(self.max_gap, gap)
        if self.recent and self.recent[-1][1] != su:
            self.moves.append({"to": su, "tick": tick, "at": now, "gap_ms": round(gap * 1000, 1)})

    def dirty_mib_per_s(self):
        if len(self.recent) < 2:
            return 0.0
        (t0, _, p0), (t1, _, p1) = self.recent[0], self.recent[-1]
        return round((p1 - p0) / 256 / (t1 - t0), 1) if t1 > t0 and p1 >= p0 else 0.0

    def report(self, now):
        return {
            "ticks": self.ticks,
            "lost": sum(len(missing) for _, missing in self.boots.values()) + self.torn,
            "repeated": self.repeated,
            "max_gap_ms": round(self.max_gap * 1000, 1),
            "memory_errors": sum(m for m, _ in self.errors.values()),
            "disk_errors": sum(d for _, d in self.errors.values()),
            "dirty_mib_per_s": self.dirty_mib_per_s(),
            "dirtied_mib": self.recent[-1][2] / 256 if self.recent else 0,
            "boots": len(self.boots),
            "running_on": sorted({su for t, su, _ in self.recent if now - t <= NOW_MS / 1000}),
            "sweeps": self.sweeps,
            "ready": self.ready,
            "moves": self.moves,
        }


class Collector:
    def __init__(self, lab):
        self.lab = lab
        self.guests = {}
        self.selector = selectors.DefaultSelector()
        self.listeners = {}
        self.serve(lab / "collector.sock", self.command)

    def serve(self, path, handle):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(path))
        os.chmod(path, 0o666)
        listener.listen()
        self.selector.register(listener, selectors.EVENT_READ, lambda: handle(listener.accept()[0]))
        return listener

    def sus(self):
        return [p for p in (self.lab / "su").iterdir() if (p / "run").is_dir()]

    def listen(self, name):
        self.guests[name] = Guest()
        for folder in self.sus():
            path = folder / "run/umzug-lab/tick" / f"{name}.sock"
            if path in self.listeners:
                continue
            take = lambda c, su=folder.name: self.attend(c, su, name)
            self.listeners[path] = self.serve(path, take)

    def attend(self, connection, su, name):
        rest = bytearray()

        def read():
            data = connection.recv(65536)
            if not data:
                self.selector.unregister(connection)
                connection.close()
                return
            now = time.monotonic()
            rest.extend(data)
            *lines, tail = bytes(rest).split(b"\n")
            rest[:] = tail
            for line in lines:
                self.guests[name].hear(su, line, now)

        self.selector.register(connection, selectors.EVENT_READ, read)

    def command(self, connection):
        with connection:
            connection.settimeout(5)
            request = json.loads(connection.makefile().readline())
            connection.sendall(json.dumps(self.answer(request)).encode() + b"\n")

    def answer(self, request):
        if "listen" in request:
            self.listen(request["listen"])
            return {}
        guest = self.guests.get(request.get("witness"))
        return guest.report(time.monotonic()) if guest else {"error": "no such guest"}

    def run(self):
        while True:
            for key, _ in self.selector.select():
                try:
                    key.data()
                except (OSError, ValueError) as error:
                    print(f"collector: {error}", flush=True)


def ask(lab, **request):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        s.connect(str(lab / "collector.sock"))
        s.sendall(json.dumps(request).encode() + b"\n")
        return json.loads(s.makefile().readline())


def main(lab):
    Collector(pathlib.Path(lab)).run()
