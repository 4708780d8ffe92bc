# SPDX-License-Identifier: LGPL-2.1-or-later
"""What libvirt and other people do to a move (design, chapter 3).  None of it may make two copies
run, or none; where the guest runs is what the journals say."""

import signal
import time

from crashes import POINTS, begin, settled, side_of
from harness import claim, equal, until

BY_FAULT = [
    dict(side="target", order="relay close-at-finish-reply", what="its reply to Finish is lost"),
    dict(side="source", order="relay close-at-finish-call",
         what="the link closes at the call of Finish"),
]
RESTARTS = [dict(side=side, point=point) for side in ("source", "target")
            for point in ("copy", "source-held")]
UNRESPONSIVE = [dict(how="stopped", point="source-committed"),
                dict(how="stopped", point="source-released"),
                dict(how="killed", point="source-gone")]
VERBS = [dict(verb=verb, side=side, point=point) for verb in ("start", "resume")
         for side in ("source", "target") for point in POINTS]


@claim("libvirt migrates and {what}: undone, the guest goes on at the source", rows=BY_FAULT,
       kinds=("390", "x86"), fresh=True)
def lost_at_finish(lab, side, order):
    vm, source, target = begin(lab, None, {side: order})
    equal(lab.ended(source, vm), "$AE", "job variable")
    equal(settled(lab, vm, source, target), source, "where it runs")
    lab.nothing_left(target, vm)


@claim("the client of the migration is killed during the copy: the guest goes on at the source",
       fresh=True)
def client_killed(lab):
    vm, source, target = begin(lab, "copy")
    lab.daemon(source, "umzugd").kill()
    lab.tool("rate", "unlimited")
    lab.ticks_on(vm, source)
    lab.start(source, "umzugd")
    equal(settled(lab, vm, source, target), source, "where it runs")


@claim("libvirtd on the {side} is restarted at {point}: one copy, where the journal says",
       rows=RESTARTS, fresh=True)
def libvirtd_restarted(lab, side, point):
    vm, source, target = begin(lab, point)
    su = side_of(side, source, target)
    lab.restart(su, "libvirtd")
    go_on(lab, point, source, target)
    settled(lab, vm, source, target)


@claim("the old QEMU does not answer for 35 s, umzugd {how} at {point}: "
       "the target's copy runs alone", rows=UNRESPONSIVE, sample=1, fresh=True)
def old_qemu_unresponsive(lab, how, point):
    vm, source, target = begin(lab, point)
    daemon = lab.daemon(source, "umzugd")
    if how == "killed":
        daemon.kill()
    # What is tested is this time itself: libvirt gives up on the old QEMU after 30 s.
    time.sleep(35)
    if how == "killed":
        lab.start(source, "umzugd")
    else:
        daemon.go_on()
    equal(settled(lab, vm, source, target), target, "where it runs")


@claim("libvirt cannot use the reply to Finish and would go on at the source: "
       "the target's copy runs alone", kinds=("390", "x86"), fresh=True)
def unusable_reply(lab):
    vm, source, target = begin(lab, None, {"source": "relay spoil-finish-reply"})
    equal(lab.ended(source, vm), "$T", "job variable")
    equal(settled(lab, vm, source, target), target, "where it runs")
    lab.closed(vm)
    lab.nothing_left(source, vm)


@claim("both copies end after the decision: the VM is DOWN on the target, and can be started",
       fresh=True)
def both_ended(lab):
    vm, source, target = begin(lab, "source-committed")
    for qemu in lab.qemus(source, vm) + lab.qemus(target, vm):
        qemu.kill()
    lab.daemon(source, "umzugd").go_on()
    equal(lab.ended(source, vm), "$T", "job variable")
    lab.closed(vm)
    lab.nothing_left(source, vm)
    equal((lab.state(target, vm), lab.domain(target, vm), lab.fences(target)),
          ("RUNS", "shut off", []), "the target")
    assert "UMZ0139" in [code for _, code in lab.console(target)], lab.console(target)
    lab.run(target, "virsh", "start", vm)


@claim("the target cannot resume its copy: REFUSED, the guest goes on at the source", fresh=True,
       kinds=("390", "x86"))
def resume_refused(lab):
    vm, source, target = begin(lab, "target-go")
    for qemu in lab.qemus(target, vm):
        qemu.kill()
    until(lambda: not lab.qemus(target, vm), "the end of the copy")
    lab.daemon(target, "umzugd").go_on()
    equal(lab.ended(source, vm), "$AE", "job variable")
    equal(settled(lab, vm, source, target), source, "where it runs")
    assert "UMZ0124" in [code for _, code in lab.console(source)], lab.console(source)


@claim("somebody gives virsh {verb} on the {side} at {point}: never two copies", rows=VERBS,
       sample=4, fresh=True)
def virsh_by_others(lab, verb, side, point):
    vm, source, target = begin(lab, point)
    # It may be refused or wait for libvirt's job: it is not asked how it ends.
    lab.run(side_of(side, source, target), "timeout", "2", "virsh", verb, vm, check=False)
    go_on(lab, point, source, target)
    settled(lab, vm, source, target)


@claim("somebody resumes the target's copy at {point} and the move is undone: never two copies",
       rows=[dict(point="source-held"), dict(point="source-frozen")], fresh=True)
def resumed_by_others_then_undone(lab, point):
    vm, source, target = begin(lab, point)
    lab.run(target, "timeout", "5", "virsh", "resume", vm, check=False)
    lab.relays(source)[0].kill()
    go_on(lab, point, source, target)
    settled(lab, vm, source, target)


@claim("somebody undefines the VM on the target before it runs there: it is defined afterwards",
       fresh=True)
def undefined_by_others(lab):
    vm, source, target = begin(lab, "source-committed")
    lab.run(target, "virsh", "undefine", vm, check=False)
    go_on(lab, "source-committed", source, target)
    equal(settled(lab, vm, source, target), target, "where it runs")
    lab.closed(vm)
    text = lab.run(target, "virsh", "dominfo", vm).stdout
    assert "Persistent:     yes" in text, text


def go_on(lab, point, source, target):
    lab.tool("rate", "unlimited")
    if point != "copy":
        lab.daemon(side_of(point, source, target), "umzugd").signal(signal.SIGCONT)
