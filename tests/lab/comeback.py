# SPDX-License-Identifier: LGPL-2.1-or-later
"""A host that has started anew: nothing starts there before the other SUs have been heard, for one
of them may have taken its VMs over."""

from crashes import begin_with, settled
from harness import DONE, Pool, claim, equal, until

OWNER, HEIR = "ABGSE501", "ABGSE701"
UNHEARD = "UMZ0213"
SOME = Pool(1)


def guest(lab):
    """Runs on OWNER, and is to start with the host."""
    vm = lab.guest("STARTS", on=OWNER)
    lab.run(OWNER, "virsh", "autostart", vm)
    lab.ticks_on(vm, OWNER)
    return vm


def starts_nothing(lab, vm):
    """On OWNER, which has not heard its partner: neither libvirt, nor virsh, nor Umzug."""
    equal(lab.domain(OWNER, vm), "shut off", "after libvirt's autostart")
    answer = lab.run(OWNER, "virsh", "start", vm, check=False)
    assert answer.returncode != 0 and UNHEARD in answer.stdout, answer.stdout
    lab.umzug(OWNER, f"/ACTIVATE-VM-DEFINITION {vm}").rejected_with(UNHEARD)
    text = lab.umzug(OWNER, f"/SHOW-VM-DEFINITION {vm}").text
    assert f"NOT RUNNABLE: {UNHEARD}" in text, text
    equal(lab.domain(OWNER, vm), "shut off", "in the end")


def codes(lab, su):
    return [code for _, code in lab.console(su)]


@claim("both hosts were off: one that comes back alone starts nothing, and with its partner what "
       "is to start", fresh=True, kinds=("390", "x86"), pool=SOME)
def alone(lab):
    vm = guest(lab)
    other = lab.guest("STAYS", on=OWNER, devices=("FAA6:disk",))
    for su in lab.sus:
        lab.tool("crash", su)
    lab.tool("boot", OWNER)
    starts_nothing(lab, vm)
    lab.run(OWNER, "virsh", "start", other, check=False)
    lab.tool("boot", HEIR)
    until(lambda: "UMZ0217" in codes(lab, OWNER), "the late start")
    equal(lab.ticks_on(vm, OWNER)["boots"], 2, "boots")
    equal(lab.domain(OWNER, other), "shut off", "what is not to start with the host")
    lab.run(OWNER, "virsh", "start", other)


@claim("a VM was taken over while its host was off: the old one never starts", fresh=True,
       kinds=("390", "x86"), pool=SOME)
def taken(lab):
    vm = guest(lab)
    until(lambda: vm in lab.umzug(HEIR, "/SHOW-VM-DEFINITION ,,*REMOTE").text, "what is known")
    lab.tool("crash", OWNER)
    lab.tool("cut", "silent")   # as the network of a host that is off
    equal(lab.umzug(HEIR, f"/RECOVER-VM-DEFINITION {vm}").status, DONE, "RECOVER")
    lab.run(HEIR, "virsh", "start", vm)
    lab.ticks_on(vm, HEIR)
    lab.tool("boot", OWNER)
    starts_nothing(lab, vm)
    lab.tool("cut", "off")
    until(lambda: lab.domain(OWNER, vm) is None, "the end of the old definition")
    lab.confirmed(OWNER)
    lab.ticks_on(vm, HEIR)
    equal(lab.witness(vm)["boots"], 2, "boots")
    lab.nothing_left(OWNER, vm)


@claim("the partner stays off: an operator's word lets one VM start, and none else", fresh=True,
       kinds=("390", "x86"), pool=SOME)
def word(lab):
    vm = guest(lab)
    lab.umzug(OWNER, f"/CONFIRM-VM-OWNERSHIP {vm}").rejected_with("UMZ0216")
    other = lab.guest("STAYS", on=OWNER, devices=("FAA6:disk",))
    for su in lab.sus:
        lab.tool("crash", su)
    lab.tool("boot", OWNER)
    lab.umzug(OWNER, f"/CONFIRM-VM-OWNERSHIP {vm}").rejected_with("UMZ0214")
    lab.umzug(OWNER, f"/CONFIRM-VM-OWNERSHIP {vm},{OWNER}").rejected_with("UMZ0214")
    answer = lab.umzug(OWNER, f"/CONFIRM-VM-OWNERSHIP {vm},{HEIR}")
    equal((answer.status, answer.codes), (DONE, ["UMZ0215"]), answer.text)
    equal(lab.umzug(OWNER, f"/ACTIVATE-VM-DEFINITION {vm}").status, DONE, "ACTIVATE")
    equal(lab.umzug(OWNER, f"/START-VM {vm}").status, DONE, "START")
    lab.ticks_on(vm, OWNER)
    starts_nothing(lab, other)


@claim("the source's host starts anew after the commit: the old guest never starts there",
       fresh=True, kinds=("390", "x86"), pool=SOME)
def committed(lab):
    vm, source, target = begin_with(lab, guest(lab), "source-committed")
    lab.tool("crash", source)
    lab.tool("cut", "silent")
    lab.tool("boot", source)
    equal(lab.domain(source, vm), "shut off", "after libvirt's autostart")
    answer = lab.run(source, "virsh", "start", vm, check=False)
    assert answer.returncode != 0 and "UMZ0125" in answer.stdout, answer.stdout
    lab.umzug(source, f"/ACTIVATE-VM-DEFINITION {vm}").rejected_with()
    lab.tool("cut", "off")
    equal(settled(lab, vm, source, target), target, "owner")
    lab.closed(vm)
    lab.nothing_left(source, vm)
