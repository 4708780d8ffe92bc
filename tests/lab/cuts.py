# SPDX-License-Identifier: LGPL-2.1-or-later
"""The link between the SUs is cut at a random moment of a move under load, silently or with resets,
for a random time.  Each time one copy goes on, and the witness has nothing to report."""

import collections
import os
import random
import time

from crashes import settled
from harness import claim, equal

N_CUTS = 200 if os.environ.get("UMZUG_CHECK_ALL") else 20
GUEST = "CUTS"
RATE_MBIT = 200       # a move takes a few seconds
MOMENTS_S = (0, 4)    # after the command is accepted
SHORT_S, LONG_S = (0.05, 2), (2, 8)   # a silent link counts as lost after 4 s
LONG_SHARE = 0.3


class Cut:
    def __init__(self, pick):
        self.how = pick.choice(("silent", "reset"))
        self.moment_s = pick.uniform(*MOMENTS_S)
        self.length_s = pick.uniform(*(LONG_S if pick.random() < LONG_SHARE else SHORT_S))

    def __str__(self):
        return f"{self.how} after {self.moment_s:.2f} s for {self.length_s:.2f} s"


def guest(lab):
    lab.guest(GUEST, devices=("FAA4:disk", "CS:console"), load="counters:64:10")
    lab.tool("rate", RATE_MBIT)
    return GUEST


def move_and_cut(lab, vm, cut):
    """True: the guest has moved; False: it was undone."""
    source = lab.where(vm)
    target = lab.other(source)
    lab.migrate(vm, target)
    time.sleep(cut.moment_s)
    lab.tool("cut", cut.how)
    time.sleep(cut.length_s)
    lab.tool("cut", "off")
    owner = settled(lab, vm, source, target, look="goes_on")
    lab.closed(vm)
    lab.nothing_left(lab.other(owner), vm)
    equal((lab.fences(owner), lab.sockets(owner), lab.relays(owner)), ([], [], []),
          f"what is left in {owner}")
    return owner == target


@claim(f"the link is cut {N_CUTS} times at random moments of a move: one copy, every time",
       kinds=("390", "x86"))
def cuts(lab):
    pick = random.Random(f"{os.environ['UMZUG_CHECK_SEED']} {lab.kind}")
    vm = guest(lab)
    ends = collections.Counter()
    for number in range(1, N_CUTS + 1):
        cut = Cut(pick)
        try:
            ends[move_and_cut(lab, vm, cut)] += 1
        except AssertionError as error:
            raise AssertionError(f"cut {number}, {cut}: {error}") from error
    lab.flawless(vm)
    print(f"# cuts: {lab.kind}: {ends[True]} moves completed, {ends[False]} undone", flush=True)
