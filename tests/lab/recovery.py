# SPDX-License-Identifier: LGPL-2.1-or-later
"""Definitions that outlive their SU: the partners know them, one takes them over, and an SU that
comes back learns of it."""

import signal
import uuid

from dialogs import DEFINITION, define
from harness import DONE, Pool, claim, equal, until
from reasons import ask_peer

OWNER, HEIR = "ABGSE501", "ABGSE701"
SOME = Pool(1)


def known(lab, su, owner, vm):
    """Index and ACT of a definition of OWNER as SU knows it; None if it does not."""
    text = lab.umzug(su, f"/SHOW-VM-DEFINITION ,SERVER-UNIT-NAME={owner}").text
    rows = [line.split() for line in text.splitlines() if f" {vm} " in line]
    return (rows[0][2], rows[0][4]) if rows else None


def knows(lab, su, owner, vm, expected):
    until(lambda: known(lab, su, owner, vm) == expected, f"{expected} of {vm} in {su}")


def look(lab, su):
    """Every command that could change VMs, rejected or not, has umzugd look and tell now."""
    lab.umzug(su, "/SHUTDOWN-VM NOSUCH").rejected_with("VMS4000")


def said(lab, su, code, vm):
    """Waits until SU has said it of the VM; and once only."""
    def count():
        return lab.query(su, "SELECT count(*) AS n FROM console WHERE su = ? AND code = ?"
                             " AND instr(inserts, ?)", su, code, vm)[0]["n"]
    until(count, f"{code} of {vm} in {su}")
    equal(count(), 1, f"{code} of {vm} in {su}")


def crash(lab, su, *vms):
    """As if the host had lost its power: umzugd, libvirtd and the VMs' QEMUs are gone."""
    for process in [lab.daemon(su, "umzugd"), lab.daemon(su, "libvirtd"),
                    *(p for vm in vms for p in lab.qemus(su, vm))]:
        process.kill()


def come_back(lab, su):
    lab.start(su, "libvirtd")
    lab.start(su, "umzugd")


def clear(lab, su, vm):
    if lab.domain(su, vm) not in (None, "shut off"):
        lab.umzug(su, f"/DELETE-VM {vm},CHECK-VM-STATE=*NO")
    lab.umzug(su, f"/DELETE-VM-DEFINITION {vm}")


@claim("each SU knows its partners' definitions: new, changed, activated, deleted, after a restart",
       pool=SOME)
def exchange(lab):
    define(lab, OWNER, "KNOWN")
    lab.umzug(OWNER, "/MODIFY-VM-DEFINITION KNOWN,40")
    knows(lab, HEIR, OWNER, "KNOWN", ("40", "NO"))
    equal(lab.umzug(OWNER, "/ACTIVATE-VM-DEFINITION KNOWN").status, DONE, "ACTIVATE")
    knows(lab, HEIR, OWNER, "KNOWN", ("40", "YES"))
    lab.umzug(HEIR, "/SHOW-VM-DEFINITION KNOWN,SERVER-UNIT-NAME=*REMOTE")
    lab.umzug(HEIR, "/SHOW-VM-DEFINITION NOSUCH,,*REMOTE").rejected_with("VMS2300")
    lab.umzug(HEIR, "/SHOW-VM-DEFINITION ,,NOSUCH").rejected_with("VMS2400")
    lab.umzug(OWNER, "/DELETE-VM KNOWN")
    knows(lab, HEIR, OWNER, "KNOWN", ("40", "NO"))
    lab.daemon(OWNER, "umzugd").kill()
    lab.restart(HEIR, "umzugd")
    equal(known(lab, HEIR, OWNER, "KNOWN"), ("40", "NO"), "what was kept")
    lab.daemon(HEIR, "umzugd").kill()
    lab.start(OWNER, "umzugd")
    define(lab, OWNER, "LATER")
    lab.umzug(OWNER, "/DELETE-VM-DEFINITION KNOWN")
    lab.start(HEIR, "umzugd")
    knows(lab, HEIR, OWNER, "LATER", ("-", "NO"))
    equal(known(lab, HEIR, OWNER, "KNOWN"), None, "a definition that was deleted")
    clear(lab, OWNER, "LATER")
    knows(lab, HEIR, OWNER, "LATER", None)


@claim("a definition is taken over of an SU that is down only, and if nothing stands against it",
       pool=SOME)
def refused(lab):
    define(lab, OWNER, "LOSS")
    lab.umzug(OWNER, "/MODIFY-VM-DEFINITION LOSS,41")
    knows(lab, HEIR, OWNER, "LOSS", ("41", "NO"))
    lab.umzug(HEIR, "/RECOVER-VM-DEFINITION LOSS").rejected_with("VMS2344")
    lab.umzug(HEIR, f"/RECOVER-VM-DEFINITION LOSS,{HEIR}").rejected_with("VMS2342")
    lab.umzug(HEIR, "/RECOVER-VM-DEFINITION LOSS,NOSUCH").rejected_with("VMS2400")
    umzugd = lab.daemon(OWNER, "umzugd")
    umzugd.signal(signal.SIGSTOP)   # it answers no question, and is not down
    lab.umzug(HEIR, "/RECOVER-VM-DEFINITION LOSS").rejected_with("VMS2344")
    umzugd.kill()
    lab.umzug(HEIR, "/RECOVER-VM-DEFINITION NOSUCH").rejected_with("VMS2300")
    define(lab, HEIR, "LOSS")
    lab.umzug(HEIR, "/RECOVER-VM-DEFINITION LOSS").rejected_with("VMS4013")
    lab.run(HEIR, "virsh", "undefine", "LOSS")
    lab.daemon(HEIR, "libvirtd").kill()
    lab.umzug(HEIR, "/RECOVER-VM-DEFINITION LOSS").rejected_with("UMZ0122", "VMS2332")
    lab.start(HEIR, "libvirtd")
    equal(lab.domain(HEIR, "LOSS"), None, "what was refused")
    lab.start(OWNER, "umzugd")
    until(lambda: known(lab, OWNER, HEIR, "LOSS") is None and lab.domain(OWNER, "LOSS"), "contact")
    clear(lab, OWNER, "LOSS")


@claim("a definition that this SU cannot take stays the other's, untouched", pool=SOME)
def unfit(lab):
    private = lab.folder / "su" / OWNER / "var/lib/libvirt/qemu-of-one-su"
    private.unlink(missing_ok=True)
    private.symlink_to("/usr/bin/qemu-system-s390x")
    path = lab.folder / "UNFIT.xml"
    path.write_text(DEFINITION.format(name="UNFIT", devices="").replace(
        "/usr/bin/qemu-system-s390x", "/var/lib/libvirt/qemu-of-one-su"))
    lab.run(OWNER, "virsh", "define", str(path))
    look(lab, OWNER)
    knows(lab, HEIR, OWNER, "UNFIT", ("-", "NO"))
    lab.daemon(OWNER, "umzugd").kill()
    lab.umzug(HEIR, "/RECOVER-VM-DEFINITION UNFIT").rejected_with("UMZ0122", "VMS2345")
    equal(known(lab, HEIR, OWNER, "UNFIT"), ("-", "NO"), "whose it is")
    lab.start(OWNER, "umzugd")
    clear(lab, OWNER, "UNFIT")
    equal(lab.fences(OWNER), [], "fences")


@claim("the VM of an SU that was killed runs here; the SU that comes back gives it up")
def heir(lab):
    lab.guest("PHOENIX", on=OWNER, index=42, load="idle", devices=())
    look(lab, OWNER)
    knows(lab, HEIR, OWNER, "PHOENIX", ("42", "YES"))
    crash(lab, OWNER, "PHOENIX")
    # Its host still answers, so the VM may still run there for all that is known.
    command = f"/RECOVER-VM-DEFINITION PHOENIX,{OWNER}"
    lab.umzug(HEIR, command).rejected_with("UMZ0236", "VMS2344")
    lab.tool("cut", "silent")
    answer = lab.umzug(HEIR, command)
    equal((answer.status, answer.codes), (DONE, ["VMS2340"]), answer.text)
    equal(known(lab, HEIR, OWNER, "PHOENIX"), None, "whose it is")
    for command in ("ACTIVATE-VM-DEFINITION", "START-VM"):
        answer = lab.umzug(HEIR, f"/{command} PHOENIX")
        equal(answer.status, DONE, answer.text)
    equal(lab.domain(HEIR, "PHOENIX"), "running", "its state")
    assert "(42,PHOENIX)" in answer.text, answer.text
    lab.restart(HEIR, "umzugd")   # what it has taken is not forgotten
    lab.tool("cut", "off")
    come_back(lab, OWNER)
    said(lab, OWNER, "UMZ0231", "PHOENIX")
    said(lab, HEIR, "UMZ0234", "PHOENIX")
    equal((lab.domain(OWNER, "PHOENIX"), lab.fences(OWNER)), (None, []), "left there")
    knows(lab, OWNER, HEIR, "PHOENIX", ("42", "YES"))
    clear(lab, HEIR, "PHOENIX")


@claim("a VM that goes on where it was lost is not ended, but never started again", only_all=True)
def active(lab):
    lab.guest("TWICE", on=OWNER, index=43, load="idle", devices=())
    look(lab, OWNER)
    knows(lab, HEIR, OWNER, "TWICE", ("43", "YES"))
    lab.tool("cut", "silent")
    equal(lab.umzug(HEIR, "/RECOVER-VM-DEFINITION TWICE").codes, ["VMS2340"], "RECOVER")
    lab.tool("cut", "off")
    for su in (OWNER, HEIR):
        said(lab, su, "UMZ0232", "TWICE")
    equal((lab.domain(OWNER, "TWICE"), len(lab.fences(OWNER))), ("running", 1), "there")
    lab.umzug(OWNER, f"/MIGRATE-VM TWICE,{HEIR}").rejected_with("UMZ0233")
    lab.umzug(OWNER, "/HOLD-VM TWICE")
    lab.umzug(OWNER, "/RESUME-VM TWICE").rejected_with("UMZ0233")
    lab.restart(OWNER, "umzugd")
    lab.run(OWNER, "virsh", "destroy", "TWICE")
    refusal = lab.run(OWNER, "virsh", "start", "TWICE", check=False)
    assert refusal.returncode != 0 and "UMZ0233" in refusal.stdout, refusal.stdout
    look(lab, OWNER)
    said(lab, OWNER, "UMZ0231", "TWICE")
    equal((lab.domain(OWNER, "TWICE"), lab.fences(OWNER)), (None, []), "left there")
    clear(lab, HEIR, "TWICE")


@claim("umzugd is killed while it takes a definition over: {what}", only_all=True,
       rows=[dict(what="it has it", strike="kill", point="recover-defined"),
             dict(what="it has it not", strike="kill", point="recover-begun")])
def killed(lab, what, point):
    define(lab, OWNER, "HALF")
    look(lab, OWNER)
    knows(lab, HEIR, OWNER, "HALF", ("-", "NO"))
    crash(lab, OWNER)
    lab.arm(HEIR, f"stop {point}")
    command = lab.start_helper(HEIR, "umzug", "/RECOVER-VM-DEFINITION HALF")
    lab.stopped_at(HEIR).kill()
    command.wait()
    lab.start(HEIR, "umzugd")
    come_back(lab, OWNER)
    keeper, other = (HEIR, OWNER) if point == "recover-defined" else (OWNER, HEIR)
    until(lambda: lab.domain(other, "HALF") is None, f"none in {other}")
    knows(lab, other, keeper, "HALF", ("-", "NO"))
    equal((lab.domain(keeper, "HALF"), lab.fences(OWNER)), ("shut off", []), "the one definition")
    clear(lab, keeper, "HALF")


@claim("a definition that was recovered and then deleted here stays with its first owner",
       only_all=True)
def withdrawn(lab):
    define(lab, OWNER, "BACK")
    look(lab, OWNER)
    knows(lab, HEIR, OWNER, "BACK", ("-", "NO"))
    crash(lab, OWNER)
    answer = lab.umzug(HEIR, "/RECOVER-VM-DEFINITION BACK")
    equal((answer.status, answer.codes), (DONE, ["UMZ0230", "VMS2340"]), answer.text)
    lab.umzug(HEIR, "/DELETE-VM-DEFINITION BACK")
    come_back(lab, OWNER)
    said(lab, HEIR, "UMZ0235", "BACK")
    equal((lab.domain(OWNER, "BACK"), lab.fences(OWNER)), ("shut off", []), "the first owner")
    clear(lab, OWNER, "BACK")


def tell(lab, path, **request):
    return ask_peer(lab, HEIR, OWNER, path, request)


@claim("an SU speaks of its own definitions only, and who only says that it has recovered one gets"
       " a fence and nothing more", only_all=True)
def liar(lab):
    define(lab, OWNER, "MINE")
    name, text = "MINE", lab.run(OWNER, "virsh", "dumpxml", "MINE").stdout
    mine = lab.run(OWNER, "virsh", "domuuid", name).stdout.strip()
    record = dict(uuid=mine, name=name, xml=text, index=0, fixed=0, active=0, epoch=0)
    for bad in (dict(name="OTHER"), dict(xml="<domain/>"), dict(uuid="../.."), dict(index=-1)):
        equal(tell(lab, "definition", **record | bad)["error"]["code"], "UMZ0310", f"{bad}")
    equal(tell(lab, "definitions", definitions=[7])["error"]["code"], "UMZ0310", "a list")
    equal(tell(lab, "takeover", id="1")["error"]["code"], "UMZ0310", "a takeover")
    unknown = dict(id=str(uuid.uuid4()), uuid=str(uuid.uuid4()), name="NOSUCH")
    equal(tell(lab, "takeover", **unknown), dict(state="OVER", epoch=0), "of what is not here")
    equal(lab.query(OWNER, "SELECT * FROM takeover WHERE name = 'NOSUCH'"), [], "its rows")
    claim_ = dict(id=str(uuid.uuid4()), uuid=mine, name=name)
    for _ in range(2):
        equal(tell(lab, "takeover", **claim_)["state"], "LATER", "without a copy of it")
    equal((lab.domain(OWNER, name), lab.fences(OWNER)), ("shut off", [mine]), "what is left")
    equal(known(lab, HEIR, OWNER, name), None, "what the owner says it owns")
    lab.umzug(OWNER, f"/ACTIVATE-VM-DEFINITION {name}").rejected_with("UMZ0122")
    lab.umzug(OWNER, f"/MIGRATE-VM-DEFINITION {name}").rejected_with("UMZ0233")
    lab.umzug(OWNER, f"/DELETE-VM-DEFINITION {name}")   # as docs/decisions.md says: the way back
    until(lambda: not lab.fences(OWNER), "no fence")
    define(lab, OWNER, name)
    equal(lab.umzug(OWNER, f"/ACTIVATE-VM-DEFINITION {name}").status, DONE, "ACTIVATE")
    equal(tell(lab, "takeover", **claim_)["state"], "OVER", "when it comes again")
    equal(lab.fences(OWNER), [], "fences")
    clear(lab, OWNER, name)
