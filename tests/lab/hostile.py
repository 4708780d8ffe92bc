# SPDX-License-Identifier: LGPL-2.1-or-later
"""What people do who have no rights: each attack here once succeeded."""

import signal
import subprocess

from crashes import begin, settled
from harness import DONE, ROOT, Pool, claim, equal

ATTACKS = ROOT / "tests/hostile"
NOBODY, QEMU = ("65534", "65534"), ("libvirt-qemu", "kvm")
CROWDS = Pool(2)


class Attack:
    """A program of tests/hostile that runs in SU as that (user, group), until its input ends."""

    def __init__(self, lab, su, who, name, *arguments):
        user, group = who
        command = lab.place.inside_su(
            su, "setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "python3", "-I",
            "-c", (ATTACKS / f"{name}.py").read_text(), *arguments)
        self.process = subprocess.Popen(
            [str(word) for word in command], env=lab.place.environment(), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lines = []

    def until_ready(self):
        for line in self.process.stdout:
            if line == "ready\n":
                return self.lines
            self.lines.append(line.split())
        raise AssertionError(f"the attack ended: {self.lines}")

    def end(self):
        rest, _ = self.process.communicate()
        return [line.split() for line in rest.splitlines()]


@claim("while a guest moves nobody gets at its sockets on the {side}", fresh=True,
       kinds=("390", "x86"), rows=[dict(side="source"), dict(side="target")], one_kind=True,
       sample=1)
def sockets_are_private(lab, side):
    vm, source, target = begin(lab, "copy")
    attack = Attack(lab, source if side == "source" else target, NOBODY, "socket_thief")
    found = attack.until_ready()
    assert found, "no socket of a move is bound"
    for path, *what in found:
        equal(what, ["found"], path)
    attack.end()
    lab.tool("rate", "unlimited")
    equal(lab.ended(source, vm), "$T", "job variable")
    equal(settled(lab, vm, source, target), target, "where it runs")


@claim("another guest's QEMU takes the place of the copy's socket: not a byte, undone", fresh=True)
def other_qemu_listens(lab):
    vm, source, target = begin(lab, "target-prepared")
    attack = Attack(lab, target, QEMU, "socket_thief")
    taken = [path for path, *what in attack.until_ready() if "taken" in what]
    assert taken, "it could not take the place"
    lab.daemon(target, "umzugd").signal(signal.SIGCONT)
    equal(lab.ended(source, vm), "$AE", "job variable")
    equal(attack.end(), [[path, "0", "bytes"] for path in taken], "what it got")
    equal(settled(lab, vm, source, target), source, "where it runs")
    lab.nothing_left(target, vm)


def moves_beside(lab, *attacks):
    """A move there and back while the attacks go on: nothing is undone, root is answered, and so is
    everybody when they are over."""
    vm = lab.guest("CROWD", load="counters:64:10", devices=("CS:console",))
    for attack in attacks:
        attack.until_ready()
    for _ in range(2):
        source = lab.where(vm)
        equal(lab.migrate(vm, lab.other(source)).status, DONE, "MIGRATE-VM")
        equal(lab.ended(source, vm), "$T", "job variable")
        lab.ticks_on(vm, lab.other(source))
        lab.closed(vm)
    lab.flawless(vm)
    for attack in attacks:
        attack.end()
    for su in lab.sus:
        equal(lab.umzug(su, "/SHOW-SU-CLUSTER").status, DONE, "SHOW-SU-CLUSTER")
        equal(as_nobody(lab, su), DONE, "status for nobody")


def as_nobody(lab, su):
    return lab.run(su, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                   lab.place.build / "src/cli/umzug", "/SHOW-SU-CLUSTER", check=False).returncode


@claim("1100 silent connections of nobody to the local sockets: guests move, root is answered",
       fresh=True, pool=CROWDS)
def local_crowd(lab):
    moves_beside(lab, *[Attack(lab, su, NOBODY, "crowd", "1100", "/run/umzug/umzugd.sock")
                        for su in lab.sus])


@claim("1000 silent connections to {port}: guests move", fresh=True, kinds=("mixed",),
       rows=[dict(port="the data port", number="7391"),
             dict(port="the control port", number="7390")], sample=1, pool=CROWDS)
def crowd_of_strangers(lab, number):
    moves_beside(lab, *[Attack(lab, lab.sus[2], NOBODY, "crowd", "1000", su.lower(), number)
                        for su in lab.sus[:2]])


@claim("1000 connections that begin a handshake and say no more: guests move", fresh=True,
       kinds=("mixed",), pool=CROWDS)
def crowd_of_handshakes(lab):
    moves_beside(lab, *[Attack(lab, lab.sus[2], NOBODY, "crowd", "1000", su.lower(), "7390", "x")
                        for su in lab.sus[:2]])
