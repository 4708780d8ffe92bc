# SPDX-License-Identifier: LGPL-2.1-or-later
"""The link between the SUs breaks in the middle of the copy."""

from harness import DONE, claim, equal

ROWS = [dict(how="silent", text="goes silent"), dict(how="reset", text="is reset")]


@claim("the link {text}: the guest never stops, the target is clean, $AE; then the move succeeds",
       rows=ROWS, kinds=("390", "x86"))
def broken_link(lab, how):
    vm = "LINK"
    if "error" in lab.witness(vm):
        lab.guest(vm)
    source = lab.where(vm)
    target = lab.other(source)
    lab.tool("rate", 80)
    equal(lab.migrate(vm, target).status, DONE, "MIGRATE-VM")
    lab.copying(vm, source)
    boundary = len(lab.witness(vm)["moves"])
    lab.tool("cut", how)
    equal(lab.ended(source, vm), "$AE", "job variable")
    assert {"VMS2421", "VMS2420"} & {code for _, code in lab.console(source)}
    lab.nothing_left(target, vm)
    equal(lab.witness(vm)["running_on"], [source], "where it runs")
    equal(len(lab.witness(vm)["moves"]), boundary, "changes of its place")
    lab.tool("cut", "off")
    lab.tool("rate", "unlimited")
    lab.closed(vm)
    lab.runs_once(vm, source)
    equal(lab.migrate(vm, target).status, DONE, "MIGRATE-VM once more")
    equal(lab.ended(source, vm), "$T", "job variable")
    lab.runs_once(vm, target)
