# SPDX-License-Identifier: LGPL-2.1-or-later
"""What people do who have no rights: each attack here once succeeded."""

import signal
import subprocess

from crashes import begin, settled
from harness import ROOT, claim, equal

ATTACKS = ROOT / "tests/hostile"
NOBODY, QEMU = ("65534", "65534"), ("libvirt-qemu", "kvm")


class Attack:
    """A program of tests/hostile that runs in SU as that (user, group), until its input ends."""

    def __init__(self, lab, su, who, name, *arguments):
        user, group = who
        command = lab.place.inside_su(
            su, "setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "python3", "-c",
            (ATTACKS / f"{name}.py").read_text(), *arguments)
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
       kinds=("390", "x86"), rows=[dict(side="source"), dict(side="target")], one_kind=True)
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
