# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the unit tests' doubles of libvirt say of it (src/hypervisor/test-libvirt.h,
src/engine/test-p2p.h) holds of the libvirt that is here: the calls of a peer-to-peer migration in
their order, and the states and reasons that a domain shows on the way.
"""

import itertools
import re

from harness import DONE, LOAD, ROOT, claim, equal, until

DOUBLE = ROOT / "src/engine/test-p2p.c"
RECEIVED = re.compile(r"RPC_SERVER_CLIENT_MSG_RX: client=(\S+) .*prog=536903814 .*"
                      r"proc=(\d+) type=0")
FIRST, FEATURE, PREPARE = 66, 60, 303
# fault point of the source, domain there and here; the doubles set the same
STOPS = [
    dict(point="source-committed", source="paused (migrating)", target="paused (user)"),
    dict(point="source-close", source=None, target="running (unpaused)"),
]


def told_by_double():
    """The procedures that the double calls when all goes well."""
    text = DOUBLE.read_text()
    numbers = {name: int(value)
               for name, value in re.findall(r"^  ([A-Z_]+) = (\d+),$", text, re.M)}
    opening = re.search(r"opening\[\] = \{(.*?)\}", text, re.S)[1]
    names = re.findall(r"[A-Z_]+", opening) + ["PREPARE", "FINISH", "UNREGISTER_CLOSE", "CLOSE"]
    return [numbers[name] for name in names]


class Record:
    """What libvirtd in SU is asked from now on."""

    def __init__(self, lab, su):
        self.lab, self.su = lab, su
        self.path = lab.make_image(f"libvirtd-{su}.log")
        self.path.unlink(missing_ok=True)
        self.admin("daemon-log-filters", "1:rpc.virnetserverclient 1:rpc.netserverclient")
        self.admin("daemon-log-outputs", f"1:file:{self.path}")

    def admin(self, *words):
        self.lab.run(self.su, "virt-admin", "-c", "libvirtd:///system", *words)

    def migration(self):
        """The calls of the connection that has called Prepare, from its opening on; the number of
        questions for features in a row hangs on the release and does not count."""
        calls = RECEIVED.findall(self.path.read_text())
        client = next((client for client, procedure in calls if int(procedure) == PREPARE), None)
        mine = [int(procedure) for who, procedure in calls if who == client]
        if PREPARE not in mine:
            return []
        # The address of a client that has gone may be that of the next one.
        before = mine[:mine.index(PREPARE)]
        begin = len(before) - 1 - before[::-1].index(FIRST)
        mine = mine[begin:]
        end = mine.index(FIRST, 1) if FIRST in mine[1:] else len(mine)
        return list(collapse(mine[:end]))

    def end(self):
        self.admin("daemon-log-outputs", "2:file:/var/log/libvirt/libvirtd.log")


def collapse(calls):
    for procedure, same in itertools.groupby(calls):
        yield from [procedure] if procedure == FEATURE else same


def state(lab, su, vm):
    done = lab.run(su, "virsh", "domstate", "--reason", vm, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def guest(lab):
    if "error" in lab.witness("CONTRACT"):
        lab.guest("CONTRACT", devices=("CS:console",), load=LOAD)
        equal(state(lab, lab.where("CONTRACT"), "CONTRACT"), "running (booted)", "a new guest")
    lab.closed("CONTRACT")
    source = lab.where("CONTRACT")
    return "CONTRACT", source, lab.other(source)


@claim("libvirt makes the calls of a move that the tests' double makes", kinds=("390", "x86"))
def calls(lab):
    vm, source, target = guest(lab)
    record = Record(lab, target)
    equal(lab.migrate(vm, target).status, DONE, "status")
    equal(lab.ended(source, vm), "$T", "job variable")
    lab.closed(vm)
    expected = list(collapse(told_by_double()))
    until(lambda: record.migration()[-1:] == expected[-1:], "the end of the connection")
    equal(record.migration(), expected, "procedures")
    record.end()


@claim("at {point} libvirt shows the states that the tests' double shows", rows=STOPS)
def states(lab, point, source, target):
    vm, here, there = guest(lab)
    lab.arm(here, f"stop {point}")
    equal(lab.migrate(vm, there).status, DONE, "status")
    umzugd = lab.stopped_at(here)
    try:
        equal((state(lab, here, vm), state(lab, there, vm)), (source, target), "states")
    finally:
        umzugd.go_on()
    equal(lab.ended(here, vm), "$T", "job variable")
    lab.closed(vm)
    equal(state(lab, there, vm), "running (unpaused)", "the guest that has come")
    lab.flawless(vm)


@claim("a copy that breaks off leaves the guest in its state, and nothing of the copy")
def broken_off(lab):
    vm, source, target = guest(lab)
    before = state(lab, source, vm)
    record = Record(lab, target)
    lab.tool("rate", "40")
    try:
        equal(lab.migrate(vm, target).status, DONE, "status")
        lab.copying(vm, source)
        lab.relays(source)[1].kill()
        equal(lab.ended(source, vm), "$AE", "job variable")
    finally:
        lab.tool("rate", "unlimited")
    lab.closed(vm)
    equal(state(lab, source, vm), before, "the guest, which was never stopped,")
    equal(state(lab, target, vm), None, "the copy")
    expected = list(collapse(told_by_double()))
    n = expected.index(PREPARE) + 1
    equal(record.migration()[:n], expected[:n], "procedures")
    lab.flawless(vm)
    record.end()
