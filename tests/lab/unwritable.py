# SPDX-License-Identifier: LGPL-2.1-or-later
"""The disk of an SU's store becomes full, or cannot be written, in the middle of a move."""

import resource

from crashes import begin, side_of
from harness import claim, equal, until

PAGE = 4096
STORE = "/var/lib/umzug"
SIZE_MIB = 100   # beyond what umzugd wants to see before a move begins
SIDES = ("source", "target")
POINTS = ("source-held", "source-frozen", "source-committed", "source-gone", "target-received",
          "target-go", "target-owner", "target-runs")


def small_disk(lab, su):
    """Gives SU a store on a file system of its own, which `fill` can make full."""
    lab.run(su, "mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m,mode=700", "small", STORE)
    lab.restart(su, "umzugd")
    lab.with_own_disk.add(su)


def fill(lab, su):
    done = lab.run(su, "dd", "if=/dev/zero", f"of={STORE}/filler", "bs=64k", check=False)
    assert "No space left" in done.stdout, done.stdout


def make_room(lab, su):
    lab.run(su, "rm", f"{STORE}/filler")


def write_protect(lab, su, is_on):
    """The store's files may not grow beyond their first page: each write to it is an error."""
    soft = PAGE if is_on else resource.RLIM_INFINITY
    resource.prlimit(lab.daemon(su, "umzugd").pid, resource.RLIMIT_FSIZE,
                     (soft, resource.RLIM_INFINITY))


def settled(lab, vm, source, target):
    """Where the guest is when all is over, once."""
    lab.closed(vm)
    owner = target if lab.state(source, vm) == "GONE" else source
    lab.runs_once(vm, owner)
    lab.nothing_left(lab.other(owner), vm)
    return owner


@claim("the {side}'s disk becomes full while the guest is copied: the guest arrives, and nothing"
       " of it is lost", rows=[dict(side=side) for side in SIDES], sample=1, fresh=True)
def full(lab, side):
    for su in lab.sus:
        small_disk(lab, su)
    vm, source, target = begin(lab, "copy")
    su = side_of(side, source, target)
    fill(lab, su)
    lab.tool("rate", "unlimited")
    equal(lab.ended(source, vm), "$T", "job variable")
    equal(settled(lab, vm, source, target), target, "owner")
    lab.migrate(vm, source).rejected_with("UMZ0115")
    make_room(lab, su)
    equal(lab.migrate(vm, source).status, 0, "MIGRATE-VM back")
    equal(lab.ended(target, vm), "$T", "job variable of the way back")
    lab.runs_once(vm, source)


@claim("the store of its SU cannot be written any more from {point} on: the guest goes on"
       " somewhere without it, and the console says so", sample=2, kinds=("390", "x86"),
       rows=[dict(point=point) for point in POINTS], fresh=True)
def write_protected(lab, point):
    vm, source, target = begin(lab, point)
    su = side_of(point, source, target)
    write_protect(lab, su, True)
    lab.daemon(su, "umzugd").go_on()
    lab.sweep(vm)
    lab.runs_once(vm, lab.where(vm))
    write_protect(lab, su, False)
    until(lambda: {"UMZ0249", "UMZ0300"} & {code for _, code in lab.console(su)},
          f"the message in {su}")
    settled(lab, vm, source, target)
