# SPDX-License-Identifier: LGPL-2.1-or-later
"""The witness can fail.  If it could not, none of the other tests would prove anything."""

import os
import pathlib
import sys

from harness import Pool, claim, equal, until

BOTH = ("390", "x86")
SOME = Pool(2)
PORT = 49200
FLIPPER = pathlib.Path(__file__).with_name("flip_proxy.py")


def other_counts_are_zero(report, *concerned):
    for key in {"lost", "repeated", "memory_errors", "disk_errors"} - set(concerned):
        equal(report[key], 0, key)


@claim("a suppressed tick is reported as lost, and nothing else is", kinds=BOTH, pool=SOME)
def suppressed_tick(lab):
    vm = lab.guest("SKIPS", load="idle", devices=(), skip_tick=150)
    until(lambda: lab.witness(vm)["ticks"] > 200, "the suppressed tick")
    report = lab.witness(vm)
    equal(report["lost"], 1, "lost")
    equal(report["boots"], 1, "boots")
    other_counts_are_zero(report, "lost")


@claim("a guest that is started again is reported as a second boot", kinds=BOTH, pool=SOME)
def rebooted(lab):
    vm = lab.guest("REBOOTS", load="idle", devices=())
    # Not `virsh reset`: under QEMU 7.2's emulation the s390x kernel hung in its second start.
    lab.run(lab.sus[0], "virsh", "destroy", vm)
    lab.run(lab.sus[0], "virsh", "start", vm)
    until(lambda: lab.witness(vm)["boots"] == 2, "the second boot")


@claim("a second copy started by hand is reported, and where both run", kinds=BOTH, pool=SOME)
def second_copy(lab):
    vm = lab.guest("TWICE", load="idle", devices=())
    image = lab.make_image(f"{vm}.save")
    lab.run(lab.sus[0], "virsh", "save", vm, str(image))
    image.chmod(0o666)
    for su in lab.sus:
        lab.run(su, "virsh", "restore", str(image))
    report = lab.ticks_on(vm, *lab.sus)
    until(lambda: lab.witness(vm)["repeated"] > 0, "repeated ticks")
    equal(report["boots"], 1, "boots")
    for su in lab.sus:
        lab.run(su, "virsh", "destroy", vm)


@claim("a disk block changed behind the guest's back is reported", kinds=BOTH, pool=SOME)
def changed_block(lab):
    vm = lab.guest("BLOCKS", load="idle", devices=("FAA4:disk",))
    slot = (lab.folder / "slots").read_text().split().index(vm)   # its own area of 64 records

    def damage():
        # The guest keeps rewriting its 64 records; it may overwrite the damage before it looks.
        with open(lab.folder / "disks/FAA4", "r+b") as disk:
            disk.seek((64 * slot + 17) * 4096 + 1000)
            disk.write(os.urandom(8))
        return lab.witness(vm)["disk_errors"]
    until(damage, "the damage to be found")
    other_counts_are_zero(lab.witness(vm), "disk_errors")
    lab.run(lab.sus[0], "virsh", "destroy", vm)


@claim("a bit flipped in the memory stream is reported, although the move succeeds", kinds=BOTH,
       pool=SOME)
def flipped_bit(lab):
    vm = lab.guest("FLIPS", load="counters:128:0", devices=())
    source, target = lab.sus[:2]
    proxy = lab.start_helper(source, sys.executable, "-B", "-u", str(FLIPPER), str(PORT),
                             "10.77.1.2", ">" if lab.kind == "390" else "<")
    equal(proxy.stdout.readline(), "ready\n", "the proxy")
    lab.run(source, "virsh", "migrate", "--live", "--p2p", vm, "qemu+tcp://10.77.1.2/system",
            "--migrateuri", f"tcp://10.77.1.1:{PORT}", "--listen-address", "10.77.1.2")
    equal(proxy.stdout.readline(), "flipped\n", "the proxy")
    lab.ticks_on(vm, target)
    until(lambda: lab.witness(vm)["memory_errors"] == 1, "the damage to be found", 120)
    other_counts_are_zero(lab.witness(vm), "memory_errors")
    equal(lab.witness(vm)["boots"], 1, "boots")


@claim("a move by plain virsh is not reported as anything", kinds=BOTH, pool=SOME)
def plain_move(lab):
    vm = lab.guest("PLAIN")
    source, target = lab.sus[:2]
    lab.run(source, "virsh", "migrate", "--live", "--p2p", vm, "qemu+tcp://10.77.1.2/system",
            "--migrateuri", "tcp://10.77.1.2")
    lab.runs_once(vm, target)
    lab.run(target, "virsh", "destroy", vm)
