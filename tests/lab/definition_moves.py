# SPDX-License-Identifier: LGPL-2.1-or-later
"""MIGRATE-VM-DEFINITION: a definition is on exactly one SU, whatever happens on the way."""

import signal

from crashes import side_of
from dialogs import define
from harness import DONE, Pool, claim, equal, until
from recovery import knows

SOURCE, TARGET = "ABGSE701", "ABGSE501"
SOME = Pool(1)
POINTS = ["source-begun", "source-committed", "target-go", "target-owner", "source-gone"]
ROWS = [dict(side=side, point=point) for side in ("source", "target") for point in POINTS]


def command(vm, to=TARGET):
    return f"/MIGRATE-VM-DEFINITION VM-NAME={vm},SERVER-UNIT-NAME={to}"


def owner(lab, vm):
    """Waits until all is done, and returns the one SU that has the definition."""
    lab.closed(vm)
    owners = [su for su in lab.sus if lab.domain(su, vm)]
    equal(len(owners), 1, f"SUs that have {vm}: {owners}")
    for su in lab.sus:
        equal(lab.fences(su), [], f"fences in {su}")
    equal(lab.domain(owners[0], vm), "shut off", "its state")
    return owners[0]


def shown(lab, su, vm):
    """Index and ACT as SHOW-VM-DEFINITION has them."""
    lines = lab.umzug(su, "/SHOW-VM-DEFINITION").text.splitlines()
    return next((line.split()[1], line.split()[3]) for line in lines if f" {vm} " in line)


def remove(lab, vm):
    for su in lab.sus:
        lab.run(su, "virsh", "undefine", vm, check=False)


@claim("a definition moves there and back with its index, and only the target says so")
def there_and_back(lab):
    vm, before = "TRAVELS", {su: len(lab.console(su)) for su in lab.sus}
    define(lab, SOURCE, vm)
    equal(lab.umzug(SOURCE, f"/MODIFY-VM-DEFINITION {vm},50").status, DONE, "its index")
    text = lab.run(SOURCE, "virsh", "dumpxml", vm).stdout
    answer = lab.umzug(SOURCE, command(vm))
    equal((answer.status, answer.codes), (DONE, ["VMS2320"]), answer.text)
    equal((owner(lab, vm), shown(lab, TARGET, vm)), (TARGET, ("50", "NO")), "there")
    knows(lab, SOURCE, TARGET, vm, ("50", "NO"))
    equal(lab.umzug(TARGET, f"/MIGRATE-VM-DEFINITION {vm}").codes, ["VMS2320"], "*UNIQUE")
    equal((owner(lab, vm), shown(lab, SOURCE, vm)), (SOURCE, ("50", "NO")), "back again")
    equal([line for line in lab.run(SOURCE, "virsh", "dumpxml", vm).stdout.splitlines()
           if "umzug" not in line and "metadata" not in line], text.splitlines(), "its XML")
    for su in lab.sus:
        equal([code for _, code in lab.console(su)[before[su]:] if code], ["VMS2322"], su)
    equal(lab.umzug(SOURCE, f"/ACTIVATE-VM-DEFINITION {vm}").status, DONE, "ACTIVATE")
    lab.umzug(SOURCE, command(vm)).rejected_with("VMS4015")
    lab.umzug(SOURCE, f"/DELETE-VM {vm}")
    remove(lab, vm)


def configure(lab, old, new):
    path = lab.folder / "su" / SOURCE / "etc/umzug/umzugd.conf"
    text = path.read_text().replace(f"{old}\n", "")
    path.write_text(text.replace("[cluster]\n", f"[cluster]\n{new}\n"))
    lab.restart(SOURCE, "umzugd")


@claim("a definition that cannot move stays, and the command says why", pool=SOME)
def rejected(lab):
    vm = "STAYS"
    define(lab, SOURCE, vm)
    lab.umzug(SOURCE, f"/MODIFY-VM-DEFINITION {vm},51")
    lab.umzug(SOURCE, command("NOSUCH")).rejected_with("VMS2300")
    lab.umzug(SOURCE, command(vm, "NOSUCH")).rejected_with("VMS2400")
    lab.umzug(SOURCE, command(vm, SOURCE)).rejected_with("UMZ0101", "VMS2323")
    configure(lab, "active=true", "active=false")
    lab.umzug(SOURCE, command(vm)).rejected_with("VMS2402")
    configure(lab, "active=false", "active=true")
    define(lab, TARGET, vm)
    define(lab, TARGET, "OTHER")
    lab.umzug(TARGET, "/MODIFY-VM-DEFINITION OTHER,51")
    answer = lab.umzug(SOURCE, command(vm)).rejected_with("VMS2324")
    assert f"REASON: VMS4013,{vm}" in answer.text and "REASON: VMS4012,51" in answer.text, \
        answer.text
    for name in (vm, "OTHER"):
        lab.umzug(TARGET, f"/DELETE-VM-DEFINITION {name}")
    lab.daemon(TARGET, "libvirtd").kill()
    lab.umzug(SOURCE, command(vm)).rejected_with("VMS2324", "UMZ0122")
    lab.start(TARGET, "libvirtd")
    lab.daemon(TARGET, "umzugd").kill()
    lab.umzug(SOURCE, command(vm)).rejected_with("UMZ0321", "VMS2403")
    lab.start(TARGET, "umzugd")
    lab.daemon(SOURCE, "libvirtd").kill()
    lab.umzug(SOURCE, command(vm)).rejected_with("UMZ0122", "VMS2332")
    lab.start(SOURCE, "libvirtd")
    equal((lab.domain(TARGET, vm), lab.moves(SOURCE, vm)), (None, []), "what was touched")
    equal((owner(lab, vm), shown(lab, SOURCE, vm)), (SOURCE, ("51", "NO")), "where it is")
    remove(lab, vm)


def begin(lab, vm, point):
    """The command stands at POINT; returns it and the umzugd that was stopped there."""
    su = side_of(point, SOURCE, TARGET)
    if not lab.domain(SOURCE, vm):
        define(lab, SOURCE, vm)
    lab.arm(su, f"stop {point}")
    helper = lab.start_helper(SOURCE, "umzug", command(vm))
    return helper, lab.stopped_at(su)


@claim("a definition that cannot be deleted at the source is not startable there, and goes later",
       pool=SOME)
def undeletable(lab):
    vm = "STICKS"
    define(lab, SOURCE, vm)
    path = f"/etc/libvirt/qemu/{vm}.xml"
    lab.run(SOURCE, "mount", "--bind", path, path)
    answer = lab.umzug(SOURCE, command(vm))
    equal(answer.codes, ["VMS2321"], answer.text)
    equal([lab.domain(su, vm) for su in lab.sus], ["shut off"] * 2, "on both SUs")
    refusal = lab.run(SOURCE, "virsh", "start", vm, check=False)
    assert refusal.returncode != 0 and "UMZ0218" in refusal.stdout, refusal.stdout
    text = lab.umzug(SOURCE, f"/SHOW-VM-DEFINITION {vm}").text
    assert "NOT RUNNABLE: UMZ0218" in text, text
    lab.umzug(SOURCE, f"/ACTIVATE-VM-DEFINITION {vm}").rejected_with()
    lab.run(SOURCE, "umount", path)
    equal(owner(lab, vm), TARGET, "in the end")
    remove(lab, vm)


@claim("a VM that is started in the last moment stays, and its definition with it", only_all=True)
def started(lab):
    vm = "STARTS"
    helper, umzugd = begin(lab, vm, "source-begun")
    lab.run(SOURCE, "virsh", "start", "--paused", vm)
    umzugd.go_on()
    text = helper.communicate()[0]
    assert "UMZ0128" in text and "VMS2323" in text, text
    lab.closed(vm)
    equal((lab.domain(SOURCE, vm), lab.domain(TARGET, vm)), ("paused", None), "where it is")
    lab.run(SOURCE, "virsh", "destroy", vm)
    equal(owner(lab, vm), SOURCE, "in the end")
    remove(lab, vm)


@claim("umzugd of the {side} is killed while a definition moves, at {point}: it is on one SU",
       rows=ROWS, sample=1)
def killed(lab, side, point):
    vm = "HALFWAY"
    helper, stopped = begin(lab, vm, point)
    victim = lab.daemon(side_of(side, SOURCE, TARGET), "umzugd")
    victim.kill()
    if stopped.pid != victim.pid:
        stopped.go_on()
    lab.start(side_of(side, SOURCE, TARGET), "umzugd")
    helper.wait()
    expected = SOURCE if point == "source-begun" else TARGET
    equal(owner(lab, vm), expected, "where it is")
    equal(lab.umzug(expected, command(vm, lab.other(expected))).codes, ["VMS2320"], "and on")
    owner(lab, vm)
    remove(lab, vm)


@claim("a target that does not answer in time: VMS2325, and the definition is on one SU",
       only_all=True)
def silent(lab):
    vm = "WAITS"
    define(lab, SOURCE, vm)
    umzugd = lab.daemon(TARGET, "umzugd")
    umzugd.signal(signal.SIGSTOP)
    lab.umzug(SOURCE, command(vm)).rejected_with("UMZ0320", "VMS2325")
    umzugd.go_on()
    equal(owner(lab, vm), SOURCE, "where it is")
    helper, umzugd = begin(lab, vm, "target-go")
    text = helper.communicate()[0]
    assert "VMS2325" in text, text
    lab.umzug(SOURCE, f"/DELETE-VM-DEFINITION {vm}").rejected_with("VMS3042")
    umzugd.go_on()
    equal(owner(lab, vm), TARGET, "in the end")
    remove(lab, vm)
