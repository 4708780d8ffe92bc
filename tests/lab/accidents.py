# SPDX-License-Identifier: LGPL-2.1-or-later
"""Accidents at one certain moment of the hand-over, each brought about by hand: at libvirt's reply,
in Finish, in Confirm, at a frozen monitor, at libvirt's own notes.  Each time exactly one copy
runs, nothing is left over, and the same command succeeds at once.
"""

import re
import signal
import time

from crashes import begin_with, settled, side_of
from faults import hits, left_over, succeeds
from harness import Pool, claim, equal, until

SOME, BOTH = Pool(3), ("390", "x86")
VM = "ACCIDENT"
NOTES = "/run/libvirt/qemu"   # where libvirt writes what it has to know after a restart


def begin(lab, point, orders=None):
    """A move of the guest of this module, wherever that runs, until it stands at POINT."""
    if "error" in lab.witness(VM):
        lab.guest(VM, devices=("FAA4:disk", "CS:console"), load="counters:32:10")
    lab.closed(VM)
    _, source, target = begin_with(lab, VM, point, orders)
    return source, target


def advance(lab, su, point):
    """umzugd of SU, which stands at a point, goes on to another."""
    (lab.folder / "su" / su / "run/umzug/fault.hit").unlink(missing_ok=True)
    lab.arm(su, f"stop {point}")
    lab.daemon(su, "umzugd").go_on()
    until(lambda: f"stop {point}" in hits(lab, su), f"umzugd of {su} at {point}")
    lab.stopped_at(su)


def go_on(lab, *sus):
    lab.tool("rate", "unlimited")
    for su in sus:
        lab.daemon(su, "umzugd").go_on()


def one_copy(lab, source, target, owner=None):
    """The one question; the journals say where, which is OWNER if that is sure beforehand."""
    found = settled(lab, VM, source, target)
    assert owner in (None, found), f"the guest runs in {found}"
    lab.closed(VM)
    left_over(lab, VM, found)
    succeeds(lab, VM)
    return found


# -- the reply --

def queued(lab, su, path):
    """Bytes that wait for (whoever has PATH's end, the other end) of the connections by PATH."""
    rows = [line.split() for line in lab.run(su, "ss", "-xHn").stdout.splitlines()]
    ours = [row for row in rows if row[1] == "ESTAB" and row[4].endswith(path)]
    peers = {row[7] for row in ours}
    return (sum(int(row[2]) for row in ours),
            sum(int(row[2]) for row in rows if row[5] in peers))


def reply_waits(lab, source, n_bytes=0):
    """umzugd releases the reply to libvirtd, which is stopped: it has more to read than N_BYTES."""
    advance(lab, source, "source-released")
    until(lambda: queued(lab, source, "rpc.sock")[1] > n_bytes, "the reply")


def begin_with_reply(lab):
    """The reply is held, and the guest runs on the target, which does not close the link yet, as it
    would of a source that is silent; see go_on_with_target()."""
    return begin(lab, "source-gone", {"target": "stop target-settle"})


def go_on_with_target(lab, target):
    lab.stopped_at(target).go_on()


def put_keepalive(lab, relay, libvirtd, source):
    """The answer to a keepalive waits for libvirtd, which is stopped."""
    relay.signal(signal.SIGSTOP)
    until(lambda: queued(lab, source, "rpc.sock")[0] > 0, "libvirt's keepalive")
    libvirtd.signal(signal.SIGSTOP)
    relay.go_on()
    return until(lambda: queued(lab, source, "rpc.sock")[1], "the answer to it")


@claim("the relay is killed when it has written the reply, {before}: one copy, nothing left over",
       rows=[dict(before="alone"), dict(before="with another frame in front of it")], kinds=BOTH,
       sample=1, pool=SOME)
def relay_killed(lab, before):
    source, target = begin_with_reply(lab)
    relay, libvirtd = lab.relays(source)[0], lab.daemon(source, "libvirtd")
    n_bytes = 0
    if before == "alone":
        libvirtd.signal(signal.SIGSTOP)
    else:
        n_bytes = put_keepalive(lab, relay, libvirtd, source)
    reply_waits(lab, source, n_bytes)
    relay.kill()
    libvirtd.go_on()
    go_on(lab, source)
    go_on_with_target(lab, target)
    one_copy(lab, source, target, owner=target)


def is_told_to_end(process):
    return bool(int(re.search(r"^ShdPnd:\t(\w+)$", process.read("status"), re.M)[1], 16)
                & 1 << signal.SIGTERM - 1)


def come_back(lab, first, umzugd_of, libvirtd_of):
    """umzugd stands at a point and libvirtd is killed: both go on, one before the other."""
    if first == "umzugd":
        go_on(lab, umzugd_of)
    lab.start(libvirtd_of, "libvirtd")
    if first == "libvirtd":
        go_on(lab, umzugd_of)


@claim("the source's libvirtd is killed {when}, and {first} is the first to go on: one copy,"
       " nothing left over", kinds=BOTH, sample=1, pool=SOME,
       rows=[dict(when=when, first=first) for when in ("between the reply and Confirm",
                                                       "in Confirm")
             for first in ("umzugd", "libvirtd")])
def libvirtd_killed_at_confirm(lab, when, first):
    source, target = begin_with_reply(lab)
    libvirtd = lab.daemon(source, "libvirtd")
    if when == "in Confirm":
        advance(lab, source, "source-kill")
        assert is_told_to_end(lab.qemus(source, VM)[0]), "libvirt does not end the old copy yet"
    else:
        libvirtd.signal(signal.SIGSTOP)
        reply_waits(lab, source)
    libvirtd.kill()
    come_back(lab, first, source, source)
    go_on_with_target(lab, target)
    one_copy(lab, source, target, owner=target)


# -- a frozen monitor, and notes that cannot be written --

@claim("a query waits 35 s for the old copy, frozen at {point}: one copy, nothing left over",
       rows=[dict(point="source-frozen"), dict(point="source-gone")], kinds=BOTH, only_all=True)
def query_hangs(lab, point):
    """umzugd stands still, too: libvirtd gives its connections up after 30 s, and what has not been
    committed is undone."""
    source, target = begin(lab, point)
    query = lab.start_helper(source, "virsh", "domblkstat", VM, "vda")
    # What is tested is this time itself: libvirt gives up waiting for a query after 30 s.
    time.sleep(35)
    equal(query.poll(), None, "status of the query")
    go_on(lab, source)
    one_copy(lab, source, target, owner=target if point == "source-gone" else source)
    query.wait(60)


@claim("libvirt of the {side} cannot write its notes from {point} on: one copy, nothing left over",
       rows=[dict(side=side, point=point) for side, points in (
           ("source", ("source-begun", "copy", "source-held", "source-committed", "source-gone")),
           ("target", ("source-begun", "copy", "source-held", "target-go", "target-thawed")))
           for point in points], kinds=BOTH, sample=1, pool=SOME)
def notes_unwritable(lab, side, point):
    source, target = begin(lab, point)
    su = side_of(side, source, target)
    log = lab.folder / "su" / su / "var/log/libvirt/libvirtd.log"
    n_bytes = log.stat().st_size
    lab.run(su, "mount", "--bind", NOTES, NOTES)
    lab.run(su, "mount", "-o", "remount,bind,ro", NOTES)
    go_on(lab, *([] if point == "copy" else [side_of(point, source, target)]))
    settled(lab, VM, source, target)
    lab.closed(VM)
    lab.run(su, "umount", "--lazy", NOTES)
    assert b"Read-only file system" in log.read_bytes()[n_bytes:], "libvirt had nothing to write"
    one_copy(lab, source, target)


# -- Finish --

def begin_in_finish(lab):
    """The target's libvirtd works on Finish, and cannot end that: its copy does not answer it."""
    source, target = begin(lab, "copy")
    prepared = {"390": "VMS3050", "x86": "VMS6020"}[lab.kind]
    since_us = lab.moves(source, VM)[0]["begun_us"]
    until(lambda: prepared in [code for _, code in lab.console(target, since_us)],
          "the answer to Prepare")
    libvirtd = lab.daemon(target, "libvirtd")
    libvirtd.signal(signal.SIGSTOP)
    lab.arm(source, "stop source-finish-called")
    lab.tool("rate", "unlimited")
    lab.stopped_at(source)
    until(lambda: len(lab.relays(target)) == 1, "the end of the memory")
    lab.qemus(target, VM)[0].signal(signal.SIGSTOP)
    libvirtd.go_on()
    until(lambda: queued(lab, target, "libvirt-sock")[0] == 0, "the call of Finish to be read")
    return source, target


@claim("{what} in Finish: one copy, nothing left over", kinds=BOTH, sample=1, pool=SOME, rows=[
    dict(what="the target's libvirtd is killed", who="libvirtd", how=None),
    dict(what="the target's umzugd is killed", who="umzugd", how=None),
    dict(what="the link is reset", who=None, how="reset"),
    dict(what="the link goes silent", who=None, how="silent")])
def struck_in_finish(lab, who, how):
    source, target = begin_in_finish(lab)
    if who:
        lab.daemon(target, who).kill()
    else:
        lab.tool("cut", how)
    go_on(lab, source)
    if who:
        lab.start(target, who)
    else:
        equal(lab.ended(source, VM), "$AE", "job variable")
        lab.tool("cut", "off")
    one_copy(lab, source, target, owner=source)


@claim("the target's libvirtd is killed after Finish, at {point}, and {first} is the first to go"
       " on: one copy, nothing left over", kinds=BOTH, sample=1, pool=SOME,
       rows=[dict(point=point, first=first) for point in ("target-received", "source-frozen",
                                                          "target-go", "target-owner",
                                                          "target-thawed", "target-runs")
             for first in ("umzugd", "libvirtd")])
def killed_after_finish(lab, point, first):
    source, target = begin(lab, point)
    lab.daemon(target, "libvirtd").kill()
    come_back(lab, first, side_of(point, source, target), target)
    one_copy(lab, source, target)
