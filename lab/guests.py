# SPDX-License-Identifier: LGPL-2.1-or-later
"""Guests of the lab: their definitions, their disks, and how they are started."""

import os
import re
import shutil
import uuid
from xml.sax.saxutils import quoteattr

import collector
import images
import net
from su import wait_for

DISK_MIB = 8
MACHINE = {"s390x": ("s390-ccw-virtio-7.2", "qemu"), "x86_64": ("pc-i440fx-7.2", "Nehalem")}
CONSOLE = {"s390x": ("sclp", "ttysclp0"), "x86_64": ("serial", "ttyS0")}
KINDS = ("disk", "console", "pty", "lan", "local", "cd")
LOCAL = "/var/lib/libvirt/images"   # each SU has a folder of its own there
VARIABLES = "/var/lib/libvirt/qemu/nvram"


class Device:
    """MN:KIND[:sd|:ro], as `lab guest --device` takes it."""

    def __init__(self, text):
        self.mn, self.kind, *rest = text.split(":")
        is_name = re.fullmatch(r"\w+", self.mn) is not None
        if self.kind not in KINDS or rest not in ([], ["sd"], ["ro"]) or not is_name:
            raise SystemExit(f"lab: device '{text}': give MN:KIND[:sd|:ro], "
                             f"KIND one of {', '.join(KINDS)}")
        self.shared, self.read_only = rest == ["sd"], rest == ["ro"]


def start_disk_server(lab):
    """One NBD server for all SUs: an export is a file in the lab's disks folder."""
    (lab / "disks").mkdir()
    images.run("nbdkit", "--ipaddr", net.STORAGE_SERVER, "file", f"dir={lab / 'disks'}")


def ensure_disk(lab, mn):
    path = lab / "disks" / mn
    if not path.exists():
        with open(path, "wb") as f:
            f.truncate(DISK_MIB << 20)


def ensure_image(su, mn):
    """An image that only this SU reaches; what the guest changed in it stays."""
    path = su.folder / LOCAL.lstrip("/") / f"{mn}.img"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with open(path, "wb") as f:
            f.truncate(DISK_MIB << 20)
        shutil.chown(path, "libvirt-qemu", "libvirt-qemu")


def place_xml(arch, device):
    """On s390x the device number is the mnemonic name; elsewhere it is the alias."""
    if arch == "s390x" and device.kind != "cd":
        return (f"<address type='ccw' cssid='0xfe' ssid='0x0' "
                f"devno='0x{int(device.mn, 16):04x}'/>")
    return f"<alias name='ua-{device.mn}'/>"


def local_xml(arch, number, device):
    # By the serial number the guest knows that it has to leave the disk alone.
    return f"""
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw' cache='none'/>
      <source file='{LOCAL}/{device.mn}.img'/>
      <target dev='vd{chr(ord('a') + number)}' bus='virtio'/>
      <serial>umzug-local</serial>{place_xml(arch, device)}
    </disk>"""


def cd_xml(arch, number, device):
    return f"""
    <disk type='file' device='cdrom'>
      <driver name='qemu' type='raw' cache='none'/>
      <source file='{LOCAL}/{device.mn}.img'/>
      <target dev='sd{chr(ord('a') + number)}' bus='scsi'/><readonly/>{place_xml(arch, device)}
    </disk>"""


def lan_xml(arch, number, device):
    # Without a boot ROM, which the host may not have; the lab's guests have no driver for it.
    rom = "" if arch == "s390x" else "<rom enabled='no'/>"
    return f"""
    <interface type='bridge'>
      <source bridge='{net.GUESTS}'/>
      <model type='virtio'/>{rom}{place_xml(arch, device)}
    </interface>"""


def disk_xml(arch, number, device):
    how = "<shareable/>" if device.shared else "<readonly/>" if device.read_only else ""
    target = f"vd{chr(ord('a') + number)}"
    return f"""
    <disk type='network' device='disk'>
      <driver name='qemu' type='raw' cache='none'/>
      <source protocol='nbd' name='{device.mn}'>
        <host name='{net.STORAGE_SERVER}' port='10809'/>
      </source>
      <target dev='{target}' bus='virtio'/>{how}{place_xml(arch, device)}
    </disk>"""


DEVICE_XML = {"disk": disk_xml, "local": local_xml, "cd": cd_xml, "lan": lan_xml}


def console_xml(arch, name, console):
    kind, _ = CONSOLE[arch]
    alias = f"<alias name='ua-{console.mn}'/>"
    output, source = "file", f"<source path='/run/umzug-lab/console/{name}.log' append='on'/>"
    if console.kind == "pty":
        output, source = "pty", ""
    if kind == "sclp":
        return f"<console type='{output}'>{source}<target type='sclp'/>{alias}</console>"
    return f"<serial type='{output}'>{source}<target port='0'/>{alias}</serial>"


def definition(su, name, options, kernel, initrd):
    machine, cpu = MACHINE[su.arch]
    devices = [Device(text) for text in options.device]
    console = next((d for d in devices if d.kind not in DEVICE_XML), Device("CS:console"))
    others = "".join(DEVICE_XML[d.kind](su.arch, i, d) for i, d in
                     enumerate(d for d in devices if d.kind in DEVICE_XML))
    cmdline = (f"console={CONSOLE[su.arch][1]} quiet panic=1 umz.load={options.load} "
               f"umz.tick={options.tick} umz.slot={slot_of(su.lab, name)}")
    if options.kernel_option:
        cmdline += f" {options.kernel_option}"
    if options.skip_tick:
        cmdline += f" umz.skip={options.skip_tick}"
    # Without ACPI an x86 guest would find no virtio device's interrupt.
    features = "<features><acpi/><apic/></features>" if su.arch == "x86_64" else ""
    return f"""<domain type='qemu'>
  <name>{name}</name>
  <uuid>{guest_uuid(name)}</uuid>
  <memory unit='MiB'>{options.memory}</memory>
  <vcpu>{options.vcpus}</vcpu>
  <os>
    <type arch='{su.arch}' machine='{machine}'>hvm</type>{firmware_xml(su, name, options)}
    <kernel>{kernel}</kernel>
    <initrd>{initrd}</initrd>
    <cmdline>{cmdline}</cmdline>
  </os>{features}
  <cpu mode='custom' match='exact' check='none'><model>{cpu}</model></cpu>
  <on_reboot>restart</on_reboot>
  <devices>
    <emulator>/usr/bin/qemu-system-{su.arch}</emulator>
    {console_xml(su.arch, name, console)}
    <channel type='unix'>
      <source mode='connect' path={quoteattr(f'/run/umzug-lab/tick/{name}.sock')}/>
      <target type='virtio' name='umzug.tick'/>
    </channel>{others}
    <memballoon model='none'/>
  </devices>
</domain>
"""


def firmware_xml(su, name, options):
    """SeaBIOS in flash memory, as if it kept variables: libvirt makes their file."""
    if options.firmware == "no":
        return ""
    folder = su.lab / "images/firmware"
    if not folder.exists():
        folder.mkdir(parents=True)
        shutil.copy("/usr/share/seabios/bios-256k.bin", folder / "code.fd")
        (folder / "variables.fd").write_bytes(bytes(64 << 10))
    return (f"<loader readonly='yes' type='pflash'>{folder}/code.fd</loader>"
            f"<nvram template='{folder}/variables.fd'>{VARIABLES}/{name}.fd</nvram>")


def slot_of(lab, name):
    """Each guest of the lab has an area of its own on every disk: guests may share one."""
    path = lab / "slots"
    names = path.read_text().split() if path.exists() else []
    if name not in names:
        names.append(name)
        path.write_text("\n".join(names))
    return names.index(name)


def guest_uuid(name):
    return uuid.uuid5(uuid.NAMESPACE_DNS, f"{name}.guest.umzug-lab")


def needs_programs(load):
    return "text:" in load


def install_images(lab, arch, load, cache):
    """Kernel and initrd at one path in every SU, readable by QEMU's user."""
    folder = lab / "images" / arch
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for source in images.prepare(arch, cache, needs_programs(load)):
        paths.append(folder / source.name)
        if not paths[-1].exists():
            shutil.copy(source, paths[-1])
            os.chmod(paths[-1], 0o644)
    return paths


def define(lab, su, name, options, cache):
    for device in map(Device, options.device):
        if device.kind == "disk":
            ensure_disk(lab, device.mn)
        if device.kind in ("local", "cd"):
            ensure_image(su, device.mn)
    xml = definition(su, name, options, *install_images(lab, su.arch, options.load, cache))
    path = su.folder / "run/umzug-lab" / f"{name}.xml"
    path.write_text(xml)
    su.inside("virsh", "-q", "define", f"/run/umzug-lab/{name}.xml")
    if options.index:
        su.umzug(f"/MODIFY-VM-DEFINITION VM-NAME='{name}',VM-INDEX={options.index}")


def start(lab, su, name):
    """Starts a defined guest and returns when its load is in place."""
    collector.ask(lab.folder, listen=name)
    su.inside("virsh", "-q", "start", name)
    wait_for(lambda: witness(lab, name).get("ready"), f"the load of {name}", seconds=120)


def witness(lab, name):
    return collector.ask(lab.folder, witness=name)
