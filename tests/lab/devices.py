# SPDX-License-Identifier: LGPL-2.1-or-later
"""Devices that leave and come back, and when a move can be cancelled."""

import re
import signal

from crashes import begin_with
from harness import DONE, claim, equal, until
from undo import configure, devices

ALL = ("FAA4:disk", "FAA5:disk:sd", "FAA9:local", "FAAB:cd", "0A00:lan", "CS:console")
TRAVEL = ["CS", "0A00", "FAA4", "FAA5"]
BOTH = ("390", "x86")


def places(lab, su, vm):
    """(kind, address, shareable) of each disk and interface of the running guest, but for the
    ones that stay behind."""
    xml = lab.run(su, "virsh", "dumpxml", vm).stdout
    found = []
    for kind, body in re.findall(r"<(disk|interface) (.*?)</\1>", xml, re.S):
        if "images/FAA9" not in body:
            address = re.search(r"<address [^>]*>", body)[0]
            found.append((kind, address, "<shareable/>" in body))
    return sorted(found)


def said(lab, su, number, code):
    """First inserts of the messages with this code since then, in their order."""
    rows = lab.query(su, "SELECT inserts FROM console WHERE su = ? AND number > ? AND code = ?"
                         " ORDER BY number", su, number, code)
    return [row["inserts"].split("\x1f")[0] for row in rows]


@claim("a local disk and a local CD are announced and stay behind; all else arrives as it was",
       kinds=BOTH, one_kind=True, fresh=True)
def left_behind(lab):
    vm = lab.guest("LEAVES", devices=ALL)
    source, target = lab.sus
    before, number = places(lab, source, vm), {su: lab.last_number(su) for su in lab.sus}
    check = lab.umzug(source, f"/CHECK-VM-MIGRATION VM-ID={vm}")
    for answer in (check, lab.migrate(vm, target)):
        equal(answer.status, DONE, answer.text)
        equal(re.findall(r"VMS2471 DEVICE '(\w+)'", answer.text), ["FAA9", "FAAB"], answer.text)
    equal(lab.ended(source, vm), "$T", "job variable")
    lab.runs_once(vm, target)
    equal(places(lab, target, vm), before, "places of the devices")
    blocks = devices(lab, target, vm)
    assert "FAA9" not in blocks and "FAAB" not in blocks, blocks
    removed = ["FAA9", "FAAB"] + (TRAVEL if lab.kind == "390" else [])
    equal(said(lab, source, number[source], "VMS4009"), removed, "VMS4009 at the source")
    if lab.kind == "390":
        equal(said(lab, target, number[target], "VMS4005"), TRAVEL, "VMS4005 on the target")
    inactive = lab.run(target, "virsh", "dumpxml", vm, "--inactive").stdout
    assert "FAA9.img" not in inactive and "FAAB.img" not in inactive, inactive


@claim("a move that is undone gives disk and CD back, at their places", kinds=BOTH,
       one_kind=True, fresh=True)
def given_back(lab):
    vm = lab.guest("KEEPS", devices=ALL)
    source = lab.sus[0]
    before, blocks = places(lab, source, vm), devices(lab, source, vm)
    number = lab.last_number(source)
    begin_with(lab, vm, "copy")
    assert "FAA9" not in devices(lab, source, vm), devices(lab, source, vm)
    lab.umzug(source, f"/CANCEL-VM-MIGRATION VM-ID={vm}")
    equal(lab.ended(source, vm), "$AE", "job variable")
    lab.tool("rate", "unlimited")
    lab.closed(vm)
    equal(devices(lab, source, vm), blocks, "disks")
    equal(places(lab, source, vm), before, "places of the devices")
    equal(said(lab, source, number, "VMS4005"), ["FAAB", "FAA9"], "given back, the last one first")
    lab.runs_once(vm, source)


@claim("a move that is killed with its devices away gives them back after the restart", kinds=BOTH,
       only_all=True, fresh=True)
def given_back_after_crash(lab):
    vm = lab.guest("CRASHES", devices=ALL)
    source = lab.sus[0]
    blocks = devices(lab, source, vm)
    begin_with(lab, vm, "copy")
    lab.daemon(source, "umzugd").kill()
    lab.tool("rate", "unlimited")
    lab.start(source, "umzugd")
    lab.closed(vm)
    equal(devices(lab, source, vm), blocks, "disks")
    lab.runs_once(vm, source)


def stubborn(lab, name, mn="FAA9"):
    """A guest whose kernel does not hear that a device is wanted back."""
    return lab.guest(name, devices=(f"{mn}:local",),
                     kernel_option="acpiphp.disable=1")


@claim("a guest that does not release a device in time: VMS2406 names it, nothing else happened",
       kinds=("x86",), fresh=True)
def not_released(lab):
    vm = stubborn(lab, "REFUSES")
    source, target = lab.sus
    blocks = devices(lab, source, vm)
    configure(lab, source, {"quiesce": 1})
    equal(lab.migrate(vm, target).status, DONE, "MIGRATE-VM")
    equal(lab.ended(source, vm), "$AE", "job variable")
    log = lab.run(source, "umzug", "log").stdout
    assert re.search(r"VMS2406 .*REASON: VMS4003,FAA9", log), log
    assert re.search(r"VMS2420 .*REASON: VMS2406", log), log
    lab.closed(vm)
    assert "VMS2406" in [code for _, code in lab.console(target)], lab.console(target)
    assert "UMZ0205" in [code for _, code in lab.console(source)], lab.console(source)
    lab.nothing_left(target, vm)
    equal(devices(lab, source, vm), blocks, "disks")
    lab.runs_once(vm, source)


# -- CANCEL-VM-MIGRATION --

@claim("CANCEL ends a move that waits for the target, while the target still does not answer",
       fresh=True)
def cancel_unanswered(lab):
    vm = lab.guest("WAITS", devices=("CS:console",), load="idle")
    source, target = lab.sus
    begin_with(lab, vm, "source-begun")
    lab.daemon(target, "umzugd").signal(signal.SIGSTOP)
    lab.daemon(source, "umzugd").go_on()
    equal(lab.umzug(source, f"/CANCEL-VM-MIGRATION VM-ID={vm}").status, DONE, "CANCEL")
    equal(lab.ended(source, vm), "$AE", "job variable")
    equal(lab.daemon(target, "umzugd").state, "T", "umzugd of the target")
    equal(said(lab, source, 0, "VMS2420")[-1:], [f"({lab.moves(source, vm)[0]['vm_index']},{vm})"],
          "VMS2420")
    assert "UMZ0123" in [code for _, code in lab.console(source)], lab.console(source)
    lab.daemon(target, "umzugd").go_on()
    lab.closed(vm)
    lab.nothing_left(target, vm)


@claim("CANCEL ends a move that waits for the guest to release a device", kinds=("x86",),
       only_all=True, fresh=True)
def cancel_unreleased(lab):
    vm = stubborn(lab, "LINGERS", "FAA8")
    source, target = lab.sus
    configure(lab, source, {"quiesce": 0})
    equal(lab.migrate(vm, target).status, DONE, "MIGRATE-VM")
    until(lambda: lab.state(target, vm) == "RECEIVING", "the target's place")
    equal(lab.umzug(source, f"/CANCEL-VM-MIGRATION VM-ID={vm}").status, DONE, "CANCEL")
    equal(lab.ended(source, vm), "$AE", "job variable")
    lab.closed(vm)
    lab.nothing_left(target, vm)
    lab.runs_once(vm, source)


@claim("CANCEL after the hand-over was held is refused with UMZ0134, and the move goes through",
       fresh=True)
def cancel_too_late(lab):
    vm = lab.guest("LATE", devices=("CS:console",))
    source, target = lab.sus
    begin_with(lab, vm, "target-go")
    lab.umzug(source, f"/CANCEL-VM-MIGRATION VM-ID={vm}").rejected_with("UMZ0134")
    lab.daemon(target, "umzugd").go_on()
    equal(lab.ended(source, vm), "$T", "job variable")
    lab.runs_once(vm, target)
