# SPDX-License-Identifier: LGPL-2.1-or-later
"""The control of memory.py: the lab's guest moved between two QEMUs alone, without libvirt and
without Umzug.  What differs there too is not ours."""

import json
import pathlib
import signal
import socket
import subprocess
import tempfile

import guests
import images
import pages
from harness import until

TICKS_BYTES = 4096   # so much has the guest told before it is moved
BYTES_PER_S = 40 << 20
PARTS = {
    "s390x": ["-device", "virtio-serial-ccw", "-chardev", "null,id=console",
              "-device", "sclpconsole,chardev=console"],
    "x86_64": ["-device", "virtio-serial-pci", "-serial", "null"],
}


class Qemu:
    """One process; its guest stands until go_on() if it comes from elsewhere."""

    def __init__(self, folder, arch, options, images_of_guest, is_target):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=folder))
        machine, cpu = guests.MACHINE[arch]
        kernel, initrd = images_of_guest
        more = ["-incoming", f"unix:{self.folder}/memory", "-S"] if is_target else []
        self.process = subprocess.Popen(
            [f"qemu-system-{arch}", "-nodefaults", "-display", "none", "-machine", machine,
             "-cpu", cpu, "-accel", "tcg", "-m", str(options["memory"]),
             "-smp", str(options["vcpus"]), "-kernel", kernel, "-initrd", initrd,
             "-append", f"console={guests.CONSOLE[arch][1]} quiet panic=1 "
                        f"umz.load={options['load']} umz.tick=10 umz.slot=0",
             *PARTS[arch], "-chardev", f"file,id=tick,path={self.folder}/ticks",
             "-device", "virtserialport,chardev=tick,name=umzug.tick",
             "-qmp", f"unix:{self.folder}/qmp,server=on,wait=off", *more],
            stdin=subprocess.DEVNULL)
        self.socket = socket.socket(socket.AF_UNIX)
        until(self.connect, "QEMU's monitor")
        self.lines = self.socket.makefile("rw")
        self.lines.readline()   # its greeting
        self.ask("qmp_capabilities")

    def connect(self):
        return self.socket.connect_ex(f"{self.folder}/qmp") == 0

    def ask(self, command, **arguments):
        self.lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.lines.flush()
        while True:
            answer = json.loads(self.lines.readline())
            if "error" in answer:
                raise AssertionError(f"{command}: {answer['error']}")
            if "return" in answer:
                return answer["return"]

    def has_told(self):
        path = self.folder / "ticks"
        return path.exists() and path.stat().st_size >= TICKS_BYTES

    def move_to(self, target):
        """Both stand when it returns.  In several rounds, as over the lab's link: what is lost is
        lost between two of them."""
        self.ask("migrate-set-parameters", **{"max-bandwidth": BYTES_PER_S})
        self.ask("migrate", uri=f"unix:{target.folder}/memory")
        until(lambda: self.ask("query-migrate").get("status") == "completed", "the bare move", 120)
        until(lambda: target.ask("query-status")["status"] == "paused", "the bare copy", 120)

    def end(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.socket.close()


def move_until_different(arch, cache, options, n_moves):
    """Differences of the first of N_MOVES that shows some; [] if none does."""
    made = images.prepare(arch, cache, guests.needs_programs(options["load"]))
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        here = Qemu(folder, arch, options, made, False)
        try:
            for _ in range(n_moves):
                until(here.has_told, "ticks of the bare guest", 120)
                there = Qemu(folder, arch, options, made, True)
                try:
                    here.move_to(there)
                    found = pages.compare(here.process.pid, there.process.pid, options["memory"])
                finally:
                    here.end()
                    here = there
                if found:
                    return found
                here.ask("cont")
        finally:
            here.end()
    return []
