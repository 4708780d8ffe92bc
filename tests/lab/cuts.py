# SPDX-License-Identifier: LGPL-2.1-or-later
"""The link between the SUs is cut at a random moment of moves under load, silently or with resets,
for a random time.  Several guests move at once, each at a moment of its own when the cut comes.
Each time one copy of each goes on, and the witness has nothing to report."""

import collections
import os
import random
import time

from crashes import begin, settled
from harness import claim, equal, until

GUESTS = ("CUTS1", "CUTS2", "CUTS3", "CUTS4")
N_ROUNDS = 15 if os.environ.get("UMZUG_CHECK_ALL") else 2
N_CUTS = N_ROUNDS * len(GUESTS)
RATE_MBIT = 400       # four moves at once take a few seconds
MOMENTS_S = (0, 5)    # after the command is accepted
SHORT_S, LONG_S = (0.05, 2), (2, 8)   # a silent link counts as lost after 4 s
LONG_SHARE = 0.3


class Cut:
    def __init__(self, pick):
        self.how = pick.choice(("silent", "reset"))
        self.moments_s = {vm: pick.uniform(*MOMENTS_S) for vm in GUESTS}
        self.length_s = pick.uniform(*(LONG_S if pick.random() < LONG_SHARE else SHORT_S))

    def __str__(self):
        moments = ", ".join(f"{moment:.2f}" for moment in sorted(self.moments_s.values()))
        return f"{self.how} after {moments} s for {self.length_s:.2f} s"


def guests(lab):
    for number, vm in enumerate(GUESTS):
        lab.guest(vm, index=40 + number, devices=(f"FAA{4 + number}:disk", "CS:console"),
                  load="counters:32:5", tick=20)   # eight guests on two cores
    lab.tool("rate", RATE_MBIT)


def begin_all(lab, moments_s):
    """Begins to move each guest so long before it returns; gives the SU that each one leaves."""
    cut_at = time.monotonic() + max(moments_s.values())
    sources = {}
    for vm in sorted(moments_s, key=moments_s.get, reverse=True):
        time.sleep(max(0, cut_at - moments_s[vm] - time.monotonic()))
        sources[vm] = lab.where(vm)
        lab.migrate(vm, lab.other(sources[vm]))
    return sources


def nothing_left(lab):
    """Neither SU has anything of a move any more."""
    def look():
        return {su: found for su in lab.sus
                if any(found := (lab.fences(su), lab.sockets(su), lab.relays(su)))}
    until(lambda: not look(), "clean SUs")


def move_and_cut(lab, cut):
    """How many of the guests have moved; the others were undone."""
    sources = begin_all(lab, cut.moments_s)
    lab.tool("cut", cut.how)
    time.sleep(cut.length_s)
    lab.tool("cut", "off")
    n_moved = 0
    for vm, source in sources.items():
        owner = settled(lab, vm, source, lab.other(source), look="goes_on")
        lab.closed(vm)
        equal(lab.domain(lab.other(owner), vm), None, f"{vm} in {lab.other(owner)}")
        n_moved += owner != source
    nothing_left(lab)
    return n_moved


@claim(f"the link is cut at {N_CUTS} random moments of a move: one copy, every time",
       kinds=("390", "x86"), one_kind=True)
def cuts(lab):
    pick = random.Random(f"{os.environ['UMZUG_CHECK_SEED']} {lab.kind}")
    guests(lab)
    ends = collections.Counter()
    for number in range(1, N_ROUNDS + 1):
        cut = Cut(pick)
        try:
            n_moved = move_and_cut(lab, cut)
        except AssertionError as error:
            raise AssertionError(f"cut {number}, {cut}: {error}") from error
        ends += {"completed": n_moved, "undone": len(GUESTS) - n_moved}
    for vm in GUESTS:
        lab.flawless(vm)
    print(f"# cuts: {lab.kind}: {ends['completed']} moves completed, {ends['undone']} undone",
          flush=True)


DATA_CUT = ("table inet umzdata { chain out { type filter hook output priority 0; "
            "tcp dport 7391 drop; tcp sport 7391 drop; }; }")
DATA_CUT_S = 10   # longer than a link may be silent, shorter than TCP would wait by itself


@claim("the data link alone is silent for a while: undone, though the control link answers",
       kinds=("390", "x86"), one_kind=True, fresh=True)
def data_link(lab):
    vm, source, target = begin(lab, "copy")
    for su in (source, target):
        lab.run(su, "nft", DATA_CUT)
    time.sleep(DATA_CUT_S)
    for su in (source, target):
        lab.run(su, "nft", "delete table inet umzdata")
    lab.tool("rate", "unlimited")
    equal(lab.ended(source, vm), "$AE", "job variable")
    codes = {code for _, code in lab.console(source)}
    assert {"UMZ0120", "VMS2421"} <= codes, codes
    equal(settled(lab, vm, source, target), source, "where it runs")
