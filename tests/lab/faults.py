# SPDX-License-Identifier: LGPL-2.1-or-later
"""The matrix: at each fault point of umzugd, on the SU that it belongs to, what would be done there
fails, or umzugd is killed there and started again.  Each time the same question: exactly one copy,
nothing left over, and the same command succeeds at once.  A point that is not hit is a failure.
"""

import os
import pathlib
import subprocess

from crashes import settled, side_of
from harness import ROOT, claim, equal, until
from undo import devices, give_local

GUEST = "FAULT"
DEVICE_POINTS = {"source-detach", "source-undo-device"}
# Of a move that is undone: something has to fail first.
UNDO = {"source": "source-aborted", "target": "target-abort"}
# Not in the way of this guest; tests of their own have them.
ELSEWHERE = {"recover-begun", "recover-defined", "source-undo-medium", "target-undo-owner",
             "target-undo-file"}


def list_points():
    """(point, whether it can fail), in the order of a move."""
    build = pathlib.Path(os.environ.get("UMZUG_BUILD", ROOT / "build"))
    printed = subprocess.run([build / "src/daemon/umzugd", "--list-fault-points"], text=True,
                             stdout=subprocess.PIPE, check=True).stdout
    return [(name, bool(rest)) for name, *rest in map(str.split, printed.splitlines())
            if name not in ELSEWHERE]


POINTS = list_points()
NAMES = [name for name, _ in POINTS]
UNDONE = {name for name in NAMES if NAMES.index(name) >= NAMES.index(UNDO["source"])}
ROWS = [dict(what=what, point=name) for name, can_fail in POINTS
        for what in ["fail"] * can_fail + ["kill"]]
SUSPENDED = [row for row in ROWS
             if NAMES.index("source-finish-called") <= NAMES.index(row["point"])
             and (row["point"].startswith("source")
                  or NAMES.index("target-received") <= NAMES.index(row["point"]))]


def guest(lab, point):
    if "error" in lab.witness(GUEST):
        lab.guest(GUEST, devices=("FAA4:disk", "CS:console"), load="counters:32:10")
    lab.closed(GUEST)
    source = lab.where(GUEST)
    if point in DEVICE_POINTS and "FAA9" not in devices(lab, source, GUEST):
        give_local(lab, source, GUEST)
    return source, lab.other(source)


def hits(lab, su):
    path = lab.folder / "su" / su / "run/umzug/fault.hit"
    return path.read_text().split("\n") if path.exists() else []


def move(lab, source, target):
    """The answer does not count: umzugd may be killed before it gives one."""
    lab.run(source, "umzug", f"/MIGRATE-VM VM-ID={GUEST},SERVER-UNIT-NAME={target},"
                             f"MONJV=MONJV.{GUEST}", check=False)


def left_over(lab, owner):
    """The guest may be where it is; everything else of the move is gone, on both SUs."""
    lab.nothing_left(lab.other(owner), GUEST)
    equal((lab.fences(owner), lab.sockets(owner), lab.relays(owner)), ([], [], []),
          f"what is left in {owner}")


def strike(lab, what, point):
    source, target = guest(lab, point)
    su = side_of(point, source, target)
    orders = {source: [], target: []}
    orders[su].append(f"{what} {point}")
    if point in UNDONE:
        orders[source].append("fail source-look")
    for each, lines in orders.items():
        (lab.folder / "su" / each / "run/umzug/fault.hit").unlink(missing_ok=True)
        lab.arm(each, "\n".join(lines))
    move(lab, source, target)
    until(lambda: f"{what} {point}" in hits(lab, su), f"umzugd of {su} at {point}")
    if what == "kill":
        until(lambda: lab.daemon(su, "umzugd") is None, f"the end of umzugd in {su}")
        lab.start(su, "umzugd")
    owner = settled(lab, GUEST, source, target)
    lab.closed(GUEST)
    left_over(lab, owner)
    lab.disarm(source)
    lab.disarm(target)


def matrix(lab, what, point):
    strike(lab, what, point)
    source = lab.where(GUEST)
    lab.migrate(GUEST, lab.other(source))
    assert lab.ended(source, GUEST) in ("$T", "$TW"), "the same command did not succeed"
    lab.closed(GUEST)


TEXT = "{what} at {point}: one copy, nothing left over, and the same command succeeds"
claim(TEXT, rows=ROWS, sample=4)(matrix)
claim(TEXT, rows=SUSPENDED, kinds=("x86",), sample=2)(matrix)
