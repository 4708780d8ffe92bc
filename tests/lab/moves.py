# SPDX-License-Identifier: LGPL-2.1-or-later
"""Moves there and back again, and what the consoles say about them."""

import os

from harness import DONE, claim, equal

N_MOVES = 20 if os.environ.get("UMZUG_CHECK_ALL") else 2
VM = "(12,VM12PROD)"
# Reference 3.2 and 3.3: what both consoles say, in the order of time; {s} source, {t} target.
SAID = {
    "390": [
        ("s", f"VMS2450 LIVE MIGRATION OF VM {VM} TO TARGET SU '{{t}}' STARTED"),
        ("t", f"VMS2430 LIVE MIGRATION OF VM {VM} FROM SOURCE SU '{{s}}' STARTED"),
        ("t", f"VMS3050 VIRTUAL MACHINE {VM} CREATED"),
        ("t", f"VMS4005 DEVICE 'CS' ASSIGNED TO VIRTUAL MACHINE {VM}"),
        ("t", f"VMS4005 DEVICE 'FAA4' ASSIGNED TO VIRTUAL MACHINE {VM}"),
        ("t", f"VMS4005 DEVICE 'FAA5' ASSIGNED TO VIRTUAL MACHINE {VM} (TYPE=SD)"),
        ("s", f"VMS2452 VM {VM} SUSPENDED AT LIVE MIGRATION TO TARGET SU '{{t}}'"),
        ("t", f"VMS2432 VM {VM} RESUMED AT LIVE MIGRATION FROM SOURCE SU '{{s}}'"),
        ("t", f"VMS2431 LIVE MIGRATION OF VM {VM} FROM SOURCE SU '{{s}}' COMPLETED"),
        ("s", f"VMS4009 DEVICE 'CS' REMOVED FROM VIRTUAL MACHINE {VM}"),
        ("s", f"VMS4009 DEVICE 'FAA4' REMOVED FROM VIRTUAL MACHINE {VM}"),
        ("s", f"VMS4009 DEVICE 'FAA5' REMOVED FROM VIRTUAL MACHINE {VM}"),
        ("s", f"VMS4024 VIRTUAL MACHINE {VM} TERMINATED"),
        ("s", f"VMS2451 LIVE MIGRATION OF VM {VM} TO TARGET SU '{{t}}' COMPLETED"),
    ],
    "x86": [
        ("s", f"VMS2450 LIVE MIGRATION OF VM {VM} TO TARGET SU '{{t}}' STARTED"),
        ("t", f"VMS6020 VIRTUAL MACHINE {VM} CREATED BY CARRIER SYSTEM"),
        ("s", f"VMS6021 VIRTUAL MACHINE {VM} TERMINATED BY CARRIER SYSTEM"),
        ("s", f"VMS2451 LIVE MIGRATION OF VM {VM} TO TARGET SU '{{t}}' COMPLETED"),
    ],
}


def expected(kind, source, target):
    return [(source if side == "s" else target, text.format(s=source, t=target))
            for side, text in SAID[kind]]


def shown(lab, su):
    """The console log without the echoes of commands and without the times."""
    lines = lab.run(su, "umzug", "log").stdout.splitlines()
    return [line[9:] for line in lines if line[6:9] == " % " and line[:6].isdigit()]


def times(lab, su, move):
    return [row["time_us"] for row in lab.query(
        su, "SELECT time_us FROM console WHERE su = ? AND move = ? ORDER BY number", su, move)]


def check_consoles(lab, source, target, before):
    """Each console says its own lines, and together they follow each other in time."""
    said, stamped = expected(lab.kind, source, target), []
    for su in (source, target):
        own = [text for where, text in said if where == su]
        equal(shown(lab, su)[before[su]:], own, f"console of {su}")
        move = lab.moves(su, "VM12PROD")[0]["id"]
        stamped += list(zip(times(lab, su, move), [su] * len(own), own))
    equal([line[1:] for line in sorted(stamped, key=lambda line: line[0])], said, "order in time")


@claim(f"{N_MOVES} moves there and back: nothing lost, the consoles as in the documents",
       kinds=("390", "x86"))
def there_and_back(lab):
    vm = lab.guest("VM12PROD", index=12)
    for _ in range(2 * N_MOVES):
        source = lab.where(vm)
        target = lab.other(source)
        before = {su: len(shown(lab, su)) for su in lab.sus}
        answer = lab.umzug(source, f"/MIGRATE-VM VM-ID=12,SERVER-UNIT-NAME={target},"
                                   f"MONJV=MONJV.{vm}")
        equal(answer.status, DONE, answer.text)
        equal(lab.ended(source, vm), "$T", "job variable")
        lab.closed(vm)
        equal((lab.state(source, vm), lab.state(target, vm)), ("GONE", "RUNS"), "journals")
        check_consoles(lab, source, target, before)
        lab.runs_once(vm, target)
        lab.nothing_left(source, vm)
    assert lab.witness(vm)["ticks"] > 0
