# SPDX-License-Identifier: LGPL-2.1-or-later
"""What other people do behind our back while a VM moves: virsh, on either side, at every point of
the hand-over.  Never two copies run, a guest ends only where that was asked for, and the consoles
name the cause.  docs/interference.md is this table in words."""

import subprocess
import time

from crashes import POINTS, begin_with, side_of
from harness import Pool, claim, equal, until
from misbehaviour import go_on

VM, DISKS = "OTHERS", ["vda", "vdb"]
VERBS = {
    "destroy": ["destroy", VM],
    "resume": ["resume", VM],
    "undefine": ["undefine", VM],
    "start": ["start", VM],
    "detach-disk": ["detach-disk", VM, DISKS[-1], "--live"],
}
BEFORE = POINTS[:3]      # the source decides after them
DECIDED = POINTS[3:6]    # and the copy has not been resumed yet
RUNS = POINTS[6:]        # the target has said so
# Where the VM is afterwards, running or not, and what the job variable says.
ENDS = {
    "it runs on the source": ("source", "running", "$AE"),
    "it runs on the target": ("target", "running", "$T"),
    "it runs on the target without the disk": ("target", "running", "$T"),
    "it is DOWN on the source": ("source", "shut off", "$AE"),
    "it is DOWN on the target": ("target", "shut off", "$T"),
}
# action, side, points, end, what umzugd says of its own (UMZ...) on the source, on the target
TABLE = [
    ("destroy", "source", BEFORE, "it is DOWN on the source", {"UMZ0131"}, {"UMZ0131"}),
    ("destroy", "source", DECIDED + RUNS[:1], "it runs on the target", {"UMZ0141"}, set()),
    ("destroy", "source", RUNS[1:], "it runs on the target", set(), set()),
    ("destroy", "target", BEFORE + DECIDED, "it runs on the source", {"UMZ0124"}, {"UMZ0140"}),
    ("destroy", "target", RUNS, "it is DOWN on the target", set(), {"UMZ0139"}),
    ("resume", "source", POINTS, "it runs on the target", set(), set()),
    ("resume", "target", BEFORE + DECIDED, "it runs on the target", set(), {"UMZ0142"}),
    ("resume", "target", RUNS, "it runs on the target", set(), set()),
    ("undefine", "source", POINTS, "it runs on the target", set(), set()),
    ("undefine", "target", POINTS[:1], "it runs on the target", set(), set()),
    ("undefine", "target", POINTS[1:], "it runs on the target", set(), {"UMZ0144"}),
    ("start", "source", POINTS, "it runs on the target", set(), set()),
    ("start", "target", POINTS, "it runs on the target", set(), set()),
    ("detach-disk", "source", POINTS, "it runs on the target", set(), set()),
    ("detach-disk", "target", POINTS, "it runs on the target without the disk", set(),
     {"UMZ0145"}),
]
ROWS = [dict(action=action, side=side, point=point, end=end, source_says=source_says,
             target_says=target_says)
        for action, side, points, end, source_says, target_says in TABLE for point in points]
ON_X86 = [row for row in ROWS if row["action"] in ("destroy", "start")]
# States of a move beside those that the table's points stand for.
STATES = [
    dict(state="it is COPYING, before the target knows", side="source", point="source-begun"),
    dict(state="it is GONE, and its process has ended", side="source", point="source-off"),
    dict(state="it is ABORTED", side="source", point="source-aborted", cause="source-look"),
    dict(state="it is ABORTED, and libvirt is through", side="source", point="source-p2p-over",
         cause="source-look"),
    dict(state="it is RECEIVING, and no copy has come", side="target", point="target-begun"),
    dict(state="it is REFUSED", side="target", point="source-aborted", cause="target-disks"),
    dict(state="it is ABORTED", side="target", point="target-aborted", cause="source-look"),
    dict(state="it RUNS, and is not cleared away", side="target", point="target-settle"),
]
# How the source and the target say the end.
LAST_WORDS = {"$T": ("VMS2451", "VMS2431"), "$AE": ("VMS2420", "VMS2433")}


def guest(lab):
    """The guest of this module, as whole as a new one; it runs, wherever that is."""
    if not any(lab.domain(su, VM) for su in lab.sus):
        lab.guest(VM, devices=("FAA4:disk", "FAA5:disk:ro", "CS:console"), load="counters:64:10")
    return VM


def give(lab, su, action):
    """virsh in SU, begun: it has ended, or waits for libvirt, which works for us."""
    virsh = lab.start_helper(su, "virsh", *VERBS[action])
    try:
        virsh.wait(2)
    except subprocess.TimeoutExpired:
        pass
    return virsh


def disks(lab, su, *options):
    lines = lab.run(su, "virsh", "domblklist", *options, VM).stdout.splitlines()
    return [line.split()[0] for line in lines[2:] if line]


def said(lab, su, since_us):
    """Numbers of the messages in SU that tell more than the usual course of a move."""
    return {code for _, code in lab.console(su, since_us)
            if code.startswith("UMZ") or code in sum(LAST_WORDS.values(), ())}


def forget(lab, su):
    """The next row gets a new guest."""
    for verb in ("destroy", "undefine"):
        lab.run(su, "virsh", verb, VM, check=False)


def is_in_order(lab, owner, other, state):
    """The VM is in OWNER, in that state and defined there, and nothing else is left of the move."""
    lab.nothing_left(other, VM)
    equal((lab.domain(owner, VM), lab.fences(owner), lab.sockets(owner), lab.relays(owner)),
          (state, [], [], []), f"domain, fences, sockets and relays in {owner}")
    assert "Persistent:     yes" in lab.run(owner, "virsh", "dominfo", VM).stdout
    equal(disks(lab, owner, "--inactive"), DISKS, f"defined disks in {owner}")
    if state == "running":
        lab.runs_once(VM, owner)
    else:
        equal(lab.qemus(owner, VM), [], f"QEMUs in {owner}")


def last_words(kind, status):
    source, target = LAST_WORDS[status]
    return {source}, {target} if kind == "390" or status == "$AE" else set()   # VMS2431 is /390's


TEXT = "virsh {action} on the {side} at {point}: {end}, and the consoles name the cause"


@claim(TEXT, rows=ROWS, sample=2)
@claim(TEXT, rows=ON_X86, sample=1, kinds=("x86",))
def by_others(lab, action, side, point, end, source_says, target_says):
    since_us = time.time_ns() // 1000
    place, state, status = ENDS[end]
    _, source, target = begin_with(lab, guest(lab), point)
    owner = side_of(place, source, target)
    virsh = give(lab, side_of(side, source, target), action)
    go_on(lab, point, source, target)
    equal(lab.ended(source, VM), status, "job variable")
    assert virsh.wait(60) != 0 or action != "start", "virsh start was not refused"
    lab.closed(VM)
    is_in_order(lab, owner, lab.other(owner), state)
    source_ends, target_ends = last_words(lab.kind, status)
    equal((said(lab, source, since_us), said(lab, target, since_us)),
          (source_says | source_ends, target_says | target_ends),
          "messages on the source, on the target")
    if state == "running":
        equal(disks(lab, owner), DISKS[:1] if "without" in end else DISKS, "attached disks")
    if state != "running" or "without" in end:
        forget(lab, owner)


@claim("virsh start on the {side} when {state}: refused, one copy, and the same command succeeds",
       rows=STATES, sample=1, kinds=("390", "x86"), pool=Pool(1))
def started(lab, side, point, cause=None):
    _, source, target = begin_with(lab, guest(lab), point,
                                   {cause: f"fail {cause}"} if cause else None)
    if point == "source-off":
        until(lambda: lab.domain(source, VM) == "shut off", "the end of the old copy in libvirt")
    virsh = give(lab, side_of(side, source, target), "start")
    go_on(lab, point, source, target)
    assert virsh.wait(60) != 0, "virsh start was not refused"
    lab.closed(VM)
    owner = source if cause else target
    is_in_order(lab, owner, lab.other(owner), "running")
    lab.migrate(VM, lab.other(owner))
    equal(lab.ended(owner, VM), "$T", "job variable")
    lab.closed(VM)


@claim("virsh resume of the target's copy at {point}, and the move is undone: "
       "the guest goes on at the source alone", rows=[dict(point=point) for point in BEFORE],
       sample=1)
def resumed_then_undone(lab, point):
    since_us = time.time_ns() // 1000
    _, source, target = begin_with(lab, guest(lab), point, {"source": "stop source-held"})
    virsh = give(lab, target, "resume")
    lab.tool("rate", "unlimited")
    lab.stopped_at(source)
    has_run = lab.domain(target, VM) == "running"   # for a moment, before it was frozen
    lab.relays(source)[0].kill()
    go_on(lab, "source-held", source, target)
    equal(lab.ended(source, VM), "$AE", "job variable")
    virsh.wait(60)
    lab.closed(VM)
    is_in_order(lab, source, target, "running")
    assert not has_run or "UMZ0143" in said(lab, target, since_us), lab.console(target, since_us)


@claim("a disk that is detached from the standing copy leaves as soon as the guest lets go of it",
       kinds=("x86",), only_all=True)
def detached_from_standing_copy(lab):
    _, source, target = begin_with(lab, guest(lab), "source-held")
    virsh = give(lab, target, "detach-disk")
    go_on(lab, "source-held", source, target)
    equal(lab.ended(source, VM), "$T", "job variable")
    equal(virsh.wait(60), 0, "virsh detach-disk")
    lab.closed(VM)
    until(lambda: disks(lab, target) == DISKS[:1], "the disk to leave")
    is_in_order(lab, target, source, "running")
    forget(lab, target)
