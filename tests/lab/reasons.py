# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reasons and causes: each is made to happen, and its message is there."""

import json
import shutil

from crashes import begin
from dialogs import define
from harness import DONE, LOAD, Pool, claim, equal, until

PEER = ("curl", "-sS", "--cacert", "/etc/umzug/pki/ca.pem")
TARGET_REASONS = [
    dict(reason="UMZ0103", changes=dict(emulator="/usr/bin/qemu-system-nothing")),
    dict(reason="UMZ0104", changes=dict(cpu_model="nothing")),
    dict(reason="UMZ0107", changes=dict(machine="s390-ccw-virtio-99.9")),
]
SOME = Pool(2)


def guest(lab):
    if "error" in lab.witness("WHY"):
        lab.guest("WHY", devices=("FAA4:disk", "CS:console"), load=LOAD)
    lab.closed("WHY")
    return "WHY", lab.where("WHY"), lab.other(lab.where("WHY"))


def codes(lab, su):
    return {code for _, code in lab.console(su)}


def ask_peer(lab, source, target, path, request, certificate=None):
    """What TARGET answers to SOURCE, both as JSON."""
    name = certificate or f"/etc/umzug/pki/{source}"
    done = lab.run(source, *PEER, "--cert", f"{name}.pem", "--key", f"{name}-key.pem",
                   "--insecure", f"https://{target.lower()}:7390/peer/3/{path}",
                   "-d", json.dumps(request))
    return json.loads(done.stdout)


def facts(lab, name):
    """A VM as an SU describes it to another."""
    return dict(name=name, uuid="0d5a2ad0-0f0a-4d4c-8b9a-9d7f1c0b5a11", index=77, index_fixed=0,
                state=1, persistent=1, memory_bytes=1 << 28, vcpus=1, cpu_pool="*STDPOOL",
                max_io_percent=100, virt_type="qemu", arch="s390x",
                machine="s390-ccw-virtio-7.2", emulator="/usr/bin/qemu-system-s390x",
                cpu_model="qemu", cpu_features=[], files=[], graphics_ports=[], numa_nodes="",
                pinned_cpus="", huge_page_kib=0, tpm=0, devices=[])


@claim("a target that lacks what the VM needs says {reason}", rows=TARGET_REASONS)
def target_lacks(lab, reason, changes):
    _, source, target = guest(lab)
    good = ask_peer(lab, source, target, "check", dict(vm=facts(lab, "GOOD")))
    equal(good["findings"], [], "findings about a VM that could come")
    answer = ask_peer(lab, source, target, "check", dict(vm=facts(lab, "BAD") | changes))
    equal([c["code"] for c in answer["findings"]], [reason], "findings")


@claim("a peer that asks for what is not there, or is not of the cluster, is told so")
def strange_peer(lab):
    _, source, target = guest(lab)
    equal(ask_peer(lab, source, target, "fly", {})["error"]["code"], "VMS2410", "unknown path")
    equal(ask_peer(lab, source, target, "check", {})["error"]["code"], "UMZ0310", "no VM")
    folder = lab.folder / "strangers"
    shutil.copytree(lab.folder / "pki", folder, dirs_exist_ok=True)
    lab.run(source, "umzug", "pki", "issue", "--dir", str(folder), "STRANGER")
    answer = ask_peer(lab, source, target, "su", {}, str(folder / "STRANGER"))
    equal(answer["error"]["code"], "VMS2343", "an SU that is not configured")


@claim("a VM whose name is too long for a socket is refused with UMZ0113")
def long_name(lab):
    _, source, target = guest(lab)
    name = "L" * 60
    define(lab, source, name)
    lab.umzug(source, f"/ACTIVATE-VM-DEFINITION {name}")
    lab.umzug(source, f"/CHECK-VM-MIGRATION {name},{target}").rejected_with("VMS2401", "UMZ0113")
    lab.umzug(source, f"/DELETE-VM {name}")
    lab.umzug(source, f"/DELETE-VM-DEFINITION {name}")


@claim("names that differ in upper and lower case only need quotes")
def twins(lab):
    _, source, _ = guest(lab)
    for name in ("twin", "Twin"):
        define(lab, source, name)
    lab.umzug(source, "/ACTIVATE-VM-DEFINITION TWIN").rejected_with("UMZ0020")
    equal(lab.umzug(source, "/ACTIVATE-VM-DEFINITION 'Twin'").status, DONE, "in quotes")
    equal((lab.domain(source, "twin"), lab.domain(source, "Twin")), ("shut off", "paused"),
          "states")
    lab.umzug(source, "/DELETE-VM 'Twin'")
    for name in ("twin", "Twin"):
        lab.umzug(source, f"/DELETE-VM-DEFINITION '{name}'")


@claim("a cluster that was deactivated takes no move, VMS2402", fresh=True, pool=SOME)
def deactivated(lab):
    vm, source, target = guest(lab)
    configuration = lab.folder / "su" / source / "etc/umzug/umzugd.conf"
    configuration.write_text(configuration.read_text().replace("[cluster]\n",
                                                               "[cluster]\nactive=false\n"))
    lab.restart(source, "umzugd")
    lab.umzug(source, f"/MIGRATE-VM {vm},{target}").rejected_with("VMS2402")
    lab.runs_once(vm, source)


@claim("a target that does not answer in time: VMS2405 and UMZ0320", only_all=True)
def silent_target(lab):
    vm, source, target = guest(lab)
    daemon = lab.daemon(target, "umzugd")
    daemon.signal(19)   # SIGSTOP
    try:
        lab.umzug(source, f"/CHECK-VM-MIGRATION {vm},{target}").rejected_with("VMS2405", "UMZ0320")
    finally:
        daemon.go_on()


@claim("CANCEL is accepted with UMZ0135, told as UMZ0123 on both SUs, too late with UMZ0134",
       fresh=True, pool=SOME)
def canceled(lab):
    vm, source, target = guest(lab)
    lab.tool("rate", 80)
    equal(lab.migrate(vm, target).status, DONE, "MIGRATE-VM")
    lab.copying(vm, source)
    answer = lab.umzug(source, f"/CANCEL-VM-MIGRATION {vm}")
    equal(answer.codes, ["UMZ0135"], answer.text)
    equal(lab.ended(source, vm), "$AE", "job variable")
    lab.closed(vm)
    assert {"UMZ0123", "VMS2420"} <= codes(lab, source), codes(lab, source)
    assert {"UMZ0123", "VMS2433"} <= codes(lab, target), codes(lab, target)
    lab.tool("rate", "unlimited")
    lab.arm(source, "stop source-released")
    equal(lab.migrate(vm, target).status, DONE, "MIGRATE-VM")
    lab.stopped_at(source)
    helper = lab.start_helper(source, "umzug", f"/CANCEL-VM-MIGRATION {vm}")
    lab.daemon(source, "umzugd").go_on()
    output = helper.communicate(timeout=60)[0]
    assert "UMZ0134" in output or "VMS4000" in output or "UMZ0133" in output, output
    equal(lab.ended(source, vm), "$T", "job variable")
    lab.runs_once(vm, target)


@claim("a start meanwhile is refused in the SU's words: UMZ0125 here, UMZ0126 there",
       fresh=True, pool=SOME)
def fenced(lab):
    vm, source, target = begin(lab, "copy")
    lab.relays(source)[0].kill()
    equal(lab.ended(source, vm), "$AE", "job variable")
    assert {"UMZ0121", "UMZ0120", "UMZ0122"} & codes(lab, source), codes(lab, source)
    lab.tool("rate", "unlimited")
    lab.closed(vm)
    equal(lab.fences(target), [], "fences")
    lab.arm(source, "stop source-held")
    equal(lab.migrate(vm, target).status, DONE, "MIGRATE-VM")
    lab.stopped_at(source)
    for su, code in ((source, "UMZ0125"), (target, "UMZ0126")):
        folder = lab.folder / "su" / su / "var/lib/umzug/fence"
        text = "".join(p.read_text() for p in folder.iterdir())
        assert code in text, f"{su}: {text}"
    lab.daemon(source, "umzugd").go_on()
    equal(lab.ended(source, vm), "$T", "job variable")
    lab.runs_once(vm, target)


@claim("umzugd restarted while it copies: undone with UMZ0132", fresh=True, pool=SOME)
def restarted(lab):
    vm, source, target = begin(lab, "copy")
    lab.daemon(source, "umzugd").kill()
    lab.tool("rate", "unlimited")
    lab.start(source, "umzugd")
    equal(lab.ended(source, vm), "$AE", "job variable")
    assert "UMZ0132" in codes(lab, source), codes(lab, source)
    lab.runs_once(vm, source)


@claim("a source that is silent after the hold leaves the target in doubt with UMZ0127",
       fresh=True, pool=SOME)
def doubt(lab):
    vm, source, target = begin(lab, "source-frozen")
    until(lambda: "UMZ0127" in codes(lab, target), "the doubt")
    lab.daemon(source, "umzugd").go_on()
    until(lambda: "UMZ0219" in codes(lab, target), "the end of the doubt")
    equal(lab.ended(source, vm), "$T", "job variable")
    lab.runs_once(vm, target)


@claim("a definition that cannot be deleted at the source: VMS2453, $TW, and done later",
       fresh=True, pool=SOME)
def kept_definition(lab):
    vm, source, target = begin(lab, "source-gone")
    folder = "/etc/libvirt/qemu"
    lab.run(source, "mount", "--bind", folder, folder)
    lab.run(source, "mount", "-o", "remount,ro,bind", folder)
    lab.daemon(source, "umzugd").go_on()
    equal(lab.ended(source, vm), "$TW", "job variable")
    assert "VMS2453" in codes(lab, source), codes(lab, source)
    assert lab.fences(source), "the old definition must not be startable"
    text = lab.umzug(source, "/SHOW-VM-ATTRIBUTES").text
    assert "NOT RUNNABLE: UMZ0218" in text, text
    lab.run(source, "umount", folder)
    lab.closed(vm)
    lab.nothing_left(source, vm)
    lab.runs_once(vm, target)
