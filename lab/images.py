# SPDX-License-Identifier: LGPL-2.1-or-later
"""Kernels and initial RAM disks of the lab's guests.

The kernels are Debian's, fetched as packages (the s390x one through a private set of package lists,
so that the machine's own configuration is not touched).  The RAM disk holds our guest program as
/init and the modules that it loads, nothing else; that of a guest with the load `text` holds some
of the package's other modules as well, as one file /programs.
"""

import fcntl
import functools
import lzma
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS_BYTES = 24 << 20

# In the order in which the guest loads them.
MODULES = {
    "s390x": ["virtio_console", "virtio_blk"],
    "x86_64": ["virtio_ring", "virtio", "virtio_pci_modern_dev", "virtio_pci_legacy_dev",
               "virtio_pci", "virtio_console", "virtio_blk"],
}
PACKAGE = {"s390x": "linux-image-s390x", "x86_64": "linux-image-cloud-amd64"}
DEBIAN = {"s390x": "s390x", "x86_64": "amd64"}
ELDER = "bookworm"
COMPILER = {"s390x": "s390x-linux-gnu-gcc", "x86_64": "gcc"}


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def write_elder_sources(folder):
    """The machine's own sources of packages, with Debian 12 in the place of its release."""
    text = pathlib.Path("/etc/os-release").read_text()
    release = re.search(r"^VERSION_CODENAME=(\w+)", text, re.M)
    folder.mkdir()
    for path in pathlib.Path("/etc/apt").glob("sources.list*"):
        for source in [path] if path.is_file() else path.iterdir():
            text = re.sub(rf"\b{release[1]}\b", ELDER, source.read_text())
            (folder / source.name).write_text(text)


def apt_options(arch, lists, sources):
    # Without the cache options apt would mix these lists into the machine's own package cache.
    options = [f"-oAPT::Architecture={DEBIAN[arch]}", f"-oAPT::Architectures::={DEBIAN[arch]}",
               f"-oDir::State::Lists={lists}", "-oDir::Cache::pkgcache=",
               "-oDir::Cache::srcpkgcache=", "-oAPT::Sandbox::User=root"]
    if sources:
        options += ["-oDir::Etc::sourcelist=/dev/null", f"-oDir::Etc::sourceparts={sources}"]
    return options


def download_kernel(arch, work, sources):
    """The newest kernel package of this architecture; raises an error if it cannot be had."""
    (work / "lists/partial").mkdir(parents=True)
    options = apt_options(arch, work / "lists", sources)
    # Without check: a mirror may lack the list of an update, and the kernel is had all the same.
    subprocess.run(["apt-get", "-qq", *options, "update"], stderr=subprocess.DEVNULL)
    meta = f"{PACKAGE[arch]}:{DEBIAN[arch]}"
    depends = run("apt-cache", *options, "depends", "--important", meta)
    found = re.search(r"Depends: (linux-image-[^\s:]+)", depends)
    if not found:
        raise FileNotFoundError(f"{meta}: no such package")
    package = found[1]
    run("apt-get", "-qq", *options, "download", f"{package}:{DEBIAN[arch]}", cwd=work)
    archive, = work.glob("*.deb")
    return archive


def unpack_kernel(arch, into):
    """That of the machine's own release; where a mirror has not got it, that of Debian 12."""
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        try:
            archive = download_kernel(arch, work / "own", None)
        except (subprocess.CalledProcessError, FileNotFoundError):
            write_elder_sources(work / "sources")
            archive = download_kernel(arch, work / "elder", work / "sources")
        run("dpkg", "-x", str(archive), str(into))


def cpio_entry(name, mode, data=b"", device=(0, 0)):
    name = name.encode() + b"\0"
    fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name), 0]
    head = b"070701" + b"".join(b"%08x" % field for field in fields)
    pad = lambda n: b"\0" * (-n % 4)
    return head + name + pad(len(head) + len(name)) + data + pad(len(data))


def write_initrd(path, init, modules, programs):
    """A `newc` archive: /init, /modules/*.ko, /modules/order, the mount points and a console; and
    /programs unless that is empty."""
    parts = [cpio_entry(name, 0o040755) for name in ("dev", "proc", "sys", "modules")]
    parts.append(cpio_entry("dev/console", 0o020600, device=(5, 1)))
    parts.append(cpio_entry("init", 0o100755, init.read_bytes()))
    parts += [cpio_entry(f"modules/{m.name}", 0o100644, read_module(m)) for m in modules]
    order = "".join(f"{m.name}\n" for m in modules).encode()
    parts.append(cpio_entry("modules/order", 0o100644, order))
    if programs:
        parts.append(cpio_entry("programs", 0o100644, programs))
    parts.append(cpio_entry("TRAILER!!!", 0))
    path.write_bytes(b"".join(parts))


def read_module(path):
    """NAME.ko, or NAME.ko.xz as Debian 13 has it; the guest's program does not unpack."""
    return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()


def read_programs(package):
    """So much of machine code, tables and texts that hardly two pages are alike."""
    parts, n_bytes = [], 0
    for path in sorted(package.glob("**/*.ko*")):
        if n_bytes > PROGRAMS_BYTES:
            break
        parts.append(read_module(path))
        n_bytes += len(parts[-1])
    return b"".join(parts)


@functools.cache
def prepare(arch, cache, with_programs=False):
    """Returns (kernel, initrd) of ARCH, made below CACHE when missing or older than our program."""
    folder = pathlib.Path(cache) / arch
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:   # another lab may be at it
        fcntl.flock(lock, fcntl.LOCK_EX)
        return make(arch, folder, with_programs)


def make(arch, folder, with_programs):
    kernel, initrd = folder / "kernel", folder / ("initrd-text" if with_programs else "initrd")
    source = HERE / "guest/init.c"
    if not kernel.exists():
        unpacked = folder / "package"
        shutil.rmtree(unpacked, ignore_errors=True)
        unpacked.mkdir(parents=True)
        unpack_kernel(arch, unpacked)
        image, = unpacked.glob("boot/vmlinuz-*")
        shutil.copy(image, folder / "kernel.new")
        os.chmod(folder / "kernel.new", 0o644)
        os.rename(folder / "kernel.new", kernel)
    if not initrd.exists() or initrd.stat().st_mtime < source.stat().st_mtime:
        init = folder / "init"
        run(COMPILER[arch], "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror", "-static",
            "-pthread", "-o", str(init), str(source))
        found = [next(folder.glob(f"package/**/{name}.ko*"), None) for name in MODULES[arch]]
        programs = read_programs(folder / "package") if with_programs else b""
        write_initrd(folder / "initrd.new", init, [m for m in found if m], programs)
        os.rename(folder / "initrd.new", initrd)
    return kernel, initrd
