# SPDX-License-Identifier: LGPL-2.1-or-later
"""The commands that look, and those for job variables, on a real system."""

from harness import DONE, LOAD, WRONG_USE, claim, equal, until

HELP_VMS2437 = """\
% VMS2437 GERAET '(&00)' KANN DER VIRTUELLEN MASCHINE AUF DER ZIEL-SU NICHT ZUGEWIESEN WERDEN
% ? Das Geraet ist bereits einer anderen VM (exklusiv) zugewiesen.
%   (&00): Mnemotechnischer Geraetename
%   SU: Server Unit
"""
DEVICES = [
    dict(units="", shown=["FAA4", "FAA5", "MY_CS"]),
    dict(units="FA*", shown=["FAA4", "FAA5"]),
    dict(units="('my_cs',*DEV(FAA5,FAA9))", shown=["FAA5", "MY_CS"]),
    dict(units=",(*AS(*SHARED))", shown=["FAA5"]),
    dict(units=",(*AS(VM-ID=X*))", shown=[]),
]


def guest(lab):
    if "error" in lab.witness("LOOK"):
        lab.guest("LOOK", devices=("FAA4:disk", "FAA5:disk:sd", "my_cs:console"), load=LOAD)
    return "LOOK", lab.where("LOOK")


def done(lab, su, *words):
    answer = lab.umzug(su, *words)
    equal(answer.status, DONE, answer.text)
    return answer.text


@claim("HELP-MSG-INFORMATION explains a message in the manual's form")
def help_message(lab):
    _, su = guest(lab)
    text = done(lab, su, "/HELP-MSG-INFORMATION MSG-IDENTIFICATION=VMS2437,LANGUAGE=D")
    equal(text, HELP_VMS2437, "the explanation")
    lab.umzug(su, "/HELP-MSG UMZ9999").rejected_with("UMZ0021")


@claim("SHOW-VM-DEVICE-STATUS {units}: {shown}", rows=DEVICES)
def show_devices(lab, units, shown):
    _, su = guest(lab)
    lines = done(lab, su, f"/SHOW-VM-DEVICE-STATUS {units}").splitlines()[1:]
    equal([line.split()[1] for line in lines], shown, "devices")


@claim("--help explains the command that is meant, or says why none is")
def command_help(lab):
    su = lab.sus[0]
    assert "\nCHECK-VM-MIGRATION\n" in done(lab, su, "check-vm", "--help")
    assert "\nMIGRATE-VM\n" in done(lab, su, "--help", "/MIGRATE-VM VM-ID=LOOK")
    for word, message in (("show-vm", "UMZ0004"), ("migrate-wm", "UMZ0002")):
        answer = lab.umzug(su, word, "--help")
        equal((answer.status, answer.text.split()[1]), (WRONG_USE, message), answer.text)


@claim("a pattern selects VMs")
def show_by_pattern(lab):
    vm, su = guest(lab)
    assert vm in done(lab, su, "/SHOW-VM-ATTRIBUTES VM-ID=L*K")
    assert vm not in done(lab, su, "/SHOW-VM-ATTRIBUTES VM-ID=-L*")


@claim("a job variable is made, changed in part, shown, protected and deleted")
def job_variable(lab):
    _, su = guest(lab)
    done(lab, su, "/CREATE-JV A.B,PROTECTION=*PARAMETERS(WRITE-PASSWORD='geh')")
    lab.umzug(su, "/CREATE-JV A.B").rejected_with("UMZ0035")
    lab.umzug(su, "/MODIFY-JV A.B,'x'").rejected_with("UMZ0031")
    done(lab, su, "/MODIFY-JV A.B,'hello world',JV-PASSWORD='geh'")
    done(lab, su, "/MODIFY-JV *SUBSTRING(A.B,7,5),x'4D6F6F6E',JV-PASSWORD='geh'")
    equal(done(lab, su, "/SHOW-JV A.B"), "%hello Moon\n", "value")
    equal(done(lab, su, "/SHOW-JV *SUBSTRING(A.B,7,2)"), "%Mo\n", "part of the value")
    lab.umzug(su, "/MODIFY-JV *SUBSTRING(A.B,7,2),'abc',JV-P='geh'").rejected_with("UMZ0036")
    done(lab, su, "/MODIFY-JV *SUBSTRING(A.B,1,2),x'141',JV-P='geh'")   # is x'0141'
    equal(done(lab, su, "/SHOW-JV *SUBSTRING(A.B,1,3)"), "%.Al\n", "a byte that is no text")
    assert "YES       NO       A.B" in done(lab, su, "/SHOW-JV-ATTRIBUTES A.*")
    done(lab, su, "/DELETE-JV A.B,'geh'")
    lab.umzug(su, "/SHOW-JV A.B").rejected_with("UMZ0030")


@claim("while a job variable monitors, its system part is write-protected and its user part is not")
def monitoring_variable(lab):
    vm, su = guest(lab)
    jv = f"MONJV.{vm}"
    lab.tool("rate", 80)
    equal(lab.migrate(vm, lab.other(su)).status, DONE, "MIGRATE-VM")
    lab.umzug(su, f"/MODIFY-JV {jv},'$T'").rejected_with("UMZ0037")
    lab.umzug(su, f"/DELETE-JV {jv}").rejected_with("UMZ0032")
    done(lab, su, f"/MODIFY-JV *SUBSTRING({jv},129),'mine'")
    lab.tool("rate", "unlimited")
    equal(lab.ended(su, vm), "$T", "job variable")
    equal(done(lab, su, f"/SHOW-JV *SUBSTRING({jv},129)"), "%mine\n", "user part")
    done(lab, su, f"/DELETE-JV {jv}")


MOVING = ["/HOLD-VM {vm}", "/SHUTDOWN-VM {vm}", "/START-VM {vm}", "/RESUME-VM {vm}"]


@claim("a VM is held and goes on")
def hold_and_resume(lab):
    vm, su = guest(lab)
    assert "VMS2000" in done(lab, su, f"/HOLD-VM {vm}")
    assert "IN HOLD" in done(lab, su, f"/SHOW-VM-ATTRIBUTES VM-ID={vm}")
    equal(done(lab, su, f"/HOLD-VM {vm}"), "", "a second time there is nothing to do")
    assert "VMS2012" in done(lab, su, "/RESUME-VM *ALL")
    lab.runs_once(vm, su)


@claim("on an SU x86 HOLD-VM and RESUME-VM do not exist", kinds=("x86",))
def no_hold_on_x86(lab):
    vm, su = guest(lab)
    for command in (f"/HOLD-VM {vm}", "/RESUME-VM *ALL", f"/START-VM {vm},HOLD=*YES"):
        lab.umzug(su, command).rejected_with("VMS3011")
    lab.runs_once(vm, su)


@claim("a VM that moves is not started, ended or held, on either SU; the others are")
def life_while_moving(lab):
    vm, su = guest(lab)
    target = lab.other(su)
    lab.guest("OTHER", on=su, load=LOAD, devices=("CS:console",))
    lab.tool("rate", 80)
    equal(lab.migrate(vm, target).status, DONE, "MIGRATE-VM")
    lab.copying(vm, su)
    for command in MOVING:
        for where in (su, target):
            lab.umzug(where, command.format(vm=vm)).rejected_with("VMS3042")
    answer = lab.umzug(su, "/HOLD-VM *ALL")
    equal((answer.status, sorted(answer.codes)), (1, ["VMS2000", "VMS3041"]), answer.text)
    done(lab, su, "/RESUME-VM OTHER")
    lab.tool("rate", "unlimited")
    equal(lab.ended(su, vm), "$T", "job variable")
    lab.runs_once(vm, target)
    lab.runs_once("OTHER", su)


@claim("a guest shuts down when it is asked to, and its VM is started again", fresh=True)
def shut_down_and_start(lab):
    vm, su = guest(lab)
    lab.umzug(su, f"/START-VM {vm}")
    assert "VMS3000" in done(lab, su, "/SHUTDOWN-VM *VM-GUESTS")
    until(lambda: lab.domain(su, vm) == "shut off", "the guest's end", 60)
    lab.umzug(su, f"/HOLD-VM {vm}").rejected_with("VMS4612")
    assert "VMS3000" in done(lab, su, f"/START-VM {vm},HOLD=*YES")
    equal(lab.domain(su, vm), "paused", "the VM")
    done(lab, su, f"/RESUME-VM {vm}")
    equal(lab.domain(su, vm), "running", "the VM")
