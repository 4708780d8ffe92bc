# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every byte of a guest's memory, on both sides, when it is decided which copy runs.

At source-committed both QEMUs stand still: umzugd is stopped there and the whole memory compared.
It is the strongest witness there is, and it sees more than our faults: under emulation QEMU 7.2
forgets now and then that the guest has written to a page (mended in QEMU 9.0); of a vCPU that it
forgets, to all the pages that this vCPU writes just then.  So what differs is told with its bytes,
and then a control moves the same guest between two QEMUs alone, as slowly.  A difference fails
unless the control shows one too, and it is as small as the emulation's: few pages, each stale in a
part.
"""

import json
import os

import bare
import pages
from harness import DONE, claim, equal

N_MOVES = 20 if os.environ.get("UMZUG_CHECK_ALL") else 2
N_CONTROLS = 100
MEMORY_MIB = 128
STALE_PAGES_MAX = 8
LOAD = "counters:32:20+random:16"
ARCH = {"390": "s390x", "x86": "x86_64"}
ROWS_390 = [dict(engine=engine, vcpus=vcpus) for engine, vcpus in
            (("VM2000", 1), ("X2000", 1), ("VM2000", 2))]
ROWS_X86 = [dict(engine="X2000", vcpus=vcpus) for vcpus in (1, 2)]


def explain(lab, found, vcpus):
    """Raises an error unless bare QEMU does the same."""
    told = "\n".join(map(str, found))
    print("".join(f"# {line}\n" for line in told.splitlines()), end="")
    options = dict(memory=MEMORY_MIB, vcpus=vcpus, load=LOAD)
    assert len(found) <= STALE_PAGES_MAX, f"{len(found)} pages differ:\n{told}"
    control = bare.move_until_different(ARCH[lab.kind], lab.place.cache, options, N_CONTROLS)
    assert control, f"differs, and {N_CONTROLS} moves of bare QEMU do not:\n{told}"
    print("".join(f"# bare QEMU: {difference}\n" for difference in control), end="")


def move(lab, vm, engine, vcpus):
    """Moves VM, with a look at its memory on the way; gives what was known of how it went."""
    source = lab.where(vm)
    target = lab.other(source)
    lab.arm(source, "stop source-committed")
    answer = lab.umzug(source, f"/MIGRATE-VM VM-ID={vm},SERVER-UNIT-NAME={target},"
                               f"MONJV=MONJV.{vm},ENGINE=*{engine}")
    equal(answer.status, DONE, answer.text)
    umzugd = lab.stopped_at(source)
    (here,), (there,) = lab.qemus(source, vm), lab.qemus(target, vm)
    try:
        equal(here.state, "T", "the source's QEMU, which is frozen,")
        found = pages.compare(here.pid, there.pid, MEMORY_MIB)
        if found:   # of two that stand still it is the same the second time
            equal(list(map(str, pages.compare(here.pid, there.pid, MEMORY_MIB))),
                  list(map(str, found)), "a second look")
    finally:
        umzugd.go_on()
    equal(lab.ended(source, vm), "$T", "job variable")
    lab.closed(vm)
    lab.goes_on(vm, target)
    if found:
        explain(lab, found, vcpus)
    return json.loads(lab.umzug(source, "--json", f"/SHOW-VM-MIGRATION {vm}").text)["data"][-1]


def compare_moves(lab, engine, vcpus):
    vm = lab.guest(f"PAGES{vcpus}{engine}", load=LOAD, memory=MEMORY_MIB, vcpus=vcpus,
                   devices=("CS:console",))
    for _ in range(N_MOVES):
        equal(move(lab, vm, engine, vcpus)["engine"], engine, "engine")
    lab.flawless(vm, 2)
    lab.run(lab.where(vm), "virsh", "destroy", vm)


@claim(f"{N_MOVES} moves by {{engine}}, {{vcpus}} vCPU: every byte of memory is the same",
       rows=ROWS_390, sample=1)
def same_memory_390(lab, engine, vcpus):
    compare_moves(lab, engine, vcpus)


@claim(f"{N_MOVES} moves by {{engine}}, {{vcpus}} vCPU: every byte of memory is the same",
       rows=ROWS_X86, sample=1, kinds=("x86",))
def same_memory_x86(lab, engine, vcpus):
    compare_moves(lab, engine, vcpus)
