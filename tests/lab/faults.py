# SPDX-License-Identifier: LGPL-2.1-or-later
"""The matrix: at each fault point of umzugd, on the SU that it belongs to, what would be done there
fails, or umzugd is killed there and started again.  Each time the same question: exactly one copy,
nothing left over, and the same command succeeds at once.  A point that is not hit is a failure.
"""

import pathlib

from crashes import settled, side_of
from harness import claim, equal, until
from matrix import list_points
from undo import devices, give_local, make_image

VM, WITH_FIRMWARE = "FAULT", "FIRMWARE"
CD, CD_IMAGE = "sdb", pathlib.Path("/var/lib/libvirt/images/FAAB.img")
VARIABLES = f"/var/lib/libvirt/qemu/nvram/{WITH_FIRMWARE}.fd"
# In the way of a guest with a disk that only its SU reaches, a CD, a file of firmware variables.
DISK_POINTS = {"source-detach", "source-undo-device", "target-undo-owner"}
CD_POINTS = {"source-undo-medium"}
FIRMWARE_POINTS = {"target-undo-file"}
# Of a move that is undone: something has to fail first.
UNDO = {"source": "source-aborted", "target": "target-abort"}
# Not of a move; recovery.py has them.
ELSEWHERE = {"recover-begun", "recover-defined"}

POINTS = [(name, can_fail) for name, can_fail in list_points() if name not in ELSEWHERE]
NAMES = [name for name, _ in POINTS]
UNDONE = {name for name in NAMES if NAMES.index(name) >= NAMES.index(UNDO["source"])}
ROWS = [dict(strike=strike, point=name) for name, can_fail in POINTS
        for strike in ["fail"] * can_fail + ["kill"]]
SUSPENDED = [row for row in ROWS
             if NAMES.index("source-finish-called") <= NAMES.index(row["point"])
             and (row["point"].startswith("source")
                  or NAMES.index("target-received") <= NAMES.index(row["point"]))]


def guest(lab, point):
    vm = WITH_FIRMWARE if point in FIRMWARE_POINTS else VM
    if "error" in lab.witness(vm):
        own = dict(firmware="yes", devices=()) if vm == WITH_FIRMWARE else dict(
            devices=("FAA4:disk", "FAAB:cd", "CS:console"))
        lab.guest(vm, load="counters:32:10", **own)
    lab.closed(vm)
    source = lab.where(vm)
    target = lab.other(source)
    if point in DISK_POINTS and "FAA9" not in devices(lab, source, vm):
        give_local(lab, source, vm)
        make_image(lab, target)   # another file by the same name, whose owner libvirt could change
    if point in CD_POINTS and str(CD_IMAGE) not in devices(lab, source, vm):
        make_image(lab, source, CD_IMAGE)
        lab.run(source, "virsh", "change-media", vm, CD, CD_IMAGE, "--insert", "--live", "--config")
    if point in FIRMWARE_POINTS:
        lab.run(target, "rm", "-f", VARIABLES)
    return vm, source, target


def hits(lab, su):
    path = lab.folder / "su" / su / "run/umzug/fault.hit"
    return path.read_text().split("\n") if path.exists() else []


def move(lab, vm, source, target):
    """The answer only explains: umzugd may be killed before it gives one."""
    return lab.run(source, "umzug", f"/MIGRATE-VM VM-ID={vm},SERVER-UNIT-NAME={target},"
                                    f"MONJV=MONJV.{vm}", check=False).stdout


def left_over(lab, vm, owner):
    """The guest may be where it is; everything else of the move is gone, on both SUs."""
    lab.nothing_left(lab.other(owner), vm)
    equal((lab.fences(owner), lab.sockets(owner), lab.relays(owner)), ([], [], []),
          f"what is left in {owner}")
    for su in lab.sus:
        equal(len(lab.query(su, "SELECT * FROM ledger")), 0, f"ledger of {su}")


def succeeds(lab, vm):
    """The same command, at once."""
    source = lab.where(vm)
    lab.migrate(vm, lab.other(source))
    assert lab.ended(source, vm) in ("$T", "$TW"), "the same command did not succeed"
    lab.closed(vm)


def injure(lab, strike, point):
    vm, source, target = guest(lab, point)
    su = side_of(point, source, target)
    orders = {source: [], target: []}
    orders[su].append(f"{strike} {point}")
    if point in UNDONE:
        orders[source].append("fail source-look")
    for each, lines in orders.items():
        (lab.folder / "su" / each / "run/umzug/fault.hit").unlink(missing_ok=True)
        lab.arm(each, "\n".join(lines))
    answer = move(lab, vm, source, target)
    until(lambda: f"{strike} {point}" in hits(lab, su), f"umzugd of {su} at {point}; {answer}")
    if strike == "kill":
        until(lambda: lab.daemon(su, "umzugd") is None, f"the end of umzugd in {su}")
        lab.start(su, "umzugd")
    owner = settled(lab, vm, source, target)
    lab.closed(vm)
    left_over(lab, vm, owner)
    lab.disarm(source)
    lab.disarm(target)
    return vm, target


TEXT = "{strike} at {point}: one copy, nothing left over, and the same command succeeds"
OF_X86 = [row for row in ROWS if row["point"] in FIRMWARE_POINTS]


@claim(TEXT, rows=[row for row in ROWS if row not in OF_X86], sample=2)
@claim(TEXT, rows=SUSPENDED, kinds=("x86",), sample=1)
def matrix(lab, strike, point):
    vm, target = injure(lab, strike, point)
    if point in FIRMWARE_POINTS:
        lab.run(target, "test", "!", "-e", VARIABLES)
    succeeds(lab, vm)
