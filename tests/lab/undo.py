# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whatever ends a move before it is decided: the guest never stops, all its devices are back, the
target holds no trace, both consoles name the cause, and the same command succeeds at once.
"""

import pathlib
import re
import signal
import uuid

from crashes import SLOW, begin_with, side_of
from harness import DONE, claim, equal, until

DEVICES = ("FAA4:disk", "FAA5:disk:sd", "FAA9:local", "CS:console")
LOCAL = """<disk type='file' device='disk'>
  <driver name='qemu' type='raw' cache='none'/><source file='{path}'/>
  <target dev='vdc' bus='virtio'/><serial>umzug-local</serial>{place}
</disk>"""
PLACE = {"390": "<address type='ccw' cssid='0xfe' ssid='0x0' devno='0xfaa9'/>",
         "x86": "<alias name='ua-FAA9'/>"}
IMAGE = pathlib.Path("/var/lib/libvirt/images/FAA9.img")


# -- the guest --

def guest(lab):
    """Runs somewhere, with a disk that only its SU reaches; returns (guest, source, target)."""
    vm = "UNDO"
    if "error" in lab.witness(vm):
        lab.guest(vm, devices=DEVICES, load="counters:64:10")
    lab.closed(vm)
    source = lab.where(vm)
    if "FAA9" not in devices(lab, source, vm):
        give_local(lab, source, vm)
    return vm, source, lab.other(source)


def make_image(lab, su, path=IMAGE):
    image = lab.folder / "su" / su / path.relative_to("/")
    if not image.exists():
        image.parent.mkdir(parents=True, exist_ok=True)
        with open(image, "wb") as f:
            f.truncate(1 << 20)
    image.chmod(0o666)


def give_local(lab, su, vm):
    make_image(lab, su)
    (lab.folder / "su" / su / "run/umzug-lab/local.xml").write_text(
        LOCAL.format(path=IMAGE, place=PLACE[lab.kind]))
    lab.run(su, "virsh", "attach-device", vm, "/run/umzug-lab/local.xml", "--live", "--config")


def devices(lab, su, vm):
    """Sources and targets of its disks as libvirt has them now."""
    return lab.run(su, "virsh", "domblklist", vm).stdout


# -- the causes: each lets a move of the guest fail, and names the cause on either console --

def configure(lab, su, limits):
    """Gives umzugd in SU these limits; none: the standard ones."""
    path = lab.folder / "su" / su / "etc/umzug/umzugd.conf"
    text = re.sub(r"\[limits\]\n(\w+=\d+\n)*", "", path.read_text())
    lines = "".join(f"{key}={value}\n" for key, value in limits.items())
    path.write_text(text.replace("[cluster]", f"[limits]\n{lines}[cluster]", 1) if lines else text)
    lab.restart(su, "umzugd")


def canceled(lab, vm, source, target):
    begin_with(lab, vm, "copy")
    equal(lab.umzug(source, f"/CANCEL-VM-MIGRATION VM-ID={vm}").status, DONE, "CANCEL")


def cut(how):
    def inject(lab, vm, source, target):
        begin_with(lab, vm, "copy")
        lab.tool("cut", how)
        equal(lab.ended(source, vm), "$AE", "job variable")
        lab.tool("cut", "off")
    return inject


def killed(side, number):
    def inject(lab, vm, source, target):
        begin_with(lab, vm, "copy")
        lab.relays(side_of(side, source, target))[number].kill()
    return inject


def copy_killed(lab, vm, source, target):
    begin_with(lab, vm, "copy")
    lab.qemus(target, vm)[0].kill()


def disk_gone(lab, vm, source, target):
    """The target cannot open it any more; who has it open is not disturbed."""
    begin_with(lab, vm, "copy")
    disk = lab.folder / "disks/FAA4"
    disk.rename(lab.folder / "FAA4.away")
    equal(lab.ended(source, vm), "$AE", "job variable")
    (lab.folder / "FAA4.away").rename(disk)


def disk_gone_at_last(lab, vm, source, target):
    begin_with(lab, vm, "target-received")
    disk = lab.folder / "disks/FAA4"
    disk.rename(lab.folder / "FAA4.away")
    lab.daemon(target, "umzugd").go_on()
    equal(lab.ended(source, vm), "$AE", "job variable")
    (lab.folder / "FAA4.away").rename(disk)


def init_too_long(lab, vm, source, target):
    configure(lab, source, {"init": 2})
    begin_with(lab, vm, "source-set-up")
    lab.daemon(target, "libvirtd").signal(signal.SIGSTOP)
    lab.daemon(source, "umzugd").go_on()
    equal(lab.ended(source, vm), "$AE", "job variable")
    lab.daemon(target, "libvirtd").go_on()


def copy_too_long(lab, vm, source, target):
    configure(lab, source, {"copy": 1})
    begin_with(lab, vm, "copy")


def frozen_too_long(lab, vm, source, target):
    """The target's libvirt does not answer Finish."""
    configure(lab, source, {"frozen": 1})
    number = lab.last_number(target)
    begin_with(lab, vm, "copy")
    prepared = {"390": "VMS3050", "x86": "VMS6020"}[lab.kind]
    until(lambda: prepared in since(lab, target, number), "the target's answer to Prepare")
    lab.daemon(target, "libvirtd").signal(signal.SIGSTOP)
    lab.tool("rate", "unlimited")
    equal(lab.ended(source, vm), "$AE", "job variable")
    lab.daemon(target, "libvirtd").go_on()


def disk_taken(lab, vm, source, target):
    """Between the check and the announcement another VM of the target takes a disk."""
    begin_with(lab, vm, "source-begun")
    lab.guest("TAKES", on=target, index=9, devices=("FAA4:disk",), load="idle")
    lab.daemon(source, "umzugd").go_on()
    equal(lab.ended(source, vm), "$AE", "job variable")
    lab.run(target, "virsh", "destroy", "TAKES")
    lab.run(target, "virsh", "undefine", "TAKES")


def store_full(lab, vm, source, target):
    begin_with(lab, vm, "source-begun")
    lab.run(target, "mount", "-t", "tmpfs", "-o", "size=60m", "full", "/var/lib/umzug")
    lab.restart(target, "umzugd")
    lab.daemon(source, "umzugd").go_on()
    equal(lab.ended(source, vm), "$AE", "job variable")
    lab.said = lab.run(target, "umzug", "log").stdout   # it goes with the store
    lab.run(target, "umount", "--lazy", "/var/lib/umzug")
    lab.restart(target, "umzugd")


def resume_refused(lab, vm, source, target):
    begin_with(lab, vm, "target-go")
    lab.qemus(target, vm)[0].kill()
    until(lambda: not lab.qemus(target, vm), "the end of the copy")
    lab.daemon(target, "umzugd").go_on()


def not_definable(lab, vm, source, target):
    """Since the check libvirt cannot save definitions on the target any more."""
    begin_with(lab, vm, "source-begun")
    lab.run(target, "mkdir", "-p", "/etc/libvirt/qemu")
    lab.run(target, "mount", "-t", "tmpfs", "-o", "ro", "none", "/etc/libvirt/qemu")
    lab.daemon(source, "umzugd").go_on()
    equal(lab.ended(source, vm), "$AE", "job variable")
    lab.run(target, "umount", "/etc/libvirt/qemu")


CAUSES = [
    dict(text="an operator cancels it", inject=canceled, at_source="UMZ0123", at_target="UMZ0123"),
    dict(text="the link goes silent", inject=cut("silent"), at_source="VMS2421",
         at_target="VMS2433"),
    dict(text="the link is reset", inject=cut("reset"), at_source=None, at_target="VMS2433"),
    dict(text="the source's RPC relay dies", inject=killed("source", 0), at_source="UMZ0121",
         at_target="UMZ0121"),
    dict(text="the source's memory relay dies", inject=killed("source", 1), at_source="UMZ0121",
         at_target="UMZ0121"),
    dict(text="the target's RPC relay dies", inject=killed("target", 0), at_source=None,
         at_target="VMS2433"),
    dict(text="the target's memory relay dies", inject=killed("target", 1), at_source=None,
         at_target="VMS2433"),
    # Who is the first to notice, a relay or libvirt, says it in its words.
    dict(text="the target's QEMU dies", inject=copy_killed,
         at_source="UMZ0124 UMZ0122 UMZ0121 UMZ0120",
         at_target="UMZ0140 UMZ0122 UMZ0121 UMZ0120"),
    dict(text="the target loses a disk", inject=disk_gone, at_source="UMZ0124",
         at_target="UMZ0151"),
    dict(text="the target loses a disk when all is copied", inject=disk_gone_at_last,
         at_source="UMZ0124", at_target="UMZ0151"),
    dict(text="libvirt does not begin to copy in time", inject=init_too_long, at_source="UMZ0203",
         at_target="UMZ0203"),
    dict(text="the copy takes too long", inject=copy_too_long, at_source="UMZ0203",
         at_target="UMZ0203"),
    dict(text="the guest would stand still too long", inject=frozen_too_long, at_source="UMZ0203",
         at_target="UMZ0203"),
    dict(text="a disk was taken since the check", inject=disk_taken, at_source="VMS2404",
         at_target="VMS2404"),
    dict(text="the target's store has no room left", inject=store_full, at_source="VMS2404",
         at_target="VMS2404"),
    dict(text="the target cannot resume the copy", inject=resume_refused, at_source="UMZ0124",
         at_target="UMZ0140"),
    dict(text="the target cannot define the VM", inject=not_definable, at_source="UMZ0124",
         at_target="UMZ0122"),
]


def since(lab, su, number):
    return {row["code"] for row in lab.query(
        su, "SELECT code FROM console WHERE su = ? AND number > ?", su, number)}


def nothing_is_kept(lab, vm, source, target):
    """Neither index nor ledger of the move, nor a fence at the source."""
    lab.nothing_left(target, vm)
    kept = lab.query(target, "SELECT * FROM vm WHERE uuid = ? AND vm_index > 0",
                     lab.moves(source, vm)[0]["uuid"])
    equal(len(kept), 0, "indexes kept on the target")
    for su in (source, target):
        equal(len(lab.query(su, "SELECT * FROM ledger")), 0, f"ledger of {su}")
    equal(lab.fences(source), [], "fences of the source")


def undone(lab, inject, at_source, at_target):
    vm, source, target = guest(lab)
    before = devices(lab, source, vm)
    number = {su: lab.last_number(su) for su in (source, target)}
    lab.said = None
    inject(lab, vm, source, target)
    equal(lab.ended(source, vm), "$AE", "job variable")
    lab.tool("rate", "unlimited")
    lab.closed(vm)
    lab.runs_once(vm, source)
    nothing_is_kept(lab, vm, source, target)
    equal(devices(lab, source, vm), before, "devices of the guest")
    for su, cause in ((source, at_source), (target, at_target)):
        codes = lab.said if su == target and lab.said else since(lab, su, number[su])
        assert cause is None or any(code in codes for code in cause.split()), \
            f"{cause} missing on {su}: {codes}"
    if "limits" in (lab.folder / "su" / source / "etc/umzug/umzugd.conf").read_text():
        configure(lab, source, {})
    answer = lab.migrate(vm, target)
    equal(answer.status, DONE, answer.text)
    equal(lab.ended(source, vm), "$T", "job variable")
    lab.runs_once(vm, target)


@claim("a move ends because {text}: undone without a trace, and then it succeeds", rows=CAUSES,
       kinds=("390", "x86"), one_kind=True, sample=5)
def undone_by(lab, inject, at_source, at_target):
    undone(lab, inject, at_source, at_target)


# -- the place on the target --

def keep_only(lab, su, gib):
    """Leaves so much memory of SU for other VMs."""
    available_kib = int(re.search(r"MemAvailable: +(\d+)",
                                  pathlib.Path("/proc/meminfo").read_text())[1])
    path = lab.folder / "su" / su / "etc/umzug/umzugd.conf"
    path.write_text(path.read_text().replace(
        "[su]\n", f"[su]\nreserve-mib={available_kib // 1024 - gib * 1024}\n", 1))
    lab.restart(su, "umzugd")


def define_rival(lab, su, vm, name):
    """A definition like the guest's, with the same disks, under another name."""
    xml = lab.run(lab.other(su), "virsh", "dumpxml", "--inactive", vm).stdout
    xml = re.sub(r"<name>.*</name>", f"<name>{name}</name>", xml, count=1)
    xml = re.sub(r"<uuid>.*</uuid>", f"<uuid>{uuid.uuid4()}</uuid>", xml, count=1)
    (lab.folder / "su" / su / "run/umzug-lab/rival.xml").write_text(xml)
    lab.run(su, "virsh", "define", "/run/umzug-lab/rival.xml")


@claim("while a VM arrives its memory and its disks are kept: nothing else takes them there",
       fresh=True)
def place_is_kept(lab):
    vm = lab.guest("COMES", memory=4096, devices=("FAA4:disk", "CS:console"))
    source, target = lab.sus
    keep_only(lab, target, 6)
    define_rival(lab, target, vm, "RIVAL")
    activate = "/ACTIVATE-VM-DEFINITION VM-NAME=RIVAL"
    begin_with(lab, vm, "copy")
    lab.umzug(target, activate).rejected_with("VMS4011", "VMS2437")
    equal(lab.umzug(source, f"/CANCEL-VM-MIGRATION VM-ID={vm}").status, DONE, "CANCEL")
    lab.ended(source, vm)
    lab.closed(vm)
    answer = lab.umzug(target, activate)
    equal(answer.status, DONE, answer.text)
    lab.tool("rate", "unlimited")
    answer = lab.migrate(vm, target, on=source).rejected_with("VMS4011", "VMS2437", "VMS2461")
    assert "VMS2437,FAA4" in answer.text, answer.text
    lab.runs_once(vm, source)
