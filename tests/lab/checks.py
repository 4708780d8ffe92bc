# SPDX-License-Identifier: LGPL-2.1-or-later
"""The check finds everything at once, and nothing when all is cured."""

import concurrent.futures
import re
import sys

from harness import DONE, LOAD, ROOT, claim, equal, until
from rejections import rejected

CONSOLE = "/run/umzug-lab/console"   # where QEMU's user may write
GONE = CONSOLE + "/gone"


def reasons(answer):
    """The codes of all reasons: of conflicts, and of warnings."""
    found = re.findall(r"VMS(?:2401|2404|2470) .*?(?:REASON: |'[^']*': )(\w{7})", answer.text)
    return sorted(found)


def edit(lab, su, path, old, new):
    file = lab.folder / "su" / su / path
    text = file.read_text()
    assert old in text, f"{path} of {su} has no {old!r}"
    file.write_text(text.replace(old, new, 1))


class Trouble:
    """A conflict that can be made and cured; `code` is its reason."""

    def __init__(self, code, make, cure):
        self.code, self.make, self.cure = code, make, cure


def snapshot_xml(lab, su, vm):
    definition = lab.run(su, "virsh", "dumpxml", vm, "--inactive").stdout
    path = lab.folder / "su" / su / "run/umzug-lab/snapshot.xml"
    disks = "".join(f"<disk name='{name}' snapshot='no'/>"
                    for name in re.findall(r"<target dev='([vs]d\w)'", definition))
    path.write_text("<domainsnapshot><name>S1</name><creationTime>1700000000</creationTime>"
                    f"<state>disk-snapshot</state><disks>{disks}</disks>{definition}"
                    "</domainsnapshot>")
    return "/run/umzug-lab/snapshot.xml"


def troubles(lab, vm):
    source, target = lab.sus

    def on_target(*command):
        return lambda: lab.run(target, *command)

    def on_source(*command):
        return lambda: lab.run(source, *command)

    def setting(path, old, new, restart=None):
        def act():
            edit(lab, target, path, old, new)
            if restart:
                lab.restart(target, restart)
        return act

    hook = "/etc/libvirt/hooks/qemu.d/umzug"
    export = lab.folder / "disks/FAA6"
    umzugd, libvirtd = "etc/umzug/umzugd.conf", "etc/libvirt/libvirtd.conf"

    def end_holder():
        lab.run(target, "virsh", "destroy", "HOLDER")
        lab.umzug(target, "/DELETE-VM HOLDER")   # DOWN it would hold its disk still

    def put_hook_back():
        lab.run(target, "mv", f"{CONSOLE}/hook", hook)
        # As a new one, which libvirtd has never called.
        lab.run(target, "sh", "-c", f"chmod 755 {hook}; rm -f /var/lib/umzug/fence.called")
        answer = lab.umzug(source, f"/CHECK-VM-MIGRATION {vm}")
        assert "NOT SEEN BY LIBVIRT" in answer.text, answer.text
        lab.restart(target, "libvirtd")

    return [
        Trouble("UMZ0150",
                on_source("virsh", "snapshot-create", vm, snapshot_xml(lab, source, vm),
                          "--redefine"),
                on_source("virsh", "snapshot-delete", vm, "S1", "--metadata")),
        Trouble("UMZ0155",
                on_source("sh", "-c", f"truncate -s 8M {CONSOLE}/copy && "
                          f"chown libvirt-qemu {CONSOLE}/copy && virsh blockcopy {vm} vda "
                          f"--dest {CONSOLE}/copy --format raw --transient-job --reuse-external"),
                on_source("virsh", "blockjob", vm, "vda", "--abort")),
        Trouble("VMS2402", setting(umzugd, "[cluster]\n", "[cluster]\nactive=false\n", "umzugd"),
                setting(umzugd, "active=false\n", "", "umzugd")),
        Trouble("VMS4011",
                setting(umzugd, "[su]\n", "[su]\nreserve-mib=33554432\n", "umzugd"),
                setting(umzugd, "reserve-mib=33554432\n", "", "umzugd")),
        Trouble("VMS2437",
                lambda: lab.guest("HOLDER", on=target, index=3, load="idle",
                                  devices=("FAA5:disk",)),
                end_holder),
        Trouble("VMS4034", lambda: export.rename(lab.folder / "FAA6.away"),
                lambda: (lab.folder / "FAA6.away").rename(export)),
        Trouble("UMZ0108", on_target("ip", "link", "del", "br-guests"),
                on_target("ip", "link", "add", "name", "br-guests", "type", "bridge")),
        Trouble("UMZ0163", setting(libvirtd, 'auth_unix_rw = "none"', 'auth_unix_rw = "sasl"'),
                setting(libvirtd, 'auth_unix_rw = "sasl"', 'auth_unix_rw = "none"')),
        Trouble("UMZ0161", on_target("mv", hook, f"{CONSOLE}/hook"), put_hook_back),
    ]


@claim("conflicts of both sides are listed at once, and go one by one as they are cured",
       fresh=True)
def all_at_once(lab):
    source, target = lab.sus
    vm = lab.guest("ALL", index=12, load=LOAD, devices=(
        "FAA4:disk", "FAA5:disk", "FAA6:disk", "F001:lan", "CD1:cd", "FAB1:local"))
    check = f"/CHECK-VM-MIGRATION {vm}"
    lab.umzug(source, check).text.index("VMS2460")
    # A warning stays to the end and stops nothing.
    edit(lab, target, "etc/libvirt/qemu.conf", "dynamic_ownership = 0\n",
         "dynamic_ownership = 0\nmax_queued = 3\n")
    left = troubles(lab, vm)
    for trouble in left:
        trouble.make()
    answer = rejected(lab, f"/MIGRATE-VM {vm},MONJV=MONJV.ALL", "VMS2461")
    equal(lab.jv(source, "MONJV.ALL"), "$AF", "job variable")
    while left:
        equal(reasons(answer), sorted([t.code for t in left] + ["UMZ0164"]), answer.text)
        equal(answer.text.count("VMS2471 "), 2, answer.text)   # CD1 and FAB1
        left.pop(0).cure()
        answer = lab.umzug(source, check)
    equal(reasons(answer), ["UMZ0164"], answer.text)
    assert "VMS2470" in answer.codes and "VMS2460" in answer.codes, answer.text
    equal(answer.status, 0, answer.text)
    lab.flawless(vm)


OTHER_VERSION = """
import http.server, ssl
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_error(404)
server = http.server.HTTPServer(("", 7390), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/etc/umzug/pki/{su}.pem", "/etc/umzug/pki/{su}-key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""


@claim("a peer of another protocol version is refused by the check with VMS2410", fresh=True)
def other_version(lab):
    source, target = lab.sus
    vm = lab.guest("STAYS", load="idle", devices=("FAA4:disk",))
    # What umzugd answers to a version that it does not speak …
    pki = "/etc/umzug/pki"
    status = lab.run(source, "curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-d", "{}",
                     "--cacert", f"{pki}/ca.pem", "--cert", f"{pki}/{source}.pem",
                     "--key", f"{pki}/{source}-key.pem", f"https://{target}:7390/peer/1/check")
    equal(status.stdout.strip(), "404", "status of another version's path")
    # … is what one of another version would answer to ours.
    lab.daemon(target, "umzugd").kill()
    lab.start_helper(target, sys.executable, "-c", OTHER_VERSION.format(su=target))
    lab.run(source, "sh", "-c", "until curl -ks https://%s:7390/ >/dev/null; do :; done" % target)
    rejected(lab, f"/MIGRATE-VM {vm},SERVER-UNIT-NAME={target}", "VMS2410", "VMS2461")
    lab.umzug(source, f"/CHECK-VM-MIGRATION {vm}").rejected_with("VMS2410", "VMS2461")
    lab.ticks_on(vm, source)


@claim("what QEMU says blocks a move is named, and other guests' monitors are left alone",
       kinds=("x86",), only_all=True, fresh=True)
def blockers(lab):
    source, _ = lab.sus
    check = "/CHECK-VM-MIGRATION BLOCKED"
    vm = lab.guest("BLOCKED", load="idle", devices=("FAA4:disk", "LAN1:lan"))
    assert "VMS2460" in lab.umzug(source, check).codes
    assert "custom monitor" not in lab.run(source, "virsh", "dominfo", vm).stdout
    definition = lab.run(source, "virsh", "dumpxml", vm, "--inactive").stdout
    (lab.folder / "su" / source / "run/umzug-lab/blocked.xml").write_text(definition.replace(
        "</devices>", "<shmem name='umz' role='peer'><model type='ivshmem-plain'/>"
                      "<size unit='M'>1</size></shmem></devices>"))
    lab.run(source, "virsh", "destroy", vm)
    lab.run(source, "virsh", "define", "/run/umzug-lab/blocked.xml")
    lab.run(source, "virsh", "start", vm)
    answer = lab.umzug(source, check).rejected_with("VMS2401", "UMZ0113")
    assert "ivshmem" in answer.text, answer.text


@claim("the features that the target's CPU lacks are named", kinds=("x86",), only_all=True,
       fresh=True)
def cpu_features(lab):
    source, target = lab.sus
    vm = lab.guest("FEATURES", load="idle", devices=("FAA4:disk",))
    check = f"/CHECK-VM-MIGRATION {vm}"
    # Both SUs are one machine: the target's libvirt is told otherwise in what it remembers of QEMU.
    folder = lab.folder / "su" / target / "var/cache/libvirt/qemu/capabilities"
    cache, = folder.glob("*.xml")
    text = cache.read_text()
    cache.write_text(re.sub(r"(<property name='(?:sse4.2|popcnt)' type='boolean' value=)'true'",
                            r"\1'false'", text))
    lab.restart(target, "libvirtd")
    answer = lab.umzug(source, check).rejected_with("VMS2404", "VMS2461")
    assert "UMZ0104,Nehalem,popcnt sse4.2\n" in answer.text, answer.text
    cache.write_text(text)
    lab.restart(target, "libvirtd")
    assert "VMS2460" in lab.umzug(source, check).codes


@claim("a disk that the target could only read is found, though it is there", only_all=True,
       fresh=True)
def read_only(lab):
    source, _ = lab.sus
    vm = lab.guest("WRITES", load="idle", devices=("FAA4:disk", "FAA5:disk:ro"))
    check = f"/CHECK-VM-MIGRATION {vm}"
    # The server exports what it cannot write to read-only.  The guest's writes fail meanwhile.
    images = [str(lab.folder / "disks" / name) for name in ("FAA4", "FAA5")]
    lab.run(source, "chattr", "+i", *images)
    try:
        answer = lab.umzug(source, check).rejected_with("VMS2404", "UMZ0151")
        equal(answer.text.count("UMZ0151"), 1, answer.text)   # a read-only disk needs no more
        assert "UMZ0151,FAA4,libvirt-qemu," in answer.text, answer.text
    finally:
        lab.run(source, "chattr", "-i", *images)
    assert "VMS2460" in lab.umzug(source, check).codes


@claim("a server of files that is gone delays nobody but the VM that has a disk there",
       fresh=True)
def gone_server(lab):
    source, target = lab.sus
    stuck = lab.guest("STUCK", load="idle", devices=("CS:console",))
    free = lab.guest("FREE", index=3, load="idle", devices=("FAA4:disk",))
    lab.run(source, "mkdir", "-p", GONE)
    lab.run(source, "truncate", "--size=1M", f"{GONE}/disk.img")
    lab.run(source, "chown", "-R", "libvirt-qemu", GONE)
    lab.run(source, "virsh", "attach-disk", stuck, f"{GONE}/disk.img", "vdz")
    lab.start_helper(source, "python3", "-B", ROOT / "tests/lab/silence.py", GONE)
    until(lambda: "silence" in lab.run(source, "cat", "/proc/self/mounts").stdout, "the silence")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        asked = [pool.submit(lab.umzug, source, f"/{command} VM-IDENTIFICATION={stuck}")
                 for command in ("CHECK-VM-MIGRATION", "MIGRATE-VM", "SHOW-VM-ATTRIBUTES")]
        for command in ("HOLD-VM", "RESUME-VM"):
            equal(lab.umzug(source, f"/{command} {free}").status, DONE, command)
        equal(lab.migrate(free, target).status, DONE, "MIGRATE-VM")
        equal(lab.ended(source, free), "$T", "job variable")
        for answer in asked[:2]:
            answer.result().rejected_with("VMS2461")
        equal(asked[2].result().status, DONE, asked[2].result().text)
    lab.goes_on(stuck, source)
    lab.goes_on(free, target)
