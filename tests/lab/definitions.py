# SPDX-License-Identifier: LGPL-2.1-or-later
"""From a definition to a VM and back, and the devices of a VM, on real guests."""

from harness import DONE, Pool, claim, equal, until

FREE = "UNASSIGNED"
SOME = Pool(2)


def done(lab, su, command, *codes):
    answer = lab.umzug(su, command)
    equal(answer.status, DONE, answer.text)
    missing = [code for code in codes if code not in answer.codes]
    assert not missing, f"{missing} missing in\n{answer.text}"
    return answer.text


def state(lab, su, vm):
    """As SHOW-VM-ATTRIBUTES has it; None if it is not initialised."""
    lines = done(lab, su, "/SHOW-VM-ATTRIBUTES").splitlines()
    return next((" ".join(line.split()[9:]) for line in lines if f" {vm} " in line), None)


def shown(lab, su, vm):
    """Index and ACT of a definition; None if there is none."""
    lines = done(lab, su, "/SHOW-VM-DEFINITION").splitlines()
    return next(((line.split()[1], line.split()[3]) for line in lines if f" {vm} " in line), None)


def devices(lab, su):
    """Device: name of the VM that has it, or FREE."""
    lines = done(lab, su, "/SHOW-VM-DEVICE-STATUS").splitlines()[1:]
    return {line.split()[1]: FREE if FREE in line else line.split()[-1] for line in lines}


@claim("a VM runs, is DOWN when its guest ends, is deleted, activated, INIT-ONLY and started",
       kinds=("390", "x86"), fresh=True, pool=SOME)
def life(lab):
    vm, su = lab.guest("LIFE", devices=("FAA4:disk", "CS:console")), lab.sus[0]
    equal(state(lab, su, vm), "RUNNING", "state")
    lab.umzug(su, f"/DELETE-VM {vm}").rejected_with("VMS4612")
    lab.umzug(su, f"/ACTIVATE-VM-DEFINITION {vm}").rejected_with("VMS4015")
    lab.umzug(su, f"/DELETE-VM-DEFINITION {vm}").rejected_with("VMS4015")
    lab.umzug(su, f"/MODIFY-VM-DEFINITION {vm},7").rejected_with("VMS4015")
    lab.run(su, "virsh", "destroy", vm)
    equal((state(lab, su, vm), shown(lab, su, vm)), ("DOWN", ("2", "YES")), "after its end")
    done(lab, su, f"/DELETE-VM {vm}", "VMS4009", "VMS4024")
    equal((state(lab, su, vm), shown(lab, su, vm)), (None, ("-", "NO")), "deleted")
    lab.umzug(su, f"/START-VM {vm}").rejected_with("VMS4000")
    lab.umzug(su, "/ACTIVATE-VM-DEFINITION NOSUCH").rejected_with("VMS2300")
    done(lab, su, f"/MODIFY-VM-DEFINITION {vm},7")
    equal(shown(lab, su, vm), ("7", "NO"), "with a fixed index")
    done(lab, su, f"/ACTIVATE-VM-DEFINITION {vm}", "VMS3050", "VMS4005")
    equal((state(lab, su, vm), lab.domain(su, vm)), ("INIT-ONLY", "paused"), "activated")
    lab.umzug(su, f"/HOLD-VM {vm}").rejected_with("VMS4612" if lab.kind == "390" else "VMS3011")
    done(lab, su, f"/DELETE-VM {vm}", "VMS4024")
    equal(shown(lab, su, vm), ("7", "NO"), "deleted again")
    done(lab, su, f"/ACTIVATE-VM-DEFINITION {vm}")
    done(lab, su, f"/START-VM {vm}", "VMS3000")
    equal((state(lab, su, vm), lab.domain(su, vm)), ("RUNNING", "running"), "started")
    lab.run(su, "virsh", "suspend", vm)
    equal(state(lab, su, vm), "IN HOLD", "held by others after it ran")
    lab.umzug(su, f"/DELETE-VM {vm}").rejected_with("VMS4612")
    done(lab, su, f"/DELETE-VM {vm},CHECK-VM-STATE=*NO", "VMS4024")
    equal((lab.domain(su, vm), lab.qemus(su, vm)), ("shut off", []), "killed as was asked")
    done(lab, su, f"/MODIFY-VM-DEFINITION {vm},*ANY")
    equal(shown(lab, su, vm), ("-", "NO"), "without a fixed index")
    done(lab, su, f"/DELETE-VM-DEFINITION {vm}", "VMS3000")
    equal((lab.domain(su, vm), shown(lab, su, vm)), (None, None), "gone")


@claim("a fixed index goes with the VM, and a VM that is down keeps its memory and devices")
def reserved(lab):
    vm, (source, target) = lab.guest("KEEPER", index=30, devices=("FAA7:disk",)), lab.sus
    lab.guest("ARRIVER", on=target, index=31, devices=("FAA7:disk",))
    lab.run(source, "virsh", "destroy", vm)
    check = f"/CHECK-VM-MIGRATION ARRIVER,{source}"
    until(lambda: state(lab, source, vm) == "DOWN", "DOWN")
    assert "VMS2437,FAA7" in lab.umzug(target, check).rejected_with("VMS2461").text
    done(lab, source, "/DELETE-VM *ALL", "VMS4024")
    done(lab, target, check, "VMS2460")
    equal(lab.migrate("ARRIVER", source, on=target).status, DONE, "MIGRATE-VM")
    equal(lab.ended(target, "ARRIVER"), "$T", "job variable")
    lab.closed("ARRIVER")
    done(lab, source, "/DELETE-VM ARRIVER,CHECK-VM-STATE=*NO")
    equal(shown(lab, source, "ARRIVER"), ("31", "NO"), "the index in the definition")
    for name in ("ARRIVER", vm):
        done(lab, source, f"/DELETE-VM-DEFINITION {name}")


@claim("DELETE-VM *ALL leaves out the VM that moves; *NO ends move and VM, on the source only",
       fresh=True, pool=SOME)
def delete_while_moving(lab):
    vm, (source, target) = lab.guest("MOVES", load="counters:64:5"), lab.sus
    lab.tool("rate", 60)
    equal(lab.migrate(vm, target).status, DONE, "MIGRATE-VM")
    lab.copying(vm, source)
    for su in lab.sus:
        lab.umzug(su, f"/DELETE-VM {vm}").rejected_with("VMS3042")
    lab.umzug(target, f"/DELETE-VM {vm},CHECK-VM-STATE=*NO").rejected_with("VMS3042")
    answer = lab.umzug(source, "/DELETE-VM *ALL")
    equal(answer.codes, ["VMS3041"], answer.text)
    for command in ("ADD-VM-DEVICES", "REMOVE-VM-DEVICES"):
        for su in lab.sus:
            lab.umzug(su, f"/{command} FAA4,{vm}").rejected_with("VMS3042")
    done(lab, source, f"/DELETE-VM {vm},CHECK-VM-STATE=*NO", "VMS4024")
    equal((lab.ended(source, vm), lab.qemus(source, vm)), ("$AE", []), "the move and the VM")
    lab.nothing_left(target, vm)


@claim("devices go from VM to VM, are kept when no VM has them, and are shared",
       fresh=True, pool=SOME)
def change_devices(lab):
    su = lab.sus[0]
    one = lab.guest("ONE", load="idle", devices=("FAA4:disk", "FAA5:disk:sd", "CS:console"))
    two = lab.guest("TWO", load="idle", devices=("CS:console",))
    lab.umzug(su, f"/ADD-VM-DEVICES FAA4,{two}").rejected_with("UMZ0023")
    lab.umzug(su, f"/ADD-VM-DEVICES FAA9,{two}").rejected_with("VMS4034")
    lab.umzug(su, f"/REMOVE-VM-DEVICES FAA4,{one}").rejected_with("VMS4003")
    done(lab, su, f"/ADD-VM-DEVICES FAA5,{two},TYPE=*SD", "VMS4005")
    done(lab, su, f"/REMOVE-VM-DEVICES FAA4,{one},FORCE=*YES", "VMS4009")
    equal(devices(lab, su)["FAA4"], FREE, "FAA4")
    done(lab, su, f"/ADD-VM-DEVICES FAA<4,6>,{two}", "VMS4005")
    equal(devices(lab, su)["FAA4"], two, "FAA4")
    done(lab, su, f"/SWITCH-VM-DEVICES *DEVICE-RANGE(FAA4,FAA4),{two},{one},FORCE=*YES",
         "VMS4009", "VMS4005")
    equal(devices(lab, su)["FAA4"], one, "FAA4")
    lab.umzug(su, f"/SWITCH-VM-DEVICES FAA9,{one},{two}").rejected_with("VMS4034")
    lab.umzug(su, f"/ADD-VM-DEVICES FAA4,{one}").rejected_with("UMZ0023")
    lab.umzug(su, f"/REMOVE-VM-DEVICES CS,{one}").rejected_with("UMZ0026")
    lab.umzug(su, "/SHOW-VM-DEVICE-STATUS FAA9").rejected_with("VMS4034")
    # What is live is in the definition too.
    for vm in (one, two):
        lab.run(su, "virsh", "destroy", vm)
    done(lab, su, f"/REMOVE-VM-DEVICES *ALL,{one}", "VMS4009")
    equal({mn for mn, who in devices(lab, su).items() if who == FREE}, {"FAA4"}, "free")
    equal(devices(lab, su)["FAA5"], two, "who still has the shared one")
    text = lab.run(su, "virsh", "dumpxml", "--inactive", one).stdout
    assert "FAA4" not in text and "faa4" not in text, text
    lines = done(lab, su, "/SHOW-VM-DEVICE-STATUS ,(*DISPOSABLE)").splitlines()[1:]
    equal([line.split()[1] for line in lines], ["FAA4"], "disposable devices")


@claim("a name that two VMs have for different disks never changes hands", kinds=("x86",),
       fresh=True, pool=SOME)
def same_names(lab):
    su = lab.sus[0]
    images = {}
    for vm in ("ONE", "TWO"):
        lab.guest(vm, load="idle", devices=())
        images[vm] = lab.make_image(vm)
        images[vm].write_bytes(bytes(1 << 20))
        images[vm].chmod(0o666)
        lab.run(su, "virsh", "attach-disk", vm, str(images[vm]), "vdf", "--live", "--config")
        lab.run(su, "virsh", "destroy", vm)
    done(lab, su, "/REMOVE-VM-DEVICES VDF,ONE", "VMS4009")
    lab.umzug(su, "/REMOVE-VM-DEVICES VDF,TWO").rejected_with("UMZ0027")
    done(lab, su, "/ADD-VM-DEVICES VDF,ONE", "VMS4005")
    for vm, image in images.items():
        text = lab.run(su, "virsh", "domblklist", "--inactive", vm).stdout
        assert str(image) in text and "vdf" in text, f"{vm}: {text}"


@claim("a guest on x86 that does not release a device keeps it",
       kinds=("x86",), fresh=True, pool=SOME)
def unreleased(lab):
    su, vm = lab.sus[0], lab.guest("CLINGS", load="idle", devices=("FAA4:disk",))
    lab.run(su, "virsh", "suspend", vm)
    lab.umzug(su, f"/REMOVE-VM-DEVICES FAA4,{vm}").rejected_with("VMS4003")
    lab.umzug(su, f"/REMOVE-VM-DEVICES FAA4,{vm},FORCE=*YES").rejected_with("VMS4031")
    equal(devices(lab, su)["FAA4"], vm, "FAA4")
    assert "FAA4" in lab.run(su, "virsh", "dumpxml", "--inactive", vm).stdout, "its definition"
