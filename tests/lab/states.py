# SPDX-License-Identifier: LGPL-2.1-or-later
"""VMs that do not run are moved too, each in the state it has, with the shorter messages."""

from harness import DONE, claim, equal, until

DEVICES = ("CS", "FAA4", "FAA5")
ROWS = [dict(state="IN HOLD", domain="paused"), dict(state="INIT-ONLY", domain="paused"),
        dict(state="DOWN", domain="shut off")]


def expected(kind, target_side):
    """What each console says of a VM without a running guest: nobody is suspended or resumed."""
    if kind == "x86":
        return ["VMS6020"] if target_side else ["VMS2450", "VMS6021", "VMS2451"]
    if target_side:
        return ["VMS2430", "VMS3050", *["VMS4005"] * len(DEVICES), "VMS2431"]
    return ["VMS2450", *["VMS4009"] * len(DEVICES), "VMS4024", "VMS2451"]


def state_of(lab, su, vm):
    """As SHOW-VM-ATTRIBUTES has it; None if the VM is not there."""
    for line in lab.umzug(su, "/SHOW-VM-ATTRIBUTES").text.splitlines():
        if f" {vm} " in line:
            return line.rsplit("  ", 1)[1].strip()
    return None


def bring(lab, su, vm, state):
    """Brings the guest, which runs in SU, into the state."""
    if state == "IN HOLD":
        lab.run(su, "virsh", "suspend", vm)   # an SU x86 has no HOLD-VM
        return
    lab.run(su, "virsh", "destroy", vm)
    until(lambda: state_of(lab, su, vm) == "DOWN", f"{vm} DOWN")
    if state == "INIT-ONLY":
        equal(lab.umzug(su, f"/DELETE-VM VM-ID={vm}").status, DONE, "DELETE-VM")
        equal(lab.umzug(su, f"/ACTIVATE-VM-DEFINITION VM-NAME={vm}").status, DONE, "ACTIVATE")


def move(lab, source, target, vm):
    before = {su: len(lab.console(su)) for su in (source, target)}
    equal(lab.migrate(vm, target, on=source).status, DONE, "MIGRATE-VM")
    equal(lab.ended(source, vm), "$T", "job variable")
    lab.closed(vm)
    for su in (source, target):
        said = [code for _, code in lab.console(su)[before[su]:] if code]
        equal(said, expected(lab.kind, su == target), f"console of {su}")


@claim("a VM that is {state} is moved as it is, and back again, and can be started then",
       rows=ROWS, kinds=("390", "x86"), sample=2)
def in_its_state(lab, state, domain):
    vm, source = "VM12PROD", lab.sus[0]
    if "error" in lab.witness(vm):
        lab.guest(vm, index=12)
    source = next((su for su in lab.sus if lab.domain(su, vm)), source)
    bring(lab, source, vm, state)
    target = lab.other(source)
    for turn in range(2):
        if turn and state == "IN HOLD":
            run_once_more(lab, source, target, vm)
        move(lab, source, target, vm)
        equal((state_of(lab, target, vm), lab.domain(target, vm)), (state, domain), "the target")
        lab.nothing_left(source, vm)
        source, target = target, source
    before = lab.witness(vm)
    command = ("virsh", "resume", vm) if state == "IN HOLD" else ("umzug", f"/START-VM VM-ID={vm}")
    lab.run(source, *command)
    if state == "IN HOLD":
        lab.ticks_on(vm, source)
        equal(lab.sweep(vm)["boots"], before["boots"], "boots")
    else:
        until(lambda: lab.witness(vm)["boots"] == before["boots"] + 1, "the boot of the guest", 120)
    for fault in ("lost", "repeated", "memory_errors"):
        equal(lab.witness(vm)[fault], before[fault], fault)


def run_once_more(lab, su, target, vm):
    """QEMU would end if the guest were moved again before it has run."""
    lab.migrate(vm, target, on=su).rejected_with("VMS2401", "UMZ0201", "VMS2461")
    lab.run(su, "virsh", "resume", vm)
    lab.ticks_on(vm, su)
    until(lambda: state_of(lab, su, vm) == "RUNNING", f"{vm} RUNNING")
    lab.run(su, "virsh", "suspend", vm)


@claim("why UMZ0201: QEMU itself ends when a guest that arrived paused is moved on by virsh",
       only_all=True, fresh=True)
def paused_twice(lab):
    vm = lab.guest("PAUSED", load="idle")
    lab.run(lab.sus[0], "virsh", "suspend", vm)
    for number, su in enumerate(lab.sus):
        lab.run(su, "virsh", "migrate", "--live", "--p2p", vm,
                f"qemu+tcp://10.77.1.{2 - number}/system", "--migrateuri",
                f"tcp://10.77.1.{2 - number}", check=False)
        lab.run(lab.sus[0], "virsh", "undefine", vm, check=False)
    equal([lab.domain(su, vm) for su in lab.sus], [None, None], "where the guest is")
    log = lab.folder / "su" / lab.sus[1] / f"var/log/libvirt/qemu/{vm}.log"
    assert "bdrv_inactivate_recurse" in log.read_text(), log.read_text()[-2000:]
