# SPDX-License-Identifier: LGPL-2.1-or-later
"""What libvirt does to a move.  None of it may make two copies run, or none; where the guest runs
is what the journals say."""

import signal
import time

from crashes import begin, settled, side_of
from harness import Pool, claim, equal, until

SOME = Pool(2)
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


@claim("libvirt migrates and {what}: undone, the guest goes on at the source", rows=BY_FAULT,
       sample=1, kinds=("390", "x86"), fresh=True, pool=SOME)
def lost_at_finish(lab, side, order):
    vm, source, target = begin(lab, None, {side: order})
    equal(lab.ended(source, vm), "$AE", "job variable")
    equal(settled(lab, vm, source, target), source, "where it runs")
    lab.nothing_left(target, vm)


@claim("the client of the migration is killed during the copy: the guest goes on at the source",
       fresh=True, pool=SOME)
def client_killed(lab):
    vm, source, target = begin(lab, "copy")
    lab.daemon(source, "umzugd").kill()
    lab.tool("rate", "unlimited")
    lab.ticks_on(vm, source)
    lab.start(source, "umzugd")
    equal(settled(lab, vm, source, target), source, "where it runs")


@claim("libvirtd on the {side} is restarted at {point}: one copy, where the journal says",
       rows=RESTARTS, sample=1, fresh=True, pool=SOME)
def libvirtd_restarted(lab, side, point):
    vm, source, target = begin(lab, point)
    su = side_of(side, source, target)
    lab.restart(su, "libvirtd")
    go_on(lab, point, source, target)
    settled(lab, vm, source, target)


@claim("the old QEMU does not answer for 35 s, umzugd {how} at {point}: "
       "the target's copy runs alone", rows=UNRESPONSIVE, only_all=True,
       fresh=True)
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
       "the target's copy runs alone", kinds=("390", "x86"), fresh=True, pool=SOME)
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


def go_on(lab, point, source, target):
    lab.tool("rate", "unlimited")
    if point != "copy":
        lab.daemon(side_of(point, source, target), "umzugd").signal(signal.SIGCONT)
