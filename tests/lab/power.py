# SPDX-License-Identifier: LGPL-2.1-or-later
"""A power failure of one SU at every point of the hand-over: all that runs there ends at once, and
the SU comes up again.  While it is off a complete copy on the other SU stays as it is, in doubt.
In the end the guest is on one SU: unharmed if that SU never failed, else off, and to be started.
"""

from crashes import POINTS, begin, side_of
from harness import claim, equal, until

ROWS = [dict(side=side, point=point) for point in POINTS for side in ("source", "target")]


def owner_of(lab, vm):
    """The one SU that has the guest's definition."""
    have = [su for su in lab.sus if lab.domain(su, vm) is not None]
    equal(len(have), 1, f"SUs that have {vm}")
    return have[0]


def stays_in_doubt(lab, vm, target):
    """The target holds a complete copy and cannot ask the source."""
    until(lambda: "UMZ0127" in [code for _, code in lab.console(target)], f"doubt in {target}")
    equal([p.state for p in lab.qemus(target, vm)], ["T"], "the copy")
    equal(lab.state(target, vm), "RECEIVING", "the target's journal")


@claim("power failure of the {side} at {point}: the guest is on one SU, and nothing is left over",
       rows=ROWS, sample=1, fresh=True, kinds=("390", "x86"))
def power_failure(lab, side, point):
    vm, source, target = begin(lab, point)
    failed = side_of(side, source, target)
    stopped = None if point == "copy" else side_of(point, source, target)
    lab.tool("crash", failed)
    lab.tool("rate", "unlimited")
    if stopped and stopped != failed:
        lab.daemon(stopped, "umzugd").go_on()
    if side == "source" and point in ("source-held", "source-frozen", "source-committed"):
        stays_in_doubt(lab, vm, target)
    lab.tool("boot", failed)

    lab.closed(vm)
    owner = owner_of(lab, vm)
    if owner == failed:
        equal(lab.domain(owner, vm), "shut off", f"{vm} in {owner}")
        lab.confirmed(owner)
        lab.run(owner, "virsh", "start", vm)   # past the hook
        lab.ticks_on(vm, owner)
    else:
        lab.runs_once(vm, owner)
    lab.nothing_left(lab.other(owner), vm)
    equal((lab.fences(owner), lab.sockets(owner), lab.relays(owner)), ([], [], []),
          f"what is left in {owner}")
