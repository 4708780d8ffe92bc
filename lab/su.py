# SPDX-License-Identifier: LGPL-2.1-or-later
"""One server unit of the lab: a set of namespaces that looks like a host of its own.

Mount namespace: private /run, /etc/libvirt, /etc/umzug, /var/lib/libvirt …, so that two libvirtd
and two umzugd live side by side, and a private /dev without kvm (libvirt would probe QEMU anew at
each start if /dev/kvm is there and QEMU's user cannot open it).  UTS namespace: the SU's host name.
Network namespace: see net.py.  All SUs share the lab's PID namespace.
"""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import uuid

import net
from images import run

PRIVATE = ["run", "etc/libvirt", "etc/umzug", "var/lib/libvirt", "var/lib/umzug",
           "var/log/libvirt", "var/cache/libvirt"]
DEVICES = ["null", "zero", "full", "random", "urandom", "tty", "net/tun", "fuse"]
QEMU_CONF = """\
stdio_handler = "file"
user = "libvirt-qemu"
group = "libvirt-qemu"
dynamic_ownership = 0
remember_owner = 0
namespaces = []
cgroup_controllers = []
security_driver = "none"
default_tls_x509_cert_dir = "/etc/libvirt/qemu-tls"
default_tls_x509_verify = 0
"""
# TCP is there for the comparison with virsh only: Umzug needs libvirt's local socket, nothing else.
LIBVIRTD_CONF = """\
host_uuid = "{uuid}"
listen_tls = 0
listen_tcp = 1
auth_tcp = "none"
auth_unix_rw = "none"
log_outputs = "2:file:/var/log/libvirt/libvirtd.log"
"""

UMZUGD_CONF = """\
[su]
name={name}
type={kind}
configuration={configuration}

[cluster]
ca=/etc/umzug/pki/ca.pem
certificate=/etc/umzug/pki/{name}.pem
key=/etc/umzug/pki/{name}-key.pem

[paths]
relay={relay}
"""
PEER_CONF = """
[su {name}]
address={address}
type={kind}
"""
# As in the documents' example: what SHOW-SYSTEM-INFORMATION calls the configuration of an SU.
CONFIGURATIONS = {("390", 1): "390SU- 500-10B", ("390", 2): "390SU- 700-70"}


class SU:
    def __init__(self, lab, name, kind, number):
        self.lab, self.name, self.kind, self.number = lab, name, kind, number
        self.folder = lab / "su" / name

    @property
    def address(self):
        return f"{net.LINK}.{self.number}"

    @property
    def arch(self):
        return {"390": "s390x", "x86": "x86_64"}[self.kind]

    # -- outside: made by `lab up` in the lab's own namespaces --

    def create(self, sus):
        for private in PRIVATE:
            (self.folder / private).mkdir(parents=True, exist_ok=True)
        for path in ("run/lock", "run/umzug-lab/tick", "run/umzug-lab/console",
                     "etc/libvirt/qemu-tls"):
            (self.folder / path).mkdir(parents=True)
        os.chmod(self.folder / "run/umzug-lab/console", 0o777)
        self.write("hosts", "127.0.0.1 localhost\n" +
                   "".join(f"{su.address} {su.name.lower()} {su.name}\n" for su in sus))
        self.write("boot_id", f"{uuid.uuid4()}\n")
        host_uuid = uuid.uuid5(uuid.NAMESPACE_DNS, f"{self.name}.umzug-lab")
        self.write("etc/libvirt/libvirtd.conf", LIBVIRTD_CONF.format(uuid=host_uuid))
        self.write("etc/libvirt/qemu.conf", QEMU_CONF)
        holder = self.folder / "holder.pid"
        with open(self.folder / "holder.out", "ab") as out:
            # Nothing of the lab may hold on to the caller's output: its reader would wait.
            subprocess.Popen(["unshare", "--mount", "--uts", "--net", "--propagation", "private",
                              str(self.lab.tool), "_su", self.name], start_new_session=True,
                             stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        wait_for(holder.exists, f"namespaces of {self.name}")
        net.attach(self.number, self.pid)
        self.inside(str(self.lab.tool), "_net", self.name)

    def write(self, path, text):
        (self.folder / path).write_text(text)

    @property
    def pid(self):
        return int((self.folder / "holder.pid").read_text())

    def command(self, *command):
        return ["nsenter", "--target", str(self.pid), "--mount", "--uts", "--net", "--root",
                f"--wd={os.getcwd()}", *command]

    def inside(self, *command, **options):
        return run(*self.command(*command), **options)

    def start_daemon(self, name, *command, log):
        with open(self.folder / log, "ab") as out:
            process = subprocess.Popen(self.command(*command), stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=out, start_new_session=True)
        (self.folder / f"{name}.pid").write_text(str(process.pid))

    def daemon_pid(self, name):
        return int((self.folder / f"{name}.pid").read_text())

    def stop_daemon(self, name, number=signal.SIGTERM):
        """Ends it and waits until it is gone; pass SIGKILL for a crash."""
        pid = self.daemon_pid(name)
        os.kill(pid, number)
        wait_for(lambda: not os.path.exists(f"/proc/{pid}"), f"end of {name}")

    def start_libvirtd(self):
        (self.folder / "run/libvirtd.pid").unlink(missing_ok=True)
        self.start_daemon("libvirtd", "libvirtd", "--listen", log="libvirtd.out")
        ready = self.folder / "run/libvirt/libvirt-sock"
        wait_for(lambda: connects(ready), f"libvirtd of {self.name}")

    def write_umzugd_conf(self, sus, extra=""):
        """EXTRA goes in front: groups of the same name are merged, as GKeyFile does."""
        configuration = CONFIGURATIONS.get((self.kind, self.number),
                                           f"{self.kind}SU- {self.number}")
        text = UMZUGD_CONF.format(name=self.name, kind=self.kind, configuration=configuration,
                                  relay=self.lab.build / "src/relay/umzug-relay")
        text += "".join(PEER_CONF.format(name=su.name, address=su.address, kind=su.kind)
                        for su in sus if su.name != self.name)
        self.write("etc/umzug/umzugd.conf", text + (self.lab / "umzugd.conf").read_text() + extra)

    def install_umzug(self, sus, pki):
        """Hook, certificates and configuration: what an administrator does once per host."""
        hooks = self.folder / "etc/libvirt/hooks/qemu.d"
        hooks.mkdir(parents=True)
        shutil.copy(self.lab.tool.parent.parent / "hooks/qemu.d/umzug", hooks)
        (self.folder / "etc/umzug/pki").mkdir()
        for name in ("ca.pem", f"{self.name}.pem", f"{self.name}-key.pem"):
            shutil.copy(pki / name, self.folder / "etc/umzug/pki")
        # For the comparison with `virsh migrate --tls` only: Umzug has a TLS of its own.
        for source, name in (("ca.pem", "ca-cert.pem"), (f"{self.name}.pem", "server-cert.pem"),
                             (f"{self.name}-key.pem", "server-key.pem"),
                             (f"{self.name}.pem", "client-cert.pem"),
                             (f"{self.name}-key.pem", "client-key.pem")):
            copy = self.folder / "etc/libvirt/qemu-tls" / name
            shutil.copy(pki / source, copy)
            shutil.chown(copy, "libvirt-qemu", "libvirt-qemu")
        self.write_umzugd_conf(sus)

    def start_umzugd(self):
        self.start_daemon("umzugd", "env", "G_MESSAGES_DEBUG=all",
                          str(self.lab.build / "src/daemon/umzugd"), "--allow-faults",
                          log="umzugd.out")
        ready = self.folder / "run/umzug/umzugd.sock"
        wait_for(lambda: connects(ready), f"umzugd of {self.name} (see {self.folder}/umzugd.out)")

    def wait_for_partners(self):
        """Until they have answered umzugd, no VM starts."""
        wait_for((self.folder / "run/umzug/confirmed/all").exists, f"partners of {self.name}")

    # -- a power failure --

    def crash(self):
        """Everything that runs in it ends at once; its disks stay as they are."""
        network = os.readlink(f"/proc/{self.pid}/ns/net")
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if int(process.name) != self.pid and os.readlink(process / "ns/net") == network:
                    os.kill(int(process.name), signal.SIGKILL)
            except (FileNotFoundError, ProcessLookupError):   # it ends just now
                pass

    def boot(self):
        """After a crash: /run is empty, the boot has another id, the daemons start."""
        for entry in (self.folder / "run").iterdir():
            if entry.name == "umzug-lab":
                continue   # the witness's, not the host's
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        (self.folder / "run/lock").mkdir()
        self.write("boot_id", f"{uuid.uuid4()}\n")
        self.start_libvirtd()
        self.start_umzugd()

    def umzug(self, *arguments):
        return self.inside(str(self.lab.build / "src/cli/umzug"), *arguments)

    # -- inside: run by the holder of the namespaces --

    def hold(self):
        run("hostname", self.name.lower())
        for private in PRIVATE:
            pathlib.Path("/", private).mkdir(parents=True, exist_ok=True)
            if private != "run":
                run("mount", "--bind", str(self.folder / private), f"/{private}")
        run("mount", "--bind", str(self.folder / "hosts"), "/etc/hosts")
        run("mount", "--bind", str(self.folder / "boot_id"), "/proc/sys/kernel/random/boot_id")
        self.mount_dev()
        run("mount", "--bind", str(self.folder / "run"), "/run")
        (self.folder / "holder.pid.new").write_text(str(os.getpid()))
        os.rename(self.folder / "holder.pid.new", self.folder / "holder.pid")
        signal.pause()

    def mount_dev(self):
        dev = self.folder / "dev"
        dev.mkdir()
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(dev))
        for name in filter(lambda name: os.path.exists(f"/dev/{name}"), DEVICES):
            (dev / name).parent.mkdir(exist_ok=True)
            (dev / name).touch()
            run("mount", "--bind", f"/dev/{name}", str(dev / name))
        for name, kind, options in (("pts", "devpts", "newinstance,ptmxmode=666,mode=620"),
                                    ("shm", "tmpfs", "mode=1777")):
            (dev / name).mkdir()
            run("mount", "-t", kind, "-o", options, kind, str(dev / name))
        for name, target in (("ptmx", "pts/ptmx"), ("fd", "/proc/self/fd"), ("stdin", "fd/0"),
                             ("stdout", "fd/1"), ("stderr", "fd/2")):
            (dev / name).symlink_to(target)
        run("mount", "--rbind", str(dev), "/dev")


def connects(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
        try:
            s.connect(str(path))
            return True
        except OSError:
            return False


def wait_for(condition, what, seconds=60):
    """Observes until CONDITION holds; the limit is there so that a defect ends."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"waited {seconds} s for {what}")
        time.sleep(0.02)
