# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a check and a move say beforehand of how long the move will take."""

import json

from harness import DONE, Pool, claim, equal, until

EITHER = Pool(1)


def move(lab, vm):
    source = lab.where(vm)
    answer = lab.migrate(vm, lab.other(source))
    equal(answer.status, DONE, answer.text)
    equal(lab.ended(source, vm), "$T", "job variable")
    lab.closed(vm)
    return answer


@claim("a VM that has moved to an SU before is expected to take as long again, and that is shown")
def as_before(lab):
    vm = lab.guest("AGAIN", load="counters:32:5")
    source = lab.sus[0]
    assert "UMZ0175" not in move(lab, vm).codes, "nothing is known of the first"
    move(lab, vm)
    check = lab.umzug(source, f"/CHECK-VM-MIGRATION {vm}")
    equal((check.status, [code for code in check.codes if code.startswith("UMZ")]),
          (DONE, ["UMZ0175"]), check.text)
    assert "UMZ0175" in move(lab, vm).codes
    first, third = [m for m in json.loads(
        lab.umzug(source, "--json", f"/SHOW-VM-MIGRATION {vm}").text)["data"]
        if m["direction"] == "to"]
    equal((third["expected_us"], third["expected_link_bytes"]),
          (first["duration_us"], first["link_bytes"]), "what was expected")
    assert "EXPECTED: " in lab.umzug(source, f"/SHOW-VM-MIGRATION {vm},INFORMATION=*ALL").text


@claim("one that has not is expected to take what the link of another's move allows", fresh=True,
       pool=EITHER)
def by_the_link(lab):
    first = lab.guest("FIRST", memory=512, load="random:300", devices=("CS:console",))
    move(lab, first)
    vm = lab.guest("SECOND", index=7, load="counters:32:5", devices=("CS:console",))
    until(lambda: "UMZ0176" in lab.umzug(lab.sus[0], f"/CHECK-VM-MIGRATION {vm}").codes,
          "a look at the VM")


@claim("a VM that was given up on /390 is refused by the check as long as it changes as much",
       fresh=True, pool=EITHER)
def refused(lab):
    vm = lab.guest("GIVENUP", load="pages:64:60", devices=("CS:console",))
    source = lab.where(vm)
    lab.tool("rate", 100)
    equal(lab.migrate(vm, lab.other(source)).status, DONE, "MIGRATE-VM")
    equal(lab.ended(source, vm, 300), "$AE", "job variable")
    assert "VMS2425" in [code for _, code in lab.console(source)]
    lab.closed(vm)
    until(lambda: "UMZ0174" in lab.umzug(source, f"/CHECK-VM-MIGRATION {vm}").codes,
          "a look at what it changes", 120)
    lab.migrate(vm, lab.other(source)).rejected_with("VMS2401", "UMZ0174", "VMS2461")
    lab.tool("rate", "unlimited")
    answer = lab.umzug(source, f"/MIGRATE-VM {vm},MONJV=MONJV.{vm},NON-CONVERGENCE=*SUSPEND")
    equal(answer.status, DONE, answer.text)
    equal(lab.ended(source, vm), "$T", "job variable")
    lab.runs_once(vm, lab.other(source))
