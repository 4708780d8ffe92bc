# SPDX-License-Identifier: LGPL-2.1-or-later
"""Rejected with a clear message, and nothing touched."""

import shutil

from harness import LOAD, UNREACHABLE, claim, equal

MALFORMED = [
    dict(text="no operand", command="/MIGRATE-VM", code="UMZ0005"),
    dict(text="an unknown operand", command="/MIGRATE-VM VM-ID=12,COLOUR=RED", code="UMZ0007"),
    dict(text="an operand twice", command="/MIGRATE-VM VM-ID=12,VM-ID=13", code="UMZ0008"),
    dict(text="an index out of range", command="/MIGRATE-VM VM-ID=0", code="UMZ0003"),
    dict(text="an open bracket", command="/MIGRATE-VM VM-ID=(12", code=None),
    dict(text="an unknown command", command="/FLY-VM VM-ID=12", code="UMZ0002"),
    dict(text="an ambiguous command", command="/S VM-ID=12", code="UMZ0004"),
    dict(text="65536 characters", command="/MIGRATE-VM VM-ID=" + "X" * 65536, code="UMZ0011"),
    dict(text="a control character", command="/MIGRATE-VM VM-ID=1\x07", code=None),
]


def guest(lab):
    if "error" in lab.witness("STAYS"):
        lab.guest("STAYS", devices=("FAA4:disk", "FAA6:disk", "CS:console"), load=LOAD)
    return "STAYS"


def snapshot(lab):
    """All that a rejected command must leave alone."""
    found = {}
    for su in lab.sus:
        names = lab.run(su, "virsh", "list", "--all", "--name").stdout.split()
        found[su] = {
            "domains": {n: (lab.domain(su, n), lab.run(su, "virsh", "dumpxml", n).stdout)
                        for n in names},
            "moves": len(lab.query(su, "SELECT id FROM move")),
            "relays": len(lab.relays(su)), "sockets": lab.sockets(su), "fences": lab.fences(su)}
    return found


def rejected(lab, command, *codes, on=None, untouched=True):
    before = snapshot(lab)
    answer = lab.umzug(on or lab.sus[0], command).rejected_with(*codes)
    if untouched:
        equal(snapshot(lab), before, "the SUs after the rejection")
    return answer


# What the job variable then says in bytes 71 to 81, name and index, as far as they are known.
NO_VM = [
    dict(text="an unknown name", vm="NOSUCH", code="VMS4000", known="NOSUCH     "),
    dict(text="an unknown index", vm="98", code="VMS4000", known="        098"),
    dict(text="the monitor VM", vm="1", code="VMS9001", known="        001"),
]


@claim("without a VM the command is rejected, and the job variable says $AF: {text}", rows=NO_VM)
def no_vm(lab, vm, code, known):
    guest(lab)
    (source, target), jv = lab.sus[:2], f"MONJV.NO.{vm}"
    rejected(lab, f"/MIGRATE-VM VM-ID={vm},SERVER-UNIT-NAME={target},MONJV={jv}", code)
    value = lab.umzug(source, f"/SHOW-JV JV-CONTENTS={jv}").text.split("%", 1)[1]
    equal(value[:4], "$AF0", f"state of the job variable {value!r}")
    equal(value[70:104], f"{known}{source:8.8}{target:8.8}{code}", f"rest of {value!r}")


@claim("an unknown SU is rejected with VMS2400")
def unknown_su(lab):
    rejected(lab, f"/MIGRATE-VM VM-ID={guest(lab)},SERVER-UNIT-NAME=NOSUCH", "VMS2400")


@claim("the SU itself as target is rejected, and the job variable says $AF")
def itself(lab):
    vm = guest(lab)
    rejected(lab, f"/MIGRATE-VM VM-ID={vm},SERVER-UNIT-NAME={lab.sus[0]},MONJV=MONJV.SELF",
             "VMS2401", "UMZ0101", "VMS2461")
    equal(lab.jv(lab.sus[0], "MONJV.SELF"), "$AF", "job variable")


@claim("an SU of the other type is rejected", kinds=("mixed",))
def other_type(lab):
    vm = guest(lab)
    rejected(lab, f"/MIGRATE-VM VM-ID={vm},SERVER-UNIT-NAME={lab.sus[2]}",
             "VMS2401", "UMZ0102", "VMS2461")


@claim("without a name of the SU, two possible ones are rejected with VMS2341", kinds=("mixed",))
def not_unique(lab):
    rejected(lab, f"/MIGRATE-VM VM-ID={guest(lab)}", "VMS2341")


@claim("malformed commands are rejected at the place of the mistake: {text}", rows=MALFORMED,
       sample=3)
def malformed(lab, command, code):
    guest(lab)
    before = snapshot(lab)
    answer = lab.umzug(lab.sus[0], command)
    assert answer.status in (1, 2), f"status {answer.status}: {answer.text}"
    assert code is None or code in answer.codes, f"{code} missing in {answer.text}"
    equal(snapshot(lab), before, "the SUs after the rejection")


@claim("memory, a missing disk and a held disk are reported together, by CHECK and by MIGRATE",
       fresh=True)
def three_conflicts(lab):
    vm, (source, target) = guest(lab), lab.sus
    # With an index of its own it writes to another part of the disk.
    lab.guest("HOLDER", on=target, index=3, load="idle", devices=("FAA4:disk",))
    (lab.folder / "disks/FAA6").rename(lab.folder / "FAA6.away")
    configuration = lab.folder / "su" / target / "etc/umzug/umzugd.conf"
    text = configuration.read_text()
    configuration.write_text(text.replace("[su]\n", "[su]\nreserve-mib=33554432\n", 1))
    lab.restart(target, "umzugd")
    for command in ("CHECK-VM-MIGRATION", "MIGRATE-VM"):
        jv = ",MONJV=MONJV.THREE" if command == "MIGRATE-VM" else ""
        answer = rejected(lab, f"/{command} VM-ID={vm},SERVER-UNIT-NAME={target}{jv}", "VMS2461")
        reasons = sorted(line.rsplit("REASON: ", 1)[1].split()[0].rstrip(".")
                         for line in answer.text.splitlines() if "VMS2404 " in line)
        equal([r.split(",")[0] for r in reasons], ["VMS2437", "VMS4011", "VMS4034"], answer.text)
        assert "VMS2437,FAA4" in answer.text and "VMS4034,FAA6" in answer.text, answer.text
    equal(lab.jv(source, "MONJV.THREE"), "$AF", "job variable")
    lab.flawless(vm)


@claim("a peer with a certificate of another CA is rejected with VMS2403, from either side",
       fresh=True)
def other_ca(lab):
    vm, (source, target) = guest(lab), lab.sus
    folder = lab.folder / "other-pki"
    lab.run(source, "umzug", "pki", "init", "--dir", str(folder))
    lab.run(source, "umzug", "pki", "issue", "--dir", str(folder), target)
    for name in ("ca.pem", f"{target}.pem", f"{target}-key.pem"):
        shutil.copy(folder / name, lab.folder / "su" / target / "etc/umzug/pki" / name)
    lab.restart(target, "umzugd")
    rejected(lab, f"/MIGRATE-VM VM-ID={vm},SERVER-UNIT-NAME={target}", "VMS2403")
    lab.guest("BACK", on=target, load="idle", devices=())
    rejected(lab, f"/MIGRATE-VM VM-ID=BACK,SERVER-UNIT-NAME={source}", "VMS2403", on=target)
    # Only the certificate is asked: nobody without one gets as far as an answer.
    got = lab.run(target, "curl", "-ksS", f"https://{source.lower()}:7390/", check=False)
    assert got.returncode != 0, got.stdout
    lab.flawless(vm)


@claim("a VM that is not running is rejected")
def shut_off(lab):
    guest(lab)
    lab.guest("OFF", load="idle", devices=())
    lab.run(lab.sus[0], "virsh", "destroy", "OFF")
    answer = lab.umzug(lab.sus[0], "/MIGRATE-VM VM-ID=OFF")
    assert answer.status not in (0, UNREACHABLE), answer.text
    assert set(answer.codes) & {"VMS4000", "VMS2401"}, answer.text
