# SPDX-License-Identifier: LGPL-2.1-or-later
"""More moves at once than libvirtd has workers for: some wait, all end well, and who arrives
meanwhile goes on."""

import json
import os

from harness import DONE, claim, equal, until

IS_ALL = bool(os.environ.get("UMZUG_CHECK_ALL"))
N_AWAY, N_COME, N_WORKERS = (12, 2, 8) if IS_ALL else (4, 1, 8)
N_AT_A_TIME = N_WORKERS // 4


def set_workers(lab, su):
    path = lab.folder / "su" / su / "etc/libvirt/libvirtd.conf"
    path.write_text(path.read_text() + f"max_workers = {N_WORKERS}\nmin_workers = 2\n")
    lab.restart(su, "libvirtd")
    lab.restart(su, "umzugd")   # it looks when it starts


def phases(lab, su):
    shown = json.loads(lab.umzug(su, "--json", "/SHOW-VM-MIGRATION INFORMATION=*ALL").text)["data"]
    return [move["phase"] for move in shown if move["direction"] == "to"]


@claim(f"{N_AWAY} guests leave an SU of {N_WORKERS} workers at once, {N_COME} arrive: all go on",
       fresh=True)
def turns(lab):
    here, there = lab.sus[:2]
    set_workers(lab, here)
    idle = {"devices": (), "load": "idle", "tick": 100}
    away = [lab.guest(f"AWAY{n}", index=10 + n, **idle) for n in range(N_AWAY)]
    come = [lab.guest(f"COME{n}", on=there, index=60 + n, **idle) for n in range(N_COME)]
    lab.tool("rate", 50)   # the first are not done when the last is asked for
    for vm in away:
        answer = lab.migrate(vm, there)
        equal(answer.status, DONE, answer.text)
    queued = phases(lab, here).count("queued")
    assert N_AWAY - N_AT_A_TIME >= queued > 0, f"{queued} of {N_AWAY} wait"
    for vm in come:
        answer = lab.migrate(vm, here)
        equal(answer.status, DONE, answer.text)
    lab.tool("rate", "unlimited")
    highest = 0

    def look():
        nonlocal highest
        now = phases(lab, here)
        highest = max(highest, now.count("copy"))
        return all(phase == "ended" for phase in now)
    until(look, "the end of all moves", 600)
    assert highest <= N_AT_A_TIME, f"{highest} copied at a time"
    for vm in away:
        equal(lab.ended(here, vm), "$T", f"job variable of {vm}")
        lab.goes_on(vm, there)
    for vm in come:
        equal(lab.ended(there, vm), "$T", f"job variable of {vm}")
        lab.goes_on(vm, here)
    for vm in away + come:
        lab.flawless(vm, n_sweeps=0)
