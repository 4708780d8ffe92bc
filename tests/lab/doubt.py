# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is in doubt while the other SU does not answer, and how an operator decides it, rightly and
wrongly."""

from crashes import begin, settled
from harness import DONE, Pool, claim, equal, until

SOME = Pool(2)


def in_doubt(lab, vm, su):
    """The operator of SU is told that it is in doubt, and sees it."""
    until(lambda: "UMZ0127" in [code for _, code in lab.console(su)], f"UMZ0127 in {su}")
    sees_doubt(lab, vm, su)


def sees_doubt(lab, vm, su):
    for command, shown in ((f"/SHOW-VM-MIGRATION VM-IDENTIFICATION={vm}", " IN DOUBT "),
                           (f"/SHOW-VM-ATTRIBUTES VM-IDENTIFICATION={vm}", "IN DOUBT(MIGR)")):
        text = lab.umzug(su, command).text
        assert shown in text, f"{command} on {su}:\n{text}"


def told(lab, su, by, code):
    """What BY has said of a move is on the console of SU too."""
    until(lambda: lab.query(su, "SELECT * FROM console WHERE su = ? AND code = ?", by, code),
          f"{code} of {by} in {su}")


def decide(lab, vm, su, decision, danger):
    """As an operator does: first the danger is shown, the name of the silent SU is his word."""
    command = f"/RESOLVE-VM-MIGRATION {vm},{decision}"
    lab.umzug(su, command).rejected_with(danger)
    lab.umzug(su, f"{command},CONFIRMATION={su}").rejected_with(danger)
    answer = lab.umzug(su, f"{command},CONFIRMATION={lab.other(su)}")
    equal((answer.status, answer.codes), (DONE, ["UMZ0210"]), command)
    until(lambda: "UMZ0210" in [code for _, code in lab.console(su)], "the decision in the log")


def only_there(lab, vm, owner):
    """All is over: the guest is known to OWNER alone, and nothing of the move is left."""
    lab.closed(vm)
    lab.nothing_left(lab.other(owner), vm)
    equal((lab.fences(owner), lab.sockets(owner), lab.relays(owner)), ([], [], []),
          f"what is left in {owner}")
    equal([p.state == "T" for p in lab.qemus(owner, vm)], [False], f"QEMUs of {vm}")


@claim("nothing is in doubt: UMZ0206", kinds=("390",))
def nothing(lab):
    vm = lab.guest("CALM")
    lab.umzug(lab.where(vm), f"/RESOLVE-VM-MIGRATION {vm},*COLD").rejected_with("UMZ0206")


@claim("the source is off at {point}; *COLD: the guest starts on the target from its disks, and "
       "the source gives it up when it comes back", pool=SOME, kinds=("390", "x86"), fresh=True,
       rows=[dict(point="source-frozen", told="UMZ0211"),
             dict(point="source-committed", told="VMS2451")])
def cold(lab, point, told):
    vm, source, target = begin(lab, point)
    lab.tool("crash", source)
    in_doubt(lab, vm, target)
    lab.umzug(target, f"/RESOLVE-VM-MIGRATION {vm},*THAW").rejected_with("UMZ0207")
    decide(lab, vm, target, "*COLD", "UMZ0208")
    until(lambda: lab.ticks_on(vm, target)["boots"] == 2, "the second boot")
    lab.tool("boot", source)
    until(lambda: told in [code for _, code in lab.console(source)], f"{told} in {source}")
    only_there(lab, vm, target)


@claim("the target is off after the commit; *COLD: the guest starts on the source from its disks, "
       "and the target gives up {had} when it comes back", pool=SOME,
       kinds=("390", "x86"), fresh=True, rows=[dict(had="a copy that never ran"),
                                               dict(had="the guest itself")])
def cold_at_the_source(lab, had):
    point = "source-committed" if had == "a copy that never ran" else "target-runs"
    vm, source, target = begin(lab, point)
    lab.tool("crash", target)
    if point == "source-committed":
        lab.daemon(source, "umzugd").go_on()
    in_doubt(lab, vm, source)
    decide(lab, vm, source, "*COLD", "UMZ0208")
    until(lambda: lab.ticks_on(vm, source)["boots"] == 2, "the second boot")
    lab.tool("cut", "silent")
    lab.tool("boot", target)
    lab.run(target, "virsh", "start", vm, check=False)
    equal(lab.qemus(target, vm), [], "what starts on a target that has heard nobody")
    lab.tool("cut", "off")
    only_there(lab, vm, source)
    lab.ticks_on(vm, source)


@claim("the source loses its power while it copies; *COLD: the guest starts on the target",
       pool=SOME, kinds=("390", "x86"), fresh=True)
def cold_without_a_copy(lab):
    vm, source, target = begin(lab, "copy")
    lab.tool("crash", source)
    in_doubt(lab, vm, target)
    lab.umzug(target, f"/RESOLVE-VM-MIGRATION {vm},*RESUME").rejected_with("UMZ0207")
    decide(lab, vm, target, "*COLD", "UMZ0208")
    until(lambda: lab.ticks_on(vm, target)["boots"] == 2, "the second boot")
    lab.tool("rate", "unlimited")
    lab.tool("boot", source)
    only_there(lab, vm, target)


@claim("a VM that is DOWN, and the target is off after the commit; *THAW: it is the source's again",
       pool=SOME, kinds=("390", "x86"), fresh=True)
def thaw_of_a_vm_that_is_down(lab):
    vm = lab.guest("ASLEEP")
    lab.run(lab.where(vm), "virsh", "destroy", vm)
    source, target = lab.sus
    lab.arm(source, "stop source-committed")
    lab.start_helper(source, "umzug", f"/MIGRATE-VM {vm},{target}")
    lab.stopped_at(source)
    lab.tool("crash", target)
    lab.daemon(source, "umzugd").go_on()
    until(lambda: "UMZ0127" in [code for _, code in lab.console(source)], f"UMZ0127 in {source}")
    decide(lab, vm, source, "*THAW", "UMZ0209")
    until(lambda: lab.run(source, "virsh", "start", vm, check=False).returncode == 0, "the start")
    lab.ticks_on(vm, source)


@claim("the link is cut after the commit; *RESUME: the guest goes on at the target without a loss",
       pool=SOME, kinds=("390", "x86"), fresh=True)
def resume(lab):
    vm, source, target = begin(lab, "source-committed")
    lab.tool("cut", "silent")
    lab.daemon(source, "umzugd").go_on()
    in_doubt(lab, vm, source)
    in_doubt(lab, vm, target)
    decide(lab, vm, target, "*RESUME", "UMZ0209")
    lab.ticks_on(vm, target)
    lab.tool("cut", "off")
    equal(settled(lab, vm, source, target), target, "owner")
    only_there(lab, vm, target)
    told(lab, source, target, "UMZ0210")


@claim("the target is off after the commit; *THAW: the guest goes on at the source without a loss",
       pool=SOME, kinds=("390", "x86"), fresh=True)
def thaw(lab):
    vm, source, target = begin(lab, "source-committed")
    lab.tool("crash", target)
    lab.daemon(source, "umzugd").go_on()
    in_doubt(lab, vm, source)
    lab.umzug(source, f"/RESOLVE-VM-MIGRATION {vm},*RESUME").rejected_with("UMZ0207")
    decide(lab, vm, source, "*THAW", "UMZ0209")
    lab.runs_once(vm, source)
    lab.tool("boot", target)
    only_there(lab, vm, source)
    told(lab, target, source, "UMZ0210")


def two_by_mistake(lab):
    """The source has undone the move while it could not be heard, and the operator of the target
    has let the copy go on."""
    vm, source, target = begin(lab, "source-frozen")
    lab.tool("cut", "silent")
    lab.daemon(source, "umzugd").kill()
    lab.start(source, "umzugd")
    until(lambda: lab.state(source, vm) == "ABORTED", "the undo")
    in_doubt(lab, vm, target)
    decide(lab, vm, target, "*RESUME", "UMZ0209")
    lab.ticks_on(vm, source, target)
    lab.tool("cut", "off")
    until(lambda: "UMZ0212" in [code for _, code in lab.console(source)], f"UMZ0212 in {source}")
    equal([p.state for p in lab.qemus(source, vm)], ["T"], "the copy at the source")
    sees_doubt(lab, vm, source)
    return vm, source, target


@claim("*RESUME though it went on at the source: frozen there on contact; virsh destroy there ends "
       "it", pool=SOME, kinds=("390", "x86"), fresh=True)
def wrong_and_destroyed(lab):
    vm, source, target = two_by_mistake(lab)
    lab.daemon(source, "umzugd").kill()
    lab.start(source, "umzugd")
    until(lambda: [c for _, c in lab.console(source)].count("UMZ0212") == 2, "the conflict again")
    equal([p.state for p in lab.qemus(source, vm)], ["T"], "the copy, though umzugd was restarted")
    lab.run(source, "virsh", "destroy", vm, check=False)
    only_there(lab, vm, target)
    lab.ticks_on(vm, target)


@claim("*RESUME though it went on at the source: the copy of the target removed, *THAW lets it go "
       "on at the source", pool=SOME, kinds=("390", "x86"), fresh=True)
def wrong_and_thawed(lab):
    vm, source, target = two_by_mistake(lab)
    lab.run(target, "virsh", "destroy", vm)
    lab.run(target, "virsh", "undefine", vm)
    decide(lab, vm, source, "*THAW", "UMZ0209")
    only_there(lab, vm, source)
    lab.ticks_on(vm, source)
