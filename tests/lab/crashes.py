# SPDX-License-Identifier: LGPL-2.1-or-later
"""kill -9 of everything that takes part, on either side, at every point of the hand-over.  Then
what was killed is started again, and exactly one copy runs, where the journals say."""

from harness import DONE, claim, equal, until

POINTS = ["copy", "source-held", "source-frozen", "source-committed", "target-go", "target-owner",
          "source-gone", "source-released"]
# The memory relays end with the memory: before the hold.
ROWS = [dict(who=who, side=side, point=point)
        for who in ("umzugd", "libvirtd", "the RPC relay", "the memory relay")
        for side in ("source", "target") for point in POINTS
        if who != "the memory relay" or point == "copy"]
SLOW = 80


def side_of(name, source, target):
    """SU of a side, or of a point named after its side."""
    return target if name.startswith("target") else source


def begin(lab, point, orders=None):
    """A new guest whose move stands at POINT; returns (guest, source, target)."""
    vm = lab.guest("CRASH", devices=("FAA4:disk", "CS:console"), load="counters:64:10")
    return begin_with(lab, vm, point, orders)


def begin_with(lab, vm, point, orders=None):
    """Moves VM until the move stands at POINT (None: it just runs); as begin().  ORDERS: a fault
    of umzugd for a side, which a point may name."""
    source = lab.where(vm)
    target = lab.other(source)
    lines = {source: [], target: []}
    for side, order in (orders or {}).items():
        lines[side_of(side, source, target)].append(order)
    if point == "copy":
        lab.tool("rate", SLOW)
    elif point:
        lines[side_of(point, source, target)].append(f"stop {point}")
    for su in filter(lines.get, lines):
        lab.arm(su, "\n".join(lines[su]))
    if point == "source-begun":
        # umzugd may stand before it has answered.
        lab.start_helper(source, "umzug", f"/MIGRATE-VM VM-ID={vm},SERVER-UNIT-NAME={target},"
                                          f"MONJV=MONJV.{vm}")
    else:
        equal(lab.migrate(vm, target).status, DONE, "MIGRATE-VM")
    if point == "copy":
        lab.copying(vm, source)
    elif point:
        lab.stopped_at(side_of(point, source, target))
    return vm, source, target


def settled(lab, vm, source, target, look="runs_once"):
    """Waits until the source's journal has decided; the guest runs there, once, unharmed."""
    state = until(lambda: (s := lab.state(source, vm)) in ("ABORTED", "GONE") and s,
                  "the source's decision", 120)
    if state == "GONE":
        until(lambda: lab.state(target, vm) == "RUNS", "RUNS in the target's journal")
    else:
        assert lab.state(target, vm) not in ("OWNER", "RUNS"), f"target: {lab.state(target, vm)}"
    owner = target if state == "GONE" else source
    getattr(lab, look)(vm, owner)
    return owner


def victim(lab, who, su):
    if who in ("umzugd", "libvirtd"):
        return lab.daemon(su, who)
    relays = lab.relays(su)
    index = 0 if who == "the RPC relay" else 1
    return relays[index] if index < len(relays) else None


@claim("kill -9 of {who} on the {side} at {point}: one copy, where the journal says", rows=ROWS,
       sample=2, fresh=True)
def killed(lab, who, side, point):
    vm, source, target = begin(lab, point)
    su = side_of(side, source, target)
    process = victim(lab, who, su)
    assert process is not None, f"{who} does not run on the {side} at {point}"
    stopped = None if point == "copy" else lab.daemon(side_of(point, source, target), "umzugd")
    process.kill()
    if stopped:
        stopped.go_on()
    lab.tool("rate", "unlimited")
    if who in ("umzugd", "libvirtd"):
        lab.start(su, who)
    settled(lab, vm, source, target)
